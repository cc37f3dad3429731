package probe

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"edgenet/internal/hop"
	"edgenet/internal/neterr"
	"edgenet/proxy"
	"edgenet/report"
)

// The made-up identity of probes: anybody who reads a hub's log recognises it.
const madeUpDevice = "edgenet-probe"

// apiVersion is the REST and MQTT version that every IoT Hub and edgeHub knows.
const apiVersion = "2021-04-12"

// The made-up ID scope, and the version that every provisioning service knows.
const (
	madeUpScope = "0ne00000000"
	dpsVersion  = "2019-03-31"
)

const (
	maxAnswer = 64 << 10 // of an HTTP answer's header
	maxPage   = 8 << 10  // of its body
	pageWait  = 2 * time.Second
)

// exchanger is one HTTP/1.1 conversation on a session.
type exchanger struct {
	ctx     context.Context
	a       *attempt
	session *hop.Session
	limited *io.LimitedReader
	br      *bufio.Reader
	ear     *ear
	whole   bool // the last answer's body was read to its end
	// padded is how long the first byte of the next answer is awaited, and its question fills a packet
	// then; zero means that it does not.
	padded time.Duration
}

func (a *attempt) exchanger(ctx context.Context, session *hop.Session) *exchanger {
	e := &ear{Conn: session}
	limited := &io.LimitedReader{R: e}
	return &exchanger{ctx: ctx, a: a, session: session, limited: limited, br: bufio.NewReader(limited), ear: e}
}

// get sends one request and reads the final answer with the start of its body. The
// skew is the answer's Date against this host's clock in the middle of the exchange.
func (x *exchanger) get(path, authorization string, d *report.HTTPDetail) (*http.Response, []byte, error) {
	req, err := http.NewRequest(http.MethodGet, "https://"+bracket(x.a.Host)+path, nil)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("User-Agent", proxy.UserAgent)
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	x.limited.N = maxAnswer + maxPage
	sent := x.a.env.Clock()
	var wire bytes.Buffer
	if err := req.Write(&wire); err != nil {
		return nil, nil, err
	}
	said := wire.Bytes()
	if x.padded > 0 {
		said = fill(said)
	}
	if _, err := x.session.Write(said); err != nil {
		return nil, nil, err
	}
	if x.padded > 0 {
		_ = x.session.SetReadDeadline(time.Now().Add(x.padded))
		_, err := x.br.Peek(1)
		_ = x.session.SetReadDeadline(time.Time{}) // the context's own is left
		if err != nil {
			return nil, nil, err
		}
	}
	resp, err := x.read(req)
	if err != nil {
		return nil, nil, err
	}
	d.Status, d.Server = resp.StatusCode, report.Clean(resp.Header.Get("Server"), 80)
	d.HubHeaders, d.ErrorCode = hubHeaders(resp.Header), report.Clean(resp.Header.Get("iothub-errorcode"), 60)
	d.Location, d.RetryAfter = report.Clean(resp.Header.Get("Location"), 200),
		report.Clean(resp.Header.Get("Retry-After"), 40)
	d.Date, d.SkewMs = skew(resp.Header.Get("Date"), sent, x.a.env.Clock())
	return resp, x.page(resp), nil
}

// page reads the start of a body, and does not wait long for it.
func (x *exchanger) page(resp *http.Response) []byte {
	x.whole = false
	until := time.Now().Add(pageWait)
	if left, ok := hop.Until(x.ctx); ok && left < pageWait {
		until = time.Now().Add(left)
	}
	if x.ctx.Err() != nil {
		return nil
	}
	_ = x.session.SetReadDeadline(until)
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxPage)) // what came is enough
	x.whole = err == nil && len(body) < maxPage
	_ = x.session.SetReadDeadline(time.Time{}) // the context's own is left
	return body
}

func (x *exchanger) read(req *http.Request) (*http.Response, error) {
	for {
		resp, err := http.ReadResponse(x.br, req)
		if err != nil || resp.StatusCode >= 200 {
			return resp, err
		}
	}
}

