package terraform

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

func TestTheSourcesSayWhetherAnExpressionIsCertainlySet(t *testing.T) {
	key := res{address: "aws_kms_key.k", after: obj{"description": "d"}, unknown: obj{"arn": true, "id": true}, config: obj{"description": "d"}}
	for expression, want := range map[string]string{
		`aws_kms_key.k.arn`:                             "given",
		`(aws_kms_key.k.arn)`:                           "given",
		`"${aws_kms_key.k.arn}"`:                        "given",
		`"x-${aws_kms_key.k.arn}"`:                      "given",
		`format("%s", aws_kms_key.k.arn)`:               "given",
		`lower(aws_kms_key.k.arn)`:                      "given",
		`join("/", ["alias", aws_kms_key.k.arn])`:       "given",
		`"${aws_kms_key.k.arn == "" ? "" : ""}"`:        "deferred",
		`substr(aws_kms_key.k.arn, 0, 0)`:               "deferred",
		`replace(aws_kms_key.k.arn, "/.*/", "")`:        "deferred",
		`format("%s", substr(aws_kms_key.k.arn, 0, 0))`: "deferred",
		`local.key`:   "given",
		`local.maybe`: "deferred",
		`aws_kms_key.k.arn == "" ? null : "alias/x"`:         "deferred",
		`aws_kms_key.k.arn == "" ? null : aws_kms_key.k.id`:  "deferred",
		`lookup({ a = "b" }, aws_kms_key.k.arn, null)`:       "deferred",
		`try(tonumber(aws_kms_key.k.arn), null)`:             "deferred",
		`one([for a in [aws_kms_key.k.arn] : a if a != ""])`: "deferred",
	} {
		t.Run(expression, func(t *testing.T) {
			main := "resource \"aws_s3_bucket\" \"b\" {\n  bucket = \"b\"\n}\n" +
				"resource \"aws_kms_key\" \"k\" {\n  description = \"d\"\n}\nlocals {\n  key = aws_kms_key.k.arn\n  maybe = lookup({}, aws_kms_key.k.arn, null)\n}\n" +
				"resource \"aws_cloudtrail\" \"t\" {\n  name = \"t\"\n  kms_key_id = " + expression + "\n}\n"
			ref := "=aws_kms_key.k.arn"
			if strings.HasPrefix(expression, "local.") {
				ref = "=" + expression
			}
			plan := fixture(t, append(trail(nil, obj{"kms_key_id": true}, obj{"kms_key_id": ref}), key)...)
			p := open(t, plan, Options{Sources: fstest.MapFS{"main.tf": {Data: []byte(main)}}})
			r := collect(t, p).byID()["aws_cloudtrail.t"]
			if got := string(r.Unknown["kms_key_id"]); got != want || len(p.Notes()) > 0 {
				t.Errorf("it is %s, want %s; notes %q", got, want, p.Notes())
			}
		})
	}
}

func TestTheSourcesInJSONSayWhetherAnExpressionIsCertainlySet(t *testing.T) {
	key := res{address: "aws_kms_key.k", after: obj{"description": "d"}, unknown: obj{"arn": true, "id": true}, config: obj{"description": "d"}}
	for expression, want := range map[string]string{
		`${aws_kms_key.k.arn}`:                           "given",
		`x-${aws_kms_key.k.arn}`:                         "given",
		`${aws_kms_key.k.arn == \"\" ? null : \"a\"}`:    "deferred",
		`${lookup({}, \"é\", null)}${aws_kms_key.k.arn}`: "given",
		`${lookup({}, aws_kms_key.k.arn, null)}`:         "deferred",
		`${local.key}`:                                   "given",
		`${local.maybe}`:                                 "deferred",
	} {
		t.Run(expression, func(t *testing.T) {
			main := `{"//": "é", "resource": {"aws_s3_bucket": {"b": {"bucket": "b"}}, "aws_kms_key": {"k": {"description": "d"}},` +
				`"aws_cloudtrail": {"t": {"name": "t", "kms_key_id": "` + expression + `"}}},` +
				`"locals": {"key": "${aws_kms_key.k.arn}", "maybe": "${lookup({}, aws_kms_key.k.arn, null)}"}}`
			ref := "=aws_kms_key.k.arn"
			if name := strings.Trim(expression, "${}"); strings.HasPrefix(name, "local.") {
				ref = "=" + name
			}
			plan := fixture(t, append(trail(nil, obj{"kms_key_id": true}, obj{"kms_key_id": ref}), key)...)
			p := open(t, plan, Options{Sources: fstest.MapFS{"live/main.tf.json": {Data: []byte(main)}}, SourceDir: "live"})
			r := collect(t, p).byID()["aws_cloudtrail.t"]
			if got := string(r.Unknown["kms_key_id"]); got != want || len(p.Notes()) > 0 {
				t.Errorf("it is %s, want %s; notes %q", got, want, p.Notes())
			}
		})
	}
}

