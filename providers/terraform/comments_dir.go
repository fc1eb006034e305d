package terraform

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// maxModules is how many module calls of a configuration are followed: calls that call
// the same modules over and over multiply.
const maxModules = 10_000

// SourceComments returns what Provider.Comments returns of a plan, without a plan: the
// comments of the configuration in a directory of files and of the local modules that it
// calls. An error says that there is no configuration, or that it cannot be read.
func SourceComments(files fs.FS, dir, prefix string) ([]Comment, error) {
	if dir == "" {
		dir = "."
	}
	w := commentWalk{sources: newSources(files, dir), prefix: prefix}
	if err := w.module(w.sources.root, "", nil); err != nil {
		return nil, err
	}
	slices.SortFunc(w.found, compareComments)
	return slices.Compact(w.found), nil
}

// commentWalk goes from module to module.
type commentWalk struct {
	sources *sources
	prefix  string
	modules int
	found   []Comment
}

// module reads the module in dir. address is what the addresses in it begin with; within
// are the directories of the modules that lead to it.
func (w *commentWalk) module(dir, address string, within []string) error {
	if slices.Contains(within, dir) {
		return fmt.Errorf("the module in %s calls itself", dir)
	}
	if w.modules++; w.modules > maxModules {
		return fmt.Errorf("there are more than %d module calls", maxModules)
	}
	if !fs.ValidPath(dir) {
		return fmt.Errorf("%s is outside of the sources", dir)
	}
	entries, err := fs.ReadDir(w.sources.files, dir)
	if err != nil {
		return err
	}
	configured := false
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || strings.HasPrefix(name, ".") || !isConfiguration(name) {
			continue
		}
		configured = true
		if strings.HasSuffix(name, ".json") {
			continue // has no comments, and its calls of modules are too rare to follow
		}
		file := path.Join(dir, name)
		b, err := fs.ReadFile(w.sources.files, file)
		if err != nil {
			return err
		}
		w.found = append(w.found, commentsOf(b, w.sources.relative(file), address, w.prefix)...)
		for _, call := range localCalls(b, file) {
			if err := w.module(path.Join(dir, call.source), address+"module."+call.name+".", append(slices.Clone(within), dir)); err != nil {
				return fmt.Errorf("module %s of %s: %w", call.name, file, err)
			}
		}
	}
	if !configured {
		return fmt.Errorf("%s holds no Terraform configuration", dir)
	}
	return nil
}

// isConfiguration reports whether Terraform or OpenTofu reads a file of the name.
func isConfiguration(name string) bool {
	name = strings.TrimSuffix(name, ".json")
	return strings.HasSuffix(name, ".tf") || strings.HasSuffix(name, ".tofu")
}

// localCall is a call of a module whose files are beside those of the caller.
type localCall struct{ name, source string }

// localCalls returns the calls in a file, in their order.
func localCalls(b []byte, file string) []localCall {
	f, _ := hclsyntax.ParseConfig(b, file, hcl.InitialPos) // what can be read of it counts
	if f == nil {
		return nil
	}
	body, ok := f.Body.(*hclsyntax.Body)
	if !ok {
		return nil
	}
	var out []localCall
	for _, block := range body.Blocks {
		source := block.Body.Attributes["source"]
		if block.Type != "module" || len(block.Labels) != 1 || source == nil {
			continue
		}
		v, diags := source.Expr.Value(nil)
		if diags.HasErrors() || v.Type() != cty.String || v.IsNull() || !v.IsKnown() {
			continue
		}
		if s := v.AsString(); strings.HasPrefix(s, "./") || strings.HasPrefix(s, "../") {
			out = append(out, localCall{block.Labels[0], s})
		}
	}
	return out
}
