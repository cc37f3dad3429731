//go:build interop

package interop

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"edgenet/internal/lab"
	"edgenet/internal/lab/fleet"
)

// startFleet starts a lab with a fleet that lives fast, on addresses of its own.
func startFleet(t *testing.T, devices int) *lab.Lab {
	t.Helper()
	l, err := lab.Start(context.Background(),
		lab.Options{Listen: "127.0.0.53", EdgeListen: "127.0.0.54", StandardPorts: true,
			Fleet: devices, FleetOptions: fleet.Options{Seed: 7, Pace: 60, Changes: -1}})
	if err != nil {
		t.Skipf("the standard ports cannot be had here: %v", err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// The vendor's service SDK: everything that it can ask of a hub's devices together.
func TestServiceSDKFleet(t *testing.T) {
	const devices = 400
	l := startFleet(t, devices)
	own := l.Fleet().Count()
	p := node(t, l, "fleet.js", map[string]string{"LAB_CONNECTION": l.Info().Service})
	var sweep struct {
		Pages    int
		Distinct bool
		Devices  int
		Counts   struct {
			Reporting, Silent, Down int
			ByProtocol              map[string]int
		}
	}
	if err := json.Unmarshal([]byte(p.expect("sweep")), &sweep); err != nil {
		t.Fatal(err)
	}
	got, want := fmt.Sprint(sweep.Devices, sweep.Counts.Reporting, sweep.Counts.Silent, sweep.Counts.Down,
		sweep.Counts.ByProtocol),
		fmt.Sprint(devices, own.Reporting, own.Silent, own.Down, own.ByProtocol)
	if got != want || !sweep.Distinct || sweep.Pages < 4 {
		t.Errorf("the client counts %s in %d pages (distinct: %v), the lab %s", got, sweep.Pages, sweep.Distinct, want)
	}
	grouped := map[string]int{}
	if err := json.Unmarshal([]byte(p.expect("grouped")), &grouped); err != nil ||
		fmt.Sprint(grouped) != fmt.Sprint(own.ByProtocol) {
		t.Errorf("grouped: %v %v, want %v", grouped, err, own.ByProtocol)
	}
	for _, step := range [][2]string{
		{"as twins", "true"}, {"bad query", `"ArgumentError"`},
		{"tag", `{"class":"ws"}`}, {"stale", `"InvalidEtagError"`}, {"any etag", `{"class":"wsa"}`},
		{"untagged", "true"},
		{"agent", `{"code":200,"up":"Connected","configurations":{}}`}, {"module",
			`{"tags":{"edgenet":{"class":"ws"}},"hold":60}`},
		{"nobody", `"DeviceNotFoundError"`}, {"no module", `"Error"`},
		{"created", `"edgenet-ws-1"`}, {"created again", `"DeviceAlreadyExistsError"`},
		{"metrics", `{"system":{"targetedCount":1,"appliedCount":1,"reportedSuccessfulCount":1,"reportedFailedCount":0},"custom":true}`},
		{"published queries", `{"targetedCount":1,"appliedCount":1,"reportedSuccessfulCount":1,"reportedFailedCount":0}`},
		{"ruled by", `{"edgenet-ws-1":{"status":"Applied"}}`}, {"changed", "5"}, {"changed late", `"InvalidEtagError"`},
		{"listed", `["base","edgenet-ws-1"]`}, {"set modules", `"MqttWs"`}, {"removed", `"Error"`},
		{"job", `{"id":"job-1","type":"scheduleUpdateTwin"}`},
		{"job done", `{"status":"completed","statistics":{"deviceCount":40,"failedCount":0,"succeededCount":40,"runningCount":0,"pendingCount":0}}`},
		{"job waits", `"scheduled"`}, {"cancelled", `"cancelled"`}, {"jobs listed", `["job-1"]`}, {"device jobs", "40"},
		{"statistics", `{"totalDeviceCount":400,"enabledDeviceCount":400,"disabledDeviceCount":0}`}, {"devices", "400"},
		{"identity", `"edge-000003"`}, {"modules", `["$edgeAgent","$edgeHub","edgenet"]`},
		{"ping", "true"}, {"check", "true"}, {"report", `"edgenet.report/1"`}, {"agent ping", "200"}, {"offline",
			`"Error"`}, {"done", "null"},
	} {
		p.expectValue(step[0], step[1])
	}
}
