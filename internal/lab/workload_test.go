package lab

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"edgenet/internal/iothub"
	"edgenet/internal/lab/hub"
)

func TestWorkloadAPI(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	env := l.Info().ModuleEnv
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", strings.TrimPrefix(env["IOTEDGE_WORKLOADURI"], "unix://"))
	}}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: plenty}
	call := func(method, path, version, body string) (int, map[string]any, error) {
		r, err := http.NewRequestWithContext(within(t, 5*time.Second), method, "http://workload"+path+"?api-version="+
			version, bytes.NewBufferString(body))
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(r)
		if err != nil {
			return 0, nil, err
		}
		defer response.Body.Close()
		var o map[string]any
		err = json.NewDecoder(response.Body).Decode(&o)
		return response.StatusCode, o, err
	}
	version := env["IOTEDGE_APIVERSION"]
	status, o, err := call("GET", "/trust-bundle", version, "")
	pool := x509.NewCertPool()
	pem, _ := o["certificate"].(string)
	if err != nil || status != 200 || !pool.AppendCertsFromPEM([]byte(pem)) {
		t.Errorf("trust bundle: %d %v, %v", status, o, err)
	}
	if status, o, err := call("GET", "/modules", version, ""); err != nil || status != 200 ||
		!strings.Contains(string(must(json.Marshal(o))), `"name":"$edgeHub"`) {
		t.Errorf("modules: %d %v, %v", status, o, err)
	}
	sign := "/modules/" + env["IOTEDGE_MODULEID"] + "/genid/" + env["IOTEDGE_MODULEGENERATIONID"] + "/sign"
	signer := func(text string) ([]byte, error) {
		_, o, err := call("POST", sign, version, `{"keyId":"primary","algo":"HMACSHA256","data":"`+
			base64.StdEncoding.EncodeToString([]byte(text))+`"}`)
		if err != nil {
			return nil, err
		}
		digest, _ := o["digest"].(string)
		return base64.StdEncoding.DecodeString(digest)
	}
	token, err := iothub.NewToken(iothub.DeviceResource(HubName, DeviceID, ModuleID), "", nextHour(), signer)
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{"edgeMqtts", "mqtts"} {
		if _, err := connectMQTT(t, mustDial(t, l, place), module, HubName, DeviceID+"/"+ModuleID,
			token.Reveal()); err != nil {
			t.Errorf("%s with the token that the workload API signed: %v", place, err)
		}
	}
	for name, tt := range map[string]struct {
		method, path, version, body string
		status                      int
	}{
		"another version": {"GET", "/trust-bundle", "2017-01-01", "", 400},
		"another module":  {"POST", "/modules/nobody/genid/1/sign", version, `{"data":"YQ=="}`, 404},
		"no base64":       {"POST", sign, version, `{"data":"?"}`, 422},
		"no JSON":         {"POST", sign, version, `data`, 422},
		"another path":    {"POST", "/modules/edgenet/genid/1/encrypt", version, `{}`, 404},
	} {
		if status, o, err := call(tt.method, tt.path, tt.version, tt.body); err != nil || status != tt.status ||
			o["message"] == "" {
			t.Errorf("%s: %d %v, %v", name, status, o, err)
		}
	}
	for spec, want := range map[string][2]int{"deny": {403, 200}, "no-trust-bundle": {200, 404},
		"workload-error:503": {503, 503}, "workload-silent": {0, 0}} {
		client.Timeout = plenty
		f, err := ParseFault(PlaceWorkload + "=" + spec)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.SetFault(f); err != nil {
			t.Fatal(err)
		}
		if f.Name == "workload-silent" {
			client.Timeout = patience
		}
		signed, _, _ := call("POST", sign, version, `{"data":"YQ=="}`)
		bundle, _, _ := call("GET", "/trust-bundle", version, "")
		if signed != want[0] || bundle != want[1] {
			t.Errorf("%s: sign %d, trust bundle %d, want %v", spec, signed, bundle, want)
		}
	}
	if _, err := l.Hub().Key(hub.Identity{Device: X509DeviceID}); err == nil {
		t.Error("a device with a certificate has a key")
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
