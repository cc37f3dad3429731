package ready

import (
	"fmt"
	"time"

	"edgenet/report"
)

// renewal says who replaces a certificate before its end, and when.
type renewal struct {
	itself bool
	at     Threshold
	words  string // behind the day of its end
}

var (
	renewsNever   = renewal{words: ", and nothing renews it"}
	renewsItself  = renewal{itself: true}
	renewsUnknown = renewal{words: "; whether anything renews it was not seen"}
)

// certTime judges a certificate by the clock: by how much of its life is over where it
// renews itself, else by the days that are left.
func certTime(f *Facts, c Cert, what, source string, how renewal) []Row {
	renews := how.itself
	ends := c.NotAfter.UTC().Format(time.DateOnly)
	left, life := c.NotAfter.Sub(f.Now), c.NotAfter.Sub(c.NotBefore)
	r := Row{
		Source: source,
		Evidence: map[string]any{
			"subject":   report.Clean(c.Subject, 200),
			"notBefore": c.NotBefore.UTC(),
			"notAfter":  c.NotAfter.UTC(),
		},
	}
	switch {
	case f.Now.Before(c.NotBefore):
		r.Status, r.Summary = Error, fmt.Sprintf(
			"%s is valid from %s: it is from the future, or this clock is late",
			what,
			c.NotBefore.UTC().Format("2006-01-02 15:04 UTC"),
		)
	case left <= 0:
		r.Status, r.Summary = Error, fmt.Sprintf("%s expired on %s", what, ends)
	case renews && life > 0 && f.Now.After(how.at.overdue(c)):
		r.Status, r.Summary = Warning, fmt.Sprintf(
			"%s should have renewed itself by now: it ends on %s, and %d %% of its life are over",
			what,
			ends,
			int(100*f.Now.Sub(c.NotBefore).Seconds()/life.Seconds()),
		)
	case renews:
		r.Status, r.Summary = OK, fmt.Sprintf("%s renews itself; this one ends on %s", what, ends)
	case left < certNow:
		r.Status, r.Summary = Error, fmt.Sprintf(
			"%s ends on %s, in %d days%s",
			what,
			ends,
			int(left/(24*time.Hour)),
			how.words,
		)
	case left < certSoon:
		r.Status, r.Summary = Warning, fmt.Sprintf(
			"%s ends on %s, in %d days%s",
			what,
			ends,
			int(left/(24*time.Hour)),
			how.words,
		)
	default:
		r.Status, r.Summary = OK, fmt.Sprintf("%s is valid until %s", what, ends)
	}
	return []Row{r}
}
