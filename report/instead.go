package report

import "strings"

// otherwise is what somebody else can do in place of the remedy of a cause or finding: a remedy
// is one person's, and so is each step of the advice.
type otherwise struct {
	code, remedy string
	actor        Actor
}

var otherwises = []otherwise{
	{string(TLSInspection), "Install the inspection's root CA ({ca}) in both places: this host's CA store, and " +
		"{bundle}, for the containers.", ActorHost},
	{string(CaptivePortal), "Log in to the portal from this site, if it is one that people log in to.", ActorUser},
	{string(MTUBlackhole), "Lower the MTU of this host's interface and of the container network.", ActorHost},
	{string(MTUUpstream), "Lower the MTU of this host's interface and of the container network; 1280 tells whether " +
		"that helps.", ActorHost},
	{string(FirewallAllBlocked), "Give this device the site's proxy, if there is one (try it with --proxy).",
		ActorHost},
	{string(DNSHijack), "Exempt this device from the portal that answers for every name, if there is one.",
		ActorNetwork},
	{string(DNSSlow), "Take that name server out of this host's configuration.", ActorHost},
	{string(DNSSearch), "Write the name in full where it is set.", ActorUser},
	{string(AddressDead), "Take that address out of the name's records.", ActorDNS},
	{string(AddressDiffers), "Take that address out of the name's records.", ActorDNS},
	{string(DNSNXDomain), "Check the spelling of {host}.", ActorUser},
	{"proxy/dns.nxdomain", "Check the spelling of the proxy's name.", ActorUser},
	{"proxy/dns.timeout", "Put the proxy's IP address into its URL.", ActorHost},
	{"proxy/tcp.refused", "Check host and port of the proxy in this device's settings.", ActorHost},
	{"proxy/tcp.timeout", "Check host and port of the proxy in this device's settings.", ActorHost},
	{string(DNSTimeout), "Configure a resolver that this network lets through.", ActorHost},
	{string(TLSNameMismatch), "Set the hub's public name, if {host} is not it (its privatelink name is not).",
		ActorHost},
	{string(TLSExpired), "Have {host}'s certificate renewed, if the clock of the device is right.", ActorService},
}

// BundleWords say where the containers' roots are, as long as nothing is known of a device.
const BundleWords = "the file of trust_bundle_cert in /etc/aziot/config.toml"

// InsteadWords is the same as a sentence for whoever reads of the code; empty where there is nothing.
func InsteadWords(code string) string {
	actor, remedy := Instead(code)
	if remedy == "" {
		return ""
	}
	remedy = strings.NewReplacer(" ({ca})", "", "{bundle}", BundleWords).Replace(remedy)
	return " Or instead, " + actor.Words() + ": " + remedy
}

// Instead is what somebody else can do in place of a cause's or finding's remedy, with the places
// {host}, {ca} and {bundle} in it; empty where there is nothing.
func Instead(code string) (Actor, string) {
	if code == string(TLSIntercepted) {
		code = string(TLSInspection)
	}
	if code == string(TLSMTU) {
		code = string(MTUBlackhole)
	}
	for i := range otherwises {
		o := &otherwises[i]
		if o.code == code {
			return o.actor, o.remedy
		}
	}
	return "", ""
}
