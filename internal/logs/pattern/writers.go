package pattern

import (
	"strings"

	"edgenet/internal/logs/record"
)

// Writers tells who may have written a record, of those that the table knows; zero where no
// row fits.
func (m *Matcher) Writers(rec *record.Record) (all Who) {
	if len(rec.Said) < keySize {
		return 0
	}
	for _, r := range m.index[keyOf(rec.Said)] {
		if possible(r, rec, 0) && strings.HasPrefix(rec.Said, r.Prefix) && strings.Contains(rec.Said, r.Has) {
			all |= r.On & familyWho(rec.Form)
		}
	}
	for _, r := range m.deep {
		if all == 0 && r.ID != otherError && possible(r, rec, 0) && rec.Form != record.FormNone && holds(rec, r.Has) {
			all = r.On & familyWho(rec.Form)
		}
	}
	return all
}

// familyWho are the components that write in a grammar.
func familyWho(f record.Form) Who {
	switch f {
	case record.FormNET, record.FormOld:
		return net
	case record.FormRust:
		return daemon
	case record.FormWin:
		return daemon
	case record.FormEntry:
		return Dockerd
	}
	return ^Who(0)
}

// ByErrors tells which of several wrote a record, by the errors in it: what names a
// resolver, a certificate or a service's answer is about the cloud, and of the daemons
// only identityd talks to it from 1.2 on. Zero where that does not tell either.
func (m *Matcher) ByErrors(rec *record.Record, all Who) Who {
	if all&Identityd == 0 {
		return 0
	}
	for _, b := range branches(rec.Said, rec.More) {
		for _, s := range b.segments {
			if row, _ := m.segment(fromRust, true, s.text, around{}); row != nil && row.never {
				return Identityd
			}
		}
	}
	return 0
}
