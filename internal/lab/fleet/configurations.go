package fleet

import (
	"fmt"
	"slices"

	"edgenet/internal/lab/hub"
	"edgenet/internal/lab/twinsql"
)

// putConfiguration creates a deployment, or changes what can be changed of one.
func (f *Fleet) putConfiguration(id string, body object, ifMatch string) (object, error) {
	if name := text(body.Get("id")); name != id {
		return nil, badRequest("ArgumentInvalid", "the id in the body is not the one in the path")
	}
	at := f.now()
	old := f.configuration(id)
	if old == nil {
		if ifMatch != "" {
			return nil, &hub.StatusError{Status: 412, Code: "PreconditionFailed",
				Message: "If-Match does not go with a configuration that is created"}
		}
		return f.create(body, at)
	}
	if ifMatch == "" {
		return nil, &hub.StatusError{Status: 409, Code: "ConfigurationAlreadyExists",
			Message: "A configuration with this id exists already"}
	}
	if !matches(ifMatch, etagOf(uint32(old.version))) {
		return nil, outdated("Configuration")
	}
	if content, _ := body.Get("content").(object); content != nil &&
		string(twinsql.Append(nil, content)) != string(twinsql.Append(nil, old.raw)) {
		return nil, badRequest("ArgumentInvalid", "the content of a configuration cannot be changed")
	}
	next := *old
	if err := next.change(f, body); err != nil {
		return nil, badRequest("ArgumentInvalid", err.Error())
	}
	next.version++
	next.updated = at
	*old = next
	f.retargetAll(at)
	return f.describe(old), nil
}

func (f *Fleet) create(body object, at int32) (object, error) {
	c, err := f.newConfiguration(body)
	if err != nil {
		return nil, badRequest("ArgumentInvalid", err.Error())
	}
	c.created, c.updated = at, at
	if len(f.configurations) >= f.quota() {
		if f.switches.LoudQuota {
			return nil, &hub.StatusError{Status: 403, Code: "ConfigurationCountLimitExceeded",
				Message: fmt.Sprintf("a hub of this tier keeps %d configurations", f.quota())}
		}
		return f.describe(c), nil // it says so, and keeps nothing
	}
	f.created++
	c.order = f.created
	f.configurations = append(f.configurations, c)
	f.retargetAll(at)
	return f.describe(c), nil
}

func (f *Fleet) deleteConfiguration(id, ifMatch string) error {
	c := f.configuration(id)
	if c == nil {
		return noConfiguration(id)
	}
	if !matches(ifMatch, etagOf(uint32(c.version))) {
		return outdated("Configuration")
	}
	f.configurations = slices.DeleteFunc(f.configurations, func(x *configuration) bool { return x == c })
	f.retargetAll(f.now())
	return nil
}

func noConfiguration(id string) *hub.StatusError {
	return &hub.StatusError{Status: 404, Code: "ConfigurationNotFound", Message: "no configuration " + id}
}

// describe is a configuration as the service shows it, counts included.
func (f *Fleet) describe(c *configuration) object { return f.describeAll([]*configuration{c})[0] }

func (f *Fleet) describeAll(list []*configuration) []object {
	counts := f.countTargets(list)
	out := make([]object, 0, len(list))
	for _, c := range list {
		out = append(out, f.show(c, counts[c]))
	}
	return out
}

func (f *Fleet) show(c *configuration, n *targetCount) object {
	labels := c.labels
	if labels == nil {
		labels = object{}
	}
	o := object{member("id", c.id), member("schemaVersion", "1.0"), member("labels", labels), member("content", c.raw),
		member("targetCondition", c.text), member("createdTimeUtc", f.serviceStamp(c.created)),
		member("lastUpdatedTimeUtc",
			f.serviceStamp(c.updated)),
		member("priority", c.priority), member("etag", etagOf(uint32(c.version)))}
	o = append(o, member("systemMetrics", object{member("results", n.results(c.forEdge)),
		member("queries", systemQueries(c))}))
	custom := object{}
	for _, m := range c.metrics {
		custom = append(custom, member(m.Name, float64(f.countQuery(text(m.Value)))))
	}
	queries := c.metrics
	if queries == nil {
		queries = object{}
	}
	return append(o, member("metrics", object{member("results", custom), member("queries", queries)}))
}

