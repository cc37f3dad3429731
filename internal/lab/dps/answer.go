package dps

import (
	"fmt"
	"time"
)

// fault is a refusal as the service words it.
type fault struct {
	status, code int
	message      string
}

func (f *fault) Error() string { return fmt.Sprintf("%d %s", f.code, f.message) }

// The refusals. The code of the first two is the real service's (azure-iot-sdk-node#721,
// vscode-iot-workbench#590); of the others the status is its documentation's, and the digits
// behind it are this lab's.
var (
	unauthorized   = &fault{401, 401002, "Unauthorized"}
	badCertificate = &fault{401, 401002, "Invalid certificate."}
	badRequest     = &fault{400, 400000, "Bad format"}
	noOperation    = &fault{404, 404000, "Operation not found"}
	noResource     = &fault{404, 404000, "Resource not found"}
	tooLarge       = &fault{413, 413000, "Request entity too large"}
)

type object = map[string]any

// body is what a refusal says of itself.
func (f *fault) body(tracking string, now time.Time) object {
	return object{"errorCode": f.code, "trackingId": tracking, "message": f.message, "timestampUtc": stamp(now)}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.0000000Z") }

// accepted is the answer to a registration.
func (op *operation) accepted() object {
	return object{"operationId": op.id, "status": "assigning"}
}

// body is the state of an operation, with the status that goes with it: 202 until it is
// through.
func (op *operation) body(hub string, now time.Time) (int, object) {
	state := object{"registrationId": op.device, "createdDateTimeUtc": stamp(op.made),
		"lastUpdatedDateTimeUtc": stamp(now)}
	o := object{"operationId": op.id, "registrationState": state}
	switch {
	case op.failed != "":
		state["errorCode"], state["errorMessage"] = 400207, op.failed
		o["status"], state["status"] = "failed", "failed"
		return 200, o
	case op.done:
		state["assignedHub"], state["deviceId"], state["substatus"] = hub, op.device, "initialAssignment"
		state["etag"] = sum(op.id)
		o["status"], state["status"] = "assigned", "assigned"
		return 200, o
	}
	o["status"], state["status"] = "assigning", "assigning"
	return 202, o
}
