package govern

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/metsuke-dev/metsuke/internal/nearest"
	"github.com/metsuke-dev/metsuke/internal/yamlfile"
	"github.com/metsuke-dev/metsuke/providers"
)

// TagFile is tags.yaml: the tagging standard. It says what the parameters of the policies
// common-tags-* are.
type TagFile struct {
	Keys          []TagEntry     `yaml:"keys" json:"keys,omitempty" jsonschema_description:"The keys of the standard, as AWS spells them."`
	KeyPattern    yamlfile.Text  `yaml:"key_pattern" json:"key_pattern,omitempty" jsonschema_description:"Regular expression that all other keys of people match as a whole."`
	CaseSensitive *bool          `yaml:"case_sensitive" json:"case_sensitive,omitempty" jsonschema_description:"Whether the case of values matters. Default: true."`
	Placeholders  yamlfile.Texts `yaml:"placeholders" json:"placeholders,omitempty" jsonschema_description:"Values that say nothing. A value that a key allows says something all the same."`
	Expiry        yamlfile.Texts `yaml:"expiry" json:"expiry,omitempty" jsonschema_description:"Keys that say when a resource expires, however they are written."`
	ExcludeTypes  yamlfile.Texts `yaml:"exclude_types" json:"exclude_types,omitempty" jsonschema_description:"Types, or beginnings of types (aws_iam_*), that are not asked for required keys."`
}

// TagEntry is a key of the standard.
type TagEntry struct {
	Key         yamlfile.Text  `yaml:"key" json:"key" jsonschema_description:"The key, as AWS spells it. On Google Cloud CostCenter is cost_center."`
	Description yamlfile.Text  `yaml:"description" json:"description,omitempty" jsonschema_description:"What it says, for people."`
	Required    TagTypes       `yaml:"required" json:"required,omitempty" jsonschema_description:"Which resources have to carry it: true for all, or types and beginnings of types (aws_s3_*). Default: none."`
	Except      yamlfile.Texts `yaml:"except" json:"except,omitempty" jsonschema_description:"Types, or beginnings of types, that need not. Where this and required both name a type, the longer one counts."`
	Values      yamlfile.Texts `yaml:"values" json:"values,omitempty" jsonschema_description:"Values that it may have; * is a wildcard. Default: any."`
	Pattern     yamlfile.Text  `yaml:"pattern" json:"pattern,omitempty" jsonschema_description:"Or a regular expression that the whole value matches."`
	OtherNames  yamlfile.Texts `yaml:"other_names" json:"other_names,omitempty" jsonschema_description:"Further names under which it counts on Google Cloud and GitHub."`
	Inherit     TagHolders     `yaml:"inherit" json:"inherit,omitempty" jsonschema_description:"From what a resource that does not have the key inherits it: its AWS account, by the tags of that in AWS Organizations, or its Google Cloud project, by the labels of that. Default: nothing."`
}

// TagHolders are what resources inherit a key from.
type TagHolders []providers.Holder

// UnmarshalYAML reads account, project or a list of them.
func (h *TagHolders) UnmarshalYAML(n ast.Node) error {
	var texts yamlfile.Texts
	if err := texts.UnmarshalYAML(n); err != nil {
		return err
	}
	*h = nil
	for _, t := range plainAll(texts) {
		*h = append(*h, providers.Holder(t))
	}
	return nil
}

// InheritedKey is a key that resources inherit where they do not have it.
type InheritedKey struct {
	Key   string             // as AWS spells it
	Names []string           // further names under which it counts on Google Cloud
	From  []providers.Holder // never empty
}

// TagTypes are types that are asked for a key.
type TagTypes []string

// UnmarshalYAML reads true, false, a type or a list of types.
func (t *TagTypes) UnmarshalYAML(n ast.Node) error {
	if b, ok := n.(*ast.BoolNode); ok {
		*t = nil
		if b.Value {
			*t = TagTypes{"*"}
		}
		return nil
	}
	var texts yamlfile.Texts
	if err := texts.UnmarshalYAML(n); err != nil {
		return err
	}
	*t = plainAll(texts)
	return nil
}

