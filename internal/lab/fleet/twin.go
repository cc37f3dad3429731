package fleet

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"

	"edgenet/internal/lab/twinsql"
)

// The modules that every device of this fleet has twins of.
var moduleNames = []string{"$edgeAgent", "$edgeHub", "edgenet"}

// deviceRow is a device's twin for a query.
type deviceRow struct {
	f *Fleet
	n int
}

// Get implements twinsql.Row: what is asked often without making the twin.
func (r deviceRow) Get(path []string) any {
	switch {
	case len(path) == 1 && path[0] == "deviceId":
		return r.f.ID(r.n)
	case path[0] == "tags":
		return twinsql.At(r.f.tagsOf(r.n), path[1:])
	}
	return twinsql.Document{Object: r.f.deviceTwin(r.n)}.Get(path)
}

// moduleRow is a module's twin for a query.
type moduleRow struct {
	f      *Fleet
	n      int
	module string
}

// Get implements twinsql.Row.
func (r moduleRow) Get(path []string) any {
	switch {
	case len(path) == 1 && path[0] == "deviceId":
		return r.f.ID(r.n)
	case len(path) == 1 && path[0] == "moduleId":
		return r.module
	case path[0] == "tags":
		return twinsql.At(r.f.moduleTags(r.n, r.module), path[1:])
	case path[0] == "configurations":
		return twinsql.At(r.f.configurationsOf(r.n, r.module), path[1:])
	case path[0] == "properties" && len(path) > 2 && path[1] == "reported" && !strings.HasPrefix(path[2], "$"):
		return r.reported(path[2:])
	}
	return twinsql.Document{Object: r.f.moduleTwin(r.n, r.module)}.Get(path)
}

// reported is a member of the reported properties.
func (r moduleRow) reported(path []string) any {
	d := &r.f.devices[r.n]
	if r.module == "edgenet" && path[0] == "edgenet" {
		if d.hub == nil {
			return twinsql.Undefined{}
		}
		if len(path) == 1 {
			return r.f.report(r.n)
		}
		if v, own := r.f.reportMember(d, path[1]); own {
			return twinsql.At(v, path[2:])
		}
		return twinsql.At(d.hub.static, path[1:])
	}
	return twinsql.At(r.f.reportedOf(r.n, r.module), path)
}

// etagOf is a twin's ETag, without the quotes that it has in a header.
func etagOf(version uint32) string {
	return base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint64(nil, uint64(version)))
}

// version counts everything that changed a twin.
func (f *Fleet) version(n int, module string) uint32 {
	d := &f.devices[n]
	v := uint32(1)
	if s := d.extra.of(module); s != nil {
		v += s.bumps
	}
	switch module {
	case "$edgeAgent":
		v += d.desired + d.told
	case "edgenet":
		v += d.reports
	}
	return v
}

func connection(up bool) string {
	if up {
		return "Connected"
	}
	return "Disconnected"
}

// head is what all twins begin with.
func (f *Fleet) head(n int, module string, up bool, seen int32) object {
	v := f.version(n, module)
	o := object{member("deviceId", f.ID(n))}
	if module != "" {
		o = append(o, member("moduleId", module))
	}
	return append(o, member("etag", etagOf(v)), member("deviceEtag", "NzU2NzE1"), member("status", "enabled"),
		member("statusUpdateTime", "0001-01-01T00:00:00Z"), member("connectionState", connection(up)),
		member("lastActivityTime", f.serviceStamp(seen)), member("cloudToDeviceMessageCount", 0.0),
		member("authenticationType", "sas"), member("x509Thumbprint",
			object{member("primaryThumbprint", nil), member("secondaryThumbprint", nil)}),
		member("modelId", ""), member("version", float64(v)))
}

// deviceTwin is a device's twin. The connection state of an edge device says nothing, as
// at a real hub.
func (f *Fleet) deviceTwin(n int) object {
	d := &f.devices[n]
	o := f.head(n, "", false, 0)
	desired := object{}
	version := 1.0
	if s := d.extra.of(""); s != nil {
		desired, version = s.desired, 1+float64(s.bumps)
	}
	return append(o, member("tags", f.tagsOf(n)),
		member("properties", object{member("desired", f.withVersion(desired, version, f.begun)),
			member("reported", f.withVersion(nil, 1, f.begun))}),
		member("capabilities", object{member("iotEdge", true)}), member("deviceScope",
			"ms-azure-iot-edge://"+f.ID(n)+"-637000000000000000"))
}

// withVersion is a section as the service shows it. One time stands for all of it.
func (f *Fleet) withVersion(section object, version float64, updated int32) object {
	out := make(object, 0, len(section)+2)
	out = append(out, section...)
	return append(out, member("$metadata", object{member("$lastUpdated", f.serviceStamp(updated))}),
		member("$version", version))
}

