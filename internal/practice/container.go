package practice

import (
	"slices"
	"strings"
)

// secretWords are parts of names that hold secrets, in lower case.
var secretWords = []string{"password", "passwd", "secret", "sharedaccesskey", "accountkey", "connectionstring",
	"apikey", "api_key", "token"}

// SecretName tells a variable whose name says that its value is a secret. The runtime's own
// are none.
func SecretName(name string) bool {
	low := strings.ToLower(name)
	return !strings.HasPrefix(low, "iotedge_") &&
		slices.ContainsFunc(secretWords, func(w string) bool { return strings.Contains(low, w) })
}

// Rights are what a container may do on its host.
type Rights struct {
	Privileged           bool
	NetworkMode, PIDMode string
	Mounted              []string // paths of the host
	CapAdd               []string
}

// Excess names those that give the whole host away.
func (r Rights) Excess() []string {
	var has []string
	if r.Privileged {
		has = append(has, "privileged")
	}
	if r.PIDMode == "host" {
		has = append(has, "the host's processes")
	}
	if r.NetworkMode == "host" {
		has = append(has, "the host's network")
	}
	if slices.ContainsFunc(r.Mounted, func(p string) bool { return strings.HasSuffix(p, "docker.sock") }) {
		has = append(has, "the engine's socket")
	}
	if slices.Contains(r.CapAdd, "ALL") || slices.Contains(r.CapAdd, "SYS_ADMIN") {
		has = append(has, "capability "+strings.Join(r.CapAdd, ", "))
	}
	return has
}
