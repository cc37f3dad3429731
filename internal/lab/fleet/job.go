package fleet

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"edgenet/internal/lab/hub"
	"edgenet/internal/lab/twinsql"
)

// maxJobs bounds what is remembered.
const maxJobs = 1000

// job is a job over many devices.
type job struct {
	id        string
	kind      string // scheduleUpdateTwin or scheduleDeviceMethod
	body      object
	condition string
	where     twinsql.Condition
	from      string
	created   int32
	start     int32
	started   int32 // 0 until it runs
	ended     int32
	status    string
	limitSec  float64
	devices   []int // whom it is for, found at its start
	done      int
	failed    map[int]string
	answers   map[int]object
}

// jobTypes are the names that clients use and those that the hub answers with.
var jobTypes = map[string]string{
	"scheduleupdatetwin": "scheduleUpdateTwin", "scheduledevicemethod": "scheduleDeviceMethod",
	"scheduletwinupdate": "scheduleUpdateTwin",
}

func (f *Fleet) job(id string) *job {
	for _, j := range f.jobs {
		if j.id == id {
			return j
		}
	}
	return nil
}

// putJob schedules a job.
func (f *Fleet) putJob(id string, body object) (object, error) {
	if f.job(id) != nil {
		return nil, &hub.StatusError{Status: 409, Code: "JobAlreadyExists",
			Message: "a job with this id exists already"}
	}
	if len(f.jobs) >= maxJobs {
		return nil, &hub.StatusError{Status: 403, Code: "JobQuotaExceeded",
			Message: fmt.Sprintf("%d jobs are kept", maxJobs)}
	}
	j := &job{id: id, kind: jobTypes[strings.ToLower(text(body.Get("type")))], body: body,
		condition: text(body.Get("queryCondition")),
		from:      twinsql.FromDevices, created: f.now(), status: "queued",
		failed: map[int]string{}, answers: map[int]object{}, limitSec: 3600}
	if !validJobID(id) || j.kind == "" {
		return nil, badRequest("ArgumentInvalid",
			"expected an id, and a type of scheduleUpdateTwin or scheduleDeviceMethod")
	}
	if err := j.readCondition(f); err != nil {
		return nil, err
	}
	j.start = j.created
	if s := text(body.Get("startTime")); s != "" {
		t, err := time.Parse(time.RFC3339Nano, s)
		if err != nil {
			return nil, badRequest("ArgumentInvalid", "startTime: expected a time as in 2026-01-02T03:04:05Z")
		}
		j.start = max(j.start, int32(min(t.Sub(f.zero).Seconds(), horizon)))
	}
	if n, ok := body.Get("maxExecutionTimeInSeconds").(float64); ok && n > 0 {
		j.limitSec = n
	}
	if j.start > j.created {
		j.status = "scheduled"
	}
	f.jobs = append(f.jobs, j)
	return f.showJob(j), nil
}

func (j *job) readCondition(f *Fleet) error {
	text, modules := strings.CutPrefix(strings.TrimSpace(j.condition), "FROM devices.modules WHERE ")
	if modules {
		j.from = twinsql.FromModules
	}
	if text == "" || text == "*" {
		return nil
	}
	c, err := twinsql.ParseCondition(text, j.from, f.dialect())
	if err != nil {
		return badRequest("ArgumentInvalid", "The query condition is invalid. ("+err.Error()+")")
	}
	j.where = c
	return nil
}

func validJobID(id string) bool { return id != "" && len(id) <= maxID }

// jobRate is how many devices a job does in a second.
func (f *Fleet) jobRate() float64 {
	units := float64(f.switches.Units)
	switch f.switches.Tier {
	case "S2", "B2":
		return max(10, units)
	case "S3", "B3":
		return 50 * units
	}
	return 10
}

// jobsAtOnce is how many jobs run beside each other.
func (f *Fleet) jobsAtOnce() int {
	switch f.switches.Tier {
	case "S2", "B2":
		return 5
	case "S3", "B3":
		return 10
	}
	return 1
}

// runJobs lets the jobs go on until a moment, oldest first.
func (f *Fleet) runJobs(to int32) {
	runningNow, free := 0, int32(0)
	for _, j := range f.jobs {
		if j.ended > 0 {
			free = max(free, j.ended)
			continue
		}
		if j.started == 0 && j.start <= to && runningNow < f.jobsAtOnce() {
			j.started, j.status = max(j.start, min(free, to)), "running"
			f.chooseDevices(j)
		}
		if j.started == 0 {
			continue
		}
		f.goOn(j, to)
		if j.ended == 0 {
			runningNow++
		} else {
			free = max(free, j.ended)
		}
	}
}

func (f *Fleet) chooseDevices(j *job) {
	to := f.now()
	for n := range f.devices {
		if j.from == twinsql.FromModules {
			meets := false
			for _, m := range moduleNames {
				meets = meets || j.where == nil || twinsql.True(j.where, moduleRow{f, n, m})
			}
			if meets {
				j.devices = append(j.devices, n)
			}
			continue
		}
		if f.devices[n].due <= to {
			f.settle(n, to)
		}
		if j.where == nil || twinsql.True(j.where, deviceRow{f, n}) {
			j.devices = append(j.devices, n)
		}
	}
}

