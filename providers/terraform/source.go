package terraform

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	hcljson "github.com/hashicorp/hcl/v2/json"

	"github.com/metsuke-dev/metsuke/providers"
)

// sources finds blocks in the files that a plan was made from. Everything about it
// is optional: where a file is missing or does not fit the plan, there is no
// position and the plan's own references count. A nil sources has nothing.
type sources struct {
	files fs.FS
	root  string            // directory of the root module in files
	dirs  map[string]string // directory of each installed module, by its call path

	mu      sync.Mutex
	modules map[*module]*moduleSource
	notes   map[string]bool
}

// moduleSource is one module's files; nil stands for a module that was not found.
type moduleSource struct {
	blocks map[string]sourceBlock // "aws_s3_bucket.b", "data.aws_region.r", "module.m", "output.o"
	locals map[string]hcl.Expression
	// fits says that the files declare exactly the resources that the plan has for
	// the module, so that expressions may be taken from them.
	fits bool
}

type sourceBlock struct {
	file string
	line int
	body hcl.Body
}

func newSources(files fs.FS, root string) *sources {
	if files == nil {
		return nil
	}
	if root == "" {
		root = "."
	}
	s := &sources{files: files, root: path.Clean(root), dirs: map[string]string{}, modules: map[*module]*moduleSource{}, notes: map[string]bool{}}
	// terraform init leaves a list of where it put the modules.
	b, err := fs.ReadFile(files, path.Join(s.root, ".terraform/modules/modules.json"))
	var manifest struct {
		Modules []struct{ Key, Dir string }
	}
	if err == nil && json.Unmarshal(b, &manifest) == nil {
		for _, m := range manifest.Modules {
			s.dirs[m.Key] = path.Join(s.root, filepath.ToSlash(m.Dir))
		}
	}
	return s
}

// list returns what kept positions from being found, sorted.
func (s *sources) list() []string {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.notes))
}

// locate adds the file and line of the node's block, or of the module call that
// brings it when the module's files are elsewhere.
func (s *sources) locate(n *node, to *providers.Source) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m, key := n.c.ix.root.find(n.moduleX), n.typ+"."+n.name
	for m != nil {
		if src := s.module(m); src != nil {
			if b, ok := src.blocks[key]; ok {
				to.File, to.Line = b.file, b.line
				return
			}
			s.notes[fmt.Sprintf("the sources have no %s: they do not fit the plan", strings.TrimPrefix(m.path()+"."+key, "."))] = true
			return
		}
		m, key = m.parent, "module."+m.name
	}
}

// path joins the names of the calls that lead to the module.
func (m *module) path() string {
	if m.parent == nil {
		return ""
	}
	return strings.TrimPrefix(m.parent.path()+"."+m.name, ".")
}

// module reads a module's files once.
func (s *sources) module(m *module) *moduleSource {
	if src, ok := s.modules[m]; ok {
		return src
	}
	s.modules[m] = nil
	dir, ok := s.dir(m)
	if !ok {
		return nil
	}
	src, err := s.read(dir)
	if err != nil {
		s.notes[fmt.Sprintf("the sources of module %q cannot be read: %v", m.path(), err)] = true
		return nil
	}
	if src == nil {
		return nil
	}
	declared := 0
	for key := range src.blocks {
		if !strings.HasPrefix(key, "module.") && !strings.HasPrefix(key, "output.") {
			if _, ok := m.resources[key]; !ok {
				src.fits = false
			}
			declared++
		}
	}
	src.fits = src.fits && declared == len(m.resources)
	s.modules[m] = src
	return src
}

// dir returns the directory of a module.
func (s *sources) dir(m *module) (string, bool) {
	if m.parent == nil {
		return s.root, true
	}
	if d, ok := s.dirs[m.path()]; ok {
		return d, true
	}
	if m.call == nil || !strings.HasPrefix(m.call.source, "./") && !strings.HasPrefix(m.call.source, "../") {
		return "", false
	}
	parent, ok := s.dir(m.parent)
	return path.Join(parent, m.call.source), ok
}

// read parses the configuration files of a directory; nil when it has none.
func (s *sources) read(dir string) (*moduleSource, error) {
	if !fs.ValidPath(dir) {
		return nil, fmt.Errorf("%s is outside of the sources", dir)
	}
	entries, err := fs.ReadDir(s.files, dir)
	if err != nil {
		return nil, err
	}
	src := &moduleSource{blocks: map[string]sourceBlock{}, locals: map[string]hcl.Expression{}, fits: true}
	found := false
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".json")
		native := name == e.Name()
		base := strings.TrimSuffix(strings.TrimSuffix(name, ".tf"), ".tofu")
		if e.IsDir() || base == name || strings.HasPrefix(name, ".") {
			continue
		}
		b, err := fs.ReadFile(s.files, path.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		found = true
		if base == "override" || strings.HasSuffix(base, "_override") {
			src.fits = false // what it changes is not looked at
			continue
		}
		src.add(b, s.relative(path.Join(dir, e.Name())), native)
	}
	if !found {
		return nil, nil
	}
	return src, nil
}

