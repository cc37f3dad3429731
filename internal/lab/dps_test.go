package lab

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"edgenet/internal/iothub"
	"edgenet/internal/lab/dps"
	"edgenet/internal/lab/hub"
	"edgenet/internal/secret"
)

// dpsToken is what a device sends: in lower case and with a policy as the runtime's identity
// service does, or as the SDK for Python does, which names no policy.
func dpsToken(t *testing.T, key secret.Value, id string, expiry time.Time, lower bool) string {
	t.Helper()
	sign, err := iothub.KeySigner(key)
	if err != nil {
		t.Fatal(err)
	}
	resource, policy := DPSScope+"/registrations/"+id, ""
	if lower {
		resource, policy = strings.ToLower(resource), "registration"
	}
	token, err := iothub.NewToken(resource, policy, expiry, sign)
	if err != nil {
		t.Fatal(err)
	}
	return token.Reveal()
}

// dpsClient speaks HTTPS with the service, through a proxy where one is given, and shows a
// certificate where there is one.
func dpsClient(t *testing.T, l *Lab, place, proxy string, cert *tls.Certificate) *http.Client {
	t.Helper()
	cfg := clientTLS(l, DPSName)
	if cert != nil {
		cfg.Certificates = []tls.Certificate{*cert}
	}
	tr := &http.Transport{TLSClientConfig: cfg}
	if proxy != "" {
		u, err := url.Parse(l.Info().Proxy(proxy))
		if err != nil {
			t.Fatal(err)
		}
		tr.Proxy = http.ProxyURL(u)
	} else {
		tr.DialContext = dialPlace(l, place)
	}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 20 * time.Second}
}

type dpsAnswer struct {
	Status            string
	OperationID       string
	ErrorCode         int
	RegistrationState struct{ AssignedHub, DeviceID, RegistrationID, Status string }
	code              int
	retryAfter        string
}

func dpsAsk(t *testing.T, c *http.Client, method, path, token, body string) dpsAnswer {
	t.Helper()
	r, err := http.NewRequest(method, "https://"+DPSName+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", token)
	}
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var a dpsAnswer
	if err := json.Unmarshal(b, &a); err != nil {
		t.Fatalf("%s %s: %d %s: %v", method, path, resp.StatusCode, b, err)
	}
	a.code, a.retryAfter = resp.StatusCode, resp.Header.Get("Retry-After")
	return a
}

