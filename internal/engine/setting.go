package engine

import "github.com/open-policy-agent/opa/v1/ast"

// constants is what is the same below input for all resources of a session. Without
// params, steps that ask for it are left as they are: to be written, not to be run.
type constants struct{ params, now *ast.Term }

func (s *Session) constants() constants { return constants{params: s.params, now: s.now} }

// isSetting reports whether what stands at a path below input is the same for all
// resources.
func isSetting(path []string) bool { return path[0] == "params" || path[0] == "now" }

// at returns the constant at a path below input; nil where there is none.
func (k constants) at(path []string) *ast.Term {
	t := k.now
	if path[0] == "params" {
		t = k.params
	}
	for _, name := range path[1:] {
		if t = field(t, name); t == nil {
			return nil
		}
	}
	return t
}

// setting is the step that takes a constant, or only asks whether there is one.
type setting struct {
	path   []string
	target int // or noLocal
	term   *ast.Term
}

func (s *setting) run(_ *machine, f []*ast.Term) signal {
	if s.term != nil && s.target != noLocal {
		f[s.target] = s.term
	}
	return holds(s.term != nil)
}

// settled looks the constant up, once for all. It returns nil where nothing is left to do.
func (c *code) settled(s *setting) step {
	if c.constants.params == nil {
		return s
	}
	if s.term = c.constants.at(s.path); s.term != nil && s.target == noLocal {
		return nil
	}
	return s
}
