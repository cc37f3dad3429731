package engine

import (
	"context"
	"net/http"
	"net/netip"
	"net/url"
)

// Network is what the engine says of one of its networks.
type Network struct {
	Name     string
	Internal bool           // the engine lets nothing out of it
	Subnets  []netip.Prefix // of its containers
}

// Network asks for a network by its name; IsNotFound tells that there is none.
func (c *Client) Network(ctx context.Context, name string) (Network, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	var in struct {
		Name     string
		Internal bool
		IPAM     struct {
			Config []struct{ Subnet string }
		}
	}
	if err := c.call(ctx, http.MethodGet, "/networks/"+url.PathEscape(name), nil, &in); err != nil {
		return Network{}, err
	}
	n := Network{Name: name, Internal: in.Internal}
	for _, x := range in.IPAM.Config {
		if p, err := netip.ParsePrefix(x.Subnet); err == nil {
			n.Subnets = append(n.Subnets, p.Masked())
		}
	}
	return n, nil
}
