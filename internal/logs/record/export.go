package record

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What a platform that collects logs exports is no text of lines: a table, or one large JSON. It is turned into a JSON
// object a line, which the other readers know, entry by entry, so that a file of any size takes little memory.

// The bounds of one entry of an export.
const (
	maxEntry     = 1 << 20
	maxDepthJSON = 32
)

// errEntry is an entry that is longer than anything that a log holds.
var errEntry = errors.New("an entry of this export is longer than 1 MiB")

// textColumns are the names under which the platforms keep the text of a line: Azure Monitor's ContainerLog and
// ContainerLogV2, Grafana's and logcli's, Elastic's.
var textColumns = []string{"LogEntry", "LogMessage", "Line", "line", "message", "Message", "MESSAGE", "log", "body"}

// senderColumns are those of who spoke.
var senderColumns = []string{"ContainerName", "container_name", "container", "Container", "compose_service", "unit",
	"systemd_unit", "service_name", "SyslogIdentifier", "ProcessName", "Name"}

// exported turns an export into lines; other texts stay as they are, and kind is empty.
func exported(from io.Reader) (text io.Reader, kind string) {
	b := bufio.NewReaderSize(from, 64<<10)
	head, _ := b.Peek(8 << 10) // what fails comes again when it is read
	budget := &allowance{r: b, left: maxEntry}
	x := &export{budget: budget}
	first, _, _ := bytes.Cut(head, []byte("\n"))
	switch trimmed := bytes.TrimLeft(head, " \t\r\n"); {
	case len(trimmed) == 0:
		return b, ""
	case trimmed[0] == '[' && bytes.HasPrefix(bytes.TrimLeft(trimmed[1:], " \t\r\n"), []byte("{")):
		kind = "json-array"
	case trimmed[0] == '{' && bytes.Contains(head, []byte(`"values"`)) && bytes.Contains(head, []byte(`"stream"`)):
		kind = "loki"
	case trimmed[0] == '{' && bytes.Contains(head, []byte(`"tables"`)) && bytes.Contains(head, []byte(`"columns"`)):
		kind = "log-analytics"
	default:
		columns, comma := header(bytes.TrimSuffix(first, []byte("\r")))
		switch {
		case columns == nil:
			return b, ""
		case column(columns, textColumns) < 0:
			return b, Table
		}
		x.table = csv.NewReader(budget)
		x.table.Comma, x.table.LazyQuotes, x.table.FieldsPerRecord, x.table.ReuseRecord = comma, true, -1, true
		x.step = x.row
		if comma == '\t' {
			return x, "tsv"
		}
		return x, "csv"
	}
	x.json = json.NewDecoder(budget)
	x.step = x.token
	return x, kind
}

// Table is the format of a table none of whose columns is known to hold the text of a log.
const Table = "table"

// IsExport tells whether a format is that of a platform's export.
func IsExport(format string) bool {
	return slices.Contains([]string{Table, "csv", "tsv", "json-array", "loki", "log-analytics"}, format)
}

// header reads the names of a table's columns; nil where the line is none.
func header(line []byte) (columns []string, comma rune) {
	for _, comma = range []rune{'\t', ',', ';'} {
		r := csv.NewReader(bytes.NewReader(line))
		r.Comma = comma
		cells, err := r.Read()
		if err != nil || len(cells) > 200 ||
			len(cells) < 2 && !slices.Contains(textColumns[:2], strings.Join(cells, "")) {
			continue
		}
		if slices.ContainsFunc(cells, func(c string) bool {
			return len(c) > 64 || strings.ContainsAny(c, "<>{}:=\"'")
		}) {
			continue
		}
		if column(cells, textColumns) >= 0 || len(cells) >= 4 && !bytes.Contains(line, []byte(", ")) {
			return cells, comma
		}
	}
	return nil, 0
}

// column is the place of the first name that there is; -1 where there is none.
func column(cells, names []string) int {
	for _, n := range names {
		if i := slices.Index(cells, n); i >= 0 {
			return i
		}
	}
	return -1
}

// allowance lets through what one entry may be long.
type allowance struct {
	r    io.Reader
	left int
}

func (a *allowance) Read(p []byte) (int, error) {
	if a.left <= 0 {
		return 0, errEntry
	}
	n, err := a.r.Read(p[:min(len(p), a.left)])
	a.left -= n
	return n, err
}

// export gives an export's entries as lines of JSON.
type export struct {
	budget *allowance
	table  *csv.Reader
	json   *json.Decoder
	step   func() error // reads on by an entry at most
	out    bytes.Buffer
	text   int // the column of the text, and the others; -1: not there
	sender int
	moment int
	begun  bool

	open    []json.Delim
	tag     string // of the stream under way
	columns []string
	err     error
}

func (x *export) Read(p []byte) (int, error) {
	for x.out.Len() == 0 {
		if x.err != nil {
			return 0, x.err
		}
		x.out.Reset()
		x.budget.left = maxEntry
		x.err = x.step()
	}
	return x.out.Read(p)
}

