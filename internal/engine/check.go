package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/metsuke-dev/metsuke/internal/nearest"
	"github.com/metsuke-dev/metsuke/providers"
)

// Check type-checks every loaded policy against the schemas of its types and
// joins and its declared parameters: what policies of the user get at every load,
// for the shipped ones too.
func (e *Engine) Check() error { return e.check(e.policies) }

func (e *Engine) check(policies []*Policy) error {
	if len(policies) == 0 {
		return nil
	}
	schemas := ast.NewSchemaSet()
	mods := map[string]*ast.Module{}
	for _, lib := range e.libs {
		m, err := lib.module()
		if err != nil {
			return err
		}
		mods[lib.File] = m
	}
	for _, p := range policies {
		ref := ast.SchemaRootRef.Append(ast.StringTerm(p.ID))
		schemas.Put(ref, any(forOPA(e.inputSchema(p))))
		parsed, err := p.module()
		if err != nil {
			return err
		}
		m := parsed.Copy()
		packageAnnotation(m).Schemas = []*ast.SchemaAnnotation{{Path: ast.InputRootRef.Copy(), Schema: ref}}
		mods[p.File] = m
	}
	c := newCompiler().WithSchemas(schemas).WithUseTypeCheckAnnotations(true)
	if c.Compile(mods); c.Failed() {
		return compileErrors(c.Errors)
	}
	var errs []error
	for _, p := range policies {
		reads, err := readsOf(c, mods[p.File])
		if err != nil {
			return fmt.Errorf("%s: %w", p.File, err)
		}
		errs = append(errs, e.checkReads(p, reads)...)
	}
	return errors.Join(errs...)
}

// newCompiler returns a compiler in which policies are pure functions: no clock,
// no network, no randomness, no print. Time is input.now.
func newCompiler() *ast.Compiler {
	caps := ast.CapabilitiesForThisVersion()
	caps.Builtins = slices.DeleteFunc(caps.Builtins, func(b *ast.Builtin) bool { return b.IsNondeterministic() })
	return ast.NewCompiler().WithStrict(true).WithCapabilities(caps).WithEnablePrintStatements(false)
}

// compileErrors says what is wrong, a line each with file and line, and drops what
// only follows from it.
func compileErrors(errs ast.Errors) error {
	out := make([]error, 0, len(errs))
	for _, err := range errs {
		out = append(out, err)
	}
	return errors.Join(out...)
}

// inputSchema is the schema of everything that a policy may read.
func (e *Engine) inputSchema(p *Policy) map[string]any {
	text, maybe := map[string]any{"type": "string"}, map[string]any{"type": []any{"string", "null"}}
	attributes := func(t providers.Type, only []string) map[string]any {
		props, _ := e.schemas.must(t)["properties"].(map[string]any)
		if only == nil {
			return map[string]any{"type": "object", "properties": props}
		}
		some := map[string]any{}
		for _, a := range only {
			if s, ok := props[a]; ok {
				some[a] = s
			}
		}
		return map[string]any{"type": "object", "properties": some}
	}
	resource := func(attrs map[string]any, more map[string]any) map[string]any {
		props := map[string]any{
			"id": text, "name": text, "region": text, "attributes": attrs,
			"tags": map[string]any{"type": "object", "additionalProperties": text},
		}
		for k, v := range more {
			props[k] = v
		}
		return map[string]any{"type": "object", "properties": props}
	}
	var attrs map[string]any
	if len(p.Types) == 1 {
		attrs = attributes(p.Types[0], nil)
	} else {
		var options []any
		for _, t := range p.Types {
			options = append(options, attributes(t, nil))
		}
		attrs = map[string]any{"anyOf": options}
	}
	params := map[string]any{}
	for name, param := range p.Params {
		params[name] = paramSchema(param.Type)
	}
	related := map[string]any{}
	for t, as := range p.Uses {
		// OPA's checker knows nothing of values under names that are not given, so one
		// name stands for every id.
		related[string(t)] = map[string]any{"type": "object", "properties": map[string]any{"id": resource(attributes(t, slices.Concat([]string{}, as)), map[string]any{"created": maybe})}}
	}
	return map[string]any{"type": "object", "properties": map[string]any{
		"resource": resource(attrs, map[string]any{
			"type": text, "created": maybe, "tag_keys": map[string]any{"type": "array", "items": text}, "inherited_from": text,
			inheritedPath: map[string]any{"type": "array", "items": map[string]any{
				"type": "object", "properties": map[string]any{"key": text, "name": text, "value": text},
			}},
			"scope": map[string]any{"type": "object", "properties": map[string]any{
				"provider": text, "id": text, "name": text,
				"labels": map[string]any{"type": "object", "additionalProperties": text},
			}},
		}),
		"params":  map[string]any{"type": "object", "properties": params},
		"now":     text,
		"related": map[string]any{"type": "object", "properties": related},
	}}
}

func paramSchema(typ string) map[string]any {
	switch typ {
	case "list":
		return map[string]any{"type": "array", "items": map[string]any{}}
	case "map":
		return map[string]any{"type": "object", "additionalProperties": map[string]any{}}
	default:
		return map[string]any{"type": typ}
	}
}

// checkReads refuses what the compiler's type check lets through: an attribute
// that only some of several types have, an attribute of a join that the metadata
// does not name, and reading everything.
func (e *Engine) checkReads(p *Policy, reads []read) []error {
	var errs []error
	bad := func(r read, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: %s", r.location, fmt.Sprintf(format, args...)))
	}
	for _, r := range reads {
		switch {
		case len(r.path) == 0, r.path[0] == "resource" && len(r.path) == 1:
			bad(r, "%s reads the whole resource; name the fields it needs, so that what a policy reads stays exact", p.ID)
		case r.path[0] == "resource" && r.path[1] == "attributes" && len(r.path) == 2:
			bad(r, "%s reads every attribute; name the ones it needs", p.ID)
		case r.path[0] == "resource" && r.path[1] == "attributes":
			for _, t := range p.Types {
				if step, names := lookup(e.schemas.must(t), r.path[2:]); step != "" {
					bad(r, "%s reads input.%s, but %s has no %q%s", p.ID, strings.Join(r.path, "."), t, step, nearest.Hint(step, names))
				}
			}
		case r.path[0] == "related" && len(r.path) > 1:
			if _, ok := p.Uses[providers.Type(r.path[1])]; !ok {
				bad(r, "%s reads input.related.%s, but its custom.uses does not name the type", p.ID, r.path[1])
			}
		case r.path[0] == "params" && len(r.path) > 1:
			if _, ok := p.Params[r.path[1]]; !ok {
				bad(r, "%s reads input.params.%s, which its custom.params does not declare", p.ID, r.path[1])
			}
		}
	}
	for t, as := range p.Uses {
		for _, a := range as {
			if a != "tags" && !slices.Contains(e.schemas.attributes(t), a) {
				errs = append(errs, fmt.Errorf("%s: custom.uses reads the attribute %q of %s, which has none of that name%s", p.File, a, t, nearest.Hint(a, e.schemas.attributes(t))))
			}
		}
	}
	return errs
}