// moduleTwin is a module's twin.
func (f *Fleet) moduleTwin(n int, module string) object {
	d := &f.devices[n]
	up, seen := d.is(hubUp) && (module == "$edgeHub" || d.is(running)), d.hubSeen
	if module == "$edgeAgent" {
		up, seen = d.is(agentUp), d.agentSeen
	}
	o := f.head(n, module, up, seen)
	desired, version := f.desiredOf(n, module)
	o = append(o, member("tags", f.moduleTags(n, module)), member("properties", object{
		member("desired", f.withVersion(desired, version, f.begun)),
		member("reported", f.withVersion(f.reportedOf(n, module), f.reportedVersion(n, module), seen))}))
	if module == "$edgeAgent" {
		o = append(o, member("configurations", f.configurationsOf(n, module)))
	}
	return o
}

func (f *Fleet) reportedVersion(n int, module string) float64 {
	d := &f.devices[n]
	switch module {
	case "$edgeAgent":
		return float64(d.told) + 1
	case "edgenet":
		return float64(d.reports) + 1
	}
	return float64(d.told) + 2
}

// desiredOf are a module's desired properties and their version.
func (f *Fleet) desiredOf(n int, module string) (object, float64) {
	d := &f.devices[n]
	version := 1.0
	s := d.extra.of(module)
	if s != nil {
		version += float64(s.bumps)
	}
	switch {
	case module == "$edgeAgent" && d.wanted != nil:
		return d.wanted.agent, float64(d.desired)
	case module == "edgenet":
		return f.desiredOfModule(n), version
	case s != nil && s.desired != nil:
		return s.desired, version
	case module == "$edgeHub" && d.wanted != nil:
		return d.wanted.hub, float64(d.desired)
	}
	return object{}, version
}

// configurationsOf is what $edgeAgent's twin says of deployments.
func (f *Fleet) configurationsOf(n int, module string) object {
	d := &f.devices[n]
	out := object{}
	if module != "$edgeAgent" || d.shown == nil {
		return out
	}
	for _, c := range d.shown.targeted {
		status := "Targeted"
		for _, a := range d.shown.applied {
			if a == c {
				status = "Applied"
			}
		}
		out = append(out, member(c.id, object{member("status", status)}))
	}
	return out
}

// reportedOf are a module's reported properties.
func (f *Fleet) reportedOf(n int, module string) object {
	d := &f.devices[n]
	switch module {
	case "$edgeAgent":
		return f.agentReport(n)
	case "$edgeHub":
		return object{member("schemaVersion", "1.2"), member("version", object{member("version", "1.5.21")}),
			member("lastDesiredVersion", float64(d.told)), member("lastDesiredStatus",
				object{member("code", 200.0), member("description", "")}),
			member("clients", object{member(f.ID(n)+"/edgenet", object{member("status", connection(d.is(running)))})})}
	}
	if d.hub == nil {
		return nil
	}
	return object{member("edgenet", f.report(n))}
}

// agentReport is what edgeAgent says of the modules that it runs.
func (f *Fleet) agentReport(n int) object {
	d := &f.devices[n]
	reason := ""
	if d.toldCode != 200 && d.wanted != nil {
		reason = d.wanted.reason
	}
	o := object{
		member("schemaVersion", "1.1.0"), member("version",
			object{member("version", "1.5.21"), member("build", "71.5"), member("commit", "0")}),
		member("lastDesiredVersion", float64(d.told)),
		member("lastDesiredStatus", object{member("code", float64(d.toldCode)), member("description", reason)}),
		member("runtime", object{member("type", "docker"),
			member("platform", object{member("os", "linux"), member("architecture", "x86_64"),
				member("version", "1.5.21")})}),
	}
	if d.taken == nil {
		return o
	}
	system := object{}
	for _, name := range []string{"edgeAgent", "edgeHub"} {
		if spec, ok := twinsql.At(d.taken.agent, []string{"systemModules", name}).(object); ok {
			system = append(system, member(name, f.runs(n, spec)))
		}
	}
	modules := object{}
	if list, ok := d.taken.agent.Get("modules").(object); ok {
		for _, m := range list {
			if spec, ok := m.Value.(object); ok {
				modules = append(modules, member(m.Name, f.runs(n, spec)))
			}
		}
	}
	return append(o, member("systemModules", system), member("modules", modules))
}

// running is a module's specification with what edgeAgent adds when it runs.
func (f *Fleet) runs(n int, spec object) object {
	d := &f.devices[n]
	started := f.begun - 20*day
	if d.movedAt != never {
		started = d.movedAt
	}
	return append(append(object{}, spec...), member("runtimeStatus", "running"), member("exitCode", 0.0),
		member("restartCount", 0.0),
		member("statusDescription", "running"), member("lastStartTimeUtc", f.stamp(started)))
}

// isModule tells whether a module is one that the devices have.
func isModule(name string) bool {
	return slices.Contains(moduleNames, name)
}
