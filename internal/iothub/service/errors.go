package service

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"edgenet/internal/lazyregexp"

	"edgenet/report"
)

// Right is what a call needs: a permission of a shared access policy, or a role with its
// data action.
type Right struct {
	Policy string // ServiceConnect, RegistryRead, RegistryReadWrite
	Role   string
	Action string // below Microsoft.Devices/IotHubs/
}

// The rights (Azure documentation, "Control access to IoT Hub").
var (
	rightQuery       = Right{"ServiceConnect", "IoT Hub Data Reader", "twins/read"}
	rightTwinRead    = Right{"ServiceConnect", "IoT Hub Data Reader", "twins/read"}
	rightTwinWrite   = Right{"ServiceConnect", "IoT Hub Twin Contributor", "twins/write"}
	rightMethod      = Right{"ServiceConnect", "IoT Hub Data Contributor", "directMethods/invoke/action"}
	rightConfigRead  = Right{"RegistryRead", "IoT Hub Data Reader", "configurations/read"}
	rightConfigWrite = Right{"RegistryReadWrite", "IoT Hub Registry Contributor", "configurations/write"}
	rightConfigTest  = Right{"RegistryRead", "IoT Hub Registry Contributor", "configurations/testQueries/action"}
	rightStatistics  = Right{"RegistryRead", "IoT Hub Data Reader", "statistics/read"}
)

func (r Right) String() string {
	return fmt.Sprintf("%s of a shared access policy, or the role %s (Microsoft.Devices/IotHubs/%s)", r.Policy, r.Role,
		r.Action)
}

// The hub's codes that callers go by.
const (
	CodeTier         = "OperationNotAvailableInCurrentTier"
	CodeDevice       = "DeviceNotFound"
	CodePrecondition = "PreconditionFailed"
	CodeArgument     = "ArgumentInvalid"
	CodeQuota        = "QuotaExceeded"
)

// Error is a refusal by the hub.
type Error struct {
	Doing      string // what was asked for, in words
	Status     int
	Code       string // the hub's; empty where it gave none
	Message    string // cleaned
	TrackingID string
	Need       Right
}

func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: the hub answers %d", e.Doing, e.Status)
	if e.Code != "" {
		b.WriteString(" " + e.Code)
	}
	if s := e.explain(); s != "" {
		b.WriteString(": " + s)
	} else if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.TrackingID != "" {
		b.WriteString(" (tracking id " + e.TrackingID + ", which Azure support asks for)")
	}
	return b.String()
}

// explain says what to do, where the answer's number or code tells.
func (e *Error) explain() string {
	switch {
	case e.BasicTier():
		return "this hub is Basic tier, which has no twins, methods, jobs and deployments. A fleet needs Standard " +
			"(S1 or more); until then: edgenet fleet sum REPORT..."
	case e.Status == http.StatusUnauthorized:
		return "it does not accept the credentials: the key or token is not this hub's, has ended, or this machine's " +
			"clock is off. The call needs " + e.Need.String()
	case e.Status == http.StatusForbidden && !strings.Contains(strings.ToLower(e.Code), "quota"):
		return "a right is missing, or the hub's IP filter or its closed public access refuses this machine. The " +
			"right: " +
			e.Need.String() + ". Owner of the subscription is no data right"
	case e.Status == http.StatusPreconditionFailed:
		return "somebody else changed it in the meantime"
	}
	return ""
}

// BasicTier tells whether the hub is too small for what was asked.
func (e *Error) BasicTier() bool { return strings.EqualFold(e.Code, CodeTier) }

// Status gives the HTTP status of a refusal, 0 for any other error.
func Status(err error) int {
	var e *Error
	if errors.As(err, &e) {
		return e.Status
	}
	return 0
}

var (
	errorCode  = lazyregexp.New(`^ErrorCode:([A-Za-z0-9_]{1,80})`)
	trackingID = lazyregexp.New(`Tracking ID:([A-Za-z0-9:_-]{1,120})`)
)

// maxErrorBody is what of a refusal's body is read.
const maxErrorBody = 16 << 10

// newError reads a refusal. The hub's form is two texts; other servers' bodies (a proxy's
// page) are shown from their beginning.
func newError(doing string, need Right, status int, header http.Header, body []byte) *Error {
	e := &Error{Doing: doing, Status: status, Need: need}
	var texts struct{ Message, ExceptionMessage string }
	if json.Unmarshal(body, &texts) == nil {
		e.Message = report.Clean(texts.Message, 300)
		if m := errorCode().FindStringSubmatch(texts.Message); m != nil {
			e.Code = m[1]
			_, rest, _ := strings.Cut(texts.Message, ";")
			e.Message = report.Clean(rest, 300)
		}
		if m := trackingID().FindStringSubmatch(texts.ExceptionMessage + " " + texts.Message); m != nil {
			e.TrackingID = report.Clean(strings.TrimSuffix(m[1], "-TimeStamp:"), 80)
		}
	} else {
		e.Message = report.Clean(report.FirstLine(report.CleanBytes(body, 200)), 200)
	}
	if e.Code == "" {
		e.Code = report.Clean(header.Get("Iothub-Errorcode"), 80)
	}
	return e
}
