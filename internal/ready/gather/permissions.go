package gather

import (
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
)

// account is a user of the device's own files of users and groups.
type account struct {
	uid    int
	groups []int
}

// account reads /etc/passwd and /etc/group of the device; false where there is no such
// user.
func (g *gatherer) account(name string) (account, bool) {
	var a account
	found := false
	text, _ := g.device.ReadFile("/etc/passwd")
	for l := range strings.SplitSeq(string(text), "\n") {
		if f := strings.Split(l, ":"); len(f) > 3 && f[0] == name {
			uid, err := strconv.Atoi(f[2])
			gid, err2 := strconv.Atoi(f[3])
			a, found = account{uid, []int{gid}}, err == nil && err2 == nil
		}
	}
	text, _ = g.device.ReadFile("/etc/group")
	for l := range strings.SplitSeq(string(text), "\n") {
		if f := strings.Split(l, ":"); len(f) > 3 && slices.Contains(strings.Split(f[3], ","), name) {
			if gid, err := strconv.Atoi(f[2]); err == nil {
				a.groups = append(a.groups, gid)
			}
		}
	}
	return a, found
}

// blocked names what on the way to a file the user may not enter or read. What cannot be
// looked at, and what an access list rules, is left out: no alarm without sight.
func (g *gatherer) blocked(name, user string) []string {
	a, ok := g.account(user)
	if !ok {
		return nil
	}
	var out []string
	parts := strings.Split(strings.Trim(path.Clean(name), "/"), "/")
	at := "/"
	for i, p := range parts {
		at = path.Join(at, p)
		need := uint32(1) // to enter
		if i == len(parts)-1 {
			need = 4
		}
		if !g.may(at, a, need) {
			out = append(out, at)
		}
	}
	return out
}

func (g *gatherer) may(name string, a account, need uint32) bool {
	real, err := g.device.Real(name)
	return err != nil || grants(real, a, need)
}

// grants tells whether a file's mode lets the user do what is needed.
func grants(real string, a account, need uint32) bool {
	info, err := os.Stat(real)
	if err != nil {
		return true
	}
	uid, gid, ok := ownerOf(info)
	if !ok || listed(real) || a.uid == 0 {
		return true
	}
	mode := uint32(info.Mode().Perm())
	switch {
	case uid == a.uid:
		mode >>= 6
	case slices.Contains(a.groups, gid):
		mode >>= 3
	}
	return mode&need == need
}
