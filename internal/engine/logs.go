package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Container is one that the engine has, running or not.
type Container struct {
	ID, Name, Image string
}

// Containers lists all containers. It changes nothing.
func (c *Client) Containers(ctx context.Context) ([]Container, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var list []struct {
		ID    string `json:"Id"`
		Names []string
		Image string
	}
	if err := c.call(ctx, http.MethodGet, "/containers/json?all=1", nil, &list); err != nil {
		return nil, fmt.Errorf("listing the containers: %w", err)
	}
	var out []Container
	for _, d := range list {
		if !containerID(d.ID) {
			continue
		}
		one := Container{ID: d.ID, Image: d.Image}
		if len(d.Names) > 0 {
			one.Name = strings.TrimPrefix(d.Names[0], "/")
		}
		out = append(out, one)
	}
	return out, nil
}

// containerID tells an id from what must not stand in a path.
func containerID(id string) bool {
	return id != "" && len(id) <= 128 && strings.Trim(id, "0123456789abcdef") == ""
}

// Inspect gives the engine's description of a container.
func (c *Client) Inspect(ctx context.Context, id string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return c.send(ctx, http.MethodGet, "/containers/"+url.PathEscape(id)+"/json", "", nil)
}

// Logs gives what a container wrote, as the engine sends it: in frames, unless the container
// has a terminal. It reads and never follows. Zero times mean no bound.
func (c *Client) Logs(ctx context.Context, id string, since, until time.Time) (io.ReadCloser, error) {
	q := url.Values{"stdout": {"1"}, "stderr": {"1"}}
	if !since.IsZero() {
		q.Set("since", strconv.FormatInt(since.Unix(), 10))
	}
	if !until.IsZero() {
		q.Set("until", strconv.FormatInt(until.Unix()+1, 10))
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://engine/containers/"+url.PathEscape(id)+"/logs?"+
		q.Encode(), nil)
	if err != nil {
		return nil, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err // the URL is made up
		}
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
		return nil, errors.Join(refusal(res.StatusCode, body), err, res.Body.Close())
	}
	return res.Body, nil
}
