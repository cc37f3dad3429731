package devicelog

import "fmt"

// leg is one component's way to the hub.
type leg struct {
	who string
	t   Transport
}

// Network is what stands between a device and the cloud, by how it answers. The zero value lets everything through.
type Network struct {
	bad   func(*Device, leg) []exc // what the SDK throws on that way; nil: it works
	calls func(*Device) []string   // what a daemon's HTTPS ends with, outer first; nil: it works
	dps   func(*Device) []string   // what a registration ends with

	answered  bool // what calls ends with is the hub's own answer
	agentToo  bool // edgeAgent has to connect anew as well
	silentHub bool // edgeHub makes no try of its own
	timesOut  bool // calls on what stood before end by time, which edgeHub's state lines tell
}

func (n Network) upstream(d *Device, l leg) []exc {
	if n.bad == nil {
		return nil
	}
	return n.bad(d, l)
}

func (n Network) https(d *Device) []string {
	if n.calls == nil {
		return nil
	}
	return n.calls(d)
}

// crashes says that the identity service cannot live on this network.
func (n Network) crashes(d *Device) bool {
	return !d.Legacy && (n.dps != nil && !d.Manual || n.answered)
}

const (
	unableWS  = "System.Net.WebSockets.WebSocketException (0x80004005)"
	httpKind  = "System.Net.Http.HttpRequestException"
	authKind  = "System.Security.Authentication.AuthenticationException"
	comKind   = "Microsoft.Azure.Devices.Client.Exceptions.IotHubCommunicationException"
	unauthed  = "Microsoft.Azure.Devices.Client.Exceptions.UnauthorizedException"
	timedKind = "System.TimeoutException"

	handshakeOver = "The SSL connection could not be established, see inner exception."
)

// transient wraps as the SDK does.
func transient(inner ...exc) []exc {
	return append([]exc{{comKind, "Transient network error occurred, please retry."}}, inner...)
}

// dialled is whom a way dials first, as exceptions print it.
func (d *Device) dialled(t Transport) string {
	switch {
	case t.webSocket() && d.Proxy != "":
		return d.Proxy
	case t.webSocket():
		return hub + ":443"
	case t == MQTT:
		return hub + ":8883"
	}
	return hub + ":5671"
}

// viaHTTP is what a WebSocket's opening throws around its reason. In .NET 2.1 nothing stands between.
func (d *Device) viaHTTP(t Transport, text string, inner ...exc) []exc {
	chain := []exc{{unableWS, "Unable to connect to the remote server"}}
	if d.NET >= 5 {
		text = fmt.Sprintf("%s (%s)", text, d.dialled(t))
	}
	if d.NET > 2 {
		chain = append(chain, exc{httpKind, text})
	}
	return transient(append(chain, inner...)...)
}

// socketFails is an errno of the first connection.
func (d *Device) socketFails(t Transport, number, text string) []exc {
	s := exc{"System.Net.Sockets.SocketException (" + number + ")", text}
	if d.NET == 2 {
		s = exc{"System.Net.Internals.SocketExceptionFactory+ExtendedSocketException", text + " 10.10.0.4:" +
			d.dialled(t)[len(d.dialled(t))-4:]}
	}
	switch {
	case t.webSocket():
		return d.viaHTTP(t, text, s)
	case t == MQTT:
		return transient(exc{comKind, "MQTT channel open failed."})
	}
	return transient(s)
}

// onWS is a network that spoils WebSockets alone.
func onWS(f func(*Device, leg) []exc) func(*Device, leg) []exc {
	return func(d *Device, l leg) []exc {
		if !l.t.webSocket() {
			return nil
		}
		return f(d, l)
	}
}

// on is a network that spoils one transport alone.
func on(t Transport, f func(*Device, leg) []exc) func(*Device, leg) []exc {
	return func(d *Device, l leg) []exc {
		if l.t != t {
			return nil
		}
		return f(d, l)
	}
}

func socket(number, text string) func(*Device, leg) []exc {
	return func(d *Device, l leg) []exc { return d.socketFails(l.t, number, text) }
}

// connecting is how hyper says that no connection came to be.
func connecting(chain ...string) func(*Device) []string {
	return func(d *Device) []string {
		if d.Terse {
			return append([]string{"client error (Connect)"}, chain...)
		}
		return append([]string{"error trying to connect"}, chain...)
	}
}

// plain is a chain that is the same in all editions.
func plain(chain ...string) func(*Device) []string {
	return func(*Device) []string { return chain }
}

// certificate is what each way says of a chain that does not verify. Only some say why.
func certificate(status, name string) func(*Device, leg) []exc {
	return func(d *Device, l leg) []exc {
		text := "The remote certificate is invalid because of errors in the certificate chain: " + status
		if name != "" {
			text = "The remote certificate is invalid according to the validation procedure: " + name
		}
		if d.NET < 5 {
			text = "The remote certificate is invalid according to the validation procedure."
		} else if l.t == AMQP {
			text = "The remote certificate was rejected by the provided RemoteCertificateValidationCallback."
		}
		chain := []exc{{authKind, "TLS authentication error."}}
		if l.t.webSocket() {
			chain = append(chain, exc{unableWS, "Unable to connect to the remote server"})
			if d.NET > 2 {
				chain = append(chain, exc{httpKind, handshakeOver})
			}
		}
		return append(chain, exc{authKind, text})
	}
}
