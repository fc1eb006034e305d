package report

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

const schemaFile = "../docs/schema/report.v1.json"

// schema compiles a part of the published schema.
func schema(t *testing.T, fragment string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	s, err := c.Compile(schemaFile + fragment)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, doc string) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(v); err != nil {
		t.Errorf("%v\n%s", err, doc)
	}
}

// edges are runs at the edge of what can be, besides the fixtures.
func edges() map[string]func() finding.Run {
	out := runs()
	out["large"] = func() finding.Run { return large(200) }
	out["elsewhere"] = func() finding.Run {
		run := clear()
		run.Time = time.Date(2026, 3, 14, 18, 26, 53, 123456789, time.FixedZone("JST", 9*3600))
		return run
	}
	out["nil within"] = func() finding.Run {
		run := rich()
		run.Policies[0].Types = nil
		run.Digests = nil
		run.Providers = nil
		run.Coverage.Cures = nil
		return run
	}
	return out
}

func TestJSONFollowsThePublishedSchema(t *testing.T) {
	s := schema(t, "")
	for name, run := range edges() {
		t.Run(name, func(t *testing.T) { validate(t, s, render(t, "json", Options{}, run())) })
	}
}

func TestASavedRunIsReadBackEqual(t *testing.T) {
	for name, make := range edges() {
		run := func() finding.Run {
			run := make()
			run.Earlier = nil // it is what other runs say
			return run
		}
		t.Run(name, func(t *testing.T) {
			saved := render(t, "json", Options{}, run())
			got, err := ReadJSON(strings.NewReader(saved))
			if err != nil {
				t.Fatal(err)
			}
			// JSON is UTF-8: the one byte of the fixture that is not comes back as U+FFFD.
			utf8 := cmp.Transformer("utf8", func(s string) string { return strings.ToValidUTF8(s, "\ufffd") })
			if diff := cmp.Diff(run(), got, cmpopts.EquateEmpty(), utf8); diff != "" {
				t.Errorf("run and report differ (-run +read):\n%s", diff)
			}
			if diff := cmp.Diff(saved, render(t, "json", Options{}, got)); diff != "" {
				t.Errorf("saved anew it differs (-first +second):\n%s", diff)
			}
			run := valid(run())
			for _, format := range Formats() {
				if diff := cmp.Diff(render(t, format, Options{}, run), render(t, format, Options{}, got)); diff != "" {
					t.Errorf("as %s it differs (-run +read):\n%s", format, diff)
				}
			}
		})
	}
}

// valid replaces what is not UTF-8, as JSON does.
func valid(run finding.Run) finding.Run {
	fix := func(s *string) { *s = strings.ToValidUTF8(*s, "\ufffd") }
	for i := range run.Findings {
		fix(&run.Findings[i].Message)
		fix(&run.Findings[i].Resource.Name)
		fix(&run.Findings[i].Resource.ID)
		if w := run.Findings[i].Waiver; w != nil {
			fix(&w.Reason)
		}
	}
	for i := range run.Coverage.Gaps {
		fix(&run.Coverage.Gaps[i].Err)
	}
	for i := range run.Notes {
		fix(&run.Notes[i])
	}
	for i := range run.Spend {
		fix(&run.Spend[i].Error)
		for j := range run.Spend[i].Charges {
			fix(&run.Spend[i].Charges[j].AccountName)
		}
	}
	return run
}

func TestReadJSONRefusesWhatItCannotReadWhole(t *testing.T) {
	saved := render(t, "json", Options{}, gate())
	edit := func(old, now string) string {
		if !strings.Contains(saved, old) {
			t.Fatalf("no %s in the report", old)
		}
		return strings.Replace(saved, old, now, 1)
	}
	for name, tt := range map[string]struct{ in, want string }{
		"nothing":                {"", "read report: line 1: unexpected end of JSON input"},
		"no JSON":                {"SEVERITY  POLICY", "read report: line 1: invalid character 'S' looking for beginning of value"},
		"half a report":          {saved[:len(saved)/2], "unexpected end of JSON input"},
		"two reports":            {saved + saved, "invalid character '{' after top-level value"},
		"a plan":                 {`{"format_version": "1.2"}`, `not a report in the json format of metsuke (its "kind" is "", not "metsuke.report")`},
		"lines of JSON":          {render(t, "ndjson", Options{}, gate()), "a report in the ndjson format cannot be read again, one in the json format can"},
		"a later version":        {edit(`"version": 1`, `"version": 2`), "the report has version 2, this metsuke reads version 1 (metsuke 1.4.0 wrote it)"},
		"an unknown field":       {edit(`"mode"`, `"mood"`), `unknown field "mood"`},
		"a wrong type":           {edit(`"cells_read": 2`, `"cells_read": "2"`), "cannot unmarshal string into Go struct field"},
		"an unknown verdict":     {edit(`"verdict": "fail"`, `"verdict": "warn"`), `finding 0 has the verdict "warn", which does not exist`},
		"an unknown severity":    {edit(`"severity": "high",`+"\n      \"verdict\"", `"severity": "High",`+"\n      \"verdict\""), `finding 0 has the severity "High", which does not exist`},
		"a policy's severity":    {edit(`"severity": "high",`+"\n      \"category\": \"security\",\n      \"types\"", `"severity": "",`+"\n      \"category\": \"security\",\n      \"types\""), `policy "aws-s3-public-access-block" has the severity "", which does not exist`},
		"a policy without an id": {edit(`"id": "aws-s3-public-access-block"`, `"id": ""`), "policy 0 has no id"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ReadJSON(strings.NewReader(tt.in))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want %s", err, tt.want)
			}
			if diff := cmp.Diff(finding.Run{}, got); diff != "" {
				t.Errorf("returned half a run:\n%s", diff)
			}
		})
	}
}

