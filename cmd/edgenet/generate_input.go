package main

import (
	"errors"
	"fmt"

	"edgenet/internal/device"
	"edgenet/internal/generate"
	"edgenet/internal/proxyurl"
	"edgenet/internal/secret"
	"edgenet/report"
)

// generateInput takes protocol and proxy from the flags, else from a report.
func (a *app) generateInput(f *generateFlags, in *generate.Input) error {
	if f.fromReport != "" {
		if err := a.fromReport(f, in); err != nil {
			return fmt.Errorf("--from-report %s: %w", report.Clean(f.fromReport, 200), err)
		}
	}
	c, err := a.setting(f.protocol, f.proxy, "")
	if err != nil {
		return err
	}
	if c.Protocol != "" {
		in.Protocol = c.Protocol
	}
	if c.Proxy != nil {
		in.Proxy = c.Proxy
	}
	if in.Protocol == "" {
		return errors.New("no protocol: give --protocol AmqpWs, or --from-report with the report of a check")
	}
	if f.noProxy != "" && in.Proxy == nil {
		return errors.New("--no-proxy belongs to --proxy")
	}
	if f.credentials != "" {
		if in.Proxy == nil {
			return errors.New("--proxy-credentials: give the proxy with --proxy URL")
		}
		file, err := a.open(f.credentials)
		if err != nil {
			return fmt.Errorf("--proxy-credentials: %w", err)
		}
		defer func() { _ = file.Close() }()
		if err := proxyurl.ReadCredentials(file, []*proxyurl.Proxy{in.Proxy}); err != nil {
			return fmt.Errorf("--proxy-credentials %s: %w", f.credentials, err)
		}
	}
	return maskedPassword(in)
}

// maskedPassword refuses to write the mask of a report where a password belongs.
func maskedPassword(in *generate.Input) error {
	if p := in.Proxy; p != nil && p.Password.Reveal() == secret.Mask {
		return fmt.Errorf("the password of %s is masked in the report, and this device does not have it: give --proxy-credentials FILE or --proxy URL", p)
	}
	return nil
}

// fromReport takes the verdict's protocol, and its proxy with the password that this
// device has for it.
func (a *app) fromReport(f *generateFlags, in *generate.Input) error {
	text, err := a.read(f.fromReport)
	if err != nil {
		return err
	}
	r, err := readReport([]byte(text))
	if err != nil {
		return err
	}
	if r.Verdict.UpstreamProtocol == nil {
		return errors.New("no UpstreamProtocol works in it: nothing can be set that would help")
	}
	in.Protocol = *r.Verdict.UpstreamProtocol
	for _, x := range r.Findings {
		in.Inspection = in.Inspection || x.Code == report.TLSInspection || x.Code == report.TLSCAMissingInBundle || x.Code == report.TLSCAMissingInOS
	}
	for _, route := range r.Routes {
		// The daemons need a proxy where HTTPS went through one, whatever the protocol.
		if route.URL == "" || route.ID != r.Verdict.Route && route.ID != r.Verdict.HTTPSRoute || in.Proxy != nil {
			continue
		}
		if in.Proxy, err = proxyurl.Parse(route.URL, "report"); err != nil {
			return fmt.Errorf("route %s: %w", report.Clean(route.ID, 20), err)
		}
		knownPassword(in)
	}
	return nil
}

// knownPassword finds the password of a masked proxy among this device's settings.
func knownPassword(in *generate.Input) {
	for _, s := range in.Device.Of(device.Proxy) {
		p, err := proxyurl.Assume(s.Value.Reveal(), "")
		if err == nil && p.HasAuth && p.String() == in.Proxy.String() {
			in.Proxy.Password = p.Password
		}
	}
}