// What is taken to be set has a value whatever the reference turns out to be.
func TestNoExpressionThatIsCertainlySetIsEverNullOrEmpty(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 11))
	var text func(depth int) string
	text = func(depth int) string {
		leaves := []string{`x.arn`, `x.arn`, `null`, `""`, `"a"`, `local.l`, `x.all["k"].arn`, `x.all[x.key].arn`}
		if depth == 0 {
			return leaves[rnd.IntN(len(leaves))]
		}
		sub := func() string { return text(depth - 1) }
		forms := []func() string{
			sub,
			func() string { return "(" + sub() + ")" },
			func() string { return fmt.Sprintf(`"${%s}"`, sub()) },
			func() string { return fmt.Sprintf(`"a${%s}b"`, sub()) },
			func() string { return fmt.Sprintf(`%s == %s ? %s : %s`, sub(), sub(), sub(), sub()) },
			func() string { return fmt.Sprintf(`lookup({a = %s}, x.arn, %s)`, sub(), sub()) },
			func() string { return fmt.Sprintf(`try(%s, %s)`, sub(), sub()) },
			func() string { return fmt.Sprintf(`coalesce(%s, %s)`, sub(), sub()) },
			func() string { return fmt.Sprintf(`format("%%s", %s)`, sub()) },
			func() string { return fmt.Sprintf(`format("%%s%%s", %s, %s)`, sub(), sub()) },
			func() string { return fmt.Sprintf(`join("", [%s])`, sub()) },
			func() string { return fmt.Sprintf(`join("", [%s, %s])`, sub(), sub()) },
			func() string { return fmt.Sprintf(`jsonencode(%s)`, sub()) },
			func() string { return fmt.Sprintf(`lower(%s)`, sub()) },
			func() string { return fmt.Sprintf(`replace(%s, "a", %s)`, sub(), sub()) },
			func() string { return fmt.Sprintf(`[%s][0]`, sub()) },
			func() string { return fmt.Sprintf(`{a = %s}.a`, sub()) },
			func() string { return fmt.Sprintf(`[for v in [%s] : v][0]`, sub()) },
			func() string { return fmt.Sprintf(`[%s][*][0]`, sub()) },
		}
		return forms[rnd.IntN(len(forms))]()
	}
	functions := map[string]function.Function{
		"lookup": stdlib.LookupFunc, "try": tryfunc.TryFunc, "coalesce": stdlib.CoalesceFunc, "format": stdlib.FormatFunc,
		"join": stdlib.JoinFunc, "jsonencode": stdlib.JSONEncodeFunc, "lower": stdlib.LowerFunc, "replace": stdlib.ReplaceFunc,
	}
	certain := 0
	for range 20_000 {
		source := text(1 + rnd.IntN(3))
		e, diags := hclsyntax.ParseExpression([]byte(source), "x.tf", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(source, diags)
		}
		if !setWith(e) {
			continue
		}
		certain++
		for _, arn := range []string{"a", "arn:aws:kms:eu-central-1:111111111111:key/k"} {
			is := cty.ObjectVal(map[string]cty.Value{"arn": cty.StringVal(arn)})
			v, diags := e.Value(&hcl.EvalContext{Functions: functions, Variables: map[string]cty.Value{
				"x": cty.ObjectVal(map[string]cty.Value{
					"arn": cty.StringVal(arn), "key": cty.StringVal("k"), "all": cty.MapVal(map[string]cty.Value{"k": is}),
				}),
				"local": cty.ObjectVal(map[string]cty.Value{"l": cty.StringVal("l")}),
			}})
			if !diags.HasErrors() && (v.IsNull() || v.RawEquals(cty.StringVal(""))) {
				t.Fatalf("%s is %#v when the reference is %q", source, v, arn)
			}
		}
	}
	if diff := cmp.Diff(true, certain > 1000); diff != "" {
		t.Errorf("only %d expressions were certainly set", certain)
	}
}
