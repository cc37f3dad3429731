package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"edgenet/report"
)

// Load gives the engine an image, as write writes its archive.
func (c *Client) Load(ctx context.Context, write func(io.Writer) error) error {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	r, w := io.Pipe()
	wrote := make(chan error, 1)
	go func() {
		err := write(w)
		_ = w.CloseWithError(err) // never fails
		wrote <- err
	}()
	answer, err := c.send(ctx, http.MethodPost, "/images/load?quiet=1", "application/x-tar", r)
	_ = r.Close() // ends the writer where the engine had enough
	writeErr := <-wrote
	if err != nil {
		return fmt.Errorf("loading the image: %w", err)
	}
	if writeErr != nil && !errors.Is(writeErr, io.ErrClosedPipe) {
		return fmt.Errorf("loading the image: %w", writeErr)
	}
	return loaded(answer)
}

// loaded finds the error in an engine's progress messages, which come with status 200.
func loaded(answer []byte) error {
	d := json.NewDecoder(bytes.NewReader(answer))
	for {
		var m struct {
			Error string `json:"error"`
		}
		if d.Decode(&m) != nil {
			return nil // the end, or words that are no JSON
		}
		if m.Error != "" {
			return fmt.Errorf("loading the image: %s", report.Clean(m.Error, 300))
		}
	}
}

// RemoveImage removes an image by its name; one that is not there is no error.
func (c *Client) RemoveImage(ctx context.Context, name string) error {
	return c.remove(ctx, "/images/"+url.PathEscape(name)+"?force=1")
}

// remove deletes even where the caller's context has ended: what was made has to go.
func (c *Client) remove(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	if err := c.call(ctx, http.MethodDelete, path, nil, nil); err != nil && !IsNotFound(err) {
		return err
	}
	return nil
}
