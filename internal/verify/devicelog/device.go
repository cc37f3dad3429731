package devicelog

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Line is a record: what one process printed at once. Further lines stand behind \n.
type Line struct {
	At   time.Time
	Unit string // edgeAgent, edgeHub, aziot-identityd, aziot-edged, iotedged, dockerd, systemd, …
	PID  int
	Said string // with the head that the process itself prints
	Of   string // the unit that systemd speaks of
}

// Release is what differs between editions of the runtime in what they print.
type Release struct {
	Name   string
	NET    int  // the major version of .NET in the images
	Legacy bool // one daemon (iotedged), which speaks to the cloud itself
	Bare   bool // no severity before a line
	Terse  bool // hyper 1.x: an error does not print what caused it
}

// Releases are those that are met in the field.
func Releases() []Release {
	return []Release{
		{Name: "1.0.4", NET: 2, Legacy: true, Bare: true},
		{Name: "1.1.15", NET: 3, Legacy: true},
		{Name: "1.2.10", NET: 3},
		{Name: "1.4.20", NET: 6},
		{Name: "1.5.21", NET: 8},
		{Name: "1.6.1", NET: 10, Terse: true},
	}
}

// Transport is an upstream protocol, in edgeAgent's words.
type Transport string

// The transports. None is edgeAgent without a setting.
const (
	AMQP   Transport = "Amqp_Tcp_Only"
	AMQPWS Transport = "Amqp_WebSocket_Only"
	MQTT   Transport = "Mqtt_Tcp_Only"
	MQTTWS Transport = "Mqtt_WebSocket_Only"
	None   Transport = ""
)

// hubSays is how edgeHub names the same.
func (t Transport) hubSays() string {
	return map[Transport]string{AMQP: "AMQP", AMQPWS: "AMQP over WebSockets", MQTT: "MQTT",
		MQTTWS: "MQTT over WebSockets", None: "AMQP"}[t]
}

func (t Transport) webSocket() bool { return t == AMQPWS || t == MQTTWS }

// Setup is how the device is set up.
type Setup struct {
	Agent, Hub Transport
	Proxy      string // host:port; empty: none
	Manual     bool   // provisioned with a connection string instead of DPS
}

// Device is one that lives and prints.
type Device struct {
	Release
	Setup
	rnd   *rand.Rand
	now   time.Time
	lines []Line
	zone  *time.Location // the containers'
	pids  map[string]int
	token int     // numbers that are told apart
	here  Network // where the device is now
}

// New switches a device on.
func New(r Release, s Setup, seed uint64) *Device {
	d := &Device{Release: r, Setup: s, rnd: rand.New(rand.NewPCG(seed, 20)), zone: time.UTC, pids: map[string]int{},
		now: time.Date(2024, 3, 4, 5, 0, 0, 0, time.UTC)}
	if seed%2 == 0 { // containers have the zone that somebody gave them
		d.zone = time.FixedZone("", 5*3600+1800)
	}
	return d
}

// Lines are what was printed until now, in the order of time.
func (d *Device) Lines() []Line { return d.lines }

func (d *Device) pass(t time.Duration) { d.now = d.now.Add(t) }

func (d *Device) some(from, to time.Duration) {
	d.pass(from + time.Duration(d.rnd.Int64N(int64(to-from))))
}

func (d *Device) start(unit string) { d.pids[unit] = 400 + d.rnd.IntN(30000) }

func (d *Device) raw(unit, text string) {
	if d.pids[unit] == 0 {
		d.start(unit)
	}
	d.lines = append(d.lines, Line{At: d.now, Unit: unit, PID: d.pids[unit], Said: text})
	d.pass(time.Duration(1+d.rnd.IntN(20)) * time.Millisecond)
}

// net prints as edgeAgent and edgeHub do.
func (d *Device) net(unit, level, format string, args ...any) {
	severity := fmt.Sprintf("<%d> ", map[string]int{"FTL": 0, "ERR": 3, "WRN": 4, "INF": 6, "DBG": 7}[level])
	if d.Bare {
		severity = ""
	}
	d.raw(unit, severity+d.now.In(d.zone).Format("2006-01-02 15:04:05.000 -07:00")+" ["+level+"] - "+
		fmt.Sprintf(format, args...))
}

// rust prints as the daemons do.
func (d *Device) rust(unit, level, format string, args ...any) {
	d.raw(unit, d.now.UTC().Format("2006-01-02T15:04:05Z")+" ["+level+"] - "+fmt.Sprintf(format, args...))
}

// systemd tells of the identity service.
func (d *Device) systemd(format string, args ...any) {
	d.raw("systemd", fmt.Sprintf(format, args...))
	d.lines[len(d.lines)-1].Of = identityd
}

// daemon is the one that manages the containers.
func (d *Device) daemon() string {
	if d.Legacy {
		return "iotedged"
	}
	return "aziot-edged"
}

// exc is one exception of a chain.
type exc struct{ kind, text string }

// thrown prints a chain of exceptions, outer first, as the edition's .NET does.
func (d *Device) thrown(chain []exc) string {
	var b strings.Builder
	for i, e := range chain {
		switch {
		case i > 0 && d.NET == 2:
			b.WriteString(" ---> ")
		case i > 0:
			b.WriteString("\n ---> ")
		}
		b.WriteString(e.kind)
		if e.text != "" {
			b.WriteString(": " + e.text)
		}
	}
	for i := range chain {
		if i > 0 {
			b.WriteString("\n   --- End of inner exception stack trace ---")
		}
		b.WriteString("\n   at " + frames[(len(chain)-i)%len(frames)])
	}
	return b.String()
}

var frames = [...]string{
	"Microsoft.Azure.Devices.Client.Transport.RetryDelegatingHandler.<>c__DisplayClass28_0.<<Open>b__0>d." +
		"MoveNext()\n--- End of stack trace from previous location where exception was thrown ---",
	"Microsoft.Azure.Devices.Client.Transport.ErrorDelegatingHandler.ExecuteWithErrorHandlingAsync[T](Func`1 " +
		"asyncOperation)",
	"System.Threading.Tasks.Task.ThrowIfExceptional(Boolean includeTaskCanceledExceptions)",
}
