package engine

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// identities returns that of each value of an attribute, as one machine meets them.
func identities(t *testing.T, c *code, values ...any) []uint32 {
	t.Helper()
	in := c.input([]string{"resource", "attributes", "a"})
	m := newMachine(c)
	m.seen = minSeen
	var out []uint32
	for _, v := range values {
		r := thing(nil)
		r.Attributes = map[string]any{"a": v}
		m.begin(t.Context(), &evaluator{}, subject{Resource: r}, nil, nil)
		out = append(out, m.identity(in, m.slot(in)))
	}
	return out
}

func TestValuesThatPoliciesCanTellApartHaveIdentitiesOfTheirOwn(t *testing.T) {
	values := []any{
		nil, true, false, "", "a", "ab", int64(1), 1.5, json.Number("1.0"), json.Number("1"), "1",
		[]any{},
		[]any{nil},
		[]any{"a", "b"},
		[]any{"ab"},
		[]any{[]any{"a"}, "b"},
		[]any{[]any{"a", "b"}},
		map[string]any{},
		map[string]any{"a": nil},
		map[string]any{"a": "b"},
		map[string]any{"a": map[string]any{"b": nil}},
		map[string]any{"a": map[string]any{}, "b": nil},
		[]any{map[string]any{"a": "b"}, "c"},
		[]any{map[string]any{"a": "b", "c": nil}},
	}
	got := identities(t, emptyCode(constants{}), values...)
	for i := range got {
		for k := range got[:i] {
			if got[i] == 0 || got[i] == got[k] {
				t.Errorf("%v and %v have the identities %d and %d", values[k], values[i], got[k], got[i])
			}
		}
	}
}

func TestTheSameValueHasTheSameIdentity(t *testing.T) {
	value := func() any {
		return map[string]any{"x": []any{"a", int64(2), nil}, "y": map[string]any{"c": true, "b": 1.5, "a": "z"}, "w": map[string]string{"k": "v", "j": "u"}}
	}
	got := identities(t, emptyCode(constants{}), value(), "other", value())
	if diff := cmp.Diff(got[0], got[2]); diff != "" || got[0] == 0 {
		t.Errorf("identities %v", got)
	}
}

func TestWhatIsSeldomTheSameTwiceIsNotRemembered(t *testing.T) {
	c := emptyCode(constants{})
	var distinct []any
	for i := range 3 * minAsked {
		distinct = append(distinct, fmt.Sprint("name-", i))
	}
	if got := identities(t, c, distinct...); got[len(got)-1] != 0 {
		t.Errorf("the last of %d names has the identity %d", len(got), got[len(got)-1])
	}
}

// What the plans say of what a function reads decides when a result holds again.
func TestAFunctionThatReadsMoreThanThePlansSayIsNotRun(t *testing.T) {
	e := shipped(t, map[string]string{"p.rego": policy("p", "", `deny contains {"message": "m", "path": "kms_key"} if input.resource.attributes.kms_key == "bad"`)})
	judged := func() finding.Verdict {
		s := session(t, e)
		var got finding.Verdict
		for _, key := range []string{"good", "bad"} {
			got = judge(t, s, thing(map[string]any{"kms_key": key}), nil)["p"].Verdict
		}
		if argued := s.ready["test-p"].own != nil; argued != (s.code.byName["g0.data.metsuke.test.p.deny"].unsupported != "") {
			t.Errorf("compiled: %v, %q", argued, s.code.byName["g0.data.metsuke.test.p.deny"].unsupported)
		}
		return got
	}
	if got := judged(); got != finding.Fail {
		t.Errorf("the verdict is %s", got)
	}
	e.plans = newPlans(strings.ReplaceAll(e.plans.text, ` 1 3 "resource" "attributes" "kms_key"`, ` 1 3 "resource" "attributes" "encrypted"`))
	if got := judged(); got != finding.Fail {
		t.Errorf("with plans that say something else, the verdict is %s", got)
	}
}

func TestEqualTermsAreIdenticalOnlyWhereTheyAreWrittenTheSame(t *testing.T) {
	same := []string{`null`, `true`, `"a"`, `1.0`, `[1, "a"]`, `{"a": [1]}`, `{"a", "b"}`}
	for _, text := range same {
		if !identical(ast.MustParseTerm(text), ast.MustParseTerm(text)) {
			t.Errorf("%s is not identical to itself", text)
		}
	}
	for _, pair := range [][2]string{{`1`, `1.0`}, {`[1]`, `[1.0]`}, {`{"a": 1}`, `{"a": 1.0}`}, {`{"a"}`, `{"b"}`}, {`{"a": 1}`, `{"b": 1}`}, {`[]`, `{}`}, {`{1}`, `{1.0}`}} {
		if identical(ast.MustParseTerm(pair[0]), ast.MustParseTerm(pair[1])) {
			t.Errorf("%s is identical to %s", pair[0], pair[1])
		}
	}
}

func TestAResultHoldsAgainOnlyForTheSameValues(t *testing.T) {
	e := shipped(t, map[string]string{"p.rego": policy("p", "", `deny contains {"message": sprintf("%s %v", [concat(",", input.resource.tag_keys), input.resource.attributes.retention]), "path": "tags"} if true`)})
	s := session(t, e)
	messages := map[string]int{}
	for range 3 {
		for _, tags := range []map[string]string{{}, {"a": ""}, {"a": "", "b": ""}, {"ab": ""}, {"a,b": ""}} {
			for _, n := range []any{nil, int64(1), json.Number("1.5"), "1"} {
				r := thing(map[string]any{"retention": n})
				r.Tags = tags
				got := judge(t, s, r, nil)["p"]
				messages[got.Denies[0].Message]++
				blinded := r
				blinded.Unknown = map[string]providers.Reason{"retention": providers.Denied}
				if v := judge(t, s, blinded, nil)["p"].Verdict; v != finding.Fail && v != finding.Unknown {
					t.Errorf("blinded, the verdict is %s", v)
				}
			}
		}
	}
	want := map[string]int{}
	for _, keys := range []string{"", "a", "a,b", "ab", "a,b"} {
		for _, n := range []string{"null", "1", "1.5", "1"} {
			want[keys+" "+n] += 3
		}
	}
	if diff := cmp.Diff(want, messages); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestAMachineRemembersOnlySoManyValues(t *testing.T) {
	c := emptyCode(constants{})
	in := c.input([]string{"resource", "attributes", "a"})
	m := newMachine(c)
	m.seen, m.remembered = minSeen, maxRemembered-1
	var got []uint32
	for _, v := range []any{"one", "two", "one", "two", nil} {
		r := thing(nil)
		r.Attributes = map[string]any{"a": v}
		m.begin(t.Context(), &evaluator{}, subject{Resource: r}, nil, nil)
		got = append(got, m.identity(in, m.slot(in)))
	}
	if diff := cmp.Diff([]uint32{isOther, 0, isOther, 0, isNull}, got); diff != "" {
		t.Errorf("identities (-want +got):\n%s", diff)
	}
}
