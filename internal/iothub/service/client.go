package service

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"edgenet/report"
)

// APIVersion is the newest data-plane version that a client of the vendor's ships with.
const APIVersion = "2024-03-31"

// Options are what a client needs; HTTP, Auth and one of Hub and Base have to be there.
type Options struct {
	Hub        string // the hub's name; calls go to it by HTTPS
	Base       string // an address in its place, such as http://127.0.0.1:8080; zero means none
	Auth       Authorizer
	HTTP       *http.Client
	Tier       Tier
	Rate       int    // calls a second of all kinds together; zero means as many as the hub takes
	APIVersion string // zero means APIVersion
	Clock      Clock  // zero means System
	// Waiting is told before the client waits for the hub; zero means nobody is.
	Waiting func(what string, d time.Duration)
}

// Client talks to one hub. It may be used by several goroutines.
type Client struct {
	o       Options
	base    string
	budgets [kinds]*budget
	all     *budget // of Options.Rate; nil: none
	skew    atomic.Int64
}

// New makes a client; it contacts nothing.
func New(o Options) *Client {
	c := &Client{o: o, base: o.Base}
	if c.base == "" {
		c.base = "https://" + o.Hub
	}
	if c.o.APIVersion == "" {
		c.o.APIVersion = APIVersion
	}
	if c.o.Clock == nil {
		c.o.Clock = System{}
	}
	if c.o.Waiting == nil {
		c.o.Waiting = func(string, time.Duration) {}
	}
	for k := range kinds {
		c.budgets[k] = newBudget(o.Tier.Limit(k), c.o.Clock)
	}
	if o.Rate > 0 {
		c.all = newBudget(Limit{o.Rate, time.Second}, c.o.Clock)
	}
	return c
}

// Hub is the hub's name.
func (c *Client) Hub() string { return c.o.Hub }

// Tier is what the budgets are made for.
func (c *Client) Tier() Tier { return c.o.Tier }

// Now is the hub's clock, as far as its answers have told it.
func (c *Client) Now() time.Time { return c.o.Clock.Now().Add(time.Duration(c.skew.Load())) }

// Sleep lets time pass.
func (c *Client) Sleep(ctx context.Context, d time.Duration) error { return c.o.Clock.Sleep(ctx, d) }

// How long one call may take, and what of an answer is read.
const (
	callWait    = 60 * time.Second
	pageWait    = 5 * time.Minute
	maxDocument = 4 << 20
)

// call is one call before it is made.
type call struct {
	doing  string
	kind   Kind
	need   Right
	method string
	path   string // escaped, without the query
	query  url.Values
	body   any // nil: none
	header map[string]string
	wait   time.Duration // zero means callWait
	// read is given the answer; nil: nobody is. Its error counts as the answer's.
	read func(*http.Response) error
	// safe calls may be made again where it is unknown whether they were carried out.
	safe bool
}

// do makes the call within its budget, again where the hub throttles, and again where a
// safe one breaks.
func (c *Client) do(ctx context.Context, call call) error {
	for throttled, broken := 0, 0; ; {
		if err := c.admit(ctx, call.kind); err != nil {
			return err
		}
		resp, err := c.once(ctx, call)
		var refused *Error
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &refused) && refused.Status == http.StatusTooManyRequests && throttled < maxThrottle:
			d := throttleWait(refused.Message, resp, throttled)
			throttled++
			c.o.Waiting(call.kind.String()+" are throttled by the hub", d)
			err = c.o.Clock.Sleep(ctx, d)
		case call.safe && broken < maxBroken && (refused == nil || refused.Status >= 500) && !errors.Is(err, errGiveUp):
			d := brokenWait(broken)
			broken++
			err = c.o.Clock.Sleep(ctx, d)
		default:
			return err
		}
		if err != nil {
			return err
		}
	}
}

// errGiveUp marks errors that another try would meet again.
var errGiveUp = errors.New("")

// giveUp is such an error.
type giveUp struct{ error }

func (giveUp) Is(target error) bool { return target == errGiveUp }
func (g giveUp) Unwrap() error      { return g.error }

// admit waits for a place in the budgets.
func (c *Client) admit(ctx context.Context, k Kind) error {
	if c.all != nil {
		if err := c.all.wait(ctx); err != nil {
			return err
		}
	}
	return c.budgets[k].wait(ctx)
}

// once makes the call once; the header is that of the answer, nil without one.
func (c *Client) once(ctx context.Context, call call) (http.Header, error) {
	wait := call.wait
	if wait == 0 {
		wait = callWait
	}
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	req, err := c.request(ctx, call)
	if err != nil {
		return nil, giveUp{err}
	}
	sent := c.o.Clock.Now()
	resp, err := c.o.HTTP.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", call.doing, reason(err))
	}
	defer func() {
		_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // so that the connection serves again
		_ = resp.Body.Close()
	}()
	c.clock(resp.Header, sent)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // what came of it is what there is
		return resp.Header, newError(call.doing, call.need, resp.StatusCode, resp.Header, body)
	}
	if call.read == nil {
		return resp.Header, nil
	}
	if err := call.read(resp); err != nil {
		return resp.Header, fmt.Errorf("%s: %w", call.doing, err)
	}
	return resp.Header, nil
}

func (c *Client) request(ctx context.Context, call call) (*http.Request, error) {
	var body io.Reader
	if call.body != nil {
		text, err := json.Marshal(call.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	q := url.Values{"api-version": {c.o.APIVersion}}
	for k, v := range call.query {
		q[k] = v
	}
	req, err := http.NewRequestWithContext(ctx, call.method, c.base+call.path+"?"+q.Encode(), body)
	if err != nil {
		return nil, err
	}
	auth, err := c.o.Auth.Authorization(ctx)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", auth.Reveal())
	req.Header.Set("Accept", "application/json")
	if body != nil {
		req.Header.Set("Content-Type", "application/json; charset=utf-8")
	}
	for k, v := range call.header {
		req.Header.Set(k, v)
	}
	return req, nil
}

// clock learns the hub's clock from an answer's date, to the second that it has.
func (c *Client) clock(h http.Header, sent time.Time) {
	at, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	middle := sent.Add(c.o.Clock.Now().Sub(sent) / 2)
	if d := at.Sub(middle); d.Abs() > 2*time.Second {
		c.skew.Store(int64(d))
	} else {
		c.skew.Store(0)
	}
}

// reason is what net/http says without the address, which stands in the error's head.
func reason(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// document reads an answer of bounded size into v.
func document(v any) func(*http.Response) error {
	return func(resp *http.Response) error {
		body, err := io.ReadAll(io.LimitReader(resp.Body, maxDocument+1))
		if err != nil {
			return err
		}
		if len(body) > maxDocument {
			return giveUp{fmt.Errorf("the answer is longer than %d bytes", maxDocument)}
		}
		if err := json.Unmarshal(body, v); err != nil {
			return giveUp{fmt.Errorf("the answer is not what the hub says: %s", report.Clean(err.Error(), 160))}
		}
		return nil
	}
}
