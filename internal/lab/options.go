package lab

import (
	"fmt"
	"net"
	"time"

	"edgenet/internal/lab/fleet"
)

// Options say what to start. The zero value works.
type Options struct {
	// Listen is the hub's and the proxies' address. Zero means 127.0.0.1.
	Listen string
	// EdgeListen is the edgeHub's address. Zero means 127.0.0.2, or Listen where
	// the system has no such address (macOS).
	EdgeListen string
	// DPSListen is the provisioning service's address. Zero means 127.0.0.3, or Listen
	// where the system has no such address.
	DPSListen string
	// StandardPorts binds 5671, 8883 and 443, which the vendor's SDKs have fixed.
	// Zero means free ports.
	StandardPorts bool
	// Dir gets what the lab makes (the CA's certificate, the workload API's
	// socket). Zero means a temporary directory, removed by Close.
	Dir string
	// Scenario names a set of faults, see Scenarios. Zero means none.
	Scenario string
	// Faults come on top of the scenario's. Zero means none.
	Faults []Fault
	// Delay is added to everything that passes a port, in each direction; the TCP
	// handshake itself is the kernel's and stays as fast as it is. Zero means none.
	Delay time.Duration
	// Engine is the version of a container engine that is answered for on a socket, such as
	// 24.0.7; no container is run. Zero means none.
	Engine string
	// Fleet is how many devices are simulated behind the hub, with the service API over
	// them. Zero means none.
	Fleet int
	// FleetOptions say more of it; its Devices and Hub are set by the lab.
	FleetOptions fleet.Options
	// Log is called for every event, from any goroutine, and must not block. Zero
	// means that events are only kept for Events.
	Log func(Event)
}

// Names that the lab's services go by.
const (
	HubName     = "lab.azure-devices.test"
	GatewayName = "edge.lab.test"
	DPSName     = "global.azure-devices-provisioning.test"
	// DeviceID, ModuleID and X509DeviceID are registered from the start, as are
	// DisabledDeviceID, which nobody may use, and the runtime's own modules.
	DeviceID         = "lab-device"
	ModuleID         = "edgenet"
	X509DeviceID     = "lab-x509"
	DisabledDeviceID = "lab-disabled"
	// DPSScope is the ID scope, and RegistrationID the one device that the provisioning
	// service knows by a key of its own.
	DPSScope       = "0ne000EDGE1"
	RegistrationID = "lab-dps"
)

// defaults fills in what Options leave open and checks the rest.
func (o *Options) defaults() error {
	if o.Listen == "" {
		o.Listen = "127.0.0.1"
	}
	o.EdgeListen = orListen(o.EdgeListen, "127.0.0.2", o.Listen)
	o.DPSListen = orListen(o.DPSListen, "127.0.0.3", o.Listen)
	for _, address := range []string{o.Listen, o.EdgeListen, o.DPSListen} {
		if net.ParseIP(address) == nil {
			return fmt.Errorf("lab: listen on %q: expected an IP address such as 127.0.0.1", address)
		}
	}
	if o.Delay < 0 || o.Delay > time.Minute {
		return fmt.Errorf("lab: delay %s: expected 0 to 1m", o.Delay)
	}
	return nil
}

// orListen is the address that was given, else that of one's own where the system has it.
func orListen(given, own, listen string) string {
	if given != "" {
		return given
	}
	l, err := net.Listen("tcp", net.JoinHostPort(own, "0"))
	if err != nil {
		return listen
	}
	_ = l.Close() // it was only to see whether the address is there
	return own
}