// dpsRegister does what the runtime's identity service does, until the device is assigned.
func dpsRegister(t *testing.T, c *http.Client, id, token string) dpsAnswer {
	t.Helper()
	const version = "?api-version=2021-06-01"
	base := "/" + DPSScope + "/registrations/" + id
	a := dpsAsk(t, c, http.MethodPut, base+"/register"+version, token, `{"registrationId":"`+id+`"}`)
	if a.code != 202 || a.Status != "assigning" || a.OperationID == "" || a.retryAfter != "3" {
		t.Fatalf("register: %+v", a)
	}
	for range 100 {
		s := dpsAsk(t, c, http.MethodGet, base+"/operations/"+a.OperationID+version, token, "")
		if s.Status != "assigning" {
			return s
		}
		if s.code != 202 || s.RegistrationState.RegistrationID != id {
			t.Fatalf("under way: %+v", s)
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("it is never assigned")
	return a
}

func soon() time.Time { return time.Now().Add(time.Minute) }

// A registration over HTTPS, directly and through proxies; what was assigned logs in at the hub.
func TestDPSOverHTTPS(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	for _, proxy := range []string{"", "open", "basic", "443-only"} {
		own := l.DPS().Key(RegistrationID)
		a := dpsRegister(t, dpsClient(t, l, "dpsHttps", proxy, nil), RegistrationID,
			dpsToken(t, own, RegistrationID, soon(), true))
		if a.code != 200 || a.Status != "assigned" || a.RegistrationState.AssignedHub != HubName ||
			a.RegistrationState.DeviceID != RegistrationID {
			t.Fatalf("proxy %q: %+v", proxy, a)
		}
	}
	const member = "pump-17"
	key, err := dps.Derive(l.DPS().Group(), member)
	if err != nil {
		t.Fatal(err)
	}
	if a := dpsRegister(t, dpsClient(t, l, "dpsHttps", "", nil), member,
		dpsToken(t, key, member, soon(), false)); a.Status != "assigned" {
		t.Fatalf("by the group's key: %+v", a)
	}
	for _, id := range []string{RegistrationID, member} {
		device := hub.Identity{Device: id}
		if _, err := connectMQTT(t, mustDial(t, l, "mqtts"), device, HubName, id,
			tokenFor(t, l, device, nextHour())); err != nil {
			t.Errorf("%s at the hub: %v", id, err)
		}
		if modules, err := l.Hub().Modules(id); err != nil || len(modules) != 2 {
			t.Errorf("%s has the modules %v, %v", id, modules, err)
		}
	}
}

// A device of a certificate registers by it, and asks the hub for its modules by it.
func TestDPSByCertificate(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	cert := l.DeviceCertificate()
	c := dpsClient(t, l, "dpsHttps", "", &cert)
	if a := dpsRegister(t, c, X509DeviceID, ""); a.Status != "assigned" {
		t.Fatalf("%+v", a)
	}
	if a := dpsAsk(t, c, http.MethodPut, "/"+DPSScope+"/registrations/other/register?api-version=2021-06-01", "",
		`{"registrationId":"other"}`); a.code != 401 || a.ErrorCode != 401002 {
		t.Errorf("another device's certificate: %+v", a)
	}
	for _, row := range []struct {
		cert *tls.Certificate
		want int
	}{{&cert, 200}, {nil, 401}} {
		tr := &http.Transport{TLSClientConfig: clientTLS(l, HubName), DialContext: dialPlace(l, "https")}
		if row.cert != nil {
			tr.TLSClientConfig.Certificates = []tls.Certificate{*row.cert}
		}
		resp, err := (&http.Client{Transport: tr, Timeout: 20 * time.Second}).Get("https://" + HubName + "/devices/" +
			X509DeviceID + "/modules?api-version=2017-11-08-preview")
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		tr.CloseIdleConnections()
		if resp.StatusCode != row.want {
			t.Errorf("modules with certificate %v: %d, want %d", row.cert != nil, resp.StatusCode, row.want)
		}
	}
}

func TestDPSRefuses(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	c := dpsClient(t, l, "dpsHttps", "", nil)
	own := l.DPS().Key(RegistrationID)
	good := dpsToken(t, own, RegistrationID, soon(), true)
	group, err := dps.Derive(l.DPS().Group(), RegistrationID)
	if err != nil {
		t.Fatal(err)
	}
	base, body := "/"+DPSScope+"/registrations/"+RegistrationID, `{"registrationId":"`+RegistrationID+`"}`
	const version = "?api-version=2021-06-01"
	register := base + "/register" + version
	old := dpsToken(t, own, RegistrationID, time.Now().Add(-time.Second), true)
	for name, row := range map[string]struct {
		method, path, token, body string
		want                      int
	}{
		"nothing":        {http.MethodGet, "/", "", "", 401},
		"no credentials": {http.MethodPut, register, "", body, 401},
		"no token":       {http.MethodPut, register, "hello", body, 401},
		"another scope":  {http.MethodPut, strings.Replace(register, DPSScope, "0ne00000000", 1), good, body, 401},
		"another device's": {http.MethodPut, strings.Replace(register, RegistrationID, "x", 1), good,
			`{"registrationId":"x"}`, 401},
		"the group's key": {http.MethodPut, register, dpsToken(t, group, RegistrationID, soon(), true), body, 401},
		"an old token":    {http.MethodPut, register, old, body, 401},
		"no version":      {http.MethodPut, base + "/register", good, body, 400},
		"no JSON":         {http.MethodPut, register, good, "{", 400},
		"another body":    {http.MethodPut, register, good, `{"registrationId":"y"}`, 400},
		"a TPM": {http.MethodPut, register, good, `{"registrationId":"` + RegistrationID + `","tpm":{}}`,
			400},
		"no such operation":  {http.MethodGet, base + "/operations/4.0.0" + version, good, "", 404},
		"no such resource":   {http.MethodGet, base + "/elsewhere" + version, good, "", 404},
		"too large a body":   {http.MethodPut, register, good, strings.Repeat(" ", 70000) + body, 413},
		"a good one, though": {http.MethodPut, register, good, body, 202},
	} {
		if a := dpsAsk(t, c, row.method, row.path, row.token, row.body); a.code != row.want {
			t.Errorf("%s: %+v, want %d", name, a, row.want)
		}
	}
}

// An operation is its own device's.
func TestDPSOperationOfAnother(t *testing.T) {
	t.Parallel()
	l := start(t, Options{})
	c := dpsClient(t, l, "dpsHttps", "", nil)
	key, err := dps.Derive(l.DPS().Group(), "a")
	if err != nil {
		t.Fatal(err)
	}
	a := dpsAsk(t, c, http.MethodPut, "/"+DPSScope+"/registrations/a/register?api-version=2021-06-01",
		dpsToken(t, key, "a", soon(), false), `{"registrationId":"a"}`)
	other := dpsToken(t, l.DPS().Key(RegistrationID), RegistrationID, soon(), false)
	if a := dpsAsk(t, c, http.MethodGet, fmt.Sprintf("/%s/registrations/%s/operations/%s?api-version=2021-06-01", DPSScope,
		RegistrationID, a.OperationID), other, ""); a.code != 404 {
		t.Errorf("%+v", a)
	}
}
