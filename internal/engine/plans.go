package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/ir"
)

// PlansFile is the file, beside the shipped policies, that holds what OPA compiles
// them to. With it a start compiles none of them: what is judged by a program alone,
// and that is nearly everything, never needs OPA's compiler, which takes several times
// as long as judging a small plan.
const PlansFile = "plans.txt"

// plansVersion is of the text. It grows when the words change their meaning.
const plansVersion = "metsuke-plans-1"

// plans are the contents of PlansFile, read line by line as they are needed.
type plans struct {
	mu       sync.Mutex
	policies map[string]string // the rest of its line, by id
	lines    map[string]string // likewise, by function
	refused  map[string]string // why a function cannot be run, by function
	funcs    map[string]*ir.Func
	static   ir.Static
}

// plannedPolicy is what the plans say of one policy.
type plannedPolicy struct {
	deny, applicable string // names of functions; applicable is "" without the rule
	replaces         bool   // see evaluator.replaces
	steps            footprint
}

// Plans returns the plans of the policies in fsys, for PlansFile.
func Plans(ctx context.Context, fsys fs.FS) ([]byte, error) {
	e := &Engine{libs: map[string]*source{}, schemas: newSchemaSet()}
	if err := e.schemas.read(fsys, false); err != nil {
		return nil, err
	}
	if errs := e.read(Source{FS: fsys, Builtin: true}); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	digest, err := digestOf(fsys)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(e.policies, func(a, b *Policy) int { return strings.Compare(a.ID, b.ID) })
	u, err := e.unit(e.policies)
	if err != nil {
		return nil, err
	}
	policy, err := planned(ctx, u.compiler, u.query(e.policies))
	if err != nil {
		return nil, err
	}
	lines := []string{plansVersion + " " + digest}
	for _, p := range e.policies {
		mods := map[string]*ast.Module{p.File: u.mods[p.File]}
		if err := e.addLibs(mods, p.Imports); err != nil {
			return nil, err
		}
		pp := plannedPolicy{deny: functionOf(u, p, "deny"), replaces: replacesInput(mods), steps: footprintOf(u.compiler, u.mods[p.File])}
		if p.Applicable {
			pp.applicable = functionOf(u, p, "applicable")
		}
		t := &planText{out: &strings.Builder{}}
		pp.text(t)
		lines = append(lines, "policy "+strconv.Quote(p.ID)+" "+t.out.String())
	}
	slices.SortFunc(policy.Funcs.Funcs, func(a, b *ir.Func) int { return cmp.Compare(a.Name, b.Name) })
	for _, f := range policy.Funcs.Funcs {
		t := &planText{out: &strings.Builder{}, static: policy.Static}
		t.function(f)
		if t.err != nil {
			lines = append(lines, "refused "+strconv.Quote(f.Name)+" "+strconv.Quote(t.err.Error()))
			continue
		}
		lines = append(lines, "func "+strconv.Quote(f.Name)+" "+t.out.String())
	}
	return []byte(strings.Join(lines, "\n") + "\n"), nil
}

// functionOf is the name of the function that is a rule of a policy.
func functionOf(u *unit, p *Policy, rule string) string {
	return "g0." + u.path(p).String() + "." + rule
}

// readPlans returns the plans of just these files; nil where there are none.
func readPlans(fsys fs.FS, digest string) *plans {
	b, err := fs.ReadFile(fsys, PlansFile)
	if err != nil {
		return nil
	}
	head, rest, _ := strings.Cut(string(b), "\n")
	if head != plansVersion+" "+digest {
		return nil
	}
	pl := &plans{policies: map[string]string{}, lines: map[string]string{}, refused: map[string]string{}, funcs: map[string]*ir.Func{}}
	for line := range strings.Lines(rest) {
		t := &planText{in: strings.TrimSuffix(line, "\n")}
		word, name := t.next(), ""
		t.text(&name)
		switch word {
		case "policy":
			pl.policies[name] = t.in
		case "func":
			pl.lines[name] = t.in
		case "refused":
			pl.refused[name] = t.in
		}
	}
	return pl
}

// policy returns what the plans say of a policy; nil when it is not in them.
func (pl *plans) policy(id string) *plannedPolicy {
	if pl == nil {
		return nil
	}
	line, ok := pl.policies[id]
	if !ok {
		return nil
	}
	t := &planText{in: line}
	pp := &plannedPolicy{}
	if pp.text(t); t.err != nil {
		return nil
	}
	return pp
}

func (pp *plannedPolicy) text(t *planText) {
	t.text(&pp.deny)
	t.text(&pp.applicable)
	t.flag(&pp.replaces)
	n := len(pp.steps)
	integer(t, &n)
	if t.reading() {
		pp.steps = make(footprint, max(0, min(n, len(t.in))))
	}
	for i := range pp.steps {
		s := &pp.steps[i]
		t.flag(&s.deep)
		steps := len(s.path)
		integer(t, &steps)
		if t.reading() {
			s.path = make([]string, max(0, min(steps, len(t.in))))
		}
		for k := range s.path {
			t.text(&s.path[k])
		}
	}
}

// reach adds the functions that a function calls, and itself, to out.
func (pl *plans) reach(name string, out map[string]*ir.Func) error {
	if name == "" || out[name] != nil || pl.refused[name] != "" {
		return nil
	}
	f := pl.funcs[name]
	if f == nil {
		line, ok := pl.lines[name]
		if !ok {
			return nil // a builtin
		}
		f = &ir.Func{Name: name}
		t := &planText{in: line, static: &pl.static}
		if t.function(f); t.err != nil {
			return fmt.Errorf("%s: %s: %w", PlansFile, name, t.err)
		}
		pl.funcs[name] = f
	}
	out[name] = f
	var err error
	for _, b := range f.Blocks {
		eachStmt(b, func(s ir.Stmt) {
			if c, ok := s.(*ir.CallStmt); ok && err == nil {
				err = pl.reach(c.Func, out)
			}
		})
	}
	return err
}

// program makes the policies of an evaluator ready to be run.
func (pl *plans) program(ev *evaluator) (*program, error) {
	pl.mu.Lock()
	defer pl.mu.Unlock()
	funcs := map[string]*ir.Func{}
	for _, p := range ev.policies {
		for _, name := range []string{p.plan.deny, p.plan.applicable} {
			if err := pl.reach(name, funcs); err != nil {
				return nil, err
			}
		}
	}
	policy := &ir.Policy{Static: &pl.static, Funcs: &ir.Funcs{}}
	for _, name := range slices.Sorted(maps.Keys(funcs)) {
		policy.Funcs.Funcs = append(policy.Funcs.Funcs, funcs[name])
	}
	return ev.build(policy, pl.refused), nil
}

// plannedPolicy returns what the plans say of a policy; nil where it has to be
// compiled: it is none of the shipped ones, or it is traced or compared with topdown.
func (s *Session) plannedPolicy(p *Policy) *plannedPolicy {
	if !p.Builtin || s.tracer != nil || s.planFrom > planFrom {
		return nil
	}
	return s.engine.plans.policy(p.ID)
}
