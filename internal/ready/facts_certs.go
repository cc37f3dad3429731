package ready

import "time"

// Certs are the certificates of the device, by what they are for.
type Certs struct {
	EdgeCA      Fact[EdgeCA]
	Identity    Fact[CertFile] // unseen where the device has none
	EST         Fact[[]CertFile]
	ESTServers  Fact[[]string] // URLs
	TrustBundle Fact[CertFile]
	LocalCA     Fact[CertFile]
	HubLeaf     Fact[Leaf] // what edgeHub shows by TLS
}

// CAKind is where an Edge CA comes from.
type CAKind string

// The kinds.
const (
	CAQuickstart CAKind = "quickstart" // made by the daemon itself, self-signed
	CADemo       CAKind = "demo"       // made by the scripts of the documentation
	CAFile       CAKind = "file"       // preloaded
	CAEST        CAKind = "est"
	CALocal      CAKind = "local-ca"
	CAUnknown    CAKind = "unknown"
)

// EdgeCA is the certificate that signs those of the modules.
type EdgeCA struct {
	Kind      CAKind
	AutoRenew bool
	Threshold Threshold
	File      CertFile // Certs[0] is the CA; without root it is what edgeHub's chain shows
	BySight   bool     // seen in edgeHub's chain alone
	Needs     string   // what would be needed to see the certificate itself
}

// CertFile is a file of certificates, and the key that belongs to it.
type CertFile struct {
	Path     string
	Certs    []Cert
	KeyMatch *bool    // nil: the key could not be read
	Blocked  []string // directories or files on the way that the service's user cannot read
	User     string   // the service's user
	Missing  bool     // there is no such file
	Broken   string   // why it holds no certificate
	Renews   bool     // it renews itself
	// Threshold is when it does.
	Threshold Threshold
}

// Threshold is when the daemons renew a certificate (auto_renew.threshold of config.toml; crate
// cert-renewal, policy.rs). Zero is their default.
type Threshold struct {
	Percent int           // of its life; 0: not told so
	Before  time.Duration // before its end; 0: not told so
}

// defaultThreshold is that of the daemons, in percent.
const defaultThreshold = 80

// overdue is from when on a certificate should have been replaced: 5 % of its life after the
// threshold, since the daemons try again every 4 %, and half-way to the end where less is left.
func (t Threshold) overdue(c Cert) time.Time {
	life := c.NotAfter.Sub(c.NotBefore)
	percent := t.Percent
	if percent == 0 {
		percent = defaultThreshold
	}
	due := c.NotBefore.Add(time.Duration(float64(life) * float64(percent) / 100))
	if t.Before > 0 {
		if due = c.NotAfter.Add(-t.Before); due.Before(c.NotBefore) {
			due = c.NotBefore // it is renewed as soon as it is there
		}
	}
	return due.Add(min(life/20, c.NotAfter.Sub(due)/2))
}

// Cert is what rules look at of one certificate.
type Cert struct {
	Subject, Issuer, CommonName, IssuerCN string
	Names                                 []string // DNS names and addresses
	NotBefore, NotAfter                   time.Time
	IsCA, SelfSigned                      bool
	CanSign                               bool // keyCertSign
	KeyType                               string
	KeyBits                               int
}

// Leaf is edgeHub's server certificate.
type Leaf struct {
	Address  string // that it was read from
	Chain    []Cert // leaf first
	Trusted  *bool  // by the device's trust bundle; nil: the bundle was not read
	Presents string // the name that was asked for
}

// EdgeHub is what else is known of edgeHub.
type EdgeHub struct {
	TTL          Fact[int] // timeToLiveSecs
	InMemory     Fact[bool]
	ListeningOn  Fact[map[int]string] // host ports 443, 5671, 8883: the process or container that has them
	Children     Fact[int]            // downstream devices that are known; -1: unlimited or unknown
	ClientHeads  Fact[[]string]       // heads that something on this device uses: amqp, mqtt, http
	MemoryBytes  Fact[uint64]         // of the machine
	StoreLimited Fact[bool]           // storeLimits is set while UsePersistentStorage is on
}
