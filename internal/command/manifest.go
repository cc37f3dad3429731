package command

import (
	"context"

	"github.com/rogpeppe/go-internal/diff"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/inputs"
	"edgenet/internal/manifest"
	"edgenet/internal/outfile"
	"edgenet/proxy"
	"edgenet/report"
)

// Setting is the protocol and proxy of a command that writes settings.
type Setting struct {
	Protocol    string
	Proxy       string // URL
	Credentials string // file
}

// change reads them.
func (s Setting) change(ctx context.Context, con *console.Console) (c manifest.Change, err error) {
	if s.Protocol != "" {
		if c.Protocol, err = inputs.Upstream("--protocol", s.Protocol); err != nil {
			return c, err
		}
	}
	if s.Proxy == "" {
		if s.Credentials != "" {
			return c, exit.UsageError{Err: inputs.ErrNoProxy}
		}
		return c, nil
	}
	if c.Proxy, err = inputs.Proxy(s.Proxy); err != nil {
		return c, err
	}
	if err := inputs.Credentials(ctx, con, s.Credentials, []*proxy.Proxy{c.Proxy}); err != nil {
		return c, err
	}
	return c, usableProxy(con, c)
}

// usableProxy refuses what the runtime cannot use at all, and warns of the rest.
func usableProxy(con *console.Console, c manifest.Change) error {
	for _, t := range proxy.EdgeAgent.Trouble(c.Proxy.URL()) {
		if t.Severity == report.SeverityError {
			return exit.Usagef("--proxy %s: %s. %s", c.Proxy, t.Text, t.Remedy)
		}
		con.Note("%s: %s. %s", c.Proxy, t.Text, t.Remedy)
	}
	if c.Protocol != "" && !c.Protocol.Proxied() {
		con.Note("%s never goes through a proxy: AmqpWs and MqttWs do", c.Protocol.RuntimeName())
	}
	return nil
}

// SetOptions are those of `edgenet manifest set`.
type SetOptions struct {
	Setting
	Diff  bool // show what changes
	Write bool // the file in place
}

// ManifestSet is `edgenet manifest set`.
func ManifestSet(ctx context.Context, con *console.Console, file string, o SetOptions) error {
	c, err := o.change(ctx, con)
	if err != nil {
		return err
	}
	switch {
	case c.Protocol == "" && c.Proxy == nil:
		return exit.Usagef("nothing to set: give --protocol, --proxy or both")
	case o.Write && file == "-":
		return exit.Usagef("-w writes a file in place, and - is standard input")
	}
	if o.Write {
		if err := outfile.Check(file); err != nil {
			return exit.Input(err)
		}
	}
	m, text, err := inputs.ReadManifest(ctx, con, file)
	if err != nil {
		return err
	}
	out, err := m.Set(c)
	if err != nil {
		return exit.Input(err)
	}
	return exit.Result(writeManifest(ctx, con, file, text, out, o))
}

// writeManifest shows the difference, writes the file, or prints the manifest. A new file
// never comes of it, and the one that is there keeps its mode.
func writeManifest(ctx context.Context, con *console.Console, file string, text, out []byte, o SetOptions) error {
	var err error
	same := string(out) == string(text)
	if o.Diff {
		name := report.Clean(file, 200)
		if d := diff.Diff(name, manifest.Masked(text), name+" (set)", manifest.Masked(out)); len(d) > 0 {
			_, err = con.Stdout.Write(d)
		} else if !same {
			con.Note("only a secret changes, which is not shown")
		} else {
			con.Note("nothing changes")
		}
	}
	switch {
	case err != nil:
	case o.Write && !same:
		err = outfile.Write(ctx, file, outfile.Options{Private: true}, outfile.Text(string(out)))
	case !o.Diff && !o.Write:
		_, err = con.Stdout.Write(out)
	}
	return err
}
