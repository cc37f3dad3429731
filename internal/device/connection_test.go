package device

import (
	"strings"
	"testing"
)

// TestDaemonString: hub and device come out whatever else is wrong, and what is wrong is
// said by its kind, without the key.
func TestDaemonString(t *testing.T) {
	t.Parallel()
	const key = "c2VjcmV0"
	for _, tt := range []struct {
		text, hub, id string
		kinds         string // of the faults, by their first letters
	}{
		{"HostName=h.test;DeviceId=d;SharedAccessKey=" + key, "h.test", "d", ""},
		{"SharedAccessKey=" + key + "cw;DeviceId=d;HostName=h.test", "h.test", "d", ""},
		{"HostName=h.test;DeviceId=d;SharedAccessKey=" + key + "cw==", "h.test", "d", ""},
		{"HostName=h.test;DeviceId=d;SharedAccessKey=" + key + ";Unknown=1;;x", "h.test", "d", ""},
		{"HostName=h.test;DeviceId=d", "h.test", "d", "c"},
		{"HostName=h.test;DeviceId=d;SharedAccessKey=", "h.test", "d", "c"},
		{"HostName=h.test;DeviceId=d;SharedAccessKey=" + key + "c", "h.test", "d", "c"},
		{"HostName=h.test;DeviceId=d;SharedAccessKey=" + key + "!", "h.test", "d", "c"},
		{"HostName=h.test;DeviceId=d;SharedAccessKey=<key>", "h.test", "d", "p"},
		{"hostname=h.test;deviceid=d;sharedaccesskey=" + key, "h.test", "d", "ccc"},
		{"HostName =h.test;DeviceId= d;SharedAccessKey=" + key, "h.test", "d", "cc"},
		{" HostName=h.test;DeviceId=d;SharedAccessKey=" + key, "h.test", "d", "c"},
		{"HostName=h.test;SharedAccessKeyName=owner;SharedAccessKey=" + key, "h.test", "", "cc"},
		{"HostName=h.test;DeviceId=d;x509=true", "h.test", "d", "cc"},
		{"<ADD DEVICE CONNECTION STRING HERE>", "", "", "p"},
		{"${CONNECTION_STRING}", "", "", "p"},
		{"HostName=h.test;DeviceId", "h.test", "", "ccc"},
		{"", "", "", "ccc"},
	} {
		c := readDaemonString(tt.text)
		kinds := ""
		for _, f := range c.faults {
			kinds += string(f.kind[0])
			if strings.Contains(f.text+f.remedy, key) || f.text == "" || f.remedy == "" {
				t.Errorf("%q: %+v", tt.text, f)
			}
		}
		if c.values["HostName"] != tt.hub || c.values["DeviceId"] != tt.id || kinds != tt.kinds {
			t.Errorf("%q: got %q, %q, %q", tt.text, c.values["HostName"], c.values["DeviceId"], kinds)
		}
	}
}

// TestYAMLBounds: neither aliases nor depth make a small file a large one.
func TestYAMLBounds(t *testing.T) {
	t.Parallel()
	bomb := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		prev := string(c - 1)
		bomb += string(c) + ": &" + string(c) + " [" + strings.TrimSuffix(strings.Repeat("*"+prev+",", 10), ",") + "]\n"
	}
	if _, err := parseYAML("/f", ConfigYAML, []byte(bomb)); err == nil {
		t.Error("a bomb of aliases is read")
	}
	for _, deep := range []string{"a: " + strings.Repeat("[", 40000), "a: " + strings.Repeat("{a: ", 20000),
		strings.Repeat("- ", 60000) + "x", strings.Repeat("? ", 60000) + "x"} {
		if _, err := parseYAML("/f", ConfigYAML, []byte(deep)); err == nil || !strings.Contains(err.Error(), "depth") {
			t.Errorf("%.20s: %v", deep, err)
		}
	}
	nested := strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	if f, err := parseYAML("/f", ConfigYAML, []byte("a: 1\nb: "+nested)); err != nil || len(f.entries) > 100 {
		t.Errorf("9,000 levels: %v", err)
	}
	for _, flat := range []string{"a: '" + strings.Repeat("[", 100) + "'\n", "a: \"\\\"" + strings.Repeat("[", 100) +
		"\"\n", "a: don't\nb: [1]\n"} {
		if _, err := parseYAML("/f", ConfigYAML, []byte(flat)); err != nil {
			t.Errorf("%.20s: %v", flat, err)
		}
	}
	f, err := parseYAML("/f", ConfigYAML, []byte("a: &x {b: *x}\nc: *x\n"))
	if err == nil && len(f.entries) > maxYAMLNodes {
		t.Error("an alias to itself has no bound")
	}
}

func FuzzDaemonString(f *testing.F) {
	f.Add("HostName=h;DeviceId=d;SharedAccessKey=c2VjcmV0")
	f.Add(" hostname = ;=;SharedAccessKey==")
	f.Fuzz(func(t *testing.T, text string) {
		c := readDaemonString(text)
		for k, v := range c.values {
			if v != strings.TrimSpace(v) || !strings.Contains(text, v) || k == "" {
				t.Fatalf("%q: %q=%q", text, k, v)
			}
		}
	})
}

// TestYAMLFaults: what is wrong, and in which line.
func TestYAMLFaults(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a: 1\nb: {c: 1]\nd: 2\n":    "2 a comma or } is missing here",
		"a: 1\nb: [1\nc: 2\n":        "3 a comma or ] is missing here",
		"a: 1\nb: \"x\nc: 2\n":       "2 the text in quotes that begins",
		"a: 1\n b: 2\n":              "2 mapping values are not allowed",
		"a:\n  b: 1\n c: 2\n":        "3 a key is missing here, or",
		"a: *x\n":                    "1 unknown anchor",
		"a: 1\n---\nb: 2\n":          "3 a second document begins",
		"---\n---\na: 1\n...\n# x\n": "",
	} {
		_, err := parseYAML("/f", ConfigYAML, []byte(text))
		if line, reason, ok := strings.Cut(want, " "); ok {
			want = "/f:" + line + ": expected YAML (key: value, indented by spaces); " + reason
		}
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestYAMLKeys: keys behind a question mark are keys, and merges are named, which the daemon does not make.
func TestYAMLKeys(t *testing.T) {
	t.Parallel()
	f, err := parseYAML("/f", ConfigYAML, []byte("? agent\n: {env: {UpstreamProtocol: AmqpWs}}\nx: &x {a: b}\ny:\n  <<: *x\n"))
	if err != nil {
		t.Fatal(err)
	}
	if f.entries["agent.env.UpstreamProtocol"].value != "AmqpWs" || len(f.merges) != 1 || f.merges[0] != 5 {
		t.Errorf("got %+v", f)
	}
	d := &Device{Old: true}
	d.readYAML("/f", []byte("b: &b {https_proxy: \"http://p:1\"}\nagent:\n  env:\n    <<: *b\n"), "")
	found := false
	for _, x := range d.Faults {
		found = found || x.Line == 4 && strings.Contains(x.Text, "<< merges nothing")
	}
	if !found {
		t.Errorf("got %+v", d.Faults)
	}
}

func TestUTF16(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"\xff\xfea\x00=\x001\x00", "\xfe\xff\x00a\x00:\x001"} {
		_, err := parseTOML("/f", ConfigTOML, []byte(text))
		_, yerr := parseYAML("/f", ConfigYAML, []byte(text))
		for _, err := range []error{err, yerr} {
			if err == nil || !strings.Contains(err.Error(), "UTF-16") {
				t.Errorf("%q: %v", text, err)
			}
		}
	}
}
