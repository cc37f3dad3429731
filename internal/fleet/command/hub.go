package command

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"edgenet/internal/console"
	"edgenet/internal/exit"
	"edgenet/internal/fleet"
	"edgenet/internal/iothub/service"
	"edgenet/internal/secret"
	"edgenet/report"
)

// APIVersion is the version of the service API that is asked for where nothing else is said.
const APIVersion = service.APIVersion

// HubOptions are those of every command that talks to a hub, as they were typed.
type HubOptions struct {
	Host                            string
	TokenFile, ConnectionStringFile string
	Tier                            string // empty means S1
	Units, Rate                     int
	CAFiles, ConnectTo              []string
	APIVersion                      string // empty means APIVersion
}

// onStdin tells whether standard input holds credentials.
func (o HubOptions) onStdin() bool { return o.TokenFile == "-" || o.ConnectionStringFile == "-" }

// client makes the client of the hub that the options and the environment name; known is
// the hub that a plan or a journal names. It contacts nothing but whoever issues tokens.
func (o HubOptions) client(ctx context.Context, con *console.Console, known string, p *progress) (
	*service.Client, error,
) {
	tier, err := service.ParseTier(cmp.Or(o.Tier, "S1"))
	switch {
	case err != nil:
		return nil, exit.Usagef("--%w", err)
	case o.Units < 1 || o.Units > 1000:
		return nil, exit.Usagef("--units %d: expected 1 to 1000", o.Units)
	case o.Rate < 0:
		return nil, exit.Usagef("--rate %d: expected 1 or more calls a second", o.Rate)
	}
	auth, hub, err := o.credentials(ctx, con, known)
	if err != nil {
		return nil, err
	}
	transport, err := o.transport(ctx, con)
	if err != nil {
		return nil, err
	}
	return service.New(service.Options{
		Hub: hub, Auth: auth, HTTP: &http.Client{Transport: transport, CheckRedirect: noRedirect},
		Tier: service.Tier{Name: tier, Units: o.Units}, Rate: o.Rate,
		APIVersion: cmp.Or(o.APIVersion, APIVersion), Waiting: p.waiting,
	}), nil
}

// noRedirect: a token goes to the hub and nowhere else.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// hubError says an error of the hub as one of the run: the usage was right.
func hubError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled), errors.Is(err, exit.ErrInterrupted):
		return exit.CodeError(exit.Interrupted)
	case errors.As(err, new(exit.CodeError)), errors.As(err, new(exit.OutputError)):
		return err
	}
	return exit.Run(errors.New(report.Clean(secret.Within(err.Error()), 900)))
}

// hubOrUsage is hubError where what was typed can be wrong, too.
func hubOrUsage(err error) error {
	if errors.As(err, new(exit.UsageError)) || errors.As(err, new(exit.InputError)) {
		return err
	}
	return hubError(err)
}

// tool says what made a document.
func tool(con *console.Console) fleet.Tool { return fleet.Tool{Name: "edgenet", Version: con.Version} }