func (f *Fleet) goOn(j *job, to int32) {
	due := int(float64(to-j.started) * f.jobRate())
	for ; j.done < len(j.devices) && j.done < due; j.done++ {
		n := j.devices[j.done]
		if err := f.doJob(j, n); err != nil {
			j.failed[n] = err.Error()
		}
	}
	switch {
	case j.done == len(j.devices):
		j.ended, j.status = min(to, j.started+int32(float64(j.done)/f.jobRate())), "completed"
		if len(j.failed) > 0 && len(j.failed) == len(j.devices) {
			j.status = "failed"
		}
	case float64(to-j.started) > j.limitSec:
		j.ended, j.status = to, "failed"
	}
}

// doJob is what a job does to one device.
func (f *Fleet) doJob(j *job, n int) error {
	if j.kind == "scheduleUpdateTwin" {
		twin, _ := j.body.Get("updateTwin").(object)
		module := text(twin.Get("moduleId"))
		if module != "" && !isModule(module) {
			return notFound(module)
		}
		return f.changeTwin(n, module, twin, "*", false)
	}
	call, _ := j.body.Get("cloudToDeviceMethod").(object)
	status, body, err := f.invoke(n, text(call.Get("moduleId")), text(call.Get("methodName")), payloadOf(call))
	if err != nil {
		return err
	}
	j.answers[n] = object{member("status", float64(status)), member("payload", body)}
	return nil
}

func payloadOf(o object) any {
	v := o.Get("payload")
	if _, none := v.(twinsql.Undefined); none {
		return nil
	}
	return v
}

func (f *Fleet) cancelJob(id string) (object, error) {
	j := f.job(id)
	if j == nil {
		return nil, noJob(id)
	}
	if j.ended == 0 {
		j.ended, j.status = f.now(), "cancelled"
	}
	return f.showJob(j), nil
}

func noJob(id string) *hub.StatusError {
	return &hub.StatusError{Status: 404, Code: "JobNotFound", Message: "no job " + id}
}

// showJob is a job as the service shows it.
func (f *Fleet) showJob(j *job) object {
	o := object{member("jobId", j.id), member("queryCondition", j.condition),
		member("createdTime", f.serviceStamp(j.created)),
		member("startTime", f.serviceStamp(j.start)), member("endTime",
			f.serviceStamp(j.ended)), member("maxExecutionTimeInSeconds", j.limitSec),
		member("type", j.kind), member("status", j.status)}
	for _, name := range []string{"updateTwin", "cloudToDeviceMethod"} {
		if v, ok := j.body.Get(name).(object); ok {
			o = append(o, member(name, v))
		}
	}
	pending := len(j.devices) - j.done
	runs := 0
	if j.status == "running" && pending > 0 {
		runs = 1
	}
	return append(o, member("deviceJobStatistics",
		object{member("deviceCount", float64(len(j.devices))), member("failedCount", float64(len(j.failed))),
			member("succeededCount", float64(j.done-len(j.failed))), member("runningCount",
				float64(runs)), member("pendingCount", float64(pending-runs))}))
}

// listJobs is /jobs/v2/query.
func (f *Fleet) listJobs(kind, status string) []object {
	out := []object{}
	for _, j := range slices.Backward(f.jobs) {
		if (kind == "" || strings.EqualFold(kind, j.kind)) && (status == "" || strings.EqualFold(status, j.status)) {
			out = append(out, f.showJob(j))
		}
	}
	return out
}

// jobRows answers a query of devices.jobs.
func (f *Fleet) jobRows(q *twinsql.Query, size int, t token) (page, error) {
	var rows []object
	for _, j := range f.jobs {
		for i, n := range j.devices {
			if row := f.deviceJob(j, i, n); q.Matches(twinsql.Document{Object: row}) {
				rows = append(rows, row)
			}
		}
	}
	return slice(rows, q, size, t), nil
}

func (f *Fleet) deviceJob(j *job, i, n int) object {
	status := "pending"
	if i < j.done {
		status = "completed"
	}
	o := object{member("deviceId", f.ID(n)), member("jobId", j.id), member("jobType", j.kind),
		member("startTimeUtc", f.serviceStamp(j.started)),
		member("endTimeUtc", f.serviceStamp(j.ended)), member("createdDateTimeUtc",
			f.serviceStamp(j.created)), member("lastUpdatedDateTimeUtc", f.serviceStamp(j.ended))}
	if reason, bad := j.failed[n]; bad {
		status = "failed"
		o = append(o, member("error", object{member("code", "DeviceOperationFailed"), member("description", reason)}))
	}
	if answer, has := j.answers[n]; has {
		o = append(o, member("outcome", object{member("deviceMethodResponse", answer)}))
	}
	return append(o, member("status", status))
}
