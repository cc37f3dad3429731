package twin

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/eclipse/paho.mqtt.golang/packets"
)

// maxPacket bounds one MQTT packet, in bytes: the largest message and its topic.
const maxPacket = maxMessage + 4<<10

var errPacket = errors.New("edgeHub breaks the rules of MQTT")

// readPacket reads one packet. The length that it claims is judged before anything is
// made of it: the library takes up to 256 MiB on a peer's word.
func readPacket(r *bufio.Reader) (packets.ControlPacket, error) {
	header := make([]byte, 0, 5)
	length := 0
	for shift := 0; ; shift += 7 {
		b, err := r.ReadByte()
		if err != nil {
			return nil, err
		}
		if header = append(header, b); len(header) == 1 {
			shift -= 7
			continue
		}
		length |= int(b&0x7f) << shift
		if b&0x80 == 0 {
			break
		}
		if len(header) == cap(header) {
			return nil, fmt.Errorf("%w: a length without end", errPacket)
		}
	}
	if length > maxPacket {
		return nil, fmt.Errorf("%w: a packet of %d KiB", ErrFlood, length>>10)
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, err
	}
	if header[0]>>4 == packets.Connack && length == 2 &&
		body[0]&^1 != 0 { // MQTT 3.1.1, 3.2.2.1; the library forgets it
		return nil, fmt.Errorf("%w: a CONNACK with reserved flags", errPacket)
	}
	p, err := packets.ReadPacket(io.MultiReader(bytes.NewReader(header), bytes.NewReader(body)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errPacket, err)
	}
	return p, nil
}

// connectPacket is the login. The session is kept (clean session 0), as the vendor's
// SDKs do.
func connectPacket(i Identity, password string) *packets.ConnectPacket {
	p := packets.NewControlPacket(packets.Connect).(*packets.ConnectPacket)
	p.ProtocolName, p.ProtocolVersion = "MQTT", 4
	p.Keepalive = keepAliveSeconds
	p.ClientIdentifier = i.Name()
	p.UsernameFlag, p.Username = true, i.userName()
	p.PasswordFlag, p.Password = true, []byte(password)
	return p
}

func publishPacket(topic string, payload []byte) *packets.PublishPacket {
	p := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
	p.TopicName, p.Payload = topic, payload
	return p
}

// connackError says what a refusal of CONNECT means (MQTT 3.1.1, 3.2.2.3). 4 and 5 are
// about the credentials; edgeHub says 3 to whatever it cannot read.
func connackError(code byte) error {
	switch code {
	case packets.Accepted:
		return nil
	case packets.ErrRefusedBadProtocolVersion:
		return errors.New("CONNACK 1: unacceptable protocol version")
	case packets.ErrRefusedIDRejected:
		return errors.New("CONNACK 2: identifier rejected")
	case packets.ErrRefusedServerUnavailable:
		return errors.New("CONNACK 3: server unavailable")
	case packets.ErrRefusedBadUsernameOrPassword:
		return refused("CONNACK 4: bad user name or password")
	case packets.ErrRefusedNotAuthorised:
		return refused("CONNACK 5: not authorized")
	}
	return fmt.Errorf("%w: CONNACK %d", errPacket, code)
}
