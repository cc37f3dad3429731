package fleet

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/pelletier/go-toml/v2"

	"edgenet/internal/proxyurl"
	"edgenet/internal/secret"
	"edgenet/report"
)

// MaxClassesFile bounds a classes file, in bytes.
const MaxClassesFile = 1 << 20

// classesFile is the classes file as it is written.
type classesFile struct {
	Site     string                `toml:"site" json:"site"`
	Prefer   []string              `toml:"prefer" json:"prefer"`
	Priority int                   `toml:"priority" json:"priority"`
	Proxies  map[string]classProxy `toml:"proxies" json:"proxies"`
}

type classProxy struct {
	URL         string   `toml:"url" json:"url"`
	Credentials string   `toml:"credentials" json:"credentials"`
	Sites       []string `toml:"sites" json:"sites"`
}

// ParseClasses reads a classes file: TOML, or JSON where it begins with a brace. open opens
// the files of credentials that it names.
func ParseClasses(text []byte, open func(name string) (io.ReadCloser, error)) (*Classes, error) {
	var f classesFile
	if err := decodeClasses(text, &f); err != nil {
		return nil, err
	}
	c := &Classes{Tag: f.Site, Priority: f.Priority}
	if f.Priority < 0 {
		return nil, fmt.Errorf("priority %d: expected 1 or more", f.Priority)
	}
	for _, name := range f.Prefer {
		p, err := report.ParseProtocol(name)
		if err != nil || p == report.HTTPS || slices.Contains(c.Prefer, p) {
			return nil, fmt.Errorf("prefer: %q: expected each of Amqp, AmqpWs, Mqtt, MqttWs at most once",
				secret.Name(name,
					40))
		}
		c.Prefer = append(c.Prefer, p)
	}
	for _, name := range sortedKeys(f.Proxies) {
		n, err := namedProxy(name, f.Proxies[name], open)
		if err != nil {
			return nil, fmt.Errorf("proxies.%s: %w", secret.Name(name, 60), err)
		}
		c.Proxies = append(c.Proxies, n)
	}
	return c, c.Check()
}

func decodeClasses(text []byte, f *classesFile) error {
	if len(text) > MaxClassesFile {
		return fmt.Errorf("longer than %d bytes", MaxClassesFile)
	}
	if t := bytes.TrimSpace(text); len(t) > 0 && t[0] == '{' {
		d := json.NewDecoder(bytes.NewReader(t))
		d.DisallowUnknownFields()
		if err := d.Decode(f); err != nil {
			return fmt.Errorf("not a classes file: %s", report.Clean(secret.Within(err.Error()), 160))
		}
		return nil
	}
	d := toml.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(f)
	var strict *toml.StrictMissingError
	var syntax *toml.DecodeError
	switch {
	case errors.As(err, &strict) && len(strict.Errors) > 0:
		row, _ := strict.Errors[0].Position()
		return fmt.Errorf("line %d: unknown key: expected site, prefer, priority, and url, credentials, sites below "+
			"[proxies.NAME]", row)
	case errors.As(err, &syntax):
		row, _ := syntax.Position()
		return fmt.Errorf("line %d: not TOML as a classes file has it: %s", row,
			report.Clean(secret.Within(syntax.Error()), 120))
	case err != nil:
		return fmt.Errorf("not a classes file: %s", report.Clean(secret.Within(err.Error()), 160))
	}
	return nil
}

func namedProxy(name string, p classProxy, open func(string) (io.ReadCloser, error)) (NamedProxy, error) {
	n := NamedProxy{Name: name, Sites: p.Sites}
	if p.URL == "" {
		return n, errors.New("url is missing: expected http://host:port")
	}
	var err error
	if n.Proxy, err = proxyurl.Parse(p.URL, "classes file"); err != nil {
		return n, err
	}
	if p.Credentials == "" {
		return n, nil
	}
	file, err := open(p.Credentials)
	if err != nil {
		return n, fmt.Errorf("credentials: %w", err)
	}
	defer func() { _ = file.Close() }()
	if err := proxyurl.ReadCredentials(file, []*proxyurl.Proxy{n.Proxy}); err != nil {
		return n, fmt.Errorf("credentials: %w", err)
	}
	return n, nil
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
