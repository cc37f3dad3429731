package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/internal/fleet/show"
	"edgenet/internal/fleet/survey"
	"edgenet/internal/iothub/service"
	"edgenet/report"
)

// fleetCheckFlags are the flags of `edgenet fleet check`.
type fleetCheckFlags struct {
	hubFlags
	where, output string
	parallel      int
}

func (a *app) fleetCheckCommand() *cobra.Command {
	f := &fleetCheckFlags{}
	cmd := &cobra.Command{Use: "check", Short: "Have the modules check now, and collect their reports as JSON lines",
		Long: `Check calls the direct method check of every module edgenet that meets the condition, and then
its report. Reports go to -o, a line each, with the device's id; what a device did not answer
is a line with the reason. Run again with the same -o it goes on where it was ended, and asks
those again that did not answer. edgenet fleet sum adds the lines up.

It costs each device a full check. --rate bounds the calls a second.

Exit codes: 0 all answered; 1 some did not, or the hub refused; 2 wrong usage; 130 interrupted.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.fleetCheck(cmd.Context(), f) }}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVar(&f.where, "where", "", "only modules that meet the condition `EXPR`")
	fl.StringVarP(&f.output, "output", "o", "", "append the lines to `FILE`, and go on where it ends (default: "+
		"standard output)")
	fl.IntVar(&f.parallel, "parallel", 16, "ask `N` devices at once")
	f.hubFlags.add(fl)
	return cmd
}

func (a *app) fleetCheck(ctx context.Context, f *fleetCheckFlags) error {
	if err := survey.CheckWhere(f.where); err != nil {
		return exit.Usagef("--where: %w", err)
	}
	if f.parallel < 1 || f.parallel > 256 {
		return exit.Usagef("--parallel %d: expected 1 to 256", f.parallel)
	}
	answered, out, err := a.checkLines(f.output)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	p := a.fleetProgress(false)
	client, err := a.fleetHub(ctx, &f.hubFlags, p)
	if err != nil {
		return err
	}
	var ids []string
	o := survey.Options{Hub: client, Name: client.Hub(), Where: f.where, Progress: p.at}
	err = survey.Devices(ctx, o, func(row fleet.Row) error {
		if !answered[row.Device] {
			ids = append(ids, row.Device)
		}
		return nil
	})
	if err != nil {
		p.clear()
		return hubError(err)
	}
	c := &checking{client: client, out: out, p: p, of: len(ids)}
	err = c.all(ctx, ids, f.parallel)
	p.clear()
	fmt.Fprintf(a.Stderr, "edgenet: %s answered, %d did not", show.Count(c.reports, "device"), c.silent)
	if len(answered) > 0 {
		fmt.Fprintf(a.Stderr, "; %s had answered before", show.Count(len(answered), "device"))
	}
	fmt.Fprintln(a.Stderr)
	switch {
	case err != nil:
		return hubError(err)
	case c.silent > 0:
		return exit.CodeError(exit.Bad)
	}
	return nil
}

// checkLines opens the file of lines and says which devices have answered. A line that was
// cut off is taken away.
func (a *app) checkLines(path string) (map[string]bool, io.WriteCloser, error) {
	answered := map[string]bool{}
	if path == "" || path == "-" {
		return answered, nopWriteCloser{a.Stdout}, nil
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the user names it
	if err != nil {
		return nil, nil, exit.Usagef("--output: %w", err)
	}
	whole := int64(0)
	in := bufio.NewReaderSize(f, 1<<16)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil { // what has no end was cut off
			break
		}
		whole += int64(len(line))
		var x struct {
			Schema string `json:"schema"`
			Device struct {
				ID string `json:"id"`
			} `json:"device"`
		}
		if json.Unmarshal(line, &x) == nil && x.Schema == report.Schema && x.Device.ID != "" {
			answered[x.Device.ID] = true
		}
	}
	if err = f.Truncate(whole); err == nil {
		_, err = f.Seek(whole, io.SeekStart)
	}
	if err != nil {
		return nil, nil, errors.Join(exit.Usagef("--output %s: %w", report.Clean(path, 200), err), f.Close())
	}
	return answered, f, nil
}

type nopWriteCloser struct{ io.Writer }

func (nopWriteCloser) Close() error { return nil }

// checking asks devices side by side.
type checking struct {
	client *service.Client
	p      *fleetProgress
	of     int

	mu              sync.Mutex
	out             io.Writer
	reports, silent int
}

// How long a module's check and report may take.
const (
	checkAnswer  = 120 * time.Second
	reportAnswer = 30 * time.Second
)

func (c *checking) all(parent context.Context, ids []string, parallel int) error {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)
	next := make(chan string)
	var wg sync.WaitGroup
	for range min(parallel, len(ids)) {
		wg.Go(func() {
			for id := range next {
				if err := c.one(ctx, id); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	for _, id := range ids {
		select {
		case next <- id:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(next)
	wg.Wait()
	if parent.Err() != nil {
		return parent.Err() // not its cause, which may be any error
	}
	return context.Cause(ctx)
}

// one asks one device. Only what keeps all others from being asked is an error.
func (c *checking) one(ctx context.Context, id string) error {
	line, err := c.ask(ctx, id)
	var refused *service.Error
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &refused) && (refused.Status == http.StatusUnauthorized ||
		refused.Status == http.StatusForbidden || refused.BasicTier()):
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil {
		c.silent++
		line, _ = json.Marshal(map[string]any{"schema": fleet.CheckSchema, "device": map[string]string{"id": id},
			"at": time.Now().UTC().Format(time.RFC3339), "error": report.Clean(err.Error(), 300)}) // strings always encode
	} else {
		c.reports++
	}
	c.p.at("asking devices", c.reports+c.silent, c.of)
	_, err = c.out.Write(append(line, '\n'))
	return err
}

// ask gives a device's report as a line, with its id in it.
func (c *checking) ask(ctx context.Context, id string) ([]byte, error) {
	a, err := c.client.Invoke(ctx, id, fleet.Module, "check", map[string]any{}, checkAnswer)
	if err == nil && a.Status != http.StatusOK {
		err = fmt.Errorf("its module answers check with %d", a.Status)
	}
	if err != nil {
		return nil, err
	}
	if a, err = c.client.Invoke(ctx, id, fleet.Module, "report", map[string]any{}, reportAnswer); err != nil {
		return nil, err
	}
	var r map[string]json.RawMessage
	if a.Status != http.StatusOK || json.Unmarshal(a.Payload, &r) != nil ||
		string(r["schema"]) != `"`+report.Schema+`"` {
		return nil, fmt.Errorf("its module answers report with %d, and no report", a.Status)
	}
	var own map[string]any
	if json.Unmarshal(r["device"], &own) != nil || own == nil {
		own = map[string]any{}
	}
	own["id"] = id
	if r["device"], err = json.Marshal(own); err != nil {
		return nil, err
	}
	return json.Marshal(r)
}
