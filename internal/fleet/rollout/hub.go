package rollout

import (
	"context"
	"encoding/json"
	"time"

	"edgenet/internal/fleet"
	"edgenet/internal/iothub/service"
)

// Hub is what a rollout needs of the service API; *service.Client is one.
type Hub interface {
	Twin(ctx context.Context, device, module string) (*service.Twin, error)
	PatchTags(ctx context.Context, device, module, etag string, tags map[string]any) (*service.Twin, error)
	Configurations(ctx context.Context) ([]service.Configuration, error)
	Configuration(ctx context.Context, id string) (*service.Configuration, error)
	Create(ctx context.Context, x *service.Configuration) (*service.Configuration, error)
	Delete(ctx context.Context, id, etag string) error
	Query(ctx context.Context, text string, each func(row []byte) error, page func(rows int)) error
	Invoke(ctx context.Context, device, module, method string, payload any, response time.Duration) (*service.Answer,
		error)
	Now() time.Time // the hub's clock
	Sleep(ctx context.Context, d time.Duration) error
}

// Log keeps the journal: an entry is on the disk when Append returns.
type Log interface {
	Append(e fleet.Entry) error
	Journal() *fleet.Journal
}

// Options say how a rollout goes; Hub, Log, Plan and Contents have to be there.
type Options struct {
	Hub      Hub
	Log      Log
	HubName  string
	Plan     *fleet.Plan
	PlanHash string
	Contents map[string]json.RawMessage // of the deployments, by their ids
	Canary   int
	Wave     int
	Window   time.Duration // within which a device has to come back
	Poll     time.Duration // between two looks; zero means what suits the window
	Workers  int           // devices that are written and read at once; zero means 4
	Progress func(Progress)
}

// Progress is how far a rollout is.
type Progress struct {
	Doing       string
	Wave, Waves int
	Done, Total int
	Left        time.Duration // until the window of the wave ends; zero: no window
}

// Outcome is what became of the devices.
type Outcome struct {
	Deployments []string  // that were created
	Moved       []string  // and came back
	Skipped     []Skipped // not moved, and why
	Failed      []Skipped // did not come back: the run stopped
	TakenBack   []string  // of the wave in which one did not come back
	Kept        []Skipped // of that wave, those whose way back is closed
	Left        []Skipped // could not be made as they were before
}

// Stopped tells whether the run ended before the plan was carried out.
func (o *Outcome) Stopped() bool { return len(o.Failed)+len(o.TakenBack)+len(o.Kept) > 0 }

// Skipped is a device or deployment with a reason.
type Skipped struct{ ID, Why string }

const (
	pollLongest  = 15 * time.Second
	pollShortest = 200 * time.Millisecond
	workers      = 4
)

func (o *Options) poll() time.Duration {
	if o.Poll > 0 {
		return o.Poll
	}
	return min(max(o.Window/40, pollShortest), pollLongest)
}

func (o *Options) tell(p Progress) {
	if o.Progress != nil {
		o.Progress(p)
	}
}
