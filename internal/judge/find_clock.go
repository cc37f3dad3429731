package judge

import (
	"fmt"
	"slices"

	"edgenet/report"
)

// showsClock tells whether a server's time came with a path.
func showsClock(r *report.Result) bool {
	for _, st := range r.Steps {
		switch d := st.Detail.(type) {
		case *report.HTTPDetail:
			if d.SkewMs != nil {
				return true
			}
		case *report.TLSDetail:
			if d.SkewMs != nil {
				return true
			}
		case *report.ConnectDetail:
			if d.Date != nil {
				return true
			}
		}
	}
	return false
}

// failsByClock tells whether a path that showed no server's time failed for this host's clock
// all the same, as blameClock found: it is the same fault, and the same thing to do.
func failsByClock(r *report.Result) bool {
	return failed(r) && r.Actor == report.ActorHost &&
		(r.Cause == report.TLSExpired || r.Cause == report.TLSNotYetValid || r.Cause == report.AuthClock)
}

// offTime tells whether a path failed for its certificate's time, and not for a box whose own certificate is past it.
func offTime(r *report.Result) bool {
	return failed(r) && (r.Cause == report.TLSExpired || r.Cause == report.TLSNotYetValid) && !inspectorsFault(r)
}

// untimely tells whether a path that failed for who issued its certificate would fail for this host's
// clock as well: the certificate is not valid now, and no server's time says that the clock is right.
func (v *view) untimely(r *report.Result) bool {
	d, c := tlsDetail(r), leaf(r)
	if !failed(r) || c == nil || d.At == nil || r.Cause != report.TLSIntercepted && r.Cause != report.TLSUntrusted ||
		!d.At.Before(c.NotBefore) && !d.At.After(c.NotAfter) {
		return false
	}
	skew, told := clockSkew(v.results)
	return !told || skew.Abs() >= clockNoise && validThen(r, skew)
}

func untimelyWords(r *report.Result) string {
	const day = "2006-01-02 15:04"
	c := leaf(r)
	return fmt.Sprintf("this host's clock says %s UTC, and the certificate that is shown is valid from %s to %s",
		tlsDetail(r).At.UTC().Format(day), c.NotBefore.UTC().Format(day), c.NotAfter.UTC().Format(day))
}

// clockSkewed: warning from 60 s, error from the hub's tolerance. Where no server told the time, what
// a certificate's makes doubtful is to be looked at.
func clockSkewed(v *view) []conclusion {
	skew, told := clockSkew(v.results)
	with := v.matching(func(r *report.Result) bool {
		return v.untimely(r) || told && (showsClock(r) || failsByClock(r))
	})
	i := slices.IndexFunc(with, v.untimely)
	switch {
	case told && skew.Abs() >= clockNoise:
		return one(conclusion{facts: report.Facts{Grave: skew.Abs() >= clockTolerance || i >= 0}, results: with,
			summary: skewWords(skew) + "; the hub refuses tokens from 5 min on",
			remedy:  clockRemedy})
	case told || i < 0:
		return nil
	}
	return one(conclusion{facts: report.Facts{Grave: true}, results: with,
		summary: untimelyWords(with[i]) + ": one of them is wrong, and where it is the clock, the hub's own " +
			"certificate will not count either",
		remedy: "Compare this host's clock with another one, and set it if it is wrong (enable NTP, or where UDP 123 " +
			"is closed take the time from the gateway or a time server of the site)."})
}
