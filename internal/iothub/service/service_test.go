package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"edgenet/internal/iothub"
	"edgenet/internal/secret"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const policyKey = "c2VjcmV0IGtleSBvZiB0aGUgcG9saWN5"

// hub serves a handler, and gives a client of it.
func hub(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	c, err := iothub.ParseConnectionString("HostName=h.azure-devices.net;SharedAccessKeyName=service;SharedAccessKey=" +
		policyKey)
	if err != nil {
		t.Fatal(err)
	}
	auth, err := Policy(c, "test")
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return New(Options{Hub: "h.azure-devices.net", Base: s.URL, Auth: auth, HTTP: &http.Client{Transport: transport},
		Tier: Tier{Name: "S3", Units: 50}})
}

func refuse(w http.ResponseWriter, status int, code, text string) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w,
		`{"Message":"ErrorCode:%s;%s","ExceptionMessage":"Tracking ID:0123-G:0-TimeStamp:11/28/2026 12:00:00"}`,
		code, text)
}

// TestQueryPages: every row of every page comes once, an empty page with a token is a page
// like any other, and the token goes back as it came.
func TestQueryPages(t *testing.T) {
	t.Parallel()
	pages := [][]int{{0, 1, 2}, {}, {3}, {4, 5}}
	c := hub(t, func(w http.ResponseWriter, r *http.Request) {
		var q struct{ Query string }
		_ = json.NewDecoder(r.Body).Decode(&q)
		if q.Query != "SELECT * FROM devices" || r.URL.Path != "/devices/query" ||
			r.URL.Query().Get("api-version") != APIVersion || r.Header.Get("x-ms-max-item-count") != "1000" {
			refuse(w, 400, "ArgumentInvalid", "what is that")
			return
		}
		token, err := iothub.ParseToken(r.Header.Get("Authorization"))
		if err != nil || token.Verify(secret.New(policyKey), time.Now(), 0) != nil || token.Policy != "service" {
			refuse(w, 401, "IotHubUnauthorizedAccess", "no")
			return
		}
		n := 0
		_, _ = fmt.Sscanf(r.Header.Get("x-ms-continuation"), "page=%d;é", &n)
		if n+1 < len(pages) {
			w.Header().Set("x-ms-continuation", fmt.Sprintf("page=%d", n+1))
		}
		rows := []map[string]any{}
		for _, id := range pages[n] {
			rows = append(rows, map[string]any{"deviceId": fmt.Sprint(id), "text": `}]"\`})
		}
		_ = json.NewEncoder(w).Encode(rows)
	})
	var got, told []string
	err := c.Query(t.Context(), "SELECT * FROM devices", func(row []byte) error {
		var x struct{ DeviceID, Text string }
		err := json.Unmarshal(row, &x)
		got = append(got, x.DeviceID)
		return err
	}, func(n int) { told = append(told, fmt.Sprint(n)) })
	if err != nil || strings.Join(got, "") != "012345" || strings.Join(told, " ") != "3 3 4 6" {
		t.Errorf("%v %v %v", err, got, told)
	}
}

// TestPageBreaksOff: a page that is cut is asked for again, and no row is counted twice.
func TestPageBreaksOff(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	c := hub(t, func(w http.ResponseWriter, _ *http.Request) {
		const body = `[{"deviceId":"a"},{"deviceId":"b"},{"deviceId":"c"}]`
		if calls.Add(1) == 1 {
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
			_, _ = io.WriteString(w, body[:40])
			return
		}
		_, _ = io.WriteString(w, body)
	})
	n := 0
	if err := c.Query(t.Context(), "q", func([]byte) error { n++; return nil }, nil); err != nil || n != 3 ||
		calls.Load() != 2 {
		t.Errorf("%v, %d rows, %d calls", err, n, calls.Load())
	}
}

// TestErrors: what the hub says comes with its code and tracking id, the missing right by
// its name, and what to do where it is known.
func TestErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		code   string
		says   []string
	}{
		{401, "IotHubUnauthorizedAccess", []string{"401 IotHubUnauthorizedAccess", "ServiceConnect", "clock",
			"tracking id 0123-G:0"}},
		{403, "IotHubForbidden", []string{"twins/read", "IoT Hub Data Reader", "IP filter"}},
		{403, "IotHubQuotaExceeded", []string{"the text"}},
		{400, "OperationNotAvailableInCurrentTier", []string{"Basic tier", "S1"}},
		{404, "DeviceNotFound", []string{"DeviceNotFound", "the text"}},
		{412, "PreconditionFailed", []string{"somebody else"}},
	} {
		h := hub(t, func(w http.ResponseWriter, _ *http.Request) { refuse(w, c.status, c.code, "the text") })
		_, err := h.Twin(t.Context(), "d", "")
		var e *Error
		if !errors.As(err, &e) || e.Status != c.status || e.Code != c.code || Status(err) != c.status {
			t.Errorf("%d: %v", c.status, err)
			continue
		}
		for _, s := range c.says {
			if !strings.Contains(err.Error(), s) {
				t.Errorf("%d: %q lacks %q", c.status, err, s)
			}
		}
	}
	h := hub(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(403)
		_, _ = io.WriteString(w, "<html>\x1b[31mblocked by the proxy</html>")
	})
	if _, err := h.Twin(t.Context(), "d", ""); err == nil || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("%q", err)
	}
}

// TestThrottled: a 429 is waited for as the body says, else as the header does.
func TestThrottled(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"body", "header"} {
		var calls atomic.Int32
		var waited []time.Duration
		h := hub(t, func(w http.ResponseWriter, _ *http.Request) {
			if calls.Add(1) < 3 {
				text := "The request has been throttled."
				if how == "body" {
					text += " Wait 1 seconds and try again. Operation type: CRUD"
				} else {
					w.Header().Set("Retry-After", "1")
				}
				refuse(w, 429, "ThrottlingBacklogTimeout", text)
				return
			}
			_, _ = io.WriteString(w, `{"deviceId":"d"}`)
		})
		h.o.Waiting = func(_ string, d time.Duration) { waited = append(waited, d) }
		begun := time.Now()
		_, err := h.Twin(t.Context(), "d", "")
		if took := time.Since(begun); err != nil || len(waited) != 2 || waited[0] != time.Second ||
			took < 2*time.Second {
			t.Errorf("%s: %v, waited %v, took %s", how, err, waited, took)
		}
	}
	if d := throttleWait("Wait 9999 seconds", nil, 0); d != longestWait {
		t.Errorf("a hub makes us wait for %s", d)
	}
	if d := throttleWait("", http.Header{}, 0); d < firstWait/2 || d > 2*firstWait {
		t.Errorf("nobody says how long: %s", d)
	}
}

// TestBudget: no window of the hub's sees more calls than its limit, wherever it begins.
func TestBudget(t *testing.T) {
	t.Parallel()
	for _, l := range []Limit{{20, time.Minute}, {100, time.Second}, {1, time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			b := newBudget(l, System{})
			begun := make(chan time.Time, 5*l.Calls)
			for range 5 { // workers
				go func() {
					for range l.Calls {
						if b.wait(t.Context()) != nil {
							return
						}
						begun <- time.Now()
					}
				}()
			}
			var at []time.Time
			for range 5 * l.Calls {
				at = append(at, <-begun)
			}
			for i, from := range at {
				n := 0
				for _, x := range at[i:] {
					if x.Sub(from) < l.Window {
						n++
					}
				}
				if n > l.Calls {
					t.Fatalf("%d calls within %s, want at most %d", n, l.Window, l.Calls)
				}
			}
			if took := at[len(at)-1].Sub(at[0]); took > 5*l.Window {
				t.Errorf("%d calls took %s", len(at), took)
			}
		})
	}
}

// TestLimits are those of the documentation.
func TestLimits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tier Tier
		kind Kind
		want Limit
	}{
		{Tier{}, KindQuery, Limit{20, time.Minute}},
		{Tier{"S1", 3}, KindQuery, Limit{60, time.Minute}},
		{Tier{"S3", 2}, KindQuery, Limit{2000, time.Minute}},
		{Tier{"S1", 9}, KindTwinRead, Limit{100, time.Second}},
		{Tier{"S2", 20}, KindTwinRead, Limit{200, time.Second}},
		{Tier{"S2", 3}, KindTwinWrite, Limit{50, time.Second}},
		{Tier{"S3", 1}, KindTwinWrite, Limit{250, time.Second}},
		{Tier{"S3", 1}, KindConfiguration, Limit{20, time.Minute}},
		{Tier{"S3", 1}, KindRegistry, Limit{5000, time.Minute}},
	} {
		if got := c.tier.Limit(c.kind); got != c.want {
			t.Errorf("%+v %s: %+v, want %+v", c.tier, c.kind, got, c.want)
		}
	}
}

// TestWrites: a write goes once, with the ETag in quotes; a new deployment comes without.
func TestWrites(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	h := hub(t, func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		body, _ := io.ReadAll(r.Body)
		switch {
		case r.Method == http.MethodPatch && r.URL.EscapedPath() == "/twins/d%201/modules/%24edgeAgent":
			if r.Header.Get("If-Match") != `"AAA="` || string(body) != `{"tags":{"edgenet":null}}` {
				refuse(w, 400, "ArgumentInvalid", r.Header.Get("If-Match")+string(body))
				return
			}
			_, _ = io.WriteString(w, `{"deviceId":"d 1","etag":"AAB="}`)
		case r.Method == http.MethodPut && r.Header.Get("If-Match") == "":
			_, _ = w.Write(body)
		default:
			w.WriteHeader(500)
		}
	})
	if twin, err := h.PatchTags(t.Context(), "d 1", "$edgeAgent", "AAA=", map[string]any{"edgenet": nil}); err != nil ||
		twin.ETag != "AAB=" {
		t.Error(err)
	}
	if _, err := h.Create(t.Context(), &Configuration{ID: "x", TargetCondition: "*", Priority: 1}); err != nil {
		t.Error(err)
	}
	before := calls.Load()
	if _, err := h.PatchTags(t.Context(), "other", "", "1", nil); err == nil || calls.Load() != before+1 {
		t.Errorf("%v: a write whose end is unknown was sent %d times", err, calls.Load()-before)
	}
}

// TestCredentials: what is no credential is refused, and nothing of it is told.
func TestCredentials(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "two words", "abcd\nqxyz", "SharedAccessSignature sr=a&sig=b&se=1",
		"SharedAccessSignature sr=secretpart", "HostName=h;SharedAccessKeyName=n;SharedAccessKey=QUJDREVGRw==",
		"http://user:password@proxy", "{\"access_token\":\"wxyz\"}", strings.Repeat("abcdwxyz", 4<<10)} {
		_, err := Fixed(secret.New(text), "test")
		if err == nil || len(text) > 4 && strings.Contains(err.Error(), text[len(text)-4:]) {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"eyJ0.a.b", "Bearer eyJ0.a.b", " eyJ0.a.b\n"} {
		a, err := Fixed(secret.New(text), "test")
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if v, _ := a.Authorization(t.Context()); v.Reveal() != "Bearer eyJ0.a.b" {
			t.Errorf("%q: %q", text, v.Reveal())
		}
	}
	c, _ := iothub.ParseConnectionString("HostName=h;DeviceId=d;SharedAccessKey=" + policyKey)
	if _, err := Policy(c, "test"); err == nil || !strings.Contains(err.Error(), "device's") {
		t.Errorf("a device's connection string: %v", err)
	}
}

// TestManagedIdentity asks as the metadata service wants to be asked, and keeps the token.
func TestManagedIdentity(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		if r.Header.Get("Metadata") != "true" || r.URL.Query().Get("resource") != Audience {
			w.WriteHeader(400)
			return
		}
		_, _ = io.WriteString(w, `{"access_token":"tok","expires_in":"3600"}`)
	}))
	t.Cleanup(s.Close)
	a := ManagedIdentity(s.URL, "")
	for range 3 {
		if v, err := a.Authorization(t.Context()); err != nil || v.Reveal() != "Bearer tok" {
			t.Fatalf("%v", err)
		}
	}
	if calls.Load() != 1 {
		t.Errorf("%d calls", calls.Load())
	}
	if v, end, err := cliToken([]byte(`{"accessToken":"t","expires_on":1900000000}`)); err != nil ||
		v.Reveal() != "Bearer t" || end.Unix() != 1900000000 {
		t.Errorf("%v %v", end, err)
	}
}

// TestCancelled: a wait for the budget ends with the context.
func TestCancelled(t *testing.T) {
	t.Parallel()
	b := newBudget(Limit{1, time.Hour}, System{})
	_ = b.wait(t.Context())
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := b.wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}
