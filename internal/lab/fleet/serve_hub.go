package fleet

import (
	"encoding/json"
	"strconv"
	"time"
)

// listConfigurations is GET /configurations?top=N.
func (f *Fleet) listConfigurations(q *request) error {
	list := f.configurations
	if top, err := strconv.Atoi(q.r.URL.Query().Get("top")); err == nil && top >= 0 && top < len(list) {
		list = list[:top]
	}
	return q.rows(f.describeAll(list))
}

func (f *Fleet) getConfiguration(q *request) error {
	c := f.configuration(q.parts[1])
	if c == nil {
		return noConfiguration(q.parts[1])
	}
	q.w.Header().Set("ETag", strconv.Quote(etagOf(uint32(c.version))))
	return q.reply(200, f.describe(c))
}

func (f *Fleet) writeConfiguration(q *request) error {
	body, err := q.object()
	if err != nil {
		return err
	}
	o, err := f.putConfiguration(q.parts[1], body, q.r.Header.Get("If-Match"))
	if err != nil {
		return err
	}
	return q.reply(200, o)
}

func (f *Fleet) removeConfiguration(q *request) error {
	if err := f.deleteConfiguration(q.parts[1], q.r.Header.Get("If-Match")); err != nil {
		return err
	}
	return q.nothing()
}

func (f *Fleet) postTestQueries(q *request) error {
	body, err := q.object()
	if err != nil {
		return err
	}
	return q.reply(200, f.testQueries(body))
}

func (f *Fleet) postContent(q *request) error {
	n, ours := f.find(q.parts[1])
	if !ours {
		return notFound(q.parts[1])
	}
	body, err := q.object()
	if err != nil {
		return err
	}
	if err := f.applyContent(n, body); err != nil {
		return err
	}
	return q.nothing()
}

func (f *Fleet) scheduleJob(q *request) error {
	body, err := q.object()
	if err != nil {
		return err
	}
	o, err := f.putJob(q.parts[2], body)
	if err != nil {
		return err
	}
	return q.reply(200, o)
}

func (f *Fleet) getJob(q *request) error {
	j := f.job(q.parts[2])
	if j == nil {
		return noJob(q.parts[2])
	}
	return q.reply(200, f.showJob(j))
}

func (f *Fleet) postCancel(q *request) error {
	o, err := f.cancelJob(q.parts[2])
	if err != nil {
		return err
	}
	return q.reply(200, o)
}

func (f *Fleet) queryJobs(q *request) error {
	size, continuation := q.page()
	if size < 1 || size > maxPage {
		size = defaultPage
	}
	from := 0
	if continuation != "" {
		n, err := strconv.Atoi(continuation)
		if err != nil || n < 0 {
			return badRequest("ArgumentInvalid", "The continuation token is invalid.")
		}
		from = n
	}
	values := q.r.URL.Query()
	list := f.listJobs(values.Get("jobType"), values.Get("jobStatus"))
	from = min(from, len(list))
	to := min(from+size, len(list))
	q.w.Header().Set("X-Ms-Item-Type", "JobResponse")
	if to < len(list) {
		q.w.Header().Set("X-Ms-Continuation", strconv.Itoa(to))
	}
	return q.rows(list[from:to])
}

func (f *Fleet) deviceStatistics(q *request) error {
	n := float64(len(f.devices))
	return q.reply(200, object{member("totalDeviceCount", n), member("enabledDeviceCount", n),
		member("disabledDeviceCount", 0.0)})
}

func (f *Fleet) serviceStatistics(q *request) error {
	to, n := f.now(), 0
	for i := range f.devices {
		if f.devices[i].due <= to {
			f.settle(i, to)
		}
		if f.devices[i].is(agentUp) || f.devices[i].is(hubUp) {
			n++
		}
	}
	return q.reply(200, object{member("connectedDeviceCount", float64(n))})
}

