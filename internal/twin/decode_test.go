package twin

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"edgenet/internal/amqpwire"
)

func TestOrdered(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		first  Transport
		others []Transport
		want   string
	}{
		{"", nil, "[amqp mqtt amqpws mqttws]"}, {MQTTWS, nil, "[mqttws amqp mqtt amqpws]"},
		{MQTT, []Transport{AMQP, MQTT, AMQP}, "[mqtt amqp]"},
		{MQTT, []Transport{AMQP}, "[amqp]"}, {"x", nil, "[amqp mqtt amqpws mqttws]"}, {"", []Transport{"AMQP"}, ""},
		{"x", []Transport{AMQP}, "[amqp]"},
	} {
		got, err := ordered(tt.first, tt.others)
		if (err != nil) != (tt.want == "") || err == nil && fmt.Sprint(got) != tt.want {
			t.Errorf("%q before %q: %v, %v", tt.first, tt.others, got, err)
		}
	}
}

func TestTopics(t *testing.T) {
	t.Parallel()
	for topic, want := range map[string]string{
		"$iothub/twin/res/200/?$rid=7":                  "200 7",
		"$iothub/twin/res/204/?$rid=a%20b&$version=4":   "204 a%20b",
		"$iothub/twin/res/204/?$version=4&$rid=x":       "204 x",
		"$iothub/twin/res/200/":                         "",
		"$iothub/twin/res/20/?$rid=7":                   "",
		"$iothub/twin/res/-200/?$rid=7":                 "",
		"$iothub/twin/res/99999999999999999999/?$rid=7": "",
		"$iothub/twin/res/":                             "",
		"$iothub/twin/res/200/$rid=7":                   "",
		"other":                                         "",
	} {
		status, rid, err := parseResult(topic)
		if got := fmt.Sprint(status, " ", rid); (err != nil) != (want == "") || err == nil && got != want {
			t.Errorf("%s: %s, %v", topic, got, err)
		}
	}
	for topic, want := range map[string]int64{
		"$iothub/twin/PATCH/properties/desired/?$version=12": 12, "$iothub/twin/PATCH/properties/desired/": 0,
		"$iothub/twin/PATCH/properties/desired/?$version=-1": 0, "$iothub/twin/PATCH/properties/desired/?$version=x": 0,
		"other": -1,
	} {
		if got, err := parseDesiredTopic(topic); (err != nil) != (want < 0) || err == nil && got != want {
			t.Errorf("%s: %d, %v", topic, got, err)
		}
	}
	for topic, want := range map[string]string{
		"$iothub/methods/POST/check/?$rid=1":                           "check 1",
		"$iothub/methods/POST/two%20words/?$rid=a-b&x=y":               "two words a-b",
		"$iothub/methods/POST/50%/?$rid=1":                             "50% 1",
		"$iothub/methods/POST/check":                                   "",
		"$iothub/methods/POST/check/":                                  "",
		"$iothub/methods/POST//?$rid=1":                                "",
		"$iothub/methods/POST/check/?$rid=#":                           "",
		"$iothub/methods/POST/check/?$rid=" + strings.Repeat("x", 300): "",
		"$iothub/twin/res/200/?$rid=7":                                 "",
		"$iothub/methods/POST/check/more/?$rid=1":                      "",
	} {
		name, rid, err := parseMethod(topic)
		if got := name + " " + rid; (err != nil) != (want == "") || err == nil && got != want {
			t.Errorf("%s: %s, %v", topic, got, err)
		}
	}
	m := Message{Output: "o/1", ID: "a b", Properties: map[string]string{"z": "1&2", "a": "#+"}}
	want := "devices/d/modules/m/messages/events/%24.ct=application%2Fjson&%24.ce=utf-8&%24.on=o%2F1&%24.mid=a%20b&a=%23%2B&z=1%262"
	if got := eventsTopic(Identity{Device: "d", Module: "m"}, m); got != want {
		t.Errorf("telemetry goes to %s", got)
	}
}

