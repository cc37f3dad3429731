package lab

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"strconv"

	"edgenet/internal/lab/dps"
	"edgenet/internal/lab/hub"
	"edgenet/internal/secret"
)

// Provisioning is how a device registers at the lab's provisioning service.
type Provisioning struct {
	Host    string `json:"host"`
	Address string `json:"address"`
	AMQPS   int    `json:"amqps"` // it greets, and takes no registration
	MQTTS   int    `json:"mqtts"`
	HTTPS   int    `json:"https"`
	// ConnectTo leads the name's standard ports to where the service listens.
	ConnectTo []string `json:"connectTo"` // HOST:PORT:ADDR:PORT
	IDScope   string   `json:"idScope"`
	// RegistrationID registers with SymmetricKey; any other with the key that derives from
	// GroupKey, or with a certificate of the lab's CA for that name, such as the file
	// X509DeviceID.pem.
	RegistrationID string `json:"registrationId"`
	SymmetricKey   string `json:"symmetricKey"`
	GroupKey       string `json:"groupKey"`
}

// DPS is the lab's provisioning service.
func (l *Lab) DPS() *dps.Service { return l.dps }

// dpsPlaces are the provisioning service's ports.
var dpsPlaces = [3]string{"dpsAmqps", "dpsMqtts", "dpsHttps"}

// openDPS opens the provisioning service. Where it has no address of its own, the standard
// ports are the hub's.
func (l *Lab) openDPS() error {
	roots := x509.NewCertPool()
	roots.AddCert(l.CA())
	// AMQP is greeted as the real service greets it, and nobody can log in: no client of the
	// runtime registers by it.
	nobody := &hub.Head{Backend: hub.New(DPSName, l.logAt("dps"), nil), Dialect: hub.IoTHub, Log: l.logAt("dps")}
	within := func(on layer, serve dps.Serve) dps.Serve {
		return func(ctx context.Context, nc net.Conn) error {
			l.talk(ctx, nc, on, serve, placesOf(ctx, dpsPlaces[2])...)
			return nil
		}
	}
	o := dps.Options{Scope: DPSScope, Hub: HubName, Registry: registry{l}, Roots: roots, Log: l.logAt("dps"),
		AMQP: within(layerAMQP, nobody.ServeAMQP)}
	o.MQTT = within(layerMQTT, func(ctx context.Context, nc net.Conn) error { return l.dps.ServeMQTT(ctx, nc) })
	l.dps = dps.New(o)
	l.dps.Enroll(RegistrationID)
	at := func(place string, on layer, serve dps.Serve) func(context.Context, *conn, net.Conn) {
		return func(ctx context.Context, c *conn, inside net.Conn) { l.talk(ctx, inside, on, serve, place, c.place) }
	}
	return l.listenDPS([3]func(context.Context, *conn, net.Conn){
		at(dpsPlaces[0], layerAMQP, nobody.ServeAMQP), at(dpsPlaces[1], layerMQTT, l.dps.ServeMQTT),
		l.serveHTTP(dpsPlaces[2], l.dps),
	})
}

func (l *Lab) listenDPS(serves [3]func(context.Context, *conn, net.Conn)) error {
	cfg, err := l.material.config("dps", true)
	if err != nil {
		return fmt.Errorf("lab: dps: %w", err)
	}
	own := l.options.DPSListen != l.options.Listen && l.options.DPSListen != l.options.EdgeListen
	for i, place := range dpsPlaces {
		number := 0
		if own && l.options.StandardPorts {
			number = standard[i]
		}
		p := &port{place: place, address: net.JoinHostPort(l.options.DPSListen, strconv.Itoa(number)), tls: cfg,
			serve: serves[i]}
		if err := l.open(p); err != nil {
			return err
		}
	}
	return nil
}

// registry puts devices that were assigned into the lab's hub.
type registry struct{ lab *Lab }

// Provision implements dps.Registry.
func (r registry) Provision(device string, key secret.Value, cert *x509.Certificate) error {
	if cert != nil {
		r.lab.askHTTPS.Store(true)
	}
	return r.lab.hub.Provision(device, key, cert)
}

// provisioning tells how to use the service.
func (l *Lab) provisioning() Provisioning {
	return Provisioning{
		Host: DPSName, Address: l.options.DPSListen, AMQPS: l.number(dpsPlaces[0]), MQTTS: l.number(dpsPlaces[1]),
		HTTPS: l.number(dpsPlaces[2]), ConnectTo: l.connectTo(DPSName, dpsPlaces[:]...), IDScope: l.dps.Scope(),
		RegistrationID: RegistrationID, SymmetricKey: l.dps.Key(RegistrationID).Reveal(),
		GroupKey: l.dps.Group().Reveal(),
	}
}
