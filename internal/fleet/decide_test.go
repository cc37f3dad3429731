package fleet

import (
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"edgenet/internal/proxyurl"
	"edgenet/report"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) string { return noon.Add(-d).Format(time.RFC3339) }

func classesWith(t *testing.T, names ...string) *Classes {
	t.Helper()
	c := &Classes{}
	for _, name := range names {
		p, err := proxyurl.Parse("http://"+name+".corp:3128", "test")
		if err != nil {
			t.Fatal(err)
		}
		c.Proxies = append(c.Proxies, NamedProxy{Name: name, Proxy: p, Sites: []string{"site-" + name}})
	}
	return c
}

// broken is a device whose AMQP is closed, and whose AMQP over WebSocket works.
func broken() *Device {
	return &Device{ID: "d", Site: "site-proxya", Report: &Report{Schema: Schema, Status: "ok", Configured: "AMQP",
		Recommended: "AMQPWS", Route: "direct",
		CheckedAt: ago(time.Hour), ChangedAt: ago(48 * time.Hour), EdgeHub: "online",
		Direct: map[string]string{"AMQP": "tcp.timeout", "MQTT": "tcp.timeout", "AMQPWS": "ok", "MQTTWS": "ok",
			"HTTPS": "ok"}}}
}

// proxied is one that works by its proxy alone.
func proxied() *Device {
	d := broken()
	d.Report.Direct = map[string]string{"AMQP": "tcp.timeout", "AMQPWS": "tcp.timeout", "HTTPS": "tcp.timeout"}
	d.Report.Proxy = map[string]string{"AMQPWS": "ok", "HTTPS": "ok"}
	d.Report.Route, d.Report.ProxySource = "proxy", "env"
	return d
}

