package twin

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"edgenet/internal/alarm"
	"edgenet/internal/secret"
)

// Liveness. A NAT forgets an idle connection after 2 minutes and more, so a ping goes
// every minute; edgeHub ends a client that is silent for one and a half keep-alives.
const (
	keepAliveSeconds = 120
	pingEvery        = keepAliveSeconds * time.Second / 2
)

// mqttWire is a session of MQTT 3.1.1, packet by packet: see ARCHITECTURE.md for why it
// is not the library's client.
type mqttWire struct {
	id      Identity
	timeout time.Duration
	s       *stream
	r       *bufio.Reader
	in      *inbox
	twins   waiters // for answers, by $rid
	acks    waiters // for SUBACK and PUBACK, by packet id
	unasked rate    // the reader's

	write sync.Mutex // keeps packets whole on the wire
	wg    sync.WaitGroup
	over  chan struct{}

	mu  sync.Mutex
	why error
}

// loginMQTT speaks CONNECT and subscribes. It closes the stream where that fails.
func loginMQTT(ctx context.Context, c *Config, s *stream, token secret.Value, in *inbox) (wire, error) {
	w := &mqttWire{id: c.Identity, timeout: c.timeout(), s: s, r: bufio.NewReader(s), in: in, over: make(chan struct{})}
	stop := context.AfterFunc(ctx, func() { w.end(ctx.Err()) })
	defer stop()
	if err := w.connect(ctx, token); err != nil {
		w.end(err)
		return nil, staged(StageLogin, timedOut(ctx, err))
	}
	w.wg.Add(2)
	go w.receive()
	go w.ping()
	if err := w.subscribe(ctx); err != nil {
		err = timedOut(ctx, err)
		w.end(err)
		w.wg.Wait()
		return nil, staged(StageSubscribe, err)
	}
	return w, nil
}

func (w *mqttWire) connect(ctx context.Context, token secret.Value) error {
	if err := w.put(connectPacket(w.id, token.Reveal())); err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := w.s.SetReadDeadline(deadline); err != nil {
			return err
		}
	}
	p, err := readPacket(w.r)
	if err != nil {
		return err
	}
	ack, ok := p.(*packets.ConnackPacket)
	if !ok {
		return fmt.Errorf("%w: CONNECT is not answered with CONNACK", errPacket)
	}
	return connackError(ack.ReturnCode)
}

func (w *mqttWire) subscribe(ctx context.Context) error {
	p := packets.NewControlPacket(packets.Subscribe).(*packets.SubscribePacket)
	p.Topics, p.Qoss = filters, make([]byte, len(filters))
	return w.acknowledged(ctx, "SUBSCRIBE", func(id uint16) packets.ControlPacket { p.MessageID = id; return p })
}

// acknowledged sends a packet that is answered with one of the same id.
func (w *mqttWire) acknowledged(ctx context.Context, what string, packet func(id uint16) packets.ControlPacket) error {
	id, answers, err := w.acks.add()
	if err != nil {
		return err
	}
	defer w.acks.drop(id)
	if err := w.put(packet(id)); err != nil {
		return err
	}
	a, err := await(ctx, w, what, answers)
	if err == nil && a.status != 0 {
		err = fmt.Errorf("edgeHub refuses %s", what)
	}
	return err
}

// put writes one packet; any goroutine may. After a failure half a packet may be out, so
// the connection is over.
func (w *mqttWire) put(p packets.ControlPacket) error {
	w.write.Lock()
	defer w.write.Unlock()
	err := w.s.SetWriteDeadline(time.Now().Add(w.timeout))
	if err == nil {
		err = p.Write(w.s)
	}
	if err != nil {
		w.end(err)
	}
	return err
}

func (w *mqttWire) ping() {
	defer w.wg.Done()
	next, rings := alarm.Channel(alarm.New)
	defer next.Close()
	for {
		next.Set(pingEvery)
		select {
		case <-rings:
			if w.put(packets.NewControlPacket(packets.Pingreq)) != nil {
				return
			}
		case <-w.over:
			return
		}
	}
}

