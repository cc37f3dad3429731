package proxy_test

import (
	"strings"
	"testing"
	"time"

	"edgenet/internal/verify/testkit"
	"edgenet/report"
)

// TestUnauthorized: 401 is the policy's refusal, and some proxies mean the login by it:
// both are named where a login was sent.
func TestUnauthorized(t *testing.T) {
	t.Parallel()
	at, _ := serve(t, says("HTTP/1.1 401 Unauthorized\r\n"+close0, true))
	for user, both := range map[string]bool{"": false, "u:p@": true} {
		_, tr, f := dial(t, 5*time.Second, nil, testkit.Proxy(t, "http://"+user+at))
		st := failed(t, tr, f, report.StageConnect, report.ConnectForbidden, at)
		if strings.Contains(st.Summary, "wrong user or password") != both {
			t.Errorf("%q: %s", user, st.Summary)
		}
	}
}

// TestRefusalWithoutItsPage: a refusal whose page never comes is a refusal all the same,
// and not waited for until the path's time is over.
func TestRefusalWithoutItsPage(t *testing.T) {
	t.Parallel()
	at, _ := serve(t, says("HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\n", true))
	start := time.Now()
	_, tr, f := dial(t, 30*time.Second, nil, testkit.Proxy(t, "http://"+at))
	failed(t, tr, f, report.StageConnect, report.ConnectForbidden, "403")
	if took := time.Since(start); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
}
