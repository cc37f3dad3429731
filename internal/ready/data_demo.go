package ready

// Demo is a name that certificates of a test script have: everybody has the script, and with
// it the key's password.
type Demo struct{ Name, Source string }

// Demos are common names of certificates that nobody may have in production.
func Demos() []Demo {
	const script = "tools/CACertificates/certGen.sh of Azure/iotedge"
	return []Demo{
		{"Azure_IoT_Hub_CA_Cert_Test_Only", script},
		{"Azure_IoT_Hub_Intermediate_Cert_Test_Only", script},
		{"Azure IoT Hub CA Cert Test Only", script},
		{"Test Edge Owner CA", "quickstart of release 1.1 (libiothsm of Azure/iotedge)"},
	}
}

// isDemo tells such a name.
func isDemo(name string) bool {
	for _, d := range Demos() {
		if d.Name == name {
			return true
		}
	}
	return false
}
