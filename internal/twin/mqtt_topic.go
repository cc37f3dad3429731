package twin

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"edgenet/internal/iothub"
)

// The topics of IoT Hub, which edgeHub serves as well.
const (
	topicTwinGet      = "$iothub/twin/GET/?$rid="
	topicTwinReport   = "$iothub/twin/PATCH/properties/reported/?$rid="
	topicTwinResult   = "$iothub/twin/res/"
	topicTwinDesired  = "$iothub/twin/PATCH/properties/desired/"
	topicMethods      = "$iothub/methods/POST/"
	topicMethodResult = "$iothub/methods/res/"
)

// filters are what a session subscribes to.
var filters = []string{topicTwinResult + "#", topicTwinDesired + "#", topicMethods + "#"}

// maxRequestID bounds what is echoed of a method's call.
const maxRequestID = 256

var errTopic = errors.New("a topic that edgeHub does not use")

// parseResult reads $iothub/twin/res/{status}/?$rid={rid}[&$version={n}].
func parseResult(topic string) (status int, rid string, err error) {
	rest, ok := strings.CutPrefix(topic, topicTwinResult)
	code, query, _ := strings.Cut(rest, "/")
	status, serr := strconv.Atoi(code)
	rid = parameter(query, "$rid")
	if !ok || serr != nil || status < 100 || status > 999 || rid == "" {
		return 0, "", errTopic
	}
	return status, rid, nil
}

// parseDesiredTopic reads $iothub/twin/PATCH/properties/desired/?$version={n}; without
// a version it is 0.
func parseDesiredTopic(topic string) (int64, error) {
	rest, ok := strings.CutPrefix(topic, topicTwinDesired)
	if !ok {
		return 0, errTopic
	}
	version, err := strconv.ParseInt(parameter(rest, "$version"), 10, 64)
	if err != nil || version < 0 {
		return 0, nil
	}
	return version, nil
}

// parseMethod reads $iothub/methods/POST/{name}/?$rid={rid}. The id is as it stands
// there, escaped or not, as it goes back that way.
func parseMethod(topic string) (name, rid string, err error) {
	rest, ok := strings.CutPrefix(topic, topicMethods)
	name, query, found := strings.Cut(rest, "/")
	rid = parameter(query, "$rid")
	if !ok || !found || name == "" || rid == "" || len(rid) > maxRequestID || strings.ContainsAny(rid, "+#\x00") {
		return "", "", errTopic
	}
	if plain, err := url.PathUnescape(name); err == nil {
		name = plain
	}
	return name, rid, nil
}

// parameter is a parameter's raw value in what begins with a question mark, empty where
// there is none.
func parameter(query, name string) string {
	query, ok := strings.CutPrefix(query, "?")
	if !ok {
		return ""
	}
	for part := range strings.SplitSeq(query, "&") {
		if key, value, _ := strings.Cut(part, "="); key == name {
			return value
		}
	}
	return ""
}

// eventsTopic is where telemetry goes; its end is a bag of properties. The system's own
// begin with $.: output name, message id, content type and encoding.
func eventsTopic(i Identity, m Message) string {
	bag := []string{"%24.ct=application%2Fjson", "%24.ce=utf-8"}
	if m.Output != "" {
		bag = append(bag, "%24.on="+iothub.Escape(m.Output))
	}
	if m.ID != "" {
		bag = append(bag, "%24.mid="+iothub.Escape(m.ID))
	}
	for _, key := range slices.Sorted(maps.Keys(m.Properties)) {
		bag = append(bag, iothub.Escape(key)+"="+iothub.Escape(m.Properties[key]))
	}
	return "devices/" + i.Device + "/modules/" + i.Module + "/messages/events/" + strings.Join(bag, "&")
}
