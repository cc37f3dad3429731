package probe

import (
	"context"

	"edgenet/internal/secret"
)

// secrets knows what the plan sends to proxies and hubs and nobody may read in a report,
// beside what is known to whoever asked for the run.
func (p Plan) secrets(ctx context.Context) *secret.Scrubber {
	s := secret.From(ctx)
	if s == nil {
		s = &secret.Scrubber{}
	}
	s.Spare(p.Host)
	for _, r := range p.Routes {
		if r.Proxy != nil {
			s.Spare(r.Proxy.Address())
			s.AddLogin(r.Proxy.User, r.Proxy.Password)
		}
	}
	if i := p.Identity; i != nil {
		s.Spare(i.HostName, i.Name())
		s.Add(i.SharedAccessKey)
		s.Add(i.SharedAccessSignature)
	}
	return s
}
