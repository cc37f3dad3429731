//go:build interop

package interop

import (
	"maps"
	"path/filepath"
	"testing"

	"edgenet/internal/lab"
	"edgenet/internal/lab/dps"
)

// provision runs the vendor's device SDK for Python at the provisioning service.
func provision(t *testing.T, l *lab.Lab, id string, more map[string]string) *process {
	t.Helper()
	p := l.Info().Provisioning
	env := map[string]string{"LAB_DPS": p.Host, "LAB_SCOPE": p.IDScope, "LAB_REGISTRATION": id}
	maps.Copy(env, more)
	return pythonScript(t, l, "provision.py", env)
}

// registered wants a device to be assigned, and to log in at the hub that it was sent to.
func registered(p *process, id string) {
	p.t.Helper()
	p.expectValue("registered", `["assigned","`+lab.HubName+`","`+id+`"]`)
	p.expect("open")
	p.expect("done")
}

// The vendor's device SDK for Python registers over MQTT and over MQTT in a WebSocket.
func TestPythonProvisioning(t *testing.T) {
	for _, transport := range []string{"Mqtt", "MqttWs"} {
		t.Run(transport+" by a key of its own", func(t *testing.T) {
			l := startLab(t)
			p := l.Info().Provisioning
			registered(provision(t, l, p.RegistrationID, map[string]string{"LAB_TRANSPORT": transport,
				"LAB_KEY": p.SymmetricKey}), p.RegistrationID)
		})
		t.Run(transport+" by the group's key", func(t *testing.T) {
			l := startLab(t)
			key, err := dps.Derive(l.DPS().Group(), "pump-17")
			if err != nil {
				t.Fatal(err)
			}
			registered(provision(t, l, "pump-17", map[string]string{"LAB_TRANSPORT": transport,
				"LAB_KEY": key.Reveal()}), "pump-17")
		})
		t.Run(transport+" by a certificate", func(t *testing.T) {
			l := startLab(t)
			dir := filepath.Dir(l.Info().CAFile)
			registered(provision(t, l, lab.X509DeviceID, map[string]string{"LAB_TRANSPORT": transport,
				"LAB_CERT":     filepath.Join(dir, lab.X509DeviceID+".pem"),
				"LAB_CERT_KEY": filepath.Join(dir, lab.X509DeviceID+".key.pem")}), lab.X509DeviceID)
		})
		for _, proxy := range []string{"basic", "socks5-auth"} {
			t.Run(transport+" through the proxy "+proxy, func(t *testing.T) {
				l := startLab(t, "mqtts=refuse", "https=refuse", "dpsMqtts=refuse", "dpsHttps=refuse")
				p := l.Info().Provisioning
				registered(provision(t, l, p.RegistrationID, map[string]string{"LAB_TRANSPORT": transport,
					"LAB_KEY": p.SymmetricKey, "LAB_PROXY": l.Info().Proxy(proxy)}), p.RegistrationID)
			})
		}
	}
	t.Run("a wrong key", func(t *testing.T) {
		l := startLab(t)
		refusedAs(t, provision(t, l, lab.RegistrationID, map[string]string{
			"LAB_KEY": "YmFkYmFkYmFkYmFkYmFkYmFkYmFkYmFkYmFkYmFkYmE="}), "CredentialError")
	})
}
