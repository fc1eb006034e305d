package yamlfile

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"github.com/metsuke-dev/metsuke/internal/nearest"
)

// located puts an error of the YAML library into one line behind its place.
func located(name string, into any, err error) error {
	var e yaml.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("%s: %w", name, err)
	}
	message := e.GetMessage()
	var wrong *yaml.TypeError
	var unknown *yaml.UnknownFieldError
	var unexpected *yaml.UnexpectedNodeTypeError
	switch {
	case errors.As(err, &unexpected):
		message = fmt.Sprintf("this is %s, where %s belongs", nodeName(unexpected.Actual), nodeName(unexpected.Expected))
	case errors.As(err, &wrong):
		message = fmt.Sprintf("this is %s, where %s belongs", article(wrong.SrcType), article(wrong.DstType))
	case errors.As(err, &unknown):
		key := strings.Trim(strings.TrimPrefix(unknown.GetMessage(), "unknown field "), `"`)
		// A key that there is elsewhere is no help here.
		others := slices.DeleteFunc(keys(reflect.TypeOf(into)), func(k string) bool { return k == key })
		message = fmt.Sprintf("there is no key %q%s", short(key), nearest.Hint(short(key), others))
	}
	return fmt.Errorf("%s: %s", at(name, e.GetToken()), message)
}

// short is a text of which a person reads all.
func short(s string) string {
	const most = 100
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}

// article names a type in the words of YAML.
func article(t reflect.Type) string {
	if t == nil {
		return "nothing"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return article(t.Elem())
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "a section of keys"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number"
	case reflect.Float32, reflect.Float64:
		return "a number"
	default:
		return t.String()
	}
}

func nodeName(t ast.NodeType) string {
	switch t {
	case ast.MappingType, ast.MappingValueType:
		return "a section of keys"
	case ast.SequenceType:
		return "a list"
	case ast.IntegerType, ast.FloatType:
		return "a number"
	case ast.AliasType:
		return "an alias (*)"
	default:
		return "a " + strings.ToLower(t.YAMLName())
	}
}

// keys returns every key that the type knows, wherever it stands.
func keys(t reflect.Type) []string {
	var out []string
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return keys(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if name := t.Field(i).Tag.Get("yaml"); name != "" {
				out = append(append(out, name), keys(t.Field(i).Type)...)
			}
		}
	default:
	}
	return out
}
