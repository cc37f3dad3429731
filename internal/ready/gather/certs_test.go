package gather

import "testing"

// TestCertdFile: names as certd itself makes them.
func TestCertdFile(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"aziot-edged-ca": "/var/lib/aziot/certd/certs/aziotedgedca-86f154be7ff14480027f0d00c59c223db6d9e4ab0b559fc523cca36a7c973d6d.cer",
		"device-id":      "/var/lib/aziot/certd/certs/deviceid-bd732105ef89cf8edd2606a5309c8a26b7b5599a4e124a0fe6199b6b2f60e655.cer",
		"est-id":         "/var/lib/aziot/certd/certs/estid-c45f3e96a312cc524fecceddbc40dfc2aa789eae911d8bc7dd4eda19b93be900.cer",
	} {
		if got := certdFile(id); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
}
