package awskit

import (
	"reflect"
	"time"
)

// Plain turns a Go value of the SDK into plain JSON values: pointers are followed
// (a nil one is nil), named strings become strings, integers int64, times RFC 3339
// strings in UTC. Structs are not accepted: name their fields, so that nothing of
// an API's answer travels by accident. A nil slice is an empty list, a nil map an
// empty object: use an untyped nil for "nothing is configured".
func Plain(v any) any {
	switch v := v.(type) {
	case nil, bool, string, int64, float64:
		return v
	case time.Time:
		return v.UTC().Format(time.RFC3339)
	}
	rv := reflect.ValueOf(v)
	switch rv.Kind() {
	case reflect.Pointer, reflect.Interface:
		if rv.IsNil() {
			return nil
		}
		return Plain(rv.Elem().Interface())
	case reflect.String:
		return rv.String()
	case reflect.Bool:
		return rv.Bool()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return rv.Int()
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return int64(rv.Uint())
	case reflect.Float32, reflect.Float64:
		return rv.Float()
	case reflect.Slice, reflect.Array:
		out := make([]any, rv.Len())
		for i := range out {
			out[i] = Plain(rv.Index(i).Interface())
		}
		return out
	case reflect.Map:
		out := make(map[string]any, rv.Len())
		for it := rv.MapRange(); it.Next(); {
			out[it.Key().String()] = Plain(it.Value().Interface())
		}
		return out
	default:
		panic("awskit.Plain: a " + rv.Type().String() + " is not plain; name its fields")
	}
}
