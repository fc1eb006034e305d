package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// PlansFile is the file, beside the shipped policies, that holds what OPA compiles
// them to. With it a start compiles none of them: what is judged by a program alone,
// and that is nearly everything, never needs OPA's compiler, which takes several times
// as long as judging a small plan.
const PlansFile = "plans.txt"

// plansVersion is of the text. It grows when the words change their meaning.
const plansVersion = "metsuke-plans-3"

// plans are the contents of PlansFile. Its lines, each of a word, a name and what is to
// be said of that, are sorted, so that one is found without reading the others.
type plans struct {
	text  string
	lines []int32 // where they begin
}

func newPlans(text string) *plans {
	pl := &plans{text: text, lines: make([]int32, 0, len(text)/512)}
	for at := 0; at < len(text); {
		pl.lines = append(pl.lines, int32(at))
		n := strings.IndexByte(text[at:], '\n')
		if n < 0 {
			break
		}
		at += n + 1
	}
	return pl
}

// Words that a line of the plans begins with.
const (
	policyLine  = "policy"  // the functions of a policy, and where it steps
	funcLine    = "func"    // a function
	readsLine   = "reads"   // the paths below input that it reads, and what it calls
	refusedLine = "refused" // why a function, or one that it calls, cannot be run
)

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
	var lines []string
	line := func(word, name string, write func(*planText)) {
		t := &planText{out: &strings.Builder{}}
		if write(t); t.err != nil {
			err = cmp.Or(err, fmt.Errorf("%s: %w", name, t.err))
		}
		lines = append(lines, word+" "+strconv.Quote(name)+" "+t.out.String())
	}
	for _, p := range e.policies {
		mods := map[string]*ast.Module{p.File: u.mods[p.File]}
		if err := e.addLibs(mods, p.Imports); err != nil {
			return nil, err
		}
		pp := plannedPolicy{deny: functionOf(u, p, "deny"), replaces: replacesInput(mods), steps: footprintOf(u.compiler, u.mods[p.File])}
		if p.Applicable {
			pp.applicable = functionOf(u, p, "applicable")
		}
		line(policyLine, p.ID, pp.text)
	}
	made := newCode(constants{}, policy)
	for _, f := range policy.Funcs.Funcs {
		fn := made.byName[f.Name]
		if fn.unsupported != "" {
			line(refusedLine, f.Name, func(t *planText) { t.text(&fn.unsupported) })
			continue
		}
		line(funcLine, f.Name, func(t *planText) {
			t.fn = fn
			t.function()
		})
		if len(fn.inputs) > 0 {
			paths := fn.inputs.paths()
			line(readsLine, f.Name, func(t *planText) { t.paths(&paths) })
		}
	}
	slices.Sort(lines)
	return []byte(plansVersion + " " + digest + "\n" + strings.Join(lines, "\n") + "\n"), err
}

// functionOf is the name of the function that is a rule of a policy.
func functionOf(u *unit, p *Policy, rule string) string {
	return "g0." + u.path(p).String() + "." + rule
}

// readPlans returns the plans of just these files; nil where there are none.
func readPlans(src Source, digest string) *plans {
	text := src.Plans
	if text == "" {
		var err error
		if text, err = readText(src.FS, PlansFile); err != nil {
			return nil
		}
	}
	head, rest, _ := strings.Cut(text, "\n")
	if head != plansVersion+" "+digest {
		return nil
	}
	return newPlans(rest)
}

// readText returns the content of a file, in memory once.
func readText(fsys fs.FS, name string) (string, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	var out strings.Builder
	if info, err := f.Stat(); err == nil {
		out.Grow(int(info.Size()))
	}
	_, err = io.Copy(&out, f)
	return out.String(), err
}

// line returns what a line says, after the name.
func (pl *plans) line(word, name string) (string, bool) {
	if pl == nil {
		return "", false
	}
	var buf [256]byte
	head := append(strconv.AppendQuote(append(append(buf[:0], word...), ' '), name), ' ')
	i := sort.Search(len(pl.lines), func(i int) bool {
		at := int(pl.lines[i])
		return pl.text[at:min(at+len(head), len(pl.text))] >= string(head)
	})
	if i == len(pl.lines) {
		return "", false
	}
	line, _, _ := strings.Cut(pl.text[pl.lines[i]:], "\n")
	if len(line) < len(head) || line[:len(head)] != string(head) {
		return "", false
	}
	return line[len(head):], true
}

// policy returns what the plans say of a policy; nil when it is not in them.
func (pl *plans) policy(id string) *plannedPolicy {
	line, ok := pl.line(policyLine, id)
	if !ok {
		return nil
	}
	t, pp := &planText{in: line}, &plannedPolicy{}
	if pp.text(t); t.err != nil {
		return nil
	}
	return pp
}

func (pp *plannedPolicy) text(t *planText) {
	t.text(&pp.deny)
	t.text(&pp.applicable)
	t.flag(&pp.replaces)
	list(t, (*[]stride)(&pp.steps), func(s *stride) {
		t.flag(&s.deep)
		words(t, &s.path)
	})
}

// refused returns why a function cannot be run.
func (pl *plans) refused(name string) (why string, refused bool) {
	line, ok := pl.line(refusedLine, name)
	if ok {
		(&planText{in: line}).text(&why)
	}
	return why, ok
}

// reads returns the paths below input that a function and what it calls read.
func (pl *plans) reads(name string) ([][]string, error) {
	line, ok := pl.line(readsLine, name)
	if !ok {
		return nil, nil
	}
	var paths [][]string
	t := &planText{in: line}
	if t.paths(&paths); t.err != nil {
		return nil, fmt.Errorf("%s: %s: %w", PlansFile, name, t.err)
	}
	return paths, nil
}

// plannedPolicy returns what the plans say of a policy; nil where it has to be
// compiled: it is none of the shipped ones, or it is traced or compared with topdown.
func (s *Session) plannedPolicy(p *Policy) *plannedPolicy {
	if !p.Builtin || s.tracer != nil || s.planFrom > planFrom {
		return nil
	}
	return s.engine.plans.policy(p.ID)
}
