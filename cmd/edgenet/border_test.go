package main

import (
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
)

// beyond are the packages that do the work: what main needs of them, it gets from
// internal/check and internal/command, with options made of flags.
var beyond = []string{
	"edgenet/probe", "edgenet/proxy", "edgenet/report/render", "edgenet/report/diff", "edgenet/internal/judge",
	"edgenet/internal/hop", "edgenet/internal/device", "edgenet/internal/manifest",
	"edgenet/internal/generate", "edgenet/internal/endpoints", "edgenet/internal/consistency",
	"edgenet/internal/edgeagent", "edgenet/internal/engine", "edgenet/internal/image",
	"edgenet/internal/twin", "edgenet/internal/sidecar", "edgenet/internal/vantage", "edgenet/internal/jsonedit",
	"edgenet/internal/infile", "edgenet/internal/hostname",
	"net", "net/http", "net/url", "net/netip", "crypto/tls", "crypto/x509", "encoding/json", "encoding/pem",
}

// TestMainIsFlagsAlone: the program's main package makes options of flags, and decides
// nothing.
func TestMainIsFlagsAlone(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		files++
		f, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			for _, b := range beyond {
				if path == b || strings.HasPrefix(path, b+"/") && strings.HasPrefix(b, "edgenet/") {
					t.Errorf("%s imports %s: what it is needed for belongs into internal/check or internal/command",
						e.Name(), path)
				}
			}
		}
	}
	if files < 10 {
		t.Errorf("only %d files were read", files)
	}
}
