package manifest

import (
	"strings"

	"edgenet/internal/jsonedit"
	"edgenet/internal/proxyurl"
	"edgenet/internal/secret"
)

// Masked is the manifest's text with everything secret masked, for a difference that
// people paste somewhere: passwords of registries and proxies, keys. Lines stay lines.
func Masked(text []byte) []byte {
	text, _ = decode(text)
	doc, err := jsonedit.Parse(text)
	if err != nil {
		return nil
	}
	var edits []jsonedit.Edit
	mask(doc.Root, "", &edits)
	out, err := doc.Apply(edits)
	if err != nil {
		return nil
	}
	return out
}

func mask(n *jsonedit.Node, key string, edits *[]jsonedit.Edit) {
	switch n.Kind {
	case jsonedit.Object:
		for _, m := range n.Members {
			if shown := secret.Path(m.Key); shown != m.Key {
				*edits = append(*edits, jsonedit.Edit{Start: m.KeyStart, End: m.KeyEnd, Text: jsonedit.Quote(shown)})
			}
			under := m.Key
			if strings.EqualFold(under, "value") && key != "" { // of a variable, whose name says what it is
				under = key
			}
			mask(m.Value, under, edits)
		}
	case jsonedit.Array:
		for _, i := range n.Items {
			mask(i, key, edits)
		}
	case jsonedit.String:
		if shown := MaskText(key, n.Text); shown != n.Text {
			*edits = append(*edits, jsonedit.Replace(n, jsonedit.Value{Str: shown}))
		}
	}
}

// secretNames are parts of keys whose values are nobody's business.
var secretNames = []string{"password", "secret", "accesskey", "token", "sas", "connectionstring", "apikey",
	"credential"}

// MaskText gives what may be shown of a text that stands under a key.
func MaskText(key, text string) string {
	k := strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(key))
	for _, s := range secretNames {
		if strings.Contains(k, s) && text != "" {
			return secret.Mask
		}
	}
	if strings.Contains(text, "SharedAccess") || strings.Contains(text, "AccountKey=") {
		return secret.Mask
	}
	if strings.Contains(k, "proxy") {
		if len(secret.Hidden(text)) > 0 {
			return proxyurl.Mask(text)
		}
		return text
	}
	return secret.Within(text)
}
