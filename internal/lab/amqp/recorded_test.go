package amqp

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"
)

// recorded returns the bytes of frame n of a session recorded off a real hub;
// each file starts with two bytes of the recording harness. The frames are not
// part of this repository.
func recorded(t *testing.T, n int) []byte {
	t.Helper()
	dir := os.Getenv("EDGENET_TESTDATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "shared", "testdata")
	}
	dir = filepath.Join(dir, "hub-amqp")
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the recorded frames are not there (EDGENET_TESTDATA names their folder): %v; TestOwnBytes and "+
			"TestOwnDialogue hold the same against values of our own", err)
	}
	b, err := os.ReadFile(filepath.Join(dir, strconv.Itoa(n)+".bin"))
	if err != nil {
		t.Fatalf("the folder of recorded frames is there, and a frame cannot be read: %v", err)
	}
	if len(b) < 3 {
		t.Fatalf("the recorded frame %d has %d bytes", n, len(b))
	}
	return b[2:]
}

func ptr[T any](v T) *T { return &v }

// What this package writes for the hub's own values is what the hub wrote.
func TestRecordedBytes(t *testing.T) {
	const lead = 16 // bytes before the container id in the recorded open
	container := string(recorded(t, 4)[lead : lead+len("DeviceGateway_")+32])
	cbs := func(code uint64, fields int) any {
		list := make([]any, fields)
		list[0] = "$cbs"
		return Described{code, list}
	}
	frames := map[int][]byte{
		1: EncodeSASL(&Mechanisms{[]Symbol{"EXTERNAL", "MSSBCBS", "ANONYMOUS", "PLAIN"}}),
		2: EncodeSASL(&Outcome{SASLOK, []byte("Welcome!")}),
		4: EncodeFrame(&Open{ContainerID: container, Hostname: ptr("localhost"), MaxFrameSize: 65536, ChannelMax: 8191,
			IdleTimeout: ptr(uint32(240000))}),
		5: EncodeFrame(&Begin{RemoteChannel: ptr(uint16(0)), NextOutgoingID: 1, IncomingWindow: 5000,
			OutgoingWindow: 1<<32 - 1, HandleMax: 262143}),
		6: EncodeFrame(&Attach{
			Name: "$cbs-sender", Role: RoleReceiver, SndSettleMode: ptr(uint8(0)), RcvSettleMode: ptr(uint8(0)),
			Source: cbs(codeSource, 11), Target: cbs(codeTarget, 7), MaxMessageSize: ptr(uint64(1 << 20)),
		}),
		7: EncodeFrame(&Flow{
			NextIncomingID: ptr(uint32(0)), IncomingWindow: 5000, NextOutgoingID: 1, OutgoingWindow: 1<<32 - 1,
			Handle: ptr(uint32(0)), DeliveryCount: ptr(uint32(0)), LinkCredit: ptr(uint32(CBSCredit)),
			Available: ptr(uint32(0)),
		}),
		9: EncodeFrame(&Disposition{Role: RoleReceiver, First: 0, Settled: true, State: Accepted}),
		10: appendFrame(nil, frameAMQP, 0, &Transfer{Handle: 1, DeliveryID: ptr(uint32(0)),
			DeliveryTag: []byte{1, 0, 0, 0}, MessageFormat: ptr(uint32(0))}, cbsAnswer()),
	}
	for n, got := range frames {
		if want := recorded(t, n); !bytes.Equal(got, want) {
			t.Errorf("frame %d:\n got %x\nwant %x", n, got, want)
		}
	}
}

// cbsAnswer is the recorded put-token answer: correlation-id 0, no body.
func cbsAnswer() []byte {
	return (&Message{
		Properties: &Properties{CorrelationID: uint64(0)},
		ApplicationProperties: Map{
			{Key: "status-code", Value: int32(200)}, {Key: "status-description", Value: "OK"},
		},
	}).Encode()
}

// Every recorded frame is read, and written again as it was.
func TestRecordedRoundTrip(t *testing.T) {
	for n := range 27 {
		b := recorded(t, n)
		if n == 0 || n == 3 {
			if want := map[int]Header{0: HeaderSASL, 3: HeaderAMQP}[n]; !bytes.Equal(b, want[:]) {
				t.Errorf("header %d: %x", n, b)
			}
			continue
		}
		roundTrip(t, fmt.Sprint("frame ", n), b)
	}
}

// roundTrip reads a frame, and writes what it says.
func roundTrip(t *testing.T, name string, b []byte) {
	t.Helper()
	f, err := readFrame(bytes.NewReader(b), MaxFrameSize)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	table := parsers
	if f.kind == frameSASL {
		table = saslParsers
	}
	p, payload, err := parse(f.body, table)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if _, ok := p.(*Transfer); ok {
		payload = again(t, name, payload)
	}
	got := appendFrame(nil, f.kind, f.channel, p, payload)
	if !bytes.Equal(got, b) && !sameValues(t, got, b) {
		t.Errorf("%s, %T:\n got %x\nwant %x", name, p, got, b)
	}
}

// again reads a message and writes it.
func again(t *testing.T, name string, payload []byte) []byte {
	t.Helper()
	m, err := DecodeMessage(payload)
	if err != nil {
		t.Errorf("message of %s: %v", name, err)
		return payload
	}
	return m.Encode()
}

// sameValues compares two frames by what they say: the hub writes some fields
// that were given in full and leaves others out, where both mean the same.
func sameValues(t *testing.T, a, b []byte) bool {
	t.Helper()
	read := func(b []byte) any {
		d := newDecoder(b[frameHeaderSize:])
		var all []any
		for len(d.buf) > 0 {
			v, err := d.value()
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, v)
		}
		return all
	}
	return reflect.DeepEqual(read(a), read(b))
}

// The recorded twin answer is what the hub head builds its answers like.
func TestRecordedTwinAnswer(t *testing.T) {
	f, err := readFrame(bytes.NewReader(recorded(t, 22)), MaxFrameSize)
	if err != nil {
		t.Fatal(err)
	}
	p, payload, err := parse(f.body, parsers)
	if err != nil {
		t.Fatal(err)
	}
	transfer, ok := p.(*Transfer)
	if !ok || transfer.Settled == nil || !*transfer.Settled {
		t.Errorf("not a settled transfer: %#v", p)
	}
	m, err := DecodeMessage(payload)
	if err != nil {
		t.Fatal(err)
	}
	status, _ := m.Annotations.Get("status")
	if status != any(int32(200)) || m.Properties.ReplyTo == nil || *m.Properties.ReplyTo != "" || len(m.Data) != 1 {
		t.Errorf("%#v", m)
	}
	if _, ok := m.Properties.CorrelationID.(string); !ok {
		t.Errorf("correlation-id is %T", m.Properties.CorrelationID)
	}
}
