package fleet

import (
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"edgenet/internal/lab/hub"
	"edgenet/internal/lab/twinsql"
)

// maxBody is more than any document that the service takes.
const maxBody = 1 << 20

// request is a call of the service API, taken apart.
type request struct {
	r     *http.Request
	w     http.ResponseWriter
	parts []string // of the path
	body  []byte
	mute  bool // the answer is never sent
}

// endpoint is one call: who may, as what it counts, and what it does. The fleet's lock is
// held.
type endpoint struct {
	right hub.Right
	kind  string
	write bool
	twins bool // a Basic hub has none of it
	serve func(*Fleet, *request) error
}

// Owns tells whether a request is the fleet's: everything of its devices, and whatever is
// asked of the hub as a whole.
func (f *Fleet) Owns(r *http.Request) bool {
	parts := split(r.URL)
	if len(parts) == 0 {
		return false
	}
	switch parts[0] {
	case "configurations", "jobs", "statistics", "lab":
		return true
	case "devices":
		if len(parts) == 1 || len(parts) == 2 && parts[1] == "query" {
			return true
		}
		_, ours := f.find(parts[1])
		return ours && !(len(parts) > 2 && parts[len(parts)-1] == "events")
	case "twins":
		if len(parts) > 1 {
			_, ours := f.find(parts[1])
			return ours
		}
	}
	return false
}

// split takes an escaped path apart.
func split(u *url.URL) []string {
	var out []string
	for _, part := range strings.Split(strings.Trim(u.EscapedPath(), "/"), "/") {
		plain, err := url.PathUnescape(part)
		if err != nil {
			plain = part
		}
		if plain != "" {
			out = append(out, plain)
		}
	}
	return out
}

// Serve answers a request of somebody with these rights. The error is a *hub.StatusError.
func (f *Fleet) Serve(w http.ResponseWriter, r *http.Request, rights hub.Rights) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil || len(body) > maxBody {
		return &hub.StatusError{Status: 413, Code: "RequestEntityTooLarge", Message: "the body is too long"}
	}
	q := &request{r: r, w: w, parts: split(r.URL), body: body}
	e, err := find(r.Method, q.parts)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	w.Header().Set("Date", f.clock().Format(http.TimeFormat))
	if err := f.admit(e, rights); err != nil {
		return err
	}
	f.runJobs(f.now())
	if !e.write {
		return e.serve(f, q)
	}
	return f.served(e, q)
}

// served does a write, unless a switch cuts the connection before it or before the answer.
func (f *Fleet) served(e endpoint, q *request) error {
	s := &f.switches
	pass := s.Pass > 0 || s.Hidden+s.Lost == 0
	switch {
	case s.Pass > 0:
		s.Pass--
	case s.Lost > 0:
		s.Lost--
		panic(http.ErrAbortHandler)
	}
	q.mute = !pass
	err := e.serve(f, q)
	if err == nil {
		f.writes++
	}
	if !pass {
		s.Hidden--
		panic(http.ErrAbortHandler) // whatever came of it, nobody says so
	}
	return err
}

// admit is everything that can be wrong before a call is looked at.
func (f *Fleet) admit(e endpoint, rights hub.Rights) error {
	for _, name := range f.switches.Mute {
		delete(rights, hub.Right(name))
	}
	if !rights[e.right] {
		return &hub.StatusError{Status: 403, Code: "IotHubForbidden",
			Message: "Unauthorized: the right " + string(e.right) + " is missing"}
	}
	if e.twins && strings.HasPrefix(f.switches.Tier, "B") {
		return &hub.StatusError{Status: 403, Code: "OperationNotAvailableInCurrentTier",
			Message: "The operation is not available in the current tier."}
	}
	if f.switches.Refuse > 0 && e.kind != "" {
		f.switches.Refuse--
		if f.switches.RefuseStatus == 429 {
			return throttled(1)
		}
		return &hub.StatusError{Status: f.switches.RefuseStatus, Code: "ServerError",
			Message: "The service is not well."}
	}
	if e.kind == "" {
		return nil
	}
	return f.count(e.kind)
}

// Handler answers the service API for whoever asks, for tests in the same process.
func (f *Fleet) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := f.Serve(w, r, hub.AllRights()); err != nil {
			hub.Fail(w, err)
		}
	})
}

func notHere() error {
	return &hub.StatusError{Status: 404, Code: "NotFound", Message: "no such resource"}
}

// object reads the request's body.
func (q *request) object() (object, error) {
	o, err := twinsql.DecodeObject(q.body)
	if err != nil {
		return nil, badRequest("ArgumentInvalid", "the body is not a JSON object")
	}
	return o, nil
}

// page is how many rows are asked for, and from where on.
func (q *request) page() (size int, continuation string) {
	size, err := strconv.Atoi(q.r.Header.Get("X-Ms-Max-Item-Count"))
	if err != nil {
		size = 0
	}
	return size, q.r.Header.Get("X-Ms-Continuation")
}

func (q *request) reply(status int, v any) error {
	return q.raw(status, twinsql.Append(nil, v))
}

func (q *request) raw(status int, body []byte) error {
	if q.mute {
		return nil
	}
	q.w.Header().Set("Content-Type", "application/json; charset=utf-8")
	q.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	q.w.WriteHeader(status)
	_, _ = q.w.Write(body) // a client that is gone hears nothing
	return nil
}

// nothing answers that it is done.
func (q *request) nothing() error {
	if !q.mute {
		q.w.WriteHeader(http.StatusNoContent)
	}
	return nil
}

func (q *request) rows(list []object) error {
	all := make([]any, 0, len(list))
	for _, o := range list {
		all = append(all, o)
	}
	return q.reply(200, all)
}