// TestDecide has a row for every way through the rules F1 to F4.
func TestDecide(t *testing.T) {
	t.Parallel()
	rules := Rules{Now: noon, Fresh: 24 * time.Hour, Steady: 24 * time.Hour}
	for _, c := range []struct {
		name   string
		device func() *Device
		change func(d *Device, r *Rules)
		want   string // the class it moves to, stay, or the rule that holds it
		says   string
	}{
		{"F1 directly", broken, nil, "amqpws", ""},
		{"F1 by the site's proxy", proxied, nil, "amqpws-proxya", ""},
		{"F1 another protocol", broken, func(d *Device, _ *Rules) {
			d.Report.Recommended = "MQTTWS"
			d.Report.Direct["AMQPWS"] = "ws.status"
		}, "mqttws", ""},
		{"F1 a site without a named proxy", proxied, func(d *Device, _ *Rules) { d.Site = "elsewhere" }, "F1",
			"which proxy"},
		{"F1 by its module's own setting", proxied, func(d *Device, _ *Rules) {
			d.Site, d.Running = "elsewhere", &Running{Module: "http://proxyb.corp:3128"}
		}, "amqpws-proxyb", ""},
		{"F1 by its desired property", proxied, func(d *Device, _ *Rules) {
			d.Site, d.Report.ProxySource, d.Proxies = "", "twin", []string{"http://PROXYB.corp:3128"}
		}, "amqpws-proxyb", ""},
		{"F1 a proxy that has no name", proxied, func(d *Device,
			_ *Rules) {
			d.Running = &Running{Module: "http://other.corp:3128"}
		}, "F1", "no name"},
		{"F2 two proxies and no word which", proxied, func(d *Device, _ *Rules) {
			d.Report.ProxySource, d.Proxies = "twin", []string{"http://proxya.corp:3128", "http://proxyb.corp:3128"}
		}, "F2", "several"},
		{"F4 another proxy than its site's", proxied, func(d *Device,
			_ *Rules) {
			d.Running = &Running{Module: "http://proxyb.corp:3128"}
		}, "F4", "says that its site has"},
		{"F2 old", broken, func(d *Device, _ *Rules) { d.Report.CheckedAt = ago(25 * time.Hour) }, "F2", "silent"},
		{"F2 just young enough", broken, func(d *Device,
			_ *Rules) {
			d.Report.CheckedAt = ago(24*time.Hour - time.Second)
		},
			"amqpws", ""},
		{"F2 just too old", broken, func(d *Device, _ *Rules) { d.Report.CheckedAt = ago(24 * time.Hour) },
			"F2", "silent"},
		{"F2 changed lately", broken, func(d *Device, _ *Rules) { d.Report.ChangedAt = ago(23 * time.Hour) }, "F2",
			"changed"},
		{"F2 stands long enough", broken, func(d *Device, _ *Rules) { d.Report.ChangedAt = ago(24 * time.Hour) },
			"amqpws",
			""},
		{"F2 no word since when", broken, func(d *Device, _ *Rules) { d.Report.ChangedAt = "" }, "F2", "since when"},
		{"F2 flapping", broken, func(d *Device, _ *Rules) { d.Report.Flapping = []string{"AMQPWS@direct"} }, "F2",
			"flapping"},
		{"F2 a suspect clock", broken, func(d *Device, _ *Rules) { d.Report.ClockSuspect = true }, "F2", "clock"},
		{"F2 checked in the future", broken, func(d *Device, _ *Rules) { d.Report.CheckedAt = ago(-time.Hour) }, "F2",
			"future"},
		{"F2 nothing works", broken, func(d *Device, _ *Rules) {
			d.Report.Direct = map[string]string{"AMQP": "tcp.timeout", "AMQPWS": "tcp.timeout"}
		}, "F2", "nothing is proven"},
		{"F2 not tried", broken, func(d *Device,
			_ *Rules) {
			d.Report.Direct = map[string]string{"AMQP": "tcp.timeout"}
		},
			"F2", "nothing is proven"},
		{"F2 recommended, and not proven", broken, func(d *Device, _ *Rules) { delete(d.Report.Direct, "AMQPWS") },
			"mqttws", ""},
		{"F2 the daemon's HTTPS fails there", broken, func(d *Device,
			_ *Rules) {
			d.Report.Direct["HTTPS"] = "tls.untrusted"
		}, "F2", "nothing is proven"},
		{"F2 by a proxy only what goes through one", proxied, func(d *Device, _ *Rules) {
			d.Report.Proxy = map[string]string{"AMQP": "ok", "MQTT": "ok", "HTTPS": "ok"}
		}, "F2", "nothing is proven"},
		{"F3 works", broken, func(d *Device, _ *Rules) { d.Report.Direct["AMQP"] = "ok" }, "stay", ""},
		{"F3 works, and is unsteady", broken, func(d *Device, _ *Rules) {
			d.Report.Direct["AMQP"], d.Report.Flapping = "ok", []string{"AMQPWS@direct"}
		}, "stay", ""},
		{"F3 unset is AMQP", broken, func(d *Device, _ *Rules) {
			d.Report.Configured,
				d.Report.Direct["AMQP"] = "", "ok"
		},
			"stay", ""},
		{"F3 preferred", broken, func(d *Device, r *Rules) {
			d.Report.Direct["AMQP"], r.Prefer = "ok",
				[]report.Protocol{report.MQTTWS}
		}, "mqttws", ""},
		{"F3 has what is preferred", broken, func(d *Device, r *Rules) {
			d.Report.Direct["AMQP"], r.Prefer = "ok",
				[]report.Protocol{report.AMQP}
		}, "stay", ""},
		{"F3 the preferred is not proven", broken, func(d *Device, r *Rules) {
			d.Report.Direct["AMQP"], d.Report.Direct["MQTTWS"], r.Prefer = "ok", "ws.status",
				[]report.Protocol{report.MQTTWS}
		}, "stay", ""},
		{"F3 by what edgeHub is given, not by what is said", broken, func(d *Device,
			_ *Rules) {
			d.Running = &Running{Known: true, Protocol: report.AMQPWS}
		}, "stay", ""},
		{"F3 directly, and only the proxy works", proxied, func(d *Device, _ *Rules) {
			d.Report.Configured, d.Report.EdgeHub, d.Running = "AMQPWS", "offline", &Running{Known: true,
				Protocol: report.AMQPWS}
		}, "amqpws-proxya", ""},
		{"F4 never reported", broken, func(d *Device, _ *Rules) { d.Report = nil }, "F4", "never reported"},
		{"F4 unreadable", broken, func(d *Device, _ *Rules) { d.Report.Odd = true }, "F4", "cannot be read"},
		{"F4 another schema", broken, func(d *Device, _ *Rules) { d.Report.Schema = "edgenet.twin/9" }, "F4",
			"cannot be read"},
		{"F4 no time of its check", broken, func(d *Device, _ *Rules) { d.Report.CheckedAt = "yesterday" }, "F4",
			"when it was checked"},
		{"F4 agent and hub differ", broken, func(d *Device, _ *Rules) {
			d.Running = &Running{Known: true,
				Protocol: report.AMQP, Differ: true}
		}, "F4", "different protocols"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, r := c.device(), rules
			if c.change != nil {
				c.change(d, &r)
			}
			classes := classesWith(t, "proxya", "proxyb")
			got := Decide(d, classes, r)
			name := string(got.Rule)
			switch got.Fate {
			case Move:
				name = got.To.Name()
			case Stay:
				name = "stay"
			default:
				if !strings.HasPrefix(got.Reason, string(got.Rule)+" ") {
					t.Errorf("the reason %q does not begin with its rule", got.Reason)
				}
			}
			if name != c.want || !strings.Contains(got.Reason, c.says) {
				t.Errorf("got %s (%s), want %s with %q", name, got.Reason, c.want, c.says)
			}
			if got.Fate == Move && (got.Evidence.CheckedAt != d.Report.CheckedAt ||
				got.Evidence.Path != got.To.Path()) {
				t.Errorf("evidence %+v", got.Evidence)
			}
			if early, final := Screen(d, classes, r); final && early.Fate != got.Fate {
				t.Errorf("the report alone says %s, all twins say %s", early.Fate, got.Fate)
			}
		})
	}
}

