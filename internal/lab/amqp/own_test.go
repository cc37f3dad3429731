package amqp

import (
	"encoding/hex"
	"strings"
	"testing"
)

// ownBytes is what the recorded frames prove, as a table of our own values: the forms that
// a hub chooses for lists, numbers, absent fields and settled states. It stands where the
// recorded frames are not there.
var ownBytes = []struct {
	name, hex string
	frame     func() []byte
}{
	{"an array of symbols with lengths of 32 bits, in a short one",
		"0000001d 02010000 005340 c01001 e00d02 b3 00000001 41 00000002 4243",
		func() []byte { return EncodeSASL(&Mechanisms{[]Symbol{"A", "BC"}}) }},
	{"an outcome with a word", "00000014 02010000 005344 c00702 5000 a0024869",
		func() []byte { return EncodeSASL(&Outcome{SASLOK, []byte("Hi")}) }},
	{"absent fields at the end are written as null",
		"00000026 02000000 005310 c0190a a10163 a10168 7000000200 6000ff 70000003e8 4040404040",
		func() []byte {
			return EncodeFrame(&Open{ContainerID: "c", Hostname: ptr("h"), MaxFrameSize: 512, ChannelMax: 255,
				IdleTimeout: ptr(uint32(1000))})
		}},
	{"a short number on its own byte, a long one on four",
		"00000025 02000000 005311 c01808 600000 5202 700000012c 70ffffffff 70000001ff 404040",
		func() []byte {
			return EncodeFrame(&Begin{RemoteChannel: ptr(uint16(0)), NextOutgoingID: 2, IncomingWindow: 300,
				OutgoingWindow: 1<<32 - 1, HandleMax: 511})
		}},
	{"source and target with all of their fields, a size of 64 bits",
		"00000048 02000000 005312 c03b0e a1016e 43 41 5000 5000 005328c00e0b a10161 40404040404040404040" +
			"005329c00a07 a10161 404040404040 4040 40 800000000000000100 404040",
		func() []byte {
			return EncodeFrame(&Attach{Name: "n", Role: RoleReceiver, SndSettleMode: ptr(uint8(0)),
				RcvSettleMode: ptr(uint8(0)), Source: terminus(codeSource, 11), Target: terminus(codeTarget, 7),
				MaxMessageSize: ptr(uint64(256))})
		}},
	{"zero has a form of its own, false is written out",
		"00000023 02000000 005313 c0160b 43 700000012c 5202 70ffffffff 43 43 5207 43 40 42 40",
		func() []byte {
			return EncodeFrame(&Flow{NextIncomingID: ptr(uint32(0)), IncomingWindow: 300, NextOutgoingID: 2,
				OutgoingWindow: 1<<32 - 1, Handle: ptr(uint32(0)), DeliveryCount: ptr(uint32(0)),
				LinkCredit: ptr(uint32(7)), Available: ptr(uint32(0))})
		}},
	{"accepted is an empty list", "00000017 02000000 005315 c00a06 41 43 40 41 00532445 40",
		func() []byte {
			return EncodeFrame(&Disposition{Role: RoleReceiver, First: 0, Settled: true, State: Accepted})
		}},
	{"an answer without a body: correlation-id 0, a status of 32 bits",
		"0000003d 02000000 005314 c00f0b 5202 43 a00109 43 40 42 40404040 42" +
			"005373 c00e0d 4040404040 44 40404040404040 005374 c10902 a10173 7100000194",
		func() []byte {
			m := &Message{Properties: &Properties{CorrelationID: uint64(0)},
				ApplicationProperties: Map{{Key: "s", Value: int32(404)}}}
			return appendFrame(nil, frameAMQP, 0, &Transfer{Handle: 2, DeliveryID: ptr(uint32(0)),
				DeliveryTag: []byte{9}, MessageFormat: ptr(uint32(0))}, m.Encode())
		}},
	{"a twin's answer: settled, annotated, the document as one section of data",
		"0000004d 02000000 005314 c0100b 5205 5201 a0017f 43 41 42 40404040 42" +
			"005372 c10e02 a306737461747573 71000000cc 005373 c0110d 40404040 a100 a10178 40404040404040 005375 " +
			"a0027b7d",
		func() []byte {
			m := &Message{Annotations: Map{{Key: Symbol("status"), Value: int32(204)}},
				Properties: &Properties{ReplyTo: ptr(""), CorrelationID: "x"}, Data: [][]byte{[]byte("{}")}}
			return appendFrame(nil, frameAMQP, 0, &Transfer{Handle: 5, DeliveryID: ptr(uint32(1)),
				DeliveryTag: []byte{127}, MessageFormat: ptr(uint32(0)), Settled: ptr(true)}, m.Encode())
		}},
}

func terminus(code uint64, fields int) any {
	list := make([]any, fields)
	list[0] = "a"
	return Described{code, list}
}

// What this package writes has a hub's forms, and is read and written again as it was.
func TestOwnBytes(t *testing.T) {
	t.Parallel()
	for _, row := range ownBytes {
		want, err := hex.DecodeString(strings.ReplaceAll(row.hex, " ", ""))
		if err != nil {
			t.Fatal(row.name, err)
		}
		if got := row.frame(); string(got) != string(want) {
			t.Errorf("%s:\n got %x\nwant %x", row.name, got, want)
		}
		roundTrip(t, row.name, want)
	}
}
