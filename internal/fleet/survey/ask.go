package survey

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"edgenet/internal/fleet"
	"edgenet/internal/iothub/service"
)

// Hub is what a survey needs of the service API; *service.Client is one.
type Hub interface {
	Query(ctx context.Context, text string, each func(row []byte) error, page func(rows int)) error
	Statistics(ctx context.Context) (int, error)
	Twin(ctx context.Context, device, module string) (*service.Twin, error)
	Configurations(ctx context.Context) ([]service.Configuration, error)
}

var _ Hub = (*service.Client)(nil)

// Options say what is asked.
type Options struct {
	Hub   Hub
	Name  string // of the hub
	Now   time.Time
	Stale time.Duration
	By    string // a tag
	Where string // a condition on the module's twin, in the hub's query language; zero means all
	// devices up to which all are read in place of asking for counts; zero means what needs fewer calls
	SweepUpTo int
	// Progress is told the rows so far and how many are expected, 0 where nobody knows.
	Progress func(doing string, rows, of int)
}

func (o *Options) tell(doing string, rows, of int) {
	if o.Progress != nil {
		o.Progress(doing, rows, of)
	}
}

// reported is the section that every module writes.
const reported = "properties.reported.edgenet"

// mine is the condition that every question about modules has.
func (o *Options) mine() string {
	c := "moduleId = '" + fleet.Module + "'"
	if o.Where != "" {
		c += " AND (" + o.Where + ")"
	}
	return c
}

// since is the oldest moment that counts as a report, as the twins write it.
func (o *Options) since() string { return o.Now.Add(-o.Stale).UTC().Format(time.RFC3339) }

// CheckWhere refuses a condition that would change the question around it.
func CheckWhere(where string) error {
	depth, quoted := 0, false
	for _, c := range where {
		switch {
		case c == '\'':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth < 0 {
				return errors.New("a parenthesis closes that none opened")
			}
		case c < ' ':
			return errors.New("expected one line")
		}
	}
	switch up := strings.ToUpper(strings.TrimSpace(where)); {
	case quoted:
		return errors.New("a quote is left open: texts stand in single quotes, '' is a quote inside")
	case depth > 0:
		return errors.New("a parenthesis is left open")
	case strings.HasPrefix(up, "SELECT ") || strings.HasPrefix(up, "WHERE "):
		return errors.New("expected the condition alone, such as tags.site = 'plant-3'")
	case len(where) > service.MaxQuery-1024:
		return fmt.Errorf("longer than %d bytes", service.MaxQuery-1024)
	}
	return nil
}

// refused tells whether the hub does not take a query's form.
func refused(err error) bool { return service.Status(err) == http.StatusBadRequest }

// rows asks in the narrowest form that the hub takes, the first of several, and hands every
// row on.
func rows(ctx context.Context, h Hub, forms []string, each func(fleet.Row) error, page func(int)) error {
	var err error
	for _, text := range forms {
		err = h.Query(ctx, text, func(raw []byte) error {
			row, err := fleet.ParseRow(raw)
			if err != nil {
				return err
			}
			return each(row)
		}, page)
		if !refused(err) {
			return err
		}
	}
	return err
}

// modules are the forms of asking for every module's section.
func (o *Options) modules() []string {
	rest := " FROM devices.modules WHERE " + o.mine()
	return []string{"SELECT deviceId, moduleId, tags, " + reported + " AS edgenet" + rest, "SELECT *" + rest}
}

// edgeDevices is the condition of a device of IoT Edge.
const edgeDevices = "capabilities.iotEdge = true"

func devices() []string {
	rest := " FROM devices WHERE " + edgeDevices
	return []string{"SELECT deviceId, tags, capabilities" + rest, "SELECT *" + rest}
}

// number asks for a single number.
func number(ctx context.Context, h Hub, text string) (int, error) {
	n, rows := 0, 0
	err := h.Query(ctx, text, func(raw []byte) error {
		var row map[string]json.RawMessage
		if err := json.Unmarshal(raw, &row); err != nil {
			return err
		}
		rows++
		for _, v := range row { // some hubs name the number as they like
			if json.Unmarshal(v, &n) == nil {
				return nil
			}
		}
		return errors.New("the hub's count is no number")
	}, nil)
	if err == nil && rows > 1 {
		err = errors.New("the hub's count is more than one row")
	}
	return n, err
}
