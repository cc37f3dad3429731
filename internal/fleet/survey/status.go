package survey

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"edgenet/internal/fleet"
	"edgenet/internal/iothub/service"
)

// sweepUpTo is the number of devices up to which going through all of them needs fewer
// calls than asking for every count: eight pages, and as many questions.
const sweepUpTo = 8000

// Status counts the fleet. Partial is set where it was ended before it was through.
func Status(ctx context.Context, o Options) (*fleet.Summary, error) {
	total, from, err := o.total(ctx)
	if err != nil {
		return nil, err
	}
	var s *fleet.Summary
	if o.By == "" && total > cmp.Or(o.SweepUpTo, sweepUpTo) {
		if s, err = o.groups(ctx); err != nil && !refused(err) {
			return nil, err
		}
	}
	if s == nil {
		if s, err = o.sweep(ctx, total); err != nil {
			return nil, err
		}
	}
	s.Hub = o.Name
	if o.Where == "" && total > s.Devices {
		s.DevicesFrom = from
		s.Of(total)
	}
	if o.Where != "" {
		s.Notes = append(s.Notes, "--where asks of the module's twin, so that devices without a module edgenet are "+
			"not among these")
	}
	return s, nil
}

// total is how many devices of IoT Edge there are, and how that is known; 0 where nobody
// says. The hub's own statistics count those that are none, too, and are no answer.
func (o *Options) total(ctx context.Context) (int, string, error) {
	n, err := number(ctx, o.Hub, "SELECT COUNT() AS n FROM devices WHERE "+edgeDevices)
	switch {
	case err == nil:
		return n, "count", nil
	case refused(err):
		return 0, "", nil
	}
	return 0, "", err
}

// sweep goes through all modules, and through all devices where a tag is asked for or
// nobody said how many there are.
func (o *Options) sweep(ctx context.Context, total int) (*fleet.Summary, error) {
	for try := 0; ; try++ {
		t := fleet.NewTally(fleet.TallyOptions{Now: o.Now, Stale: o.Stale, By: o.By, Devices: total, Join: o.By != "" ||
			total == 0 && o.Where == ""})
		err := o.pass(ctx, t, total)
		if errors.Is(err, service.ErrStartAgain) && try < 2 {
			continue
		}
		if err != nil && ctx.Err() == nil {
			return nil, err
		}
		s := t.Summary()
		s.Counted, s.Partial = fleet.CountedSweep, err != nil
		if s.Partial && s.Devices == 0 {
			return nil, err
		}
		return s, nil
	}
}

func (o *Options) pass(ctx context.Context, t *fleet.Tally, total int) error {
	add := func(row fleet.Row) error {
		t.Add(row)
		return nil
	}
	if (o.By != "" || total == 0) && o.Where == "" {
		if err := rows(ctx, o.Hub, devices(), add, func(n int) { o.tell("reading devices", n, total) }); err != nil {
			return err
		}
	}
	// the tags of those devices alone: a module's twin has them where somebody wrote them
	if o.By != "" && o.Where != "" {
		return o.joined(ctx, t, total)
	}
	return rows(ctx, o.Hub, o.modules(), add, func(n int) { o.tell("reading reports", n, total) })
}

// joined counts the modules of a condition under the tags of their devices.
func (o *Options) joined(ctx context.Context, t *fleet.Tally, total int) error {
	mine := map[string]bool{}
	err := rows(ctx, o.Hub, o.modules(), func(row fleet.Row) error {
		mine[row.Device] = true
		t.Add(row)
		return nil
	}, func(n int) { o.tell("reading reports", n, total) })
	if err != nil {
		return err
	}
	return rows(ctx, o.Hub, devices(), func(row fleet.Row) error {
		if mine[row.Device] {
			t.Add(row)
		}
		return nil
	}, func(n int) { o.tell("reading devices", n, total) })
}

// groups asks the hub for every count. An error of status 400 means that it takes no such
// question.
func (o *Options) groups(ctx context.Context) (*fleet.Summary, error) {
	speaks := o.mine() + " AND is_defined(" + reported + ".status)"
	c := fleet.NewCounted(o.Now, o.Stale)
	for i, field := range fleet.CountedFields() {
		path := reported + "." + field
		if field == "class" {
			path = "tags.edgenet.class"
		}
		text := "SELECT " + path + " AS v, COUNT() AS n FROM devices.modules WHERE " + speaks + " GROUP BY " + path
		err := o.Hub.Query(ctx, text, func(raw []byte) error {
			value, n, err := group(raw)
			if err == nil {
				c.Add(field, value, n)
			}
			return err
		}, nil)
		if err != nil {
			return nil, err
		}
		o.tell("counting", i+1, len(fleet.CountedFields()))
	}
	return o.closeGroups(ctx, c)
}

// closeGroups asks since when the others are silent, and what those that are down have met.
func (o *Options) closeGroups(ctx context.Context, c *fleet.Counted) (*fleet.Summary, error) {
	older := func(d time.Duration) string {
		at := o.Now.Add(-d).UTC().Format(time.RFC3339)
		return "SELECT COUNT() AS n FROM devices.modules WHERE " + o.mine() + " AND " + reported +
			".checkedAt < '" + at +
			"'"
	}
	for _, age := range fleet.Ages(o.Stale) {
		n, err := number(ctx, o.Hub, older(age))
		if err != nil {
			return nil, err
		}
		c.Older(age, n)
	}
	all, err := number(ctx, o.Hub, "SELECT COUNT() AS n FROM devices.modules WHERE "+o.mine())
	if err != nil {
		return nil, err
	}
	c.Modules(all)
	stale := "SELECT " + reported + ".status AS v, COUNT() AS n FROM devices.modules WHERE " + o.mine() + " AND " +
		reported + ".checkedAt < '" + o.since() + "' GROUP BY " + reported + ".status"
	err = o.Hub.Query(ctx, stale, func(raw []byte) error {
		status, n, err := group(raw)
		if err == nil {
			c.Stale(status, n)
		}
		return err
	}, nil)
	if err != nil {
		return nil, err
	}
	for _, status := range []string{"down", "degraded"} {
		path := reported + ".cause"
		text := "SELECT " + path + " AS v, COUNT() AS n FROM devices.modules WHERE " + o.mine() + " AND " + reported +
			".checkedAt >= '" + o.since() + "' AND " +
			reported + ".status = '" + status + "' GROUP BY " + path
		err := o.Hub.Query(ctx, text, func(raw []byte) error {
			cause, n, err := group(raw)
			if err == nil {
				c.Trouble(status, cause, n)
			}
			return err
		}, nil)
		if err != nil {
			return nil, err
		}
	}
	return c.Summary(), nil
}

// group reads a row of GROUP BY: its count is the number, its value everything else. A
// value that is absent or null is none.
func group(raw []byte) (value string, n int, err error) {
	var row map[string]json.RawMessage
	if err := json.Unmarshal(raw, &row); err != nil {
		return "", 0, err
	}
	count, ok := row["n"]
	if !ok || json.Unmarshal(count, &n) != nil {
		return "", 0, fmt.Errorf("a group without its count")
	}
	for k, v := range row {
		if k == "n" {
			continue
		}
		if text := strings.Trim(string(v), `"`); string(v) != "null" {
			var s string
			if json.Unmarshal(v, &s) == nil {
				text = s
			}
			value = text
		}
	}
	return value, n, nil
}
