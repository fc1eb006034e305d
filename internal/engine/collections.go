package engine

import "github.com/open-policy-agent/opa/v1/ast"

// The steps that make and fill arrays, objects and sets. What a local variable holds
// is changed in place, as the plan wants it: it is complete before it is used.

type makeArray struct{ target int }

func (s *makeArray) run(_ *machine, f []*ast.Term) signal {
	f[s.target] = ast.ArrayTerm()
	return next
}

type makeObject struct{ target int }

func (s *makeObject) run(_ *machine, f []*ast.Term) signal {
	f[s.target] = ast.ObjectTerm()
	return next
}

type makeSet struct{ target int }

func (s *makeSet) run(_ *machine, f []*ast.Term) signal {
	f[s.target] = ast.SetTerm()
	return next
}

type arrayAppend struct {
	value operand
	array int
}

func (s *arrayAppend) run(m *machine, f []*ast.Term) signal {
	t := f[s.array]
	a, ok := t.Value.(*ast.Array)
	if !ok {
		return m.fail(errKind)
	}
	v := s.value.in(f)
	if m.doubtful(v) {
		return m.fail(errDoubt)
	}
	t.Value = a.Append(v)
	return next
}

type setAdd struct {
	value operand
	set   int
}

func (s *setAdd) run(m *machine, f []*ast.Term) signal {
	set, ok := f[s.set].Value.(ast.Set)
	if !ok {
		return m.fail(errKind)
	}
	t := s.value.in(f)
	if m.doubtful(t) {
		return m.fail(errDoubt)
	}
	set.Add(t)
	return next
}

type objectInsert struct {
	key, value operand
	object     int
	once       bool // two values for one key are an error
}

func (s *objectInsert) run(m *machine, f []*ast.Term) signal {
	obj, ok := f[s.object].Value.(ast.Object)
	if !ok {
		return m.fail(errKind)
	}
	k, v := s.key.in(f), s.value.in(f)
	if m.doubtful(k) || m.doubtful(v) {
		return m.fail(errDoubt)
	}
	if s.once {
		if old := obj.Get(k); old != nil {
			if ast.ValueEqual(old.Value, v.Value) {
				return next
			}
			return m.fail(errAssigned)
		}
	}
	obj.Insert(k, v)
	return next
}

type isArray struct{ source operand }

func (s *isArray) run(_ *machine, f []*ast.Term) signal {
	_, ok := s.source.in(f).Value.(*ast.Array)
	return holds(ok)
}

type isObject struct{ source operand }

func (s *isObject) run(_ *machine, f []*ast.Term) signal {
	_, ok := s.source.in(f).Value.(ast.Object)
	return holds(ok)
}

type isSet struct{ source operand }

func (s *isSet) run(_ *machine, f []*ast.Term) signal {
	_, ok := s.source.in(f).Value.(ast.Set)
	return holds(ok)
}

func holds(ok bool) signal {
	if ok {
		return next
	}
	return undef
}
