//go:build chaos && linux

package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"edgenet/internal/lab"
	"edgenet/internal/lab/hub"
)

// module is who the module is at the lab's hub.
var module = hub.Identity{Device: lab.DeviceID, Module: lab.ModuleID}

// web is where the module serves its neighbours.
const web = "http://127.0.0.1:9600"

// site is a lab, and a module in it.
type site struct {
	*lab.Lab
	*program
	t      *testing.T
	rnd    *rand.Rand
	begun  time.Time
	deadly bool // the module itself may be killed
	full   bool // the disk is, or was since the module started: it may not hold everything
	client *http.Client

	strangers atomic.Int64 // logins at the hub itself, of which there must be none
	guests    atomic.Int64 // connections to the hub, directly and by the proxy
	refusals  atomic.Int64 // logins that the hub refused
	happened  map[string]int
	doubles   map[any]bool // transitions that came more than once
}

// build starts a lab on the standard ports, and prepares a module that goes through the
// lab's proxy with credentials, beside the direct way.
func build(t *testing.T, seed uint64) *site {
	t.Helper()
	s := &site{t: t, rnd: rand.New(rand.NewPCG(seed, 4)), begun: time.Now(), happened: map[string]int{},
		doubles: map[any]bool{}, //nolint:gosec // a seed that can be taken again is what is wanted
		client:  &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}}
	var err error
	s.Lab, err = lab.Start(context.Background(), lab.Options{StandardPorts: true, Log: s.watch})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	info := s.Info()
	resolve(t, info.DNS)
	dir := os.Getenv(inside)
	env := info.ModuleEnv
	delete(env, "EDGENET_CONNECT_TO") // the names lead there by themselves
	env["EDGENET_HTTP"] = "all"
	env["EDGENET_STATE"] = dir + "/state"
	env["EDGENET_HTTP_LISTEN"] = strings.TrimPrefix(web, "http://")
	env["EDGENET_EDGEHUB_METRICS"] = "off" // the lab's edgeHub has none
	env["https_proxy"] = info.Proxy("basic")
	s.program = newProgram(t, dir, env)
	if err := os.RemoveAll(dir + "/state/edgenet.state"); err != nil {
		t.Fatal(err)
	}
	return s
}

// watch counts what the hub sees of the module.
func (s *site) watch(e lab.Event) {
	if !slices.Contains(append([]string{"hub"}, hubPorts...), e.Place) {
		return
	}
	switch e.Kind {
	case lab.KindLogin:
		s.strangers.Add(1)
	case lab.KindAccept:
		s.guests.Add(1)
	case lab.KindRefused:
		s.refusals.Add(1)
	}
}

// fault puts a fault on, or takes a place's faults off where it is empty.
func (s *site) fault(place, fault string) {
	s.t.Helper()
	var err error
	if fault == "" {
		err = s.ClearFault(place)
	} else {
		var f lab.Fault
		if f, err = lab.ParseFault(place + "=" + fault); err == nil {
			err = s.SetFault(f)
		}
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) cut(places ...string) {
	s.t.Helper()
	for _, place := range places {
		if err := s.Cut(place); err != nil {
			s.t.Fatal(err)
		}
	}
}

// invoke calls a direct method by the hub, and reads its answer into v.
func (s *site) invoke(name, payload string, v any) error {
	a, err := s.Hub().Invoke(s.t.Context(), module, name, []byte(payload), 5*time.Second, time.Minute)
	if err != nil {
		return fmt.Errorf("method %s: %w", name, err)
	}
	if a.Status != http.StatusOK {
		return fmt.Errorf("method %s: status %d: %s", name, a.Status, a.Payload)
	}
	if err := json.Unmarshal(a.Payload, v); err != nil {
		return fmt.Errorf("method %s: %q: %w", name, a.Payload, err)
	}
	return nil
}

// get reads what the module serves.
func (s *site) get(path string) ([]byte, error) {
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, web+path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := s.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", path, resp.Status, bytes.TrimSpace(b))
	}
	return b, err
}

// reported is the module's section at the hub.
func (s *site) reported() (map[string]any, error) {
	b, err := s.Hub().Reported(module)
	if err != nil {
		return nil, err
	}
	var all struct {
		Edgenet map[string]any `json:"edgenet"`
	}
	err = json.Unmarshal(b, &all)
	return all.Edgenet, err
}

// heal mends everything. EdgeHub goes away once more at the end, so that the last word is
// spoken in a session that began in peace.
func (s *site) heal() {
	s.t.Helper()
	s.alive()
	for _, place := range slices.Concat(hubPorts, edgePorts, []string{proxyPlace, "dns", lab.PlaceWorkload,
		lab.PlaceUpstream}) {
		s.fault(place, "")
	}
	s.free()
	s.setClock(0)
	if _, err := s.Hub().SetDesired(module,
		[]byte(`{"expected":null,"watchSec":null,"failAfter":null,"protocols":null,"prefer":null,"proxies":null,"nonsense":null}`)); err != nil {
		s.t.Fatal(err)
	}
	s.cut(edgePorts...)
}

// patience is how long peace may take to be noticed: the longest pause between sessions is a
// minute, and what was swallowed has to time out first.
const patience = 6 * time.Minute

// eventually tries until there is no complaint.
func (s *site) eventually(what string, try func() error) {
	s.t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(300 * time.Millisecond) {
		s.alive()
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("%s: %v", what, err)
		}
		if errors.Is(err, errInvented) {
			s.t.Fatalf("%s: %v", what, err)
		}
	}
}
