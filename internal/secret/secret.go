// Package secret holds the one type for values that must never be printed:
// proxy passwords, shared access keys, SAS signatures. Every printed form of a
// Value is masked; only Reveal gives the text, so that a reader of the code can
// list the places that use it. It refuses to do anything else: no encryption, no
// zeroing of memory that the garbage collector has already copied.
package secret

// Mask is what stands in every output where a secret would be.
const Mask = "****"

// Value is a secret text. The zero Value is the empty, absent secret.
type Value struct{ text string }

// New wraps text.
func New(text string) Value { return Value{text: text} }

// Reveal returns the text itself, for the wire and for nothing else.
func (v Value) Reveal() string { return v.text }

// IsZero tells whether there is no secret.
func (v Value) IsZero() bool { return v.text == "" }

// String masks.
func (v Value) String() string {
	if v.text == "" {
		return ""
	}
	return Mask
}

// GoString masks what %#v prints.
func (v Value) GoString() string { return "secret.Value(" + v.String() + ")" }

// MarshalText masks what JSON, TOML and XML encoders write.
func (v Value) MarshalText() ([]byte, error) { return []byte(v.String()), nil }
