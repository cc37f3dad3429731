//go:build !device

package check

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"edgenet/internal/exit"
	"edgenet/internal/hop"
	"edgenet/internal/lab"
	"edgenet/internal/proxyurl"
	"edgenet/internal/suggest"
	"edgenet/probe"
	"edgenet/report"
)

// enterLab starts the lab in this process and points the job at it: its hub, its DNS,
// its CA, and the proxies of the scenario where no --proxy was given. The lab's ports
// are free ones, so the addresses that its DNS gives are redirected.
func (j *job) enterLab(ctx context.Context) (stop func(), err error) {
	if err := Scenario(j.o.Scenario); err != nil {
		return nil, err
	}
	for _, s := range lab.Scenarios() {
		if s.Name == j.o.Scenario && len(s.Flags) > 0 && j.o.Hold == 0 { // all works without
			j.con.Note("the scenario %s shows with %s", s.Name, strings.Join(s.Flags, " "))
		}
	}
	faults, err := Faults(j.o.Faults)
	if err != nil {
		return nil, err
	}
	l, err := lab.Start(ctx, lab.Options{Scenario: j.o.Scenario, Faults: faults})
	if err != nil {
		return nil, exit.UsageError{Err: err}
	}
	stop = func() { _ = l.Close() } // the check is done, and nothing is kept
	info := l.Info()
	if err := j.pointAt(info, l.CA()); err != nil {
		stop()
		return nil, err
	}
	return stop, nil
}

func (j *job) pointAt(info lab.Info, ca *x509.Certificate) error {
	j.plan.Host, j.plan.Source = info.Hub, "lab"
	j.env.Trust.NoOS = true
	j.env.Trust.Extra = append(j.env.Trust.Extra, ca)
	if len(j.o.Resolvers) == 0 {
		dns, err := netip.ParseAddrPort(info.DNS)
		if err != nil {
			return exit.Run(fmt.Errorf("the lab's DNS address: %w", err))
		}
		j.env.DNS = &hop.Resolver{Servers: []netip.AddrPort{dns}, Hosts: "-"}
	}
	address, ports := info.Addresses.Hub, map[uint16]int{5671: info.Ports.AMQPS, 8883: info.Ports.MQTTS,
		443: info.Ports.HTTPS}
	if j.o.DPS {
		p := info.Provisioning
		j.plan.Host, address, ports = p.Host, p.Address, map[uint16]int{5671: p.AMQPS, 8883: p.MQTTS, 443: p.HTTPS}
	}
	hub, err := netip.ParseAddr(address)
	if err != nil {
		return exit.Run(fmt.Errorf("the lab's address: %w", err))
	}
	j.env.Redirect = map[netip.AddrPort]netip.AddrPort{}
	for official, port := range ports {
		j.env.Redirect[netip.AddrPortFrom(hub, official)] = netip.AddrPortFrom(hub,
			uint16(port)) //nolint:gosec // a port
	}
	if len(j.o.Proxies) == 0 {
		return j.labProxies(info)
	}
	return nil
}

// Faults reads the faults that flags put on the lab.
func Faults(specs []string) ([]lab.Fault, error) {
	var out []lab.Fault
	for _, spec := range specs {
		f, err := lab.ParseFault(spec)
		if err != nil {
			return nil, exit.Usagef("--fault: %w%s", err, nearFault(spec))
		}
		out = append(out, f)
	}
	return out, nil
}

// nearFault names the fault that was probably meant.
func nearFault(spec string) string {
	_, name, _ := strings.Cut(spec, "=")
	name, _, _ = strings.Cut(name, ":")
	var names []string
	for _, f := range lab.FaultNames() {
		if f.Name == name {
			return "" // something else is wrong with it
		}
		names = append(names, f.Name)
	}
	return suggest.DidYouMean(name, names)
}

// Scenario refuses a name that is none.
func Scenario(name string) error {
	var names []string
	for _, s := range lab.Scenarios() {
		names = append(names, s.Name)
	}
	if name == "" || slices.Contains(names, name) {
		return nil
	}
	if near := suggest.DidYouMean(name, names); near != "" {
		return exit.Usagef(
			"--scenario %q: there is none of that name%s; edgenet lab scenarios lists them",
			report.Clean(name, 60),
			near,
		)
	}
	return exit.Usagef(
		"--scenario %q: there is none of that name, expected %s",
		report.Clean(name, 60),
		suggest.Alternatives(names),
	)
}

// labProxies takes the proxies of the scenario, and those with a fault, into the plan.
func (j *job) labProxies(info lab.Info) error {
	var proxies []*proxyurl.Proxy
	names := slices.Clone(lab.ScenarioProxies(j.o.Scenario))
	for _, spec := range j.o.Faults {
		place, _, _ := strings.Cut(spec, "=")
		if name, ok := strings.CutPrefix(place, "proxy:"); ok && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		p, err := proxyurl.Parse(info.Proxy(name), "lab")
		if err != nil {
			return exit.Run(fmt.Errorf("the lab's proxy %s: %w", name, err))
		}
		proxies = append(proxies, p)
	}
	direct, proxied := j.o.wants("direct"), j.o.wants("proxy")
	if !proxied {
		proxies = nil
	}
	if !direct && len(proxies) == 0 {
		return exit.Usagef("--route proxy: the lab's scenario has no proxy")
	}
	j.plan.Routes = probe.Routes(direct, proxies)
	return nil
}
