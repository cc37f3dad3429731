package hop_test

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"edgenet/internal/hop"
)

// TestTaken reads what a peer's key exchange says beside the suite, in one record or in many.
func TestTaken(t *testing.T) {
	t.Parallel()
	message := func(kind byte, body string) string {
		return string([]byte{kind, byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}) + body
	}
	record := func(body string) string {
		return "\x16\x03\x03" + string([]byte{byte(len(body) >> 8), byte(len(body))}) + body
	}
	hello := func(suite string) string {
		return message(2, "\x03\x03"+strings.Repeat("r", 32)+"\x00"+suite+"\x00")
	}
	chain := message(11, "\x00\x00\x00")
	ecdhe := func(group, signature string) string {
		return message(12, "\x03"+group+"\x05point"+signature+"\x00\x01s")
	}
	dhe := func(prime string) string {
		return message(12, string([]byte{byte(len(prime) >> 8), byte(len(prime))})+prime+"\x00\x01\x02\x00\x01y\x08\x04\x00\x01s")
	}
	pieces := func(text string) string {
		out := ""
		for ; len(text) > 7; text = text[7:] {
			out += record(text[:7])
		}
		return out + record(text)
	}
	const gcm, dh = "\xc0\x2f", "\x00\x9e"
	for _, row := range []struct {
		name, answer, suite, beyond, small string
	}{
		{"X25519", record(hello(gcm) + chain + ecdhe("\x00\x1d", "\x08\x04")), "ECDHE-RSA-AES128-GCM-SHA256", "", ""},
		{"P-521", record(hello(gcm)) + record(chain) + record(ecdhe("\x00\x19", "\x08\x04")),
			"ECDHE-RSA-AES128-GCM-SHA256", "the curve P-521", ""},
		{"P-521 in pieces", pieces(hello(gcm) + chain + ecdhe("\x00\x19", "\x08\x04")), "ECDHE-RSA-AES128-GCM-SHA256",
			"the curve P-521", ""},
		{"an RSA-PSS key", record(hello(gcm) + chain + ecdhe("\x00\x17", "\x08\x09")), "ECDHE-RSA-AES128-GCM-SHA256",
			"a certificate's key for RSA-PSS", ""},
		{"a prime of 1024 bits", record(hello(dh) + chain + dhe("\x80"+strings.Repeat("p", 127))),
			"DHE-RSA-AES128-GCM-SHA256", "", "prime of 1024 bits"},
		{"a prime of 2048 bits", record(hello(dh) + chain + dhe("\x80"+strings.Repeat("p", 255))),
			"DHE-RSA-AES128-GCM-SHA256", "", ""},
		{"a prime of 6144 bits", record(hello(dh) + chain + dhe("\x80"+strings.Repeat("p", 767))),
			"DHE-RSA-AES128-GCM-SHA256", "", ""},
		{"an exchange that ends early", record(hello(dh) + chain + message(12, "\x01")), "DHE-RSA-AES128-GCM-SHA256", "",
			""},
		{"no exchange", record(hello("\x00\x9c") + chain + message(14, "")), "AES128-GCM-SHA256", "", ""},
		{"the end after the hello", record(hello(gcm)), "ECDHE-RSA-AES128-GCM-SHA256", "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			to := serve(t, listen(t, "127.0.0.1:0"), func(c net.Conn) {
				if _, err := c.Read(make([]byte, 4096)); err == nil {
					_, _ = io.WriteString(c, row.answer)
				}
			})
			c, err := net.Dial("tcp", to.String())
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			got, err := hop.ChosenSuite(ctx, c, host)
			if err != nil || got.Suite != row.suite || got.Beyond() != row.beyond ||
				!strings.Contains(got.TooSmall(), row.small) || (row.small == "") != (got.TooSmall() == "") {
				t.Errorf("%+v, %q, %q, %v", got, got.Beyond(), got.TooSmall(), err)
			}
		})
	}
}
