package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/verify/sample"
	"edgenet/report"
)

// reportFiles writes a report each of so many devices, of four kinds, as JSON files.
func reportFiles(tb testing.TB, n int) string {
	tb.Helper()
	dir := tb.TempDir()
	kinds := []*report.Report{sample.AllOK(), sample.ProxyOnly(), sample.Nothing(), sample.AllOK()}
	for i := range n {
		r := *kinds[i%len(kinds)]
		r.Device = &report.Device{ID: fmt.Sprintf("line-%05d", i)}
		text, err := json.Marshal(&r)
		if err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("r%05d.json", i)), text, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

func sumOf(tb testing.TB, dir string) string {
	tb.Helper()
	var out, said bytes.Buffer
	con := &console.Console{Stdout: &out, Stderr: &said, Getenv: func(string) string { return "" }}
	o := SumOptions{}
	o.Format = "text"
	if err := Sum(tb.Context(), con, []string{dir}, o); exit.Code(err) > exit.Bad {
		tb.Fatalf("%v, %s", err, said.String())
	}
	return out.String()
}

// TestSumOf5000: five thousand files of reports in one command, each counted.
func TestSumOf5000(t *testing.T) {
	t.Parallel()
	got := strings.NewReplacer(",", "").Replace(sumOf(t, reportFiles(t, 5000)))
	if want := "2500 AMQP; 1250 AmqpWs by proxy; 1250 none (1250 connect.auth-unsupported proxy)"; !strings.Contains(
		got,
		want) {
		t.Errorf("%s is not in\n%s", want, got)
	}
}

func BenchmarkSumOf5000(b *testing.B) {
	dir := reportFiles(b, 5000)
	for b.Loop() {
		sumOf(b, dir)
	}
}
