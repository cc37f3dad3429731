package manifest

import (
	"strings"

	"edgenet/internal/jsonedit"
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
			mask(m.Value, m.Key, edits)
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
	return maskURLs(text)
}

// maskURLs masks the userinfo's password of every URL in a text.
func maskURLs(text string) string {
	var b strings.Builder
	for {
		i := strings.Index(text, "://")
		if i < 0 {
			break
		}
		b.WriteString(text[:i+3])
		text = text[i+3:]
		end := strings.IndexAny(text, " \t\r\n\"'\\,")
		if end < 0 {
			end = len(text)
		}
		at := strings.LastIndex(text[:end], "@")
		colon := strings.Index(text[:end], ":")
		if at < 0 || colon < 0 || colon > at {
			continue
		}
		b.WriteString(text[:colon+1] + secret.Mask)
		text = text[at:]
	}
	return b.String() + text
}
