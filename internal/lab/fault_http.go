package lab

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// A portal's page: a title that tells what it is, and no header of a hub.
const portalPage = "<!DOCTYPE html><html><head><title>Guest network login</title></head><body><h1>Welcome</h1>" +
	"<p>Please log in to use the Internet.</p></body></html>\n"

// raw takes the connection from net/http and gives it to talk; it is closed
// after that.
func raw(w http.ResponseWriter, talk func(net.Conn)) {
	nc, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // the connection is gone already
	}
	_ = nc.SetDeadline(time.Time{})
	talk(nc)
	_ = nc.Close()
}

// socketOf finds the connection underneath for what only it can do.
func socketOf(nc net.Conn) *conn {
	for nc != nil {
		if c, ok := nc.(*conn); ok {
			return c
		}
		under, ok := nc.(interface{ NetConn() net.Conn })
		if !ok {
			return nil
		}
		nc = under.NetConn()
	}
	return nil
}

func resetUnder(nc net.Conn) {
	if c := socketOf(nc); c != nil {
		c.reset()
	}
}

// portal answers as a captive portal or web filter does.
func portal(f Fault, w http.ResponseWriter, _ *http.Request) {
	status := f.number(200)
	w.Header().Set("Server", "portal")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if status/100 == 3 {
		w.Header().Set("Location", "http://portal.example.test/login")
	}
	w.WriteHeader(status)
	_, _ = w.Write([]byte(portalPage)) // a client that is gone hears nothing
}

// hubStatus answers with a status in the hub's own shape.
func hubStatus(status int, code, message string, w http.ResponseWriter) {
	w.Header().Set("Server", "Microsoft-HTTPAPI/2.0")
	w.Header().Set("Iothub-Errorcode", code)
	w.Header().Set("X-Ms-Request-Id", "00000000-0000-0000-0000-000000000000")
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"Message":"ErrorCode:%s;%s","ExceptionMessage":"Tracking ID:0-G:0"}`, code, message)
}

var portalStatuses = oneOf("200", "302", "307", "403", "511")

var httpFaults = []faultKind{
	{
		name: "block-page", layer: layerHTTP, arg: "200, 302, 307, 403 or 511 (200)",
		about: "a captive portal's page, or the way to it, in place of the hub's answer",
		check: portalStatuses, http: portal,
	},
	{
		name: "status", layer: layerHTTP, arg: "400 to 599 (503)", about: "the hub answers with this status",
		check: between(400, 599),
		http: func(f Fault, w http.ResponseWriter, _ *http.Request) {
			status := f.number(503)
			if status == 429 {
				w.Header().Set("Retry-After", "5")
			}
			hubStatus(status, statusCode(status), "Service is unavailable", w)
		},
	},
	{
		name: "http-silent", layer: layerHTTP, about: "the request is swallowed",
		http: func(_ Fault, w http.ResponseWriter, _ *http.Request) { raw(w, swallow) },
	},
	{
		name: "http-close", layer: layerHTTP, about: "closed instead of an answer",
		http: func(_ Fault, w http.ResponseWriter, _ *http.Request) { raw(w, func(net.Conn) {}) },
	},
	{
		name: "http-reset", layer: layerHTTP, about: "reset instead of an answer",
		http: func(_ Fault, w http.ResponseWriter, _ *http.Request) { raw(w, resetUnder) },
	},
	{
		name: "http-garbage", layer: layerHTTP, about: "an answer that is no HTTP",
		http: func(_ Fault, w http.ResponseWriter, _ *http.Request) {
			raw(w, func(nc net.Conn) { say(nc, []byte("\x00\xff\x1b[2J not http at all\r\n\r\n")) })
		},
	},
	{
		name: "http-endless-header", layer: layerHTTP, about: "an answer whose header never ends",
		http: func(_ Fault, w http.ResponseWriter, _ *http.Request) { raw(w, endlessHeader("HTTP/1.1 200 OK\r\n")) },
	},
	{
		name: "http-endless-body", layer: layerHTTP, about: "an answer whose body never ends",
		http: func(_ Fault, w http.ResponseWriter, _ *http.Request) {
			raw(w, endlessBody("HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\n\r\n"))
		},
	},
	{
		name: "http-drip", layer: layerHTTP, about: "an answer that comes one byte a second",
		http: func(_ Fault, w http.ResponseWriter, _ *http.Request) {
			raw(w, func(nc net.Conn) {
				drip(nc, []byte("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"), dripInterval)
			})
		},
	},
	{
		name: faultSkew, layer: layerHTTP, arg: "seconds, negative for the past (3600)",
		about: "the answers' Date is off",
		check: between(-1<<31, 1<<31-1),
	},
}

// faultSkew changes an answer's header and leaves the rest to the hub.
const faultSkew = "skew"

// statusCode is the hub's name for a status.
func statusCode(status int) string {
	switch {
	case status == 429:
		return "ThrottlingException"
	case status == 503:
		return "ServiceUnavailable"
	case status >= 500:
		return "ServerError"
	}
	return strings.ReplaceAll(http.StatusText(status), " ", "")
}

// endlessHeader sends a header without end after a status line.
func endlessHeader(start string) func(net.Conn) {
	return func(nc net.Conn) {
		if _, err := nc.Write([]byte(start)); err == nil {
			flood(nc, []byte("X-Filler: "+strings.Repeat("x", 4000)+"\r\n"), floodTotal)
		}
	}
}

// endlessBody sends a body without end after a header.
func endlessBody(header string) func(net.Conn) {
	return func(nc net.Conn) {
		if _, err := nc.Write([]byte(header)); err == nil {
			flood(nc, []byte(strings.Repeat("edgenet ", 512)), floodTotal)
		}
	}
}

// skewed is the Date header of a clock that is off.
func skewed(f Fault) string {
	seconds, err := strconv.ParseInt(f.text("3600"), 10, 64)
	if err != nil {
		seconds = 0 // checked when it was set
	}
	return time.Now().Add(time.Duration(seconds) * time.Second).UTC().Format(http.TimeFormat)
}