// relative makes a path relative to the root module's directory, which is what the
// user named.
func (s *sources) relative(file string) string {
	r, err := filepath.Rel(filepath.FromSlash(s.root), filepath.FromSlash(file))
	if err != nil {
		return file
	}
	return filepath.ToSlash(r)
}

func (src *moduleSource) add(b []byte, name string, native bool) {
	var f *hcl.File
	var diags hcl.Diagnostics
	if native {
		f, diags = hclsyntax.ParseConfig(b, name, hcl.InitialPos)
	} else {
		f, diags = hcljson.Parse(b, name)
	}
	src.fits = src.fits && !diags.HasErrors()
	if f == nil || f.Body == nil {
		return
	}
	content, _, diags := f.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
		{Type: "resource", LabelNames: []string{"type", "name"}},
		{Type: "data", LabelNames: []string{"type", "name"}},
		{Type: "module", LabelNames: []string{"name"}},
		{Type: "output", LabelNames: []string{"name"}},
		{Type: "locals"},
	}})
	src.fits = src.fits && !diags.HasErrors()
	for _, block := range content.Blocks {
		if block.Type == "locals" {
			attrs, _ := block.Body.JustAttributes()
			for name, a := range attrs {
				src.locals[name] = a.Expr
			}
			continue
		}
		key := strings.Join(block.Labels, ".")
		if block.Type != "resource" {
			key = block.Type + "." + key
		}
		if _, twice := src.blocks[key]; twice {
			src.fits = false
			continue
		}
		src.blocks[key] = sourceBlock{file: name, line: block.DefRange.Start.Line, body: block.Body}
	}
}

// local returns the references of a local value.
func (s *sources) local(m *module, name string) ([]string, bool) {
	if s == nil {
		return nil, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	src := s.module(m)
	if src == nil || !src.fits {
		return nil, false
	}
	e, ok := src.locals[name]
	if !ok {
		return nil, false
	}
	return traversals(e), true
}

// refine returns the references of an argument of a block more exactly than the
// plan has them: with the keys of indexes that are not constants, and without the
// conditions. It returns those of the plan where the sources do not fit them.
func (s *sources) refine(m *module, block, argument string, planned []string) []string {
	if s == nil || m == nil || len(planned) == 0 {
		return planned
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	src := s.module(m)
	if src == nil || !src.fits {
		return planned
	}
	b, ok := src.blocks[block]
	if !ok {
		return planned
	}
	content, _, _ := b.body.PartialContent(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: argument}}})
	if content == nil || content.Attributes[argument] == nil {
		return planned
	}
	exact := traversals(content.Attributes[argument].Expr)
	for _, r := range exact {
		if !slices.ContainsFunc(planned, func(p string) bool { return origin(p) == origin(r) }) {
			return planned
		}
	}
	return exact
}

// origin is the part of a reference that names a block or variable.
func origin(ref string) string {
	steps := parseSteps(ref)
	n := 2
	if len(steps) > 0 && steps[0].name == "data" {
		n = 3
	}
	names := ""
	for _, st := range steps[:min(n, len(steps))] {
		names += "." + st.name
	}
	return names
}

// traversals returns the references that an expression's value can come from.
func traversals(e hcl.Expression) []string {
	switch e := e.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return []string{traversal(e.Traversal)}
	case *hclsyntax.RelativeTraversalExpr:
		return extend(traversals(e.Source), traversal(e.Traversal))
	case *hclsyntax.IndexExpr:
		base := traversals(e.Collection)
		if len(base) != 1 {
			break
		}
		if key := traversals(e.Key); len(key) == 1 && (key[0] == "each.key" || key[0] == "count.index") {
			if _, direct := e.Key.(*hclsyntax.ScopeTraversalExpr); direct {
				return extend(base, "[self]")
			}
		}
		return extend(base, "[any]")
	case *hclsyntax.ParenthesesExpr:
		return traversals(e.Expression)
	case *hclsyntax.TemplateWrapExpr:
		return traversals(e.Wrapped)
	case *hclsyntax.ConditionalExpr:
		return append(traversals(e.TrueResult), traversals(e.FalseResult)...)
	case *hclsyntax.FunctionCallExpr:
		var out []string
		for _, a := range e.Args {
			out = append(out, traversals(a)...)
		}
		return out
	}
	var out []string
	for _, t := range e.Variables() {
		out = append(out, traversal(t))
	}
	return out
}

// extend adds a step to the one reference; more than one has no step in common.
func extend(refs []string, step string) []string {
	if len(refs) == 1 {
		refs[0] += step
	}
	return refs
}

// traversal writes a traversal as plans do.
func traversal(t hcl.Traversal) string {
	var b strings.Builder
	for _, step := range t {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			b.WriteString(step.Name)
		case hcl.TraverseAttr:
			b.WriteString("." + step.Name)
		case hcl.TraverseIndex:
			if key := step.Key; key.Type().FriendlyName() == "string" {
				b.WriteString(quoteKey(key.AsString()))
			} else {
				b.WriteString("[" + key.AsBigFloat().Text('f', -1) + "]")
			}
		default: // a splat
			b.WriteString("[any]")
		}
	}
	return b.String()
}

// quoteKey writes a key as parseKey reads it.
func quoteKey(s string) string {
	r := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "${", "$${", "%{", "%%{")
	return `["` + r.Replace(s) + `"]`
}
