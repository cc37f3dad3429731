package hop

import (
	"crypto/x509"
	"os"
	"runtime"
	"slices"
	"sync"

	"edgenet/internal/neterr"
)

// bundleFiles are where systems keep all their roots in one file, in the order in which
// Go's crypto/x509 looks (root_linux.go); it takes the first that is there.
var bundleFiles = []string{
	"/etc/ssl/certs/ca-certificates.crt",                // Debian, Ubuntu, Alpine
	"/etc/pki/tls/certs/ca-bundle.crt",                  // Fedora, RHEL
	"/etc/ssl/ca-bundle.pem",                            // SUSE
	"/etc/pki/tls/cacert.pem",                           // OpenELEC
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", // CentOS, RHEL
	"/etc/ssl/cert.pem",                                 // Alpine
}

// bundleLimit bounds a file of roots in bytes; Mozilla's whole list has 0.2 MB.
const bundleLimit = 16 << 20

// osRoots is this host's store in two steps: the one file that holds nearly all of it,
// and everything, which is several hundred files on Debian and costs more processor time
// than all the rest of a run. The second is read only when the first does not know a
// chain's root.
type osRoots struct {
	extra []*x509.Certificate            // in both steps
	files []string                       // zero means bundleFiles
	whole func() (*x509.CertPool, error) // zero means x509.SystemCertPool

	once  sync.Once
	all   *pool
	short error // what this host had run out of when all of it was to be read
}

// first gives the pool of the bundle file, which is the one that the environment names where it
// does (SSL_CERT_FILE, as Go and OpenSSL read it); nil where there is none, or where the environment
// names directories alone (SSL_CERT_DIR).
func (o *osRoots) first() *pool {
	files, named := o.files, os.Getenv("SSL_CERT_FILE")
	switch {
	case runtime.GOOS != "linux", named == "" && os.Getenv("SSL_CERT_DIR") != "":
		return nil
	case named != "":
		files = []string{named}
	case files == nil:
		files = bundleFiles
	}
	i := slices.IndexFunc(files, func(name string) bool {
		info, err := os.Stat(name)
		return err == nil && info.Mode().IsRegular() && info.Size() <= bundleLimit
	})
	if i < 0 {
		return nil
	}
	text, err := os.ReadFile(files[i])
	p := &pool{}
	if err != nil || !p.addFile(text) {
		return nil
	}
	return o.with(p)
}

// everything gives the whole store, as Go reads it.
func (o *osRoots) everything() *pool {
	o.once.Do(func() {
		read := o.whole
		if read == nil {
			read = x509.SystemCertPool
		}
		sys, err := read()
		if err != nil {
			sys = x509.NewCertPool()
		}
		if neterr.Of(err) == neterr.HostLimit {
			o.short = err
		}
		o.all = o.with(&pool{whole: sys})
	})
	return o.all
}

func (o *osRoots) with(p *pool) *pool {
	for _, c := range o.extra {
		p.add(c)
	}
	return p
}
