package endpoints

import (
	"strings"

	"edgenet/internal/lazyregexp"
)

// source is where an image comes from, as far as its name tells.
type source struct {
	host string
	port int
	// unknown says why host is no name that can be opened or tested; empty: it is one.
	unknown string
}

// Why the registry of an image is not known.
const (
	unknownTemplate = "the registry is a placeholder of the manifest: fill it in, and list again"
	unknownParent   = "the image comes from the parent gateway, whose name is not known here: parent_hostname of the " +
		"device's configuration (--root DIR)"
)

// upstreamHost is the runtime's name for the parent's registry.
const upstreamHost = "$upstream"

// marks are placeholders as they stand inside an image's name.
var marks = lazyregexp.New(`\$\{[^}]*\}|\{\{[^}]*\}\}|#\{[^}]*\}#|<[^<>]*>|@@[^@]*@@|__[A-Za-z0-9_]+__|\$[A-Za-z_][A-Za-z0-9_]*`)

// mark stands for one of them in a text; no image's name has it.
const mark = "\x00"

// sourceOf finds an image's registry; false means that the text names no image. A tag or a
// repository that is a placeholder does not hide the registry.
func sourceOf(image, parent string) (source, bool) {
	image = strings.TrimSpace(image)
	if strings.HasPrefix(strings.ToLower(image), upstreamHost) {
		return parentSource(image[len(upstreamHost):], parent)
	}
	found := marks().FindAllString(image, -1)
	marked := marks().ReplaceAllString(image, mark)
	first, _, path := strings.Cut(marked, "/")
	if strings.Contains(first, mark) && (path || strings.HasPrefix(marked, mark)) {
		for _, m := range found {
			first = strings.Replace(first, mark, m, 1)
		}
		return source{host: first, port: 443, unknown: unknownTemplate}, true
	}
	r, ok := parseImage(strings.ReplaceAll(marked, mark, "x"), "")
	return source{host: r.host, port: r.port}, ok
}

// parentSource is the registry of the parent; rest is what stands behind its name.
func parentSource(rest, parent string) (source, bool) {
	address, _, path := strings.Cut(rest, "/")
	host, port := hostPort("parent" + address)
	if !path || host != "parent" {
		return source{}, false
	}
	if parent == "" {
		return source{upstreamHost, port, unknownParent}, true
	}
	return source{host: parent, port: port}, true
}
