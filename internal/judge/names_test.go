package judge

import (
	"testing"
	"time"

	"edgenet/report"
)

func TestShortName(t *testing.T) {
	t.Parallel()
	for dn, want := range map[string]string{
		"CN=FortiGate CA,OU=Certificate Authority,O=Fortinet,L=Sunnyvale,C=US": "FortiGate CA, Fortinet",
		"CN=ISRG Root X1,O=ISRG":           "ISRG Root X1",
		"CN=Corp Root":                     "Corp Root",
		`CN=Corp\, Ltd. Root,O=Corp\, Ltd`: "Corp, Ltd. Root",
		"CN=a+SERIALNUMBER=1,O=b":          "a, b",
		"O=No Common Name,C=DE":            "O=No Common Name,C=DE",
		"SERIALNUMBER=CN=x,O=y":            "SERIALNUMBER=CN=x,O=y",
		`CN=ends in a backslash\`:          `ends in a backslash\`,
		"":                                 "",
	} {
		if got := shortName(dn); got != want {
			t.Errorf("%q: %q, want %q", dn, got, want)
		}
	}
}

func TestLongWords(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		74 * time.Second: "74 s", 9*time.Minute + 50*time.Second: "590 s", time.Hour: "60 min",
		30 * time.Hour: "30 h", 40 * 24 * time.Hour: "40 days", 134155642 * time.Second: "4.3 years",
	} {
		if got := longWords(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// A clock that is off is one thing to do, however its paths fail: AMQP shows no server's time.
func TestClockIsAskedOnce(t *testing.T) {
	t.Parallel()
	q := asking(t, "direct")
	rs := pathLines(t, q, every("direct", "tls.expired")...)
	for i := range rs {
		if rs[i].Port == 443 {
			target(&rs[i], report.StageTLS, &report.TLSDetail{SkewMs: skewOf(5 * time.Hour)})
		}
	}
	r := &report.Report{Results: rs}
	Conclude(r, q, false)
	clock := 0
	for _, a := range r.Advice {
		if a.Actor == report.ActorHost {
			clock++
		}
	}
	if clock != 1 {
		t.Errorf("asked %d times:\n%s", clock, told(r))
	}
}
