package engine

import (
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// signal says how execution goes on after a step: with the next one, or after the
// end of an enclosing block, 0 being the step's own.
type signal int

const (
	next     signal = -1
	undef    signal = 0 // the block is undefined
	returned signal = 1 << 20
	fault    signal = 1 << 21 // machine.err says what happened
)

// leave is the signal of a block as the enclosing one sees it.
func leave(s signal) signal {
	switch s {
	case next, undef:
		return next
	case returned, fault:
		return s
	}
	return s - 1
}

// noLocal stands where there may be the number of a local variable and is none.
const noLocal = -1

func (m *machine) fail(err error) signal {
	m.err = err
	return fault
}

func (o operand) in(f []*ast.Term) *ast.Term {
	if o.term != nil {
		return o.term
	}
	return f[o.local]
}

// step is one statement of a plan.
type step interface {
	run(m *machine, f []*ast.Term) signal
}

type returning struct{ local int }

func (s *returning) run(*machine, []*ast.Term) signal { return returned }

type nested struct{ blocks [][]step }

func (s *nested) run(m *machine, f []*ast.Term) signal {
	for _, b := range s.blocks {
		if sig := leave(m.block(b, f)); sig != next {
			return sig
		}
	}
	return next
}

type breaking struct{ to signal }

func (s *breaking) run(*machine, []*ast.Term) signal { return s.to }

type call struct {
	fn     *function
	args   []operand
	result int
}

func (s *call) run(m *machine, f []*ast.Term) signal {
	t := m.call(s.fn, s.args, f)
	if m.err != nil {
		return fault
	}
	f[s.result] = t
	if t == nil {
		return undef
	}
	return next
}

type callBuiltin struct {
	name   string
	fn     topdown.BuiltinFunc
	args   []operand
	result int
}

func (s *callBuiltin) run(m *machine, f []*ast.Term) signal {
	m.args = m.args[:0]
	for _, a := range s.args {
		t := a.in(f)
		if m.doubtful(t) {
			return m.fail(errDoubt)
		}
		m.args = append(m.args, t)
	}
	m.out = nil
	if err := s.fn(m.bctx, m.args, m.take); err != nil {
		return m.fail(err)
	}
	f[s.result] = m.out
	if m.out == nil {
		return undef
	}
	return next
}

type dot struct {
	source, key operand
	target      int
}

func (s *dot) run(m *machine, f []*ast.Term) signal {
	var t *ast.Term
	k := s.key.in(f)
	if m.doubtful(k) {
		return m.fail(errDoubt)
	}
	switch v := s.source.in(f).Value.(type) {
	case ast.Object:
		t = v.Get(k)
	case *ast.Array:
		t = v.Get(k)
	case ast.Set:
		if v.Contains(k) {
			t = k
		}
	}
	f[s.target] = t
	if t == nil {
		return undef
	}
	if isUnknown(t) {
		return m.fail(errDoubt)
	}
	return next
}

type scan struct {
	source, key, value int
	body               []step
}

func (s *scan) run(m *machine, f []*ast.Term) signal {
	switch v := f[s.source].Value.(type) {
	case *ast.Array:
		for i := range v.Len() {
			if sig, ended := s.each(m, f, ast.InternedTerm(i), v.Elem(i)); ended {
				return sig
			}
		}
	case ast.Set:
		for _, t := range v.Slice() {
			if sig, ended := s.each(m, f, t, t); ended {
				return sig
			}
		}
	case ast.Object:
		out := next
		v.Until(func(k, e *ast.Term) bool {
			sig, ended := s.each(m, f, k, e)
			out = sig
			return ended
		})
		return out
	}
	return next
}

// each runs the body on one element. It reports whether that ends the loop, and with
// which signal.
func (s *scan) each(m *machine, f []*ast.Term, k, v *ast.Term) (signal, bool) {
	if isUnknown(v) {
		return m.fail(errDoubt), true
	}
	f[s.key], f[s.value] = k, v
	// The body ends with the loop's own block (0: the next element) or beyond.
	switch sig := m.block(s.body, f); sig {
	case next, undef:
		return next, false
	case returned, fault:
		return sig, true
	default:
		return leave(sig - 1), true
	}
}

type negation struct {
	body  []step
	reset int // local to reset before, or noLocal
}

func (s *negation) run(m *machine, f []*ast.Term) signal {
	if s.reset != noLocal {
		f[s.reset] = nil
	}
	switch sig := m.block(s.body, f); sig {
	case next:
		return undef
	case undef:
		return next
	default:
		return leave(sig)
	}
}

type assign struct {
	source operand
	target int
}

func (s *assign) run(_ *machine, f []*ast.Term) signal {
	f[s.target] = s.source.in(f)
	return next
}

type assignOnce struct {
	source operand
	target int
}

func (s *assignOnce) run(m *machine, f []*ast.Term) signal {
	t := s.source.in(f)
	if f[s.target] != nil && (m.doubtful(t) || m.doubtful(f[s.target])) {
		return m.fail(errDoubt)
	}
	if old := f[s.target]; old != nil && !ast.ValueEqual(old.Value, t.Value) {
		return m.fail(errAssigned)
	}
	f[s.target] = t
	return next
}

type reset struct{ local int }

func (s *reset) run(_ *machine, f []*ast.Term) signal {
	f[s.local] = nil
	return next
}

type defined struct{ local int }

func (s *defined) run(_ *machine, f []*ast.Term) signal {
	if f[s.local] == nil {
		return undef
	}
	return next
}

type undefined struct{ local int }

func (s *undefined) run(_ *machine, f []*ast.Term) signal {
	if f[s.local] != nil {
		return undef
	}
	return next
}

type equality struct {
	a, b operand
	same bool
}

func (s *equality) run(m *machine, f []*ast.Term) signal {
	a, b := s.a.in(f), s.b.in(f)
	if m.doubtful(a) || m.doubtful(b) {
		return m.fail(errDoubt)
	}
	if (a == b || ast.ValueEqual(a.Value, b.Value)) == s.same {
		return next
	}
	return undef
}

type length struct {
	source operand
	target int
}

func (s *length) run(m *machine, f []*ast.Term) signal {
	t, n := s.source.in(f), 0
	if m.doubtful(t) {
		return m.fail(errDoubt)
	}
	switch v := t.Value.(type) {
	case ast.Object:
		n = v.Len()
	case *ast.Array:
		n = v.Len()
	case ast.Set:
		n = v.Len()
	case ast.String:
		n = len([]rune(string(v)))
	default:
		return undef
	}
	f[s.target] = ast.InternedTerm(n)
	return next
}
