package logs_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"edgenet/internal/logs"
	"edgenet/internal/logs/source"
)

// endless writes what a busy edgeHub writes, n bytes of it, in one of three forms.
func endless(w io.Writer, n int64, form string) {
	b := bufio.NewWriterSize(w, 1<<20)
	at := time.Date(2024, 3, 4, 5, 0, 0, 0, time.UTC)
	written := int64(0)
	put := func(text string) {
		at = at.Add(730 * time.Millisecond)
		stamp := at.Format("2006-01-02 15:04:05.000")
		var k int
		switch form {
		case "json-file":
			k, _ = fmt.Fprintf(b, `{"log":"\u003c6\u003e %s +00:00 [INF] - %s\n","stream":"stdout","time":"%s"}`+"\n",
				stamp, text, at.Format("2006-01-02T15:04:05.000000000Z"))
		case "journal":
			k, _ = fmt.Fprintf(b, "%s box1 edgeHub[812]: <6> %s +00:00 [INF] - %s\n", at.Format("Jan 02 15:04:05"),
				stamp, text)
		default:
			k, _ = fmt.Fprintf(b, "<6> %s +00:00 [INF] - %s\n", stamp, text)
		}
		written += int64(k)
	}
	put("Created cloud proxy for client dev1/$edgeHub via AMQP, with client operation timeout 20 seconds.")
	for i := 0; written < n; i++ {
		switch i % 400 {
		case 399:
			put("Done refreshing device scope identities cache. Waiting for 60 minutes.")
		case 200:
			put("Closing cloud proxy 8f0a for dev1/leaf because of inactivity")
		default:
			put("Client dev1/leaf" + strconv.Itoa(i%97) + " sent message " + strconv.Itoa(i) +
				" with 214 bytes to route telemetryToCloud, priority 2000000000")
		}
	}
	_ = b.Flush()
}

// gigabytes is the size that the environment asks for.
func gigabytes(t testing.TB, otherwise int64) int64 {
	v := os.Getenv("EDGENET_LOGS_GB")
	if v == "" {
		return otherwise
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		t.Fatal(err)
	}
	return int64(n) << 30
}

// BenchmarkRead tells how fast a log is read, beside grep -c (and rg, where there is one) of
// the same file in the same run:
//
//	go test ./internal/logs -run xxx -bench Read -benchtime 3x
//	EDGENET_LOGS_GB=3 go test ./internal/logs -run xxx -bench Read/plain -benchtime 1x
func BenchmarkRead(b *testing.B) {
	size := gigabytes(b, 256<<20)
	for _, form := range []string{"plain", "json-file", "journal"} {
		b.Run(form, func(b *testing.B) { reads(b, form, size) })
	}
}

// reads writes a log in one form and has each program read it.
func reads(b *testing.B, form string, size int64) {
	name := filepath.Join(b.TempDir(), "edgeHub.log")
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	endless(f, size, form)
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	b.Run("edgenet", func(b *testing.B) {
		b.SetBytes(size)
		for b.Loop() {
			set, err := source.Open([]string{name}, nil)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := logs.Read(context.Background(), set, logs.Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
	for _, tool := range [][]string{{"grep", "-c"}, {"rg", "-c"}} {
		path, err := exec.LookPath(tool[0])
		if err != nil {
			continue
		}
		b.Run(tool[0], func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				_ = exec.Command(path, tool[1], `\[WRN\]`, name).Run() // nothing matches
			}
		})
	}
}

// TestConstantMemory reads a log that is larger than the memory it may take.
func TestConstantMemory(t *testing.T) {
	size, most := gigabytes(t, 128<<20), uint64(64<<20)
	report, used := measured(t, func(w io.Writer) { endless(w, size, "plain") })
	if report.Conclusion.State != logs.StateConnected || report.Inputs[0].Records < int(size/200) {
		t.Errorf("read as %s with %d records", report.Conclusion.State, report.Inputs[0].Records)
	}
	t.Logf("%d MB read, heap at most %d MB", size>>20, used>>20)
	if used > most {
		t.Errorf("took %d MB, want %d at most", used>>20, most>>20)
	}
}

// TestHostileMemory reads a log whose every line is long, unlike the others, and worth keeping.
func TestHostileMemory(t *testing.T) {
	_, used := measured(t, func(w io.Writer) {
		b := bufio.NewWriter(w)
		long := strings.Repeat("x ", 15000)
		for i := range 600 {
			_, _ = fmt.Fprintf(b, "<4> 2024-11-05 %02d:%02d:%02d.000 +00:00 [WRN] - Error creating cloud connection "+
				"for client d%d%s\nSystem.Net.Sockets.SocketException (111): Connection refused 192.0.2.7:%d %s\n",
				i/3600, i/60%60, i%60, i, long, i+1, long)
		}
		_ = b.Flush()
	})
	t.Logf("heap at most %d MB", used>>20)
	if used > 48<<20 {
		t.Errorf("took %d MB", used>>20)
	}
}

// measured reads what write writes, and gives how much the heap grew.
func measured(t *testing.T, write func(io.Writer)) (*logs.Report, uint64) {
	t.Helper()
	r, w := io.Pipe()
	go func() {
		write(w)
		_ = w.Close()
	}()
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	var peak atomic.Uint64
	stop := make(chan struct{})
	go func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak.Store(max(peak.Load(), m.HeapInuse))
			}
		}
	}()
	set, err := source.Open([]string{"-"}, r)
	if err != nil {
		t.Fatal(err)
	}
	report, err := logs.Read(context.Background(), set, logs.Options{})
	close(stop)
	if err != nil {
		t.Fatal(err)
	}
	return report, peak.Load() - min(before.HeapInuse, peak.Load())
}
