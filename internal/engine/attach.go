package engine

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
)

// stream is an attached container: the connection of a request that the engine took
// over, with the container's input in one direction and frames of its output in the
// other.
type stream struct {
	conn *net.UnixConn
	r    *bufio.Reader
}

// attach takes the connection over by hand: net/http hands it out with a status of 101
// alone, and engines that say 200 mean the same.
func (c *Client) attach(ctx context.Context, id string) (*stream, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "unix", c.Socket)
	if err != nil {
		return nil, err
	}
	s := &stream{conn.(*net.UnixConn), bufio.NewReader(conn)} // a Unix dial gives nothing else
	defer s.watch(ctx)()
	path := "/containers/" + id + "/attach?stream=1&stdin=1&stdout=1&stderr=1"
	if _, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: engine\r\nConnection: Upgrade\r\nUpgrade: "+
		"tcp\r\nContent-Length: 0\r\n\r\n", path); err != nil {
		s.Close()
		return nil, err
	}
	res, err := http.ReadResponse(s.r, nil)
	if err != nil {
		s.Close()
		return nil, err
	}
	if res.StatusCode == http.StatusSwitchingProtocols || res.StatusCode == http.StatusOK {
		return s, nil // the body is the stream
	}
	defer s.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	return nil, errors.Join(refusal(res.StatusCode, body), err)
}

// watch closes the connection when ctx ends, so that whatever waits on it does not.
func (s *stream) watch(ctx context.Context) (stop func()) {
	end := context.AfterFunc(ctx, s.Close)
	return func() { end() }
}

func (s *stream) Close() { _ = s.conn.Close() } // nothing more is written

// run writes the input and reads the output to its end.
func (s *stream) run(ctx context.Context, stdin []byte) (Output, error) {
	defer s.watch(ctx)()
	wrote := make(chan error, 1)
	go func() {
		_, err := s.conn.Write(stdin)
		wrote <- errors.Join(err, s.conn.CloseWrite())
	}()
	out, err := demultiplex(s.r)
	if err != nil {
		s.Close() // ends the writer, too
	}
	<-wrote // a container that ends without reading its input is no failure of ours
	if ctx.Err() != nil {
		return out, context.Cause(ctx)
	}
	return out, err
}

// demultiplex reads the frames of an attached container without a terminal: one byte
// that says which stream (1 output, 2 errors), three of zero, four of length. What came
// before an error is given, too; errors beyond their room are let go.
func demultiplex(r io.Reader) (out Output, err error) {
	var stdout, stderr bytes.Buffer
	defer func() { out.Stdout, out.Stderr = stdout.Bytes(), stderr.Bytes() }()
	for frames := 0; ; frames++ {
		var head [8]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return out, err
		}
		size := int64(binary.BigEndian.Uint32(head[4:]))
		keep := size
		to := &stdout
		switch {
		case head[0] > 2 || head[1] != 0 || head[2] != 0 || head[3] != 0:
			return out, fmt.Errorf("a frame that starts with % x is none of an attached container", head[:4])
		case frames > maxFrames || size > maxStdout-int64(stdout.Len()):
			return out, fmt.Errorf("more than %d bytes", maxStdout)
		case head[0] == 2:
			to, keep = &stderr, min(size, maxStderr-int64(stderr.Len()))
		}
		if _, err := io.CopyN(to, r, keep); err != nil {
			return out, io.ErrUnexpectedEOF
		}
		if _, err := io.CopyN(io.Discard, r, size-keep); err != nil {
			return out, io.ErrUnexpectedEOF
		}
	}
}
