package hop

import (
	"strings"
	"testing"
)

// TestLegacy: only a whole ServerHello of TLS 1.2 without the extension says that it is missing.
func TestLegacy(t *testing.T) {
	t.Parallel()
	hello := func(version, session, extensions string) string {
		body := version + strings.Repeat("r", 32) + string([]byte{byte(len(session))}) + session + "\xc0\x2f\x00"
		if extensions != "" {
			body += string([]byte{0, byte(len(extensions))}) + extensions
		}
		message := string([]byte{2, 0, 0, byte(len(body))}) + body
		return string([]byte{22, 3, 3, 0, byte(len(message))}) + message
	}
	const points, info = "\x00\x0b\x00\x02\x01\x00", "\xff\x01\x00\x01\x00"
	id := strings.Repeat("s", 32)
	for name, row := range map[string]struct {
		first string
		want  bool
	}{
		"with it":                 {hello("\x03\x03", id, info), false},
		"with it behind another":  {hello("\x03\x03", id, points+info), false},
		"without":                 {hello("\x03\x03", id, points), true},
		"without any":             {hello("\x03\x03", id, ""), true},
		"without a session":       {hello("\x03\x03", "", points), true},
		"more messages behind it": {hello("\x03\x03", id, points) + strings.Repeat("x", 40), true},
		"half of it":              {hello("\x03\x03", id, points)[:70], false},
		"TLS 1.1":                 {hello("\x03\x02", id, points), false},
		"an alert":                {"\x15\x03\x03\x00\x02\x02\x28", false},
		"nothing":                 {"", false},
	} {
		if got := legacy([]byte(row.first)); got != row.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
