package command

import (
	"context"
	"errors"

	"edgenet/internal/consistency"
	"edgenet/internal/console"
	"edgenet/internal/device"
	"edgenet/internal/exit"
	"edgenet/internal/inputs"
	"edgenet/report"
	"edgenet/report/render"
)

// Host says where a device's settings are read, and how they are printed.
type Host struct {
	Root     string // of the file system; zero means the process' own
	Bundle   string // archive of iotedge support-bundle, in place of a host; zero means none
	Engine   string // socket of the container engine, or none; zero means as configured
	Manifest string // file; zero means none
	Format   string // of standard output; zero means text
}

// Show is `edgenet config show`.
func Show(ctx context.Context, con *console.Console, o Host) error {
	if err := Format(o.Format, "text", "json", "markdown"); err != nil {
		return err
	}
	d, err := o.device(ctx, con)
	if err != nil {
		return err
	}
	m, err := inputs.Manifest(ctx, con, o.Manifest)
	if err != nil {
		return err
	}
	v := consistency.Compare(d, m)
	switch o.Format {
	case "json":
		err = render.Value(con.Stdout, v)
	case "markdown":
		err = render.SheetMarkdown(con.Stdout, v.Sheet())
	default:
		err = render.SheetText(con.Stdout, v.Sheet(), con.TextOptions(false, false))
	}
	return errors.Join(settled(con, v), exit.Result(err))
}

func (o Host) device(ctx context.Context, con *console.Console) (*device.Device, error) {
	if o.Bundle == "" {
		return inputs.Device(ctx, con, o.Root, o.Engine)
	}
	if o.Root != "" || o.Engine != "" {
		return nil, exit.Usagef("--bundle is a device of its own, without an engine: leave out --root and --engine")
	}
	return inputs.Described(o.Bundle)
}

// settled gives the exit code of a view: broken files over findings.
func settled(con *console.Console, v *consistency.View) error {
	for _, e := range v.Errors {
		con.Note("%s", e)
	}
	switch {
	case len(v.Errors) > 0:
		return exit.CodeError(exit.Usage)
	case v.Worst() == report.SeverityError:
		return exit.CodeError(exit.Bad)
	}
	return nil
}
