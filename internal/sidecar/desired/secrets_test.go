package desired_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"edgenet/internal/sidecar/desired"
	"edgenet/internal/sidecar/fence"
)

// TestNothingIsRepeated: whoever writes a URL or a connection string into the wrong
// property of the twin must not find its secret in configErrors, nor on the disk.
func TestNothingIsRepeated(t *testing.T) {
	t.Parallel()
	const planted = "Pl4ntedS3cret"
	for _, text := range []string{
		"http://user:" + planted + "@proxy:3128", "http://user:" + planted + "%40proxy:3128", "http://user:" + planted +
			"%2540proxy:3128", "http://user:" + planted + "\uff20proxy:3128",
		"http\uff1a\u2215\u2215user\u2236" + planted + "\ufe6bproxy", "user:" + planted + "@proxy", "http://user:" +
			planted, "http://us er:" + planted + "@proxy:x",
		"HostName=x;DeviceId=d;SharedAccessKey=" + planted, "SharedAccessSignature sr=x&sig=" + planted + "&se=1",
		"SharedAccesKey=" + planted,
	} {
		q, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range []string{
			`{"intervalSec":%s}`, `{"watchSec":[%s]}`, `{"failAfter":{"a":%s}}`, `{"heartbeatSec":%s}`,
			`{"holdSec":%s}`, `{"expected":%s}`, `{"prefer":%s}`, `{"prefer":["AMQP",%s]}`, `{"protocols":[%s]}`,
			`{"telemetry":%s}`,
			`{"proxies":%s}`, `{"proxies":[%s]}`, `{"proxies":[[%s]]}`, `{"proxies":[{"url":%s}]}`, `{"endpoints":%s}`,
			`{"endpoints":[%s]}`, `{"endpoints":[{"name":%s,"host":"h"}]}`, `{"endpoints":[{"name":"n","host":%s}]}`,
			`{"endpoints":[{"name":"n","host":"h","port":%s}]}`, `{"unknown":%s}`, `{%s:1}`, `%s`, `[%s]`,
		} {
			section := json.RawMessage(fmt.Sprintf(form, q))
			kept := desired.Canonical(section)
			_, complaints := desired.Parse(section, &fence.Fence{})
			again, _ := desired.Parse(kept, &fence.Fence{})
			if got := strings.Join(complaints, "\n"); strings.Contains(got, planted) {
				t.Errorf("%s is complained of with %s", section, got)
			}
			if strings.Contains(string(kept), planted) {
				t.Errorf("%s is kept as %s", section, kept)
			}
			if len(again.Proxies) > 0 || !json.Valid(kept) {
				t.Errorf("%s is kept as %s and read back as %v", section, kept, again.Proxies)
			}
		}
	}
}
