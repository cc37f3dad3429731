package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

// TestExportWithoutEnd: an entry that does not end is given up, whatever it is quoted with.
func TestExportWithoutEnd(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]string{
		"table": "ContainerName,LogEntry\nedgeHub,\"",
		"list":  "[{\"LogEntry\":\"",
		"loki":  `{"data":{"result":[{"stream":{},"values":[["1","`,
	} {
		in := io.MultiReader(strings.NewReader(begin), io.LimitReader(same('x'), 64<<20))
		_, err := Read(context.Background(), in, Options{Keep: heads}, func(*Record) {})
		if !errors.Is(err, errEntry) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// same is a stream of one byte.
type same byte

func (s same) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(s)
	}
	return len(p), nil
}

// rows is an export of many entries that is made while it is read.
type rows struct {
	n, most          int
	head, each, tail string
	left             string
}

func (r *rows) Read(p []byte) (int, error) {
	for r.left == "" {
		switch {
		case r.n == 0:
			r.left = r.head + fmt.Sprintf(r.each, r.n)
		case r.n < r.most:
			r.left = r.tail + fmt.Sprintf(r.each, r.n)
		default:
			return 0, io.EOF
		}
		r.n++
	}
	n := copy(p, r.left)
	r.left = r.left[n:]
	return n, nil
}

// TestExportMemory: what an export takes does not grow with it.
func TestExportMemory(t *testing.T) {
	line := strings.ReplaceAll(inner, `"`, `'`) + " %d" + strings.Repeat(" y", 200)
	for name, in := range map[string]*rows{
		"table": {head: "ContainerName,LogEntry\n", each: "edgeHub,\"" + line + "\"\n"},
		"list":  {head: "[", each: `{"LogEntry":"` + line + `"}`, tail: ","},
		"loki":  {head: `{"data":{"result":[{"stream":{},"values":[`, each: `["1730802642000000000","` + line + `"]`, tail: ","},
	} {
		in.most = 60_000
		var most uint64
		n := 0
		_, err := Read(context.Background(), in, Options{Keep: heads}, func(*Record) {
			if n++; n%10_000 == 0 {
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		})
		if err != nil || n < in.most-1 || most > 16<<20 {
			t.Errorf("%s: %d records, %d MiB, %v", name, n, most>>20, err)
		}
	}
}

// TestNoExport: a log that merely looks like one stays what it is.
func TestNoExport(t *testing.T) {
	t.Parallel()
	for _, text := range []string{inner + "\n" + inner + "\n", "message, line, log: see below\n" + inner + "\n",
		`{"values":[1],"stream":"stdout","log":"x"}` + "\n" + inner + "\n"} {
		if list, sum := all(t, text, Options{}); len(list) == 0 && !strings.HasPrefix(text, "{") {
			t.Errorf("%q: %v", text, sum.Formats)
		}
	}
}

// FuzzExport feeds the readers of exports with a stranger's bytes behind each of their beginnings.
func FuzzExport(f *testing.F) {
	f.Add("edgeHub,\"x\"\"y\"\n")
	f.Add(`["1","x"],["2"]]}]}}`)
	f.Add(`{"LogEntry":"x"},{"LogEntry":{}}]`)
	f.Fuzz(func(t *testing.T, tail string) {
		for _, head := range []string{"ContainerName,LogEntry\n", "Time\tLine\n", "[{", `[{"LogEntry":"x"},`,
			`{"data":{"result":[{"stream":{"container":"edgeHub"},"values":[`,
			`{"tables":[{"columns":[{"name":"LogEntry"}],"rows":[`} {
			x, _ := exported(strings.NewReader(head + tail))
			n, err := io.Copy(io.Discard, x)
			if limit := int64(len(head)+len(tail))*8 + 4096; n > limit {
				t.Fatal(fmt.Errorf("%d bytes out of %d: %w", n, len(head)+len(tail), err))
			}
		}
	})
}
