//go:build interop

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// sh runs a shell line that has to succeed, and gives what it prints.
func sh(t *testing.T, dir, line string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-ec", line) //nolint:gosec // the test's
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8")
	text, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", line, err, text)
	}
	return string(text)
}

func needs(t *testing.T, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			if os.Getenv("EDGENET_CI") != "" {
				t.Fatalf("%s is not installed", p)
			}
			t.Skipf("%s is not installed", p)
		}
	}
}

// TestProgramNeedsNoLibrary starts it in a root that holds nothing else: neither glibc
// nor musl of any age is asked for.
func TestProgramNeedsNoLibrary(t *testing.T) {
	needs(t, "chroot", "tar")
	root := t.TempDir()
	sh(t, root, "tar -xzf "+filepath.Join(dist(t), "edgenet_1.2.3_linux_amd64.tar.gz")+
		" --strip-components=1; mkdir tmp")
	text := sh(t, root, "chroot . /edgenet check --lab -q")
	if !strings.Contains(text, "AMQP") {
		t.Errorf("check --lab in an empty root: %q", text)
	}
}

// TestDeb installs, uses, removes and purges the package in a bare Debian.
func TestDeb(t *testing.T) {
	needs(t, "debootstrap", "chroot")
	root := filepath.Join(t.TempDir(), "debian")
	sh(t, "/", "debootstrap --variant=minbase --include=man-db,bash-completion stable "+root+" >/dev/null")
	sh(t, "/", "cp "+filepath.Join(dist(t), "edgenet_1.2.3_amd64.deb")+" "+root+"/edgenet.deb; ln -sfn /proc/self/fd "+
		root+"/dev/fd")
	listing := "find / -xdev -path /proc -prune -o -path /sys -prune -o -path /var/cache -prune -o -path " +
		"/var/lib/dpkg -prune -o -path /var/log -prune -o -print | sort"
	before := sh(t, "/", "chroot "+root+" sh -c '"+listing+"'")
	sh(t, "/", "chroot "+root+" dpkg -i /edgenet.deb")
	if text := sh(t, "/", "chroot "+root+" edgenet version"); !strings.HasPrefix(text, "edgenet 1.2.3 ") {
		t.Errorf("version: %q", text)
	}
	if text := sh(t, "/", "chroot "+root+" edgenet check --lab"); !strings.Contains(text, "AMQP") {
		t.Errorf("check --lab: %q", text)
	}
	if text := sh(t, "/", "zcat "+root+"/usr/share/man/man1/edgenet-check.1.gz | mandoc -T lint -W error; zcat "+root+
		"/usr/share/man/man1/edgenet-check.1.gz | mandoc"); !strings.Contains(text, "edgenet-check") {
		t.Errorf("man page: %q", text)
	}
	complete := `shopt -s extglob; compopt() { :; }; . /usr/share/bash-completion/bash_completion; . /usr/share/bash-completion/completions/edgenet; ` +
		`COMP_WORDS=(edgenet che); COMP_CWORD=1; COMP_LINE="edgenet che"; COMP_POINT=11; __start_edgenet; printf "%s\n" "${COMPREPLY[@]}"`
	if err := os.WriteFile(root+"/complete.sh", []byte(complete), 0o600); err != nil {
		t.Fatal(err)
	}
	if text := sh(t, "/", "unshare -m sh -c 'mount -t proc proc "+root+"/proc && exec chroot "+root+
		" bash /complete.sh'"); !strings.Contains(text, "check") {
		t.Errorf("completion of che: %q", text)
	}
	sh(t, "/", "rm "+root+"/complete.sh; chroot "+root+" dpkg --audit")
	sh(t, "/", "echo EDGENET_EVERY=1m > "+root+"/etc/default/edgenet; mkdir -p "+root+"/var/lib/edgenet; touch "+root+
		"/var/lib/edgenet/watch.jsonl")
	sh(t, "/", "chroot "+root+" dpkg -i /edgenet.deb </dev/null")
	if text := sh(t, "/", "cat "+root+"/etc/default/edgenet"); text != "EDGENET_EVERY=1m\n" {
		t.Errorf("installing again changed the admin's settings: %q", text)
	}
	sh(t, "/", "chroot "+root+" dpkg --purge edgenet")
	if after := sh(t, "/", "chroot "+root+" sh -c '"+listing+"'"); after != before {
		t.Errorf("something is left: %s", difference(before, after))
	}
}

