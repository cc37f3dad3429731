//go:build interop && linux

package interop

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"edgenet/internal/device"
)

// unitLines are what unit files and drop-ins of people and of their tools are made of: sections,
// comments, continued lines, resets, blanks that are none, bytes that are no text.
var unitLines = []string{
	"[Service]", "[Service]", "[Service]", "[Unit]", "[Install]", " [Service]\t", "[service]", "[Service", "[ Service ]",
	"# a comment", "; a comment", "   # indented", "", "  ", "#Environment=https_proxy=http://comment:1", "\\", "# goes on \\",
	"Environment=https_proxy=http://one:1", "Environment=\"https_proxy=http://two:2\"", "Environment='https_proxy=http://three:3' A=1",
	"  Environment\t= https_proxy=http://four:4", "Environment=A=1 \\", "Environment=\\", "  https_proxy=http://five:5",
	"https_proxy=http://six:6 \\", "Environment=", "Environment = ", "Environment=\"\"", "environment=https_proxy=http://seven:7",
	"Environment=https_proxy", "Environment=https_proxy=", "Environment=X=http://eight:8",
	"Environment=\u00a0https_proxy=http://nine:9", "Environment\u00a0=https_proxy=http://ten:10", "Environment=https_proxy=http://h:11\u00a0",
	"Environment=https_proxy=http://u:p\xe9@h:12", `Environment=https_proxy=http://u:p\xe9@h:13`, `Environment=https_proxy=http://u:p\u00e9@h:14`,
	"Environment=https_proxy=http://u:pé@h:15", "\ufeff[Service]", "\ufeffEnvironment=https_proxy=http://h:16", "\ufeff# a comment",
	"Environment=https_proxy=http://h:17\v", "Environment=\fhttps_proxy=http://h:18", "Environment=https_proxy=http://h:19 \\ ",
	"Environment=https_proxy=http://h:20\\\\", "Environment=A=%% https_proxy=http://u:%%40@h:21", "Environment=https_proxy=http://u:%40@h:22",
	"Environment=https_proxy=a=b", "Environment=1https_proxy=http://h:23", "ExecStartPre=/bin/true", "NoSuchKey=1",
	"Environment=https_proxy=http://h:24#x;y", "Environment=https_proxy=http://h:25 # no comment here",
}

// TestSystemdAgreesOnFiles: what discovery makes of whole unit files with drop-ins is what
// systemd makes of them, for files put together at random.
func TestSystemdAgreesOnFiles(t *testing.T) {
	const units = 500
	random := rand.New(rand.NewPCG(3, 4))
	dir := shared(t)
	all := "[Unit]\nDescription=all\n"
	files := make([]map[string]string, units)
	for i := range files {
		files[i] = map[string]string{"docker.service": unitText(random, "[Unit]\nDescription=x\n[Service]\nExecStart=/bin/true\n")}
		for range random.IntN(4) {
			name := []string{"10-a.conf", "20-b.conf", "9-c.conf", ".hidden.conf", "30-d.conf~", "d.txt", "Z.conf"}[random.IntN(7)]
			files[i]["docker.service.d/"+name] = unitText(random, []string{"", "[Service]\n"}[random.IntN(2)])
		}
		for name, text := range files[i] {
			plant(t, dir, strings.Replace(name, "docker", fmt.Sprint("u", i), 1), text)
		}
		all += fmt.Sprintf("Wants=u%d.service\n", i)
	}
	plant(t, dir, "all.target", all)
	got := readBack(t, dir, "all.target")
	agreed, loadedUnits := 0, 0
	for i, of := range files {
		env, loaded := got[fmt.Sprintf("u%d.service", i)]
		if !loaded {
			continue
		}
		loadedUnits++
		want, set := env["https_proxy"]
		root := t.TempDir()
		for name, text := range of {
			plant(t, root, filepath.Join("etc/systemd/system", name), text)
		}
		d := device.Read(context.Background(), device.Options{Root: root, Engine: "none"})
		found, value := false, ""
		for _, s := range d.Settings {
			if s.Place == device.EngineUnit && s.Key == "https_proxy" && s.Lost == "" {
				found, value = true, s.Value.Reveal()
			}
		}
		if found != set || value != want {
			t.Errorf("systemd reads %q (%v), discovery %q (%v) in %q", want, set, value, found, of)
		} else if set {
			agreed++
		}
	}
	if agreed < units/5 || loadedUnits < units*9/10 {
		t.Errorf("%d of %d units were loaded, and %d set anything: the test says little", loadedUnits, units, agreed)
	}
}

// unitText is a file with a beginning and lines at random.
func unitText(random *rand.Rand, start string) string {
	var b strings.Builder
	b.WriteString(start)
	end := []string{"\n", "\n", "\n", "\r\n", "\r", "\n\r", "\x00"}[random.IntN(7)]
	for range 1 + random.IntN(7) {
		b.WriteString(unitLines[random.IntN(len(unitLines))] + end)
	}
	text := b.String()
	if random.IntN(8) == 0 {
		text = "\ufeff" + text
	}
	if random.IntN(8) == 0 {
		text = strings.TrimRight(text, "\r\n") // the last line does not end
	}
	return text
}
