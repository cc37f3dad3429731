package lab

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"edgenet/internal/iothub"
	"edgenet/internal/lab/fleet"
	"edgenet/internal/lab/hub"
	"edgenet/internal/secret"
)

// policyToken signs as a policy of the service.
func policyToken(t *testing.T, l *Lab, policy string, key secret.Value) string {
	t.Helper()
	sign, err := iothub.KeySigner(key)
	if err != nil {
		t.Fatal(err)
	}
	token, err := iothub.NewToken(HubName, policy, nextHour(), sign)
	if err != nil {
		t.Fatal(err)
	}
	return token.Reveal()
}

// asked is a call of the service API at a place of the lab.
func asked(t *testing.T, l *Lab, place, token, method, path, body string) (int, http.Header, []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(within(t, plenty), method, "https://"+HubName+path+"?api-version=2021-04-12",
		strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", token)
	a, err := httpClient(t, l, place).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = a.Body.Close() }()
	b, err := io.ReadAll(a.Body)
	if err != nil {
		t.Fatal(err)
	}
	return a.StatusCode, a.Header, b
}

func TestFleetBehindTheHub(t *testing.T) {
	t.Parallel()
	l := start(t, Options{Fleet: 200, FleetOptions: fleet.Options{Seed: 5, Changes: -1}})
	as := func(policy string) string { return policyToken(t, l, policy, l.hub.PolicyKey(policy)) }
	const query = `{"query":"SELECT COUNT() AS n FROM devices"}`
	for _, tt := range []struct {
		name, place, token, method, path, body string
		status                                 int
		code                                   string
	}{
		{"owner asks", "https", as(hub.PolicyOwner), "POST", "/devices/query", query, 200, ""},
		{"service asks", "https", as(hub.PolicyService), "POST", "/devices/query", query, 200, ""},
		{"bearer asks", "https", "Bearer " + l.hub.Bearer().Reveal(), "GET", "/configurations", "", 200, ""},
		{"wrong bearer", "https", "Bearer x", "GET", "/configurations", "", 401, "IotHubUnauthorizedAccess"},
		{"nobody", "https", "", "POST", "/devices/query", query, 401, "IotHubUnauthorizedAccess"},
		{"wrong key", "https", policyToken(t, l, hub.PolicyOwner, l.hub.PolicyKey(hub.PolicyService)), "POST",
			"/devices/query", query, 401, "IotHubUnauthorizedAccess"},
		{"service deploys", "https", as(hub.PolicyService), "GET", "/configurations", "", 403, "IotHubForbidden"},
		{"a reader of the registry deploys", "https", as(hub.PolicyRegistryRead), "DELETE",
			"/configurations/base", "", 403,
			"IotHubForbidden"},
		{"a reader of the registry reads the lab's own twin", "https", as(hub.PolicyRegistryRead), "GET",
			"/twins/" + DeviceID, "", 403, "IotHubForbidden"},
		{"the lab's own device", "https", as(hub.PolicyOwner), "GET", "/twins/" + DeviceID, "", 200, ""},
		{"a device of the fleet", "https", as(hub.PolicyOwner), "GET", "/twins/edge-000000/modules/%24edgeAgent", "",
			200,
			""},
		{"an escaped query", "https", as(hub.PolicyOwner), "GET", "/twins/edge-000000%2F..%2Fedge-000001", "", 404,
			"DeviceNotFound"},
		{"at the gateway", "edgeHttps", as(hub.PolicyOwner), "POST", "/devices/query", query, 404, ""},
	} {
		status, header, body := asked(t, l, tt.place, tt.token, tt.method, tt.path, tt.body)
		if status != tt.status || tt.code != "" && header.Get("Iothub-Errorcode") != tt.code {
			t.Errorf("%s: %d %s %.200s", tt.name, status, header.Get("Iothub-Errorcode"), body)
		}
	}
	if _, _, body := asked(t, l, "https", as(hub.PolicyOwner), "POST", "/devices/query",
		query); string(body) != `[{"n":200}]` {
		t.Errorf("%s", body)
	}
	b, err := json.Marshal(l.Info())
	if err != nil {
		t.Fatal(err)
	}
	var info struct {
		Fleet struct {
			Devices, Seed, Reporting, Down int
			ByProtocol                     map[string]int
		}
	}
	if err := json.Unmarshal(b, &info); err != nil || info.Fleet.Devices != 200 || info.Fleet.Seed != 5 {
		t.Errorf("%+v %v", info, err)
	}
	sum := 0
	for _, n := range info.Fleet.ByProtocol {
		sum += n
	}
	if sum != info.Fleet.Reporting || sum == 0 || info.Fleet.ByProtocol["none"] != info.Fleet.Down {
		t.Errorf("%+v", info.Fleet)
	}
}

// The faults of the lab's HTTPS port stand before the fleet, too.
func TestFleetFaults(t *testing.T) {
	t.Parallel()
	l := start(t, Options{Fleet: 10})
	owner := policyToken(t, l, hub.PolicyOwner, l.hub.PolicyKey(hub.PolicyOwner))
	if err := l.SetFault(Fault{Place: "https", Name: "status", Arg: "429"}); err != nil {
		t.Fatal(err)
	}
	if status, _, _ := asked(t, l, "https", owner, "GET", "/configurations", ""); status != 429 {
		t.Errorf("%d", status)
	}
}

func TestFleetOptions(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{
		{Fleet: -1}, {Fleet: fleet.MaxDevices + 1}, {Fleet: 1, FleetOptions: fleet.Options{Pace: 1e9}}, {Fleet: 1,
			FleetOptions: fleet.Options{Switches: fleet.Switches{Tier: "S4"}}},
	} {
		if l, err := Start(t.Context(), o); err == nil {
			t.Errorf("%+v is taken", o.FleetOptions)
			_ = l.Close()
		}
	}
	l := start(t, Options{})
	if l.Fleet() != nil || l.Info().Fleet != nil {
		t.Error("a fleet that nobody asked for")
	}
}
