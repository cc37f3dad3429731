package hub

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"edgenet/internal/iothub"
	"edgenet/internal/secret"
)

// Policy names as every hub has them from the start.
const (
	PolicyOwner             = "iothubowner"
	PolicyService           = "service"
	PolicyDevice            = "device"
	PolicyRegistryRead      = "registryRead"
	PolicyRegistryReadWrite = "registryReadWrite"
)

// maxEntries bounds the registry.
const maxEntries = 10000

// entry is what the hub knows of an identity. Guarded by Hub.mu.
type entry struct {
	id         Identity
	key        secret.Value // of an identity with SAS
	thumbprint [32]byte     // SHA-256 of the certificate of one with X.509
	x509       bool
	disabled   bool
	generation string
	managedBy  string // who looks after a module: the runtime sets "IotEdge"
	twin       *twin
	session    Session // the one live connection
	connected  time.Time
}

// Hub is the registry and what goes on between its identities and the service.
type Hub struct {
	name   string
	log    Log
	now    func() time.Time
	bearer secret.Value

	mu        sync.Mutex
	entries   map[Identity]*entry
	policies  map[string]secret.Value
	telemetry []Message
	calls     map[string]chan Answer
}

// Log records what happens; identity may be empty. It must not block.
type Log func(kind, identity, detail string)

// New makes a hub without devices. now may be nil for the system's clock.
func New(name string, log Log, now func() time.Time) *Hub {
	if now == nil {
		now = time.Now
	}
	return &Hub{
		name: name, log: log, now: now,
		entries:  make(map[Identity]*entry),
		policies: newPolicies(), bearer: newKey(),
		calls: make(map[string]chan Answer),
	}
}

func newPolicies() map[string]secret.Value {
	keys := make(map[string]secret.Value, len(policyRights))
	for policy := range policyRights {
		keys[policy] = newKey()
	}
	return keys
}

// Bearer is the token that the service API takes from an account with all rights.
func (h *Hub) Bearer() secret.Value { return h.bearer }

// Name is the hub's host name.
func (h *Hub) Name() string { return h.name }

