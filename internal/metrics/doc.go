// Package metrics is how edgenet speaks to Prometheus: one table of names, with what each was
// called before, and one writer of the text format. The textfile of a check, the module's
// page and whatever else has metrics take both from here, so that a question has one
// answer wherever it is asked. There is no histogram and no summary; client_golang
// would bring protobuf for as much.
package metrics
