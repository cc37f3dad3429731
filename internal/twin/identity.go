package twin

import (
	"errors"
	"fmt"
	"strings"

	"edgenet/internal/iothub"
	"edgenet/internal/secret"
	"edgenet/report"
)

// apiVersion is the newest that the vendor's SDKs send and every edgeHub takes.
const apiVersion = "2021-04-12"

// Identity is who the module is, and where its edgeHub is.
type Identity struct {
	Hub     string // the hub's host name, whatever is dialled
	Gateway string // edgeHub's host name: what is dialled, and what its certificate has to name
	Device  string
	Module  string
	// Generation is the registration's, which the workload API wants in its paths;
	// empty without it.
	Generation string
}

// ErrNoGateway is what an identity without edgeHub gives.
var ErrNoGateway = errors.New("no edgeHub is named, and edgenet never connects to the hub itself with a module's " +
	"identity: it would throw the runtime's connection out")

// isHost is the vendor SDKs' own rule for host names, with addresses in it.
func isHost(s string) bool { return iothub.MadeOf(s, iothub.LettersAndDigits+"_.:-", 255) }

// isID is the documented set for device and module ids.
func isID(s string) bool { return iothub.MadeOf(s, iothub.LettersAndDigits+".+%_#*?!(),:=@;$'-", 128) }

// check tells what the identity lacks.
func (i Identity) check() error {
	switch {
	case !isHost(i.Hub):
		return fmt.Errorf("hub %q: expected a host name such as contoso.azure-devices.net", secret.Show(i.Hub, 60))
	case i.Gateway == "":
		return ErrNoGateway
	case !isHost(i.Gateway):
		return fmt.Errorf("gateway %q: expected edgeHub's host name", secret.Show(i.Gateway, 60))
	case strings.EqualFold(i.Gateway, i.Hub) || iothub.Role(i.Gateway) == report.EndpointIoTHub:
		return fmt.Errorf("gateway %q is an IoT Hub: %w", secret.Show(i.Gateway, 60), ErrNoGateway)
	case !isID(i.Device):
		return fmt.Errorf("device %q: expected a device id", secret.Show(i.Device, 60))
	case !isID(i.Module):
		return fmt.Errorf("module %q: expected a module id", secret.Show(i.Module, 60))
	}
	return nil
}

// Name is device/module.
func (i Identity) Name() string { return i.Device + "/" + i.Module }

// resource is what tokens speak for.
func (i Identity) resource() string { return iothub.DeviceResource(i.Hub, i.Device, i.Module) }

// path is the start of the identity's AMQP addresses.
func (i Identity) path() string {
	return "/devices/" + iothub.Escape(i.Device) + "/modules/" + iothub.Escape(i.Module)
}

// userName is CONNECT's, with the hub's name also where edgeHub is dialled.
func (i Identity) userName() string {
	return i.Hub + "/" + i.Device + "/" + i.Module + "/?api-version=" + apiVersion
}