// newKey makes a key as the hub does: 32 random bytes in base64.
func newKey() secret.Value {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails, says its documentation
	return secret.New(base64.StdEncoding.EncodeToString(b))
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// PolicyKey is the key of a policy of the service; empty for an unknown one.
func (h *Hub) PolicyKey(policy string) secret.Value {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.policies[policy]
}

// Add registers an identity with a new key and returns that. A module needs its
// device first.
func (h *Hub) Add(id Identity) (secret.Value, error) {
	e, err := h.add(id)
	if err != nil {
		return secret.Value{}, err
	}
	return e.key, nil
}

// AddX509 registers a device that shows exactly this certificate.
func (h *Hub) AddX509(id Identity, cert *x509.Certificate) error {
	e, err := h.add(id)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	e.x509, e.key, e.thumbprint = true, secret.Value{}, sha256.Sum256(cert.Raw)
	return nil
}

// Provision registers a device as a provisioning service does: with this key, or with this
// certificate where it is not nil, in place of what it had, and with the runtime's own modules.
func (h *Hub) Provision(device string, key secret.Value, cert *x509.Certificate) error {
	for _, id := range []Identity{{Device: device}, {Device: device, Module: "$edgeAgent"},
		{Device: device, Module: "$edgeHub"}} {
		h.mu.Lock()
		_, there := h.entries[id]
		h.mu.Unlock()
		if there {
			continue
		}
		if _, err := h.add(id); err != nil {
			return err
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	e := h.entries[Identity{Device: device}]
	if e.x509 = cert != nil; e.x509 {
		e.key, e.thumbprint = secret.Value{}, sha256.Sum256(cert.Raw)
		return nil
	}
	e.key = key
	return nil
}

func (h *Hub) add(id Identity) (*entry, error) {
	if !validID(id.Device) || id.Module != "" && !validID(id.Module) {
		return nil, fmt.Errorf("%q is no device or module id: 1 to %d of the hub's characters", id, maxID)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, there := h.entries[id]; there {
		return nil, fmt.Errorf("%s is registered already", id)
	}
	if _, there := h.entries[Identity{Device: id.Device}]; id.Module != "" && !there {
		return nil, fmt.Errorf("%s: no device %s", id, id.Device)
	}
	if len(h.entries) >= maxEntries {
		return nil, fmt.Errorf("the lab's hub takes %d identities", maxEntries)
	}
	e := &entry{id: id, key: newKey(), generation: randomHex(8), twin: newTwin(h.now())}
	h.entries[id] = e
	return e, nil
}

// Disable switches an identity off, or on again; a live connection ends.
func (h *Hub) Disable(id Identity, off bool) error {
	h.mu.Lock()
	e := h.entries[id]
	if e == nil {
		h.mu.Unlock()
		return fmt.Errorf("%s: %w", id, ErrUnknown)
	}
	e.disabled = off
	session := e.session
	h.mu.Unlock()
	if off && session != nil {
		session.Kick("disabled")
	}
	return nil
}

// Key is an identity's shared access key: the lab's workload API signs with it.
func (h *Hub) Key(id Identity) (secret.Value, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if e := h.entries[id]; e != nil && !e.x509 {
		return e.key, nil
	}
	return secret.Value{}, fmt.Errorf("%s: %w", id, ErrUnknown)
}

// Generation is an identity's generation id, empty for an unknown one.
func (h *Hub) Generation(id Identity) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if e := h.entries[id]; e != nil {
		return e.generation
	}
	return ""
}

// Modules lists the modules of a device.
func (h *Hub) Modules(device string) ([]Identity, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.entries[Identity{Device: device}] == nil {
		return nil, fmt.Errorf("%s: %w", device, ErrUnknown)
	}
	var out []Identity
	for id := range h.entries {
		if id.Device == device && id.Module != "" {
			out = append(out, id)
		}
	}
	return out, nil
}

// Authenticate implements Backend.
func (h *Hub) Authenticate(id Identity, c Credentials) (time.Time, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.authenticate(id, c, 0)
}

// authenticate judges credentials; h.mu is held. skew is edgeHub's tolerance.
func (h *Hub) authenticate(id Identity, c Credentials, skew time.Duration) (time.Time, error) {
	e := h.entries[id]
	if e == nil {
		return time.Time{}, ErrUnknown
	}
	if c.Token == "" {
		for _, cert := range c.Certificates {
			if e.x509 && sha256.Sum256(cert.Raw) == e.thumbprint && !h.now().After(cert.NotAfter) {
				return cert.NotAfter, enabled(e)
			}
		}
		return time.Time{}, ErrNoCredential
	}
	token, err := iothub.ParseToken(c.Token)
	if err != nil {
		return time.Time{}, err
	}
	if !token.Covers(h.name, id.Device, id.Module) || e.x509 {
		return time.Time{}, ErrCredentials
	}
	key, err := h.tokenKey(token, e)
	if err != nil {
		return time.Time{}, err
	}
	if err := token.Verify(key, h.now(), skew); err != nil {
		return time.Time{}, err
	}
	return token.Expiry.Add(skew), enabled(e)
}

// tokenKey finds the key that has to have signed a token for e: a policy's, the
// identity's own, or its device's where the token speaks for the whole device.
func (h *Hub) tokenKey(token iothub.Token, e *entry) (secret.Value, error) {
	if token.Policy != "" {
		// Acting as a device needs the permission DeviceConnect.
		key, there := h.policies[token.Policy]
		if !there || !policyRights[token.Policy][DeviceConnect] {
			return secret.Value{}, ErrCredentials
		}
		return key, nil
	}
	if e.id.Module != "" && token.Covers(h.name, e.id.Device, "") {
		if device := h.entries[Identity{Device: e.id.Device}]; device != nil && !device.x509 {
			return device.key, nil
		}
		return secret.Value{}, ErrCredentials
	}
	return e.key, nil
}

func enabled(e *entry) error {
	if e.disabled {
		return ErrDisabled
	}
	return nil
}
