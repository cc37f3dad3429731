package lab

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"edgenet/internal/lab/hub"
)

// TestModulesOfADevice makes, keys and deletes a module as the runtime's identity service
// does: the calls were recorded from aziot-identityd 1.6.0.
func TestModulesOfADevice(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	client := httpClient(t, l, "https")
	call := func(method, path, match, body string, id hub.Identity) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(within(t, 5*time.Second), method,
			"https://"+HubName+path+"?api-version=2017-11-08-preview", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", tokenFor(t, l, id, nextHour()))
		if match != "" {
			r.Header.Set("If-Match", match)
		}
		response, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		text, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(text)
	}
	const path = "/devices/lab-device/modules/pump"
	const key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	plain := `{"moduleId":"pump","deviceId":"lab-device","managedBy":"IotEdge"}`
	keyed := `{"moduleId":"pump","deviceId":"lab-device","managedBy":"IotEdge","authentication":{"type":"sas",` +
		`"symmetricKey":{"primaryKey":"` + key + `","secondaryKey":"` + key + `"}}}`
	for _, step := range []struct {
		name, method, match, body string
		by                        hub.Identity
		status                    int
	}{
		{"it is not there", http.MethodGet, "", "", device, 404},
		{"change what is not there", http.MethodPut, "*", plain, device, 404},
		{"another device's", http.MethodPut, "", plain, hub.Identity{Device: DisabledDeviceID}, 401},
		{"no JSON", http.MethodPut, "", "{", device, 400},
		{"another module's name", http.MethodPut, "", `{"moduleId":"x"}`, device, 400},
		{"make it", http.MethodPut, "", plain, device, 200},
		{"make it twice", http.MethodPut, "", plain, device, 409},
		{"no key", http.MethodPut, "*", strings.ReplaceAll(keyed, key, "short"), device, 400},
		{"give it a key", http.MethodPut, "*", keyed, device, 200},
		{"it is there", http.MethodGet, "", "", device, 200},
		{"and may connect", http.MethodGet, "", "", hub.Identity{Device: DeviceID, Module: "pump"}, 401},
	} {
		status, text := call(step.method, path, step.match, step.body, step.by)
		if status != step.status {
			t.Errorf("%s: %d %s", step.name, status, text)
		}
		if strings.Contains(text, key) {
			t.Errorf("%s: the key comes back: %s", step.name, text)
		}
		if status == 200 {
			var m struct{ ModuleID, DeviceID, ManagedBy, GenerationID string }
			if err := json.Unmarshal([]byte(text), &m); err != nil || m.ModuleID != "pump" ||
				m.DeviceID != DeviceID || m.ManagedBy != "IotEdge" || m.GenerationID == "" {
				t.Errorf("%s: %s, %v", step.name, text, err)
			}
		}
	}
	if got, err := l.hub.Key(hub.Identity{Device: DeviceID, Module: "pump"}); err != nil || got.Reveal() != key {
		t.Errorf("the module's key is not the one that was put: %v", err)
	}
	for _, want := range []int{204, 404} {
		if status, text := call(http.MethodDelete, path, "*", "", device); status != want {
			t.Errorf("delete: %d %s, want %d", status, text, want)
		}
	}
}
