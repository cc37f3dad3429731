package pattern

import (
	"strconv"
	"strings"

	"edgenet/report"
)

// statusWords are the names that .NET prints in place of numbers.
var statusWords = map[string]int{"OK": 200, "Found": 302, "Redirect": 302, "Moved": 301, "BadRequest": 400,
	"Unauthorized": 401, "Forbidden": 403, "NotFound": 404,
	"MethodNotAllowed": 405, "ProxyAuthenticationRequired": 407, "TooManyRequests": 429, "InternalServerError": 500,
	"NotImplemented": 501, "BadGateway": 502, "ServiceUnavailable": 503, "GatewayTimeout": 504}

func statusOf(word string) int {
	if n, err := strconv.Atoi(word); err == nil {
		return n
	}
	return statusWords[word]
}

// byStatus fills in what an answer's status says.
func byStatus(row *errorRow, f *Failure, status int) {
	f.Status = status
	switch {
	case row.of407 || status == 407:
		atProxy(f, status)
	case row.ofWS:
		insteadOf101(f, status)
	default:
		ofService(f, status)
	}
}

// atProxy reads the answer of a proxy to CONNECT.
func atProxy(f *Failure, status int) {
	f.Hop, f.Certainty = report.HopProxy, Proves
	switch {
	case status == 407: // which of them depends on the schemes that it offers, and those are not told
		f.Candidates, f.Certainty = causes{report.ConnectAuthRequired, report.ConnectAuthRejected,
			report.ConnectAuthUnsupported}, Narrows
	case status == 401, status == 403, status == 451:
		f.Cause = report.ConnectForbidden
	case status == 400, status == 405, status == 501:
		f.Cause = report.ConnectUnsupported
	case status == 500, status >= 502 && status <= 504: // whose body may have said more
		f.Cause, f.Certainty = report.ConnectUpstream, Suggests
		f.Candidates = causes{report.ConnectUpstream, report.ConnectUpstreamDNS, report.ConnectUpstreamTimeout,
			report.ConnectUpstreamRefused}
	case status >= 200:
		f.Cause = report.ConnectStatus
	default:
		f.Certainty = ""
	}
}

// insteadOf101 reads the answer to an upgrade.
func insteadOf101(f *Failure, status int) {
	switch {
	case status >= 300 && status < 400, status >= 200 && status < 300, status == 511:
		f.Cause, f.Certainty, f.Candidates = report.WSBlockPage, Suggests, causes{report.WSBlockPage, report.WSStatus}
	case status == 403: // a hub's own, or a filter's page: the headers are not told
		f.Candidates, f.Certainty = causes{report.WSStatus, report.WSBlockPage}, Narrows
	case status >= 400:
		f.Cause, f.Certainty = report.WSStatus, Proves
	}
}

// ofService reads an answer to a request over HTTPS.
func ofService(f *Failure, status int) {
	page := strings.Contains(strings.ToLower(f.Detail), "<html") || strings.Contains(strings.ToLower(f.Detail),
		"<!doctype")
	f.Certainty = Suggests
	switch {
	case page || status >= 300 && status < 400:
		f.Cause, f.Candidates = report.HTTPBlockPage, nil
	case status == 401:
		f.Cause, f.Candidates = report.AuthRejected, rejected
	case status == 403:
		f.Candidates, f.Certainty = causes{report.AuthRejected, report.HTTPBlockPage}, Narrows
	case status == 404:
		f.Cause, f.Candidates = report.AuthUnknownDevice, causes{report.AuthUnknownDevice, report.HTTPBlockPage}
	case status == 429:
		f.Cause, f.Certainty, f.Finding = report.HTTPStatus, Proves, report.ServiceUnwell
	case status >= 500: // a proxy or a gateway in between answers alike
		f.Cause, f.Finding = report.HTTPStatus, report.ServiceUnwell
	default:
		f.Certainty = ""
	}
}
