package govern

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// ran is a run over the findings in which each policy judged something.
func ran(findings ...finding.Finding) finding.Run {
	run := finding.Run{Mode: "scan", Time: now, Findings: findings}
	for _, id := range []string{"aws-s3-public-access-block", "aws-s3-versioning", "github-repo-secrets"} {
		run.Policies = append(run.Policies, finding.Policy{ID: id, Types: []providers.Type{"aws_s3_bucket"}, Counts: finding.Counts{Pass: 1}})
	}
	return run
}

// problems sums up issues: problem, line and matches.
func problems(issues []Issue) []string {
	var out []string
	for _, i := range issues {
		out = append(out, fmt.Sprintf("%s line %d (%d): %s", i.Problem, i.Waiver.Line, i.Matches, i.Message))
	}
	return out
}

func reviewed(run finding.Run, list ...Waiver) []Issue {
	ws := NewWaivers(list, Terms{Now: now, Policies: names})
	_, uses := ws.Waive(run.Findings)
	return ws.ReviewRun(run, uses)
}

func line(n int, change func(*Waiver)) Waiver {
	return waiver(func(w *Waiver) {
		w.Line = n
		change(w)
	})
}

func TestTheReviewNamesWhatIsWrongWithWaivers(t *testing.T) {
	run := ran(bucket("aws-s3-versioning", "logs", finding.Fail), bucket("aws-s3-public-access-block", "logs", finding.Unknown))
	got := reviewed(
		run,
		line(1, func(w *Waiver) { w.Expires = "2026-07-31" }),                         // thirty days away
		line(2, func(w *Waiver) { w.Expires = "2026-08-01" }),                         // one more
		line(3, func(w *Waiver) { w.Expires = "2026-06-30" }),                         // expired
		line(4, func(w *Waiver) { w.Resource = "gone" }),                              // unused
		line(5, func(w *Waiver) { w.Policy, w.Resource = "*", "**" }),                 // everything
		line(6, func(w *Waiver) { w.Policy, w.Resource, w.Account = "*", "*", "p*" }), // everything of an account
		line(7, func(w *Waiver) { w.Policy = "aws-s3-versionning" }),
		line(8, func(w *Waiver) { w.Expires = "next year" }),
		line(9, func(w *Waiver) { w.Expires = "2026-06-30"; w.Resource = "gone" }),             // expired, and nothing to waive
		line(11, func(w *Waiver) { w.Policy, w.Resource, w.Expires = "*", "*", "2026-06-30" }), // wide, and over
		line(10, func(w *Waiver) { w.Policy = "aws-s3-public-access-block" }),                  // waives an unknown
	)
	want := []string{
		"error line 7 (0): there is no policy aws-s3-versionning: did you mean aws-s3-versioning?",
		`error line 8 (1): "next year" is no day such as 2026-12-31, so it counts as expired`,
		"expired line 3 (1): it expired on 2026-06-30",
		"expired line 9 (0): it expired on 2026-06-30",
		"expired line 11 (2): it expired on 2026-06-30",
		"unused line 4 (0): it matches nothing that fails or is unknown",
		"over-broad line 5 (2): it is for every policy and every resource",
		"expiring line 1 (1): it expires on 2026-07-31",
	}
	if diff := cmp.Diff(want, problems(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wantNotes := []string{
		"waivers.yaml:7: the waiver of aws-s3-versionning on logs waives nothing: there is no policy aws-s3-versionning: did you mean aws-s3-versioning?",
		`waivers.yaml:8: the waiver of aws-s3-versioning on logs waives nothing: "next year" is no day such as 2026-12-31, so it counts as expired.`,
		"waivers.yaml:3: the waiver of aws-s3-versioning on logs expired on 2026-06-30 and waives nothing; it was for 1 finding.",
		"waivers.yaml:11: the waiver of * on * expired on 2026-06-30 and waives nothing; it was for 2 findings.",
		"waivers.yaml:5: the waiver of * on ** is over-broad: it is for every policy and every resource.",
		"waivers.yaml:1: the waiver of aws-s3-versioning on logs expires on 2026-07-31; then 1 finding counts.",
	}
	if diff := cmp.Diff(wantNotes, Notes(got, false)); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	whole := append(slices.Clone(wantNotes),
		"1 waiver has expired that would match nothing in this run: waivers.yaml:9.",
		"1 waiver matches nothing that fails or is unknown: waivers.yaml:4.")
	if diff := cmp.Diff(whole, Notes(got, true)); diff != "" {
		t.Errorf("notes of a whole run (-want +got):\n%s", diff)
	}
}

func TestAWaiverOfManyFindingsIsOverBroad(t *testing.T) {
	some := func(n int, name string) []finding.Finding {
		var out []finding.Finding
		for i := range n {
			out = append(out, bucket("aws-s3-versioning", fmt.Sprintf("%s-%d", name, i), finding.Fail))
		}
		return out
	}
	all := waiver(func(w *Waiver) { w.Resource = "logs-*" })
	for name, c := range map[string]struct {
		logs, others int
		want         []string
	}{
		"all of a few":         {19, 0, nil},
		"half of more":         {10, 10, nil},
		"more than half":       {11, 9, []string{"over-broad line 2 (11): it matches 11 of 20 findings"}},
		"a hundred of many":    {100, 300, nil},
		"more than a hundred":  {101, 300, []string{"over-broad line 2 (101): it matches 101 findings"}},
		"nothing of something": {0, 50, []string{"unused line 2 (0): it matches nothing that fails or is unknown"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := reviewed(ran(append(some(c.logs, "logs"), some(c.others, "other")...)...), all)
			if diff := cmp.Diff(c.want, problems(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAWaiverIsUnusedOnlyWhereItsFindingWouldHaveBeenSeen(t *testing.T) {
	unread := ran()
	unread.Coverage.Gaps = []providers.Gap{{Scope: providers.Scope{Provider: "aws", ID: "1"}, Type: "aws_s3_bucket", Reason: providers.Denied}}
	part := ran()
	part.Coverage.Gaps = []providers.Gap{{Scope: providers.Scope{Provider: "aws", ID: "1"}, Type: "aws_s3_bucket", Path: "versioning", Reason: providers.Denied}}
	scope := ran()
	scope.Coverage.Gaps = []providers.Gap{{Scope: providers.Scope{Provider: "aws", ID: "1"}, Reason: providers.Denied}}
	unselected := ran()
	unselected.Policies = unselected.Policies[:1]
	wide := func(w *Waiver) { w.Policy = "aws-s3-*" }
	elsewhere := ran()
	elsewhere.Scopes = []providers.Scope{{Provider: "aws", ID: "222222222222", Name: "shop"}}
	of := func(account string) func(*Waiver) { return func(w *Waiver) { w.Account = account } }
	stopped := ran()
	stopped.Interrupted = true
	defect := ran(bucket("aws-s3-versioning", "logs", finding.Unknown))
	sources, gate, states := ran(), ran(), ran()
	gate.Mode, states.IaC = "gate", &finding.IaC{}
	comment := func(w *Waiver) { w.InSource, w.Resource, w.Addresses = true, "", []string{"aws_s3_bucket.gone"} }
	idle := ran()
	idle.Policies[1].Counts = finding.Counts{}
	for name, c := range map[string]struct {
		run    finding.Run
		want   bool
		waiver func(*Waiver)
	}{
		"of several policies all were selected":         {ran(), true, wide},
		"of several policies not all were selected":     {unselected, false, wide},
		"the account was looked at":                     {elsewhere, true, of("222222222222")},
		"the account was looked at, by its name":        {elsewhere, true, of("sh*")},
		"another account was looked at":                 {elsewhere, false, of("111111111111")},
		"the run was interrupted":                       {stopped, false, nil},
		"it is not known whether its defect is there":   {defect, false, func(w *Waiver) { w.Only = []string{"status"} }},
		"a comment, and the sources were not looked at": {sources, false, comment},
		"a comment, in a gate":                          {gate, true, comment},
		"a comment, in a scan with states":              {states, true, comment},
		"everything was read":                           {ran(), true, nil},
		"an attribute was not read":                     {part, true, nil}, // then the verdict is unknown, and would match
		"a listing of the type was denied":              {unread, false, nil},
		"an account could not be read":                  {scope, false, nil},
		"the policy was not selected":                   {unselected, false, nil},
		"the policy judged nothing at all":              {idle, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := len(reviewed(c.run, waiver(c.waiver))) == 1; got != c.want {
				t.Errorf("unused: %v", got)
			}
		})
	}
}

func TestWithoutARunNothingIsUnused(t *testing.T) {
	ws := NewWaivers([]Waiver{
		waiver(nil),
		line(3, func(w *Waiver) { w.Policy, w.Resource, w.Expires = "*", "*", "2026-07-02" }),
	}, Terms{Now: now, Policies: names})
	want := []string{"over-broad line 3 (0): it is for every policy and every resource", "expiring line 3 (0): it expires on 2026-07-02"}
	if diff := cmp.Diff(want, problems(ws.Review())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheLongestLifetimeIsConfigurable(t *testing.T) {
	list := []Waiver{line(1, func(w *Waiver) { w.Expires = "2026-08-30" }), line(2, func(w *Waiver) { w.Expires = "2026-08-31" })}
	ws := NewWaivers(list, Terms{Now: now, MaxDays: 60, Policies: names})
	if diff := cmp.Diff([]string{"error line 2 (0): 2026-08-31 is more than 60 days away, longer than a waiver may hold"}, problems(ws.Review())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestManyNotesOfOneKindAreCounted(t *testing.T) {
	var issues []Issue
	for i := range 13 {
		issues = append(issues, Issue{Problem: Expired, Waiver: line(i+1, func(w *Waiver) { w.Expires = "2026-01-01" }), Matches: 1})
	}
	issues = append(issues, Issue{Problem: Broad, Waiver: waiver(nil), Message: "it matches 200 findings", Matches: 200})
	got := Notes(issues, true)
	want := []string{
		"waivers.yaml:10: the waiver of aws-s3-versioning on logs expired on 2026-01-01 and waives nothing; it was for 1 finding.",
		"waivers.yaml:2: the waiver of aws-s3-versioning on logs is over-broad: it matches 200 findings.",
		"3 more waivers: expired; `metsuke waivers check` lists all of them.",
	}
	if diff := cmp.Diff(want, got[9:]); diff != "" {
		t.Errorf("the last notes (-want +got):\n%s", diff)
	}
}
