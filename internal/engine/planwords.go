package engine

import (
	"errors"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// function is what a line has after the function's name.
func (t *planText) function() {
	fn := t.fn
	list(t, &fn.params, t.local)
	t.local(&fn.result)
	t.flag(&fn.yes)
	list(t, &fn.blocks, t.block)
	if t.reading() && t.err == nil && strings.TrimSpace(t.in) != "" {
		t.err = errors.New("the plan goes on after the function's end")
	}
	if t.reading() && t.err == nil && len(fn.params) < 2 {
		t.err = errors.New("the plan has a function without input and data")
	}
}

// local is the number of a local variable, which makes the function have so many.
func (t *planText) local(n *int) {
	if integer(t, n); t.reading() {
		t.has(*n)
	}
}

func (t *planText) has(local int) {
	if local < 0 || local >= maxLocals {
		t.fail("the plan has a local variable %d", local)
		return
	}
	t.fn.locals = max(t.fn.locals, local+1)
}

// maxLocals is more local variables than any function has.
const maxLocals = 1 << 16

func (t *planText) localOrNone(n *int) {
	if integer(t, n); *n != noLocal && t.reading() {
		t.has(*n)
	}
}

// block is how many steps there are, and each of them.
func (t *planText) block(steps *[]step) {
	if !t.reading() {
		list(t, steps, func(s *step) {
			t.put(wordOf(*s))
			t.fields(*s)
		})
		return
	}
	var n int
	if integer(t, &n); n < 0 || n > len(t.in) {
		t.fail("the plan has a block of %d steps", n)
		return
	}
	out := make([]step, 0, n)
	for ; n > 0 && t.err == nil; n-- {
		w := t.next()
		s := emptyStep(w)
		if s == nil {
			t.fail("the plan has the step %q, which is none", w)
			return
		}
		t.fields(s)
		if of, ok := s.(*setting); ok && t.err == nil {
			s = t.code.settled(of)
		}
		if s != nil {
			out = append(out, s)
		}
	}
	*steps = out
}

// operand is the number of a local variable, or a constant: a quoted text, true, false,
// null, or a number after a #.
func (t *planText) operand(o *operand) {
	switch {
	case !t.reading() && o.term != nil:
		t.constant(o.term)
	case !t.reading():
		t.local(&o.local)
	case t.peek() == '"':
		var s string
		if t.text(&s); t.err == nil {
			o.term = t.code.text(s)
			t.fn.constants = append(t.fn.constants, o.term)
		}
	case '0' <= t.peek() && t.peek() <= '9':
		t.local(&o.local)
	default:
		o.term = t.scalar(t.next())
	}
}

// constant writes a scalar.
func (t *planText) constant(term *ast.Term) {
	switch v := term.Value.(type) {
	case ast.String:
		t.text((*string)(&v))
	case ast.Boolean:
		t.flag((*bool)(&v))
	case ast.Null:
		t.put("null")
	case ast.Number:
		t.put("#" + string(v))
	default:
		t.fail("an operand is a %T", v)
	}
}

// scalar is the constant that a word stands for.
func (t *planText) scalar(word string) *ast.Term {
	switch word {
	case "true", "false":
		return ast.InternedTerm(word == "true")
	}
	out := ast.NullTerm()
	if number, ok := strings.CutPrefix(word, "#"); ok {
		if _, err := strconv.ParseFloat(number, 64); err != nil {
			t.fail("the plan has %q where it should have a number", word)
		}
		out = ast.NewTerm(ast.Number(number))
	} else if word != "null" {
		t.fail("the plan has %q where it should have a variable or a constant", word)
	}
	t.fn.constants = append(t.fn.constants, out)
	return out
}

func (t *planText) operands(out *[]operand) { list(t, out, t.operand) }

// input is a path below input. Of a function that is read, the plans say elsewhere too
// what it reads, for whom results are kept.
func (t *planText) input(in *input) {
	words(t, &in.path)
	if !t.reading() || t.err != nil {
		return
	}
	if *in = t.code.input(in.path); !t.fn.inputs.has(*in) {
		t.fail("the plan reads %s, which it does not say of itself", strings.Join(in.path, "."))
	}
}

// callee is a function by its name.
func (t *planText) callee(fn **function) {
	var name string
	if !t.reading() {
		name = (*fn).name
	}
	if t.text(&name); !t.reading() || t.err != nil {
		return
	}
	if *fn = t.code.declared(name); *fn == nil {
		t.fail("the plan calls %q, which is no function", name)
		return
	}
	t.fn.calls = append(t.fn.calls, *fn)
}

// builtin is a builtin by its name.
func (t *planText) builtin(s *callBuiltin) {
	if t.text(&s.name); !t.reading() || t.err != nil {
		return
	}
	if s.fn = builtinOf(s.name); s.fn == nil {
		t.fail("the plan calls %q, which is no builtin", s.name)
	}
}
