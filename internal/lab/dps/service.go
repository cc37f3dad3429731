package dps

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"sync"
	"time"

	"edgenet/internal/iothub"
	"edgenet/internal/secret"
)

// Bounds, and how long things take.
const (
	// retryAfter is what the service tells a device to wait before it asks, in seconds.
	retryAfter = 3
	// assigning is how long an assignment takes.
	assigning = time.Second
	// maxOperations bounds what is remembered; the oldest go.
	maxOperations = 1000
	// maxID is the longest registration ID, in characters.
	maxID = 128
	// maxBody bounds a request, in bytes.
	maxBody = 64 << 10
)

// policy is the name that a device's token gives its key.
const policy = "registration"

// Registry is where a device that was assigned is registered: with the key that it proved
// itself by, or with its certificate where that is not nil.
type Registry interface {
	Provision(device string, key secret.Value, certificate *x509.Certificate) error
}

// Options are what a service is made of. All but Now must be set.
type Options struct {
	Scope    string // the ID scope
	Hub      string // the host name that devices are sent to
	Registry Registry
	// Roots are the group's CA: whoever shows a certificate of it is the device of its
	// common name.
	Roots *x509.CertPool
	// Log records logins and refusals, and must not block.
	Log func(kind, identity, detail string)
	// Now is the clock; nil means the system's.
	Now func() time.Time
	// MQTT serves what is inside a WebSocket, so that a fault can stand in between; nil means
	// the service itself. AMQP is nil where none is spoken.
	MQTT, AMQP Serve
}

// Service is a provisioning service.
type Service struct {
	o     Options
	group secret.Value

	mu         sync.Mutex
	keys       map[string]secret.Value // of single devices, by registration ID in lower case
	operations map[string]*operation
	order      []string // of operations, the oldest first
}

// operation is one registration under way. Guarded by Service.mu.
type operation struct {
	id, device  string
	made        time.Time
	key         secret.Value
	certificate *x509.Certificate
	done        bool
	failed      string // why it came to nothing; empty where it did not
}

// New makes a service with a group key of its own, and no single devices.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Service{o: o, group: newKey(), keys: make(map[string]secret.Value),
		operations: make(map[string]*operation)}
}

// Scope is the ID scope.
func (s *Service) Scope() string { return s.o.Scope }

// Group is the group's key, of which each of its devices has one derived (Derive).
func (s *Service) Group() secret.Value { return s.group }

// Enroll lets one device register by a key of its own, which it returns. The ID is one of
// ValidID.
func (s *Service) Enroll(id string) secret.Value {
	key := newKey()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[strings.ToLower(id)] = key
	return key
}

// Derive is the key of a group's device: the HMAC-SHA256 of its registration ID under the
// group's key.
func Derive(group secret.Value, id string) (secret.Value, error) {
	sign, err := iothub.KeySigner(group)
	if err != nil {
		return secret.Value{}, err
	}
	sum, err := sign(id)
	if err != nil {
		return secret.Value{}, err
	}
	return secret.New(base64.StdEncoding.EncodeToString(sum)), nil
}

