package main

import (
	"strings"

	"edgenet/internal/inputs"
	"edgenet/internal/secret"
)

// secretVariables are the variables of the environment that may hold a password, a key or
// a token.
var secretVariables = []string{
	"https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
	"EDGENET_CONNECTION_STRING", "EdgeHubConnectionString", "IotHubConnectionString",
	"EDGENET_ALLOW", "EDGENET_CONNECT_TO", "EDGENET_EDGEHUB_METRICS", "EDGENET_HTTP", "EDGENET_HTTP_HOSTS",
	"EDGENET_HTTP_LISTEN", "EDGENET_PROXY_CREDENTIALS", "EDGENET_STATE", "EDGENET_CONNECTION_STRING_FILE",
	"UpstreamProtocol", "IOTEDGE_PARENTHOSTNAME", "IOTEDGE_IOTHUBHOSTNAME", "IOTEDGE_GATEWAYHOSTNAME",
	"IOTEDGE_WORKLOADURI", "IOTEDGE_DEVICEID", "IOTEDGE_MODULEID", "DOCKER_HOST",
}

// discreet gives an app whose messages never repeat what was typed and may be a secret:
// whoever pastes a connection string into the wrong flag must not find its key in a log.
// Commands show values by secret.Show; this holds for whatever else repeats them, such
// as the libraries that read flags and files.
func (a *app) discreet(args []string) *app {
	known := &secret.Scrubber{}
	for i, arg := range args {
		if value, is := strings.CutPrefix(arg, "--proxy="); is && inputs.PlainProxy(value) ||
			i > 0 && args[i-1] == "--proxy" && inputs.PlainProxy(arg) {
			continue
		}
		for _, text := range typedTexts(arg) {
			known.AddTyped(text)
		}
	}
	if a.Getenv != nil {
		for _, name := range secretVariables {
			if text := a.Getenv(name); !strings.HasSuffix(strings.ToLower(name), "_proxy") || !inputs.PlainProxy(text) {
				known.AddTyped(text)
			}
		}
	}
	own := *a.Console
	own.Stderr = known.Writer(a.Stderr)
	a.Console = &own
	return a
}

// typedTexts takes the name of a flag off an argument. A list is looked at as a whole and
// item by item, as that is how it is quoted.
func typedTexts(arg string) []string {
	if strings.HasPrefix(arg, "--") {
		name, value, ok := strings.Cut(arg, "=")
		if !ok {
			return []string{strings.TrimPrefix(arg, "--")}
		}
		if len(secret.Hidden(name)) > 0 { // no flag at all
			return []string{arg}
		}
		arg = value
	} else if strings.HasPrefix(arg, "-") && len(arg) > 2 {
		arg = strings.TrimPrefix(arg[2:], "=")
	}
	texts := []string{arg}
	if strings.Contains(arg, ",") {
		texts = append(texts, strings.Split(arg, ",")...)
	}
	return texts
}