// row takes a row of a table.
func (x *export) row() error {
	cells, err := x.table.Read()
	if err != nil {
		var broken *csv.ParseError
		if errors.As(err, &broken) && !errors.Is(err, errEntry) {
			return nil // the next row may be whole
		}
		return err
	}
	if !x.begun {
		x.begun = true
		x.places(slices.Clone(cells))
		return nil
	}
	x.cells(cells)
	return nil
}

func (x *export) places(columns []string) {
	for i := range columns {
		columns[i] = strings.TrimPrefix(columns[i], "\ufeff")
	}
	x.text, x.sender = column(columns, textColumns), column(columns, senderColumns)
	x.moment = slices.IndexFunc(columns, func(c string) bool {
		return strings.HasPrefix(c, "TimeGenerated") || strings.EqualFold(c, "time") ||
			strings.EqualFold(c, "timestamp")
	})
}

func (x *export) cells(cells []string) {
	at := func(i int) string {
		if i < 0 || i >= len(cells) {
			return ""
		}
		return cells[i]
	}
	x.emit(at(x.text), at(x.sender), at(x.moment))
}

// emit writes an entry as a line.
func (x *export) emit(text, sender, moment string) {
	if text == "" {
		return
	}
	for {
		line, err := json.Marshal(map[string]string{"LogEntry": text, "ContainerName": sender[:min(len(sender), 200)],
			"TimeGenerated": moment[:min(len(moment), 64)]})
		if err == nil && len(line) < maxLine {
			x.out.Write(line)
			x.out.WriteByte('\n')
			return
		}
		if text = text[:len(text)/2]; text == "" {
			return
		}
	}
}

// token goes on in a JSON text by one of its parts: an entry is taken whole, all else is passed over.
func (x *export) token() error {
	t, err := x.json.Token()
	if err != nil {
		return ended(err)
	}
	switch t := t.(type) {
	case json.Delim:
		switch t {
		case '{', '[':
			x.open = append(x.open, t)
			if len(x.open) > maxDepthJSON {
				return fmt.Errorf("nested more than %d deep", maxDepthJSON)
			}
			if len(x.open) == 1 && t == '[' {
				x.step = x.object
			}
		default:
			x.open = x.open[:len(x.open)-1]
			if len(x.open) == 0 {
				return io.EOF
			}
		}
	case string:
		return x.key(t)
	}
	return nil
}

// key looks what a name leads to; a value that is a text leads to nothing.
func (x *export) key(name string) error {
	switch name {
	case "stream":
		labels := map[string]any{}
		if err := x.json.Decode(&labels); err != nil {
			return wrongShape(err)
		}
		x.tag = ""
		for _, n := range senderColumns {
			if s, ok := labels[n].(string); ok && x.tag == "" {
				x.tag = strings.TrimPrefix(s, "/")
			}
		}
	case "columns":
		var list []struct {
			Name string `json:"name"`
		}
		if err := x.json.Decode(&list); err != nil {
			return wrongShape(err)
		}
		x.columns = nil
		for _, c := range list {
			x.columns = append(x.columns, c.Name)
		}
		x.places(x.columns)
	case "values", "rows":
		t, err := x.json.Token()
		if err != nil {
			return ended(err)
		}
		if t != json.Delim('[') {
			return nil
		}
		x.step = x.value
	}
	return nil
}

// value takes an entry of a stream, [nanoseconds, text], or a row of a table.
func (x *export) value() error {
	if !x.json.More() {
		x.step = x.token
		_, err := x.json.Token()
		return ended(err)
	}
	var list []any
	if err := x.json.Decode(&list); err != nil {
		return wrongShape(err)
	}
	cells := make([]string, len(list))
	for i, v := range list {
		cells[i], _ = v.(string)
	}
	if x.columns != nil {
		x.cells(cells)
	} else if len(cells) >= 2 {
		moment := ""
		if ns, err := strconv.ParseInt(cells[0], 10, 64); err == nil {
			moment = time.Unix(0, ns).UTC().Format(time.RFC3339Nano)
		}
		x.emit(cells[1], x.tag, moment)
	}
	return nil
}

// object takes an object of a list as it is, on one line.
func (x *export) object() error {
	if !x.json.More() {
		return io.EOF
	}
	var raw json.RawMessage
	if err := x.json.Decode(&raw); err != nil {
		return ended(err)
	}
	if err := json.Compact(&x.out, raw); err != nil {
		return fmt.Errorf("an entry: %w", err)
	}
	x.out.WriteByte('\n')
	return nil
}

// ended takes the end within a value for what it is: the end.
func ended(err error) error {
	var broken *json.SyntaxError
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &broken) {
		return io.EOF
	}
	return err
}

// wrongShape lets a value pass that is not of the shape that was expected.
func wrongShape(err error) error {
	var other *json.UnmarshalTypeError
	if errors.As(err, &other) {
		return nil
	}
	return ended(err)
}