// systemQueries are what the hub publishes for each of its counts.
func systemQueries(c *configuration) object {
	if !c.forEdge {
		return object{member("targetedCount", "select deviceId from devices where "+c.text), member("appliedCount",
			"select deviceId from devices where configurations.[["+c.id+"]].status = 'Applied'")}
	}
	applied := "select deviceId from devices.modules where moduleId = '$edgeAgent' and configurations.[[" + c.id +
		"]].status = 'Applied'"
	reported := applied + " and properties.desired.$version = properties.reported.lastDesiredVersion" +
		" and properties.reported.lastDesiredStatus.code "
	targeted := "select deviceId from devices where capabilities.iotEdge = true"
	if c.text != "" && c.text != "*" {
		targeted += " and (" + c.text + ")"
	}
	return object{member("targetedCount", targeted), member("appliedCount", applied),
		member("reportedSuccessfulCount", reported+"= 200"), member("reportedFailedCount", reported+"!= 200")}
}

// targetCount are the system metrics of one configuration.
type targetCount struct{ targeted, applied, successful, failed int }

func (n *targetCount) results(edge bool) object {
	o := object{member("targetedCount", float64(n.targeted)), member("appliedCount", float64(n.applied))}
	if edge {
		o = append(o, member("reportedSuccessfulCount", float64(n.successful)),
			member("reportedFailedCount", float64(n.failed)))
	}
	return o
}

func (f *Fleet) countTargets(list []*configuration) map[*configuration]*targetCount {
	out := make(map[*configuration]*targetCount, len(list))
	for _, c := range list {
		out[c] = &targetCount{}
	}
	to := f.now()
	for n := range f.devices {
		d := &f.devices[n]
		if d.due <= to {
			f.settle(n, to)
		}
		if d.rules != nil {
			for _, c := range d.rules.targeted {
				if x := out[c]; x != nil {
					x.targeted++
				}
			}
		}
		if d.shown == nil {
			continue
		}
		for _, c := range d.shown.applied {
			x := out[c]
			if x == nil {
				continue
			}
			x.applied++
			switch {
			case d.told != d.desired:
			case d.toldCode == 200:
				x.successful++
			default:
				x.failed++
			}
		}
	}
	return out
}

// countQuery is how many rows a custom metric's query has.
func (f *Fleet) countQuery(text string) int {
	q, err := twinsql.Parse(text, f.dialect())
	if err != nil || q.From == twinsql.FromJobs {
		return 0
	}
	count, to := 0, f.now()
	for i := range f.rowsOf(q.From) {
		f.visit(q.From, i, to, func(r twinsql.Row) {
			if q.Matches(r) {
				count++
			}
		})
	}
	return count
}

// testQueries is the dry run: what is wrong with a condition and with queries of metrics.
func (f *Fleet) testQueries(body object) object {
	condition := text(body.Get("targetCondition"))
	wrong := ""
	if _, err := f.readTarget(condition); err != nil {
		wrong = "The target condition is invalid: " + err.Error()
	}
	metrics := object{}
	queries, _ := body.Get("customMetricQueries").(object)
	for _, m := range queries {
		message := any(nil)
		if _, err := twinsql.Parse(text(m.Value), f.dialect()); err != nil {
			message = "The query is invalid: " + err.Error()
		}
		metrics = append(metrics, member(m.Name, message))
	}
	out := object{member("targetConditionError", nil)}
	if wrong != "" {
		out = object{member("targetConditionError", wrong)}
	}
	return append(out, member("customMetricQueryErrors", metrics))
}
