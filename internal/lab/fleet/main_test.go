package fleet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/goleak"

	"edgenet/internal/lab/hub"
	"edgenet/internal/lab/twinsql"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// newFleet makes a fleet whose clock stands still but for Advance, and whose networks stay
// unless the test says otherwise.
func newFleet(t testing.TB, o Options) *Fleet {
	t.Helper()
	if o.Start.IsZero() {
		o.Start = start
	}
	if o.Changes == 0 {
		o.Changes = -1
	}
	if o.Devices == 0 {
		o.Devices = 400
	}
	f, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// answer is what a call of the service got.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// at reads a member of the answer.
func (a answer) at(t testing.TB, path ...string) any {
	t.Helper()
	v, err := twinsql.Decode(a.body)
	if err != nil {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	return twinsql.At(v, path)
}

// call asks the fleet, with all rights.
func call(t testing.TB, f *Fleet, method, path, body string, header ...string) answer {
	t.Helper()
	return callAs(t, f, hub.AllRights(), method, path, body, header...)
}

func callAs(t testing.TB, f *Fleet, rights hub.Rights, method, path, body string, header ...string) answer {
	t.Helper()
	r := httptest.NewRequest(method, path, bytes.NewReader([]byte(body)))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	if err := f.Serve(w, r, rights); err != nil {
		hub.Fail(w, err)
	}
	return answer{w.Code, w.Header(), w.Body.Bytes()}
}

// ask runs a query to its end and gives the rows.
func ask(t testing.TB, f *Fleet, query string, size int) (rows []any, pages int) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	next := ""
	for {
		a := call(t, f, "POST", "/devices/query", string(body), "X-Ms-Max-Item-Count", fmt.Sprint(size),
			"X-Ms-Continuation", next)
		if a.status != 200 {
			t.Fatalf("%s: %d %s", query, a.status, a.body)
		}
		list, ok := a.at(t).([]any)
		if !ok {
			t.Fatalf("%s: %s", query, a.body)
		}
		rows, pages = append(rows, list...), pages+1
		if next = a.header.Get("X-Ms-Continuation"); next == "" {
			return rows, pages
		}
	}
}

// deploy creates or changes a deployment.
func deploy(t testing.TB, f *Fleet, id, condition string, priority int, content object, header ...string) answer {
	t.Helper()
	body := object{member("id", id), member("targetCondition", condition), member("priority", float64(priority)),
		member("content", object{member("modulesContent", content)})}
	return call(t, f, "PUT", "/configurations/"+id, string(twinsql.Append(nil, body)), header...)
}
