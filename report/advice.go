package report

// Advice is one thing to do, and who does it. A report lists them in order: the first is
// the smallest change that makes the verdict good, as far as the evidence tells.
type Advice struct {
	Actor    Actor         `json:"actor"`
	Do       string        `json:"do"`      // for the user's screen
	ForThem  string        `json:"forThem"` // for the ticket of whoever acts
	Why      string        `json:"why"`
	Severity Severity      `json:"severity"` // of the worst that it is about
	Findings []FindingCode `json:"findings"` // that ask for it, and that follow from what it repairs
	Results  []string      `json:"results"`  // the paths that it is about
	// OrInstead is the same for entries that are alternatives: one of them is enough. What
	// belongs to the same alternative has the same Way, and all of that is needed.
	OrInstead string `json:"orInstead,omitempty"`
	Way       string `json:"way,omitempty"` // A, B, C …
}

// Device names the device that a report was made on.
type Device struct {
	Host   string            `json:"host,omitempty"`   // the machine's own name
	ID     string            `json:"id,omitempty"`     // the identity at the hub
	Labels map[string]string `json:"labels,omitempty"` // --label KEY=VALUE
	Source string            `json:"source,omitempty"` // where the identity was found: flag, config.toml …
}
