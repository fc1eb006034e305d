package store

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// wholeDetail and wholeResource have a value in every field.
func wholeDetail() detail {
	return detail{
		Severity: finding.High, Verdict: finding.Unknown, Owner: "team-a@example.org", OwnerUnknown: providers.Denied, Message: "the tags \"Owner\" \u2028 <are> missing: \\ \x01 é 漢 🦀",
		Path: "tags", Key: "Owner", Defects: []string{"Owner", "Cost\tCenter"}, MonthlyCost: 12.75e-3, Reason: providers.Failed, Permission: "s3:GetBucketTagging", Change: finding.Introduced,
		Waiver:   &finding.Waiver{Reason: "moves away", Approver: "ada", Ticket: "OPS-1", Expires: "2026-12-31", InSource: true, File: "main.tf", Line: 12},
		Baseline: true, WarnUntil: "2026-12-31",
	}
}

func wholeResource() finding.Resource {
	source := &providers.Source{Address: "module.a.aws_s3_bucket.b", Module: "module.a", File: "a/main.tf", Line: 3, Action: "update", Calls: []providers.Place{{Address: "module.a", File: "main.tf", Line: 7}, {}}}
	return finding.Resource{
		Provider: "aws", Scope: "111111111111", ScopeName: "shop", Type: "aws_s3_bucket", ID: "arn:aws:s3:::b", Name: "b", Region: "eu-west-1", Source: source,
		ManagedBy: &finding.ManagedBy{Tool: finding.Terraform, State: "s3://states/a", Address: "module.a.aws_s3_bucket.b", Stack: "none", Source: source},
	}
}

func TestWhatIsReadPlainlyIsWhatWasWritten(t *testing.T) {
	for _, v := range []any{wholeDetail(), *wholeDetail().Waiver, wholeResource(), *wholeResource().ManagedBy, *wholeResource().Source} {
		for field, value := range reflect.ValueOf(v).Fields() {
			if value.IsZero() {
				t.Errorf("%T.%s has no value here", v, field.Name)
			}
		}
	}
	p := newPlain()
	for _, want := range []detail{wholeDetail(), {}, {Message: "one [thing]"}, {Defects: []string{""}}, {Waiver: &finding.Waiver{}}} {
		if got, ok := p.detail(encoded(t, want)); !ok || cmp.Diff(want, got) != "" {
			t.Errorf("read %v (-want +got):\n%s", ok, cmp.Diff(want, got))
		}
	}
	for _, want := range []finding.Resource{wholeResource(), {}, {ID: "b", Source: &providers.Source{}}} {
		if got, ok := p.resource(encoded(t, want)); !ok || cmp.Diff(want, got) != "" {
			t.Errorf("read %v (-want +got):\n%s", ok, cmp.Diff(want, got))
		}
	}
}

func TestWhatIsNotWrittenAsGoDoesIsNotReadPlainly(t *testing.T) {
	p := newPlain()
	for _, text := range []string{
		"", "{", "null", "[]", `{"message":null}`, `{"message":"a"`, `{"message":"a`, `{"message":"a"}}`, `{"message":"a",}`, `{,"message":"a"}`, `{"message" : "a"}`, ` {}`, `{} `, `{"message":"a""key":"b"}`,
		`{"Message":"a"}`, `{"more":"a"}`, `{"message":1}`, `{"message":["a"]}`, `{"defects":[]}`, `{"defects":["a",]}`, `{"defects":["a"}`, `{"defects":"a"}`, `{"cost":01}`, `{"cost":1e}`, `{"cost":}`, `{"cost":"1"}`,
		`{"cost":1e999}`, `{"baseline":tru}`, `{"baseline":1}`, `{"waiver":null}`, `{"waiver":{"more":1}}`, `{"waiver":{"line":1.5}}`, `{"waiver":{}`, "{\"message\":\"\x01\"}", "{\"message\":\"\xff\"}", "{\"message\":\"\\n\xff\"}",
		`{"message":"\ud83e\udd80"}`, `{"message":"\q"}`, `{"message":"\u12"}`, `{"message":"\u12zz"}`, `{"message":"\`, `{"message":"\n`, "{\"message\":\"\\n\x01\"}",
	} {
		if got, ok := p.detail([]byte(text)); ok {
			t.Errorf("%q was read as %+v", text, got)
		}
	}
}

// FuzzPlain holds what is read plainly against what encoding/json reads.
func FuzzPlain(f *testing.F) {
	f.Add(encoded(f, wholeDetail()))
	f.Add(encoded(f, wholeResource()))
	f.Add([]byte(`{"message":"\u00e9\u2028\/\b\f","cost":-1.5E+3,"baseline":false}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, object := range []string{`"waiver"`, `"source"`, `"managed_by"`, `"calls"`} {
			if strings.Count(string(text), object) > 1 {
				return // encoding/json adds the second one to the first, which nobody writes
			}
		}
		p := newPlain()
		if got, ok := p.detail(text); ok {
			var want detail
			if err := json.Unmarshal(text, &want); err != nil || cmp.Diff(want, got) != "" {
				t.Errorf("%q: %v (-want +got):\n%s", text, err, cmp.Diff(want, got))
			}
		}
		if got, ok := p.resource(text); ok {
			var want finding.Resource
			if err := json.Unmarshal(text, &want); err != nil || cmp.Diff(want, got) != "" {
				t.Errorf("%q: %v (-want +got):\n%s", text, err, cmp.Diff(want, got))
			}
		}
	})
}

func encoded(t testing.TB, v any) []byte {
	t.Helper()
	b, err := encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
