package inputs

import (
	"crypto/x509"
	"errors"
	"io/fs"
	"strings"

	"edgenet/internal/console"
	"edgenet/internal/device"
	"edgenet/internal/judge"
	"edgenet/report"
)

// Bundle is the containers' roots from where the device's configuration says, nil where it
// says nothing, and what is set there.
func Bundle(con *console.Console, d *device.Device) ([]*x509.Certificate, *judge.Bundle) {
	for _, place := range []device.Place{device.ConfigTOML, device.ConfigD, device.ConfigYAML} {
		s, ok := d.At(place, device.TrustBundle)
		if !ok || s.Value.Reveal() == "" {
			continue
		}
		text, err := d.ReadTrustBundle(s)
		if s.Place == device.ConfigD && errors.Is(err, fs.ErrNotExist) {
			return nil, nil // what apply writes on every device, and certd has not made the Edge CA yet
		}
		var certs []*x509.Certificate
		if err == nil {
			certs, err = ParseCertificates(s.Value.Reveal(), text)
		}
		set := &judge.Bundle{File: report.Clean(strings.TrimPrefix(s.Value.Reveal(), "file://"), 200), Where: s.Where()}
		if err != nil {
			con.Note("the trust bundle of %s is not used: %s", set.Where, err)
			switch set.Trouble = "holds no certificate that can be read"; {
			case errors.Is(err, fs.ErrNotExist):
				set.Trouble = "does not exist"
			case errors.Is(err, fs.ErrPermission):
				set.Trouble = "this user may not read"
			case text == nil:
				set.Trouble = "cannot be read: " + report.Clean(err.Error(), 200)
			}
			return nil, set
		}
		for _, c := range certs {
			set.Holds = append(set.Holds, report.Clean(c.Subject.String(), 200))
		}
		return certs, set
	}
	return nil, nil
}
