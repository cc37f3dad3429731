package device

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"edgenet/internal/secret"
)

// envFile reads the file of an EnvironmentFile= line; with a pattern, the files.
func (d *Device) envFile(ref envFileRef) []assignment {
	names := []string{ref.path}
	if strings.ContainsAny(ref.path, "*?[") {
		names = nil
		for _, f := range d.list(path.Dir(ref.path), "") {
			if ok, err := path.Match(path.Base(ref.path), f); ok && err == nil {
				names = append(names, path.Join(path.Dir(ref.path), f))
			}
		}
	}
	var out []assignment
	for _, name := range names {
		text, err := d.tree.raw(name)
		switch {
		case err == nil:
			out = append(out, parseEnvFile(name, string(text))...)
		case errors.Is(err, fs.ErrNotExist) && !ref.optional:
			d.unread(name, errors.New("not there, and the unit does not start without it (EnvironmentFile=)"))
		case !errors.Is(err, fs.ErrNotExist):
			d.unread(name, err)
		}
	}
	return out
}

// envFileReader is the state machine of systemd's parse_env_file: shell-like quotes, no
// expansion, comments at the beginning of a line alone.
type envFileReader struct {
	file     string
	out      []assignment
	key, val strings.Builder
	line     int
	began    int
	state    func(*envFileReader, byte)
}

func parseEnvFile(file, text string) []assignment {
	r := &envFileReader{file: file, line: 1, state: preKey}
	for i := range len(text) {
		if text[i] != '\r' || i+1 < len(text) && text[i+1] != '\n' {
			r.state(r, text[i])
		}
		if text[i] == '\n' {
			r.line++
		}
	}
	r.state(r, '\n')
	return r.out
}

func (r *envFileReader) push(trim bool) {
	value := r.val.String()
	if trim {
		value = strings.TrimRight(value, " \t")
	}
	if name := strings.TrimRight(r.key.String(), " \t"); validName(name) {
		r.out = append(r.out, assignment{name: name, value: value, file: r.file, line: r.began})
	}
	r.key.Reset()
	r.val.Reset()
	r.state = preKey
}

func preKey(r *envFileReader, c byte) {
	switch c {
	case '#', ';':
		r.state = comment
	case ' ', '\t', '\n', '\r':
	default:
		r.began = r.line
		r.key.Reset()
		r.state = inKey
		inKey(r, c)
	}
}

func comment(r *envFileReader, c byte) {
	switch c {
	case '\\':
		r.state = func(r *envFileReader, _ byte) { r.state = comment }
	case '\n':
		r.state = preKey
	}
}

func inKey(r *envFileReader, c byte) {
	switch c {
	case '\n':
		r.state = preKey
	case '=':
		r.val.Reset()
		r.state = preValue
	default:
		r.key.WriteByte(c)
	}
}

func preValue(r *envFileReader, c byte) {
	switch c {
	case '\n':
		r.push(false)
	case '\'':
		r.state = singleQuoted
	case '"':
		r.state = doubleQuoted
	case ' ', '\t':
	default:
		r.state = inValue
		inValue(r, c)
	}
}

func inValue(r *envFileReader, c byte) {
	switch c {
	case '\n':
		r.push(true)
	case '\\':
		r.state = func(r *envFileReader, c byte) {
			if c != '\n' {
				r.val.WriteByte(c)
			}
			r.state = inValue
		}
	default:
		r.val.WriteByte(c)
	}
}

func singleQuoted(r *envFileReader, c byte) {
	if c == '\'' {
		r.state = preValue
		return
	}
	r.val.WriteByte(c)
}

func doubleQuoted(r *envFileReader, c byte) {
	switch c {
	case '"':
		r.state = preValue
	case '\\':
		r.state = func(r *envFileReader, c byte) {
			switch {
			case strings.IndexByte("\"\\`$", c) >= 0:
				r.val.WriteByte(c)
			case c != '\n':
				r.val.WriteString(`\` + string([]byte{c}))
			}
			r.state = doubleQuoted
		}
	default:
		r.val.WriteByte(c)
	}
}

const etcEnvironment = "/etc/environment"

// readEnvironmentFile reads what PAM gives to logins (pam_env(8)): a # cuts the line,
// quotes around a value go, nothing is expanded.
func (d *Device) readEnvironmentFile() {
	text, ok := d.file(etcEnvironment)
	if !ok {
		return
	}
	for i, l := range strings.Split(string(text), "\n") {
		l, _, _ = strings.Cut(strings.TrimSpace(l), "#")
		key, value, ok := strings.Cut(strings.TrimPrefix(l, "export "), "=")
		n, known := variable(key)
		if !ok || !known {
			continue
		}
		value = strings.TrimRight(value, " \t\r")
		if len(value) > 0 && (value[0] == '"' || value[0] == '\'') {
			value = strings.TrimSuffix(value[1:], value[:1])
		}
		d.add(Setting{Name: n, Place: Environment, File: etcEnvironment, Key: key, Line: i + 1,
			Value: secret.New(value),
			Lost:  "logins get it, and no service does: neither the daemons nor the container engine nor a container"})
	}
}
