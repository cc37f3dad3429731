package report

import (
	"encoding/json"
	"math"
	"time"
)

// Schema is the value of Report.Schema for this major number of the contract.
const Schema = "edgenet.report/1"

// Millis is a duration in milliseconds, as all durations in the JSON are.
type Millis float64

// MillisOf converts, keeping a hundredth of a millisecond.
func MillisOf(d time.Duration) Millis {
	return Millis(math.Round(float64(d)/float64(time.Millisecond)*100) / 100)
}

// Duration converts back.
func (m Millis) Duration() time.Duration {
	return time.Duration(float64(m) * float64(time.Millisecond))
}

// Report is one round of checks against one target.
type Report struct {
	Schema     string    `json:"schema"`
	Tool       Tool      `json:"tool"`
	StartedAt  time.Time `json:"startedAt"` // UTC
	DurationMs Millis    `json:"durationMs"`
	Partial    bool      `json:"partial"` // interrupted, or cut by the deadline
	Target     Target    `json:"target"`
	Routes     []Route   `json:"routes"`
	Results    []Result  `json:"results"`
	Verdict    Verdict   `json:"verdict"`
	Findings   []Finding `json:"findings"`
	Advice     []Advice  `json:"advice,omitempty"`
	Device     *Device   `json:"device,omitempty"` // absent: nobody is to know

	Vantage   *Vantage   `json:"vantage,omitempty"`   // with --from container
	Container *Container `json:"container,omitempty"` // with --from container
}

// Tool says what made the report.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

// Target is the hub or parent gateway that was checked and where its name came from.
type Target struct {
	Hub    string `json:"hub"`
	Source string `json:"source"` // flag | config.toml | device_info | config.yaml | container | module-env | lab | targets
}

// RouteDirect is the id of the route without a proxy; proxied ones are "proxy",
// "proxy2", "proxy3" …
const RouteDirect = "direct"

// Route is a way out of the site.
type Route struct {
	ID     string `json:"id"`
	URL    string `json:"url,omitempty"`    // of the proxy, its password masked
	Source string `json:"source,omitempty"` // flag, or where the proxy was found: env:https_proxy …
}

// Result is what came of one path: one protocol to one host by one route.
type Result struct {
	ID            string        `json:"id"`
	Endpoint      Endpoint      `json:"endpoint"`
	Host          string        `json:"host"`
	Port          int           `json:"port"`
	Protocol      Protocol      `json:"protocol"`
	Route         string        `json:"route"`
	Status        Status        `json:"status"`
	Hop           Hop           `json:"hop,omitempty"`
	Stage         Stage         `json:"stage,omitempty"`
	Cause         Cause         `json:"cause,omitempty"`
	Summary       string        `json:"summary,omitempty"`
	Remedy        string        `json:"remedy,omitempty"`
	Actor         Actor         `json:"actor,omitempty"`
	SkipReason    string        `json:"skipReason,omitempty"`
	Needed        *bool         `json:"needed,omitempty"`        // whether the verdict waits for it or goes by it; absent: cannot be told
	Severity      Severity      `json:"severity,omitempty"`      // of the failure; empty unless it failed
	RuntimeUsable *bool         `json:"runtimeUsable,omitempty"` // absent: unknown
	DurationMs    Millis        `json:"durationMs"`
	Attempts      int           `json:"attempts"`
	Failures      int           `json:"failures"`
	Confirmations int           `json:"confirmations,omitempty"` // attempts that nobody asked for
	FailureCauses map[Cause]int `json:"failureCauses,omitempty"` // how often each cause was met over all attempts
	Latency       *Latency      `json:"latency,omitempty"`
	Pace          *Pace         `json:"pace,omitempty"` // of the attempt that Steps are
	Steps         []Step        `json:"steps"`
	Experiments   []Experiment  `json:"experiments,omitempty"` // what was asked beside a failure; no part of the line that Steps are
}

// Reached tells whether the service itself answered, well or not: an http.status, a hub that is suspended,
// a service's AMQP error and an MQTT refusal count as reached.
func (r *Result) Reached() bool {
	return r.Status == OK || r.Cause == HTTPStatus || r.Cause == HTTPSuspended || r.Cause == HTTPForbidden ||
		r.Cause == AMQPError || r.Cause == MQTTRefused
}

