package lab

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Fault is something that goes wrong at a place. As text: PLACE=NAME[:ARG].
type Fault struct {
	// Place is a port (amqps, mqtts, https, edgeAmqps, edgeMqtts, edgeHttps, dpsAmqps,
	// dpsMqtts, dpsHttps), a proxy (proxy:NAME), dns, workload or upstream.
	Place string
	// Name is one of FaultNames.
	Name string
	// Arg is what the fault's description says; empty means its default.
	Arg string
}

func (f Fault) String() string {
	if f.Arg == "" {
		return f.Place + "=" + f.Name
	}
	return f.Place + "=" + f.Name + ":" + f.Arg
}

// layer is the layer of the protocol stack that a fault replaces. A place has
// one fault per layer at most.
type layer string

const (
	layerTCP   layer = "tcp"   // before TLS, on the direct way only
	layerLine  layer = "line"  // the bytes of a connection that otherwise works, on the direct way only
	layerTLS   layer = "tls"   // in place of the handshake, on the direct way only
	layerCert  layer = "cert"  // which certificate is shown
	layerHTTP  layer = "http"  // requests that are no upgrades
	layerWS    layer = "ws"    // upgrades
	layerAMQP  layer = "amqp"  // inside TLS, or inside a WebSocket
	layerMQTT  layer = "mqtt"  // the same
	layerProxy layer = "proxy" // what a proxy answers
	layerDNS   layer = "dns"

	layerPath     layer = "path"  // what the way between the hosts lets through, on the direct way only
	layerSOCKS    layer = "socks" // what a SOCKS5 proxy replies
	layerWorkload layer = "workload"
	layerUpstream layer = "upstream"
)

// FaultInfo describes a fault.
type FaultInfo struct {
	Name string `json:"name"`
	// Layer is what it replaces: a place takes one fault of each layer.
	Layer string `json:"layer"`
	// Places are where it fits; "proxy:NAME" stands for every proxy.
	Places []string `json:"places"`
	// Arg describes the argument, empty where there is none.
	Arg   string `json:"arg,omitempty"`
	About string `json:"about"`
}

// ParseFault reads PLACE=NAME[:ARG] and checks all three.
func ParseFault(spec string) (Fault, error) {
	place, rest, ok := strings.Cut(spec, "=")
	if !ok {
		return Fault{}, fmt.Errorf("fault %q: expected PLACE=FAULT[:ARG], for example https=ws-status:403", spec)
	}
	name, arg, _ := strings.Cut(rest, ":")
	f := Fault{Place: place, Name: name, Arg: arg}
	if _, err := f.info(); err != nil {
		return Fault{}, err
	}
	return f, nil
}

// info finds the fault's kind and checks that it fits its place and argument.
func (f Fault) info() (*faultKind, error) {
	i := slices.IndexFunc(faultKinds, func(k faultKind) bool { return k.name == f.Name })
	if i < 0 {
		return nil, fmt.Errorf("fault %q: no fault is named %q; `edgenet lab faults` lists them", f, f.Name)
	}
	kind := &faultKinds[i]
	if !slices.Contains(kind.places(), generic(f.Place)) && !slices.Contains(kind.places(), f.Place) {
		return nil, fmt.Errorf("fault %q: %s fits %s, not %q", f, f.Name, strings.Join(kind.places(), ", "), f.Place)
	}
	if kind.check != nil {
		if err := kind.check(f.Arg); err != nil {
			return nil, fmt.Errorf("fault %q: %w", f, err)
		}
	} else if f.Arg != "" {
		return nil, fmt.Errorf("fault %q: %s takes no argument", f, f.Name)
	}
	return kind, nil
}

// generic turns proxy:NAME of any name into the word that stands for them all.
func generic(place string) string {
	if name, ok := strings.CutPrefix(place, "proxy:"); ok && slices.Contains(proxyNames(), name) {
		return "proxy:NAME"
	}
	return place
}

// FaultNames lists every fault that there is.
func FaultNames() []FaultInfo {
	var out []FaultInfo
	for _, k := range faultKinds {
		out = append(out, FaultInfo{Name: k.name, Layer: string(k.layer), Places: k.places(), Arg: k.arg,
			About: k.about})
	}
	return out
}

// faults is which faults are on. Connections look when they come to a layer, so
// that a change counts for the next one.
type faults struct {
	mu sync.RWMutex
	on map[string]map[layer]Fault
}

func (s *faults) set(f Fault, l layer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.on == nil {
		s.on = make(map[string]map[layer]Fault)
	}
	if s.on[f.Place] == nil {
		s.on[f.Place] = make(map[layer]Fault)
	}
	s.on[f.Place][l] = f
}

func (s *faults) clear(place string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.on, place)
}

func (s *faults) get(place string, l layer) (Fault, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	f, on := s.on[place][l]
	return f, on
}

// find is get at the first of several places that has one.
func (s *faults) find(l layer, places ...string) (Fault, bool) {
	for _, place := range places {
		if f, on := s.get(place, l); on {
			return f, true
		}
	}
	return Fault{}, false
}
