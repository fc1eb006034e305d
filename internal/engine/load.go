// Package engine loads policies, finds out what they read, and judges resources
// by them in three values. It is the only importer of OPA. It collects nothing
// and reports nothing.
package engine

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/metsuke-dev/metsuke/providers"
)

// Source is a place from which policies, libraries and schemas are loaded.
type Source struct {
	Name string // prefix of file names in messages; "" for none
	FS   fs.FS
	// Builtin marks the shipped policies. Their types are checked by their tests
	// and not again at every start.
	Builtin bool
	// Index and Plans are what IndexFile and PlansFile hold, where that is at hand. Left
	// empty, the files are read.
	Index, Plans string
}

// Engine is a set of loaded policies. It does not change after Load and is safe
// for concurrent use.
type Engine struct {
	policies []*Policy          // sorted by id
	libs     map[string]*source // by package
	schemas  *schemaSet
	plans    *plans           // of the shipped policies; nil where they have to be compiled
	generic  []providers.Type // types without a schema that are judged all the same, see With
}

// Load reads every policy of the sources. One bad policy fails the load: a policy
// that does not compile must not look like one that passed. The error joins all
// that is wrong, each with its file and line.
func Load(sources ...Source) (*Engine, error) {
	e := &Engine{libs: map[string]*source{}, schemas: newSchemaSet()}
	var errs []error
	for _, src := range sources {
		if err := e.schemas.read(src.FS, src.Builtin); err != nil {
			errs = append(errs, fmt.Errorf("%s%w", src.Name, err))
		}
	}
	for _, src := range sources {
		if src.Builtin && e.readIndex(src) {
			continue
		}
		errs = append(errs, e.read(src)...)
	}
	for _, p := range e.policies {
		if err := e.expandTypes(p); err != nil {
			errs = append(errs, err)
		}
	}
	slices.SortFunc(e.policies, func(a, b *Policy) int { return strings.Compare(a.ID, b.ID) })
	errs = append(errs, e.duplicates()...)
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	var own []*Policy
	for _, p := range e.policies {
		if !p.Builtin {
			own = append(own, p)
		}
	}
	if err := e.check(own); err != nil {
		return nil, err
	}
	return e, nil
}

func (e *Engine) read(src Source) []error {
	var errs []error
	err := fs.WalkDir(src.FS, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() || path.Ext(p) != ".rego" || strings.HasSuffix(p, "_test.rego") {
			return nil
		}
		if err := e.readModule(src, p); err != nil {
			errs = append(errs, err)
		}
		return nil
	})
	if err != nil {
		errs = append(errs, fmt.Errorf("%s: %w", src.Name, err))
	}
	return errs
}

func (e *Engine) readModule(src Source, p string) error {
	b, err := fs.ReadFile(src.FS, p)
	if err != nil {
		return err
	}
	name := path.Join(src.Name, p)
	m, err := parse(name, string(b))
	if err != nil {
		return err
	}
	s, err := newSource(name, string(b), m)
	if err != nil {
		return err
	}
	pol, err := newPolicy(s, m)
	if err != nil {
		return err
	}
	if pol == nil {
		if other := e.libs[s.Package]; other != nil {
			return fmt.Errorf("%s: package %s is also in %s; a library is one file", name, s.Package, other.File)
		}
		if ref := readsInput(m); ref != nil {
			return fmt.Errorf("%s: a library must not read %s; give its functions the fields they need", ref.Location, ref)
		}
		e.libs[s.Package] = s
		return nil
	}
	pol.Builtin = src.Builtin
	e.policies = append(e.policies, pol)
	return nil
}

// parse reads a module as Rego v1 with its METADATA.
func parse(name, text string) (*ast.Module, error) {
	m, err := ast.ParseModuleWithOpts(name, text, ast.ParserOptions{ProcessAnnotation: true, RegoVersion: ast.RegoV1})
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, fmt.Errorf("%s: the file holds no Rego", name)
	}
	return m, nil
}