// A patch made by difference, merged into the old, is the new.
func TestDifference(t *testing.T) {
	t.Parallel()
	docs := []string{`{}`, `{"a":1}`, `{"a":{"b":1,"c":{"d":[1,{"e":2}]}},"f":"x"}`, `{"a":{"c":{"d":[1]}},"g":false}`,
		`{"a":[],"f":1.0}`, `{"f":{"x":{}}}`, `{"a":1e2,"f":100}`}
	for _, from := range docs {
		for _, to := range docs {
			old, _ := parseObject([]byte(from))
			now, _ := parseObject([]byte(to))
			patch := difference(old, now)
			if got := merge(old, patch); !reflect.DeepEqual(got, now) {
				t.Errorf("%s to %s by %s gives %s", from, to, encode(patch), encode(got))
			}
			if (len(patch) == 0) != (from == to) {
				t.Errorf("%s to %s: %s", from, to, encode(patch))
			}
		}
	}
}

func TestTracker(t *testing.T) {
	t.Parallel()
	var k tracker
	if k.isBased() {
		t.Error("based without a twin")
	}
	if first, old := k.base(4, object{"a": "1"}); !first || old {
		t.Error("the first twin is not the first, or old")
	}
	for _, version := range []int64{3, 4} {
		if _, fresh := k.patch(version, object{"a": "2"}); fresh {
			t.Errorf("version %d is told again", version)
		}
	}
	if d, fresh := k.patch(5, object{"a": nil, "b": "1"}); !fresh || string(d.Document) != `{"b":"1"}` ||
		string(d.Patch) != `{"a":null,"b":"1"}` {
		t.Errorf("told %+v", d)
	}
	if first, old := k.base(4, object{}); first || !old {
		t.Error("a twin that is older than what was told")
	}
	if k.missing(6) || !k.missing(7) {
		t.Error("which versions are missing")
	}
	if d, fresh := k.whole(9, object{"b": "2"}); !fresh || string(d.Patch) != `{"b":"2"}` {
		t.Errorf("told %+v", d)
	}
	if _, fresh := k.whole(9, object{}); fresh {
		t.Error("told again")
	}
}

func TestWaiters(t *testing.T) {
	t.Parallel()
	var w waiters
	w.last = 65534
	var first uint16
	var answers <-chan answer
	for i := range maxWaiting {
		id, c, err := w.add()
		if err != nil || id == 0 {
			t.Fatal(id, err)
		}
		if i == 0 {
			first, answers = id, c
		}
	}
	if _, _, err := w.add(); !errors.Is(err, ErrBusy) {
		t.Errorf("one too many: %v", err)
	}
	w.resolveText("x", answer{})
	w.resolveText(fmt.Sprint(first), answer{status: 7})
	w.resolveText(fmt.Sprint(first), answer{status: 8})
	if a := <-answers; a.status != 7 {
		t.Errorf("answer %d", a.status)
	}
	if _, _, err := w.add(); err != nil {
		t.Errorf("room again: %v", err)
	}
}

// transferFrame is a frame with a transfer: handle, tag, more, and so many bytes of payload.
func transferFrame(handle byte, tag []byte, more bool, size int) []byte {
	flag := byte(0x42)
	if more {
		flag = 0x41
	}
	list := append([]byte{6, 0x52, handle, 0x43, 0xa0, byte(len(tag))}, tag...)
	list = append(list, 0x43, 0x41, flag)
	body := append([]byte{0, 0x53, amqpwire.CodeTransfer, 0xc0, byte(len(list))}, list...)
	body = append(body, bytes.Repeat([]byte{'x'}, size)...)
	head := binary.BigEndian.AppendUint32(nil, uint32(len(body)+amqpwire.FrameHeader))
	return append(append(head, 2, 0, 0, 0), body...)
}

