package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// What edgenet's containers and images are called: a prefix, and until when they may be
// there (Unix seconds), so that a later run knows what a killed one left behind.
const (
	containerPrefix = "edgenet-check-"
	imagePrefix     = "localhost/edgenet-check:"
	label           = "edgenet.check"
)

// leftAfter is when, after a run's limit, nobody can still be using it.
const leftAfter = 5 * time.Minute

// Names gives a run of that limit the names of its container and its image; unique is
// the caller's.
func Names(now time.Time, limit time.Duration, unique string) (container, image string) {
	until := fmt.Sprintf("%d-%s", now.Add(limit+leftAfter).Unix(), unique)
	return containerPrefix + until, imagePrefix + until
}

// over tells whether a name of that prefix says that its time is over.
func over(name, prefix string, now time.Time) bool {
	rest, ours := strings.CutPrefix(name, prefix)
	text, _, dated := strings.Cut(rest, "-")
	until, err := strconv.ParseInt(text, 10, 64)
	return ours && dated && err == nil && now.Unix() > until
}

// Sweep removes the containers and images that killed runs left behind, and nothing
// whose name does not say that its time is over.
func (c *Client) Sweep(ctx context.Context, now time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var containers []struct{ Names []string }
	filter := url.QueryEscape(`{"label":["` + label + `"]}`)
	if err := c.call(ctx, http.MethodGet, "/containers/json?all=1&filters="+filter, nil, &containers); err != nil {
		return err
	}
	var failed error
	for _, x := range containers {
		for _, name := range x.Names {
			if name = strings.TrimPrefix(name, "/"); over(name, containerPrefix, now) {
				failed = errors.Join(failed, c.removeContainer(ctx, name))
			}
		}
	}
	var images []struct{ RepoTags []string }
	if err := c.call(ctx, http.MethodGet, "/images/json", nil, &images); err != nil {
		return errors.Join(failed, err)
	}
	for _, x := range images {
		for _, tag := range x.RepoTags {
			if over(tag, imagePrefix, now) {
				failed = errors.Join(failed, c.RemoveImage(ctx, tag))
			}
		}
	}
	return failed
}
