package command

import (
	"context"
	"slices"

	"github.com/rogpeppe/go-internal/diff"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/inputs"
	"edgenet/internal/manifest"
	"edgenet/internal/outfile"
	"edgenet/internal/proxyurl"
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
	if err := inputs.Credentials(ctx, con, s.Credentials, []*proxyurl.Proxy{c.Proxy}); err != nil {
		return c, err
	}
	return c, usableProxy(con, c)
}

// usableProxy refuses what the runtime cannot use at all, and warns of the rest.
func usableProxy(con *console.Console, c manifest.Change) error {
	for _, t := range proxyurl.EdgeAgent.Trouble(c.Proxy.URL()) {
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
	NoProxy bool // take the proxy out
	Diff    bool // show what changes
	Write   bool // the files in place
}

// ManifestSet is `edgenet manifest set`. Of several files one that is refused is named, and
// the others are done.
func ManifestSet(ctx context.Context, con *console.Console, files []string, o SetOptions) error {
	c, err := o.change(ctx, con)
	if err != nil {
		return err
	}
	c.NoProxy = o.NoProxy
	switch {
	case c.NoProxy && c.Proxy != nil:
		return exit.Usagef("--no-proxy takes the proxy out, and --proxy sets one: give one of the two")
	case c.Protocol == "" && c.Proxy == nil && !c.NoProxy:
		return exit.Usagef("nothing to set: give --protocol, --proxy, --no-proxy or several of them")
	case o.Write && slices.Contains(files, "-"):
		return exit.Usagef("-w writes a file in place, and - is standard input")
	case len(files) > 1 && !o.Write && !o.Diff:
		return exit.Usagef("several files: give -w to write them in place, or --diff")
	}
	if len(files) == 1 {
		return setManifest(ctx, con, files[0], c, o)
	}
	var refused error
	for _, file := range files {
		if err := setManifest(ctx, con, file, c, o); err != nil {
			con.Note("%s", err)
			refused = exit.CodeError(exit.Usage)
		}
		if ctx.Err() != nil {
			return exit.CodeError(exit.Interrupted)
		}
	}
	return refused
}

// setManifest sets one file.
func setManifest(ctx context.Context, con *console.Console, file string, c manifest.Change, o SetOptions) error {
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
			con.Note("%s: only a secret changes, which is not shown", name)
		} else {
			con.Note("%s: nothing changes", name)
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