func TestGuard(t *testing.T) {
	t.Parallel()
	tag := bytes.Repeat([]byte{1}, 32)
	piece := transferFrame(3, tag, true, 60<<10)
	var interleaved []byte
	for i := range maxPartial + 1 {
		interleaved = append(interleaved, transferFrame(byte(i), nil, true, 1)...)
	}
	deep := append([]byte{0, 0, 0x40, 0, 2, 0, 0, 0, 0, 0x53, amqpwire.CodeTransfer, 0xc0, 8, 6, 0x52, 1, 0x43, 0xa0, 0, 0x43,
		0x41, 0x41}, make([]byte, 0x4000-22)...)
	headers := []byte("AMQP\x03\x01\x00\x00AMQP\x00\x01\x00\x00")
	for name, tt := range map[string]struct {
		bytes []byte
		want  error
	}{
		"headers and heartbeats": {append(headers, 0, 0, 0, 8, 2, 0, 0, 0), nil},
		"messages in pieces": {bytes.Repeat(append(bytes.Repeat(piece, 4), transferFrame(3, tag, false, 10)...),
			3), nil},
		"a message without end":   {bytes.Repeat(piece, 5), ErrFlood},
		"its end comes elsewhere": {bytes.Repeat(append(piece, transferFrame(4, tag, false, 1)...), 5), ErrFlood},
		"pieces of many messages": {interleaved, ErrFlood},
		"nothing but zeros":       {deep, ErrFlood},
		"a peer in a hurry": {[]byte{0, 0, 0, 28, 2, 0, 0, 0, 0, 0x53, amqpwire.CodeOpen, 0xc0, 15, 5, 0xa1, 1, 'c',
			0x40, 0x70, 0, 1, 0, 0, 0x60, 0, 1, 0x52, 5}, errFrame},
		"a peer at ease": {[]byte{0, 0, 0, 31, 2, 0, 0, 0, 0, 0x53, amqpwire.CodeOpen, 0xc0, 18, 5, 0xa1, 1, 'c',
			0x40, 0x70, 0, 1, 0, 0, 0x60, 0, 1, 0x70, 0, 3, 0xa9, 0x80}, nil},
		"an open without names":     {[]byte{0, 0, 0, 12, 2, 0, 0, 0, 0, 0x53, amqpwire.CodeOpen, 0x45}, errFrame},
		"a frame over the limit":    {[]byte{0, 1, 0, 1, 2, 0, 0, 0}, errFrame},
		"an offset into the frame":  {[]byte{0, 0, 0, 12, 3, 0, 0, 0, 1, 2, 3, 4}, errFrame},
		"a transfer without fields": {[]byte{0, 0, 0, 12, 2, 0, 0, 0, 0, 0x53, amqpwire.CodeTransfer, 0x45}, errFrame},
		"a field of another type": {[]byte{0, 0, 0, 16, 2, 0, 0, 0, 0, 0x53, amqpwire.CodeTransfer, 0xc0, 3, 1, 0xa1, 0},
			errFrame},
		"a tag past the end": {[]byte{0, 0, 0, 22, 2, 0, 0, 0, 0, 0x53, amqpwire.CodeTransfer, 0xc0, 9, 3, 0x43, 0x43,
			0xb0, 0, 1, 0, 0, 0}, errFrame},
		"list of 32 bits": {[]byte{0, 0, 0, 25, 2, 0, 0, 0, 0, 0x53, amqpwire.CodeDisposition, 0xd0, 0, 0, 0, 8, 0, 0,
			0, 2, 0x41, 0x52, 9, 0x40, 0x40}, nil},
		"dispositions backwards": {[]byte{0, 0, 0, 19, 2, 0, 0, 0, 0, 0x53, amqpwire.CodeDisposition, 0xc0, 6, 3, 0x41, 0x52,
			9, 0x52, 8}, errFrame},
	} {
		for _, chunk := range []int{1, 7, len(tt.bytes)} {
			if err := scanIn(tt.bytes, chunk); !errors.Is(err, tt.want) {
				t.Errorf("%s, %d bytes at a time: %v", name, chunk, err)
			}
		}
	}
}

func scanIn(p []byte, chunk int) error {
	g := &guard{}
	for len(p) > 0 {
		n := min(chunk, len(p))
		if err := g.scan(p[:n]); err != nil {
			return err
		}
		p = p[n:]
	}
	return nil
}

