package inputs

import (
	"errors"

	"edgenet/internal/device"
	"edgenet/internal/exit"
	"edgenet/internal/supportbundle"
	"edgenet/report"
)

// Described reads what an archive of iotedge support-bundle says of a device's settings:
// what its containers were given. The host's files are not in it.
func Described(file string) (*device.Device, error) {
	wrong := func(err error) error {
		return exit.Inputf("--bundle %s: %s", report.Clean(file, 200), report.Clean(err.Error(), 300))
	}
	b, err := supportbundle.Open(file)
	if err != nil {
		return nil, wrong(err)
	}
	defer func() { _ = b.Close() }() // it was only read
	list, failed := b.Documents(supportbundle.Inspect)
	unread := []device.Unread{{File: "the host's files",
		Reason: "no support bundle holds them; `edgenet config show` " +
			"on the device reads config.toml, units and daemon.json"}}
	for _, err := range failed {
		unread = append(unread, device.Unread{File: "the bundle", Reason: err.Error()})
	}
	texts := map[string][]byte{}
	for _, d := range list {
		texts[supportbundle.Inspect+"/"+d.Name+".json"] = d.Text
	}
	d := device.Described(texts, unread...)
	if len(d.Containers) == 0 {
		return nil, wrong(errors.New("no description of edgeAgent, edgeHub or a module in it that can be read; " +
			"expected " +
			"inspect/edgeAgent.json, as iotedge support-bundle packs it"))
	}
	return d, nil
}
