package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"edgenet/internal/device"
	"edgenet/internal/iothub"
	"edgenet/probe"
	"edgenet/report"
)

// maxInput bounds every file that a flag names.
const maxInput = 4 << 20

// open gives a file, or standard input for "-".
func (a *app) open(path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(a.stdin), nil
	}
	return os.Open(path) //nolint:gosec // the user names it
}

func (a *app) read(path string) (string, error) {
	f, err := a.open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, maxInput))
	return string(b), err
}

// trust reads the roots that flags add.
func (a *app) trust(f *checkFlags, j *job) error {
	env := j.env
	for _, path := range f.caFiles {
		certs, err := readCertificates(path)
		if err != nil {
			return fmt.Errorf("--ca-file: %w", err)
		}
		env.Trust.Extra = append(env.Trust.Extra, certs...)
	}
	if f.trustBundle == "" {
		a.settingsBundle(j)
		return nil
	}
	certs, err := readCertificates(f.trustBundle)
	if err != nil {
		return fmt.Errorf("--trust-bundle: %w", err)
	}
	env.Trust.Bundle = certs
	return nil
}

// readCertificates reads the PEM certificates of a file; what else it holds is passed
// over, a file without any is an error.
func readCertificates(path string) ([]*x509.Certificate, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the user names it
	if err != nil {
		return nil, err
	}
	return parseCertificates(path, text)
}

func parseCertificates(path string, text []byte) ([]*x509.Certificate, error) {
	var out []*x509.Certificate
	for n := 1; ; n++ {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		text = rest
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: PEM block %d is no certificate that can be read: %w", path, n, err)
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no certificate in it, expected PEM (-----BEGIN CERTIFICATE-----)", path)
	}
	return out, nil
}

// identity reads who logs in at --depth auth, and makes sure that it throws nobody out.
func (a *app) identity(f *checkFlags, j *job) error {
	if j.plan.Depth != probe.DepthAuth {
		if f.connectionString != "" || f.cert != "" || f.key != "" {
			return errors.New("an identity is used at --depth auth alone: add it, or leave the identity out")
		}
		return nil
	}
	text := a.getenv("EDGENET_CONNECTION_STRING")
	if f.connectionString != "" {
		var err error
		if text, err = a.read(f.connectionString); err != nil {
			return fmt.Errorf("--connection-string-file: %w", err)
		}
	}
	if strings.TrimSpace(text) == "" {
		return errors.New("--depth auth needs an identity: --connection-string-file FILE or EDGENET_CONNECTION_STRING (with HostName=…;DeviceId=…;x509=true beside --cert and --key for X.509)")
	}
	cs, err := iothub.ParseConnectionString(strings.TrimSpace(text))
	if err != nil {
		return fmt.Errorf("connection string: %w", err)
	}
	id := &probe.Identity{ConnectionString: cs}
	if id.Certificate, err = f.certificate(); err != nil {
		return err
	}
	if err := id.Check(); err != nil {
		return err
	}
	if err := a.mayUse(id, f.notInUse); err != nil {
		return err
	}
	j.plan.Identity = id
	return nil
}

func (f *checkFlags) certificate() (*tls.Certificate, error) {
	if f.cert == "" && f.key == "" {
		return nil, nil
	}
	if f.cert == "" || f.key == "" {
		return nil, errors.New("--cert and --key belong together")
	}
	c, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return nil, fmt.Errorf("--cert, --key: %s", report.Clean(err.Error(), 200))
	}
	return &c, nil
}

// mayUse refuses what would throw somebody's connection out: an identity that this host
// holds, always; any other without the user's word that nobody uses it.
func (a *app) mayUse(id *probe.Identity, notInUse bool) error {
	own, unread := device.Own(a.root, a.getenv)
	for _, o := range own {
		if o.Is(id.HostName, id.DeviceID) {
			return fmt.Errorf("%s is the identity that this host itself holds (%s): a second connection would throw the runtime's out; use a device registered for testing", id.DeviceID, o.Source)
		}
	}
	for _, err := range unread {
		fmt.Fprintf(a.stderr, "edgenet: could not read which identity this host holds: %s\n", report.Clean(err.Error(), 200))
	}
	if !notInUse {
		return fmt.Errorf("a second connection of %s would throw its first one out: say --identity-not-in-use when nobody uses it", id.Name())
	}
	return nil
}

// isDirectory refuses what is no directory.
func isDirectory(path string) error {
	info, err := os.Stat(path)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is no directory", path)
	}
	return err
}