// The guard says the same however the bytes come, and keeps few of them.
func FuzzGuard(f *testing.F) {
	f.Add(append([]byte("AMQP\x00\x01\x00\x00"), transferFrame(1, []byte{1}, true, 5)...), 3)
	f.Add([]byte{0, 0, 0, 19, 2, 0, 0, 0, 0, 0x53, amqpwire.CodeDisposition, 0xc0, 6, 3, 0x41, 0x52, 9, 0x52, 8}, 1)
	f.Fuzz(func(t *testing.T, p []byte, chunk int) {
		if chunk < 1 {
			return
		}
		whole, parts := scanIn(p, max(len(p), 1)), scanIn(p, chunk)
		if fmt.Sprint(whole) != fmt.Sprint(parts) {
			t.Errorf("%v at once, %v by %d", whole, parts, chunk)
		}
		g := &guard{}
		_ = g.scan(p)
		if len(g.head) > amqpwire.FrameHeader+headOfFrame || len(g.partial) > maxPartial+1 {
			t.Errorf("%d bytes and %d messages are kept", len(g.head), len(g.partial))
		}
	})
}

func FuzzTopics(f *testing.F) {
	for _, topic := range []string{"$iothub/methods/POST/check/?$rid=1", "$iothub/twin/res/200/?$rid=7&$version=1",
		"$iothub/twin/PATCH/properties/desired/?$version=3"} {
		f.Add(topic)
	}
	f.Fuzz(func(t *testing.T, topic string) {
		if _, rid, err := parseMethod(topic); err == nil && (rid == "" || len(rid) > maxRequestID ||
			strings.ContainsAny(rid, "+#\x00")) {
			t.Errorf("request id %q", rid)
		}
		if status, rid, err := parseResult(topic); err == nil && (status < 100 || status > 999 || rid == "") {
			t.Errorf("%d %q", status, rid)
		}
		if version, err := parseDesiredTopic(topic); err == nil && version < 0 {
			t.Errorf("version %d", version)
		}
	})
}

// What edgeHub sends as twin or change: whatever is taken can be merged and told.
func FuzzTwin(f *testing.F) {
	f.Add([]byte(`{"desired":{"a":1,"$version":2},"reported":{"$version":1}}`), []byte(`{"a":null,"$version":3}`))
	f.Add([]byte(`{"desired":{"a":{"b":[]},"$version":9}}`), []byte(`{"a":{"b":1}}`))
	f.Fuzz(func(t *testing.T, whole, change []byte) {
		tw, doc, err := parseTwin(whole)
		if err != nil {
			return
		}
		var k tracker
		k.base(tw.DesiredVersion, doc)
		version, patch, err := parseDesired(change, tw.DesiredVersion+1)
		if err != nil {
			return
		}
		if d, fresh := k.patch(version, patch); fresh && (!json.Valid(d.Patch) || !json.Valid(d.Document) ||
			version <= tw.DesiredVersion) {
			t.Errorf("told %+v", d)
		}
	})
}

func FuzzWorkloadAnswers(f *testing.F) {
	f.Add([]byte(`{"digest":"AAAA"}`))
	f.Add([]byte(`{"certificate":"-----BEGIN CERTIFICATE-----"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if digest, err := parseDigest(b); err == nil && len(digest) != 32 {
			t.Errorf("a digest of %d bytes", len(digest))
		}
		if pool, err := parseBundle(b); err == nil && pool == nil {
			t.Error("no pool and no error")
		}
		_ = refusal("op", 403, b).Error()
	})
}

// No packet makes more than its own size, and none panics.
func FuzzPacket(f *testing.F) {
	f.Add([]byte{0x30, 5, 0, 1, 'a', 'x', 'y'})
	f.Add([]byte{0x90, 4, 0, 1, 0, 0x80})
	f.Add([]byte{0x30, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, b []byte) {
		w := &mqttWire{in: newInbox(), s: &stream{}}
		p, err := readPacket(bufio.NewReader(bytes.NewReader(b)))
		if err != nil || b[0]>>4 == 3 && b[0]&6 != 0 { // what is acknowledged needs a connection
			return
		}
		_ = w.packet(p)
	})
}
