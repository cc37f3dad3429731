package endpoints

import (
	"strings"

	"edgenet/internal/placeholder"

	"edgenet/internal/secret"
)

// dockerHub is where images without a registry come from, and where its client really
// goes (docs.docker.com "Docker Hub", allowlist; the data hosts seen in public logs).
const (
	dockerHub     = "registry-1.docker.io"
	dockerHubAuth = "auth.docker.io"
	dockerHubData = "production.cloudflare.docker.com"
)

// reference is an image's registry and the rest of its name.
type reference struct {
	host       string
	port       int
	repository string
	tag        string // or digest
}

// parseImage splits an image's name as the engine does: what stands before the first
// slash is a registry where it has a dot, a colon or is localhost. The text $upstream is
// the parent's registry.
func parseImage(image, parent string) (reference, bool) {
	image = strings.TrimSpace(image)
	if image == "" || strings.ContainsAny(image, " \t") || placeholder.In(image) {
		return reference{}, false
	}
	r := reference{host: dockerHub, port: 443, tag: "latest"}
	first, rest, ok := strings.Cut(image, "/")
	if ok && (strings.ContainsAny(first, ".:$") || first == "localhost") {
		r.host, r.port = hostPort(first)
		image = rest
		if strings.EqualFold(r.host, "$upstream") {
			if parent == "" {
				return reference{}, false
			}
			r.host = parent
		}
	}
	if name, digest, ok := strings.Cut(image, "@"); ok {
		r.repository, r.tag = name, digest
		if n, _, ok := cutTag(name); ok {
			r.repository = n
		}
	} else if name, tag, ok := cutTag(image); ok {
		r.repository, r.tag = name, tag
	} else {
		r.repository = image
	}
	if r.host == "docker.io" || r.host == "index.docker.io" {
		r.host = dockerHub
	}
	if r.host == dockerHub && !strings.Contains(r.repository, "/") {
		r.repository = "library/" + r.repository
	}
	return r, isHost(r.host) && r.repository != ""
}

// isHost tells whether what stands for a registry is a name or an address at all: whoever
// writes a URL with a password there must not find it in the list.
func isHost(s string) bool {
	return s != "" && !strings.ContainsAny(s, "$/%@\\=;") && len(secret.Hidden(s)) == 0
}

func cutTag(s string) (name, tag string, ok bool) {
	i := strings.LastIndex(s, ":")
	if i < 0 || strings.Contains(s[i:], "/") {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func hostPort(s string) (string, int) {
	host, port, ok := strings.Cut(s, ":")
	if !ok {
		return strings.ToLower(s), 443
	}
	n := 0
	for _, c := range port {
		if c < '0' || c > '9' || n > 65535 {
			return "", 0
		}
		n = 10*n + int(c-'0')
	}
	if n == 0 || n > 65535 {
		return "", 0
	}
	return strings.ToLower(host), n
}