// skew compares a Date header with the local clock. The header drops the fraction of
// its second, so half a second is added: the error is then at most that.
func skew(date string, sent, received time.Time) (*time.Time, *report.Millis) {
	t, err := http.ParseTime(date)
	if err != nil {
		return nil, nil
	}
	t = t.UTC()
	mid := sent.Add(received.Sub(sent) / 2)
	ms := report.MillisOf(t.Add(time.Second / 2).Sub(mid.Round(0)).Round(time.Millisecond))
	return &t, &ms
}

// question is what a service is asked that it answers to its own devices alone: a hub for an
// identity's modules, a provisioning service for a registration.
func (a *attempt) question() (path, version string) {
	if a.Endpoint == report.EndpointDPS {
		return "/" + madeUpScope + "/registrations/" + madeUpDevice, dpsVersion
	}
	return "/devices/" + madeUpDevice + "/modules", apiVersion
}

// http asks the hub for something that needs authorisation and recognises it by its
// own headers.
func (a *attempt) http(ctx context.Context, session *hop.Session) *hop.Fault {
	m := a.trace.Begin(report.HopTarget, report.StageHTTP)
	path, version := a.question()
	d := &report.HTTPDetail{Request: "GET " + path + "?api-version=" + version}
	said := a.ask(ctx, a.exchanger(ctx, session), path+"?api-version="+version, d)
	x, resp, body, err := said.x, said.resp, said.body, said.err
	if err != nil {
		if f := session.ClientRefusal(err); f != nil {
			return f
		}
		return a.failHTTP(m, d, a.noAnswer(err, x, d, m.Elapsed()))
	}
	if len(d.HubHeaders) == 0 && resp.StatusCode/100 == 4 && !isHTML(resp, body) && !resp.Close && x.whole {
		resp, body, d = x.bare(path, resp, body, d)
	}
	if said, ok := wantsCertificate(resp.StatusCode, body); ok && len(d.HubHeaders) == 0 {
		if f := session.PageRefusal(said); f != nil {
			return f
		}
	}
	if fault := a.judgeHTTP(resp, body, d); fault != nil {
		return a.failHTTP(m, d, *fault)
	}
	m.OK(d)
	a.prove()
	if a.Depth == DepthAuth {
		return a.authHTTP(x)
	}
	return nil
}

// bare asks once more, on the same connection and without an API version: edgeHub shows
// the hub's headers only then. Where that tells no more, the first answer stands.
func (x *exchanger) bare(path string, resp *http.Response, body []byte, d *report.HTTPDetail) (*http.Response, []byte,
	*report.HTTPDetail) {
	second := &report.HTTPDetail{Request: "GET " + path}
	r, b, err := x.get(path, "", second)
	if err != nil || len(second.HubHeaders) == 0 {
		return resp, body, d
	}
	return r, b, second
}

func (a *attempt) failHTTP(m *hop.Move, d *report.HTTPDetail, f hop.Fault) *hop.Fault {
	d.At = a.env.UTC()
	return m.Fail(f, d)
}

// noAnswer classifies a request that got no HTTP answer.
func (a *attempt) noAnswer(err error, x *exchanger, d *report.HTTPDetail, waited time.Duration) hop.Fault {
	first, isHTTP, kind := x.ear.heard(err)
	d.Error, d.FirstBytes = neterr.Text(err), first
	switch {
	case x.limited.N <= 0:
		return hop.Fault{Cause: report.HTTPMalformed,
			Summary: fmt.Sprintf("%s answers with a header of more than %d KiB", a.Host, maxAnswer>>10)}
	case !isHTTP:
		return hop.Fault{Cause: report.HTTPMalformed, Summary: fmt.Sprintf("the answer of %s is not HTTP: %s",
			a.Host, first)}
	case kind == neterr.Timeout || kind == neterr.Canceled:
		return hop.Fault{Cause: report.HTTPTimeout,
			Summary: fmt.Sprintf("TLS with %s is up, and the request got no answer within %s", a.Host,
				hop.Seconds(waited))}
	case kind == neterr.EOF || kind == neterr.Reset:
		return hop.Fault{Cause: report.HTTPClosed,
			Summary: fmt.Sprintf("TLS with %s is up, and the connection was closed in place of an answer", a.Host)}
	case first != "":
		return hop.Fault{Cause: report.HTTPMalformed,
			Summary: fmt.Sprintf("the answer of %s cannot be read as HTTP: %s", a.Host, d.Error)}
	}
	return hop.Fault{Cause: report.Unknown, Summary: fmt.Sprintf("the request to %s failed: %s", a.Host, d.Error)}
}

