package inputs

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"edgenet/internal/console"
	"edgenet/internal/device"
	"edgenet/internal/exit"
	"edgenet/internal/infile"
	"edgenet/internal/judge"
	"edgenet/internal/manifest"
	"edgenet/internal/proxyurl"
	"edgenet/internal/secret"
	"edgenet/report"
)

// Device reads the host's settings. Another root than this host's has no environment of
// its own.
func Device(ctx context.Context, c *console.Console, root, engine string) (*device.Device, error) {
	o := device.Options{Root: c.Root, Getenv: c.Getenv, Engine: engine}
	if root != "" {
		info, err := os.Stat(root)
		if err == nil && !info.IsDir() {
			err = fmt.Errorf("%s is no folder", report.Clean(root, 200))
		}
		if err != nil {
			return nil, exit.Inputf("--root: %s", report.Clean(err.Error(), 300))
		}
		o.Root, o.Getenv = root, nil
	}
	return device.Read(ctx, o), nil
}

// Manifest reads a manifest that a flag names, nil where none does.
func Manifest(ctx context.Context, c *console.Console, file string) (*manifest.Manifest, error) {
	if file == "" {
		return nil, nil
	}
	m, _, err := ReadManifest(ctx, c, file)
	if err != nil {
		return nil, exit.Inputf("--manifest: %w", err)
	}
	return m, nil
}

// ReadManifest reads the manifest in a file, and its text.
func ReadManifest(ctx context.Context, c *console.Console, file string) (*manifest.Manifest, []byte, error) {
	text, err := c.Read(ctx, file)
	if err != nil {
		return nil, nil, exit.Input(err)
	}
	if line, err := infile.BoundJSON(text); err != nil {
		return nil, nil, exit.Inputf("%s:%d: %w", report.Clean(file, 200), line, err)
	}
	m, err := manifest.Parse(file, text)
	return m, text, exit.Input(err)
}

// Report reads the JSON report in a file.
func Report(ctx context.Context, c *console.Console, file string) (*report.Report, error) {
	text, err := ReadReports(ctx, c, file)
	if err != nil {
		return nil, exit.Input(err)
	}
	r, err := parseLast(text)
	if err != nil {
		return nil, exit.Inputf("%s: %w", report.Clean(file, 200), err)
	}
	return r, nil
}

// maxLines bounds a file of JSON lines: a history, or the reports of a list.
const maxLines = 64 << 20

// ReadReports reads a file of reports; one of JSON lines may be long.
func ReadReports(ctx context.Context, c *console.Console, file string) ([]byte, error) {
	limit := int64(0)
	if ext := strings.ToLower(filepath.Ext(file)); ext == ".jsonl" || ext == ".gz" || ext == ".tgz" {
		limit = maxLines
	}
	return infile.Reader{Stdin: c.Stdin, Limit: limit}.Read(ctx, file)
}

// parseLast is the one report of a text, or the last of a watch of one hub.
func parseLast(text []byte) (*report.Report, error) {
	if !Lines(text) {
		return ParseReport(text)
	}
	list, err := ParseLines(text)
	switch {
	case err != nil:
		return nil, err
	case len(list) > 1:
		return nil, errors.New("reports of several hubs in it (JSON lines): expected those of one")
	case list[0].Last == nil:
		return nil, errors.New("no full report in it")
	}
	return list[0].Last, nil
}

// maxParts bounds the paths of a report, its routes, findings and advice: each is compared with
// the others, and drawn.
const maxParts = 1000

// ParseReport reads a JSON report of this major number.
func ParseReport(text []byte) (*report.Report, error) {
	if line, err := infile.BoundJSON(text); err != nil {
		return nil, fmt.Errorf("line %d: %w", line, err)
	}
	var r report.Report
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&r); err != nil {
		line := 1 + bytes.Count(text[:min(offset(d, err), len(text))], []byte("\n"))
		return nil, fmt.Errorf("line %d: not a JSON report: %s", line, report.Clean(err.Error(), 160))
	}
	if r.Schema != report.Schema {
		return nil, fmt.Errorf("its schema is %q: expected %q", secret.Show(r.Schema, 60), report.Schema)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one report in it (JSON lines?): expected a single one")
	}
	if n := max(len(r.Results), len(r.Findings), len(r.Routes), len(r.Advice)); n > maxParts {
		return nil, fmt.Errorf("%d paths, routes or findings in it: expected at most %d", n, maxParts)
	}
	r.Target.Hub = secret.Show(r.Target.Hub, 260)
	for i := range r.Routes {
		r.Routes[i].URL = proxyurl.Mask(r.Routes[i].URL)
	}
	maskNames(&r)
	secret.WalkForeign(&r) // an older version may have written what has to be masked
	judge.Complete(&r)
	return &r, nil
}

// maskNames looks at what is shown of a report beside its sentences: names and codes, in
// which a URL or a key has no place.
func maskNames(r *report.Report) {
	if d := r.Device; d != nil {
		d.Host, d.ID = secret.Name(d.Host, 260), secret.Name(d.ID, 260)
		for k, v := range d.Labels {
			d.Labels[k] = secret.Name(v, 200)
		}
	}
	for i := range r.Results {
		x := &r.Results[i]
		x.Cause = report.Cause(secret.Name(string(x.Cause), 80))
		for k := range x.Steps {
			x.Steps[k].Cause = report.Cause(secret.Name(string(x.Steps[k].Cause), 80))
		}
	}
	for i := range r.Findings {
		r.Findings[i].Code = report.FindingCode(secret.Name(string(r.Findings[i].Code), 80))
	}
}

// offset is how far a decoder came before the error.
func offset(d *json.Decoder, err error) int {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return int(syntax.Offset)
	}
	return int(d.InputOffset())
}

// Certificates reads the PEM certificates of a file.
func Certificates(ctx context.Context, c *console.Console, path string) ([]*x509.Certificate, error) {
	text, err := c.Read(ctx, path)
	if err != nil {
		return nil, exit.Input(err)
	}
	certs, err := ParseCertificates(path, text)
	return certs, exit.Input(err)
}

// ParseCertificates takes the certificates out of a PEM text; what else it holds is passed
// over, a text without any is an error.
func ParseCertificates(path string, text []byte) ([]*x509.Certificate, error) {
	path = report.Clean(path, 200)
	var out []*x509.Certificate
	for n := 1; ; n++ {
		block, rest := pem.Decode(text)
		if block == nil {
			break
		}
		text = rest
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: PEM block %d is no certificate that can be read: %w", path, n, err)
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no certificate in it, expected PEM (-----BEGIN CERTIFICATE-----)", path)
	}
	return out, nil
}