// identity is an entry of the registry, without keys.
func (f *Fleet) identity(n int) object {
	return object{member("deviceId", f.ID(n)), member("generationId", "637000000000000000"), member("etag", "NzU2NzE1"),
		member("connectionState", "Disconnected"), member("status", "enabled"), member("statusReason", nil),
		member("connectionStateUpdatedTime", "0001-01-01T00:00:00Z"),
		member("statusUpdatedTime", "0001-01-01T00:00:00Z"),
		member("lastActivityTime", "0001-01-01T00:00:00Z"), member("cloudToDeviceMessageCount", 0.0),
		member("capabilities", object{member("iotEdge", true)}), member("deviceScope",
			"ms-azure-iot-edge://"+f.ID(n)+"-637000000000000000")}
}

func (f *Fleet) moduleIdentity(n int, module string) object {
	d := &f.devices[n]
	up := d.is(hubUp)
	if module == "$edgeAgent" {
		up = d.is(agentUp)
	}
	return object{member("moduleId", module), member("managedBy", "iotEdge"), member("deviceId", f.ID(n)),
		member("generationId", "637000000000000001"),
		member("etag", "NzU2NzE1"), member("connectionState", connection(up)), member("cloudToDeviceMessageCount", 0.0)}
}

// listDevices is GET /devices?top=N: at most a thousand, and no way to the others.
func (f *Fleet) listDevices(q *request) error {
	top, err := strconv.Atoi(q.r.URL.Query().Get("top"))
	if err != nil || top < 1 || top > maxPage {
		top = maxPage
	}
	var out []object
	for n := range min(top, len(f.devices)) {
		out = append(out, f.identity(n))
	}
	return q.rows(out)
}

func (f *Fleet) getDevice(q *request) error {
	n, ours := f.find(q.parts[1])
	if !ours {
		return notFound(q.parts[1])
	}
	return q.reply(200, f.identity(n))
}

func (f *Fleet) listModules(q *request) error {
	n, ours := f.find(q.parts[1])
	if !ours {
		return notFound(q.parts[1])
	}
	var out []object
	for _, m := range moduleNames {
		if m != "edgenet" || f.devices[n].is(running) || f.devices[n].hub != nil {
			out = append(out, f.moduleIdentity(n, m))
		}
	}
	return q.rows(out)
}

func (f *Fleet) getModule(q *request) error {
	n, module, err := f.twin(q)
	if err != nil {
		return err
	}
	return q.reply(200, f.moduleIdentity(n, module))
}

// labState is what the lab tells of its fleet, and no hub would.
type labState struct {
	Count     Count               `json:"fleet"`
	Stranding Stranding           `json:"stranding"`
	Throttles map[string]Throttle `json:"throttles"`
	Writes    int                 `json:"writes"`
	Switches  Switches            `json:"switches"`
	Now       time.Time           `json:"now"`
}

func (f *Fleet) getLab(q *request) error {
	b, err := json.Marshal(labState{f.countNow(), f.strandedNow(), f.throttles(), f.writes, f.switches, f.clock()})
	if err != nil {
		return err
	}
	return q.raw(200, b)
}

// maxAdvance is how far the clock may be moved at once.
const maxAdvance = 100 * 24 * time.Hour

// postLab changes switches, those that are named, and moves the clock.
func (f *Fleet) postLab(q *request) error {
	next := struct {
		Advance  string    `json:"advance"`
		Switches *Switches `json:"switches"`
	}{Switches: &Switches{}}
	*next.Switches = f.switches
	if err := json.Unmarshal(q.body, &next); err != nil || next.Switches == nil {
		return badRequest("ArgumentInvalid", `expected {"advance":"1h","switches":{…}}, each as wanted`)
	}
	if err := next.Switches.check(); err != nil {
		return badRequest("ArgumentInvalid", err.Error())
	}
	if next.Advance != "" {
		d, err := time.ParseDuration(next.Advance)
		if err != nil || d < 0 || d > maxAdvance {
			return badRequest("ArgumentInvalid", "advance: expected a duration as in 90m, of at most "+
				maxAdvance.String())
		}
		f.advance(d)
	}
	f.switches = *next.Switches
	return f.getLab(q)
}
