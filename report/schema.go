package report

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var schemaJSON []byte

// SchemaJSON gives the JSON Schema (draft 2020-12) of a Report's JSON. A test
// holds its enumerations against the tables of this package.
func SchemaJSON() []byte { return slices.Clone(schemaJSON) }
