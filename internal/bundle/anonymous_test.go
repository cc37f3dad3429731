package bundle

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
)

// site are members as a device of one site makes them: every name of it is in secrets.
func site() []Member {
	return []Member{
		{"README.txt", []byte("made on gw-17 for plant-3\n")},
		{ReportName, []byte(`{"schema": "edgenet.report/1", "target": {"hub": "contoso.azure-devices.net"},
 "device": {"host": "gw-17", "id": "line 4@west", "labels": {"site": "plant-3"}},
 "routes": [{"id": "direct"}, {"id": "proxy", "url": "http://anna:****@proxy.corp.contoso.com:3128"}],
 "results": [{"id": "r1", "host": "contoso.azure-devices.net", "route": "direct", "status": "failed", "cause": "tcp.timeout",
  "summary": "no answer from 10.20.30.40:5671 (contoso.azure-devices.net) within 10 s: [fd12:3456::9]:443, 203.0.113.77.",
  "steps": [{"stage": "dns", "detail": {"addresses": ["10.20.30.40", "fd12:3456::9"], "resolver": "10.20.30.53:53",
   "cname": ["contoso.privatelink.azure-devices.net"]}},
   {"stage": "tls", "detail": {"chain": [{"subject": "CN=*.azure-devices.net", "issuer": "CN=FortiGate CA"}],
    "names": ["*.azure-devices.net", "portal.intern.contoso.com"], "at": "2026-01-02T03:04:05.011Z"}},
   {"stage": "tcp", "detail": {"local": "192.168.7.9:41234", "remote": "127.0.0.1:443", "mac": "02:42:AC:11:00:07"}}]}]}`)},
		{"config.json", []byte(`{"rows": [{"setting": "device-id", "value": "line 4@west"},
 {"setting": "parent", "value": "gw-parent"}, {"setting": "hub", "value": "CONTOSO.azure-devices.net"},
 {"setting": "proxy", "value": "http://proxy.corp.contoso.com:3128"}]}`)},
		{"logs.json", []byte(`{"device": {"id": "line 4@west", "hub": "contoso.azure-devices.net"},
 "events": [{"text": "gw-17 edgeHub: could not reach westplant.azurecr.io:443 nor mirror.corp.contoso.com nor gw-parent"},
  {"text": "System.Net.Sockets at /home/anna/x: IotHub contoso, registry westplant; mcr.microsoft.com answers"}]}`)},
		{"notes.txt", []byte("edgenet logs\ntimeout to files.contoso.com and https://wiki.intern/x, 198.51.100.9:443 and fe80::1%eth0\n")},
	}
}

var secrets = []string{"contoso", "gw-17", "gw-parent", "line 4", "plant-3", "anna", "10.20.30.", "fd12:", "192.168.7", "203.0.113",
	"02:42:ac", "proxy.corp", "westplant", "wiki.intern", "198.51.100", "fe80::1", "mirror", "portal"}

func TestAnonymousHidesEveryName(t *testing.T) {
	t.Parallel()
	before := site()
	got := Anonymous(before, Known{Names: []string{"gw-17"}})
	again := Anonymous(site(), Known{Names: []string{"gw-17"}})
	all := ""
	for i, m := range got {
		all += string(m.Text)
		if m.Name != before[i].Name || strings.HasSuffix(m.Name, ".json") && !json.Valid(m.Text) {
			t.Errorf("%s: %s", m.Name, m.Text)
		}
		if !bytes.Equal(m.Text, again[i].Text) {
			t.Errorf("%s is another one the second time", m.Name)
		}
		for _, s := range secrets {
			if strings.Contains(strings.ToLower(string(m.Text)), s) {
				t.Errorf("%s: %q is in\n%s", m.Name, s, m.Text)
			}
			if i == 0 && !strings.Contains(strings.ToLower(string(bytes.Join(texts(before), nil))), s) {
				t.Errorf("%q was never there", s)
			}
		}
	}
	for _, want := range []string{`"cause": "tcp.timeout"`, `"route": "direct"`, ".azure-devices.net", ".azurecr.io", "mcr.microsoft.com",
		"System.Net.Sockets", "FortiGate CA", "127.0.0.1:443", "2026-01-02T03:04:05.011Z", "*.azure-devices.net",
		".privatelink.azure-devices.net"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is gone from\n%s", want, all)
		}
	}
}

func texts(members []Member) [][]byte {
	var out [][]byte
	for _, m := range members {
		out = append(out, m.Text)
	}
	return out
}

// One name has one placeholder in all members, and two names have two.
func TestAnonymousIsConsistent(t *testing.T) {
	t.Parallel()
	got := Anonymous(site(), Known{Names: []string{"gw-17"}})
	var r struct {
		Target  struct{ Hub string }
		Device  struct{ Host, ID string }
		Results []struct{ Host, Summary string }
	}
	var c struct{ Rows []struct{ Value string } }
	if err := json.Unmarshal(got[1].Text, &r); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(got[2].Text, &c); err != nil {
		t.Fatal(err)
	}
	if r.Target.Hub != r.Results[0].Host || c.Rows[2].Value != r.Target.Hub || c.Rows[0].Value != r.Device.ID ||
		!strings.Contains(r.Results[0].Summary, "("+r.Target.Hub+")") || !strings.Contains(string(got[0].Text), r.Device.Host) {
		t.Errorf("%+v\n%+v\n%s", r, c, got[0].Text)
	}
	label, _, _ := strings.Cut(r.Target.Hub, ".")
	if !strings.Contains(string(got[3].Text), "IotHub "+label+",") {
		t.Errorf("%q is not in %s", label, got[3].Text)
	}
	names := map[string]bool{r.Target.Hub: true, r.Device.Host: true, r.Device.ID: true, c.Rows[1].Value: true, c.Rows[3].Value: true}
	if len(names) != 5 {
		t.Errorf("%v", slices.Sorted(maps.Keys(names)))
	}
}

// A device that is called as our own words are does not spoil them.
func TestAnonymousKeepsOurWords(t *testing.T) {
	t.Parallel()
	got := Anonymous([]Member{{ReportName, []byte(`{"device": {"id": "proxy", "host": "edge"}, "target": {"hub": "host.azure-devices.net"},
 "routes": [{"id": "direct"}], "results": [{"route": "proxy", "host": "host.azure-devices.net", "summary": "IoT Edge at the proxy"}]}`)}},
		Known{Devices: []string{"failed"}})
	s := string(got[0].Text)
	for _, want := range []string{`"id": "device-`, `"host": "host-`, `"route": "proxy"`, `IoT Edge at the proxy`, `"hub": "hub-1.azure-devices.net"`} {
		if !strings.Contains(s, want) {
			t.Errorf("%q is not in %s", want, s)
		}
	}
}

// Whatever is in a member, JSON stays JSON and no address of a private range stays.
func FuzzAnonymous(f *testing.F) {
	for _, m := range site() {
		f.Add(m.Text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		out := Anonymous([]Member{{"x.json", text}}, Known{Hosts: []string{"gw-17.contoso.com"}})[0].Text
		if json.Valid(text) && !json.Valid(out) {
			t.Errorf("%q became %q", text, out)
		}
	})
}
