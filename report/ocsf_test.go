package report

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

func ocsfOf(t *testing.T, run finding.Run) []ocsfEvent {
	t.Helper()
	var out []ocsfEvent
	if err := json.Unmarshal([]byte(render(t, "ocsf", Options{}, run)), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// outcome is what a reader of OCSF goes by.
type outcome struct{ Code, Activity, Severity, Status, Compliance string }

func outcomes(events []ocsfEvent) map[outcome]int {
	out := map[outcome]int{}
	for _, e := range events {
		code := "finding"
		if e.Metadata.EventCode == "metsuke-coverage" {
			code = "coverage"
		}
		out[outcome{code, e.ActivityName, e.Severity, e.Status, e.Compliance.Status}]++
	}
	return out
}

func TestOCSFTellsVerdictsApart(t *testing.T) {
	for name, tt := range map[string]struct {
		run  finding.Run
		want map[outcome]int
	}{
		"failures, an unknown, a pass and one that does not apply": {gate(), map[outcome]int{
			{"finding", "Create", "High", "New", "Fail"}:                         1,
			{"finding", "Create", "Medium", "New", "Fail"}:                       1,
			{"finding", "Create", "High", "New", "Warning"}:                      1,
			{"finding", "Create", "Informational", "Resolved", "Pass"}:           1,
			{"finding", "Create", "Informational", "Resolved", "Not applicable"}: 1,
			{"coverage", "Create", "Informational", "New", "Warning"}:            1,
		}},
		"what is excused is suppressed, but nothing unknown is": {pardoned(), map[outcome]int{
			{"finding", "Create", "High", "New", "Fail"}:                         1,
			{"finding", "Create", "Medium", "New", "Fail"}:                       1,
			{"finding", "Create", "High", "Suppressed", "Fail"}:                  5,
			{"finding", "Create", "Low", "Suppressed", "Fail"}:                   1,
			{"finding", "Create", "High", "New", "Warning"}:                      2,
			{"finding", "Create", "Informational", "Resolved", "Pass"}:           1,
			{"finding", "Create", "Informational", "Resolved", "Not applicable"}: 1,
			{"coverage", "Create", "Informational", "New", "Warning"}:            1,
		}},
		"nothing was looked at": {blind(), map[outcome]int{{"coverage", "Create", "Informational", "New", "Warning"}: 1}},
		"nothing was judged":    {empty(), map[outcome]int{{"coverage", "Create", "Informational", "New", "Warning"}: 1}},
		"all is well":           {clear(), map[outcome]int{{"coverage", "Create", "Informational", "New", "Pass"}: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, outcomes(ocsfOf(t, tt.run))); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOCSFClosesOnlyWhatWasLookedAt(t *testing.T) {
	type life struct{ Code, Activity, Status, Compliance string }
	want := []life{
		{"fail", "Create", "New", "Fail"},
		{"fail", "Update", "New", "Fail"},
		{"fail", "Update", "New", "Fail"},
		{"fail", "Update", "Suppressed", "Fail"},
		{"fixed", "Close", "Resolved", "Pass"},
		{"gone", "Close", "Archived", "Gone"},
		{"not_visible", "Update", "Not visible", "Warning"},
		{"pass", "Create", "New", "Pass"}, // the coverage
	}
	var got []life
	for _, e := range ocsfOf(t, watched()) {
		got = append(got, life{e.StatusCode, e.ActivityName, e.Status, e.Compliance.Status})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOCSFSaysWhenAFindingWasSeen(t *testing.T) {
	want := ocsfFindingInfo{
		UID: "c4b2", Title: "S3 buckets block public access", Desc: "A bucket that anyone can read is how most data leaks from S3 begin.",
		Types: []string{"security"}, Analytic: ocsfAnalytic{"aws-s3-public-access-block", "S3 buckets block public access", 1, "Rule"},
		Created:  time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC).UnixMilli(),
		Modified: time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC).UnixMilli(), FirstSeen: time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC).UnixMilli(),
		LastSeen: time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC).UnixMilli(),
		Tags:     []ocsfTag{{"history", "reopened"}, {"fingerprint", "c4b2"}},
	}
	run := watched()
	for i := range run.Findings {
		if run.Findings[i].History.Status == finding.StatusReopened {
			run.Findings = run.Findings[i : i+1]
			break
		}
	}
	f := &run.Findings[0]
	f.Fingerprint, f.Path = "c4b2", ""
	if diff := cmp.Diff(want, ocsfOf(t, run)[0].FindingInfo); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOCSFNamesTheAccount(t *testing.T) {
	for name, tt := range map[string]struct {
		r    finding.Resource
		want *ocsfCloud
	}{
		"AWS": {finding.Resource{Provider: "aws", Scope: "111111111111", ScopeName: "prod", Region: "eu-west-1"}, &ocsfCloud{
			Provider: "AWS", Region: "eu-west-1", Account: &ocsfAccount{UID: "111111111111", Name: "prod", TypeID: 10, Type: "AWS Account"},
		}},
		"a project of Google Cloud": {finding.Resource{Provider: "gcp", Scope: "projects/shop"}, &ocsfCloud{
			Provider: "GCP", Account: &ocsfAccount{UID: "projects/shop", TypeID: 11, Type: "GCP Project"},
		}},
		"an organisation of Google Cloud": {finding.Resource{Provider: "gcp", Scope: "organizations/42"}, &ocsfCloud{
			Provider: "GCP", Account: &ocsfAccount{UID: "organizations/42", TypeID: 99, Type: "Account"},
		}},
		"GitHub": {finding.Resource{Provider: "github", Scope: "acme"}, &ocsfCloud{
			Provider: "GitHub", Account: &ocsfAccount{UID: "acme", TypeID: 99, Type: "Account"},
		}},
		"a plan is in no account": {finding.Resource{Provider: "terraform", Scope: "plan.json", Source: &providers.Source{Address: "a.b"}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			run := finding.Run{Findings: []finding.Finding{{Policy: "p", Verdict: finding.Fail, Severity: finding.Low, Resource: tt.r}}}
			if diff := cmp.Diff(tt.want, ocsfOf(t, run)[0].Cloud); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
