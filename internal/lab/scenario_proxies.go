package lab

// ScenarioProxies names the proxies that the site of a scenario gives its devices:
// what a check inside the lab goes through where nobody names another.
func ScenarioProxies(name string) []string {
	switch name {
	case "proxy-only":
		return []string{"basic"}
	case "everything-down":
		return []string{"open"}
	}
	return nil
}
