package probe

import (
	"encoding/json"
	"strings"

	"edgenet/report"
)

// hubWords are parts of the hub's error codes by which it says that it serves nobody, or
// nobody from here (troubleshoot-error-codes.md of the vendor's documentation, and its SDKs'
// exceptions). Whole codes differ by version.
var hubWords = []struct {
	part  string
	cause report.Cause
}{
	{"suspend", report.HTTPSuspended}, {"quotaexceeded", report.HTTPSuspended},
	{"ipfilter", report.HTTPForbidden}, {"ipaddress", report.HTTPForbidden}, {"ipnotallowed", report.HTTPForbidden},
	{"networkaccess", report.HTTPForbidden}, {"publicaccess", report.HTTPForbidden},
	{"privateendpoint", report.HTTPForbidden},
}

// spoken is the cause that an error code of the hub stands for, empty where it stands for none.
func spoken(code string) report.Cause {
	code = strings.ToLower(code)
	for _, w := range hubWords {
		if strings.Contains(code, w.part) {
			return w.cause
		}
	}
	return ""
}

// codeIn takes the code out of a hub's body, where the header lacks it:
// {"Message":"ErrorCode:CODE;text"}.
func codeIn(body []byte) string {
	var said struct{ Message string }
	if json.Unmarshal(body, &said) != nil {
		return ""
	}
	rest, ok := strings.CutPrefix(said.Message, "ErrorCode:")
	if !ok {
		return ""
	}
	code, _, _ := strings.Cut(rest, ";")
	return report.Clean(code, 60)
}
