package logs

import (
	"slices"
	"strings"

	"edgenet/internal/logs/pattern"
	"edgenet/internal/logs/record"
)

// gap counts an error of the runtime that is not understood, and keeps the first ones to be shown.
func (c *collector) gap(who pattern.Who, rec *record.Record) {
	if who != pattern.Agent && who != pattern.Hub && who&pattern.Daemons == 0 {
		return
	}
	c.gaps++
	c.share(who).gaps++
	if len(c.g.strange) >= maxStrange {
		return
	}
	text := who.Name() + ": " + plain(rec.Said)
	if len(rec.More) > 0 {
		text += " … " + plain(rec.More[0])
	}
	text = c.g.clean(text, 160)
	if !slices.Contains(c.g.strange, text) {
		c.g.strange = append(c.g.strange, text)
	}
}

// plain gives the words with which a text begins, and the name of its exception. What is not understood may hold a
// secret in any disguise, so that all is left out from where it is more than words.
func plain(text string) string {
	text = text[:min(len(text), maxQuoted)]
	var out []string
	for _, word := range strings.Fields(text) {
		bare := strings.Trim(word, ".,;:()'\"")
		if strings.HasSuffix(bare, "Exception") {
			bare = strings.ReplaceAll(bare, ".", "")
		}
		if strings.Trim(bare, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-") != "" || len(bare) > 80 {
			out = append(out, "…")
			break
		}
		out = append(out, word)
	}
	return strings.Join(out, " ")
}

// maxStrange is how many errors that are not understood are shown.
const maxStrange = 3

// carriesError tells whether a record holds an error: an exception, or of a daemon one that ends something.
func carriesError(rec *record.Record) bool {
	if rec.Form == record.FormRust {
		return rec.Level == record.LevelError && slices.ContainsFunc(rec.More, func(l string) bool {
			return strings.Contains(l, "caused by") && !strings.Contains(l, "!!!")
		})
	}
	if rec.Level != record.LevelWarn && rec.Level != record.LevelError && rec.Level != record.LevelFatal {
		return false
	}
	return strings.Contains(rec.Said, "Exception") ||
		slices.ContainsFunc(rec.More, func(l string) bool { return strings.Contains(l, "Exception") })
}

// stranger looks whether a line is of another component than the one after which the file is named: an issue that was
// saved as edgehub.md holds edgeAgent's log, too.
func (c *collector) stranger(rec *record.Record, named pattern.Who) pattern.Who {
	if rec.Tag != c.tag || named&(pattern.Agent|pattern.Hub) == 0 {
		return named
	}
	if all := c.g.matcher.Writers(rec); all.Name() != "" && all&named == 0 {
		c.several = true
	}
	if who := pattern.Who(0); c.several {
		if who = c.unnamed(rec); who != 0 {
			return who
		}
	}
	return named
}

// maxHead is how far from its beginning a line tells its level, in bytes.
const maxHead = 48

// alien counts an error of another program that was pasted beside the runtime's lines: it is read by no row, and who
// pasted it may have meant just that.
func (c *collector) alien(text []byte) {
	said := alienError(text)
	if said == "" {
		return
	}
	c.gaps++
	if said = c.g.clean(said, 120); len(c.g.aliens) < maxStrange && !slices.Contains(c.g.aliens, said) {
		c.g.aliens = append(c.g.aliens, said)
	}
}

// alienError is what a line of another program says behind a moment and the level of an error; empty where it is
// no such line.
func alienError(text []byte) (said string) {
	head := string(text[:min(len(text), maxHead)])
	if strings.HasPrefix(head, "Traceback (most recent call last)") {
		return "Traceback"
	}
	if !strings.ContainsAny(head[:min(len(head), 2)], "0123456789") {
		return ""
	}
	for _, level := range [...]string{" ERR] ", " FTL] ", "[ERR] ", "[error] ", " ERROR ", "[ERROR] ", " CRITICAL "} {
		at := strings.Index(head, level)
		if at >= 0 && strings.Trim(head[:at], "0123456789-/:.,+TZ []") == "" {
			said = plain(string(text[at+len(level) : min(len(text), maxQuoted)]))
		}
	}
	return said
}
