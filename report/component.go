package report

// Component is a program of the device that goes by settings of its own, and what became of
// the way that they lead it.
type Component struct {
	Name    string   `json:"name"`            // aziot-identityd, edgeAgent …
	Setting string   `json:"setting"`         // the place that decides
	Proxy   string   `json:"proxy,omitempty"` // its password masked; absent: none
	Route   string   `json:"route,omitempty"` // absent: no route of this run
	Works   *bool    `json:"works,omitempty"` // absent: not tried, or not to be told by the paths to the hub
	Results []string `json:"results"`         // the paths that it takes
}
