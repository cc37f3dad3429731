package command

import (
	"context"
	"errors"
	"fmt"

	"edgenet/internal/console"
	"edgenet/internal/device"
	"edgenet/internal/exit"
	"edgenet/internal/generate"
	"edgenet/internal/inputs"
	"edgenet/internal/proxyurl"
	"edgenet/internal/secret"
	"edgenet/report"
)

// generateInput takes protocol and proxy from the options, else from a report.
func generateInput(ctx context.Context, con *console.Console, o GenerateOptions, in *generate.Input) error {
	if o.FromReport != "" {
		if err := fromReport(ctx, con, o.FromReport, in); err != nil {
			return exit.Inputf("--from-report: %w", err)
		}
	}
	alone := o.Setting
	alone.Credentials = "" // they may be those of the report's proxy
	c, err := alone.change(ctx, con)
	if err != nil {
		return err
	}
	if c.Protocol != "" {
		in.Protocol = c.Protocol
	}
	if c.Proxy != nil {
		in.Proxy = c.Proxy
	}
	switch {
	case in.Protocol == "":
		return exit.Usagef("no protocol: give --protocol AmqpWs, or --from-report with the report of a check")
	case o.NoProxy != "" && in.Proxy == nil:
		return exit.Usagef("--no-proxy belongs to --proxy")
	case o.Credentials != "" && in.Proxy == nil:
		return exit.UsageError{Err: inputs.ErrNoProxy}
	case o.Credentials != "":
		if err := inputs.Credentials(ctx, con, o.Credentials, []*proxyurl.Proxy{in.Proxy}); err != nil {
			return err
		}
	}
	return maskedPassword(in)
}

// maskedPassword refuses to write the mask of a report where a password belongs.
func maskedPassword(in *generate.Input) error {
	if p := in.Proxy; p != nil && p.Password.Reveal() == secret.Mask {
		return exit.Usagef(
			"the password of %s is masked in the report, and this device does not have it: give --proxy-credentials "+
				"FILE or --proxy URL",
			p,
		)
	}
	return nil
}

// fromReport takes the verdict's protocol, and its proxy with the password that this
// device has for it.
func fromReport(ctx context.Context, con *console.Console, file string, in *generate.Input) error {
	r, err := inputs.Report(ctx, con, file)
	if err != nil {
		return err
	}
	if r.Verdict.UpstreamProtocol == nil {
		return errors.New("no UpstreamProtocol works in it: nothing can be set that would help")
	}
	in.Protocol = *r.Verdict.UpstreamProtocol
	for _, x := range r.Findings {
		in.Inspection = in.Inspection || x.Code == report.TLSInspection || x.Code == report.TLSCAMissingInBundle ||
			x.Code == report.TLSCAMissingInOS
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
