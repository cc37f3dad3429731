package hub

import (
	"maps"
	"net/http"
	"strings"

	"edgenet/internal/iothub"
)

// Right is what a policy of the service allows.
type Right string

// The rights.
const (
	RegistryRead   Right = "RegistryRead"
	RegistryWrite  Right = "RegistryWrite"
	ServiceConnect Right = "ServiceConnect"
	DeviceConnect  Right = "DeviceConnect"
)

// Rights is a set of them.
type Rights map[Right]bool

// AllRights are those of an owner.
func AllRights() Rights {
	return Rights{RegistryRead: true, RegistryWrite: true, ServiceConnect: true, DeviceConnect: true}
}

// policyRights are the policies that every hub has.
var policyRights = map[string]Rights{
	PolicyOwner:             AllRights(),
	PolicyService:           {ServiceConnect: true},
	PolicyDevice:            {DeviceConnect: true},
	PolicyRegistryRead:      {RegistryRead: true},
	PolicyRegistryReadWrite: {RegistryRead: true, RegistryWrite: true},
}

// More answers what of the service API the hub itself does not.
type More interface {
	// Owns tells whether a request is for it.
	Owns(r *http.Request) bool
	// Serve answers somebody with these rights; an error is a *StatusError.
	Serve(w http.ResponseWriter, r *http.Request, rights Rights) error
}

// rightsOf judges the credentials of a call of the service: a token of a policy, or the
// lab's bearer token, which stands for an account that may everything.
func (h *Hub) rightsOf(text string) (Rights, error) {
	if bearer, ok := strings.CutPrefix(text, "Bearer "); ok {
		if bearer != h.bearer.Reveal() {
			return nil, ErrCredentials
		}
		return AllRights(), nil
	}
	if err := h.authenticatePolicy(text); err != nil {
		return nil, err
	}
	t, err := iothub.ParseToken(text)
	if err != nil {
		return nil, err
	}
	return maps.Clone(policyRights[t.Policy]), nil
}

// more serves what is not the hub's own.
func (h *Head) more(w http.ResponseWriter, r *http.Request) error {
	rights, err := h.Service.rightsOf(token(r))
	if err != nil {
		h.Log("refused", "", "service: "+err.Error())
		return refuse(401, "IotHubUnauthorizedAccess", refusal)
	}
	return h.More.Serve(w, r, rights)
}