// Step returns the result's step of that hop and stage.
func (r *Result) Step(h Hop, s Stage) (Step, bool) {
	for _, st := range r.Steps {
		if st.Hop == h && st.Stage == s {
			return st, true
		}
	}
	return Step{}, false
}

// Latency is the spread over the successful attempts of the time to the first
// proof that the protocol answered.
type Latency struct {
	MinMs    Millis `json:"minMs"`
	MedianMs Millis `json:"medianMs"`
	MaxMs    Millis `json:"maxMs"`
}

// Step is one network move of a result, recorded whether it succeeded or not.
type Step struct {
	Hop        Hop    `json:"hop"`
	Stage      Stage  `json:"stage"`
	Status     Status `json:"status"`
	StartMs    Millis `json:"startMs"` // from Report.StartedAt
	DurationMs Millis `json:"durationMs"`
	Cause      Cause  `json:"cause,omitempty"`
	Summary    string `json:"summary,omitempty"` // the first reading, kept when Refine names a better one
	Detail     Detail `json:"detail,omitempty"`
}

// UnmarshalJSON gives the detail the type that belongs to the step's stage.
func (s *Step) UnmarshalJSON(p []byte) error {
	type plain Step
	raw := struct {
		*plain
		Detail json.RawMessage `json:"detail"`
	}{plain: (*plain)(s)}
	if err := json.Unmarshal(p, &raw); err != nil {
		return err
	}
	if len(raw.Detail) == 0 || string(raw.Detail) == "null" {
		return nil
	}
	d := newDetail(s.Stage)
	if d == nil {
		return nil // a stage of a later minor version
	}
	if err := json.Unmarshal(raw.Detail, d); err != nil {
		return err
	}
	s.Detail = d
	return nil
}

// Verdict is the decision: which UpstreamProtocol works, and whether it is the
// expected one.
type Verdict struct {
	UpstreamProtocol *Protocol `json:"upstreamProtocol"` // null when none works
	Route            string    `json:"route,omitempty"`
	HTTPSOK          *bool     `json:"httpsOk"` // null: not probed
	HTTPSRoute       string    `json:"httpsRoute,omitempty"`
	Reason           string    `json:"reason"`
	Because          *Because  `json:"because,omitempty"` // what the reason speaks of; absent where something works
	Working          []Working `json:"working"`
	Expected         Protocol  `json:"expected,omitempty"`
	ExpectedSource   string    `json:"expectedSource,omitempty"` // "default": configuration found, protocol unset
	Consistent       *bool     `json:"consistent,omitempty"`     // absent: nothing expected
	Depth            string    `json:"depth,omitempty"`          // how deep was probed where it was not to the protocol
	Closed           []Closed  `json:"closed,omitempty"`         // the paths that must not work
	// Components are the programs of the device whose own settings are known.
	Components []Component `json:"components,omitempty"`
	ExitCode   int         `json:"exitCode"`
}

// Because names what a verdict's reason speaks of.
type Because struct {
	Result  string      `json:"result"`            // the failure that most paths share
	Finding FindingCode `json:"finding,omitempty"` // the finding that sees through it
}

// Working is one protocol that works under the runtime's own rules.
type Working struct {
	Protocol  Protocol `json:"protocol"`
	Route     string   `json:"route"`
	ResultID  string   `json:"resultId"`
	LatencyMs Millis   `json:"latencyMs"`
}

// Finding is a conclusion drawn from several results.
type Finding struct {
	Code     FindingCode `json:"code"`
	Severity Severity    `json:"severity"`
	Actor    Actor       `json:"actor"`
	Summary  string      `json:"summary"`
	Remedy   string      `json:"remedy"`
	Results  []string    `json:"results"`
	// FollowsFrom are the findings that this one is only the consequence of.
	FollowsFrom []FindingCode `json:"followsFrom,omitempty"`
	// Components are the programs of the device whose own settings it is about, by their names.
	Components []string `json:"components,omitempty"`
}
