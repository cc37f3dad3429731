package probe_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"testing"

	"edgenet/report"
)

// TestHubCodes: the hub itself says that it serves nobody, or nobody from here; any other
// refusal of its own proves that it is well.
func TestHubCodes(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		status, header, body, want string
	}{
		{"403 Forbidden", "IotHubSuspended", "", "target http http.suspended service"},
		{"403 Forbidden", "IotHubQuotaExceeded", "", "target http http.suspended service"},
		{"403 Forbidden", "", `{"Message":"ErrorCode:IotHubSuspended;IoT Hub is suspended"}`,
			"target http http.suspended service"},
		{"401 Unauthorized", "IpFilterRuleRejected", "", "target http http.forbidden service"},
		{"403 Forbidden", "PublicNetworkAccessDisabled", "", "target http http.forbidden service"},
		{"401 Unauthorized", "IotHubUnauthorizedAccess",
			`{"Message":"ErrorCode:IotHubUnauthorizedAccess;Unauthorized"}`, "ok"},
		{"404 Not Found", "DeviceNotFound", "", "ok"},
		{"403 Forbidden", "Forbidden", "", "ok"},
		{"503 Unavailable", "ServiceUnavailable", "", "target http http.status service"},
	} {
		t.Run(row.status+" "+row.header+row.body, func(t *testing.T) {
			t.Parallel()
			s := serve(t, nil, func(_ int, c *tls.Conn) {
				_, _ = c.Read(make([]byte, 4096))
				code := ""
				if row.header != "" {
					code = "iothub-errorcode: " + row.header + "\r\n"
				}
				_, _ = io.WriteString(c, fmt.Sprintf("HTTP/1.1 %s\r\nx-ms-request-id: x\r\n%sContent-Length: "+
					"%d\r\n\r\n%s", row.status, code, len(row.body), row.body))
			}).only(report.HTTPS)
			x := s.check(t).Results[0]
			if words(&x) != row.want {
				t.Errorf("%s, want %s: %s", words(&x), row.want, x.Summary)
			}
			if x.Status == report.Failed && !x.Reached() {
				t.Error("the hub was reached")
			}
		})
	}
}
