package twin

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"edgenet/internal/iothub"
	"edgenet/internal/neterr"
	"edgenet/proxy"
	"edgenet/report"
)

// Bounds of the workload API's answers and retries. The retries are the vendor
// SDK's: three more, after 2 seconds and up to 30.
const (
	maxSignAnswer   = 16 << 10 // bytes; a digest has 32
	maxBundleAnswer = 1 << 20  // bytes; a store of all public roots has a quarter of it
	workloadRetries = 3
	workloadWait    = 10 * time.Second // for one answer
	minBackoff      = 2 * time.Second
	maxBackoff      = 30 * time.Second
)

// workloadVersions are what the API takes; the first is what every daemon speaks.
var workloadVersions = []string{"2018-06-28", "2019-01-30", "2019-10-22", "2019-11-05", "2020-07-07", "2021-12-07",
	"2022-08-03"}

// What the workload API refuses, beside WorkloadError's own text.
var (
	// ErrNotOurs: the daemon compares the caller's process with the container's.
	ErrNotOurs = errors.New("the daemon signs for processes of this module's own container only: run edgenet as the " +
		"module's container, under the module id that IOTEDGE_MODULEID names")
	// ErrNotFound: no such module, or no trust bundle; the daemon says so too where certd may
	// not read a file of the bundle (seen with aziot-edged 1.6.0).
	ErrNotFound = errors.New("the daemon knows nothing of that name: is the module deployed under this id, is " +
		"trust_bundle_cert (or the quickstart's CA) configured, and may the user aziotcs read its file?")
)

// WorkloadError is an answer of the workload API other than the one asked for.
type WorkloadError struct {
	Op      string // what was asked
	Status  int    // HTTP's; 0 where no answer came
	Message string // the API's own words, scrubbed
	Err     error  // why, and what to do
}

