package logs_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"edgenet/internal/logs"
	"edgenet/internal/logs/pattern"
	"edgenet/report"
)

// world is a device that lives for some days and writes what such devices write. It knows
// nothing of how logs are read.
type world struct {
	rnd  *rand.Rand
	now  time.Time
	out  map[string][]saidLine
	amqp string // how edgeHub names its protocol
}

type saidLine struct {
	at   time.Time
	text string // with its own head; further lines after \n
}

func newWorld(seed uint64) *world {
	return &world{rnd: rand.New(rand.NewPCG(seed, 7)), now: time.Date(2024, 3, 4, 5, 0, 0, 0, time.UTC),
		out: map[string][]saidLine{}, amqp: "AMQP over WebSockets"}
}

func (w *world) pass(d time.Duration) { w.now = w.now.Add(d) }

func (w *world) boot(who, text string) {
	w.say(who, w.now.Format("2006-01-02 15:04:05.000 +00:00 ")+text)
}

func (w *world) net(who, level, text string) {
	n := map[string]int{"INF": 6, "WRN": 4, "ERR": 3, "DBG": 7}[level]
	w.say(who, fmt.Sprintf("<%d> %s [%s] - %s", n, w.now.Format("2006-01-02 15:04:05.000 +00:00"), level, text))
}

func (w *world) rust(who, level, text string) {
	w.say(who, fmt.Sprintf("%s [%s] - %s", w.now.Format("2006-01-02T15:04:05Z"), level, text))
}

func (w *world) say(who, text string) { w.out[who] = append(w.out[who], saidLine{w.now, text}) }

// begin starts the device, with every component getting through.
func (w *world) begin() {
	w.rust("aziot-identityd", "INFO", "Starting service...")
	w.rust("aziot-identityd", "INFO", "Version - 1.4.20")
	w.rust("aziot-identityd", "INFO", "Detected HTTPS proxy server http://edge:******@proxy.corp:3128/")
	w.rust("aziot-identityd", "INFO", "Sending DPS registration request.")
	w.pass(2 * time.Second)
	w.rust("aziot-identityd", "INFO", "Checking DPS registration status.")
	w.rust("aziot-identityd", "INFO", "Assigned to IoT hub: contoso.azure-devices.net")
	w.rust("aziot-identityd", "INFO", "Identity reconciliation started.")
	w.pass(time.Second)
	w.rust("aziot-identityd", "INFO", "Identity reconciliation complete.")
	w.rust("aziot-edged", "INFO", "Starting Azure IoT Edge Daemon")
	w.rust("aziot-edged", "INFO", "Obtaining Edge device provisioning data...")
	w.rust("aziot-edged", "INFO", "Device is dev1 on contoso.azure-devices.net")
	w.agent("")
	w.hub("")
}

func (w *world) agent(fault string) {
	w.boot("edgeAgent", "Edge Agent Main()")
	w.net("edgeAgent", "INF", "Initializing Edge Agent.")
	w.net("edgeAgent", "INF", "Version - 1.4.20.61282 (4a57b8b0)")
	w.net("edgeAgent", "INF", "Detected proxy http://edge:****@proxy.corp:3128/")
	w.net("edgeAgent", "INF", "Edge agent attempting to connect to IoT Hub via Amqp_WebSocket_Only...")
	if fault != "" {
		return
	}
	w.net("edgeAgent", "WRN", "Empty edge agent config was received. Attempting to read config from backup file "+
		"(/tmp/edgeAgent/backup.json) instead")
	w.pass(3 * time.Second)
	w.net("edgeAgent", "INF", "Edge agent connected to IoT Hub via Amqp_WebSocket_Only.")
	w.net("edgeAgent", "INF", "Obtained Edge agent twin from IoTHub with desired properties version 12 and reported "+
		"properties version 88.")
}

func (w *world) hub(fault string) {
	w.boot("edgeHub", "Edge Hub Main()")
	w.net("edgeHub", "INF", "Version - 1.4.20.61282 (4a57b8b0)")
	w.net("edgeHub", "INF", "Detected proxy http://edge:****@proxy.corp:3128/")
	w.net("edgeHub", "INF", "Created DeviceConnectivityManager with connected check frequency 00:05:00 and "+
		"disconnected check frequency 00:02:00")
	w.net("edgeHub", "INF", "Attempting to connect to IoT Hub for client dev1/$edgeHub via "+w.amqp+"...")
	if fault != "" {
		return
	}
	w.pass(2 * time.Second)
	w.net("edgeHub", "INF", "Created cloud proxy for client dev1/$edgeHub via "+w.amqp+
		", with client operation timeout 20 seconds.")
	w.net("edgeHub", "INF", "Exiting disconnected state")
	w.net("edgeHub", "INF", "Entering connected state")
}

