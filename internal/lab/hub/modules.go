package hub

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"edgenet/internal/secret"
)

// moduleBody is what the runtime's identity service puts: an identity, and in the second
// call the keys that it derived (aziot-cloud-client-async, hub/mod.rs).
type moduleBody struct {
	ModuleID       string `json:"moduleId"`
	DeviceID       string `json:"deviceId"`
	ManagedBy      string `json:"managedBy"`
	Authentication *struct {
		Type         string `json:"type"`
		SymmetricKey *struct {
			PrimaryKey   string `json:"primaryKey"`
			SecondaryKey string `json:"secondaryKey"`
		} `json:"symmetricKey"`
	} `json:"authentication"`
}

// writeModule creates, changes or deletes a module of the device that asks. The device
// acts for itself: its identity service does so for every module of its deployment.
func (h *Head) writeModule(w http.ResponseWriter, r *http.Request, id Identity) error {
	if err := h.authorize(r, Identity{Device: id.Device}); err != nil {
		return err
	}
	change := r.Header.Get("If-Match") != ""
	if r.Method == http.MethodDelete {
		return h.deleteModule(w, id)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return refuse(413, "RequestEntityTooLarge", "an identity of at most %d bytes is taken", maxBody)
	}
	var m moduleBody
	if err := json.Unmarshal(body, &m); err != nil {
		return refuse(400, "ArgumentInvalid", "the body is no module: %v", err)
	}
	if m.ModuleID != id.Module || m.DeviceID != "" && m.DeviceID != id.Device {
		return refuse(400, "ArgumentInvalid", "the ids of the body and of the path differ")
	}
	if err := h.Service.putModule(id, m, change); err != nil {
		return err
	}
	return reply(w, 200, h.Service.module(id))
}

func (h *Head) deleteModule(w http.ResponseWriter, id Identity) error {
	if err := h.Service.Remove(id); err != nil {
		return refuse(404, "ModuleNotFound", "ErrorCode:ModuleNotFound;404010")
	}
	w.WriteHeader(204)
	return nil
}

// putModule makes a module, or changes its keys where the caller says that it is there.
func (h *Hub) putModule(id Identity, m moduleBody, change bool) error {
	h.mu.Lock()
	_, there := h.entries[id]
	h.mu.Unlock()
	switch {
	case there && !change:
		return refuse(409, "ModuleAlreadyExistsOnDevice", "ErrorCode:ModuleAlreadyExistsOnDevice;409301")
	case !there && change:
		return refuse(404, "ModuleNotFound", "ErrorCode:ModuleNotFound;404010")
	case !there:
		if _, err := h.add(id); err != nil {
			return refuse(400, "ArgumentInvalid", "%v", err)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	e := h.entries[id]
	e.managedBy = m.ManagedBy
	if m.Authentication == nil || m.Authentication.SymmetricKey == nil {
		return nil
	}
	key := m.Authentication.SymmetricKey.PrimaryKey
	if raw, err := base64.StdEncoding.DecodeString(key); err != nil || len(raw) < 16 || len(raw) > 64 {
		return refuse(400, "ArgumentInvalid", "a key is 16 to 64 bytes in base64")
	}
	e.key = secret.New(key)
	return nil
}

// Remove takes an identity away; a live connection ends.
func (h *Hub) Remove(id Identity) error {
	h.mu.Lock()
	e := h.entries[id]
	delete(h.entries, id)
	h.mu.Unlock()
	if e == nil {
		return fmt.Errorf("%s: %w", id, ErrUnknown)
	}
	if e.session != nil {
		e.session.Kick("deleted")
	}
	return nil
}

// module is a module as the registry shows it: without its keys, which this lab gives to
// nobody.
func (h *Hub) module(id Identity) object {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := h.entries[id]
	o := object{"deviceId": id.Device, "moduleId": id.Module, "authentication": object{"type": "sas"}}
	if e != nil {
		o["generationId"] = e.generation
		if e.managedBy != "" {
			o["managedBy"] = e.managedBy
		}
	}
	return o
}
