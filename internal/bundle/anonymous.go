package bundle

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"edgenet/internal/lazyregexp"
)

// Known are names that the caller knows to be this site's own.
type Known struct {
	Hosts   []string // of hubs and proxies, with a domain; also as URLs
	Names   []string // of this host, with or without a domain
	Devices []string // ids at the hub
	Labels  []string // values of labels
}

// Anonymous gives the members with a placeholder in place of each name of a hub, device, host
// or label, and of each address, the same one in every member: what belongs together can be
// seen, and whose it is cannot. The clouds' own suffixes stay, and public names without
// anything of the site; so does whether an address is a private one. Names of CAs stay.
func Anonymous(members []Member, known Known) []Member {
	a := &anonymizer{names: map[string]string{}, words: map[string]string{}, ordinary: map[string]string{},
		counts: map[string]int{}}
	for _, m := range members {
		a.text = append(a.text, bytes.ToLower(m.Text)...)
	}
	for _, m := range members {
		var v any
		if json.Unmarshal(m.Text, &v) == nil {
			a.gather("", v)
		}
	}
	for _, h := range known.Hosts {
		a.learnHost(h)
	}
	for _, h := range known.Names {
		a.learnWord(h, "host")
	}
	for _, d := range known.Devices {
		a.learnWord(d, "device")
	}
	for _, l := range known.Labels {
		a.learnWord(l, "label")
	}
	out := slices.Clone(members)
	for range 2 { // what one member says by the way is a name in all of them
		for i, m := range members {
			if json.Valid(m.Text) {
				out[i].Text = jsonString().ReplaceAllFunc(m.Text, a.literal)
			} else {
				out[i].Text = []byte(a.replace(string(m.Text)))
			}
		}
	}
	return out
}

// anonymizer holds who is called what.
type anonymizer struct {
	text  []byte            // all members in small letters: a placeholder must not be in it
	names map[string]string // of hosts with a domain, and addresses, in small letters
	words map[string]string // names without a domain
	// ordinary are such names that are words of our own JSON as well: they are replaced where
	// only a name can stand, and key says where a literal stands.
	ordinary map[string]string
	key      string
	counts   map[string]int // how many there are of each kind
}

// hostKeys are the members of our JSON that hold hosts and nothing else.
var hostKeys = []string{"hub", "host", "name", "names", "serverName", "cname", "addresses", "url", "via", "proxy",
	"target", "resolver", "value", "parent", "gateway", "remote", "local", "location"}

// bareKeys are those of them that may hold a name without a domain.
var bareKeys = []string{"hub", "host", "parent", "gateway"}

// wordKeys are those that hold a name by itself.
var wordKeys = map[string]string{"device-id": "device", "hub": "hub", "hostname": "host", "parent": "host",
	"parent-hostname": "host"}

// gather learns the names that stand where only names stand.
func (a *anonymizer) gather(key string, v any) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			a.gather(key, x)
		}
	case map[string]any:
		if device, ok := v["device"].(map[string]any); ok {
			a.ofDevice(device)
		}
		if setting, ok := v["setting"].(string); ok && wordKeys[setting] != "" {
			a.learnWord(text(v["value"]), wordKeys[setting])
		}
		for _, k := range slices.Sorted(maps.Keys(v)) { // the same names in the same order each time
			a.gather(k, v[k])
		}
	case string:
		if slices.Contains(hostKeys, key) {
			a.learnHost(v)
		}
		if slices.Contains(bareKeys, key) && !strings.ContainsAny(v, ".:/ ") {
			a.learnWord(v, "host")
		}
		for _, m := range userForm().FindAllStringSubmatch(v, -1) {
			a.learnWord(m[2], "user")
		}
	}
}

