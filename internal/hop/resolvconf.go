package hop

import (
	"context"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// What the C library does with resolv.conf (resolv.conf(5)), and this program does like it.

// option tells whether resolv.conf sets an option of the C library (resolv.conf(5)): rotate has it begin
// with another server each time, use-vc ask over TCP.
func option(text []byte, name string) bool {
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 0 && f[0] == "options" && slices.Contains(f, name) {
			return true
		}
	}
	return false
}

// confirmed asks once more for a name of which a server has said that it is not there, or that it could
// not tell: the C library tries a failure again, and behind one server's address there may be several.
// Both answers for the name itself are kept.
func (r *Resolver) confirmed(ctx context.Context, env *Env, host string, first, itself answer) answer {
	if first.code != codeNXDomain && first.code != codeNoData && first.code != codeServfail || Ended(ctx) {
		return first
	}
	a := r.askServers(ctx, env, dns.Fqdn(host))
	if a.code != codeOK {
		if first.code == codeServfail && a.code == codeServfail {
			unvalidated(ctx, env, first.detail, host)
		}
		return first
	}
	a.detail.Name, a.detail.Rotate = host, r.rotate
	if itself.detail != nil {
		a.detail.Resolvers = append(itself.detail.Resolvers, a.detail.Resolvers...)
	}
	return a
}
