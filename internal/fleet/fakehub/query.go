package fakehub

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	groupBy   = regexp.MustCompile(`GROUP BY (\S+)$`)
	checkedAt = regexp.MustCompile(`checkedAt\s*(<|>=)\s*'([^']+)'`)
	hasStatus = regexp.MustCompile(`edgenet\.status = '(\w+)'`)
	condition = regexp.MustCompile(`FROM devices WHERE (tags\..*)$`)
)

// query answers the shapes that the fleet commands ask in.
func (h *Hub) query(w http.ResponseWriter, r *http.Request, body []byte) {
	var q struct{ Query string }
	_ = json.Unmarshal(body, &q)
	h.Queries = append(h.Queries, q.Query)
	modules := strings.Contains(q.Query, "FROM devices.modules")
	star := strings.HasPrefix(q.Query, "SELECT *")
	counts := strings.Contains(q.Query, "COUNT()")
	switch {
	case counts && modules && !h.GroupBy, h.NoProjection && !star && !counts:
		fail(w, 400, "ArgumentInvalid", "the query is not supported")
		return
	}
	rows := []any{}
	groups := map[string]int{}
	group := groupBy.FindStringSubmatch(q.Query)
	for _, id := range slices.Sorted(maps.Keys(h.Devices)) {
		d := h.Devices[id]
		if !h.wanted(d, q.Query, modules) {
			continue
		}
		twin := h.twin(d, map[bool]string{true: "edgenet"}[modules])
		switch {
		case group != nil:
			groups[fmt.Sprint(dig(twin, group[1]))]++
		case counts:
			groups[""]++
		case star:
			rows = append(rows, twin)
		default:
			row := map[string]any{"deviceId": d.ID, "tags": twin["tags"]}
			if modules && d.Report != nil {
				row["edgenet"] = d.Report
			}
			rows = append(rows, row)
		}
	}
	if counts {
		rows = rows[:0]
		if group == nil {
			rows = append(rows, map[string]any{"n": groups[""]})
		}
		for value, n := range groups {
			if group != nil {
				row := map[string]any{"n": n}
				if value != "<nil>" {
					row["v"] = value
				}
				rows = append(rows, row)
			}
		}
	}
	h.page(w, r, rows)
}

func (h *Hub) wanted(d *Device, query string, modules bool) bool {
	if m := condition.FindStringSubmatch(query); m != nil {
		return meets(m[1], d.Tags)
	}
	if m := hasStatus.FindStringSubmatch(query); m != nil && d.Report["status"] != m[1] || strings.Contains(query,
		"is_defined(") && d.Report == nil {
		return false
	}
	at, _ := d.Report["checkedAt"].(string)
	for _, m := range checkedAt.FindAllStringSubmatch(query, -1) {
		if at == "" || m[1] == "<" && at >= m[2] || m[1] == ">=" && at < m[2] {
			return false
		}
	}
	return true
}

func dig(v any, path string) any {
	at := v
	for key := range strings.SplitSeq(path, ".") {
		m, _ := at.(map[string]any)
		at = m[key]
	}
	return at
}

func (h *Hub) page(w http.ResponseWriter, r *http.Request, rows []any) {
	size := h.PageSize
	if size == 0 {
		size = 1000
	}
	from, _ := strconv.Atoi(r.Header.Get("x-ms-continuation"))
	to := min(from+size, len(rows))
	if to < len(rows) {
		w.Header().Set("x-ms-continuation", strconv.Itoa(to))
	}
	reply(w, rows[min(from, len(rows)):to])
}
