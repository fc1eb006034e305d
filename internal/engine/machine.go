package engine

import (
	"context"
	"errors"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/topdown/builtins"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// machine runs code on one resource at a time.
//
// What is unknown of the resource is a variable where its value would be. As soon as
// the evaluation of a policy meets it, it ends in doubt; a policy that is evaluated to
// its end without meeting it has the same verdict whatever the unknown is.
type machine struct {
	code    *code
	ev      *evaluator
	res     subject
	rel     *Related
	unknown []unknownPath
	veiled  bool      // something unknown may be met: below unknown or in what is joined
	witness *ast.Term // taken for what is unknown of the resource; nil to end in doubt
	seen    int       // how many resources
	slots   []slot
	values  []*values // that the slots had before
	// remembered is how many values there are.
	remembered int
	text       []byte      // see identity
	keys       []string    // likewise
	data       *ast.Term   // empty: below data there are rules and nothing else
	stack      []*ast.Term // the locals of the functions under way
	top        int
	// Results are of the resource while their time is the machine's.
	time     uint32
	results  []memo // of the rules on this resource, by function
	fixed    []memo // of the rules that do not read the resource, at time 0
	rules    map[memoKey]*ast.Term
	verdicts map[memoKey]Result
	doubts   map[string]map[memoKey]Result // see doubt
	pure     applications
	err      error
	bctx     topdown.BuiltinContext
	args     []*ast.Term // of the builtin being called
	out      *ast.Term   // its result
	take     func(*ast.Term) error
}

// memo is the result of a rule; nil is undefined.
type memo struct {
	done   bool
	time   uint32
	result *ast.Term
}

func newMachine(c *code) *machine {
	m := &machine{
		code: c, data: ast.ObjectTerm(), stack: make([]*ast.Term, 256),
		rules: map[memoKey]*ast.Term{}, verdicts: map[memoKey]Result{}, doubts: map[string]map[memoKey]Result{}, bctx: topdown.BuiltinContext{Cancel: topdown.NewCancel()},
	}
	m.take = func(t *ast.Term) error {
		m.out = t
		return nil
	}
	return m
}

// begin makes the machine ready for another resource.
func (m *machine) begin(ctx context.Context, ev *evaluator, r subject, rel *Related, unknown []unknownPath) {
	m.ev, m.res, m.rel, m.unknown = ev, r, rel, unknown
	m.veiled = len(unknown) > 0
	for t := range ev.joins {
		m.veiled = m.veiled || rel != nil && len(rel.partly(t)) > 0
	}
	m.seen++
	m.bctx.Context, m.bctx.Cache = ctx, builtins.Cache{}
	clear(m.slots)
	m.forget()
}

// forget forgets the results of rules.
func (m *machine) forget() {
	if m.time++; m.time == 0 {
		clear(m.results)
		m.time = 1
	}
}

// run returns the value of a rule, nil when it is undefined.
func (m *machine) run(fn *function) (*ast.Term, error) {
	t := m.call(fn, nil, nil)
	err := m.err
	m.top, m.err = 0, nil
	return t, err
}

// judge returns the verdict of a policy, or the error in which its evaluation ended:
// errDoubt where it meets something unknown, errNoProgram where it has no program.
func (m *machine) judge(p *Policy, e entry) (Result, error) {
	if e.deny == nil {
		return Result{}, errNoProgram
	}
	key, keyed := m.key(e.deny, e.inputs)
	if keyed {
		if kept, ok := m.verdicts[key]; ok {
			return kept, nil
		}
	}
	res, err := m.decide(p, e)
	if keyed && err == nil {
		keep(m.verdicts, key, res)
	}
	return res, err
}

func (m *machine) decide(p *Policy, e entry) (Result, error) {
	if e.applicable != nil {
		t, err := m.run(e.applicable)
		if err != nil {
			return Result{}, err
		}
		if t == nil || !ast.Boolean(true).Equal(t.Value) {
			return Result{Policy: p, Verdict: finding.NotApplicable}, nil
		}
	}
	t, err := m.run(e.deny)
	switch {
	case err != nil:
		return Result{}, err
	case t == nil:
		return Result{}, errNoProgram
	}
	return verdict(p, true, t.Value), nil
}

// errAssigned is two values of what can have only one.
var errAssigned = errors.New("conflicting values")

// errKind is a plan that uses a value for another.
var errKind = errors.New("the plan takes a value for what it is not")

// call calls a function with arguments from the caller's frame. It has two parameters
// more than arguments: input, which is read through slots, and data.
func (m *machine) call(fn *function, args []operand, caller []*ast.Term) *ast.Term {
	if len(args) == 0 {
		return m.rule(fn)
	}
	if len(fn.inputs) > 0 || len(args) > maxKeyed {
		return m.apply(fn, args, caller)
	}
	given, ok := applied{fn: fn}, true
	for i, o := range args {
		given.args[i] = o.in(caller)
		ok = ok && given.args[i].IsGround()
	}
	if !ok {
		return m.apply(fn, args, caller)
	}
	hash := given.hash()
	if kept := m.pure.at(hash); kept.same(given) {
		return kept.result
	}
	given.result = m.apply(fn, args, caller)
	if m.err == nil {
		m.pure.keep(hash, given)
	}
	return given.result
}

// memo returns where the result of a rule is kept, and the time that it must have.
func (m *machine) memo(fn *function) (*memo, uint32) {
	list, time := &m.results, m.time
	if len(fn.inputs) == 0 {
		list, time = &m.fixed, 0
	}
	if fn.index >= len(*list) {
		*list = append(*list, make([]memo, fn.index+1-len(*list))...)
	}
	return &(*list)[fn.index], time
}

// rule returns the result of a rule, which it has once for a resource.
func (m *machine) rule(fn *function) *ast.Term {
	kept, time := m.memo(fn)
	if kept.done && kept.time == time {
		return kept.result
	}
	key, keyed := m.key(fn, fn.inputs)
	if keyed {
		if t, ok := m.rules[key]; ok {
			*kept = memo{true, time, t}
			return t
		}
	}
	t := m.apply(fn, nil, nil)
	if m.err != nil {
		return nil
	}
	if keyed {
		keep(m.rules, key, t)
	}
	kept, _ = m.memo(fn) // it may have moved
	*kept = memo{true, time, t}
	return t
}

// apply runs the body of a function.
func (m *machine) apply(fn *function, args []operand, caller []*ast.Term) *ast.Term {
	if !fn.made.Load() {
		if m.err = m.code.make(fn); m.err != nil {
			return nil
		}
	}
	if fn.unsupported != "" {
		m.err = errNoProgram
		return nil
	}
	base := m.top
	if base+fn.locals > len(m.stack) {
		// What is under way keeps the frames that it has.
		m.stack = make([]*ast.Term, 2*(base+fn.locals))
	}
	m.top = base + fn.locals
	frame := m.stack[base:m.top:m.top]
	clear(frame)
	frame[fn.params[1]] = m.data // input is read through slots
	for i, a := range args {
		frame[fn.params[i+2]] = a.in(caller)
	}
	var result *ast.Term
	var doubt error
	for _, b := range fn.blocks {
		s := m.block(b, frame)
		if s == returned {
			result = frame[fn.result]
			break
		}
		if s == fault {
			if !fn.yes || !errors.Is(m.err, errDoubt) {
				return nil
			}
			// Another body may hold whatever the unknown is.
			doubt, m.err, m.top = m.err, nil, base+fn.locals
		}
	}
	if result == nil && doubt != nil {
		m.err = doubt
		return nil
	}
	m.top = base
	return result
}

// block runs the steps of a block until one ends it.
func (m *machine) block(steps []step, f []*ast.Term) signal {
	for _, s := range steps {
		if sig := s.run(m, f); sig != next {
			return sig
		}
	}
	return next
}
