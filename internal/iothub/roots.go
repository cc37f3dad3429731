package iothub

import "strings"

// hubRoots are the common names of the root CAs that IoT Hub's and DPS's chains end in, by
// cloud (Azure documentation, "TLS support in IoT Hub", "Azure certificate authority
// details"). Roots alone: Azure changes leaves and intermediates with little or no notice.
var hubRoots = []string{
	"DigiCert Global Root G2", "Microsoft RSA Root Certificate Authority 2017", // public cloud, US Government
	"DigiCert Global Root G3", "Microsoft ECC Root Certificate Authority 2017", // the same with ECC
	"DigiCert Global Root CA", "D-TRUST Root Class 3 CA 2 2009", // other clouds
}

// HubRoots lists the common names of the roots that IoT Hub uses.
func HubRoots() []string { return append([]string(nil), hubRoots...) }

// HubRoot tells whether a root's subject is one that IoT Hub uses.
func HubRoot(subject string) bool {
	for _, name := range hubRoots {
		if subject == "CN="+name || strings.HasPrefix(subject, "CN="+name+",") {
			return true
		}
	}
	return false
}
