package command

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/internal/outfile"
	"edgenet/internal/secret"
	"edgenet/report"
)

// longestLine bounds a line of a file of reports, in bytes; what a module answers to a
// method is far shorter.
const longestLine = 1 << 20

var errForeign = errors.New("is not a file of edgenet fleet check, and is left as it is: name another")

// lines is where reports go, and which devices have answered in it already.
type lines struct {
	io.WriteCloser
	answered map[string]bool
}

type stays struct{ io.Writer }

func (stays) Close() error { return nil }

// openLines opens the file of lines, or standard output.
func openLines(ctx context.Context, con *console.Console, path string) (*lines, error) {
	if path == "" || path == "-" {
		return &lines{WriteCloser: stays{con.Stdout}}, nil
	}
	if err := outfile.Check(path); err != nil {
		return nil, exit.Inputf("--output: %w", err)
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // a pipe has nothing to go on from
		f, err := outfile.OpenStream(ctx, path)
		if err != nil {
			return nil, exit.Inputf("--output: %w", err)
		}
		return &lines{WriteCloser: f}, nil
	}
	f, err := outfile.Open(path)
	if err != nil {
		return nil, exit.Inputf("--output: %w", err)
	}
	l := &lines{WriteCloser: whole{f}}
	if l.answered, err = goOn(f); err != nil {
		return nil, errors.Join(exit.Inputf("--output %s: %w", secret.Name(path, 200), err), f.Close())
	}
	return l, nil
}

// whole writes each line at once, so that nothing leaves a part of one.
type whole struct{ *os.File }

func (w whole) Write(line []byte) (int, error) {
	if err := outfile.Add(w.File, string(line)); err != nil {
		return 0, err
	}
	return len(line), nil
}

// goOn reads what is there and stands at its end. A line that was cut off is taken away;
// a file of somebody else stays as it is.
func goOn(f *os.File) (map[string]bool, error) {
	answered := map[string]bool{}
	whole := int64(0)
	in := bufio.NewReaderSize(f, longestLine)
	for {
		line, err := in.ReadSlice('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			if errors.Is(err, bufio.ErrBufferFull) {
				err = errForeign
			}
			return nil, err
		}
		cut := err != nil
		id, ours := deviceOf(line)
		switch {
		case cut && ours:
			if _, err := f.WriteAt([]byte("\n"), whole+int64(len(line))); err != nil {
				return nil, err
			}
			whole++
		case cut && (len(line) == 0 || whole > 0 && bytes.HasPrefix(line, []byte("{")) && !json.Valid(line)):
			line = nil // a first line that was cut off may be anybody's
		case !ours:
			return nil, errForeign
		}
		if whole += int64(len(line)); id != "" {
			answered[id] = true
		}
		if cut {
			break
		}
	}
	if err := f.Truncate(whole); err != nil {
		return nil, err
	}
	_, err := f.Seek(whole, io.SeekStart)
	return answered, err
}

// deviceOf is the device whose report a line holds; empty where it only says that the
// device did not answer. Ours is false of what this command never writes.
func deviceOf(line []byte) (id string, ours bool) {
	var x struct {
		Schema string `json:"schema"`
		Device struct {
			ID string `json:"id"`
		} `json:"device"`
	}
	if json.Unmarshal(line, &x) != nil {
		return "", false
	}
	switch x.Schema {
	case report.Schema:
		return x.Device.ID, true
	case fleet.CheckSchema:
		return "", true
	}
	return "", false
}