// judgeHTTP is the classifier of answers: the hub's own headers make the difference.
func (a *attempt) judgeHTTP(resp *http.Response, body []byte, d *report.HTTPDetail) *hop.Fault {
	if len(d.HubHeaders) == 0 {
		d.Title, d.Headers = proxy.Title(body), proxy.Reasons(resp.Header)
		return &hop.Fault{Cause: report.HTTPBlockPage, Summary: fmt.Sprintf("in place of the hub's answer, %s shows %s",
			a.Host, pageWords(resp.StatusCode, d.Location, d.Title))}
	}
	if c := spoken(cmp.Or(d.ErrorCode, codeIn(body))); c != "" {
		d.ErrorCode = cmp.Or(d.ErrorCode, codeIn(body))
		return &hop.Fault{Cause: c, Summary: fmt.Sprintf("the hub is reached and refuses with %d %s", resp.StatusCode,
			d.ErrorCode)}
	}
	if resp.StatusCode >= 500 || resp.StatusCode == http.StatusTooManyRequests {
		after := ""
		if d.RetryAfter != "" {
			after = ", retry after " + d.RetryAfter
		}
		return &hop.Fault{Cause: report.HTTPStatus, Summary: fmt.Sprintf("the hub is reached and answers %d %s%s",
			resp.StatusCode, d.ErrorCode, after)}
	}
	return nil
}

// wantsCertificate recognises the pages by which servers refuse a client without a
// certificate: nginx's 400 and IIS's 403.7.
func wantsCertificate(status int, body []byte) (said string, ok bool) {
	title := proxy.Title(body)
	switch {
	case status == http.StatusBadRequest && strings.Contains(title, "No required SSL certificate was sent"),
		status == http.StatusForbidden && (strings.Contains(title, "403.7") ||
			strings.Contains(title, "Client certificate required")):
		return title, true
	}
	return "", false
}

// hubHeaders names the hub's own headers in an answer.
func hubHeaders(h http.Header) []string {
	var out []string
	for _, n := range []string{"iothub-errorcode", "x-ms-request-id"} {
		if h.Get(n) != "" {
			out = append(out, n)
		}
	}
	return out
}

func isHTML(resp *http.Response, body []byte) bool {
	if proxy.IsHTML(resp.Header.Get("Content-Type")) {
		return true
	}
	start := strings.ToLower(strings.TrimSpace(string(body[:min(len(body), 256)])))
	return strings.HasPrefix(start, "<!doctype html") || strings.HasPrefix(start, "<html")
}

// blockPage tells whether an answer without the hub's headers is a portal's or a
// filter's: a redirect, a 2xx, or HTML with one of the statuses that filters use.
func blockPage(resp *http.Response, body []byte, htmlStatuses ...int) bool {
	switch resp.StatusCode / 100 {
	case 2:
		return true
	case 3:
		return resp.Header.Get("Location") != "" || isHTML(resp, body)
	}
	for _, s := range htmlStatuses {
		if resp.StatusCode == s && isHTML(resp, body) {
			return true
		}
	}
	return false
}

func pageWords(status int, location, title string) string {
	s := fmt.Sprintf("a page with status %d", status)
	if location != "" {
		return fmt.Sprintf("a redirect (%d) to %s", status, location)
	}
	if title != "" {
		s += fmt.Sprintf(" (%q)", report.Clean(title, 60))
	}
	return s
}

// dateWait bounds the question for the Date after a validity failure.
const dateWait = 2 * time.Second

// askDate asks a server whose certificate failed on its validity for its Date, by one
// request without credentials, so that a wrong clock here can be told from a stale
// certificate there.
func (a *attempt) askDate(ctx context.Context, session *hop.Session) {
	if session == nil || a.Protocol.Port() != 443 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, dateWait)
	defer cancel()
	_ = session.SetDeadline(time.Now().Add(dateWait))
	var d report.HTTPDetail
	if _, _, err := a.exchanger(ctx, session).get("/", "", &d); err == nil {
		session.Detail().Date, session.Detail().SkewMs = d.Date, d.SkewMs
	}
}
