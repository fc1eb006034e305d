package terraform

import (
	"slices"

	"github.com/metsuke-dev/metsuke/providers"
)

// locate adds the file and line of the node's block, or of the module call that brings
// it when the module's files are not the user's, and of the calls that lead to it. Where
// the files do not fit the plan it adds nothing.
func (s *sources) locate(n *node, to *providers.Source) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m := n.c.ix.root.find(n.moduleX)
	if m == nil {
		return
	}
	to.Calls = s.calls(m)
	if s.elsewhere(m) {
		if last := len(to.Calls); last > 0 {
			to.File, to.Line = to.Calls[last-1].File, to.Calls[last-1].Line
		}
		return
	}
	if b := s.block(m, n); b != nil {
		to.File, to.Line = b.file, b.line
	}
}

// elsewhere reports whether the module's files are not among the sources, or only as a
// copy that terraform init made, or nobody calls it there: its call, if that is there, is
// then what the user can mend.
func (s *sources) elsewhere(m *module) bool {
	if m.parent == nil {
		return false
	}
	if dir, ok := s.dir(m); !ok || fetched(dir) || s.module(m) == nil {
		return true
	}
	return s.call(m) == nil || s.elsewhere(m.parent)
}

// call returns the block that calls the module, nil where it is not in the sources or
// they do not fit the plan.
func (s *sources) call(m *module) *sourceBlock {
	if src := s.module(m.parent); src != nil && !src.stale {
		return src.blocks["module."+m.name]
	}
	return nil
}

// calls returns the module calls that lead to the module, that of the root module first,
// up to the first that is not among the sources.
func (s *sources) calls(m *module) []providers.Place {
	if m.parent == nil {
		return nil
	}
	out := s.calls(m.parent)
	b := s.call(m)
	if b == nil || s.elsewhere(m.parent) {
		return out
	}
	return append(slices.Clip(out), providers.Place{Address: m.parent.prefix() + "module." + m.name, File: b.file, Line: b.line})
}

// block returns the block of a resource of the module, nil where it is not in the sources
// or they do not fit the plan.
func (s *sources) block(m *module, n *node) *sourceBlock {
	src := s.module(m)
	if src == nil || src.stale {
		return nil
	}
	b, planned := src.blocks[n.typ+"."+n.name], m.resources[n.typ+"."+n.name]
	if b == nil || planned == nil || src.overridden {
		return b
	}
	// The plan knows which arguments the block had when it was made.
	same := true
	members(n.c.text(planned), func(k, v []byte) bool {
		// Terraform also writes {} for a required argument that is missing.
		same = string(v) == "{}" || len(named(b.parts(), unescape(k))) > 0
		return same
	})
	if !same {
		if s.altered[m] == nil {
			s.altered[m] = map[string]bool{}
		}
		s.altered[m][n.typ+"."+n.name] = true
		return nil
	}
	return b
}
