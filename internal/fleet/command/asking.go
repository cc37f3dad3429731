package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/internal/iothub/service"
	"edgenet/internal/secret"
	"edgenet/report"
)

// checking asks devices side by side.
type checking struct {
	client *service.Client
	p      *progress
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
		line, _ = json.Marshal(map[string]any{ // strings always encode
			"schema": fleet.CheckSchema, "device": map[string]string{"id": id},
			"at": time.Now().UTC().Format(time.RFC3339), "error": report.Clean(secret.Within(err.Error()), 300),
		})
	} else {
		c.reports++
	}
	c.p.at("asking devices", c.reports+c.silent, c.of)
	_, err = c.out.Write(append(line, '\n'))
	return exit.Result(err)
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
