package secret

import (
	"context"
	"io"
	"net/netip"
	"reflect"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"
)

// Scrubber finds known secrets in texts from strangers and masks them: a proxy's page of
// debugging, or a service's error, may repeat what it was sent. A nil Scrubber, and the
// zero one, know nothing. Its methods may be called from any goroutine.
type Scrubber struct {
	mu    sync.RWMutex
	known map[string]bool // the forms, in lower case
	forms []form          // longest first
	added int
	spare []string
}

// form is one way in which a secret may come back.
type form struct {
	text   string // in lower case
	alone  bool   // short: counts only where no letter or digit is beside it
	secret int    // the number of the secret that it is a form of
}

// mostSecrets bounds what a Scrubber knows: the oldest go first.
const mostSecrets = 256

// The shortest secrets that are looked for by themselves, and inside other words.
const (
	shortest = 4
	anywhere = 6
)

// Spare names texts that a run is full of, such as the hub's name: a secret that is part of
// one is looked for together with its user alone.
func (s *Scrubber) Spare(texts ...string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range texts {
		if t == "" || slices.Contains(s.spare, strings.ToLower(t)) {
			continue
		}
		s.spare = append(s.spare, strings.ToLower(t))
	}
}

// Add makes a secret known in all the forms in which it may come back.
func (s *Scrubber) Add(v Value) {
	if s == nil || v.IsZero() {
		return
	}
	text := v.Reveal()
	s.add(text, len(text) >= shortest && !s.spared(text))
	if _, sig, ok := strings.Cut(text, "sig="); ok { // a SAS token's signature, by itself too
		sig, _, _ = strings.Cut(sig, "&")
		s.add(sig, true)
	}
}

// AddLogin makes a password known, and what HTTP's Basic makes of it and its user.
func (s *Scrubber) AddLogin(user string, password Value) {
	if s == nil || password.IsZero() {
		return
	}
	s.Add(password)
	s.add(user+":"+password.Reveal(), true)
}

// AddTyped makes known what Show would mask of a text.
func (s *Scrubber) AddTyped(text string) {
	if s == nil {
		return
	}
	shown := Show(text, len(text)+1)
	for _, h := range Hidden(text) {
		for _, p := range pieces(h) {
			if _, err := netip.ParseAddr(p); err == nil {
				continue
			}
			if len(p) >= shortest && !plainWord(p) && !strings.Contains(strings.ToLower(shown), strings.ToLower(p)) {
				s.add(p, true)
			}
		}
		if len(h) >= shortest && !plainWord(h) {
			s.add(h, true)
		}
	}
}

func (s *Scrubber) spared(text string) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.ContainsFunc(s.spare, func(x string) bool { return strings.Contains(x, strings.ToLower(text)) })
}

func (s *Scrubber) add(text string, raw bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[string]bool{}
	}
	if first := lower(text); raw && s.known[first] { // known already
		return
	}
	s.added++
	s.forms = slices.DeleteFunc(s.forms, func(f form) bool {
		old := f.secret <= s.added-mostSecrets
		if old {
			delete(s.known, f.text)
		}
		return old
	})
	for _, f := range forms(text, raw) {
		f = strings.ToLower(f)
		if len(f) < shortest || s.known[f] {
			continue
		}
		s.known[f] = true
		s.forms = append(s.forms, form{f, len(f) < anywhere, s.added})
	}
	sort.SliceStable(s.forms, func(i, j int) bool { return len(s.forms[i].text) > len(s.forms[j].text) })
}

