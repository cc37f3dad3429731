package fleet

import "edgenet/report"

// Screen judges a device by its module's report alone, as the hub's index has it. final
// tells that nothing that could still be read of the device would move it; everything else
// has to be read from its twins and judged by Decide.
func Screen(d *Device, c *Classes, rules Rules) (decision Decision, final bool) {
	j := &judged{d: d, c: c, rules: rules}
	if held := j.readable(); held != nil {
		return *held, true
	}
	j.from = j.present()
	p := string(j.from.Protocol)
	direct, proxied := d.Report.Direct[p], d.Report.Proxy[p]
	surely := direct == LabelOK && (!j.from.Protocol.WebSocket() || proxied == "" || proxied == LabelOK) ||
		j.online(direct, proxied)
	stay := Decision{Fate: Stay, From: j.from, Rule: RuleStays, Reason: j.from.Path() + " works, and stays"}
	if surely && len(rules.Prefer) == 0 {
		return stay, true
	}
	if surely && j.from.Protocol == completed(rules.Prefer)[0] {
		return stay, true
	}
	if held := j.steady(); held != nil && direct != LabelOK && proxied != LabelOK {
		return *held, true
	}
	return Decision{}, false
}

// online tells that the way that is set is the one that the module recommends and found
// working, while edgeHub is connected: whether it has the proxy that this takes is no
// question then.
func (j *judged) online(direct, proxied string) bool {
	r := j.d.Report
	said := proxied
	if r.Route == report.RouteDirect {
		said = direct
	}
	return r.EdgeHub == "online" && r.Recommended == string(j.from.Protocol) && said == LabelOK
}