// receive reads until the connection is over. A packet may take as long as the next
// pong at most, however slowly it drips.
func (w *mqttWire) receive() {
	defer w.wg.Done()
	defer func() { // a mistake in reading a stranger's packet costs the session, not the module
		if v := recover(); v != nil {
			w.end(fmt.Errorf("%w: edgenet failed while it read a packet (please report it): %s", errPacket,
				said(fmt.Sprint(v), 200)))
		}
	}()
	for {
		err := w.s.SetReadDeadline(time.Now().Add(pingEvery + w.timeout))
		var p packets.ControlPacket
		if err == nil {
			p, err = readPacket(w.r)
		}
		if err == nil {
			err = w.packet(p)
		}
		if err != nil {
			w.end(err)
			return
		}
	}
}

// packet sorts what came. What answers nothing is counted.
func (w *mqttWire) packet(p packets.ControlPacket) (err error) {
	asked := false
	switch p := p.(type) {
	case *packets.PublishPacket:
		asked, err = w.publication(p)
	case *packets.PubackPacket:
		asked = w.acks.resolve(p.MessageID, answer{})
	case *packets.UnsubackPacket:
		asked = w.acks.resolve(p.MessageID, answer{})
	case *packets.SubackPacket:
		a := answer{}
		for _, code := range p.ReturnCodes {
			if code > 2 || len(p.ReturnCodes) != len(filters) {
				a.status = int(code)
			}
		}
		asked = w.acks.resolve(p.MessageID, a)
	case *packets.PingrespPacket:
	default:
		err = fmt.Errorf("%w: %T is not a client's to get", errPacket, p)
	}
	if err == nil && !asked && w.unasked.over(1, maxUnasked) {
		err = errUnasked
	}
	return err
}

// ask implements wire.
func (w *mqttWire) ask(ctx context.Context, op operation, body []byte) (answer, error) {
	topic := topicTwinGet
	if op == opReport {
		topic = topicTwinReport
	}
	id, answers, err := w.twins.add()
	if err != nil {
		return answer{}, err
	}
	defer w.twins.drop(id)
	if err := w.put(publishPacket(topic+strconv.Itoa(int(id)), body)); err != nil {
		return answer{}, err
	}
	return await(ctx, w, "twin "+string(op), answers)
}

// send implements wire: at least once is QoS 1.
func (w *mqttWire) send(ctx context.Context, m Message) error {
	p := publishPacket(eventsTopic(w.id, m), m.Body)
	p.Qos = 1
	return w.acknowledged(ctx, "PUBLISH", func(id uint16) packets.ControlPacket { p.MessageID = id; return p })
}

// reply implements wire; the call is the $rid as it came.
func (w *mqttWire) reply(_ context.Context, call any, r Reply) error {
	rid, ok := call.(string)
	if !ok {
		return errors.New("the call is not one of MQTT")
	}
	return w.put(publishPacket(topicMethodResult+strconv.Itoa(r.Status)+"/?$rid="+rid, r.Payload))
}

// renew implements wire.
func (w *mqttWire) renew(context.Context, secret.Value) error { return errReplace }

// drain implements wire. edgeHub keeps calls for a module that does not listen, and
// knows those that it handed over by their connection.
func (w *mqttWire) drain(ctx context.Context) error {
	p := packets.NewControlPacket(packets.Unsubscribe).(*packets.UnsubscribePacket)
	p.Topics = []string{topicMethods + "#"}
	return w.acknowledged(ctx, "UNSUBSCRIBE", func(id uint16) packets.ControlPacket { p.MessageID = id; return p })
}

func (w *mqttWire) done() <-chan struct{} { return w.over }

func (w *mqttWire) err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.why
}

// note keeps why the connection is over, once.
func (w *mqttWire) note(why error) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.why != nil {
		return false
	}
	w.why = explain(why)
	close(w.over)
	return true
}

// end cuts the connection and notes why.
func (w *mqttWire) end(why error) {
	w.note(why)
	w.s.drop()
}

// close implements wire. A peer that takes no goodbye, nor what is being written, is cut
// off.
func (w *mqttWire) close() {
	timer := time.AfterFunc(goodbyeWait, w.s.drop)
	defer timer.Stop()
	if w.note(ErrClosed) && w.put(packets.NewControlPacket(packets.Disconnect)) == nil {
		w.s.close()
	}
	w.s.drop()
	w.wg.Wait()
}
