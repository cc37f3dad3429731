package desired

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"edgenet/internal/proxyurl"
	"edgenet/internal/secret"
)

const notAllowed = "EDGENET_ALLOW does not name it"

// proxies reads the list of proxy URLs.
func (r *reader) proxies() {
	list, ok := r.list("proxies", "proxy URLs")
	if !ok {
		return
	}
	for i, item := range list {
		key := fmt.Sprintf("proxies[%d]", i)
		var raw string
		if err := json.Unmarshal(item, &raw); err != nil {
			// unquoted: it may hold a password
			r.complain(key, "no text: expected a URL such as http://proxy.corp:3128")
			continue
		}
		p, err := proxyurl.Parse(raw, "twin")
		switch {
		case strings.Contains(raw, "@") || strings.Contains(secret.Show(raw, 0), secret.Mask+"@"):
			r.complain(key, "credentials do not belong in a twin: give them to the module's environment or a mounted "+
				"file, and change the password")
		case err != nil:
			r.complain(key, "%s", err)
		case !r.allow.Host(p.Host, p.Port):
			r.complain(key, "%s: %s", p.Address(), notAllowed)
		case slices.Contains(r.settings.Proxies, p.String()):
		default:
			r.settings.Proxies = append(r.settings.Proxies, p.String())
		}
	}
}

// list reads an array of at most maxPlaces; what is beyond is refused as a whole, so that
// nobody wonders which of them counted.
func (r *reader) list(key, of string) ([]json.RawMessage, bool) {
	v, ok := r.take(key)
	if !ok {
		return nil, false
	}
	var list []json.RawMessage
	if err := json.Unmarshal(v, &list); err != nil {
		r.complain(key, "not a list of %s", of)
		return nil, false
	}
	if len(list) > maxPlaces {
		r.complain(key, "%d of them: at most %d, the first %d are used", len(list), maxPlaces, maxPlaces)
		list = list[:maxPlaces]
	}
	return list, true
}

// endpoints reads the list of hosts to try beside the hub.
func (r *reader) endpoints() {
	list, ok := r.list("endpoints", "endpoints")
	if !ok {
		return
	}
	for i, item := range list {
		key := fmt.Sprintf("endpoints[%d]", i)
		e, why := readEndpoint(item)
		switch {
		case why != "":
			r.complain(key, "%s", why)
		case slices.ContainsFunc(r.settings.Endpoints, func(o Endpoint) bool { return o.Name == e.Name }):
			r.complain(key, "another one has the name %s", e.Name)
		case !r.allow.Host(e.Host, e.Port):
			r.complain(key, "%s:%d: %s", e.Host, e.Port, notAllowed)
		default:
			r.settings.Endpoints = append(r.settings.Endpoints, e)
		}
	}
}

// readEndpoint reads {"name":…,"host":…,"port":…}, or says what is wrong with it.
func readEndpoint(item json.RawMessage) (Endpoint, string) {
	const form = `expected {"name":"registry","host":"r.azurecr.io","port":443}`
	var raw struct {
		Name *string `json:"name"`
		Host *string `json:"host"`
		Port *int    `json:"port"`
	}
	d := json.NewDecoder(strings.NewReader(string(item)))
	d.DisallowUnknownFields()
	if err := d.Decode(&raw); err != nil || raw.Name == nil || raw.Host == nil {
		return Endpoint{}, form
	}
	e := Endpoint{Name: *raw.Name, Host: strings.TrimSuffix(strings.ToLower(*raw.Host), "."), Port: 443}
	if raw.Port != nil {
		e.Port = *raw.Port
	}
	switch {
	case !validName(e.Name):
		return Endpoint{}, fmt.Sprintf("name: expected 1 to %d letters, digits or underscores", maxNameLength)
	case !validHost(e.Host):
		return Endpoint{}, fmt.Sprintf("host: %q is no host name", secret.Show(*raw.Host, 40))
	case e.Port < 1 || e.Port > 65535:
		return Endpoint{}, fmt.Sprintf("port: %d is not 1 to 65535", e.Port)
	}
	return e, ""
}

func validName(s string) bool {
	return s != "" && len(s) <= maxNameLength && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_'
	})
}

func validHost(s string) bool {
	if a, err := netip.ParseAddr(s); err == nil {
		return a.Zone() == ""
	}
	return s != "" && len(s) <= 253 && !strings.ContainsFunc(s, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.'
	})
}
