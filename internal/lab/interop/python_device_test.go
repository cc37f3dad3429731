//go:build interop

package interop

import (
	"path/filepath"
	"strings"
	"testing"

	"edgenet/internal/lab"
)

// python runs the vendor's device SDK for Python, or skips where it cannot be had.
func python(t *testing.T, l *lab.Lab, env map[string]string) *process {
	t.Helper()
	return pythonScript(t, l, "device.py", env)
}

func pythonScript(t *testing.T, l *lab.Lab, name string, env map[string]string) *process {
	t.Helper()
	dir, err := pythonDir()
	if err != nil {
		t.Skipf("!!! NOT RUN: azure-iot-device cannot be had from the Python package index: %v", err)
	}
	script, err := filepath.Abs(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return run(t, l, env, filepath.Join(dir, "bin", "python"), script)
}

// The vendor's device SDK for Python: TLS 1.2, MQTT 3.1.1 by Paho, and proxies by PySocks.
func TestPythonDeviceSDK(t *testing.T) {
	for _, transport := range []string{"Mqtt", "MqttWs"} {
		t.Run(transport, func(t *testing.T) {
			l := startLab(t)
			sdkLife(t, l, device, python(t, l, map[string]string{"LAB_TRANSPORT": transport,
				"LAB_CONNECTION": l.Info().Device}))
		})
		// Its MQTT goes through a proxy too, where the runtime's does not.
		for _, proxy := range []string{"open", "basic", "socks5", "socks5-auth"} {
			t.Run(transport+" through the proxy "+proxy, func(t *testing.T) {
				l := startLab(t, "amqps=refuse", "mqtts=refuse", "https=refuse")
				sdkLife(t, l, device, python(t, l, map[string]string{"LAB_TRANSPORT": transport,
					"LAB_CONNECTION": l.Info().Device, "LAB_PROXY": l.Info().Proxy(proxy)}))
			})
		}
		t.Run(transport+" module, from the variables that edgeAgent sets", func(t *testing.T) {
			l := startLab(t)
			env := map[string]string{"LAB_TRANSPORT": transport, "LAB_EDGE": "yes"}
			for name, value := range l.Info().ModuleEnv {
				env[name] = value
			}
			sdkLife(t, l, module, python(t, l, env))
		})
	}
}

// What is refused comes out as the error that the SDK has for it.
func TestPythonDeviceSDKRefusals(t *testing.T) {
	const wrongKey = "YmFkYmFkYmFkYmFkYmFkYmFkYmFkYmFkYmFkYmFkYmE="
	for _, row := range []struct {
		name, fault, proxy, want string
		change                   func(connection string) string
	}{
		{"wrong key", "", "", "CredentialError", func(c string) string {
			before, _, _ := strings.Cut(c, "SharedAccessKey=")
			return before + "SharedAccessKey=" + wrongKey
		}},
		{"unknown device", "", "", "CredentialError", func(c string) string {
			return strings.Replace(c, lab.DeviceID, "nobody", 1)
		}},
		{"inspected", "mqtts=inspected", "", "certificate", nil},
		{"a proxy that forbids", "", "deny", "403", nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			var faults []string
			if row.fault != "" {
				faults = []string{row.fault}
			}
			l := startLab(t, faults...)
			env := map[string]string{"LAB_TRANSPORT": "Mqtt", "LAB_CONNECTION": l.Info().Device,
				"LAB_PROXY": l.Info().Proxy(row.proxy)}
			if row.change != nil {
				env["LAB_CONNECTION"] = row.change(env["LAB_CONNECTION"])
			}
			refusedAs(t, python(t, l, env), row.want)
		})
	}
}
