// Package lab is an IoT hub, an edgeHub, a workload API and a site's proxies and
// DNS server in one process, on loopback, with faults to choose from: what
// edgenet is tried, shown and tested with where there is no cloud.
//
// Entry point: [Start]. Everything it opens ends with [Lab.Close].
//
// A [Fault] is set at a place and replaces one layer there. What stands between a
// site and the hub (faults of TCP, TLS, the line, the path, and an inspecting
// certificate) concerns the direct way to a port; what the service itself does
// concerns those too who come by a proxy. A fault at a proxy's place hits what
// goes through that proxy.
//
// It is not a broker to run anything on. It shares no code with what it tests:
// nothing here imports the probes, and they import nothing from here. What
// loopback cannot do (ICMP answers, NAT, path MTU on a real link) it does not
// pretend to do.
package lab
