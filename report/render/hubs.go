package render

import (
	"strings"

	"edgenet/report"
)

// Hub is what a list of many hubs keeps of one report: its row. The report itself need not
// be kept. Its texts are as the report has them, and are cleaned where they are drawn.
type Hub struct {
	Name, Upstream, Route string
	HTTPS                 string // ok, fails, or ? where it was not tried
	Result                string // the code that says most, else the headline
	Headline              string // in small letters
	Reason                string
	Do                    string // what is to be done first; empty where nothing is
	Tone                  Tone
	Labels                [][2]string // in the order of their keys

	failures string // by which hubs that fail alike are known
}

// HubOf gives the row of a report.
func HubOf(r *report.Report) Hub {
	read := Read(r)
	h := Hub{Name: r.Target.Hub, Upstream: "none", Route: r.Verdict.Route, HTTPS: "?", Result: hubWords(r, read),
		Headline: strings.ToLower(read.Headline), Reason: r.Verdict.Reason, Tone: read.Tone}
	if v := r.Verdict; v.UpstreamProtocol != nil {
		h.Upstream = v.UpstreamProtocol.RuntimeName()
	}
	if ok := r.Verdict.HTTPSOK; ok != nil {
		h.HTTPS = map[bool]string{true: "ok", false: "fails"}[*ok]
	}
	if read.Tone != Good && len(read.ToDo) > 0 {
		h.Do = read.ToDo[0].Do
	}
	h.failures = failuresOf(read)
	for _, key := range labelKeys(r.Device) {
		h.Labels = append(h.Labels, [2]string{key, r.Device.Labels[key]})
	}
	return h
}

// HubGroup is what fails alike at one hub or more, or a single hub that is well.
type HubGroup struct {
	Hubs []Hub
	Do   string // what is to be done about all of them; empty where nothing is
}

// GroupHubs puts together what fails alike and asks for the same, where the first of them
// stands; everything else stays in order. The hub's own name makes no difference.
func GroupHubs(hubs []Hub) []HubGroup {
	var out []HubGroup
	at := map[alike]int{}
	for _, h := range hubs {
		if h.Tone == Good || h.Do == "" {
			out = append(out, HubGroup{Hubs: []Hub{h}})
			continue
		}
		key := h.alike()
		if i, ok := at[key]; ok {
			out[i].Hubs = append(out[i].Hubs, h)
			continue
		}
		at[key] = len(out)
		out = append(out, HubGroup{Hubs: []Hub{h}, Do: h.Do})
	}
	return out
}

// alike is what hubs of one group share: how their paths fail, and who acts. What the
// sentences say of it differs in names and numbers alone.
type alike struct{ upstream, route, https, result, failures string }

func (h Hub) alike() alike { return alike{h.Upstream, h.Route, h.HTTPS, h.Result, h.failures} }

// failuresOf names every path that does not work with its code, and who acts first.
func failuresOf(read Reading) string {
	var b strings.Builder
	if len(read.ToDo) > 0 {
		b.WriteString(string(read.ToDo[0].Actor))
	}
	for _, p := range read.Paths {
		if p.Result.Status != report.OK {
			b.WriteString(" " + string(p.Result.Protocol) + "@" + p.Result.Route + " " + p.Code)
		}
	}
	return b.String()
}

// Ask is what is to be done about the group, in the words of its first hub.
func (g HubGroup) Ask() string {
	if n := len(g.Hubs) - 1; n > 0 {
		return g.Do + " " + sameFor(n)
	}
	return g.Do
}

func sameFor(n int) string {
	if n == 1 {
		return "The same for the other hub of this group."
	}
	return "The same for the other " + count(n, "hub") + " of this group."
}

// sharedLabels are those that all hubs of a list have alike: they tell none from another.
func sharedLabels(hubs []Hub) map[[2]string]bool {
	out := map[[2]string]bool{}
	if len(hubs) < 2 {
		return out
	}
	for _, l := range hubs[0].Labels {
		out[l] = true
	}
	for _, h := range hubs[1:] {
		own := map[[2]string]bool{}
		for _, l := range h.Labels {
			own[l] = true
		}
		for l := range out {
			if !own[l] {
				delete(out, l)
			}
		}
	}
	return out
}

// ownLabels are the labels by which a hub differs from the others of its list.
func (h Hub) ownLabels(shared map[[2]string]bool) string {
	var out []string
	for _, l := range h.Labels {
		if !shared[l] {
			out = append(out, Clean(l[0])+"="+Clean(l[1]))
		}
	}
	return strings.Join(out, " ")
}
