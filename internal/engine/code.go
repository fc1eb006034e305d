package engine

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/ir"
)

// code is rules and functions of Rego as OPA's planner compiles them, imperative plans of
// calls, loops and comparisons, made ready to be run in Go. There is one code for all
// shipped policies of a session, whose functions are read and made when they are first
// called, and one for each query of policies that were compiled.
type code struct {
	constants constants
	plans     *plans // where functions are read; nil where all are made
	mu        sync.Mutex
	byName    map[string]*function
	slots     map[string]int       // numbers of paths below input
	texts     map[string]*ast.Term // that statements name
	machines  sync.Pool
}

// function is a rule or a function of Rego. Its first two parameters are input and
// data, which a rule takes alone.
type function struct {
	name  string
	index int // of its code
	// inputs is what of the resource the result may depend on: of input, but for what is
	// the same for all resources.
	inputs inputs
	// unsupported says why it cannot be run here, "" when it can.
	unsupported string

	line string      // of the plans, which says what it does
	made atomic.Bool // what follows is there
	body
}

// body is what a function does.
type body struct {
	params    []int
	result    int
	locals    int
	blocks    [][]step
	yes       bool // it has no other value than true: one body that holds is enough
	calls     []*function
	constants []*ast.Term // scalars that its statements name
}

// newCode makes all functions of a plan.
func newCode(k constants, policy *ir.Policy) *code {
	c := emptyCode(k)
	if policy.Funcs == nil {
		return c
	}
	for _, f := range policy.Funcs.Funcs {
		c.add(f.Name)
	}
	for _, f := range policy.Funcs.Funcs {
		fn := c.byName[f.Name]
		newBuilder(c, policy.Static, fn).function(f)
		fn.made.Store(true)
	}
	spread(c.byName)
	return c
}

func emptyCode(k constants) *code {
	c := &code{constants: k, byName: map[string]*function{}, slots: map[string]int{}, texts: map[string]*ast.Term{}}
	c.machines.New = func() any { return newMachine(c) }
	return c
}

// add declares a function.
func (c *code) add(name string) *function {
	fn := &function{name: name, index: len(c.byName)}
	c.byName[name] = fn
	return fn
}

// rule returns the rule of a name; nil where there is none that can be run.
func (c *code) rule(name string) *function {
	c.mu.Lock()
	defer c.mu.Unlock()
	if fn := c.declared(name); fn != nil && fn.unsupported == "" {
		return fn
	}
	return nil
}

// declared returns the function of a name; nil where there is none: it is a builtin.
// It is for whoever holds the lock.
func (c *code) declared(name string) *function {
	if fn := c.byName[name]; fn != nil || c.plans == nil {
		return fn
	}
	line, ok := c.plans.line(funcLine, name)
	if !ok {
		why, ok := c.plans.refused(name)
		if !ok {
			return nil
		}
		fn := c.add(name)
		fn.unsupported = why
		return fn
	}
	fn := c.add(name)
	fn.line = line
	paths, err := c.plans.reads(name)
	if err != nil {
		fn.unsupported = err.Error()
	}
	for _, p := range paths {
		fn.inputs = fn.inputs.union(inputs{c.input(p)})
	}
	return fn
}

// make makes a function ready to be run.
func (c *code) make(fn *function) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if fn.unsupported == "" && !fn.made.Load() {
		t := &planText{in: fn.line, code: c, fn: fn}
		if t.function(); t.err != nil {
			fn.unsupported = fmt.Sprintf("%s: %s: %v", PlansFile, fn.name, t.err)
		}
	}
	fn.made.Store(true)
	if fn.unsupported != "" {
		return fmt.Errorf("%w: %s", errNoProgram, fn.unsupported)
	}
	return nil
}

// errNoProgram is a policy that the machine cannot judge.
var errNoProgram = errors.New("the policy has no program")

// text returns a constant: the same texts occur in many functions.
func (c *code) text(s string) *ast.Term {
	t := c.texts[s]
	if t == nil {
		t = ast.StringTerm(s)
		c.texts[s] = t
	}
	return t
}

// spread marks what calls something unsupported as unsupported, and gives what calls
// something its inputs.
func spread(funcs map[string]*function) {
	for changed := true; changed; {
		changed = false
		for _, f := range funcs {
			for _, c := range f.calls {
				if c.unsupported != "" && f.unsupported == "" {
					f.unsupported, changed = c.unsupported, true
				}
				if all := f.inputs.union(c.inputs); len(all) > len(f.inputs) {
					f.inputs, changed = all, true
				}
			}
		}
	}
}

// input is a path below input, and the slot of a machine for its value.
type input struct {
	slot int
	path []string
}

// input returns the input of a path.
func (c *code) input(path []string) input {
	key := strings.Join(path, "\x00")
	n, ok := c.slots[key]
	if !ok {
		n = len(c.slots)
		c.slots[key] = n
	}
	return input{n, path}
}

// inputs are in the order of their slots.
type inputs []input

func (in inputs) paths() [][]string {
	var out [][]string
	for _, one := range in {
		out = append(out, one.path)
	}
	slices.SortFunc(out, slices.Compare)
	return out
}

func (in inputs) has(one input) bool {
	_, ok := slices.BinarySearchFunc(in, one.slot, func(i input, slot int) int { return cmp.Compare(i.slot, slot) })
	return ok
}

// union returns what is in one of the two.
func (in inputs) union(others inputs) inputs {
	out := slices.Concat(in, others)
	slices.SortFunc(out, func(a, b input) int { return cmp.Compare(a.slot, b.slot) })
	return slices.CompactFunc(out, func(a, b input) bool { return a.slot == b.slot })
}
