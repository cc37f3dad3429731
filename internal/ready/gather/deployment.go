package gather

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"edgenet/internal/ready"
	"edgenet/internal/sorting"
	"edgenet/report"
)

// deploymentOf reads what the deployment says of edgeAgent's desired properties.
func deploymentOf(text []byte) (ready.Deployment, bool) {
	raw := desired(text, "$edgeAgent")
	var in struct {
		agentText
		Runtime struct {
			Settings struct {
				Logins map[string]struct {
					Address  string `json:"address"`
					User     string `json:"username"`
					Password string `json:"password"`
				} `json:"registryCredentials"`
			} `json:"settings"`
		} `json:"runtime"`
	}
	if raw == nil || json.Unmarshal(raw, &in) != nil {
		return ready.Deployment{}, false
	}
	var sent bytes.Buffer
	if json.Compact(&sent, raw) != nil {
		return ready.Deployment{}, false
	}
	d := ready.Deployment{AgentBytes: sent.Len(), Modules: len(in.Modules)}
	for _, l := range in.Runtime.Settings.Logins {
		x := ready.Login{
			Registry: report.Clean(l.Address, 200),
			User:     report.Clean(l.User, 100),
			Password: l.Password != "",
		}
		for _, v := range []string{l.Address, l.User, l.Password} {
			if name, ok := variable(v); ok {
				x.Variable = report.Clean(name, 80)
			}
		}
		d.Logins = append(d.Logins, x)
	}
	sorting.By(
		d.Logins,
		func(a, b ready.Login) int { return strings.Compare(a.Registry+a.User, b.Registry+b.User) },
	)
	for _, list := range []map[string]moduleText{in.System, in.Modules} {
		for name, m := range list {
			if unbounded(createOptions(m.Settings)) {
				d.Unbounded = append(d.Unbounded, report.Clean(name, 80))
			}
		}
	}
	slices.Sort(d.Unbounded)
	return d, true
}

// variable tells a template's variable, $NAME or ${NAME}.
func variable(v string) (string, bool) {
	name, ok := strings.CutPrefix(v, "$")
	name = strings.Trim(name, "{}")
	bad := func(r rune) bool {
		return r != '_' && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}
	return name, ok && name != "" && !strings.ContainsFunc(name, bad)
}

// createOptions joins the text with the parts that follow it.
func createOptions(settings map[string]json.RawMessage) string {
	var b strings.Builder
	for _, k := range append([]string{"createOptions"}, parts()...) {
		var s string
		if json.Unmarshal(settings[k], &s) != nil {
			if k == "createOptions" && len(settings[k]) > 0 {
				return string(settings[k]) // an object: a template
			}
			break
		}
		b.WriteString(s)
	}
	return b.String()
}

func parts() []string {
	var out []string
	for i := 1; i <= 7; i++ {
		out = append(out, "createOptions0"+string(rune('0'+i)))
	}
	return out
}

// unbounded tells a log of the module's own that grows without end.
func unbounded(options string) bool {
	var o struct {
		HostConfig struct {
			LogConfig *struct {
				Type   string
				Config map[string]string
			}
		}
	}
	if json.Unmarshal([]byte(options), &o) != nil || o.HostConfig.LogConfig == nil {
		return false
	}
	l := o.HostConfig.LogConfig
	return l.Type == "json-file" && l.Config["max-size"] == ""
}
