package hop

import "crypto/tls"

// Hello changes a ClientHello for an experiment. The zero value is the runtime's own.
type Hello struct {
	Name   string // the server name in place of TLSOptions.ServerName; zero means that one
	NoName bool   // no server name at all
	Size   Size
}

// Size is how large a ClientHello is.
type Size int

// The sizes. Runtime is the zero value.
const (
	Runtime Size = iota
	Small        // TLS 1.2 alone, one curve: what an old middlebox knows
	Large        // post-quantum key shares, larger than one packet: what new runtimes send
)

func (h Hello) apply(c *tls.Config) {
	switch {
	case h.NoName:
		c.ServerName = ""
	case h.Name != "":
		c.ServerName = h.Name
	}
	switch h.Size {
	case Small:
		c.MaxVersion, c.CurvePreferences = tls.VersionTLS12, []tls.CurveID{tls.CurveP256}
	case Large:
		c.CurvePreferences = []tls.CurveID{tls.X25519MLKEM768, tls.X25519, tls.CurveP256, tls.CurveP384}
	}
}
