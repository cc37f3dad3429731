package devicelog

import "time"

const (
	device = "line4-gw02"
	hub    = "plant-west.azure-devices.net"
)

// Boot starts everything on a network: the daemons, then the agent, then edgeHub.
func (d *Device) Boot(n Network) {
	d.here = n
	if d.Legacy {
		d.legacyBoot(n)
	} else {
		if d.identityBoot(n); n.crashes(d) {
			d.edgedWaits() // and no container is started
			return
		}
		d.edgedBoot()
	}
	d.agentBoot(n)
	d.some(8*time.Second, 20*time.Second)
	d.hubBoot(n)
}

func (d *Device) proxyShown() string { return "http://gw:****@" + d.Proxy + "/" }

func (d *Device) agentBoot(n Network) {
	d.start("edgeAgent")
	d.raw("edgeAgent", d.now.UTC().Format("2006-01-02 15:04:05")+"  Starting Edge Agent")
	d.raw("edgeAgent", d.now.UTC().Format("2006-01-02 15:04:05.000 +00:00")+" Edge Agent Main()")
	d.net("edgeAgent", "INF", "Initializing Edge Agent.")
	d.net("edgeAgent", "INF", "Version - %s.65011234 (0f1e2d3c4b5a69788796a5b4c3d2e1f001122334)", d.Name)
	d.net("edgeAgent", "INF", "\n        █████╗ ███████╗██╗   ██╗██████╗ ███████╗\n       ██╔══██╗╚══███╔╝██║   "+
		"██║██╔══██╗██╔════╝")
	if d.NET > 2 {
		d.net("edgeAgent", "INF", "ModuleUpdateMode: NonBlocking")
	}
	if d.Proxy != "" {
		d.net("edgeAgent", "INF", "Detected proxy %s", d.proxyShown())
	}
	d.net("edgeAgent", "INF", "Experimental features configuration: "+
		"{\"Enabled\":false,\"DisableCloudSubscriptions\":false}")
	d.net("edgeAgent", "INF", "Created persistent store at /tmp/edgeAgent")
	d.net("edgeAgent", "INF", "Started operation refresh twin config")
	d.emptyConfig()
	d.agentTry(n)
}

func (d *Device) emptyConfig() {
	d.net("edgeAgent", "WRN", "Empty edge agent config was received. Attempting to read config from backup "+
		"(/tmp/edgeAgent_backup/backup.json) instead")
}

// agentTry is one round of edgeAgent. With a protocol set it never says why it failed.
func (d *Device) agentTry(n Network) {
	list := []Transport{d.Agent}
	if d.Agent == None {
		list = []Transport{AMQP, AMQPWS}
	}
	var failed [][]exc
	for _, t := range list {
		d.net("edgeAgent", "INF", "Edge agent attempting to connect to IoT Hub via %s...", t)
		bad := n.upstream(d, leg{"edgeAgent", t})
		if bad == nil {
			d.some(time.Second, 3*time.Second)
			d.net("edgeAgent", "INF", "Edge agent connected to IoT Hub via %s.", t)
			d.net("edgeAgent", "INF", "Obtained Edge agent twin from IoTHub with desired properties version 31 and "+
				"reported properties version 512.")
			return
		}
		d.some(2*time.Second, 20*time.Second)
		failed = append(failed, bad)
	}
	if len(failed) == 2 {
		d.net("edgeAgent", "WRN", "Error creating a device-to-cloud connection\n%s", d.aggregate(failed))
	}
	d.emptyConfig()
}

// aggregate prints the failures of both of the agent's protocols.
func (d *Device) aggregate(failed [][]exc) string {
	last := func(c []exc) string { return c[0].text }
	s := "System.AggregateException: One or more errors occurred."
	if d.NET > 2 {
		s += " (" + last(failed[0]) + ") (" + last(failed[1]) + ")\n"
	}
	s += " ---> " + d.thrown(failed[0]) + "\n   --- End of inner exception stack trace ---"
	if d.NET > 2 {
		return s + "\n ---> (Inner Exception #1) " + d.thrown(failed[1]) + "<---\n"
	}
	return s + "\n---> (Inner Exception #0) " + d.thrown(failed[0]) + "<---\n\n---> (Inner Exception #1) " +
		d.thrown(failed[1]) + "<---\n"
}

