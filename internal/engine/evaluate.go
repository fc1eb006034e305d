package engine

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// Result is the verdict of one policy on one resource.
type Result struct {
	Policy  *Policy
	Verdict finding.Verdict
	Denies  []Deny // of a failing verdict: at least one, sorted
	// Path, Reason and Message say of an unknown verdict what could not be read:
	// "tags", an attribute path, or "related.<type>".
	Path    string
	Reason  providers.Reason
	Message string
}

// Deny is one element of a policy's deny set.
type Deny struct {
	Message     string           `json:"message"`
	Path        string           `json:"path"`
	Key         string           `json:"key,omitempty"`
	Defects     []string         `json:"defects,omitempty"`  // see finding.Finding; sorted
	Severity    finding.Severity `json:"severity,omitempty"` // "" is the policy's own
	MonthlyCost float64          `json:"monthly_cost_usd,omitempty"`
	// AtLeast says what could not be read that would tell whether it is worse; "" where the
	// severity is certain.
	AtLeast string `json:"at_least,omitempty"`
}

// evaluator judges the resources of one type by policies of which there are plans, or by
// policies that were compiled together. These are asked in one query until there are
// enough resources for a program; a policy that meets something unknown is decided by
// values that are tried for it (depends), or by partial evaluation.
type evaluator struct {
	session  *Session
	typ      providers.Type
	policies []*compiled
	unit     *unit    // what the policies were compiled in; nil where there are plans of all of them
	query    ast.Body // asks all policies of the unit
	raw      ast.Body // query, before it was compiled
	joins    map[providers.Type][]string
	attrs    []string // top-level attributes that the policies read
	replaces bool     // some rule evaluates something with another input
	seen     atomic.Int64
	planning sync.Once
	program  *program
	planErr  error
	supposed supposed
}

// evaluate judges a resource.
func (ev *evaluator) evaluate(ctx context.Context, r subject, rel *Related, ask *asked) ([]Result, error) {
	if len(ev.policies) == 0 {
		return nil, nil
	}
	own := ev.unknowns(r)
	unknown := slices.Concat(own, rel.unknowns(ev.joins))
	affected := make([][]blind, len(ev.policies))
	any1 := false
	if len(unknown) > 0 {
		for i, p := range ev.policies {
			affected[i] = blindSpots(p.reads, p.footprint().only(unknown))
			any1 = any1 || len(affected[i]) > 0
		}
	}
	pr, err := ev.planned(ctx, any1)
	if err != nil {
		return nil, err
	}
	if pr != nil {
		return ev.run(ctx, pr, r, rel, slices.Concat(own, rel.missed(ev.joins)), affected, ask)
	}
	input := ev.input(r, rel)
	if !any1 && ask == nil {
		out, err := ev.all(ctx, input)
		if err == nil || ctx.Err() != nil {
			return out, ctx.Err()
		}
		// A builtin of some policy failed and took the whole query with it: ask
		// each policy alone, to know which.
	}
	out := make([]Result, 0, len(ev.policies))
	for i, p := range ev.policies {
		if ask.skips(i) {
			out = append(out, Result{})
			continue
		}
		if len(affected[i]) > 0 {
			ask.argue(i)
		}
		res := ev.alone(ctx, p, input, affected[i])
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out = append(out, res)
	}
	return out, nil
}

// alone judges by one policy, in three values where it reads something unknown.
func (ev *evaluator) alone(ctx context.Context, p *compiled, input *ast.Term, affected []blind) Result {
	u, err := p.unit()
	if err != nil {
		return broken(p.Policy, err)
	}
	if len(affected) > 0 {
		return ev.partial(ctx, u, p, input, affected)
	}
	return ev.one(ctx, u, p, input)
}

// planFrom is how many resources of a type are judged before its policies are made
// into a program: that takes as long as judging so many without it.
const planFrom = 8

// planned returns the program of the type. It is nil while there were only few
// resources, unless something is unknown that policies read: then there always is one,
// so that the verdict does not depend on how many there were. Where OPA's plan is there
// already, so is the program. There is none while policies are traced.
func (ev *evaluator) planned(ctx context.Context, unknown bool) (*program, error) {
	if ev.unit == nil {
		ev.planning.Do(func() { ev.program = ev.programOf(ev.session.shipped()) })
		return ev.program, nil
	}
	if ev.session.tracer != nil || ev.seen.Add(1) < ev.session.planFrom && (!unknown || ev.session.planFrom == math.MaxInt64) {
		return nil, nil
	}
	ev.planning.Do(func() { ev.program, ev.planErr = ev.plan(ctx) })
	return ev.program, ev.planErr
}

