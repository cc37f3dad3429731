package ready

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"edgenet/internal/secret"
	"edgenet/report"
)

// Bounds of the clock: an hub refuses tokens of clocks further off than five minutes.
const (
	clockWarns = 60.0
	clockFails = 300.0
)

func hostRules() []Rule {
	return []Rule{
		{
			ID:       "clock",
			Group:    GroupDevice,
			Severity: "error from 300 s, warning from 60 s or without synchronisation",
			Actor:    report.ActorHost,
			Looks:    "this clock against the hub's Date, and whether something sets it",
			Holds:    "within a minute, and set by NTP or another time service",
			Remedy: "Let a time service that this site allows set the clock (systemd-timesyncd, chrony), and order " +
				"it before the daemon.",
			Replaces: []string{
				"host-local-time",
				"container-local-time",
			},
			Source: "the hub's answer is asked, not a public NTP server that most plants block",
			judge:  clock,
		},
		{
			ID:       "host.name",
			Group:    GroupDevice,
			Severity: "error longer than 64 characters, warning where it does not lead here",
			Actor:    report.ActorHost,
			Looks:    "the configured hostname",
			Holds:    "clients that look it up reach this device",
			Remedy: "Set hostname in config.toml to a name or address by which downstream devices reach this one, " +
				"and run iotedge config apply.",
			Replaces: []string{
				"hostname",
			},
			Source: "what counts is where the name leads, not whether it equals the machine's",
			judge:  hostName,
		},
		{
			ID:       "boot.enabled",
			Group:    GroupDevice,
			Severity: "error where a service is off, warning where it restarts again and again",
			Actor:    report.ActorHost,
			Looks:    "the runtime's and the engine's units",
			Holds:    "they start with the machine, and run",
			Remedy:   "systemctl enable --now UNIT; journalctl -u UNIT says why it ends.",
			Replaces: []string{"certd-running", "identityd-running", "keyd-running"},
			Source:   "systemctl show",
			judge:    bootEnabled,
		},
	}
}

func clock(f *Facts) []Row {
	c := f.Host.Clock
	if rows := unseen(c, "this host's clock"); rows != nil {
		return rows
	}
	var rows []Row
	if o := c.Value.OffsetSec; o != nil {
		off, word := *o, "ahead"
		if off < 0 {
			off, word = -off, "late"
		}
		s := OK
		switch {
		case off >= clockFails:
			s = Error
		case off >= clockWarns:
			s = Warning
		}
		text := fmt.Sprintf("this clock is %.0f s %s of the hub's", off, word)
		if s == OK {
			text = "this clock agrees with the hub's within a minute"
		}
		rows = append(rows, one(s, c.Source, "%s", text)...)
	}
	switch {
	case no(c.Value.Synchronized):
		rows = append(rows, one(Warning, c.Source, "nothing sets this clock")...)
	case yes(c.Value.Synchronized) && c.Value.OffsetSec == nil:
		rows = append(rows, one(OK, c.Source, "a time service sets this clock; the hub's was not asked")...)
	case c.Value.Synchronized == nil && c.Value.OffsetSec == nil:
		return []Row{
			{
				Status:  Unknown,
				Source:  c.Source,
				Needs:   "a check of the network, or timedatectl",
				Summary: "whether this clock is right was not seen",
			},
		}
	}
	return tidy(rows)
}

func hostName(f *Facts) []Row {
	h := f.Config.Hostname
	if rows := unseen(h, "the configured hostname"); rows != nil {
		return rows
	}
	name := secret.Show(h.Value, 100)
	switch {
	case len(h.Value) > 64:
		return one(Error, h.Source, "hostname has %d characters: a certificate's common name takes 64", len(h.Value))
	case strings.Contains(h.Value, "_"):
		return one(Warning, h.Source, "hostname %s has an underscore, which clients of .NET refuse", name)
	}
	if _, err := netip.ParseAddr(h.Value); err == nil {
		if f.Host.Own.Known() && !slices.Contains(f.Host.Own.Value, h.Value) {
			return one(Warning, h.Source, "hostname is the address %s, which this host does not have", name)
		}
		return one(OK, h.Source, "hostname is the address %s", name)
	}
	r, own := f.Host.Resolves, f.Host.Own
	if r.Left {
		return unseen(r, "where hostname "+name+" leads")
	}
	if !r.Known() || !own.Known() {
		return []Row{
			{
				Status:  Unknown,
				Source:  h.Source,
				Needs:   "a live host",
				Summary: "where hostname " + name + " leads was not seen",
			},
		}
	}
	if len(r.Value) == 0 {
		return one(
			Warning,
			r.Source,
			"hostname %s has no address here: downstream devices have to find it by a DNS or hosts entry of their own",
			name,
		)
	}
	local, here := true, false
	for _, a := range r.Value {
		ip, err := netip.ParseAddr(a)
		local = local && err == nil && ip.IsLoopback()
		here = here || err == nil && ip.IsLoopback() || slices.Contains(own.Value, a)
	}
	switch {
	case !here:
		return one(
			Warning,
			r.Source,
			"hostname %s leads to %s, which is not this host",
			name,
			strings.Join(r.Value, ", "),
		)
	case local:
		return one(OK, r.Source, "hostname %s is known here; whether others find it has to be seen from them", name)
	}
	return one(OK, r.Source, "hostname %s leads to this host", name)
}

func bootEnabled(f *Facts) []Row {
	u := f.Host.Units
	if rows := unseen(u, "the services"); rows != nil {
		return rows
	}
	const settings = 153 // RestartPreventExitStatus of aziot-edged.service: its settings are wrong
	var rows []Row
	for _, x := range u.Value {
		switch {
		case x.State == "masked" || x.State == "disabled":
			rows = append(
				rows,
				one(Error, u.Source, "%s is %s: it does not start with the machine", x.Name, x.State)...)
		case x.ExitStatus == settings && !x.Active:
			rows = append(
				rows,
				one(Error, u.Source, "%s ended because of its settings, and is not started again", x.Name)...)
		case !x.Active && !strings.HasSuffix(x.Name, ".socket"):
			rows = append(rows, one(Error, u.Source, "%s does not run", x.Name)...)
		case x.Restarts >= 5:
			rows = append(rows, one(Warning, u.Source, "%s was started again %d times", x.Name, x.Restarts)...)
		}
	}
	if rows == nil {
		rows = one(OK, u.Source, "%d services start with the machine, and run", len(u.Value))
	}
	return tidy(rows)
}
