package gather

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"time"
)

// theirLimit bounds the runtime's own check, which asks one thing after the other.
const theirLimit = 5 * time.Minute

// maxTheirs bounds what it prints.
const maxTheirs = 4 << 20

// TheirCheck runs iotedge check where it is installed. Its exit code says that something
// is wrong, not that it did not run.
func TheirCheck(ctx context.Context) ([]byte, error) {
	if _, err := exec.LookPath("iotedge"); err != nil {
		return nil, errors.New(
			"there is no program iotedge here; expected it, or the file that it wrote: iotedge check -o json > " +
				"check.json",
		)
	}
	ctx, cancel := context.WithTimeout(ctx, theirLimit)
	defer cancel()
	c := exec.CommandContext(ctx, "iotedge", "check", "-o", "json")
	c.WaitDelay = time.Second
	out := &bounded{left: maxTheirs}
	c.Stdout = out
	err := c.Run()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) || ctx.Err() != nil {
		return nil, errors.New("iotedge check did not come to an end")
	}
	return out.text.Bytes(), nil
}

// bounded keeps the beginning of what is written.
type bounded struct {
	text bytes.Buffer
	left int
}

func (b *bounded) Write(p []byte) (int, error) {
	n := min(len(p), b.left)
	b.left -= n
	b.text.Write(p[:n])
	return len(p), nil
}
