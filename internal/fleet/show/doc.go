// Package show draws what package fleet counted and planned: a sheet for people, tables as
// CSV, and Prometheus' text format. It decides nothing.
package show
