package devicelog

import (
	"fmt"
	"time"

	"edgenet/report"
)

func refusedBy(kind, text string) func(*Device, leg) []exc {
	return func(*Device, leg) []exc { return []exc{{kind, text}} }
}

func hubFaults() []Fault {
	sdk := "Microsoft.Azure.Devices.Client.Exceptions."
	answered := []report.Cause{report.AMQPError, report.HTTPStatus} // the hub itself, which says that it is not well
	rejected := []report.Cause{report.AuthExpired, report.AuthClock, report.AuthUnknownDevice}
	return []Fault{
		{Name: "deleted in the hub", Setup: directWS, Truth: Truth{Cause: report.AuthUnknownDevice, Proved: true,
			Findings: []report.FindingCode{report.IdentityDeleted}}, Net: Network{agentToo: true, bad: refusedBy(
			sdk+"DeviceNotFoundException", "Put token failed. status-code: 404, status-description: Device "+device+
				"/$edgeHub at IotHub "+hub+" not registered.")}},
		{Name: "the key is wrong", Setup: directWS, OnlyStart: true, Truth: Truth{Cause: report.AuthRejected,
			Proved: true,
			Same:   rejected[1:], Also: []report.FindingCode{report.ClockSkew}, Hidden: never},
			Net: Network{agentToo: true,
				bad: refusedBy(unauthed, "Put token failed. status-code: 401, status-description: Unauthorized.")}},
		{Name: "MQTT is not authorized", Setup: directMQTT, Truth: Truth{Cause: report.AuthRejected, Same: rejected,
			Hidden: never, Proved: true}, Net: Network{agentToo: true,
			bad: refusedBy(unauthed, "CONNECT failed: RefusedNotAuthorized")}},
		{Name: "the clock is behind", Setup: directWS, OnlyStart: true, Truth: Truth{Cause: report.AuthClock,
			Same: []report.Cause{report.AuthExpired}, Findings: []report.FindingCode{report.ClockSkew}},
			Net: Network{agentToo: true, bad: refusedBy(unauthed,
				"Put token failed. status-code: 401, status-description: The specified SAS token is expired.")}},
		{Name: "the quota is used up", Setup: directWS, OnlyLate: true, Truth: Truth{Elsewhere: answered,
			Findings: []report.FindingCode{report.ServiceUnwell}},
			Net: Network{bad: refusedBy(sdk+"QuotaExceededException",
				"Total number of messages on IotHub 'plant-west' exceeded the allocated quota. Max allowed message "+
					"count : "+
					"'400000', current message count : '400012'. Please look at https://aka.ms/iothubthrottling")}},
		{Name: "throttled", Setup: directWS, OnlyLate: true, Truth: Truth{Elsewhere: answered,
			Findings: []report.FindingCode{report.ServiceUnwell}},
			Net: Network{bad: refusedBy(sdk+"IotHubThrottledException",
				"Service rejected the message with status: 429")}},
		{Name: "twice the same device", Setup: directWS, Truth: Truth{
			Findings: []report.FindingCode{report.IdentityDuplicate},
			Also:     []report.FindingCode{report.UpstreamFlapping}},
			Do: func(d *Device) {
				for range 25 {
					d.some(5*time.Second, 25*time.Second)
					d.net("edgeHub", "INF", "Error creating new device connection for device %s/$edgeHub\n%s",
						device, d.thrown(
							transient(exc{"Microsoft.Azure.Amqp.AmqpException",
								"The link with identifier 'x' was closed due to link " +
									"stealing, condition: amqp:link:stolen."})))
					d.hubTry(Network{}, false)
				}
			}},
	}
}

