package secret

import (
	"fmt"
	"io"
)

// Mask is what stands in every output where a secret would be.
const Mask = "****"

// Value is a secret text. The zero Value is the empty, absent secret. The text is behind
// a pointer since fmt reads unexported fields past every method, and of a pointer it
// prints the address; comparing Values would compare addresses and does not compile.
type Value struct {
	_    [0]func()
	text *string
}

// New wraps text.
func New(text string) Value {
	if text == "" {
		return Value{}
	}
	return Value{text: &text}
}

// Reveal returns the text itself, for the wire and for nothing else.
func (v Value) Reveal() string {
	if v.text == nil {
		return ""
	}
	return *v.text
}

// IsZero tells whether there is no secret.
func (v Value) IsZero() bool { return v.text == nil }

// Equal tells whether both hold the same text. It is no constant-time comparison.
func (v Value) Equal(o Value) bool { return v.Reveal() == o.Reveal() }

// String masks.
func (v Value) String() string {
	if v.IsZero() {
		return ""
	}
	return Mask
}

// Format masks whatever the verb: %d and %x would print the text of a mere Stringer.
func (v Value) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, v.String()) }

// MarshalText masks what JSON, TOML and XML encoders write.
func (v Value) MarshalText() ([]byte, error) { return []byte(v.String()), nil }
