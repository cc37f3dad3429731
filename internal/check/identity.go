package check

import (
	"context"
	"crypto/tls"
	"errors"
	"strings"

	"edgenet/internal/device"
	"edgenet/internal/exit"
	"edgenet/internal/iothub"
	"edgenet/probe"
	"edgenet/report"
)

// identity reads who logs in at depth auth, and makes sure that it throws nobody out.
func (j *job) identity(ctx context.Context) error {
	given := j.o.Identity
	if j.plan.Depth != probe.DepthAuth {
		if given.given() {
			return exit.Usagef("an identity is used at --depth auth alone: add it, or leave the identity out")
		}
		return nil
	}
	text := j.con.Getenv("EDGENET_CONNECTION_STRING")
	if given.ConnectionStringFile != "" {
		b, err := j.con.Read(ctx, given.ConnectionStringFile)
		if err != nil {
			return exit.Inputf("--connection-string-file: %w", err)
		}
		text = string(b)
	}
	text = strings.TrimSpace(strings.TrimPrefix(text, "\ufeff"))
	if text == "" {
		return exit.Usagef(
			"--depth auth needs an identity: --connection-string-file FILE or EDGENET_CONNECTION_STRING (with " +
				"HostName=…;DeviceId=…;x509=true beside --cert and --key for X.509)",
		)
	}
	cs, err := iothub.ParseConnectionString(text)
	if err != nil {
		return exit.Inputf("connection string: %w", err)
	}
	id := &probe.Identity{ConnectionString: cs}
	if id.Certificate, err = j.certificate(ctx); err != nil {
		return err
	}
	if err := id.Check(); err != nil {
		return exit.Input(err)
	}
	if err := j.mayUse(id); err != nil {
		return err
	}
	j.plan.Identity = id
	return nil
}

func (j *job) certificate(ctx context.Context) (*tls.Certificate, error) {
	id := j.o.Identity
	if id.Cert == "" && id.Key == "" {
		return nil, nil
	}
	if id.Cert == "" || id.Key == "" {
		return nil, exit.Usagef("--cert and --key belong together")
	}
	cert, err := j.con.Read(ctx, id.Cert)
	if err != nil {
		return nil, exit.Inputf("--cert: %w", err)
	}
	key, err := j.con.Read(ctx, id.Key)
	if err != nil {
		return nil, exit.Inputf("--key: %w", err)
	}
	c, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, exit.Input(errors.New("--cert, --key: " + report.Clean(err.Error(), 200)))
	}
	return &c, nil
}

// mayUse refuses what would throw somebody's connection out: an identity that this host
// holds, always; any other without the user's word that nobody uses it.
func (j *job) mayUse(id *probe.Identity) error {
	own, unread := device.Own(j.con.Root, j.con.Getenv)
	for _, o := range own {
		if o.Is(id.HostName, id.DeviceID) {
			return exit.Usagef(
				"%s is the identity that this host itself holds (%s): a second connection would throw the runtime's "+
					"out; use a device registered for testing",
				id.DeviceID,
				o.Source,
			)
		}
	}
	for _, err := range unread {
		j.con.Note("could not read which identity this host holds: %s", err)
	}
	if !j.o.Identity.NotInUse {
		return exit.Usagef(
			"a second connection of %s would throw its first one out: say --identity-not-in-use when nobody uses it",
			id.Name(),
		)
	}
	return nil
}
