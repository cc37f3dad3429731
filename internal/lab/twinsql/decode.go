package twinsql

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxDepth is deeper than any twin, and bounds the stack.
const maxDepth = 64

// Decode reads one JSON value and nothing behind it, objects in their order; the last of
// equal names counts.
func Decode(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	v, err := decode(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the JSON value")
	}
	return v, nil
}

// DecodeObject is Decode where only an object will do.
func DecodeObject(text []byte) (Object, error) {
	v, err := Decode(text)
	if err != nil {
		return nil, err
	}
	o, ok := v.(Object)
	if !ok {
		return nil, errors.New("expected a JSON object")
	}
	return o, nil
}

func decode(d *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("deeper than %d levels", maxDepth)
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		return decodeObject(d, depth)
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := decode(d, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	}
	return t, nil // a string, number, truth value or null
}

func decodeObject(d *json.Decoder, depth int) (any, error) {
	o, at := Object{}, map[string]int{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := decode(d, depth+1)
		if err != nil {
			return nil, err
		}
		key, _ := name.(string) // the decoder takes nothing else for a name
		if i, again := at[key]; again {
			o[i].Value = v
			continue
		}
		at[key] = len(o)
		o = append(o, Member{key, v})
	}
	_, err := d.Token()
	return o, err
}
