package inputs

import (
	"crypto/x509"
	"errors"
	"io/fs"

	"edgenet/internal/console"
	"edgenet/internal/device"
)

// Bundle is the containers' roots from where the device's configuration says, nil where it
// says nothing.
func Bundle(con *console.Console, d *device.Device) []*x509.Certificate {
	for _, place := range []device.Place{device.ConfigTOML, device.ConfigD, device.ConfigYAML} {
		s, ok := d.At(place, device.TrustBundle)
		if !ok || s.Value.Reveal() == "" {
			continue
		}
		text, err := d.ReadTrustBundle(s)
		if s.Place == device.ConfigD && errors.Is(err, fs.ErrNotExist) {
			return nil // what apply writes on every device, and certd has not made the Edge CA yet
		}
		var certs []*x509.Certificate
		if err == nil {
			certs, err = ParseCertificates(s.Value.Reveal(), text)
		}
		if err != nil {
			con.Note("the trust bundle of %s is not used: %s", s.Where(), err)
			return nil
		}
		return certs
	}
	return nil
}
