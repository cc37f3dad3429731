package web

import "regexp"

// form is what the IoT Edge metrics collector reads of a line; it drops others, infinite
// values among them (its PrometheusMetricsParser).
var form = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*(\{.*\})?\s+([\d.eE+-]+|NaN)(\s+\d+)?$`)