func holdFaults() []Fault {
	quiet := func(d *Device) {
		d.lose()
		d.pass(2 * time.Hour)
		d.noiseLeaf()
	}
	silence := Truth{Cause: report.HoldDropped, Hidden: always, Same: []report.Cause{report.TCPTimeout},
		Findings: []report.FindingCode{report.UpstreamReasonNotLogged}}
	return []Fault{
		{Name: "the middle forgets idle connections", Setup: directAMQP, Truth: Truth{Cause: report.HoldDropped},
			Do: func(d *Device) {
				for range 12 {
					d.some(6*time.Minute, 9*time.Minute)
					d.net("edgeHub", "INF", "Error getting cloud connection for device %s/$edgeHub\n%s",
						device, d.thrown(
							transient(exc{"Microsoft.Azure.Amqp.AmqpException",
								"The connection was inactive for more than the allowed " +
									"60000 milliseconds and is closed by container 'DotNetClient'., condition: " +
									"amqp:connection:forced"})))
				}
			}},
		{Name: "lost, and no word of it", Setup: directAMQP, Truth: silence, Do: quiet},
		{Name: "the agent alone, and no word of it", Setup: directWS, Truth: Truth{Cause: report.TCPTimeout,
			Hidden: always,
			Same:   []report.Cause{report.ConnectTimeout, report.TLSTimeout}, Findings: []report.FindingCode{
				report.UpstreamReasonNotLogged}},
			Net: Network{silentHub: true, agentToo: true, bad: func(d *Device, l leg) []exc {
				if l.who != "edgeAgent" {
					return nil
				}
				return transient(exc{timedKind, "Operation timeout expired."})
			}}},
	}
}

func dps(code int, message string) func(*Device) []string {
	return plain(fmt.Sprintf(`{"errorCode":%d,"trackingId":"5c0c0c1e","message":%q,"timestampUtc":"2024-03-04T05:00:01Z"}`,
		code, message))
}

func identityFaults() []Fault {
	https := []report.FindingCode{report.HTTPSRequired}
	all := Setup{Agent: AMQP, Hub: AMQP}
	ways := func(t Truth, f func(*Device) []string) Fault {
		t.Findings = https
		return Fault{Setup: all, Truth: t, Net: Network{calls: f}}
	}
	crash := []report.FindingCode{report.IdentityCrashLoop}
	named := func(name string, f Fault) Fault { f.Name = name; return f }
	return []Fault{
		named("443 refused, AMQP is open", ways(Truth{Cause: report.TCPRefused, Proved: true},
			connecting("tcp connect error",
				"Connection refused (os error 111)"))),
		named("443 dropped, AMQP is open", ways(Truth{Cause: report.TCPTimeout}, connecting("tcp connect error",
			"Connection timed out (os error 110)"))),
		named("443 inspected, AMQP is open", ways(Truth{Cause: report.TLSUntrusted, Proved: true,
			Same: []report.Cause{report.TLSIntercepted}, Also: []report.FindingCode{report.TLSInspection,
				report.TLSCAMissingInOS}}, openssl("self signed certificate in certificate chain"))),
		{Name: "DPS knows no such enrolment", Setup: directWS, Not: legacy, OnlyStart: true, Truth: Truth{Proved: true,
			Cause: report.AuthUnknownDevice, Findings: crash}, Net: Network{dps: dps(404201, "Not Found"),
			bad: nobody}},
		{Name: "DPS refuses the key", Setup: directWS, Not: legacy, OnlyStart: true, Truth: Truth{Proved: true,
			Cause: report.AuthRejected, Findings: crash}, Net: Network{dps: dps(401002, "Unauthorized"), bad: nobody}},
		{Name: "the hub is gone", Setup: Setup{Agent: AMQPWS, Hub: AMQPWS, Manual: true}, Not: legacy, OnlyStart: true,
			Truth: Truth{Cause: report.AuthUnknownDevice, Proved: true, Findings: crash, Also: []report.FindingCode{
				report.IdentityDeleted}}, Net: Network{answered: true, bad: nobody,
				calls: plain(`{"Message":"ErrorCode:IotHubNotFound;Unauthorized","ExceptionMessage":"Tracking ID:1-2"}`)}},
		{Name: "a portal answers for the hub", Setup: Setup{Agent: AMQP, Hub: AMQP, Manual: true}, Not: legacy,
			OnlyStart: true, Truth: Truth{Cause: report.HTTPBlockPage}, Net: Network{answered: true, bad: nobody,
				calls: plain("expected value at line 1 column 1")}},
	}
}

