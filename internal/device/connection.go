package device

import (
	"encoding/base64"
	"strings"

	"edgenet/internal/lazyregexp"

	"edgenet/internal/placeholder"
	"edgenet/internal/secret"
	"edgenet/report"
)

// connectionKeys are the parts that the daemons know, each in this spelling alone
// (aziotctl-common, super_config.rs; edgelet-core, settings.rs). They ignore all others.
var connectionKeys = []string{"HostName", "DeviceId", "SharedAccessKey"}

// connectionFault is one thing that is wrong with a connection string.
type connectionFault struct {
	kind         FaultKind
	severity     report.Severity
	text, remedy string
}

// daemonString is a connection string as the daemons read it: parts at semicolons, name and
// value at the first equals sign, blanks and case as they are.
type daemonString struct {
	values map[string]string
	faults []connectionFault
}

const connectionForm = "Write HostName=HUB;DeviceId=DEVICE;SharedAccessKey=KEY, in this spelling and without blanks."

func readDaemonString(text string) daemonString {
	c := daemonString{values: map[string]string{}}
	if placeholder.In(text) && !strings.Contains(text, "HostName=") {
		c.fault(FaultPlaceholder, report.SeverityError, "it is a placeholder that nobody has filled in",
			"Put the device's connection string in its place (az iot hub device-identity connection-string show).")
		return c
	}
	for part := range strings.SplitSeq(text, ";") {
		c.part(part)
	}
	for _, k := range connectionKeys {
		if _, ok := c.values[k]; !ok {
			c.fault(FaultConnection, report.SeverityError, k+" is missing", connectionForm)
		}
	}
	c.key()
	return c
}

func (c *daemonString) fault(k FaultKind, s report.Severity, text, remedy string) {
	c.faults = append(c.faults, connectionFault{k, s, text, remedy})
}

// part reads one NAME=VALUE. What the daemon does not see for its case or a blank is
// taken all the same, so that it is known what was meant, and said.
func (c *daemonString) part(part string) {
	name, value, ok := strings.Cut(part, "=")
	trimmed := strings.TrimSpace(name)
	for _, k := range connectionKeys {
		if !strings.EqualFold(trimmed, k) {
			continue
		}
		switch {
		case !ok:
			c.fault(FaultConnection, report.SeverityError, k+" has no value", connectionForm)
			return
		case trimmed != k:
			c.fault(FaultConnection, report.SeverityError, "the daemon does not see "+k+" in another case",
				connectionForm)
		case name != k:
			c.fault(FaultConnection, report.SeverityError,
				"a blank stands beside "+k+", which the daemon takes for part of the name", connectionForm)
		case value != strings.TrimSpace(value):
			c.fault(FaultConnection, report.SeverityError,
				"a blank stands beside the value of "+k+", which the daemon takes for part of it", connectionForm)
		}
		c.values[k] = strings.TrimSpace(value)
		return
	}
	switch strings.ToLower(trimmed) {
	case "":
	case "sharedaccesskeyname":
		c.fault(FaultConnection, report.SeverityWarning,
			"it names a policy of the hub (SharedAccessKeyName): the daemon ignores the name, and takes the policy's "+
				"key for the device's", "Use the connection string of the device, not of the hub.")
	case "gatewayhostname":
		c.fault(FaultConnection, report.SeverityWarning, "the daemon ignores GatewayHostName",
			"Write parent_hostname where the device stands behind a parent.")
	case "x509":
		c.fault(FaultConnection, report.SeverityError, "the daemon takes no x509=true",
			"Write iothub_hostname, device_id and [provisioning.authentication] with method = \"x509\".")
	}
}

// key judges the key by what the daemons' decoder takes: Base64, with or without its
// padding.
func (c *daemonString) key() {
	v, ok := c.values["SharedAccessKey"]
	if !ok {
		return
	}
	if placeholder.In(v) {
		c.fault(FaultPlaceholder, report.SeverityError, "SharedAccessKey is a placeholder",
			"Put the device's key in its place.")
		return
	}
	bare := strings.TrimRight(v, "=")
	_, err := base64.RawStdEncoding.Strict().DecodeString(bare)
	if err != nil || bare == "" || len(v)-len(bare) > 2 || strings.ContainsAny(bare, "\r\n") {
		c.fault(FaultConnection, report.SeverityError, "SharedAccessKey is not Base64",
			"Copy the key again, whole: it ends in = as a rule.")
	}
}

var hostName = lazyregexp.New(`^[A-Za-z0-9_.-]{1,255}$`)

// connection takes hub and device out of a connection string, whatever its key is worth,
// and never the key.
func (d *Device) connection(file string, place Place, key string, e entries) {
	v, ok := e[key]
	if !ok || v.kind != kindString {
		return
	}
	c := readDaemonString(v.value)
	for _, x := range []struct {
		part string
		name Name
	}{{"HostName", Hub}, {"DeviceId", DeviceID}} {
		text, ok := c.values[x.part]
		switch {
		case !ok:
		case placeholder.In(text):
			c.fault(FaultPlaceholder, report.SeverityError, x.part+" is a placeholder",
				"Put the real value in its place.")
		case text == "" || x.name == Hub && !hostName().MatchString(text):
			c.fault(FaultConnection, report.SeverityError, x.part+" is empty or no host name", connectionForm)
		default:
			d.add(Setting{Name: x.name, Place: place, File: file, Key: key, Line: v.line, Value: secret.New(text)})
		}
	}
	for _, f := range c.faults {
		d.fault(Fault{Kind: f.kind, Severity: f.severity, Place: place, File: file, Line: v.line, Key: key, Name: Hub,
			Text: f.text, Remedy: f.remedy})
	}
}
