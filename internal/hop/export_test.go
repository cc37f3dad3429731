package hop

import "crypto/x509"

// InPublic puts a root among the public ones, and InOS one in this host's store: no test
// has the key of a real one.
func (t *Trust) InPublic(c *x509.Certificate) *Trust { t.Prepare(); t.public.add(c); return t }

// InOS puts a root in this host's store.
func (t *Trust) InOS(c *x509.Certificate) *Trust { t.Prepare(); t.os.add(c); return t }
