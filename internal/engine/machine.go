package engine

import (
	"context"
	"errors"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/topdown/builtins"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// machine runs a program on one resource at a time.
//
// What is unknown of the resource is a variable where its value would be. As soon as
// the evaluation of a policy meets it, it ends in doubt; a policy that is evaluated to
// its end without meeting it has the same verdict whatever the unknown is.
type machine struct {
	pr      *program
	ev      *evaluator
	res     providers.Resource
	rel     *Related
	unknown []unknownPath
	veiled  bool      // something unknown may be met: below unknown or in what is joined
	witness *ast.Term // taken for what is unknown of the resource; nil to end in doubt
	slots   []slot
	data    *ast.Term   // empty: below data there are rules and nothing else
	stack   []*ast.Term // the locals of the functions under way
	top     int
	results []memo // of the rules on this resource, by function
	fixed   []memo // of the rules that do not read the resource
	pure    map[application]applied
	err     error
	bctx    topdown.BuiltinContext
	args    []*ast.Term // of the builtin being called
	out     *ast.Term   // its result
	take    func(*ast.Term) error
}

// memo is the result of a rule; nil is undefined.
type memo struct {
	done   bool
	result *ast.Term
}

// application is a function that does not read the resource and what it is applied
// to: scalars, and of arrays, sets and objects the hashes. The same types, tag keys and
// lists of them come again and again.
type application struct {
	fn      *function
	scalars [maxKeyed]ast.Value
	hashes  [maxKeyed]int
}

// applied is what an application was.
type applied struct {
	args   [maxKeyed]*ast.Term
	result *ast.Term // nil is undefined
}

// maxKeyed is with how many arguments results are kept.
const maxKeyed = 4

// maxApplications bounds how many results are kept.
const maxApplications = 4096

func newMachine(pr *program) *machine {
	m := &machine{
		pr: pr, data: ast.ObjectTerm(), slots: make([]slot, len(pr.slots)), stack: make([]*ast.Term, 256), results: make([]memo, len(pr.funcs)), fixed: make([]memo, len(pr.funcs)),
		pure: map[application]applied{}, bctx: topdown.BuiltinContext{Cancel: topdown.NewCancel()},
	}
	m.take = func(t *ast.Term) error {
		m.out = t
		return nil
	}
	return m
}

// begin makes the machine ready for another resource.
func (m *machine) begin(ctx context.Context, ev *evaluator, r providers.Resource, rel *Related, unknown []unknownPath) {
	m.ev, m.res, m.rel, m.unknown = ev, r, rel, unknown
	m.veiled = len(unknown) > 0
	for t := range ev.joins {
		m.veiled = m.veiled || rel != nil && len(rel.partly(t)) > 0
	}
	m.bctx.Context, m.bctx.Cache = ctx, builtins.Cache{}
	clear(m.slots)
	clear(m.results)
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

// errNoProgram is a policy that the machine cannot judge.
var errNoProgram = errors.New("the policy has no program")

// errAssigned is two values of what can have only one.
var errAssigned = errors.New("conflicting values")

// errKind is a plan that uses a value for another.
var errKind = errors.New("the plan takes a value for what it is not")

// call calls a function with arguments from the caller's frame.
func (m *machine) call(fn *function, args []operand, caller []*ast.Term) *ast.Term {
	if fn.rule() {
		kept := &m.fixed[fn.index]
		if fn.reads {
			kept = &m.results[fn.index]
		}
		if !kept.done {
			result := m.apply(fn, nil, nil)
			if m.err != nil {
				return nil
			}
			*kept = memo{true, result}
		}
		return kept.result
	}
	if fn.reads || len(args)-2 > maxKeyed {
		return m.apply(fn, args, caller)
	}
	key, given := application{fn: fn}, applied{}
	for i, o := range args[2:] {
		t := o.in(caller)
		given.args[i] = t
		switch {
		case ast.IsScalar(t.Value):
			key.scalars[i] = t.Value
		case t.IsGround():
			key.hashes[i] = t.Value.Hash()
		default:
			return m.apply(fn, args, caller)
		}
	}
	if kept, ok := m.pure[key]; ok && kept.same(given) {
		return kept.result
	}
	given.result = m.apply(fn, args, caller)
	if m.err != nil {
		return nil
	}
	if len(m.pure) >= maxApplications {
		clear(m.pure)
	}
	m.pure[key] = given
	return given.result
}

// same reports whether the arguments are equal. Their scalars are.
func (a applied) same(b applied) bool {
	for i, t := range a.args {
		if t != b.args[i] && !ast.IsScalar(t.Value) && !ast.ValueEqual(t.Value, b.args[i].Value) {
			return false
		}
	}
	return true
}

// apply runs the body of a function.
func (m *machine) apply(fn *function, args []operand, caller []*ast.Term) *ast.Term {
	base := m.top
	if base+fn.locals > len(m.stack) {
		// What is under way keeps the frames that it has.
		m.stack = make([]*ast.Term, 2*(base+fn.locals))
	}
	m.top = base + fn.locals
	frame := m.stack[base:m.top:m.top]
	clear(frame)
	frame[fn.params[1]] = m.data // input is read through slots
	for i := 2; i < len(fn.params); i++ {
		frame[fn.params[i]] = args[i].in(caller)
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

func (s returning) run(*machine, []*ast.Term) signal { return returned }

type nested struct{ blocks [][]step }

func (s nested) run(m *machine, f []*ast.Term) signal {
	for _, b := range s.blocks {
		if sig := leave(m.block(b, f)); sig != next {
			return sig
		}
	}
	return next
}

type breaking struct{ to signal }

func (s breaking) run(*machine, []*ast.Term) signal { return s.to }

type call struct {
	fn     *function
	args   []operand
	result int
}

func (s call) run(m *machine, f []*ast.Term) signal {
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
	fn     topdown.BuiltinFunc
	args   []operand
	result int
}

func (s callBuiltin) run(m *machine, f []*ast.Term) signal {
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

func (s dot) run(m *machine, f []*ast.Term) signal {
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

func (s scan) run(m *machine, f []*ast.Term) signal {
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
func (s scan) each(m *machine, f []*ast.Term, k, v *ast.Term) (signal, bool) {
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
	reset int // local to reset before; -1 is none
}

func (s negation) run(m *machine, f []*ast.Term) signal {
	if s.reset >= 0 {
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

func (s assign) run(_ *machine, f []*ast.Term) signal {
	f[s.target] = s.source.in(f)
	return next
}

type assignOnce struct {
	source operand
	target int
}

func (s assignOnce) run(m *machine, f []*ast.Term) signal {
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

func (s reset) run(_ *machine, f []*ast.Term) signal {
	f[s.local] = nil
	return next
}

type defined struct{ local int }

func (s defined) run(_ *machine, f []*ast.Term) signal {
	if f[s.local] == nil {
		return undef
	}
	return next
}

type undefined struct{ local int }

func (s undefined) run(_ *machine, f []*ast.Term) signal {
	if f[s.local] != nil {
		return undef
	}
	return next
}

type equality struct {
	a, b operand
	same bool
}

func (s equality) run(m *machine, f []*ast.Term) signal {
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

func (s length) run(m *machine, f []*ast.Term) signal {
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
