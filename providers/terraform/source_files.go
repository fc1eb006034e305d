package terraform

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	hcljson "github.com/hashicorp/hcl/v2/json"
)

// moduleSource is one module's files; nil stands for a module that was not found.
type moduleSource struct {
	blocks map[string]*sourceBlock // "aws_s3_bucket.b", "data.aws_region.r", "module.m", "output.o"
	locals map[string]hcl.Expression
	files  []string // in native syntax, below the top of the sources
	// fits says that the files declare exactly the resources that the plan has for
	// the module, so that expressions may be taken from them.
	fits bool
	// stale says that they declare other resources than the plan has, so that their
	// lines mean nothing.
	stale bool
	// overridden says that override files change some of the blocks.
	overridden bool
	bad        []string // files that are no HCL, and why
}

type sourceBlock struct {
	file     string
	line     int
	body     hcl.Body
	read     bool // elements has been set
	elements []element
}

// parts returns the arguments and nested blocks of the block.
func (b *sourceBlock) parts() []element {
	if !b.read {
		b.read, b.elements = true, elementsOf(b.body)
	}
	return b.elements
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
	src := &moduleSource{blocks: map[string]*sourceBlock{}, locals: map[string]hcl.Expression{}, fits: true}
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
		if native {
			src.files = append(src.files, path.Join(dir, e.Name()))
		}
		if base == "override" || strings.HasSuffix(base, "_override") {
			src.fits, src.overridden = false, true // what it changes is not looked at
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
	if diags.HasErrors() {
		src.fits = false
		first := diags.Errs()[0]
		src.bad = append(src.bad, "the sources cannot be read in full: "+plain(first))
	}
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
		src.blocks[key] = &sourceBlock{file: name, line: block.DefRange.Start.Line, body: block.Body}
	}
}

// plain writes an error of the parser without the text that it may quote.
func plain(err error) string {
	var d *hcl.Diagnostic
	if !errors.As(err, &d) || d.Subject == nil {
		return "no HCL"
	}
	return fmt.Sprintf("%s:%d: %s", d.Subject.Filename, d.Subject.Start.Line, d.Summary)
}
