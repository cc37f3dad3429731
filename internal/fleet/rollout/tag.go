package rollout

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"edgenet/internal/fleet"
	"edgenet/internal/iothub/service"
)

// tries is how often a tag is written anew because its twin changed in between.
const tries = 6

// errSkip marks what is no reason to stop: the device is left as it is.
type errSkip struct{ why string }

func (e errSkip) Error() string { return e.why }

// moduleOf is the twin that a kind of write goes to.
func moduleOf(kind string) string {
	if kind == fleet.WriteModuleTag {
		return fleet.Module
	}
	return ""
}

// change is one write of tags.edgenet.
type change struct {
	kind, device string
	before       *json.RawMessage // what has to be there; nil: whatever is
	after        json.RawMessage
	wave         int
	undoing      bool
	guard        func(context.Context) error // asked before the write is intended; nil: nobody is
}

// done is the state of the line that ends the change.
func (c change) done() string {
	if c.undoing {
		return fleet.Undone
	}
	return fleet.Done
}

// write carries a change out, whatever a killed run has done of it already. A twin that
// changed in between is read again; a tag that somebody else set is left.
func (r *run) write(ctx context.Context, c change) error {
	var last error
	for range tries {
		twin, err := r.o.Hub.Twin(ctx, c.device, moduleOf(c.kind))
		if service.Status(err) == http.StatusNotFound {
			return r.giveUp(c, "the hub does not know it any more")
		}
		if err != nil {
			return err
		}
		now := section(twin.Tags)
		if fleet.SameJSON(now, c.after) {
			return r.settled(c, twin.ETag)
		}
		before := now
		if c.before != nil {
			if before = *c.before; !fleet.SameJSON(now, before) {
				return r.giveUp(c, "somebody else changed tags.edgenet in the meantime: it is left as it is")
			}
		}
		if c.guard != nil {
			if err := c.guard(ctx); err != nil {
				return r.refused(c, err)
			}
		}
		e, err := r.note(fleet.Entry{Kind: c.kind, ID: c.device, Before: null(before), After: null(c.after),
			ETag: twin.ETag, State: fleet.Intended, Wave: c.wave, Undoing: c.undoing})
		if err != nil {
			return err
		}
		written, err := r.o.Hub.PatchTags(ctx, c.device, moduleOf(c.kind), twin.ETag, fleet.TagPatch(before, c.after))
		var refused *service.Error
		switch {
		case err == nil:
			e.State, e.ETag = c.done(), written.ETag
			_, err = r.note(e)
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &refused) && refused.Status != http.StatusPreconditionFailed && refused.Status < 500:
			return err // refused, and the next one would be as well
		}
		last = err // changed in between, or nobody knows whether it was carried out: read again
	}
	return last
}

// settled ends a change that is carried out: by a run that was killed before it could say
// so. What was there before nobody intended is noted nowhere.
func (r *run) settled(c change, etag string) error {
	w := r.of(c.kind, c.device)
	switch {
	case w == nil || w.State == c.done():
		return nil
	case w.State != fleet.Intended && !c.undoing:
		return nil
	}
	e := w.Entry
	e.State, e.ETag, e.Wave, e.Undoing, e.Note = c.done(), etag, w.Wave, c.undoing, ""
	_, err := r.note(e)
	return err
}

// giveUp leaves a device as it is, and ends an intention that came to nothing.
func (r *run) giveUp(c change, why string) error {
	if w := r.of(c.kind, c.device); w != nil && w.State == fleet.Intended && !c.undoing {
		e := w.Entry
		e.State, e.Note = fleet.Undone, fleet.NoteSkipped
		if _, err := r.note(e); err != nil {
			return err
		}
	}
	return errSkip{why}
}

// refused ends what the guard does not let pass.
func (r *run) refused(c change, err error) error {
	var skip errSkip
	if errors.As(err, &skip) {
		return r.giveUp(c, skip.why)
	}
	return err
}

// null is JSON for what is not there.
func null(raw json.RawMessage) json.RawMessage {
	if len(raw) == 0 {
		return json.RawMessage("null")
	}
	return raw
}
