package show

import (
	"encoding/csv"
	"io"
	"strconv"

	"edgenet/internal/fleet"
)

// CSV writes the numbers as rows of field, value and devices: what spreadsheets group by.
func CSV(w io.Writer, s *fleet.Summary) error {
	c := csv.NewWriter(w)
	row := func(field, value string, n int) { _ = c.Write([]string{field, harmless(value), strconv.Itoa(n)}) }
	_ = c.Write([]string{"field", "value", "devices"})
	row("devices", "", s.Devices)
	row("silent", "", s.Silent)
	row("stale", "", s.Stale)
	row("reporting", "", s.Reporting)
	for _, name := range sorted(s.SilentSince) {
		row("silentSince", name, s.SilentSince[name])
	}
	for _, f := range s.By.Fields() {
		for _, value := range sorted(f.Counts) {
			row(f.Name, value, f.Counts[value])
		}
	}
	for _, x := range s.Worst {
		row("worst:"+harmless(x.Tag), x.Value, x.Bad)
	}
	c.Flush()
	return c.Error()
}

// harmless keeps a spreadsheet from taking a stranger's text for a formula.
func harmless(s string) string {
	if s != "" && (s[0] == '=' || s[0] == '+' || s[0] == '-' || s[0] == '@' || s[0] == '\t') {
		return "'" + s
	}
	return s
}
