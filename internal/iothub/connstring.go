package iothub

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"edgenet/internal/secret"
)

// maxConnectionString bounds what ParseConnectionString looks at, in bytes.
const maxConnectionString = 16 << 10

// ErrConnectionString is wrapped by everything ParseConnectionString returns.
var ErrConnectionString = errors.New("not an IoT Hub connection string")

// ConnectionString names an identity of a hub and holds what proves it: a
// device, a module (ModuleID set) or a policy of the service
// (SharedAccessKeyName set).
type ConnectionString struct {
	// HostName is the hub, also behind a gateway.
	HostName string
	// GatewayHostName is the edgeHub to dial instead; empty means the hub itself.
	GatewayHostName string
	DeviceID        string
	ModuleID        string
	// SharedAccessKeyName is the policy's name; empty for devices and modules.
	SharedAccessKeyName string
	// SharedAccessKey is base64.
	SharedAccessKey secret.Value
	// SharedAccessSignature is a ready-made token in place of a key.
	SharedAccessSignature secret.Value
	// X509 tells that the identity shows a certificate in the TLS handshake.
	X509 bool
}

// connectionStringKeys are the names that the vendor's SDKs know, in the order
// in which they write them. Names are read in any case.
var connectionStringKeys = []string{
	"HostName", "DeviceId", "ModuleId", "SharedAccessKeyName", "SharedAccessKey", "SharedAccessSignature",
	"GatewayHostName", "x509",
}

// ParseConnectionString reads one connection string and checks that it names an
// identity and one way to prove it. Unknown and repeated keys are errors, as
// they hide typing mistakes. Errors never hold a value of the string: who pastes
// a key into the wrong field must not find it in a log.
func ParseConnectionString(text string) (ConnectionString, error) {
	values, err := connectionStringValues(text)
	if err != nil {
		return ConnectionString{}, err
	}
	c := ConnectionString{
		HostName:              values["HostName"],
		GatewayHostName:       values["GatewayHostName"],
		DeviceID:              values["DeviceId"],
		ModuleID:              values["ModuleId"],
		SharedAccessKeyName:   values["SharedAccessKeyName"],
		SharedAccessKey:       secret.New(values["SharedAccessKey"]),
		SharedAccessSignature: secret.New(values["SharedAccessSignature"]),
		X509:                  strings.EqualFold(values["x509"], "true"),
	}
	if err := c.check(); err != nil {
		return ConnectionString{}, fmt.Errorf("%w: %w", ErrConnectionString, err)
	}
	return c, nil
}

func connectionStringValues(text string) (map[string]string, error) {
	text = strings.TrimSpace(text)
	if len(text) > maxConnectionString {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrConnectionString, maxConnectionString)
	}
	values := make(map[string]string)
	for part := range strings.SplitSeq(text, ";") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		// Only the first equals sign divides: keys end with base64's padding.
		name, value, ok := strings.Cut(part, "=")
		key, known := connectionStringKey(strings.TrimSpace(name))
		if !ok || !known {
			return nil, fmt.Errorf("%w: expected KEY=VALUE;… with keys of %s", ErrConnectionString,
				strings.Join(connectionStringKeys, ", "))
		}
		if _, twice := values[key]; twice {
			return nil, fmt.Errorf("%w: %s stands there twice", ErrConnectionString, key)
		}
		values[key] = strings.TrimSpace(value)
	}
	return values, nil
}

func connectionStringKey(name string) (string, bool) {
	for _, key := range connectionStringKeys {
		if strings.EqualFold(key, name) {
			return key, true
		}
	}
	return "", false
}

func (c ConnectionString) check() error {
	if !MadeOf(c.HostName, hostCharacters, 255) {
		return errors.New("HostName is missing or not a host name")
	}
	if c.GatewayHostName != "" && !MadeOf(c.GatewayHostName, hostCharacters, 255) {
		return errors.New("GatewayHostName is not a host name")
	}
	if c.DeviceID == "" && c.SharedAccessKeyName == "" {
		return errors.New("neither DeviceId nor SharedAccessKeyName is there: whose is it?")
	}
	if c.ModuleID != "" && c.DeviceID == "" {
		return errors.New("ModuleId needs DeviceId")
	}
	ways := 0
	for _, there := range []bool{!c.SharedAccessKey.IsZero(), !c.SharedAccessSignature.IsZero(), c.X509} {
		if there {
			ways++
		}
	}
	if ways != 1 {
		return errors.New("exactly one of SharedAccessKey, SharedAccessSignature and x509=true must be there")
	}
	if !c.SharedAccessKey.IsZero() {
		if _, err := base64.StdEncoding.DecodeString(c.SharedAccessKey.Reveal()); err != nil {
			return errors.New("SharedAccessKey is not base64")
		}
	}
	if !c.SharedAccessSignature.IsZero() {
		if _, err := ParseToken(c.SharedAccessSignature.Reveal()); err != nil {
			return err
		}
	}
	return nil
}

// String is the connection string with its secrets masked.
func (c ConnectionString) String() string {
	return c.join(func(v secret.Value) string { return v.String() })
}

// Reveal is the connection string itself, secrets included: for whoever has to
// log in with it, and for no log.
func (c ConnectionString) Reveal() secret.Value {
	return secret.New(c.join(secret.Value.Reveal))
}

func (c ConnectionString) join(show func(secret.Value) string) string {
	x509 := ""
	if c.X509 {
		x509 = "true"
	}
	values := []string{
		c.HostName, c.DeviceID, c.ModuleID, c.SharedAccessKeyName,
		show(c.SharedAccessKey), show(c.SharedAccessSignature), c.GatewayHostName, x509,
	}
	var parts []string
	for i, value := range values {
		if value != "" {
			parts = append(parts, connectionStringKeys[i]+"="+value)
		}
	}
	return strings.Join(parts, ";")
}