// live lets days go by, with what a healthy device writes.
func (w *world) live(days int) {
	for range days * 24 {
		w.pass(time.Duration(30+w.rnd.IntN(45)) * time.Minute)
		w.noise()
	}
}

func (w *world) noise() {
	switch w.rnd.IntN(12) {
	case 0:
		w.net("edgeHub", "INF", "Done refreshing device scope identities cache. Waiting for 60 minutes.")
	case 1:
		w.net("edgeAgent", "INF", "Updated reported properties")
	case 2:
		w.net("edgeHub", "WRN", "TLS handshake failed., System.IO.IOException: Channel is closed, 5e3a10f2")
	case 3:
		w.net("edgeHub", "INF", "Client dev1/leaf7 disconnected")
	case 4:
		w.net("edgeHub", "INF", "Obtained new token for client dev1/sensor that expires in 00:59:58.4")
	case 5:
		w.rust("aziot-identityd", "INFO", `<-- GET "/identities/modules/edgeHub?type=aziot" {"host": "2f72756e2f617a696f74"}`)
		w.rust("aziot-identityd", "INFO", `--> 200 {"content-type": "application/json"}`)
	case 6:
		w.rust("aziot-edged", "INFO", "Watchdog checking Edge runtime status")
		w.rust("aziot-edged", "INFO", "Edge runtime is running")
	case 7: // a hiccup
		w.net("edgeHub", "INF", "Exiting connected state")
		w.net("edgeHub", "INF", "Entering unreachable state")
		w.pass(20 * time.Second)
		w.net("edgeHub", "INF", "Entering connected state")
	case 8: // an orderly restart
		w.net("edgeAgent", "INF", "Termination requested, initiating shutdown.")
		w.pass(5 * time.Second)
		w.agent("")
	case 9:
		w.net("edgeHub", "WRN", "Closing connection for device: dev1/leaf7, scopes: , "+
			"Microsoft.Azure.Devices.Edge.Hub.Core.MultipleConnectionsException: Multiple connections detected for "+
			"device dev1/leaf7\n   at "+
			"Microsoft.Azure.Devices.Edge.Hub.Core.ConnectionManager.AddDeviceConnection(IIdentity identity)")
	case 10:
		w.net("edgeAgent", "INF", "Module 'sensor' scheduled to restart after 00:00:10 (00:00:08 left).")
	case 11:
		w.net("edgeHub", "INF", "Closing cloud proxy 8f0a for dev1/leaf7 because of inactivity")
	}
}

// fails has edgeHub fail for a while for the reason that is given.
func (w *world) fails(times int, inner string) {
	w.net("edgeHub", "INF", "Termination requested, initiating shutdown.")
	w.pass(4 * time.Second)
	w.hub("fails")
	for i := range times {
		if i > 0 {
			w.net("edgeHub", "INF", "Attempting to connect to IoT Hub for client dev1/$edgeHub via "+w.amqp+"...")
		}
		w.pass(time.Duration(5+w.rnd.IntN(20)) * time.Second)
		w.net("edgeHub", "WRN", "Error creating cloud connection for client "+
			"dev1/$edgeHub\nMicrosoft.Azure.Devices.Client.Exceptions.IotHubCommunicationException: Transient "+
			"network error occurred, please retry.\n ---> "+inner+"\n   at Some.Library.Connect(Uri uri)\n   --- End "+
			"of inner exception stack trace ---\n   at "+
			"Microsoft.Azure.Devices.Edge.Hub.CloudProxy.ClientTokenCloudConnection.Create()")
		w.pass(time.Duration(40+w.rnd.IntN(40)) * time.Second)
	}
}

