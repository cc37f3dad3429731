package engine

import (
	"errors"
	"net"
	"net/http"
	"time"
)

// Serve listens on a Unix socket, as engines do, until stop is called.
func (s *Server) Serve(socket string) (stop func() error, err error) {
	l, err := net.Listen("unix", socket) //nolint:noctx // it is there at once
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	return func() error {
		closed := server.Close()
		if ended := <-done; !errors.Is(ended, http.ErrServerClosed) {
			return errors.Join(closed, ended)
		}
		return closed
	}, nil
}

// told gives the answer that somebody wants told instead of the engine's own; false where
// there is none.
func (s *Server) told(w http.ResponseWriter, r *http.Request, path string) bool {
	if s.Answer == nil {
		return false
	}
	switch x := s.Answer(r, "/"+path).(type) {
	case nil:
		return false
	case string:
		_, _ = w.Write([]byte(x))
	case http.Handler:
		x.ServeHTTP(w, r)
	default:
		reply(w, http.StatusOK, x)
	}
	return true
}
