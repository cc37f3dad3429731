// Package netns tries the command in real networks: a client, a firewall, a hub and the
// site's own services in network namespaces of their own, with nftables, routes, squid,
// dnsmasq and unbound between them. It has tests only, behind the build tag netns, which
// need root and Linux:
//
//	go test -tags netns ./internal/verify/netns/
//
// Every case builds its own network, with addresses that exist nowhere else, and takes
// it away again, also when it fails. A new case is a row of a table: what is done to the
// network, what the command is asked, what it has to say.
package netns
