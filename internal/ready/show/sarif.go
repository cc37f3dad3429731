package show

import (
	"io"
	"regexp"
	"strconv"
	"strings"

	"edgenet/internal/ready"
	"edgenet/report/render"
)

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	Results []sarifResult `json:"results"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"semanticVersion,omitempty"`
	Rules   []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID    string    `json:"id"`
	Short sarifText `json:"shortDescription"`
	Help  sarifText `json:"help"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	Rule      string          `json:"ruleId"`
	Index     int             `json:"ruleIndex"`
	Kind      string          `json:"kind,omitempty"`
	Level     string          `json:"level"`
	Message   sarifText       `json:"message"`
	Locations []sarifLocation `json:"locations,omitempty"`
}

type sarifLocation struct {
	Physical sarifPhysical `json:"physicalLocation"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   *sarifRegion  `json:"region,omitempty"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifRegion struct {
	Line int `json:"startLine"`
}

var semantic = regexp.MustCompile(`[0-9]+\.[0-9]+\.[0-9]+`)

// SARIF writes what asks for something, and what could not be seen, as SARIF 2.1.0.
func SARIF(w io.Writer, a *ready.Answer) error {
	run := sarifRun{Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "edgenet", Version: semantic.FindString(a.Tool)}
	index := map[string]int{}
	for i, r := range ready.Rules() {
		index[r.ID] = i
		help := r.Remedy
		if help == "" {
			help = "Fine when " + r.Holds + "."
		}
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{r.ID, sarifText{"Looks at " + r.Looks + "."}, sarifText{help}})
	}
	for _, r := range a.Rows {
		x := sarifResult{Rule: r.ID, Index: index[r.ID], Message: sarifText{r.Summary}}
		switch r.Status {
		case ready.Error:
			x.Level = "error"
		case ready.Warning:
			x.Level = "warning"
		case ready.Info:
			x.Level = "note"
		case ready.Unknown:
			x.Kind, x.Level, x.Message.Text = "open", "none", r.Summary+": needs "+r.Needs
		default:
			continue
		}
		if r.Remedy != "" {
			x.Message.Text += ". " + r.Remedy
		}
		if at, ok := location(r.Source); ok {
			x.Locations = []sarifLocation{at}
		}
		run.Results = append(run.Results, x)
	}
	return render.Value(w, sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

var place = regexp.MustCompile(`^(/[^ :]+|[^ :/]+\.json)(?::([0-9]+))?$`)

// location reads a source that is a file, with or without a line; a command or a socket is
// none.
func location(source string) (sarifLocation, bool) {
	m := place.FindStringSubmatch(source)
	if m == nil || strings.HasSuffix(m[1], ".sock") {
		return sarifLocation{}, false
	}
	p := sarifPhysical{Artifact: sarifArtifact{URI: m[1]}}
	if strings.HasPrefix(m[1], "/") {
		p.Artifact.URI = "file://" + m[1]
	}
	if n, err := strconv.Atoi(m[2]); err == nil && n > 0 {
		p.Region = &sarifRegion{n}
	}
	return sarifLocation{p}, true
}
