package metrics

// Metric is one name. A name that another one replaced stays beside it for one version.
type Metric struct {
	Name, Help string
	Counter    bool
	Was        string // the name before; zero means none
}

// The metrics that a check and the module share.
var (
	Up = Metric{Name: "edgenet_up", Help: "Whether an upstream protocol works (1), or none does (0).",
		Was: "edgenet_upstream_up"}
	Recommended = Metric{Name: "edgenet_recommended", Help: "The recommended protocol and its route; the value is 1.",
		Was: "edgenet_upstream_info"}
	HTTPSUp = Metric{Name: "edgenet_https_up",
		Help: "Whether the hub's HTTPS works, which the daemon needs whatever the protocol; missing where it was " +
			"not tried.", Was: "edgenet_https_ok"}
	Consistent = Metric{Name: "edgenet_consistent",
		Help: "Whether the configured or expected protocol is one that works; missing where none is.",
		Was:  "edgenet_expected_up"}
	LastCheck = Metric{Name: "edgenet_last_check_timestamp_seconds",
		Help: "When the last full check ended, in seconds since 1970."}
	PathUp = Metric{Name: "edgenet_path_up", Help: "Whether the protocol's service answers by the route.",
		Was: "edgenet_path_ok"}
	PathLatency = Metric{Name: "edgenet_path_latency_seconds",
		Help: "Median time to the first proof that the protocol answered."}
)