// TagStandard is a tagging standard that was read.
type TagStandard struct {
	file      yamlfile.File
	params    map[string]any
	at        map[string]string // the key of the file that says a parameter
	types     []tagType
	inherited []InheritedKey
}

// tagType is a type that the file names.
type tagType struct{ name, key string }

// TagPolicies is how the ids of the policies begin whose parameters the standard says.
const TagPolicies = "common-tags-"

// Params returns the parameters that the standard says, by name.
func (s TagStandard) Params() map[string]any { return maps.Clone(s.params) }

// Inherited returns the keys that resources inherit from their account or project.
func (s TagStandard) Inherited() []InheritedKey { return slices.Clone(s.inherited) }

// At returns where in the file a parameter is said: tags.yaml:3:5.
func (s TagStandard) At(param string) string { return s.file.At(s.at[param]) }

// Notes tells of types that the standard names and nobody knows, where one that is known
// looks alike. It is no mistake for sure: a plan may hold types that nobody has described.
func (s TagStandard) Notes(types []string) []string {
	var out []string
	for _, t := range s.types {
		if strings.HasSuffix(t.name, "*") || slices.Contains(types, t.name) {
			continue
		}
		if hint := nearest.Hint(t.name, types); hint != "" {
			out = append(out, fmt.Sprintf("%s: no policy knows the type %s%s", s.file.At(t.key), t.name, hint))
		}
	}
	return out
}

// ParseTags reads a tagging standard. name stands in errors, which begin with
// name:line:column.
func ParseTags(text []byte, name string) (TagStandard, error) {
	var doc TagFile
	file, err := yamlfile.Read(text, name, &doc)
	if err != nil {
		return TagStandard{}, err
	}
	p := tagParser{doc: doc, out: TagStandard{file: file, params: map[string]any{}, at: map[string]string{}}}
	p.keys()
	p.rest()
	return p.out, errors.Join(p.errs...)
}

// tagParser reads one file. It goes on after a mistake, so that all are told.
type tagParser struct {
	doc  TagFile
	out  TagStandard
	errs []error
}

func (p *tagParser) wrong(key, format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf("%s: %s", p.out.file.At(key), fmt.Sprintf(format, args...)))
}

// say sets a parameter.
func (p *tagParser) say(param, key string, v any) {
	p.out.params[param], p.out.at[param] = v, key
}

// keys reads the keys of the standard, and all that follows from them.
func (p *tagParser) keys() {
	if len(p.doc.Keys) == 0 {
		return
	}
	seen := map[string]int{}
	canonical := []any{}
	allowed, other, real := map[string]any{}, map[string]any{}, map[string]any{}
	var asks []asked
	for i, e := range p.doc.Keys {
		at := fmt.Sprintf("keys[%d]", i)
		name := plain(e.Key)
		if name == "" {
			p.wrong(at, "the key has no name")
			continue
		}
		if n, twice := seen[plainKey(name)]; twice {
			p.wrong(at+".key", "%s is the key at %s, written differently or again", name, p.out.file.At(fmt.Sprintf("keys[%d].key", n)))
		}
		seen[plainKey(name)] = i
		canonical = append(canonical, name)
		switch values, pattern := plainAll(e.Values), string(e.Pattern); {
		case len(values) > 0 && pattern != "":
			p.wrong(at+".pattern", "%s has values and a pattern: it is one of the two", name)
		case len(values) > 0:
			allowed[name], real[name] = list(values), list(lower(values))
		case pattern != "":
			p.regexp(at+".pattern", pattern)
			allowed[name] = pattern
		}
		if names := plainAll(e.OtherNames); len(names) > 0 {
			other[name] = list(names)
		}
		if from := p.holders(at+".inherit", e.Inherit); len(from) > 0 {
			p.out.inherited = append(p.out.inherited, InheritedKey{name, plainAll(e.OtherNames), from})
		}
		if len(e.Except) > 0 && len(e.Required) == 0 {
			p.wrong(at+".except", "%s is required nowhere, so that nothing is an exception", name)
		}
		asks = append(asks, asked{name, p.typesOf(at+".required", e.Required), p.typesOf(at+".except", plainAll(e.Except))})
	}
	everywhere, byType := requiredBy(asks)
	p.say("canonical_keys", "keys", canonical)
	p.say("required_tags", "keys", everywhere)
	p.say("required_tags_by_type", "keys", byType)
	p.say("allowed_values", "keys", allowed)
	p.say("other_names", "keys", other)
	p.say("real_values", "keys", real)
}