// ValidID holds a registration ID against the service's alphabet: letters, digits and
// - . _ : in the middle, up to 128 of them.
func ValidID(id string) bool {
	if id == "" || len(id) > maxID {
		return false
	}
	for i := range len(id) {
		c := id[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && (strings.IndexByte("-._:", c) < 0 || i == 0 && c != '-' || i == len(id)-1 && c != '-') {
			return false
		}
	}
	return true
}

// proof is what a device showed, and passed with.
type proof struct {
	key         secret.Value
	certificate *x509.Certificate
	until       time.Time // when it counts no more
}

// authenticate judges a registration's credentials: a token where there is one, else the
// chain that was shown in the TLS handshake.
func (s *Service) authenticate(scope, id, token string, chain []*x509.Certificate) (proof, error) {
	if !strings.EqualFold(scope, s.o.Scope) || !ValidID(id) {
		return proof{}, s.refused(id, "no such ID scope or registration", unauthorized)
	}
	if token == "" {
		return s.byCertificate(id, chain)
	}
	t, err := iothub.ParseToken(token)
	if err != nil {
		return proof{}, s.refused(id, err.Error(), unauthorized)
	}
	// The identity service writes its whole audience in lower case, and the SDK for Python no
	// policy.
	if !strings.EqualFold(t.Resource, scope+"/registrations/"+id) || t.Policy != policy && t.Policy != "" {
		return proof{}, s.refused(id, "the token is for something else", unauthorized)
	}
	key, err := s.key(id)
	if err != nil {
		return proof{}, err
	}
	if err := t.Verify(key, s.o.Now(), 0); err != nil {
		return proof{}, s.refused(id, err.Error(), unauthorized)
	}
	return proof{key: key, until: t.Expiry}, nil
}

// Key is the key of a device of Enroll's; empty for any other.
func (s *Service) Key(id string) secret.Value {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys[strings.ToLower(id)]
}

// key is the one that a device has to sign with: its own, or the group's derived one.
func (s *Service) key(id string) (secret.Value, error) {
	s.mu.Lock()
	own, there := s.keys[strings.ToLower(id)]
	s.mu.Unlock()
	if there {
		return own, nil
	}
	return Derive(s.group, id)
}

// byCertificate takes whoever shows a certificate of the group's CA with its registration
// ID for a common name.
func (s *Service) byCertificate(id string, chain []*x509.Certificate) (proof, error) {
	if len(chain) == 0 {
		return proof{}, s.refused(id, "no credentials", unauthorized)
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	leaf := chain[0]
	_, err := leaf.Verify(x509.VerifyOptions{Roots: s.o.Roots, Intermediates: between, CurrentTime: s.o.Now(),
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}})
	if err != nil {
		return proof{}, s.refused(id, err.Error(), badCertificate)
	}
	if !strings.EqualFold(leaf.Subject.CommonName, id) {
		return proof{}, s.refused(id, "the certificate is for "+leaf.Subject.CommonName, badCertificate)
	}
	return proof{certificate: leaf, until: leaf.NotAfter}, nil
}

// refused records why, and gives what the device is told of it.
func (s *Service) refused(id, why string, told *fault) error {
	s.o.Log("refused", id, "DPS: "+why)
	return told
}

// register begins an assignment and gives its operation.
func (s *Service) register(id string, p proof) *operation {
	s.mu.Lock()
	defer s.mu.Unlock()
	op := &operation{id: "4." + randomHex(8) + "." + randomHex(16), device: id, made: s.o.Now(), key: p.key,
		certificate: p.certificate}
	if len(s.order) >= maxOperations {
		delete(s.operations, s.order[0])
		s.order = s.order[1:]
	}
	s.operations[op.id] = op
	s.order = append(s.order, op.id)
	return op
}

// status looks at an operation, and ends it where its time has come.
func (s *Service) status(id, operationID string) (operation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	op := s.operations[operationID]
	if op == nil || !strings.EqualFold(op.device, id) {
		return operation{}, noOperation
	}
	if !op.done && op.failed == "" && s.o.Now().Sub(op.made) >= assigning {
		if err := s.o.Registry.Provision(op.device, op.key, op.certificate); err != nil {
			op.failed = err.Error()
		} else {
			op.done = true
			s.o.Log("assigned", op.device, s.o.Hub)
		}
	}
	return *op, nil
}

func newKey() secret.Value {
	b := make([]byte, sha256.Size)
	_, _ = rand.Read(b) // never fails, says its documentation
	return secret.New(base64.StdEncoding.EncodeToString(b))
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// sum names a state of a registration, for its etag.
func sum(text string) string {
	mac := hmac.New(sha256.New, nil)
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil)[:8])
}
