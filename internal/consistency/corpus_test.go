package consistency_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"go.uber.org/goleak"

	"edgenet/internal/consistency"
	"edgenet/internal/device"
	"edgenet/internal/manifest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var update = flag.Bool("update", false, "write the tables and findings that testdata/devices wants")

// box is a container as the archives have it.
type box struct {
	ID     string `json:"Id"`
	Names  []string
	Image  string
	Env    []string
	State  string
	Labels map[string]string
}

// serveEngine answers as a container engine does, on a real socket below the root.
func serveEngine(t *testing.T, root string, text []byte) {
	t.Helper()
	var boxes []box
	if err := json.Unmarshal(text, &boxes); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /containers/json",
		func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(boxes) })
	for _, b := range boxes {
		mux.HandleFunc("GET /containers/"+b.ID+"/json", func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode(map[string]any{"Name": b.Names[0], "State": map[string]any{"Status": b.State},
				"Config": map[string]any{"Image": b.Image, "Env": b.Env, "Labels": b.Labels}})
		})
	}
	path := filepath.Join(root, "run")
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", filepath.Join(path, "docker.sock"))
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{Handler: mux}
	done := make(chan struct{})
	go func() { defer close(done); _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close(); <-done })
}

// plant makes an archive's tree, and gives its manifest, nil where there is none.
func plant(t *testing.T, a *txtar.Archive) (root string, m *manifest.Manifest) {
	t.Helper()
	root, err := os.MkdirTemp("", "d") // a socket's path has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	for _, f := range a.Files {
		switch f.Name {
		case "want":
		case "containers.json":
			serveEngine(t, root, f.Data)
		case "manifest.json":
			if m, err = manifest.Parse(f.Name, f.Data); err != nil {
				t.Fatal(err)
			}
		default:
			path := filepath.Join(root, f.Name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, f.Data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return root, m
}

// table is a view as the archives want it.
func table(v *consistency.View) string {
	var b strings.Builder
	for _, r := range v.Rows {
		at := r.File
		if r.Line > 0 {
			at = fmt.Sprintf("%s:%d", r.File, r.Line)
		}
		fmt.Fprintf(&b, "%s | %s | %s | %q | %s | %s\n", r.Setting, r.Place, strings.TrimSpace(at+" "+r.Key), r.Value,
			r.State, r.UsedBy)
		for _, n := range r.Notes {
			fmt.Fprintf(&b, "  note: %s\n", n)
		}
	}
	for _, o := range v.Outlook {
		fmt.Fprintf(&b, "after %s: edgeAgent %s, edgeHub %s\n", o.Event, containerWords(o.Agent), containerWords(o.Hub))
	}
	for _, u := range v.Users() {
		fmt.Fprintf(&b, "user %s | %s | proxy %q | %v | %s | %s\n", u.Name, u.Place, u.Proxy, u.Protocols, u.Set, u.Loss)
	}
	for _, f := range v.Findings {
		fmt.Fprintf(&b, "%s %s: %s\n  remedy: %s\n", f.Severity, f.Code, f.Summary, f.Remedy)
	}
	s := v.Sheet()
	fmt.Fprintf(&b, "sheet: %s; %d tables, %d notes\nverdict: %s (%v, %q)\n", strings.Join(s.Facts, ", "),
		len(s.Blocks), len(s.Notes), s.Verdict, s.Failed, v.Worst())
	for _, t := range s.Blocks {
		fmt.Fprintf(&b, "table %s: %d\n", t.Heading, len(t.Rows))
	}
	for _, e := range append(v.Errors, v.Unread...) {
		fmt.Fprintf(&b, "%s\n", e)
	}
	return b.String()
}

func containerWords(e *consistency.Environment) string {
	if e == nil {
		return "none"
	}
	return fmt.Sprintf("[%s; proxy %s]", e.Protocol, e.Proxy)
}

// TestDevices: every tree gives the table and the findings that its archive names.
func TestDevices(t *testing.T) {
	files, err := filepath.Glob("testdata/devices/*.txtar")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d archives, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			root, m := plant(t, a)
			v := consistency.Compare(device.Read(context.Background(), device.Options{Root: root}), m)
			got := table(v)
			whole, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			for _, secret := range []string{"lab@", ":lab", "p%40ss", "p@ss", "c2VjcmV0", ":old", "a:b"} {
				if strings.Contains(got, secret) || strings.Contains(string(whole), secret) {
					t.Errorf("the view shows %q", secret)
				}
			}
			if i := len(a.Files) - 1; i >= 0 && a.Files[i].Name == "want" && !*update {
				if want := string(a.Files[i].Data); got != want {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
				return
			}
			if !*update {
				t.Fatal("the archive wants nothing")
			}
			a.Files = append(without(a.Files), txtar.File{Name: "want", Data: []byte(got)})
			if err := os.WriteFile(file, txtar.Format(a), 0o600); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func without(files []txtar.File) []txtar.File {
	var out []txtar.File
	for _, f := range files {
		if f.Name != "want" {
			out = append(out, f)
		}
	}
	return out
}
