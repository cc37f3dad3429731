package sidecar

import (
	"reflect"

	"edgenet/report"
)

// shrink bounds every text and every list of a report, whatever it holds, now and in later
// editions; it tells whether anything was longer. Codes are shorter than any bound.
func shrink(r *report.Report, text, items int) bool {
	return bounds{text, items}.in(reflect.ValueOf(r).Elem())
}

type bounds struct{ text, items int }

func (b bounds) in(v reflect.Value) bool {
	some := false
	switch v.Kind() {
	case reflect.String:
		if v.Len() <= b.text || !v.CanSet() {
			return false
		}
		v.SetString(report.Clean(v.String(), b.text))
		return true
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return b.in(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				some = b.in(v.Field(i)) || some
			}
		}
	case reflect.Slice:
		if v.Len() > b.items {
			v.Set(v.Slice(0, b.items))
			some = true
		}
		for i := range v.Len() {
			some = b.in(v.Index(i)) || some
		}
	case reflect.Map:
		return b.inMap(v)
	}
	return some
}

// inMap bounds a map: its values cannot be set in place.
func (b bounds) inMap(v reflect.Value) bool {
	some := false
	kept := 0
	for _, k := range v.MapKeys() {
		key, value := reflect.New(k.Type()).Elem(), reflect.New(v.Type().Elem()).Elem()
		key.Set(k)
		value.Set(v.MapIndex(k))
		if kept++; kept > b.items {
			v.SetMapIndex(k, reflect.Value{})
			some = true
			continue
		}
		if changed := b.in(value); b.in(key) || changed {
			v.SetMapIndex(k, reflect.Value{})
			v.SetMapIndex(key, value)
			some = true
		}
	}
	return some
}
