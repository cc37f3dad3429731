package build

import (
	"runtime/debug"
	"strings"
	"testing"
)

// read is what runtime/debug makes of the same lines.
func read(info *debug.BuildInfo) (f Facts) {
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if info.Main.Version != "(devel)" {
		f.Version = info.Main.Version
	}
	f.Commit, f.Date = settings["vcs.revision"], settings["vcs.time"]
	if f.Commit != "" && settings["vcs.modified"] == "true" {
		f.Commit += "+changes"
	}
	return f
}

// TestModuleInfoIsThatOfReadBuildInfo holds the symbol that is asked in its place.
func TestModuleInfoIsThatOfReadBuildInfo(t *testing.T) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		t.Fatal("no build information")
	}
	lines := moduleInfo()
	if len(lines) < 2*marks || lines[marks:len(lines)-marks] != strings.TrimPrefix(info.String(),
		"go\t"+info.GoVersion+"\n") {
		t.Errorf("%q, expected the lines of\n%s", lines, info)
	}
	if got, want := stamped(lines), read(info); got != want {
		t.Errorf("%+v, expected %+v", got, want)
	}
}

func TestStampedReadsAsReadBuildInfo(t *testing.T) {
	const commit = "0123456789abcdef0123456789abcdef01234567"
	build := "build\tCGO_ENABLED=0\nbuild\t-ldflags=\"-X a=b\\nbuild\\tvcs.revision=no\"\n"
	for lines, want := range map[string]Facts{
		"": {},
		"path\tedgenet/cmd/edgenet\nmod\tedgenet\t(devel)\t\ndep\tx\tv1.0.0\th1:x\n" + build: {},
		"path\tedgenet/cmd/edgenet\nmod\tedgenet\tv1.2.3\th1:x\n=>\ty\tv9.9.9\th1:y\ndep\tx\tv1.0.0\n" + build: {
			Version: "v1.2.3"},
		"mod\tedgenet\tv0.0.0-20260102030405-0123456789ab+dirty\n" + build + "build\tvcs=git\nbuild\tvcs.revision=" + commit +
			"\nbuild\tvcs.time=2026-01-02T03:04:05Z\nbuild\tvcs.modified=true\n": {
			Version: "v0.0.0-20260102030405-0123456789ab+dirty", Commit: commit + "+changes", Date: "2026-01-02T03:04:05Z"},
		"build\tvcs.modified=false\nbuild\tvcs.revision=" + commit + "\n": {Commit: commit},
		"build\tvcs.modified=true\n":                                      {},
	} {
		info, err := debug.ParseBuildInfo(lines)
		if err != nil {
			t.Fatal(err)
		}
		mark := strings.Repeat("x", marks)
		if got := stamped(mark + lines + mark); got != want || read(info) != want {
			t.Errorf("%q\n%+v and with runtime/debug %+v, expected %+v", lines, got, read(info), want)
		}
	}
	if got := stamped("mod\tedgenet\tv1.0.0\n"); got != (Facts{}) {
		t.Errorf("%+v without marks, expected nothing", got)
	}
}