// run judges by the program, and without it where that cannot be done.
func (ev *evaluator) run(ctx context.Context, pr *program, r subject, rel *Related, unknown []unknownPath, affected [][]blind, ask *asked) ([]Result, error) {
	m := pr.code.machines.Get().(*machine) //nolint:forcetypeassert // New makes them
	defer pr.code.machines.Put(m)
	m.begin(ctx, ev, r, rel, unknown)
	var input *ast.Term
	out := make([]Result, 0, len(ev.policies))
	for i, p := range ev.policies {
		if ask.skips(i) {
			out = append(out, Result{})
			continue
		}
		res, err := ev.verdict(ctx, m, i, affected[i])
		if err != nil {
			if input == nil {
				input = ev.input(r, rel)
			}
			ask.argue(i)
			res = ev.alone(ctx, p, input, affected[i])
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out = append(out, res)
	}
	return out, nil
}

// input is the document that the policies of the type see.
func (ev *evaluator) input(r subject, rel *Related) *ast.Term {
	doc := document(r)
	var resource ast.Value = ast.LazyObject(doc)
	if ev.replaces {
		// OPA does not copy a lazy object before it replaces a part of it.
		resource = ast.MustInterfaceToValue(doc)
	}
	return ast.ObjectTerm(
		ast.Item(ast.StringTerm("resource"), ast.NewTerm(resource)),
		ast.Item(ast.StringTerm("params"), ev.session.params),
		ast.Item(ast.StringTerm("now"), ev.session.now),
		ast.Item(ast.StringTerm("related"), rel.term(ev.joins)),
	)
}

// tagsOf returns the tags. One of which only the key is known is there and empty:
// what iterates the tags has to meet it to find that its value is unknown.
func tagsOf(r providers.Resource) map[string]any {
	out := make(map[string]any, len(r.Tags))
	for k, v := range r.Tags {
		out[k] = v
	}
	for p := range r.Unknown {
		if key, ok := strings.CutPrefix(p, "tags."); ok {
			out[key] = ""
		}
	}
	return out
}

// tagKeys returns the sorted keys of the tags, those of unknown values included.
func tagKeys(r providers.Resource) []any {
	keys := slices.Sorted(maps.Keys(tagsOf(r)))
	out := make([]any, len(keys))
	for i, k := range keys {
		out[i] = k
	}
	return out
}

func (ev *evaluator) newQuery(c *ast.Compiler, body ast.Body, input *ast.Term) *topdown.Query {
	q := topdown.NewQuery(body).WithCompiler(c).WithStore(noData{}).WithInput(input).WithStrictBuiltinErrors(true)
	if t := ev.session.tracer; t != nil {
		q = q.WithQueryTracer(t)
	}
	return q
}

// noData is the store of a query: below data there are rules and nothing else. OPA
// looks there for what rules such as owners["a"] := 1 leave out, and does not
// survive a query without a store.
type noData struct{ storage.Store }

// Read finds nothing.
func (noData) Read(_ context.Context, _ storage.Transaction, path storage.Path) (any, error) {
	return nil, &storage.Error{Code: storage.NotFoundErr, Message: path.String()}
}

// all asks every policy in one query.
func (ev *evaluator) all(ctx context.Context, input *ast.Term) ([]Result, error) {
	v, err := ev.result(ctx, ev.unit.compiler, ev.query, input)
	if err != nil {
		return nil, err
	}
	list, ok := v.(*ast.Array)
	if !ok || list.Len() != len(ev.policies) {
		return nil, fmt.Errorf("the query of %s gave %v", ev.typ, v)
	}
	out := make([]Result, 0, len(ev.policies))
	for i, p := range ev.policies {
		pair, _ := list.Elem(i).Value.(*ast.Array)
		if pair == nil || pair.Len() == 0 {
			return nil, fmt.Errorf("the query of %s gave %v for %s", ev.typ, list.Elem(i), p.ID)
		}
		applies := true
		if pair.Len() == 2 {
			set, _ := pair.Elem(1).Value.(ast.Set)
			applies = set != nil && set.Len() > 0
		}
		out = append(out, verdict(p.Policy, applies, pair.Elem(0).Value))
	}
	return out, nil
}

// one asks one policy.
func (ev *evaluator) one(ctx context.Context, u *unit, p *compiled, input *ast.Term) Result {
	deny, applicable, err := p.queries(u)
	if err != nil {
		return broken(p.Policy, err)
	}
	if applicable != nil {
		v, err := ev.result(ctx, u.compiler, applicable, input)
		if err != nil {
			return broken(p.Policy, err)
		}
		if v == nil || v.Compare(ast.Boolean(true)) != 0 {
			return Result{Policy: p.Policy, Verdict: finding.NotApplicable}
		}
	}
	v, err := ev.result(ctx, u.compiler, deny, input)
	if err != nil {
		return broken(p.Policy, err)
	}
	return verdict(p.Policy, true, v)
}

// result runs a query and returns what it bound to result; nil when it is undefined.
func (ev *evaluator) result(ctx context.Context, c *ast.Compiler, body ast.Body, input *ast.Term) (ast.Value, error) {
	var out ast.Value
	cancel, stop := withCancel(ctx)
	defer stop()
	err := ev.newQuery(c, body, input).WithCancel(cancel).Iter(ctx, func(qr topdown.QueryResult) error {
		out = qr["result"].Value
		return nil
	})
	return out, err
}

// withCancel ties a topdown cancellation to a context.
func withCancel(ctx context.Context) (topdown.Cancel, func() bool) {
	c := topdown.NewCancel()
	return c, context.AfterFunc(ctx, c.Cancel)
}

// broken is the verdict of a policy that could not be evaluated.
func broken(p *Policy, err error) Result {
	return Result{Policy: p, Verdict: finding.Unknown, Reason: providers.Failed, Message: "the policy could not be evaluated: " + err.Error()}
}

// verdict turns a full answer into a Result.
func verdict(p *Policy, applies bool, deny ast.Value) Result {
	if !applies {
		return Result{Policy: p, Verdict: finding.NotApplicable}
	}
	set, ok := deny.(ast.Set)
	if !ok {
		return broken(p, fmt.Errorf("deny is %v, not a set", deny))
	}
	if set.Len() == 0 {
		return Result{Policy: p, Verdict: finding.Pass}
	}
	denies := make([]Deny, 0, set.Len())
	for _, t := range set.Slice() {
		d, err := denyOf(t.Value)
		if err != nil {
			return broken(p, err)
		}
		denies = append(denies, d)
	}
	return failed(p, denies)
}

func failed(p *Policy, denies []Deny) Result {
	slices.SortFunc(denies, func(a, b Deny) int {
		return cmp.Or(cmp.Compare(a.Severity.Rank(), b.Severity.Rank()), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Message, b.Message), slices.Compare(a.Defects, b.Defects))
	})
	return Result{Policy: p, Verdict: finding.Fail, Denies: slices.CompactFunc(denies, Deny.equal)}
}

