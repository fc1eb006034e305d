package engine

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

func TestHelpersAreDecidedWhereTheUnknownDoesNotMatter(t *testing.T) {
	s := session(t, library(t, idioms()))
	fails := func(d Deny) Result { return Result{Verdict: finding.Fail, Denies: []Deny{d}} }
	pass, unknown := Result{Verdict: finding.Pass}, Result{Verdict: finding.Unknown}
	rule := func(port, cidrs, peer any) map[string]any {
		return map[string]any{"port": port, "cidrs": cidrs, "peer": peer}
	}
	for _, tc := range []struct {
		name    string
		attrs   map[string]any
		tags    map[string]string
		unknown string
		policy  string
		want    Result
	}{
		{
			"no body of a negated function holds",
			map[string]any{"rules": []any{rule(int64(22), nil, nil)}},
			nil, "rules.0.cidrs",
			"unsafe", fails(Deny{Message: "rule 0", Path: "rules"}),
		},
		{
			"one body of a negated function holds",
			map[string]any{"rules": []any{rule(int64(443), nil, nil)}},
			nil, "rules.0.cidrs",
			"unsafe", pass,
		},
		{
			"a body of a negated function may hold",
			map[string]any{"rules": []any{rule(int64(22), []any{}, nil)}},
			nil, "rules.0.peer",
			"unsafe", unknown,
		},
		{
			"a negated helper that looks at all rules, one of them unknown where it does not matter",
			map[string]any{"rules": []any{rule(int64(22), []any{"c"}, nil), rule(int64(80), nil, nil)}},
			nil, "rules.1.cidrs",
			"fenced", fails(Deny{Message: "rule 0", Path: "rules"}),
		},
		{
			"a negated helper that looks at all rules, one of them unknown where it matters",
			map[string]any{"rules": []any{rule(int64(22), []any{"c"}, nil), rule(int64(443), nil, nil)}},
			nil, "rules.1.cidrs",
			"fenced", unknown,
		},
		{
			"an argument is computed from what is known",
			map[string]any{"rules": []any{rule(int64(22), nil, "q")}},
			nil, "rules.0.cidrs",
			"computed", fails(Deny{Message: "rule 0 port 22", Path: "rules"}),
		},
		{
			"a negated helper in a helper",
			map[string]any{"encrypted": false},
			map[string]string{"a": "bad"},
			"tags.b",
			"twice", fails(Deny{Message: "unsafe", Path: "encrypted"}),
		},
		{
			"a default beside a rule that does not hold",
			map[string]any{"encrypted": false},
			map[string]string{"a": "bad"},
			"tags.b",
			"graded", fails(Deny{Message: "off", Path: "encrypted", Severity: finding.High}),
		},
		{
			"a rule that holds beside its default",
			map[string]any{"encrypted": false},
			map[string]string{"a": "1"},
			"tags.b",
			"graded", fails(Deny{Message: "off", Path: "encrypted", Severity: finding.Low}),
		},
		{
			"a rule that may hold beside its default",
			map[string]any{"encrypted": false},
			nil, "tags.a",
			"graded", fails(Deny{Message: "off", Path: "encrypted", Severity: finding.Low, AtLeast: "tags.a could not be read (deferred)"}),
		},
		{
			"a function with a default",
			map[string]any{"rules": []any{rule(int64(443), []any{"c"}, nil)}},
			nil, "rules.0.peer",
			"ranked", fails(Deny{Message: "ranked", Path: "rules"}),
		},
		{
			"an unknown tag value beside a bad one", nil,
			map[string]string{"b": "bad"},
			"tags.a",
			"keyvalue", fails(Deny{Message: "b is bad", Path: "tags", Key: "b"}),
		},
		{
			"an unknown tag value beside a good one", nil,
			map[string]string{"b": "1"},
			"tags.a",
			"keyvalue", unknown,
		},
		{
			"an exemption by another tag", nil,
			map[string]string{"a": "bad"},
			"tags.b",
			"notapp",
			Result{Verdict: finding.NotApplicable},
		},
		{
			"a key whose value is unknown is there", nil,
			map[string]string{"b": "1"},
			"tags.a",
			"keys", pass,
		},
		{
			"keys are unknown where the tags are", nil, nil, "tags",
			"counted", unknown,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := thing(tc.attrs)
			r.Tags = tc.tags
			r.Unknown = map[string]providers.Reason{tc.unknown: providers.Deferred}
			got := judge(t, s, r, nil)[tc.policy]
			if diff := cmp.Diff(tc.want, got, cmpopts.IgnoreFields(Result{}, "Policy", "Path", "Reason", "Message")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
