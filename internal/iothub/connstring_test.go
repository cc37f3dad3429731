package iothub

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"edgenet/internal/secret"
)

func TestParseConnectionString(t *testing.T) {
	key := testKey.Reveal()
	tests := []struct {
		text string
		want ConnectionString
	}{
		{"HostName=h.test;DeviceId=d;SharedAccessKey=" + key, ConnectionString{HostName: "h.test", DeviceID: "d",
			SharedAccessKey: testKey}},
		{"hostname=h.test;DEVICEID=d;ModuleId=m;sharedaccesskey=" + key + ";GatewayHostName=g.test;\n",
			ConnectionString{HostName: "h.test", GatewayHostName: "g.test", DeviceID: "d", ModuleID: "m",
				SharedAccessKey: testKey}},
		{"HostName=h.test;SharedAccessKeyName=iothubowner;SharedAccessKey=" + key,
			ConnectionString{HostName: "h.test", SharedAccessKeyName: "iothubowner", SharedAccessKey: testKey}},
		{"HostName=h.test;DeviceId=d;x509=True", ConnectionString{HostName: "h.test", DeviceID: "d", X509: true}},
		{"HostName=h.test;DeviceId=d;SharedAccessSignature=SharedAccessSignature sr=a&sig=b&se=1",
			ConnectionString{HostName: "h.test", DeviceID: "d",
				SharedAccessSignature: secret.New("SharedAccessSignature sr=a&sig=b&se=1")}},
	}
	for _, tt := range tests {
		got, err := ParseConnectionString(tt.text)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %v, %v", tt.want, got, err)
			continue
		}
		again, err := ParseConnectionString(got.Reveal().Reveal())
		if err != nil || !reflect.DeepEqual(again, got) {
			t.Errorf("%s does not survive being written: %v, %v", tt.want, again, err)
		}
	}
}

func TestParseConnectionStringRefuses(t *testing.T) {
	key := testKey.Reveal()
	for name, text := range map[string]string{
		"empty":                   "",
		"no host":                 "DeviceId=d;SharedAccessKey=" + key,
		"host with a path":        "HostName=h.test/x;DeviceId=d;SharedAccessKey=" + key,
		"no identity":             "HostName=h.test;SharedAccessKey=" + key,
		"module without device":   "HostName=h.test;ModuleId=m;SharedAccessKeyName=p;SharedAccessKey=" + key,
		"no proof":                "HostName=h.test;DeviceId=d",
		"two proofs":              "HostName=h.test;DeviceId=d;x509=true;SharedAccessKey=" + key,
		"key is not base64":       "HostName=h.test;DeviceId=d;SharedAccessKey=hunter2!",
		"unknown key":             "HostName=h.test;DeviceId=d;hunter2=x;SharedAccessKey=" + key,
		"twice":                   "HostName=h.test;DeviceId=d;DeviceId=hunter2;SharedAccessKey=" + key,
		"a token that is not one": "HostName=h.test;DeviceId=d;SharedAccessSignature=hunter2",
		"not key=value":           "hunter2",
		"bad gateway":             "HostName=h.test;GatewayHostName=hunter2/;DeviceId=d;SharedAccessKey=" + key,
		"too long": "HostName=h.test;DeviceId=" + strings.Repeat("d", maxConnectionString) +
			";SharedAccessKey=" + key,
	} {
		_, err := ParseConnectionString(text)
		if !errors.Is(err, ErrConnectionString) {
			t.Errorf("%s: got %v", name, err)
		} else if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), key) {
			t.Errorf("%s: the error shows a value: %v", name, err)
		}
	}
}

func TestConnectionStringIsMasked(t *testing.T) {
	c, err := ParseConnectionString("HostName=h.test;DeviceId=d;SharedAccessKey=" + testKey.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{c.String(), fmt.Sprint(c), fmt.Sprintf("%v %+v %#v", c, c, c)} {
		if strings.Contains(text, testKey.Reveal()) {
			t.Errorf("a key in %s", text)
		}
	}
	if !strings.Contains(c.String(), "SharedAccessKey="+secret.Mask) {
		t.Errorf("no mask in %s", c)
	}
}

func FuzzParseConnectionString(f *testing.F) {
	f.Add("HostName=h.test;DeviceId=d;SharedAccessKey=YWJj")
	f.Add("HostName=h.test;DeviceId=d;x509=true;;=")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseConnectionString(text)
		if err != nil {
			return
		}
		again, err := ParseConnectionString(c.Reveal().Reveal())
		if err != nil || !reflect.DeepEqual(again, c) {
			t.Errorf("%s does not survive being written: %v, %v", c, again, err)
		}
	})
}

func TestMadeOf(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"a": true, "a.b-c_1": true, "": false, "a b": false, "a\n": false, "\na": false, "a/b": false, "é": false,
		"a\x00b":                 false,
		strings.Repeat("a", 255): true, strings.Repeat("a", 256): false,
	} {
		if MadeOf(s, hostCharacters, 255) != want {
			t.Errorf("%.20q (%d bytes): expected %v", s, len(s), want)
		}
	}
}