// regexp checks a regular expression: by itself, for a)|(b is one within brackets, and
// within those that the policies put around it.
func (p *tagParser) regexp(key, pattern string) {
	for _, whole := range []string{pattern, "^(?:" + pattern + ")$"} {
		if _, err := regexp.Compile(whole); err != nil {
			p.wrong(key, "%s is no regular expression: %v", pattern, err)
			return
		}
	}
}

// holders checks what a key is inherited from.
func (p *tagParser) holders(key string, from []providers.Holder) []providers.Holder {
	for i, h := range from {
		if h != providers.Account && h != providers.Project {
			p.wrong(key, "nothing inherits tags from %q: it is account, project or both", string(h))
		}
		if slices.Contains(from[:i], h) {
			p.wrong(key, "%s is there twice", h)
		}
	}
	return from
}

// typesOf checks types and beginnings of types. Other patterns could overlap without one
// being part of the other, and none would be the more exact one.
func (p *tagParser) typesOf(key string, types []string) []string {
	for _, t := range types {
		if begin := strings.TrimSuffix(t, "*"); t == "" || strings.ContainsAny(begin, "*?[{\\") {
			p.wrong(key, "%q is neither a type nor the beginning of one, such as aws_s3_*", t)
		}
		p.out.types = append(p.out.types, tagType{t, key})
	}
	return types
}

// rest reads what is not about one key.
func (p *tagParser) rest() {
	if pattern := string(p.doc.KeyPattern); pattern != "" {
		p.regexp("key_pattern", pattern)
		p.say("key_pattern", "key_pattern", pattern)
	}
	if b := p.doc.CaseSensitive; b != nil {
		p.say("case_sensitive", "case_sensitive", *b)
	}
	for _, l := range []struct {
		param, key string
		texts      yamlfile.Texts
	}{{"placeholder_values", "placeholders", p.doc.Placeholders}, {"expiry_keys", "expiry", p.doc.Expiry}, {"exclude_types", "exclude_types", p.doc.ExcludeTypes}} {
		if p.out.file.Has(l.key) {
			p.say(l.param, l.key, list(plainAll(l.texts)))
		}
	}
	p.typesOf("exclude_types", plainAll(p.doc.ExcludeTypes))
}

// asked is a key with the types that are asked for it and those that are not.
type asked struct {
	key        string
	on, except []string
}

// requiredBy returns the keys that are required everywhere, and those of types and
// beginnings of types for which that is different, as the policies take them: the entry
// that is the most exact speaks for a type alone.
func requiredBy(asks []asked) (everywhere []any, byType map[string]any) {
	names := map[string]bool{}
	for _, a := range asks {
		for _, t := range slices.Concat(a.on, a.except) {
			names[t] = true
		}
	}
	on := func(t string) []any {
		out := []any{}
		for _, a := range asks {
			if longestOf(a.on, t) > longestOf(a.except, t) {
				out = append(out, a.key)
			}
		}
		return out
	}
	everywhere, byType = on("*"), map[string]any{}
	for t := range names {
		if t != "*" {
			byType[t] = on(t)
		}
	}
	return everywhere, byType
}

// longestOf returns how exact the most exact of the patterns is that covers a type or the
// beginning of one; 0 is that none does.
func longestOf(patterns []string, t string) int {
	best := 0
	for _, p := range patterns {
		if compile(p).covers(compile(t)) {
			exact := 2*len(p) + 2
			if begin, isBegin := strings.CutSuffix(p, "*"); isBegin {
				exact = 2*len(begin) + 1
			}
			best = max(best, exact)
		}
	}
	return best
}

func list(texts []string) []any {
	out := []any{}
	for _, t := range texts {
		out = append(out, t)
	}
	return out
}

func lower(texts []string) []string {
	out := slices.Clone(texts)
	for i := range out {
		out[i] = strings.ToLower(out[i])
	}
	slices.SortFunc(out, cmp.Compare[string])
	return out
}
