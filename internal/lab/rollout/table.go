package rollout

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Row is a strategy with what became of its fleets.
type Row struct {
	Name     string
	Outcomes []Outcome
}

// figures are the columns of numbers, in the order of Table's heads.
var figures = []func(Outcome) int{
	func(o Outcome) int { return o.Moved },
	func(o Outcome) int { return o.Stranded },
	func(o Outcome) int { return o.Saveable },
	func(o Outcome) int { return o.Changed },
	func(o Outcome) int { return o.Later },
	func(o Outcome) int { return o.Mute },
	func(o Outcome) int { return o.Over },
}

// Table is the comparison as Markdown: of each figure the mean of all seeds, and the
// least and the most.
func Table(rows []Row) string {
	var b strings.Builder
	heads := []string{"strategy", "fleets", "moved", "stranded", "evidence could have saved",
		"proven, and the network had changed",
		"came back, cut off later", "edgeHub alone cut off", "calls beyond the limits", "took"}
	b.WriteString("| " + strings.Join(heads, " | ") + " |\n" + strings.Repeat("|---", len(heads)) + "|\n")
	for _, r := range rows {
		cells := []string{r.Name, fmt.Sprint(len(r.Outcomes))}
		for _, of := range figures {
			cells = append(cells, r.figure(of))
		}
		b.WriteString("| " + strings.Join(append(cells, r.took()), " | ") + " |\n")
	}
	return b.String()
}

// figure is a mean with the least and the most; one number where they are the same.
func (r Row) figure(of func(Outcome) int) string {
	var all []int
	sum := 0
	for _, o := range r.Outcomes {
		all = append(all, of(o))
		sum += of(o)
	}
	if len(all) == 0 {
		return "-"
	}
	least, most := slices.Min(all), slices.Max(all)
	if least == most {
		return fmt.Sprint(least)
	}
	return fmt.Sprintf("%.1f (%d to %d)", float64(sum)/float64(len(all)), least, most)
}

// took is the longest that the strategy ran.
func (r Row) took() string {
	var most time.Duration
	for _, o := range r.Outcomes {
		most = max(most, o.Took)
	}
	return most.Round(time.Minute).String()
}
