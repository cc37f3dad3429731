package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
)

// written is a command that writes files, and what it finds there.
type written struct {
	args []string
	had  map[string]string // by their names below the folder; the others are new
	grow bool              // lines are appended, and none of them is taken back
	zip  bool              // an archive, which is whole where it can be read
}

// kills is how many processes are killed for each command.
func kills(t *testing.T) int {
	t.Helper()
	if text := os.Getenv("EDGENET_KILLS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 300
}

func inFiles(endings ...string) (args []string) {
	for _, e := range endings {
		args = append(args, "-o", "out"+e)
	}
	return args
}

// writers has a command for each kind of file that the program writes, but for the module's
// state and the journal of a rollout, which have tests of their own.
func writers(t *testing.T) map[string]written {
	t.Helper()
	world := newFleetWorld(t, 3)
	hub := func(args ...string) []string { return append(append([]string{"fleet"}, args...), world.base...) }
	closed := []string{"--connect-to", "h.test:443:127.0.0.1:9", "--connect-to", "h.test:5671:127.0.0.1:9",
		"--connect-to",
		"h.test:8883:127.0.0.1:9"}
	here := []string{"--hub", "h.test", "--root", "../none", "--resolver", "127.0.0.1:9", "--timeout", "1",
		"--deadline",
		"1", "--depth", "tcp", "--protocol", "HTTPS"}
	with := func(args []string, more ...string) []string { return append(args[:len(args):len(args)], more...) }
	manifest := manifestWith("x")
	log := strings.Repeat("<6> 2024-11-05 10:00:00.000 +00:00 [INF] - Starting Edge Hub\n", 50)
	return map[string]written{
		"reports": {args: append(with([]string{"check", "-q"}, here...),
			inFiles(".txt", ".json", ".jsonl", ".html", ".md", ".csv", ".xml", ".prom")...)},
		"sweep": {args: append(with([]string{"check", "-q", "--targets", "hosts"}, here[2:]...),
			inFiles(".txt", ".html", ".md", ".xml", ".prom")...),
			had: map[string]string{"hosts": "h1.test\nh2.test\nh3.test\n"}},
		"sweep lines": {args: append(with([]string{"check", "-q", "--targets", "hosts"}, here[2:]...), "-o", "out.jsonl"),
			had: map[string]string{"hosts": "h1.test\nh2.test\nh3.test\n"}, grow: true},
		"watch log": {args: append(with([]string{"check", "-q", "--every", "1s"}, here...), "-o", "watch.jsonl"),
			grow: true},
		"manifests": {args: []string{"manifest", "set", "a.json", "b.json", "c.json", "--protocol", "AmqpWs", "-w"},
			had: map[string]string{"a.json": manifest, "b.json": manifest, "c.json": manifest}},
		"settings": {args: []string{"config", "generate", "--root", "../none", "--engine", "none",
			"--protocol", "AmqpWs",
			"--proxy", "http://proxy.test:3128", "--out", "settings", "--force"}},
		"readiness": {args: append([]string{"ready", "--root", "../none", "--manifest", "a.json", "--offline", "-q"},
			inFiles(".txt", ".json", ".md", ".html", ".xml", ".csv", ".sarif")...),
			had: map[string]string{"a.json": manifest}},
		"logs": {args: append([]string{"logs", "edgeHub.log"}, inFiles(".txt", ".json", ".jsonl", ".md", ".html")...),
			had: map[string]string{"edgeHub.log": log}},
		"fleet": {args: append([]string{"fleet", "status", "--from", "twins.json"}, inFiles(".txt", ".json", ".csv",
			".md", ".html", ".prom")...), had: map[string]string{"twins.json": fleetTwins}},
		"plan": {args: hub("plan", "--deployment", world.path("base.json"), "--classes",
			world.path("classes.toml"), "-o",
			"plan.json")},
		"answers": {args: hub("check", "-o", "answers.jsonl"), grow: true},
		"archive": {args: append([]string{"bundle", "--hub", "h.test", "--root", "../none", "-o", "support.zip"},
			closed...),
			zip: true},
		"manual": {args: []string{"man", "--dir", "."}},
	}
}

const fleetTwins = `[{"deviceId":"d1","moduleId":"edgenet","properties":{"reported":{"edgenet":{"v":1,"status":"ok"}}}}]`

// TestKilledWhileWriting: whoever is killed at any moment leaves the old file or the new
// one, whole, and nothing beside it.
func TestKilledWhileWriting(t *testing.T) {
	t.Parallel()
	if os.Getenv("EDGENET_HOSTILE") == "" {
		t.Skip("it kills the program some thousand times: EDGENET_HOSTILE=1 runs it, and CI does")
	}
	program := filepath.Join(t.TempDir(), "edgenet")
	if err := os.Symlink(os.Args[0], program); err != nil {
		t.Fatal(err)
	}
	for name, w := range writers(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := &killing{t: t, written: w, program: program, dir: filepath.Join(t.TempDir(), "work")}
			if err := os.Mkdir(filepath.Join(filepath.Dir(k.dir), "none"), 0o755); err != nil {
				t.Fatal(err)
			}
			k.learn()
			n := kills(t)
			if k.zip {
				n /= 3 // each takes some seconds, and waits for most of them
			}
			for range n {
				k.once()
			}
			if k.fresh == 0 || k.cut == 0 {
				t.Errorf("%d processes wrote, %d were killed before their end: the moments are wrong", k.fresh, k.cut)
			}
			t.Logf("%d kills, %d before the end; %d files were new", n, k.cut, k.fresh)
		})
	}
}