// TestNeverUnproven: whatever a twin says, a device is moved only to what the same twin says
// ok of, and never by evidence that is old, unsteady or of a wrong clock.
func TestNeverUnproven(t *testing.T) {
	t.Parallel()
	classes := classesWith(t, "proxya")
	rules := Rules{Now: noon, Fresh: 24 * time.Hour, Steady: 24 * time.Hour}
	labels := []string{"", "ok", "tcp.timeout"}
	moved := 0
	for n := range 3 * 3 * 3 * 3 * 3 * 3 * 2 * 2 * 2 * 2 {
		pick := func(k int) int { x := n % k; n /= k; return x }
		d := broken()
		r := d.Report
		r.Direct = map[string]string{"AMQP": labels[pick(3)], "AMQPWS": labels[pick(3)], "HTTPS": labels[pick(3)]}
		r.Proxy = map[string]string{"AMQPWS": labels[pick(3)], "MQTTWS": labels[pick(3)], "HTTPS": labels[pick(3)]}
		if pick(2) == 1 {
			r.Flapping = []string{"x"}
		}
		if pick(2) == 1 {
			r.ChangedAt = ago(time.Hour)
		}
		r.ClockSuspect = pick(2) == 1
		if pick(2) == 1 {
			rules.Prefer = []report.Protocol{report.AMQPWS}
		} else {
			rules.Prefer = nil
		}
		got := Decide(d, classes, rules)
		if got.Fate != Move {
			continue
		}
		moved++
		route := r.Direct
		if got.To.Proxy != "" {
			route = r.Proxy
		}
		if route[string(got.To.Protocol)] != "ok" || route["HTTPS"] == "tcp.timeout" || len(r.Flapping) > 0 ||
			r.ClockSuspect || r.ChangedAt == ago(time.Hour) {
			t.Fatalf("%+v moves to %s", r, got.To.Name())
		}
	}
	if moved < 100 {
		t.Errorf("only %d of the twins moved", moved)
	}
}