// nobody reaches the hub: the daemons' failure leaves the containers without an identity, hence silent.
func nobody(*Device, leg) []exc {
	return []exc{{timedKind, "Operation timeout expired."}}
}

func pullFaults() []Fault {
	pull := func(name string, message string, elsewhere ...report.Cause) Fault {
		return Fault{Name: "pull: " + name, Setup: throughProxy, Truth: Truth{
			Findings: []report.FindingCode{report.RegistryPull}, Also: []report.FindingCode{report.StorageFull,
				report.RegistryUnreachable, report.TLSInspection}, Elsewhere: elsewhere},
			Do: func(d *Device) { d.PullFails(message) }}
	}
	get := `Get "https://mcr.microsoft.com/v2/": `
	return []Fault{
		pull("dropped", get+"dial tcp 192.0.2.70:443: i/o timeout"),
		pull("no such name", get+"dial tcp: lookup mcr.microsoft.com on 10.0.0.2:53: no such host", report.DNSNXDomain),
		pull("inspected", get+"x509: certificate signed by unknown authority", report.TLSUntrusted),
		pull("proxy wants a login", get+"Proxy Authentication Required"),
		pull("slow handshake", get+"net/http: TLS handshake timeout"),
		pull("no rights", "unauthorized: authentication required"),
		pull("no such image", "manifest for mcr.microsoft.com/azureiotedge-hub:9.9 not found: manifest unknown: "+
			"manifest unknown"),
		pull("data endpoint", `error pulling image configuration: Get "https://eastus.data.mcr.microsoft.com/01/": EOF`),
	}
}

func hostFaults() []Fault {
	one := func(name string, f report.FindingCode, do func(*Device)) Fault {
		return Fault{Name: name, Setup: throughProxy, Truth: Truth{Findings: []report.FindingCode{f}}, Do: do}
	}
	return []Fault{
		one("the disk is full", report.StorageFull, func(d *Device) {
			d.net("edgeHub", "ERR", "Error creating RocksDB store. Falling back to in-memory store.\nRocksDbSharp."+
				"RocksDbException: IO error: No space left on deviceWhile appending to file: "+
				"/tmp/edgeHub/000201.log: No space "+
				"left on device\n   at RocksDbSharp.Native.rocksdb_put()")
		}),
		one("the edge CA has expired", report.EdgeCAExpired, func(d *Device) {
			d.net("edgeHub", "WRN", "Server certificate is expired (%s). Not scheduling renewal.",
				d.now.Add(-48*time.Hour).Format("2006-01-02T15:04:05.0000000Z"))
		}),
		one("the engine cannot store the image", report.StorageFull, func(d *Device) {
			d.PullFails("failed to register layer: Error processing tar file(exit status 1): write /app/x.dll: no " +
				"space left on device")
		}),
		{Name: "the identity service dies", Setup: directWS, Not: legacy, Truth: Truth{Findings: []report.FindingCode{
			report.IdentityCrashLoop}}, Do: func(d *Device) {
			for i := range 9 {
				d.systemd("aziot-identityd.service: Main process exited, code=exited, status=1/FAILURE")
				d.systemd("aziot-identityd.service: Scheduled restart job, restart counter is at %d.", i+1)
				d.start(identityd)
				d.rust(identityd, "INFO", "Starting service...")
				d.rust(identityd, "INFO", "Version - %s", d.Name)
				d.rust("aziot-edged", "WARN", "Failed to send HTTP request (attempt 1 of 2): connection error: "+
					"Connection reset by peer (os error 104)")
				d.pass(5 * time.Second)
			}
		}},
	}
}
