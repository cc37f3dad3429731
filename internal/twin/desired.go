package twin

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
)

// tracker knows the desired properties as they were told last, so that every change
// is told once: notices that are older are dropped, and where some are missing the
// difference to the whole twin takes their place.
type tracker struct {
	mu      sync.Mutex
	based   bool
	version int64
	doc     object
}

// base takes a whole twin that its reader goes by from now on: whether it is the first,
// and whether it is older than what was told since it was asked for.
func (t *tracker) base(version int64, doc object) (first, old bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.based && version < t.version {
		return false, true
	}
	first = !t.based
	t.based, t.version, t.doc = true, version, doc
	return first, false
}

func (t *tracker) isBased() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.based
}

// missing tells whether versions lie between what is known and this one.
func (t *tracker) missing(version int64) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return version > t.version+1
}

// patch takes a change; false means that it is known already.
func (t *tracker) patch(version int64, patch object) (Desired, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if version <= t.version {
		return Desired{}, false
	}
	t.version, t.doc = version, merge(t.doc, patch)
	return Desired{version, encode(patch), encode(t.doc)}, true
}

// whole takes the properties as they are now; false means that they are known already.
func (t *tracker) whole(version int64, doc object) (Desired, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if version <= t.version {
		return Desired{}, false
	}
	patch := difference(t.doc, doc)
	t.version, t.doc = version, doc
	return Desired{version, encode(patch), encode(doc)}, true
}

// parseTwin reads the answer to GET.
func parseTwin(body []byte) (Twin, object, error) {
	all, err := parseObject(body)
	if err != nil {
		return Twin{}, nil, fmt.Errorf("edgeHub's twin: %w", err)
	}
	desired, ok := all["desired"].(object)
	if !ok {
		return Twin{}, nil, errors.New("edgeHub's twin: no desired properties in it")
	}
	version, ok := takeVersion(desired)
	if !ok {
		return Twin{}, nil, errors.New("edgeHub's twin: its desired properties have no $version")
	}
	reported, ok := all["reported"].(object)
	if !ok {
		reported = object{}
	}
	takeVersion(reported)
	return Twin{encode(desired), version, encode(reported)}, desired, nil
}

// takeVersion takes what is no property out of a section and gives its version.
func takeVersion(section object) (int64, bool) {
	number, _ := section["$version"].(json.Number)
	delete(section, "$version")
	delete(section, "$metadata")
	version, err := number.Int64()
	return version, err == nil && version >= 0
}

// parseDesired reads a notice of a change. Its $version counts before the one beside
// it, which is the transport's and may be missing.
func parseDesired(body []byte, beside int64) (int64, object, error) {
	patch, err := parseObject(body)
	if err != nil {
		return 0, nil, fmt.Errorf("a notice of desired properties: %w", err)
	}
	version, ok := takeVersion(patch)
	if !ok {
		version = beside
	}
	if version <= 0 {
		return 0, nil, errors.New("a notice of desired properties without $version")
	}
	return version, patch, nil
}

// errorMessage takes the message out of an error's body, which edgeHub leaves empty as
// a rule.
func errorMessage(body []byte) string {
	var e struct{ Message string }
	if len(body) == 0 || depthOf(body) > maxJSONDepth || json.Unmarshal(body, &e) != nil {
		return ""
	}
	return said(e.Message, 200)
}
