package logs

import (
	"slices"
	"strconv"
	"strings"

	"edgenet/internal/logs/pattern"
	"edgenet/report"
)

// unprovisioned tells whether the daemon asks the provisioning service and was never answered:
// what it cannot reach is then not the hub, of which it knows nothing yet.
func (s *scene) unprovisioned() bool {
	asks := s.any("identityd.dps-send") || slices.ContainsFunc(s.byRow["identityd.exit"],
		func(e *pattern.Event) bool {
			return e.Who == pattern.Identityd && e.Failure() != nil &&
				slices.Contains(pattern.SaidByDPS[:], e.Failure().Row)
		})
	return asks && !s.any("identityd.dps-answered", "identityd.dps-wait",
		"identityd.dps-assigned", "identityd.dps-complete", "identityd.dps-done", "identityd.dps-offline",
		"identityd.backup", "identityd.reconcile", "identityd.reconciled")
}

// parent is the gateway that stands in the hub's place: as the configuration beside the log says, or as the runtime's
// own image, which comes from port 443 of a host by that number alone where $upstream stands in its name; or as another
// image that is asked for so, where the identity service fails for the same cause.
func (s *scene) parent() string {
	for _, e := range slices.Backward(s.byRow["config.parent"]) {
		return s.g.clean(e.Values.Hub, 100)
	}
	for _, e := range s.events("edged.pulling", "edged.pull-error", "edged.pulled") {
		if host, _, ok := strings.Cut(e.Values.Image, ":443/azureiotedge-"); ok {
			return s.g.clean(host, 100)
		}
	}
	for _, e := range s.g.events {
		f := e.Failure()
		if f == nil || e.Row.Role != pattern.RoleRegistry {
			continue
		}
		if host, ok := strings.CutSuffix(f.Host, ":443"); ok && s.failsLike(f) &&
			!strings.HasSuffix(host, ".azurecr.io") && !strings.HasSuffix(host, ".microsoft.com") {
			return s.g.clean(host, 100)
		}
	}
	return ""
}

// failsLike tells whether the identity service fails for the very cause for which a pull does.
func (s *scene) failsLike(f *pattern.Failure) bool {
	st := s.stories[pattern.Identityd]
	if f.Cause == "" || st == nil || st.Last() == nil || st.Last().Failure == nil {
		return false
	}
	return st.Last().Failure.Cause == f.Cause
}

// storeDo is what to do where programs of this host do not know the CA of the parent: they look into the host's store.
const storeDo = "Put the root CA that signed the parent's certificates into this host's store " +
	"(update-ca-certificates), and restart the engine and aziot-identityd; trust_bundle_cert serves the modules " +
	"alone."

const parentDo = "On the parent gateway: see that what is asked for listens there and runs (docker ps: edgeHub " +
	"on 443, 5671 and 8883; an API proxy on 443, with the registry behind it). This device and the site's " +
	"firewall come after that."

// atParent tells whether a failure lies with a parent gateway: it refused, or answered.
func (s *scene) atParent(f *pattern.Failure) bool {
	if f == nil || f.Hop == report.HopProxy || s.parent() == "" {
		return false
	}
	stage := f.Stage()
	return f.Cause == report.TCPRefused || stage == report.StageHTTP || f.Status == 404
}

// remedyAt is what to do about a cause: at the proxy, for its own name and port.
func (s *scene) remedyAt(c report.Cause, h report.Hop, port int) string {
	host, proxy := s.target(), "the proxy"
	if p, _ := s.proxyFlag(); p != "" {
		_, proxy, _ = strings.Cut(p, "://")
	}
	if h == report.HopProxy && pattern.StageOf(c) != report.StageConnect {
		name, number, _ := strings.Cut(proxy, ":")
		n, err := strconv.Atoi(number)
		if host = name; err == nil {
			port = n
		}
	}
	return c.RemedyAt(h, host, port, proxy)
}

// target is what the daemon cannot reach, in words.
func (s *scene) target() string {
	if p := s.parent(); p != "" {
		return "its parent gateway " + p
	}
	if s.unprovisioned() {
		return theDPS
	}
	return firstOf(s.device.Hub, "the hub")
}

// dialled is the hub's name where an error tells it.
func (s *scene) dialled() string {
	for _, r := range s.reasons {
		if host, _, ok := strings.Cut(r.Failure.Addr, ":"); ok && r.Failure.Hop == report.HopTarget &&
			strings.Contains(host, ".azure-devices.") {
			return hostName(host)
		}
	}
	return ""
}
