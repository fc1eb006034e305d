package engine

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

func TestADefectOfWhichAFunctionSaysTheSeverityFailsInSpiteOfWhatItDependsOn(t *testing.T) {
	s := session(t, library(t, map[string]string{"p.rego": policy("p", "", `grade(rule) := "critical" if rule.peer == "p"
else := "low" if rule.peer == "q"
else := "medium"

deny contains {"message": sprintf("rule %d", [i]), "path": "rules", "severity": grade(rule)} if {
	some i, rule in input.resource.attributes.rules
	rule.port == 22
}`)}))
	rule := map[string]any{"port": int64(22), "cidrs": []any{}, "peer": nil}
	r := thing(map[string]any{"rules": []any{rule}})
	r.Unknown = map[string]providers.Reason{"rules.0.peer": providers.Deferred}
	got := judge(t, s, r, nil)["p"]
	got.Policy = nil
	want := Result{Verdict: finding.Fail, Denies: []Deny{{Message: "rule 0", Path: "rules", Severity: finding.Low, AtLeast: "rules.0.peer could not be read (deferred)"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestADefectOfUnknownSeverityFailsAtLeastAsBadlyAsTheMildest(t *testing.T) {
	const off = `deny contains {"message": "off", "path": "encrypted", "severity": grade} if input.resource.attributes.encrypted == false` + "\n"
	fails := func(s finding.Severity) Result {
		return Result{Verdict: finding.Fail, Denies: []Deny{{Message: "off", Path: "encrypted", Severity: s, AtLeast: "retention could not be read (denied)"}}}
	}
	open := Result{Verdict: finding.Unknown, Path: "retention", Reason: providers.Denied}
	const rest = "input.resource.attributes.retention"
	for name, c := range map[string]struct {
		rules string
		want  Result
	}{
		"by a default": {"default grade := \"critical\"\ngrade := \"low\" if " + rest + " > 7\n" + off, fails(finding.Low)},
		"by an else":   {"grade := \"critical\" if " + rest + " > 7\nelse := \"medium\"\n" + off, fails(finding.Medium)},
		"the usual one is the mildest": {
			"grade := {\"severity\": \"critical\"} if " + rest + " > 7\nelse := {}\n" +
				`deny contains object.union(grade, {"message": "off", "path": "encrypted"}) if input.resource.attributes.encrypted == false`,
			fails(""),
		},
		"not of what is undefined": {
			"grade(n) := \"critical\" if n == \"m\"\nelse := \"medium\"\n" +
				`deny contains {"message": "off", "path": "encrypted", "severity": grade(input.resource.attributes.versioning.mfa), "key": sprintf("%v", [input.resource.attributes.retention])} if input.resource.attributes.encrypted == false`,
			Result{Verdict: finding.Pass},
		},
		"not where it may have none":       {"grade := \"critical\" if " + rest + " > 7\nelse := \"low\" if " + rest + " < 3\n" + off, open},
		"not where it decides":             {"grade := \"critical\" if " + rest + " > 7\nelse := \"low\"\n" + `deny contains {"message": "off", "path": "encrypted", "severity": grade} if grade == "low"`, open},
		"not where something else is open": {"grade := \"critical\" if " + rest + " > 7\nelse := \"low\"\n" + `deny contains {"message": "off", "path": "encrypted", "severity": grade} if ` + rest + ` == 5`, open},
	} {
		t.Run(name, func(t *testing.T) {
			s := session(t, library(t, map[string]string{"p.rego": policy("p", "", c.rules)}))
			r := thing(map[string]any{"encrypted": false})
			delete(r.Attributes, "retention")
			r.Unknown = map[string]providers.Reason{"retention": providers.Denied}
			got := judge(t, s, r, nil)["p"]
			got.Policy = nil
			if got.Verdict == finding.Unknown {
				got.Message = ""
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAFaultOfUnknownPartsFailsWithoutThem(t *testing.T) {
	const rest = "input.resource.attributes.retention"
	fails := func(d Deny) Result {
		d.AtLeast = "retention could not be read (denied)"
		return Result{Verdict: finding.Fail, Denies: []Deny{d}}
	}
	open := Result{Verdict: finding.Unknown, Path: "retention", Reason: providers.Denied}
	for name, c := range map[string]struct {
		rules string
		want  Result
	}{
		"by a comprehension": {
			`deny contains {"message": "off", "path": "encrypted", "defects": [p | some p in ["a", "b"]; ` + rest + ` > 7]} if input.resource.attributes.encrypted == false`,
			fails(Deny{Message: "off", Path: "encrypted"}),
		},
		"by a rule": {
			`deny contains {"message": "off", "path": "encrypted", "defects": parts} if input.resource.attributes.encrypted == false` + "\n" +
				`parts contains "more" if ` + rest + ` > 7` + "\n" + `parts contains "a"`,
			fails(Deny{Message: "off", Path: "encrypted"}),
		},
		"in a function of the element": {
			`deny contains found("off") if input.resource.attributes.encrypted == false` + "\n" +
				`found(m) := object.union({"path": "encrypted"}, {"message": m, "defects": [p | some p in ["a", "b"]; ` + rest + ` > 7]})`,
			fails(Deny{Message: "off", Path: "encrypted"}),
		},
		"not where they decide": {
			`deny contains {"message": "off", "path": "encrypted", "defects": parts} if count(parts) > 1` + "\n" +
				`parts contains "more" if ` + rest + ` > 7` + "\n" + `parts contains "a"`, open,
		},
		"not where the message says them": {
			`deny contains {"message": concat(",", parts), "path": "encrypted", "defects": parts} if input.resource.attributes.encrypted == false` + "\n" +
				`parts contains "more" if ` + rest + ` > 7` + "\n" + `parts contains "a"`, open,
		},
		"not where they may be undefined": {
			`deny contains {"message": "off", "path": "encrypted", "defects": parts} if input.resource.attributes.encrypted == false` + "\n" +
				`parts := ["a"] if ` + rest + ` > 7`, open,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := session(t, library(t, map[string]string{"p.rego": policy("p", "", c.rules)}))
			r := thing(map[string]any{"encrypted": false})
			delete(r.Attributes, "retention")
			r.Unknown = map[string]providers.Reason{"retention": providers.Denied}
			got := judge(t, s, r, nil)["p"]
			got.Policy = nil
			if got.Verdict == finding.Unknown {
				got.Message = ""
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
