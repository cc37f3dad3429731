package fleet

import (
	"encoding/json"
	"fmt"
	"time"
)

// written is Switches as JSON has them: durations as people write them.
type written struct {
	bare
	IndexLag  string `json:"indexLag"`
	TokenLife string `json:"tokenLife"`
}

type bare Switches

// MarshalJSON implements json.Marshaler.
func (s Switches) MarshalJSON() ([]byte, error) {
	return json.Marshal(written{bare(s), s.IndexLag.String(), s.TokenLife.String()})
}

// UnmarshalJSON implements json.Unmarshaler. What is not named stays as it is.
func (s *Switches) UnmarshalJSON(b []byte) error {
	w := written{bare(*s), s.IndexLag.String(), s.TokenLife.String()}
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	next := Switches(w.bare)
	for _, d := range []struct {
		name, text string
		to         *time.Duration
	}{{"indexLag", w.IndexLag, &next.IndexLag}, {"tokenLife", w.TokenLife, &next.TokenLife}} {
		v, err := time.ParseDuration(d.text)
		if err != nil {
			return fmt.Errorf("%s: expected a duration as in 90s", d.name)
		}
		*d.to = v
	}
	*s = next
	return nil
}
