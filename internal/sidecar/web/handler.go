package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Handler answers the site's requests.
func (s *Site) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", s.metrics)
	mux.HandleFunc("GET /healthz", s.health)
	mux.HandleFunc("GET /readyz", s.ready)
	mux.HandleFunc("GET /v1/upstream", s.upstream)
	if s.All {
		mux.HandleFunc("GET /v1/report", s.report)
		mux.HandleFunc("GET /{$}", s.page)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		if !s.named(r) {
			http.Error(w, "this is not the host that you asked for", http.StatusMisdirectedRequest)
			return
		}
		if r.ContentLength != 0 { // nothing here takes a body
			h.Set("Connection", "close")
		}
		mux.ServeHTTP(w, r)
	})
}

// health tells whether the loop lives.
func (s *Site) health(w http.ResponseWriter, _ *http.Request) {
	if since := s.View().BusySince; !since.IsZero() && time.Since(since) > stuckAfter {
		http.Error(w, "stuck", http.StatusServiceUnavailable)
		return
	}
	write(w, "text/plain; charset=utf-8", []byte("ok\n"))
}

// ready tells whether there is a verdict and a session with edgeHub.
func (s *Site) ready(w http.ResponseWriter, _ *http.Request) {
	v := s.View()
	switch {
	case v.State.Seen == nil:
		http.Error(w, "no verdict yet", http.StatusServiceUnavailable)
	case !v.State.Linked:
		http.Error(w, "no session with edgeHub", http.StatusServiceUnavailable)
	default:
		write(w, "text/plain; charset=utf-8", []byte("ready\n"))
	}
}

func (s *Site) upstream(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, s.View().State.Upstream())
}

// report gives JSON, or the page to who prefers it.
func (s *Site) report(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Vary", "Accept")
	if s.Page != nil && prefersHTML(r.Header.Get("Accept")) {
		s.page(w, r)
		return
	}
	v := s.View()
	if v.Report == nil {
		http.Error(w, "no report yet: the first check is under way", http.StatusServiceUnavailable)
		return
	}
	writeJSON(w, v.Report)
}

func (s *Site) page(w http.ResponseWriter, r *http.Request) {
	v := s.View()
	switch {
	case s.Page == nil:
		http.NotFound(w, r)
		return
	case v.Report == nil:
		http.Error(w, "no report yet: the first check is under way", http.StatusServiceUnavailable)
		return
	}
	policy := s.PagePolicy
	if policy == "" {
		policy = "default-src 'none'"
	}
	var b bytes.Buffer
	if err := s.Page(&b, v.Report, v.State); err != nil {
		http.Error(w, "the page cannot be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Security-Policy", policy)
	w.Header().Set("X-Frame-Options", "DENY")
	write(w, "text/html; charset=utf-8", b.Bytes())
}

// prefersHTML tells whether an Accept header ranks HTML above JSON (RFC 9110, 12.5.1).
func prefersHTML(accept string) bool {
	html, json := 0.0, 0.0
	for part := range strings.SplitSeq(accept, ",") {
		kind, parameters, _ := strings.Cut(part, ";")
		q := 1.0
		for p := range strings.SplitSeq(parameters, ";") {
			if text, ok := strings.CutPrefix(strings.TrimSpace(p), "q="); ok {
				if v, err := strconv.ParseFloat(text, 64); err == nil {
					q = v
				}
			}
		}
		switch strings.ToLower(strings.TrimSpace(kind)) {
		case "text/html":
			html = max(html, q)
		case "application/json":
			json = max(json, q)
		}
	}
	return html > json
}

func writeJSON(w http.ResponseWriter, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "the answer cannot be written", http.StatusInternalServerError)
		return
	}
	write(w, "application/json", append(b, '\n'))
}

func write(w http.ResponseWriter, kind string, b []byte) {
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(b) // who has left does not wait for it
}
