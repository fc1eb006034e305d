package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/metsuke-dev/metsuke/internal/nearest"
)

// Parse reads a configuration from its text. name stands in errors, which begin with
// name:line:column.
func Parse(text []byte, name string) (c Config, err error) {
	defer func() {
		// The YAML library panics on some input that is no YAML.
		if r := recover(); r != nil {
			c, err = Config{}, fmt.Errorf("%s: it cannot be read as YAML: %v", name, r)
		}
	}()
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return Config{}, located(name, err)
	}
	if n := len(file.Docs); n > 1 && !blank(file.Docs[n-1]) {
		return Config{}, fmt.Errorf("%s: the file holds %d YAML documents, separated by ---; metsuke.yaml is one", at(name, file.Docs[1].Start), n)
	}
	dec := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict())
	if err := dec.Decode(&c); err != nil && !errors.Is(err, io.EOF) {
		return Config{}, located(name, err)
	}
	c.place = places{name: name, file: file}
	c.switchOn()
	return c, nil
}

// switchOn gives providers whose section is there and empty, "aws:", their defaults.
func (c *Config) switchOn() {
	p := &c.Providers
	if p.AWS == nil && c.has("providers.aws") {
		p.AWS = &AWS{}
	}
	if p.AWS != nil && p.AWS.Organization == nil && c.has("providers.aws.organization") {
		p.AWS.Organization = &Organization{}
	}
	if p.GCP == nil && c.has("providers.gcp") {
		p.GCP = &GCP{}
	}
	if p.GitHub == nil && c.has("providers.github") {
		p.GitHub = &GitHub{}
	}
}

func blank(d *ast.DocumentNode) bool { return d.Body == nil || d.Body.Type() == ast.NullType }

// places finds where in the file something stands.
type places struct {
	name string
	file *ast.File
}

// At returns name:line:column of the value of a key such as "scan.fail_on" or
// "outputs[0].format", and only the name when it is not there.
func (c Config) At(key string) string {
	if n := c.node(key); n != nil {
		return at(c.place.name, n.GetToken())
	}
	return c.place.name
}

func (c Config) has(key string) bool { return c.node(key) != nil }

func (c Config) node(key string) ast.Node {
	if c.place.file == nil || len(c.place.file.Docs) == 0 || c.place.file.Docs[0].Body == nil {
		return nil
	}
	path, err := yaml.PathString("$." + key)
	if err != nil {
		return nil
	}
	node, err := path.FilterNode(c.place.file.Docs[0].Body)
	if err != nil {
		return nil
	}
	return node
}

func at(name string, t *token.Token) string {
	if t == nil || t.Position == nil {
		return name
	}
	return fmt.Sprintf("%s:%d:%d", name, t.Position.Line, t.Position.Column)
}

// located puts an error of the YAML library into one line behind its place.
func located(name string, err error) error {
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
		message = fmt.Sprintf("there is no key %q%s", key, nearest.Hint(key, keys(reflect.TypeFor[Config]())))
	}
	return fmt.Errorf("%s: %s", at(name, e.GetToken()), message)
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
	default:
		return "a " + strings.ToLower(t.YAMLName())
	}
}

// keys returns every key that the configuration knows, wherever it stands.
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
