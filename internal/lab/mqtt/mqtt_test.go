package mqtt

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// One packet of each kind, worked out by hand from the specification.
func TestPackets(t *testing.T) {
	connect := "\x10\x2b\x00\x04MQTT\x04\xee\x00\x3c\x00\x01d\x00\x01w\x00\x02hi\x00\x04user\x00\x04pass"
	connect = "\x10" + string(rune(len(connect)-2)) + connect[2:]
	p, err := Read(strings.NewReader(connect), 1000)
	if err != nil {
		t.Fatal(err)
	}
	c, err := p.Connect()
	if err != nil || c.ClientID != "d" || !c.CleanSession || c.KeepAlive != 60 || c.UserName != "user" ||
		c.Password != "pass" || !c.HasPassword {
		t.Fatalf("%+v, %v", c, err)
	}
	if w := c.Will; w == nil || w.Topic != "w" || string(w.Payload) != "hi" || w.QoS != 1 || !w.Retain {
		t.Errorf("will %+v", w)
	}
	p, err = Read(strings.NewReader("\x32\x07\x00\x01t\x00\x07xy"), 1000)
	if err != nil {
		t.Fatal(err)
	}
	m, err := p.Publish()
	if err != nil || m.Topic != "t" || m.QoS != 1 || m.ID != 7 || string(m.Payload) != "xy" {
		t.Errorf("%+v, %v", m, err)
	}
	if got := m.Encode(); string(got) != "\x32\x07\x00\x01t\x00\x07xy" {
		t.Errorf("PUBLISH is written as %x", got)
	}
	p, err = Read(strings.NewReader("\x82\x08\x00\x02\x00\x01a\x01\x00\x00"), 1000)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Subscribe(); !errors.Is(err, ErrMalformed) {
		t.Errorf("a filter that is cut off: %v", err)
	}
	p, err = Read(strings.NewReader("\x82\x06\x00\x02\x00\x01a\x02"), 1000)
	if err != nil {
		t.Fatal(err)
	}
	id, filters, err := p.Subscribe()
	if err != nil || id != 2 || len(filters) != 1 || filters[0] != (Subscription{"a", 2}) {
		t.Errorf("%d %v, %v", id, filters, err)
	}
	for got, want := range map[string]string{
		string(Connack(true, 0)): "\x20\x02\x01\x00", string(Connack(false, 5)): "\x20\x02\x00\x05",
		string(Puback(258)):             "\x40\x02\x01\x02",
		string(Suback(1, []byte{0, 1})): "\x90\x04\x00\x01\x00\x01", string(Unsuback(1)): "\xb0\x02\x00\x01",
		string(Pingresp()): "\xd0\x00",
	} {
		if got != want {
			t.Errorf("%x, want %x", got, want)
		}
	}
	long := Publish{Topic: "t", Payload: bytes.Repeat([]byte("x"), 200)}.Encode()
	if !bytes.HasPrefix(long, []byte{0x30, 0xcb, 0x01}) {
		t.Errorf("203 bytes are announced as %x", long[:4])
	}
}

func TestReadRefuses(t *testing.T) {
	for name, b := range map[string]string{
		"type 0":                "\x00\x00",
		"type 15":               "\xf0\x00",
		"flags on CONNECT":      "\x11\x00",
		"SUBSCRIBE, no flags":   "\x80\x00",
		"QoS 3":                 "\x36\x00",
		"five bytes of length":  "\x30\xff\xff\xff\xff\x7f",
		"longer than the limit": "\x30\xff\x7f",
	} {
		if p, err := Read(strings.NewReader(b), 1000); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	if _, err := Read(strings.NewReader("\x30\x05x"), 1000); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("cut off: %v", err)
	}
	for name, p := range map[string]Packet{
		"reserved flag":         {TypeConnect, 0, []byte("\x00\x04MQTT\x04\x01\x00\x3c\x00\x01d")},
		"password without user": {TypeConnect, 0, []byte("\x00\x04MQTT\x04\x40\x00\x3c\x00\x01d\x00\x01p")},
		"will flags, no will":   {TypeConnect, 0, []byte("\x00\x04MQTT\x04\x20\x00\x3c\x00\x01d")},
		"too many bytes":        {TypeConnect, 0, []byte("\x00\x04MQTT\x04\x00\x00\x3c\x00\x01dd")},
		"U+0000":                {TypeConnect, 0, []byte("\x00\x04MQTT\x04\x00\x00\x3c\x00\x01\x00")},
		"no UTF-8":              {TypeConnect, 0, []byte("\x00\x04MQTT\x04\x00\x00\x3c\x00\x01\xff")},
	} {
		if c, err := p.Connect(); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
	}
	for name, p := range map[string]Packet{
		"identifier 0":   {TypePublish, 2, []byte("\x00\x01t\x00\x00")},
		"no topic":       {TypePublish, 0, []byte("\x00\x00")},
		"a filter":       {TypePublish, 0, []byte("\x00\x01#")},
		"topic cut off":  {TypePublish, 0, []byte("\x00\x09t")},
		"nothing at all": {TypePublish, 0, nil},
	} {
		if m, err := p.Publish(); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}

func FuzzPacket(f *testing.F) {
	f.Add([]byte("\x10\x1a\x00\x04MQTT\x04\x02\x00\x3c\x00\x0eedgenet-probe1"))
	f.Add([]byte("\x32\x07\x00\x01t\x00\x07xy"))
	f.Add([]byte("\x82\x06\x00\x02\x00\x01a\x02"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Read(bytes.NewReader(b), 1<<16)
		if err != nil {
			return
		}
		_, _ = p.Connect()
		_, _, _ = p.Subscribe()
		_, _ = p.ID()
		_ = p.Empty()
		if m, err := p.Publish(); err == nil && p.Type == TypePublish {
			again, err := Read(bytes.NewReader(m.Encode()), 1<<16)
			if err != nil {
				t.Fatal(err)
			}
			if n, err := again.Publish(); err != nil || n.Topic != m.Topic || !bytes.Equal(n.Payload, m.Payload) {
				t.Fatalf("%+v is read again as %+v, %v", m, n, err)
			}
		}
	})
}