func (d *Device) hubBoot(n Network) {
	d.start("edgeHub")
	d.raw("edgeHub", d.now.UTC().Format("2006-01-02 15:04:05")+"  Starting Edge Hub")
	d.raw("edgeHub", d.now.UTC().Format("2006-01-02 15:04:05.000 +00:00")+" Edge Hub Main()")
	d.net("edgeHub", "INF", "Enabling SSL protocols: Tls12")
	d.net("edgeHub", "INF", "Initializing Edge Hub")
	d.net("edgeHub", "INF", "Version - %s.65011234 (0f1e2d3c4b5a69788796a5b4c3d2e1f001122334)", d.Name)
	d.net("edgeHub", "INF", "OptimizeForPerformance=True")
	d.net("edgeHub", "INF", `Loaded server certificate with expiration date of "%s"`,
		d.now.AddDate(0, 1, 0).Format("2006-01-02T15:04:05.0000000Z"))
	if d.Proxy != "" {
		d.net("edgeHub", "INF", "Detected proxy %s", d.proxyShown())
	}
	d.net("edgeHub", "INF", "Created DeviceConnectivityManager with connected check frequency 00:05:00 and "+
		"disconnected check frequency 00:02:00")
	d.net("edgeHub", "INF", "Initializing configuration")
	d.net("edgeHub", "INF", "Created device scope identities cache")
	d.net("edgeHub", "INF", "Starting refresh of device scope identities cache")
	d.hubTry(n, true)
	d.scope(n)
	d.net("edgeHub", "INF", "Started MQTT head")
	d.net("edgeHub", "INF", "Started AMQP head")
}

// scope is edgeHub's only HTTPS: the identities behind it.
func (d *Device) scope(n Network) {
	if n.https(d) == nil {
		d.net("edgeHub", "INF", "Done refreshing device scope identities cache. Waiting for 60 minutes.")
		return
	}
	d.net("edgeHub", "WRN", "Encountered an error while refreshing the device scope identities cache. Will retry the "+
		"operation in some time...")
	d.net("edgeHub", "INF", "Retry refreshing device scope identities cache. Waiting for 120 seconds.")
}

// hubTry is a connection of edgeHub's own client.
func (d *Device) hubTry(n Network, first bool) {
	id := device + "/$edgeHub"
	d.net("edgeHub", "INF", "Attempting to connect to IoT Hub for client %s via %s...", id, d.Hub.hubSays())
	bad := n.upstream(d, leg{"edgeHub", d.hubTransport()})
	if bad == nil {
		d.some(time.Second, 3*time.Second)
		d.net("edgeHub", "INF", "Created cloud proxy for client %s via %s, with client operation timeout 20 seconds.",
			id,
			d.Hub.hubSays())
		d.net("edgeHub", "INF", "Initialized cloud proxy 6f1c2f0e-7a52-4b8e-9c2d-0a1b2c3d4e5f for %s", id)
		d.net("edgeHub", "INF", "Created cloud connection for client %s", id)
		if first {
			d.net("edgeHub", "INF", "New cloud connection created for device %s", id)
			d.net("edgeHub", "INF", "Exiting disconnected state")
			d.net("edgeHub", "INF", "Entering connected state")
		}
		return
	}
	d.some(2*time.Second, 20*time.Second)
	d.net("edgeHub", "WRN", "Error creating cloud connection for client %s\n%s", id, d.thrown(bad))
	if d.rnd.IntN(3) == 0 {
		d.net("edgeHub", "INF", "Error getting cloud connection for device %s\n%s", id, d.thrown(bad))
	}
	if d.rnd.IntN(3) == 0 {
		d.net("edgeHub", "WRN", "Could not get an active Iot Hub connection for client %s", id)
	}
}

func (d *Device) hubTransport() Transport {
	if d.Hub == None {
		return AMQP
	}
	return d.Hub
}

// lose is how edgeHub notices that calls time out.
func (d *Device) lose() {
	d.net("edgeHub", "INF", "Exiting connected state")
	d.net("edgeHub", "INF", "Entering unreachable state")
	d.pass(20 * time.Second)
	d.net("edgeHub", "INF", "Entering disconnected state")
}

// Fail lets the device live on a broken network for a while.
func (d *Device) Fail(n Network, rounds int) {
	if n.crashes(d) {
		return
	}
	d.here = n
	for range rounds {
		d.some(20*time.Second, 80*time.Second)
		if !n.silentHub {
			d.hubTry(n, false)
		}
		if n.agentToo {
			d.agentTry(n)
		}
		if d.rnd.IntN(4) == 0 {
			d.noise()
		}
		d.identityCall(n)
	}
}

// Stop ends both modules in good order, as for an update or a restart of the host.
func (d *Device) Stop() {
	for _, m := range []string{"edgeAgent", "edgeHub"} {
		d.net(m, "INF", "Received signal of type SIGTERM")
		d.net(m, "INF", "Termination requested, initiating shutdown.")
		d.pass(time.Second)
		if m == "edgeHub" {
			d.net(m, "INF", "Stopping the protocol heads...")
			d.net(m, "INF", "Protocol heads stopped.")
			d.net(m, "INF", "Shutdown complete.")
		} else {
			d.net(m, "INF", "Initiating shutdown cleanup.")
			d.net(m, "INF", "Completed shutdown cleanup.")
			d.net(m, "INF", "Main thread terminated")
		}
	}
	d.some(5*time.Second, 40*time.Second)
}
