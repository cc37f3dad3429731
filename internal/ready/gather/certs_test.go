package gather

import (
	"testing"

	"edgenet/internal/device"
	"edgenet/internal/lab/pki"
)

// TestCertdFile: names as certd itself makes them.
func TestCertdFile(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"aziot-edged-ca": "/var/lib/aziot/certd/certs/aziotedgedca-86f154be7ff14480027f0d00c59c223db6d9e4ab0b559fc523cca36a7c973d6d.cer",
		"device-id":      "/var/lib/aziot/certd/certs/deviceid-bd732105ef89cf8edd2606a5309c8a26b7b5599a4e124a0fe6199b6b2f60e655.cer",
		"est-id":         "/var/lib/aziot/certd/certs/estid-c45f3e96a312cc524fecceddbc40dfc2aa789eae911d8bc7dd4eda19b93be900.cer",
	} {
		if got := device.CertdFile(id); got != want {
			t.Errorf("%s: %s, want %s", id, got, want)
		}
	}
}

// TestKeyMatch: a key belongs to its certificate, to no other, and what is no key says
// nothing.
func TestKeyMatch(t *testing.T) {
	t.Parallel()
	var certs, keys [2][]byte
	for i := range certs {
		c, err := pki.SelfSigned(pki.Leaf{Names: []string{"device"}})
		if err == nil {
			certs[i], keys[i], err = pki.PEM(c)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	list, err := parseCerts(append(certs[0], certs[1]...))
	if err != nil || len(list) != 2 {
		t.Fatalf("%d certificates, %v", len(list), err)
	}
	if m := keyMatches(keys[0], list[0]); m == nil || !*m {
		t.Error("a key is not known by its certificate")
	}
	if m := keyMatches(keys[1], list[0]); m == nil || *m {
		t.Error("a foreign key is taken for the certificate's")
	}
	if m := keyMatches([]byte("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"),
		list[0]); m != nil {
		t.Errorf("a key that cannot be read says %v", *m)
	}
}

func FuzzCerts(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := parseCerts(text)
		if err == nil && (len(list) == 0 || len(list) > maxCerts || len(describe(list)) != len(list)) {
			t.Errorf("%d certificates", len(list))
		}
	})
}