// forms are how the device's logs are kept.
var forms = map[string]func(w *world) map[string]string{
	"files": func(w *world) map[string]string {
		out := map[string]string{}
		for who, list := range w.out {
			for _, l := range list {
				out["logs/"+nameOf(who)] += l.text + "\n"
			}
		}
		return out
	},
	"journal": func(w *world) map[string]string {
		return map[string]string{"all/journal.txt": w.joined(func(who string, at time.Time, l string) string {
			return at.Add(time.Hour).Format("Jan 02 15:04:05") + " box1 " + who + "[" + fmt.Sprint(100+len(who)) +
				"]: " + l + "\n"
		})}
	},
	"iso": func(w *world) map[string]string {
		return map[string]string{"all/journal.txt": w.joined(func(who string, at time.Time, l string) string {
			return at.Add(time.Hour).Format("2006-01-02T15:04:05") + "+0100 box1 " + who + "[" +
				fmt.Sprint(100+len(who)) + "]: " + l + "\n"
		})}
	},
	"json": func(w *world) map[string]string {
		return map[string]string{"all/journal.json": w.joined(func(who string, at time.Time, l string) string {
			return fmt.Sprintf(`{"__REALTIME_TIMESTAMP":"%d","_PID":"%d","SYSLOG_IDENTIFIER":%q,"MESSAGE":%q}`+"\n",
				at.UnixMicro(), 100+len(who), who, l)
		})}
	},
	"syslog": func(w *world) map[string]string {
		return map[string]string{"all/syslog": w.joined(func(who string, at time.Time, l string) string {
			return "<30>1 " + at.Format("2006-01-02T15:04:05.000Z") + " box1 " + who + " 7 - - " + l + "\n"
		})}
	},
}

func nameOf(who string) string {
	if who == "edgeAgent" || who == "edgeHub" {
		return who + "_log.txt"
	}
	return who + ".txt"
}

// joined puts the lines of all in the order of time, each line wrapped by itself.
func (w *world) joined(wrap func(who string, at time.Time, line string) string) string {
	type one struct {
		who string
		saidLine
	}
	var all []one
	for who, list := range w.out {
		for _, l := range list {
			all = append(all, one{who, l})
		}
	}
	slices.SortStableFunc(all, func(a, b one) int {
		if n := a.at.Compare(b.at); n != 0 {
			return n
		}
		return cmp.Compare(a.who, b.who)
	})
	var b strings.Builder
	for _, o := range all {
		for _, l := range strings.Split(o.text, "\n") {
			b.WriteString(wrap(o.who, o.at, l))
		}
	}
	return b.String()
}

// TestFaults reads weeks of devices with one fault each, in each form, and counts what was
// found, and what was said that is not so. Nothing false may be called proved.
func TestFaults(t *testing.T) {
	t.Parallel()
	type score struct{ found, missed, wrong, proved int }
	total := map[string]*score{}
	names := []string{}
	for form, keep := range forms {
		for _, f := range faulty {
			if total[f.name] == nil {
				total[f.name] = &score{}
				names = append(names, f.name)
			}
			for seed := range uint64(2) {
				w := newWorld(seed + 1)
				w.begin()
				w.live(9)
				f.do(w)
				r, err := read(t, keep(w), logs.Options{Year: 2024})
				if err != nil {
					t.Errorf("%s as %s: %v", f.name, form, err)
					continue
				}
				s := total[f.name]
				if why := judge(r, f.cause, f.open, f.finding); why != "" {
					s.missed++
					t.Errorf("%s as %s, seed %d: %s (%s; %v)", f.name, form, seed, why, r.Conclusion.Summary,
						r.Conclusion.Findings)
				} else {
					s.found++
				}
				for _, e := range falselyProved(r, f.cause) {
					s.wrong++
					t.Errorf("%s as %s: %s is called proved: %s", f.name, form, *e.Cause, e.Text)
				}
				if r.Conclusion.Certainty == pattern.Proves && r.Conclusion.Cause != nil {
					s.proved++
				}
			}
		}
	}
	slices.Sort(names)
	for _, n := range slices.Compact(names) {
		s := total[n]
		t.Logf("%-28s found %2d of %2d, proved %2d, falsely proved %d", n, s.found, s.found+s.missed, s.proved, s.wrong)
	}
}

// judge says what is wrong with an answer.
func judge(r *logs.Report, cause, open report.Cause, finding report.FindingCode) string {
	c := &r.Conclusion
	switch {
	case cause != "" && (c.Cause == nil || *c.Cause != cause):
		return "does not name " + string(cause)
	case open != "" && (c.Cause != nil || !slices.Contains(c.Candidates, open)):
		return "does not leave open " + string(open)
	case finding != "" && !slices.Contains(c.Findings, finding):
		return "lacks " + string(finding)
	case cause == "" && open == "" && finding == "" && (r.ExitCode() != 0 || c.State != logs.StateConnected):
		return "finds trouble where there is none"
	}
	return ""
}

// falselyProved are the events that call another cause proved than the one that there was.
func falselyProved(r *logs.Report, cause report.Cause) (list []logs.Event) {
	for _, e := range r.Events {
		if e.Certainty == pattern.Proves && e.Cause != nil && *e.Cause != cause && e.Pattern != "edged.engine-error" &&
			e.Pattern != "hub.send-failure" {
			list = append(list, e)
		}
	}
	return list
}
