package twin

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"

	"edgenet/report"
)

// Bundle gives the trust bundle's certificates one by one, from where the Config's Roots
// come: the workload API, or the file of CAFile. What is no certificate that can be read
// is passed over.
func (s Settings) Bundle(ctx context.Context) ([]*x509.Certificate, error) {
	if s.CAFile != "" {
		b, err := readFile(s.CAFile)
		if err != nil {
			return nil, err
		}
		if certs := certificates(b); len(certs) > 0 {
			return certs, nil
		}
		return nil, fmt.Errorf("%s: expected certificates in PEM", report.Clean(s.CAFile, 100))
	}
	w, err := NewWorkload(s.WorkloadURI, s.APIVersion)
	if err != nil {
		return nil, err
	}
	answer, err := w.once(ctx, "trust bundle", "GET", "/trust-bundle", nil, maxBundleAnswer)
	if err != nil {
		return nil, err
	}
	var a struct{ Certificate string }
	if json.Unmarshal(answer, &a) != nil {
		return nil, &WorkloadError{Op: "trust bundle", Err: errNoJSON}
	}
	if certs := certificates([]byte(a.Certificate)); len(certs) > 0 {
		return certs, nil
	}
	if text, err := base64.StdEncoding.DecodeString(a.Certificate); err == nil {
		if certs := certificates(text); len(certs) > 0 {
			return certs, nil
		}
	}
	return nil, &WorkloadError{Op: "trust bundle", Err: errors.New("it holds no certificate in PEM")}
}

// certificates reads the certificates of a PEM text.
func certificates(text []byte) []*x509.Certificate {
	var out []*x509.Certificate
	for {
		block, rest := pem.Decode(text)
		if block == nil {
			return out
		}
		text = rest
		if c, err := x509.ParseCertificate(block.Bytes); err == nil && block.Type == "CERTIFICATE" {
			out = append(out, c)
		}
	}
}