// killing runs one command again and again.
type killing struct {
	written
	t            *testing.T
	program, dir string
	takes        time.Duration     // the command, when nobody kills it
	whole        map[string]string // what it writes then
	cut, fresh   int
}

// old is in every file that is going to be written over.
const old = "what was there\n"

func (k *killing) run(after time.Duration) (said []byte) {
	k.t.Helper()
	cmd := exec.Command(k.program, k.args...)
	cmd.Dir, cmd.Env = k.dir, []string{"TEST_ROOT=" + k.dir, "PATH=" + os.Getenv("PATH"),
		"EDGENET_HUB_TOKEN=" + fleetToken}
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	_ = cmd.Wait() // the exit code is one of many
	if !timer.Stop() {
		k.cut++
	}
	return out.Bytes()
}

// fill makes the folder anew, with the old files in it.
func (k *killing) fill() {
	k.t.Helper()
	if err := os.RemoveAll(k.dir); err != nil {
		k.t.Fatal(err)
	}
	files := map[string]string{}
	for name := range k.whole {
		if !k.grow {
			files[name] = old
		}
	}
	for name, text := range k.had {
		files[name] = text
	}
	if err := os.MkdirAll(k.dir, 0o755); err != nil {
		k.t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(k.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			k.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			k.t.Fatal(err)
		}
	}
}

func (k *killing) found() map[string]string {
	k.t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(k.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(k.dir, path)
		out[name] = string(text)
		return err
	})
	if err != nil {
		k.t.Fatal(err)
	}
	return out
}

// learn runs the command to its end, which tells what a whole file is.
func (k *killing) learn() {
	k.t.Helper()
	end := time.Minute
	if k.grow && k.args[0] == "check" {
		end = 1300 * time.Millisecond // it goes on for ever
	}
	for range 2 { // the second time over what the first wrote
		k.fill()
		started := time.Now()
		said := k.run(end)
		k.takes = time.Since(started)
		k.whole = k.found()
		for name := range k.had {
			if k.whole[name] == k.had[name] {
				delete(k.whole, name) // it is only read
			}
		}
		if len(k.whole) == 0 {
			k.t.Fatalf("nothing is written: %s", said)
		}
	}
	k.cut = 0
}

// tail is how a whole file ends, but for numbers, which are others each time.
func tail(text string) string {
	end := text[strings.LastIndexByte(strings.TrimSuffix(text, "\n"), '\n')+1:]
	return strings.Trim(strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) || r == '.' {
			return -1
		}
		return r
	}, end), " ")
}

func (k *killing) once() {
	k.t.Helper()
	k.fill()
	said := k.run(time.Duration(rand.Int64N(int64(k.takes) * 13 / 10)))
	for name, text := range k.found() {
		whole, ours := k.whole[name]
		before, read := k.had[name]
		switch {
		case read && text == before:
		case !ours:
			k.t.Errorf("%s is left beside the files (%s)", name, said)
		case k.grow && strings.HasSuffix(text, "}\n"):
			k.fresh++
		case k.grow && text == "", text == old:
		case k.zip:
			if whole := unzipped([]byte(text)); whole == text { // no archive
				k.t.Errorf("%s: %d bytes that are no archive", name, len(text))
			}
			k.fresh++
		case len(text) < len(whole)/2 || tail(text) != tail(whole) || k.grow:
			k.t.Errorf("%s: %s", name, fmt.Sprintf("%d bytes of %d, and ends in %q", len(text), len(whole),
				tail(text)))
		default:
			k.fresh++
		}
	}
}