// Text masks what is known in a text. A text that was cut inside a secret loses the
// beginning of it that is left.
func (s *Scrubber) Text(text string) string {
	if s == nil || text == "" {
		return text
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if len(s.forms) == 0 {
		return text
	}
	for _, f := range s.forms {
		text = f.mask(text)
	}
	text = s.disguised(text)
	for _, f := range s.forms { // after all whole ones: forms begin alike
		text = f.maskStart(text)
	}
	for _, f := range s.forms {
		text = s.maskEnd(f, text)
	}
	return text
}

func (f form) mask(text string) string {
	low := lower(text)
	if !strings.Contains(low, f.text) {
		return text
	}
	var b strings.Builder
	for from := 0; ; {
		i := strings.Index(low[from:], f.text)
		if i < 0 {
			b.WriteString(text[from:])
			return b.String()
		}
		i += from
		end := i + len(f.text)
		b.WriteString(text[from:i])
		if f.alone && (i > 0 && wordByte(low[i-1]) || end < len(low) && wordByte(low[end])) {
			b.WriteString(text[i:end])
		} else {
			b.WriteString(Mask)
		}
		from = end
	}
}

// leastStart is how much of the beginning of a long secret is taken for it anywhere: a
// sentence may quote bytes that were cut without a sign of it.
const leastStart = 16

func (f form) maskStart(text string) string {
	if len(f.text) < 2*leastStart {
		return text
	}
	for {
		low := lower(text)
		i := strings.Index(low, f.text[:leastStart])
		if i < 0 {
			return text
		}
		n := leastStart
		for n < len(f.text) && i+n < len(low) && low[i+n] == f.text[n] {
			n++
		}
		text = text[:i] + Mask + text[i+n:]
	}
}

// leastEnd is how much of a secret at the end of a cut text is taken for its beginning.
const leastEnd = 5

func (s *Scrubber) maskEnd(f form, text string) string {
	if f.alone || len(f.text) <= leastEnd {
		return text
	}
	if !strings.Contains(text, ellipsis) {
		return s.maskTail(f, text)
	}
	parts := strings.Split(text, ellipsis) // a sentence may quote what was cut
	for i := range parts {
		parts[i] = s.maskTail(f, parts[i])
	}
	return strings.Join(parts, ellipsis)
}

// ellipsis is what report.Clean ends a cut text with.
const ellipsis = "…"

func (s *Scrubber) maskTail(f form, text string) string {
	low := lower(text)
	for n := min(len(f.text)-1, len(low)); n >= leastEnd; n-- {
		if strings.HasSuffix(low, f.text[:n]) &&
			!slices.ContainsFunc(s.spare, func(x string) bool { return strings.Contains(x, f.text[:n]) }) {
			return text[:len(text)-n] + Mask
		}
	}
	return text
}

// lower folds ASCII alone, so that no byte moves.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

func wordByte(c byte) bool { return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 0x80 }

// Walk masks what is known in every text that a pointer leads to.
func (s *Scrubber) Walk(pointer any) {
	if s == nil {
		return
	}
	s.mu.RLock()
	none := len(s.forms) == 0
	s.mu.RUnlock()
	if !none {
		walker(s.Text).walk(reflect.ValueOf(pointer), 0)
	}
}

// walker changes texts wherever they are.
type walker func(string) string

// deepest bounds what walk follows: reports are not recursive.
const deepest = 24

func (change walker) walk(v reflect.Value, depth int) {
	if depth > deepest {
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			change.walk(v.Elem(), depth+1)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			change.walk(v.Field(i), depth+1)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			change.walk(v.Index(i), depth+1)
		}
	case reflect.Map:
		change.walkMap(v)
	case reflect.String:
		if v.CanSet() {
			if t := change(v.String()); t != v.String() {
				v.SetString(t)
			}
		}
	default:
	}
}

// walkMap masks texts in maps of texts; no report has others.
func (change walker) walkMap(v reflect.Value) {
	if v.Type().Elem().Kind() != reflect.String || !v.CanInterface() {
		return
	}
	for _, k := range v.MapKeys() {
		if old := v.MapIndex(k); change(old.String()) != old.String() {
			v.SetMapIndex(k, reflect.ValueOf(change(old.String())).Convert(v.Type().Elem()))
		}
	}
}

// Writer masks what is known in whatever is written to w. What is written at once is
// looked at as a whole.
func (s *Scrubber) Writer(w io.Writer) io.Writer { return &writer{w, s} }

type writer struct {
	w io.Writer
	s *Scrubber
}

func (w *writer) Write(p []byte) (int, error) {
	if _, err := io.WriteString(w.w, w.s.Text(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

type contextKey struct{}

// With gives what runs below a context a scrubber.
func With(ctx context.Context, s *Scrubber) context.Context {
	return context.WithValue(ctx, contextKey{}, s)
}

// From is the scrubber of a context, nil where there is none.
func From(ctx context.Context) *Scrubber {
	s, _ := ctx.Value(contextKey{}).(*Scrubber)
	return s
}