func (d Deny) equal(o Deny) bool {
	same := slices.Equal(d.Defects, o.Defects)
	return same && d.Message == o.Message && d.Path == o.Path && d.Key == o.Key && d.Severity == o.Severity && d.MonthlyCost == o.MonthlyCost && d.AtLeast == o.AtLeast
}

// textsOf returns the elements of an array or a set of texts, sorted and each once; false
// if it is none.
func textsOf(v ast.Value) ([]string, bool) {
	var out []string
	all := true
	add := func(t *ast.Term) {
		text, ok := t.Value.(ast.String)
		all = all && ok
		out = append(out, string(text))
	}
	switch v := v.(type) {
	case *ast.Array:
		v.Foreach(add)
	case ast.Set:
		v.Foreach(add)
	default:
		return nil, false
	}
	slices.Sort(out)
	return slices.Compact(out), all
}

func deniesOf(values []ast.Value) ([]Deny, error) {
	out := make([]Deny, 0, len(values))
	for _, v := range values {
		d, err := denyOf(v)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// denyOf reads one element of a deny set.
func denyOf(v ast.Value) (Deny, error) {
	var d Deny
	obj, ok := v.(ast.Object)
	if !ok {
		return d, fmt.Errorf("deny holds %v; its elements are objects with a message", v)
	}
	var bad error
	obj.Foreach(func(k, t *ast.Term) {
		name, _ := k.Value.(ast.String)
		text, isText := t.Value.(ast.String)
		switch name {
		case "message":
			d.Message = string(text)
		case "path":
			d.Path = string(text)
		case "key":
			d.Key = string(text)
		case "defects":
			d.Defects, isText = textsOf(t.Value)
		case "severity":
			d.Severity = finding.Severity(text)
			isText = slices.Contains(finding.Severities(), d.Severity)
		case "monthly_cost_usd":
			n, isNumber := t.Value.(ast.Number)
			d.MonthlyCost, bad = json.Number(n).Float64()
			isText = isNumber
		default:
			isText = false
		}
		if !isText && bad == nil {
			bad = fmt.Errorf("deny holds %v, in which %v is not as it must be: message, path and key are text, defects is a list of texts, severity is one of %v, monthly_cost_usd is a number", v, k, finding.Severities())
		}
	})
	if bad == nil && d.Message == "" {
		bad = fmt.Errorf("deny holds %v, which has no message", v)
	}
	return d, bad
}