// readsInput returns the first reference to input in a module.
func readsInput(m *ast.Module) *ast.Term {
	var found *ast.Term
	ast.WalkTerms(m, func(t *ast.Term) bool {
		if ref, ok := t.Value.(ast.Ref); ok && ref[0].Equal(ast.InputRootDocument) && found == nil {
			found = t
		}
		return found != nil
	})
	return found
}

// anyTaggable in custom.types stands for every type whose schema says that it is
// taggable; a name that ends in * stands for every type that begins with it.
const anyTaggable providers.Type = "*"

func (e *Engine) expandTypes(p *Policy) error {
	if p.Patterns == nil {
		p.Patterns = slices.DeleteFunc(slices.Clone(p.Types), func(t providers.Type) bool { return !strings.HasSuffix(string(t), "*") })
	}
	if slices.Contains(p.Types, anyTaggable) {
		if len(p.Types) > 1 {
			return fmt.Errorf("%s: custom.types holds \"*\" and other types", p.File)
		}
		p.Types = e.schemas.taggable()
	}
	p.Types = slices.Clone(p.Types)
	for i := 0; i < len(p.Types); i++ {
		prefix, open := strings.CutSuffix(string(p.Types[i]), "*")
		if !open {
			continue
		}
		var of []providers.Type
		for _, t := range e.schemas.types() {
			if strings.HasPrefix(string(t), prefix) {
				of = append(of, t)
			}
		}
		p.Types = slices.Replace(p.Types, i, i+1, of...)
		i += len(of) - 1
	}
	for _, t := range p.Types {
		if !e.schemas.has(t) {
			return fmt.Errorf("%s: custom.types names %s, which has no schema%s", p.File, t, e.schemas.suggest(t))
		}
	}
	for t := range p.Uses {
		if !e.schemas.has(t) {
			return fmt.Errorf("%s: custom.uses names %s, which has no schema%s", p.File, t, e.schemas.suggest(t))
		}
	}
	for _, s := range p.schemaNames {
		if !e.schemas.has(providers.Type(s)) {
			return fmt.Errorf("%s: schemas names %s, which does not exist%s", p.File, s, e.schemas.suggest(providers.Type(s)))
		}
		if !slices.Contains(p.Types, providers.Type(s)) {
			return fmt.Errorf("%s: schemas names %s, but custom.types does not", p.File, s)
		}
	}
	return nil
}

func (e *Engine) duplicates() []error {
	var errs []error
	owner := map[string]*Policy{}
	claim := func(id string, p *Policy) {
		if other := owner[id]; other != nil {
			errs = append(errs, fmt.Errorf("%s and %s both have the id %s: an id belongs to one policy", other.File, p.File, id))
			return
		}
		owner[id] = p
	}
	for _, p := range e.policies {
		claim(p.ID, p)
	}
	for _, p := range e.policies {
		for _, a := range p.Aliases {
			claim(a, p)
		}
	}
	return errs
}

// Policies returns every loaded policy, sorted by id.
func (e *Engine) Policies() []*Policy { return slices.Clone(e.policies) }

// Policy returns the policy with the id or alias.
func (e *Engine) Policy(id string) (*Policy, bool) {
	if i, ok := slices.BinarySearchFunc(e.policies, id, func(p *Policy, id string) int { return strings.Compare(p.ID, id) }); ok {
		return e.policies[i], true
	}
	for _, p := range e.policies {
		if slices.Contains(p.Aliases, id) {
			return p, true
		}
	}
	return nil, false
}

// Types returns every resource type that has a schema, and those that With added,
// sorted.
func (e *Engine) Types() []providers.Type {
	return slices.Sorted(slices.Values(slices.Concat(e.schemas.types(), e.generic)))
}

// Schema returns the schema of a type with every reference resolved.
func (e *Engine) Schema(t providers.Type) (map[string]any, bool) {
	if !e.schemas.has(t) {
		return nil, false
	}
	return e.schemas.must(t), true
}