// The schema is written by hand; this holds it to the types, so that a new field
// is published before it is written.
func TestTheSchemaNamesEveryFieldOfTheTypes(t *testing.T) {
	b, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	type object struct {
		Properties map[string]json.RawMessage `json:"properties"`
		Required   []string                   `json:"required"`
		Enum       []string                   `json:"enum"`
	}
	var doc struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		value any
		got   object
	}{
		"report":        {document{}, doc.object},
		"summary":       {summary{}, doc.Defs["summary"]},
		"counts":        {counts{}, doc.Defs["counts"]},
		"verdicts":      {finding.Counts{}, doc.Defs["verdicts"]},
		"policy":        {finding.Policy{}, doc.Defs["policy"]},
		"finding":       {caused{}, doc.Defs["finding"]},
		"resource":      {finding.Resource{}, doc.Defs["resource"]},
		"coverage":      {finding.Coverage{}, doc.Defs["coverage"]},
		"cure":          {finding.Cure{}, doc.Defs["cure"]},
		"provider":      {finding.ProviderStatus{}, doc.Defs["provider"]},
		"scope":         {providers.Scope{}, doc.Defs["scope"]},
		"source":        {providers.Source{}, doc.Defs["source"]},
		"gap":           {providers.Gap{}, doc.Defs["gap"]},
		"place":         {providers.Place{}, doc.Defs["place"]},
		"managed_by":    {finding.ManagedBy{}, doc.Defs["managed_by"]},
		"iac":           {finding.IaC{}, doc.Defs["iac"]},
		"state":         {finding.State{}, doc.Defs["state"]},
		"state_entry":   {finding.StateEntry{}, doc.Defs["state_entry"]},
		"managed_group": {finding.ManagedGroup{}, doc.Defs["managed_group"]},
		"bill":          {finding.Bill{}, doc.Defs["bill"]},
		"charge":        {finding.Charge{}, doc.Defs["charge"]},
		"line_run":      {lineRun{}, doc.Defs["line_run"]},
		"line_policy":   {linePolicy{}, doc.Defs["line_policy"]},
		"line_finding":  {lineFinding{}, doc.Defs["line_finding"]},
		"line_gap":      {lineGap{}, doc.Defs["line_gap"]},
		"line_coverage": {lineCoverage{}, doc.Defs["line_coverage"]},
	} {
		t.Run(name, func(t *testing.T) {
			all, required := jsonFields(reflect.TypeOf(tt.value))
			if diff := cmp.Diff(all, slices.Sorted(maps.Keys(tt.got.Properties))); diff != "" {
				t.Errorf("fields (-type +schema):\n%s", diff)
			}
			if diff := cmp.Diff(required, slices.Sorted(slices.Values(tt.got.Required))); diff != "" {
				t.Errorf("fields that are always there (-type +schema):\n%s", diff)
			}
		})
	}
	for name, want := range map[string][]string{
		"severity": texts(finding.Severities()),
		"category": texts(finding.Categories()),
		"verdict":  constants(t, "../internal/finding/finding.go", "Verdict"),
		"reason":   constants(t, "../providers/providers.go", "Reason"),
		"tool":     constants(t, "../internal/finding/iac.go", "Tool"),
	} {
		if diff := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(doc.Defs[name].Enum))); diff != "" {
			t.Errorf("values of %s (-type +schema):\n%s", name, diff)
		}
	}
}

// jsonFields returns the names that encoding/json gives the fields of a struct,
// and those of them that are always written.
func jsonFields(t reflect.Type) (all, required []string) {
	for _, f := range reflect.VisibleFields(t) {
		name, option, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "-" || slices.Contains(all, name) {
			continue // a field that another one shadows comes after it
		}
		all = append(all, name)
		if !strings.Contains(option, "omit") {
			required = append(required, name)
		}
	}
	slices.Sort(all)
	slices.Sort(required)
	return all, required
}

// constants returns the values of the constants of a type in a Go file.
func constants(t *testing.T, file, typ string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.CONST {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			if id, ok := v.Type.(*ast.Ident); ok && id.Name == typ {
				value, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, value)
			}
		}
	}
	return out
}

func TestNDJSONFollowsThePublishedSchema(t *testing.T) {
	s := schema(t, "#/$defs/line")
	for name, run := range edges() {
		t.Run(name, func(t *testing.T) {
			lines := strings.SplitAfter(render(t, "ndjson", Options{}, run()), "\n")
			if last := lines[len(lines)-1]; last != "" {
				t.Fatalf("does not end in a line break but in %q", last)
			}
			var kinds []string
			for _, l := range lines[:len(lines)-1] {
				validate(t, s, l)
				var head struct{ Kind string }
				if err := json.NewDecoder(bytes.NewReader([]byte(l))).Decode(&head); err != nil {
					t.Fatal(err)
				}
				kinds = append(kinds, head.Kind)
			}
			want := []string{"run"}
			want = append(want, slices.Repeat([]string{"policy"}, len(run().Policies))...)
			want = append(want, slices.Repeat([]string{"finding"}, len(run().Findings))...)
			want = append(want, slices.Repeat([]string{"fixed"}, len(run().Fixed))...)
			if run().Since != nil {
				want = append(want, "since")
			}
			for _, part := range endedSince(run()) {
				want = append(want, slices.Repeat([]string{part.words}, len(part.findings))...)
			}
			want = append(want, slices.Repeat([]string{"gap"}, len(run().Coverage.Gaps))...)
			want = append(want, "coverage")
			if diff := cmp.Diff(want, kinds); diff != "" {
				t.Errorf("kinds of lines (-want +got):\n%s", diff)
			}
		})
	}
}
