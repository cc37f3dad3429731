package markup

import (
	"strings"
	"testing"
)

// TestStrangersStayText: what stands for a % is text, in an element and in an attribute; what
// holds a % itself fills in nothing.
func TestStrangersStayText(t *testing.T) {
	t.Parallel()
	var p Page
	p.Put("<p class=\"%\">%</p>", `x" onclick="y`, "<b>100 %</b>&'")
	p.Own("a>b{}")
	var b strings.Builder
	if err := p.Send(&b); err != nil {
		t.Fatal(err)
	}
	if want := `<p class="x&#34; onclick=&#34;y">&lt;b&gt;100 %&lt;/b&gt;&amp;&#39;</p>a>b{}`; b.String() != want {
		t.Errorf("got  %s\nwant %s", b.String(), want)
	}
}

// TestPolicy: a page without a script allows none. The hashes are those of openssl dgst -sha256.
func TestPolicy(t *testing.T) {
	t.Parallel()
	const rest = "; img-src data:; base-uri 'none'; form-action 'none'"
	const style = "default-src 'none'; style-src 'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='"
	if got := Policy("abc", ""); got != style+rest {
		t.Errorf("%s", got)
	}
	if got := Policy("abc", "def"); got != style+"; script-src 'sha256-y4N5rCCYqhZQKeOTilHaC87PwAj9Z5X0AReGR/lsWzQ='"+rest {
		t.Errorf("%s", got)
	}
}
