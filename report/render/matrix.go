package render

import (
	"slices"

	"edgenet/report"
)

// Row is one protocol of the matrix of paths.
type Row struct {
	Host     string // where it is not the report's own hub
	Protocol string
	Port     int
	Cells    [][]int // the paths of each route, in the order of the report's routes, as indices into Reading.Paths
}

// Matrix puts the paths into rows of protocols and columns of routes, in the order in
// which the protocols come.
func Matrix(r *report.Report, read Reading) []Row {
	var out []Row
	for n, p := range read.Paths {
		host, name := "", Clean(string(p.Result.Protocol))
		if p.Result.Host != r.Target.Hub {
			host = Clean(p.Result.Host)
		}
		i := slices.IndexFunc(out, func(o Row) bool {
			return o.Host == host && o.Protocol == name &&
				o.Port == p.Result.Port
		})
		if i < 0 {
			i, out = len(out), append(out, Row{host, name, p.Result.Port, make([][]int, len(r.Routes))})
		}
		if c := slices.IndexFunc(r.Routes, func(o report.Route) bool { return o.ID == p.Result.Route }); c >= 0 {
			out[i].Cells[c] = append(out[i].Cells[c], n)
		}
	}
	return out
}