// Error tells what was asked, what was said, and what to do.
func (e *WorkloadError) Error() string {
	text := "workload API, " + e.Op
	if e.Status != 0 {
		text += fmt.Sprintf(": %d", e.Status)
	}
	if e.Message != "" {
		text += " " + e.Message
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap gives the reason.
func (e *WorkloadError) Unwrap() error { return e.Err }

// Workload is the IoT Edge daemon's API for modules.
type Workload struct {
	base    string // what stands before the path
	version string
	client  *http.Client
	backoff func(try int) time.Duration // zero means 2, 4, 8 … 30 seconds
}

// NewWorkload reads IOTEDGE_WORKLOADURI (unix:///path or http://host:port) and
// IOTEDGE_APIVERSION, which counts where it is one of the known versions; otherwise
// the oldest is used, which every daemon takes. Nothing is contacted.
func NewWorkload(uri, version string) (*Workload, error) {
	u, err := url.Parse(uri)
	if err != nil {
		return nil, errWorkloadURI
	}
	if !slices.Contains(workloadVersions, version) {
		version = workloadVersions[0]
	}
	w := &Workload{version: version}
	// No proxy and no kept connection: calls are hours apart.
	transport := &http.Transport{DisableKeepAlives: true, MaxResponseHeaderBytes: 16 << 10,
		ResponseHeaderTimeout: workloadWait}
	switch {
	case u.Scheme == "unix" && u.Host == "" && strings.HasPrefix(u.Path, "/"):
		w.base = "http://workload"
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", u.Path)
		}
	case u.Scheme == "http" && u.Host != "" && strings.Trim(u.Path, "/") == "" && u.User == nil && u.RawQuery == "":
		w.base = "http://" + u.Host
	default:
		return nil, errWorkloadURI
	}
	w.client = &http.Client{Transport: transport, CheckRedirect: func(*http.Request,
		[]*http.Request) error {
		return http.ErrUseLastResponse
	}}
	return w, nil
}

var errWorkloadURI = errors.New("expected unix:///PATH or http://HOST:PORT")

// Sign gives the HMAC-SHA256 of text with the module's key, which stays with the
// daemon.
func (w *Workload) Sign(ctx context.Context, id Identity, text string) ([]byte, error) {
	body, err := json.Marshal(map[string]string{"keyId": "primary", "algo": "HMACSHA256",
		"data": base64.StdEncoding.EncodeToString([]byte(text))})
	if err != nil {
		return nil, err
	}
	path := "/modules/" + iothub.Escape(id.Module) + "/genid/" + iothub.Escape(id.Generation) + "/sign"
	answer, err := w.call(ctx, "sign for "+report.Clean(id.Module, 128), http.MethodPost, path, body, maxSignAnswer)
	if err != nil {
		return nil, err
	}
	return parseDigest(answer)
}

// Roots gives the trust bundle.
func (w *Workload) Roots(ctx context.Context) (*x509.CertPool, error) {
	answer, err := w.call(ctx, "trust bundle", http.MethodGet, "/trust-bundle", nil, maxBundleAnswer)
	if err != nil {
		return nil, err
	}
	return parseBundle(answer)
}

// parseDigest reads the answer to sign.
func parseDigest(answer []byte) ([]byte, error) {
	var a struct{ Digest string }
	if json.Unmarshal(answer, &a) != nil {
		return nil, &WorkloadError{Op: "sign", Err: errNoJSON}
	}
	digest, err := base64.StdEncoding.DecodeString(a.Digest)
	if err != nil || len(digest) != 32 {
		return nil, &WorkloadError{Op: "sign", Err: errors.New("the digest is not 32 bytes in base64")}
	}
	return digest, nil
}

// parseBundle reads the answer to trust-bundle: plain PEM, though the API's own
// description says base64, so that is taken too.
func parseBundle(answer []byte) (*x509.CertPool, error) {
	var a struct{ Certificate string }
	if json.Unmarshal(answer, &a) != nil {
		return nil, &WorkloadError{Op: "trust bundle", Err: errNoJSON}
	}
	pool := x509.NewCertPool()
	if pool.AppendCertsFromPEM([]byte(a.Certificate)) {
		return pool, nil
	}
	if text, err := base64.StdEncoding.DecodeString(a.Certificate); err == nil && pool.AppendCertsFromPEM(text) {
		return pool, nil
	}
	return nil, &WorkloadError{Op: "trust bundle", Err: errors.New("it holds no certificate in PEM")}
}

// call asks until an answer comes that another try would not change.
func (w *Workload) call(ctx context.Context, op, method, path string, body []byte, limit int64) ([]byte, error) {
	for try := 0; ; try++ {
		answer, err := w.once(ctx, op, method, path, body, limit)
		var refused *WorkloadError
		if err == nil || errors.As(err, &refused) && refused.Status != 0 && refused.Status/100 != 5 ||
			try == workloadRetries {
			return answer, err
		}
		select {
		case <-time.After(w.pause(try)):
		case <-ctx.Done():
			return nil, err // tells more than that time is up
		}
	}
}

func (w *Workload) pause(try int) time.Duration {
	if w.backoff != nil {
		return w.backoff(try)
	}
	return min(minBackoff<<try, maxBackoff)
}

func (w *Workload) once(ctx context.Context, op, method, path string, body []byte, limit int64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, workloadWait)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, w.base+path+"?api-version="+w.version, bytes.NewReader(body))
	if err != nil {
		return nil, &WorkloadError{Op: op, Err: err}
	}
	r.Header.Set("User-Agent", proxy.UserAgent)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	response, err := w.client.Do(r)
	if err != nil {
		return nil, &WorkloadError{Op: op, Message: neterr.Text(err), Err: unreachable(err)}
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	switch {
	case err != nil:
		return nil, &WorkloadError{Op: op, Message: "the answer broke off: " + neterr.Text(err), Err: err}
	case int64(len(answer)) > limit:
		return nil, &WorkloadError{Op: op, Status: response.StatusCode,
			Err: fmt.Errorf("the answer is longer than %d bytes", limit)}
	case response.StatusCode/100 != 2:
		return nil, refusal(op, response.StatusCode, answer)
	}
	return answer, nil
}

// unreachable keeps the cause for whoever asks with errors.Is, without its text,
// which Message holds already.
type unreachableError struct{ cause error }

func (*unreachableError) Error() string {
	return "is the socket mounted into this container, and does the daemon run (iotedge system status)?"
}
func (e *unreachableError) Unwrap() error { return e.cause }

func unreachable(err error) error { return &unreachableError{err} }

// refusal reads an answer that is none: {"message":…}.
func refusal(op string, status int, answer []byte) error {
	var a struct{ Message string }
	_ = json.Unmarshal(answer, &a) // without it the status speaks
	e := &WorkloadError{Op: op, Status: status, Message: said(a.Message, 200)}
	switch status {
	case http.StatusForbidden:
		e.Err = ErrNotOurs
	case http.StatusNotFound:
		e.Err = ErrNotFound
	}
	return e
}
