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
	// altered are the resources of a module whose blocks have other arguments than the plan.
	altered map[*module]map[string]bool
}

func newSources(files fs.FS, root string) *sources {
	if files == nil {
		return nil
	}
	if root == "" {
		root = "."
	}
	s := &sources{files: files, root: path.Clean(root), dirs: map[string]string{}, modules: map[*module]*moduleSource{}, notes: map[string]bool{}, altered: map[*module]map[string]bool{}}
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
	out := slices.Collect(maps.Keys(s.notes))
	for m, names := range s.altered {
		out = append(out, fmt.Sprintf("the sources of %s differ from the plan, so findings have no lines there: %s", m.title(), some(slices.Collect(maps.Keys(names)))))
	}
	slices.Sort(out)
	return out
}

// path joins the names of the calls that lead to the module.
func (m *module) path() string {
	if m.parent == nil {
		return ""
	}
	return strings.TrimPrefix(m.parent.path()+"."+m.name, ".")
}

// title names the module for a person.
func (m *module) title() string {
	if m.parent == nil {
		return "the root module"
	}
	return "module " + m.path()
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
	switch {
	case err != nil:
		s.notes[fmt.Sprintf("the sources of %s cannot be read: %v", m.title(), err)] = true
		return nil
	case src == nil && m.parent == nil:
		s.notes["the sources have no configuration files of the root module, so findings have no lines"] = true
		return nil
	case src == nil:
		return nil
	}
	for _, bad := range src.bad {
		s.notes[bad] = true
	}
	s.compare(m, src)
	s.modules[m] = src
	return src
}

// compare tells whether the files are those that the plan was made from: they declare
// the same resources. Positions in others would be wrong.
func (s *sources) compare(m *module, src *moduleSource) {
	declared := 0
	var surplus, lacking []string
	for key := range src.blocks {
		if strings.HasPrefix(key, "module.") || strings.HasPrefix(key, "output.") {
			continue
		}
		declared++
		if m.resources[key] == nil {
			src.fits = false
			if !strings.HasPrefix(key, "data.") {
				surplus = append(surplus, key)
			}
		}
	}
	src.fits = src.fits && declared == len(m.resources)
	for key := range m.resources {
		if _, ok := src.blocks[key]; !ok && !strings.HasPrefix(key, "data.") && !strings.HasPrefix(key, "ephemeral.") {
			lacking = append(lacking, key)
		}
	}
	var why []string
	if len(lacking) > 0 {
		why = append(why, "they lack "+some(lacking))
	}
	if len(surplus) > 0 {
		why = append(why, "the plan lacks "+some(surplus))
	}
	if why != nil {
		src.stale = true
		s.notes[fmt.Sprintf("the sources of %s do not fit the plan, so findings there have no lines: %s", m.title(), strings.Join(why, "; "))] = true
	}
}

// some lists the first names, sorted.
func some(names []string) string {
	slices.Sort(names)
	if len(names) > 3 {
		names = append(names[:3:3], fmt.Sprintf("%d more", len(names)-3))
	}
	return strings.Join(names, ", ")
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
