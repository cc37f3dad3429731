package placeholder

import "testing"

func TestIn(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"${X}", "r/${X}:1", "$VAR", "<add here>", "<hub>.azure-devices.net",
		"{{ .Values.x }}", "#{TOKEN}#", "%PROXY%", "__PROXY__", "@@x@@", "[your hub]", "[parameters('p')]",
		"http://${P}:3128", "{proxy}"} {
		if !In(text) {
			t.Errorf("%q is a placeholder", text)
		}
	}
	for _, text := range []string{"", "AmqpWs", "http://proxy.corp:3128", "http://u:p%40ss@p:1", "$upstream",
		"$upstream:443/azureiotedge-agent:1.5", "{}", "{\"a\":1}", "[]", "FROM /messages/* INTO $upstream", "a < b",
		"50%", "_x_", "c2VjcmV0=="} {
		if In(text) {
			t.Errorf("%q is none", text)
		}
	}
}