func difference(before, after string) string {
	had := map[string]bool{}
	for line := range strings.Lines(before) {
		had[line] = true
	}
	var out []string
	for line := range strings.Lines(after) {
		if !had[line] {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return strings.Join(out, " ")
}

// TestRPM lets rpm itself read, verify, install and remove the package.
func TestRPM(t *testing.T) {
	needs(t, "rpm")
	root := t.TempDir()
	rpm := "rpm --root " + root + " --dbpath /var/lib/rpm "
	pkg := filepath.Join(dist(t), "edgenet-1.2.3-1.x86_64.rpm")
	sh(t, "/", "rpm -K --nosignature "+pkg)
	sh(t, "/", "mkdir -p "+root+"/var/lib/rpm && "+rpm+"--initdb && "+rpm+"-i --nodeps --noscripts --nosignature "+pkg)
	if text := sh(t, "/", "chroot "+root+" /usr/bin/edgenet version"); !strings.HasPrefix(text, "edgenet 1.2.3 ") {
		t.Errorf("version: %q", text)
	}
	sh(t, "/", rpm+"-V --nodeps --noscripts edgenet")
	sh(t, "/", rpm+"-e --nodeps --noscripts edgenet")
	if text := sh(t, "/", "find "+root+" -type f -not -path '*/var/lib/rpm/*'"); text != "" {
		t.Errorf("left behind: %s", text)
	}
}

// TestUnits lets systemd read the unit files as they would be installed.
func TestUnits(t *testing.T) {
	needs(t, "systemd-analyze")
	root := t.TempDir()
	sh(t, root, "dpkg-deb -x "+filepath.Join(dist(t), "edgenet_1.2.3_amd64.deb")+
		" .; cp /usr/lib/systemd/system/*.target usr/lib/systemd/system/")
	for _, u := range units {
		text := sh(t, root, "systemd-analyze verify --man=no --root="+root+" usr/lib/systemd/system/"+u+
			" 2>&1 | grep -i edgenet || true")
		if text != "" {
			t.Errorf("%s: %s", u, text)
		}
	}
}

// TestBillOfMaterialsByItsSchema asks the library of the format's authors.
func TestBillOfMaterialsByItsSchema(t *testing.T) {
	needs(t, "python3")
	venv := t.TempDir()
	if text, err := exec.CommandContext(t.Context(), "sh", "-ec", "python3 -m venv "+venv+" && "+venv+
		"/bin/pip install -q 'cyclonedx-python-lib[json-validation]'").CombinedOutput(); err != nil { //nolint:gosec // the test's
		t.Skipf("the validator cannot be had: %v\n%s", err, text)
	}
	script := `import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
print(JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read()) or "valid")`
	out := sh(t, venv, "cat > v.py <<'E'\n"+script+"\nE\n"+venv+"/bin/python v.py "+
		filepath.Join(dist(t), "edgenet_1.2.3.cdx.json"))
	if strings.TrimSpace(out) != "valid" {
		t.Errorf("%s", out)
	}
}

// TestImage lets skopeo read the layout.
func TestImage(t *testing.T) {
	needs(t, "skopeo")
	var i struct {
		Architecture string
		Config       struct{ Cmd, Entrypoint []string }
	}
	text := sh(t, "/", "skopeo inspect --config oci:"+filepath.Join(dist(t), "image")+":1.2.3")
	if err := json.Unmarshal([]byte(text), &i); err != nil {
		t.Fatal(err)
	}
	if i.Architecture != "amd64" || len(i.Config.Cmd) != 1 || i.Config.Cmd[0] != "--help" {
		t.Errorf("%+v", i)
	}
}
