package fleet

import (
	"net/http"
	"strconv"

	"edgenet/internal/lab/hub"
)

// postQuery is POST /devices/query.
func (f *Fleet) postQuery(q *request) error {
	body, err := q.object()
	if err != nil {
		return err
	}
	query := text(body.Get("query"))
	if query == "" {
		return badRequest("ArgumentNull", "BadRequest")
	}
	size, continuation := q.page()
	p, err := f.query(query, size, continuation)
	if err != nil {
		return err
	}
	q.w.Header().Set("X-Ms-Item-Type", p.kind)
	if p.next != "" {
		q.w.Header().Set("X-Ms-Continuation", p.next)
	}
	return q.raw(200, p.rows)
}

// twin is whose twin a path names.
func (f *Fleet) twin(q *request) (n int, module string, err error) {
	n, ours := f.find(q.parts[1])
	if !ours {
		return 0, "", notFound(q.parts[1])
	}
	if len(q.parts) > 3 {
		module = q.parts[3]
		d := &f.devices[n]
		if !isModule(module) || module == "edgenet" && !d.is(running) && d.hub == nil {
			return 0, "", &hub.StatusError{Status: 404, Code: "ModuleNotFound",
				Message: module + " is not a module of " + q.parts[1]}
		}
	}
	if to := f.now(); f.devices[n].due <= to {
		f.settle(n, to)
	}
	return n, module, nil
}

func (f *Fleet) writeTwin(q *request, n int, module string) error {
	q.w.Header().Set("ETag", strconv.Quote(etagOf(f.version(n, module))))
	if module == "" {
		return q.reply(200, f.deviceTwin(n))
	}
	return q.reply(200, f.moduleTwin(n, module))
}

func (f *Fleet) getTwin(q *request) error {
	n, module, err := f.twin(q)
	if err != nil {
		return err
	}
	err = f.writeTwin(q, n, module)
	if f.switches.Retags > 0 { // and right behind it comes somebody else
		f.switches.Retags--
		tags := object{member("tags", object{member("touched",
			object{member("by", "somebody"), member("left", float64(f.switches.Retags))})})}
		return f.changeTwin(n, module, tags, "*", false)
	}
	return err
}

func (f *Fleet) setTwin(q *request) error {
	n, module, err := f.twin(q)
	if err != nil {
		return err
	}
	body, err := q.object()
	if err != nil {
		return err
	}
	if err := f.changeTwin(n, module, body, q.r.Header.Get("If-Match"), q.r.Method == http.MethodPut); err != nil {
		return err
	}
	return f.writeTwin(q, n, module)
}

// Bounds of a method's time-outs, in seconds.
const (
	minResponse = 5
	maxTimeout  = 300
)

// postMethod calls a direct method.
func (f *Fleet) postMethod(q *request) error {
	body, err := q.object()
	if err != nil {
		return err
	}
	method := text(body.Get("methodName"))
	if method == "" {
		return badRequest("ArgumentInvalid", "expected a JSON object with methodName")
	}
	response, given := body.Get("responseTimeoutInSeconds").(float64)
	connect, _ := body.Get("connectTimeoutInSeconds").(float64)
	if given && response != 0 && (response < minResponse || response > maxTimeout) || connect < 0 ||
		connect > maxTimeout {
		return badRequest("ArgumentInvalid",
			"responseTimeoutInSeconds goes from 5 to 300, connectTimeoutInSeconds from 0 to 300")
	}
	module := ""
	n, ours := f.find(q.parts[1])
	if !ours {
		return notFound(q.parts[1])
	}
	if len(q.parts) > 3 && q.parts[2] == "modules" {
		if n, module, err = f.twin(q); err != nil {
			return err
		}
	}
	if to := f.now(); f.devices[n].due <= to {
		f.settle(n, to)
	}
	status, answer, err := f.invoke(n, module, method, payloadOf(body))
	if err != nil {
		return err
	}
	return q.reply(200, object{member("status", float64(status)), member("payload", answer)})
}