func (a *anonymizer) ofDevice(d map[string]any) {
	a.learnWord(text(d["id"]), "device")
	a.learnWord(text(d["host"]), "host")
	a.learnWord(text(d["hub"]), "hub")
	if labels, ok := d["labels"].(map[string]any); ok {
		for _, v := range labels {
			a.learnWord(text(v), "label")
		}
	}
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

var hostForm = lazyregexp.New(`^(?:[a-z0-9+]+://)?(?:[^@/ ]*@)?(?:\*\.)?([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+)\.?` +
	`(?::[0-9*]+)?(?:[/?].*)?$`)

// learnHost takes a host, host and port, or a URL for a name of the site.
func (a *anonymizer) learnHost(s string) {
	if m := hostForm().FindStringSubmatch(s); m != nil {
		if _, err := netip.ParseAddr(m[1]); err != nil {
			a.host(strings.ToLower(m[1]))
		}
	}
}

// learnWord takes a name without a domain; one with a domain is a host's.
func (a *anonymizer) learnWord(s, kind string) {
	low := strings.ToLower(s)
	_, address := netip.ParseAddr(s)
	switch {
	case s == "" || a.words[low] != "" || a.ordinary[low] != "" || address == nil:
	case vocabulary(s):
		a.ordinary[low] = a.next(kind, "%s-%d")
	case (kind == "hub" || kind == "host") && hostForm().MatchString(s):
		a.learnHost(s)
	default:
		a.words[low] = a.next(kind, "%s-%d")
	}
}

// next is the next placeholder of a kind that is nowhere in the text.
func (a *anonymizer) next(kind, format string) string {
	for {
		a.counts[kind]++
		if p := fmt.Sprintf(format, kind, a.counts[kind]); !bytes.Contains(a.text, []byte(p)) {
			return p
		}
	}
}

// host is the placeholder of a name with a domain, in small letters. What a cloud or the
// public owns of it stays.
func (a *anonymizer) host(name string) string {
	name = strings.TrimPrefix(name, "*.")
	if public(name) {
		return name
	}
	if p := a.names[name]; p != "" {
		return p
	}
	own, rest := ownPart(name)
	kind := "service"
	switch parent := a.parent(name); {
	case strings.HasPrefix(rest, "azure-devices.") || strings.HasPrefix(rest, "privatelink.azure-devices."):
		kind = "hub"
	case rest != "":
	case parent != "":
		kind, rest = "host", parent
	case strings.HasSuffix(name, ".local"): // by multicast DNS: the name servers know no such names
		kind, rest = "host", "local"
	default:
		kind, rest = "host", "example"
	}
	label, _, _ := strings.Cut(own, ".")
	if a.words[label] == "" {
		a.words[label] = a.next(kind, "%s-%d")
		if vocabulary(label) || kind == "host" && !bareWord().MatchString(label) { // by itself it may be any word
			defer delete(a.words, label)
		}
	}
	p := a.words[label] + "." + rest
	a.names[name] = p
	return p
}

var bareWord = lazyregexp.New(`^[a-z0-9_-]*[0-9-][a-z0-9_-]*$`) // a digit or a hyphen: no word of a text

// parent is the placeholder of the name that a name stands below, as far as one is known.
func (a *anonymizer) parent(name string) string {
	for {
		_, above, found := strings.Cut(name, ".")
		if !found {
			return ""
		}
		if p := a.names[above]; p != "" {
			return p
		}
		name = above
	}
}

// azure are parts of the clouds' names; what stands before them is a customer's.
var azure = []string{"privatelink.", "amqps.azure-devices.", "azure-devices.", "azure-devices-provisioning.",
	"azurecr.", "blob.core.", "vault.azure.", "vault.usgovcloudapi.", "servicebus.", "azurewebsites.", "cloudapp.",
	"trafficmanager."}

// ownPart parts a name into what is a customer's and what is a cloud's; nothing is a cloud's
// where the second is empty.
func ownPart(name string) (own, cloud string) {
	at := len(name)
	for _, part := range azure {
		if i := strings.Index(name, "."+part); i >= 0 && i < at {
			at = i
		}
	}
	if at == len(name) {
		return name, ""
	}
	return name[:at], name[at+1:]
}

// public tells names that hold nothing of a site.
func public(name string) bool {
	switch name {
	case "global.azure-devices-provisioning.net", "global.azure-devices-provisioning.cn",
		"global.azure-devices-provisioning.us":
		return true
	}
	for _, part := range azure {
		if strings.HasPrefix(name, part) {
			return true
		}
	}
	for _, suffix := range []string{"microsoft.com", "docker.io", "docker.com", "ntp.org", "digicert.com", "github.com",
		"quay.io", "ghcr.io", "aka.ms", "raw.githubusercontent.com"} {
		if name == suffix || strings.HasSuffix(name, "."+suffix) {
			return true
		}
	}
	return false
}
