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
