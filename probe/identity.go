package probe

import (
	"cmp"
	"crypto/tls"
	"errors"
	"time"

	"edgenet/internal/iothub"
	"edgenet/internal/secret"
)

// tokenLife is how long the tokens made here are good: one login, made at once.
const tokenLife = 10 * time.Minute

// Identity is who logs in at DepthAuth: a device or module by SAS or X.509. A second
// connection of an identity throws its first one out, so the caller has to be sure that
// nobody uses it.
type Identity struct {
	iothub.ConnectionString
	Certificate *tls.Certificate // for X.509; its leaf is parsed
	Life        time.Duration    // of tokens made here; zero means ten minutes
}

// Name is device, or device/module.
func (i *Identity) Name() string {
	if i.ModuleID != "" {
		return i.DeviceID + "/" + i.ModuleID
	}
	return i.DeviceID
}

// Method is how the identity proves itself: sas or x509.
func (i *Identity) Method() string {
	if i.Certificate != nil {
		return "x509"
	}
	return "sas"
}

// Check tells what an identity lacks.
func (i *Identity) Check() error {
	switch {
	case i.DeviceID == "":
		return errors.New("the connection string is a service's, not a device's or module's: expected DeviceId=…")
	case i.X509 && i.Certificate == nil:
		return errors.New("the connection string says x509=true: give the certificate with --cert and --key")
	case !i.X509 && i.Certificate == nil && i.SharedAccessKey.IsZero() && i.SharedAccessSignature.IsZero():
		return errors.New("the connection string has no SharedAccessKey and no SharedAccessSignature, and there is " +
			"no --cert")
	}
	return nil
}

// token makes a SAS token, or gives the one at hand; zero for X.509.
func (i *Identity) token(now time.Time) (secret.Value, error) {
	if i.Certificate != nil {
		return secret.Value{}, nil
	}
	if !i.SharedAccessSignature.IsZero() {
		return i.SharedAccessSignature, nil
	}
	sign, err := iothub.KeySigner(i.SharedAccessKey)
	if err != nil {
		return secret.Value{}, err
	}
	return iothub.NewToken(iothub.DeviceResource(i.HostName, i.DeviceID, i.ModuleID), "",
		now.Add(cmp.Or(i.Life, tokenLife)), sign)
}

// expiry is when the credentials end, zero where they are made afresh.
func (i *Identity) expiry() time.Time {
	if i.Certificate != nil && i.Certificate.Leaf != nil {
		return i.Certificate.Leaf.NotAfter
	}
	if !i.SharedAccessSignature.IsZero() {
		if t, err := iothub.ParseToken(i.SharedAccessSignature.Reveal()); err == nil {
			return t.Expiry
		}
	}
	return time.Time{}
}

// mqttLogin is what the identity's CONNECT says. The user name holds the hub's name,
// also where a gateway is dialled.
func (i *Identity) mqttLogin(now time.Time) (login, error) {
	token, err := i.token(now)
	return login{i.Name(), i.HostName + "/" + i.Name() + "/?api-version=" + apiVersion, token}, err
}
