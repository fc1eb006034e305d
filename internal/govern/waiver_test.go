package govern

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// now is the time of every test: noon, so that the day is neither over nor to come.
var now = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

var names = Names{"aws-s3-versioning": {"aws-s3-bucket-versioning"}, "aws-s3-public-access-block": nil, "github-repo-secrets": nil}

// bucket is a finding on a live bucket.
func bucket(policy, name string, v finding.Verdict) finding.Finding {
	r := finding.Resource{Provider: "aws", Scope: "111111111111", ScopeName: "prod", Type: "aws_s3_bucket", ID: "arn:aws:s3:::" + name, Name: name, Region: "eu-central-1"}
	return finding.Finding{Fingerprint: finding.Fingerprint(policy, r, ""), Policy: policy, Severity: finding.High, Verdict: v, Resource: r}
}

// planned is a finding on a bucket of a plan.
func planned(policy, address string) finding.Finding {
	r := finding.Resource{
		Provider: "terraform", Scope: "plan.json", Type: "aws_s3_bucket", ID: address, Name: "orders",
		Source: &providers.Source{Address: address, File: "main.tf", Line: 3},
	}
	return finding.Finding{Fingerprint: finding.Fingerprint(policy, r, ""), Policy: policy, Severity: finding.High, Verdict: finding.Fail, Resource: r}
}

// waiver is one that holds, for the versioning of a bucket named logs.
func waiver(change func(*Waiver)) Waiver {
	w := Waiver{
		Policy: "aws-s3-versioning", Resource: "logs", Reason: "kept for a day", Approver: "ann", Ticket: "GOV-7", Expires: "2026-12-31",
		File: "waivers.yaml", Line: 2,
	}
	if change != nil {
		change(&w)
	}
	return w
}

func waive(t *testing.T, f finding.Finding, ws ...Waiver) finding.Finding {
	t.Helper()
	out, _ := NewWaivers(ws, Terms{Now: now, Policies: names}).Waive([]finding.Finding{f})
	return out[0]
}

func TestAWaiverExcusesWhatItIsAbout(t *testing.T) {
	logs := bucket("aws-s3-versioning", "logs", finding.Fail)
	for name, c := range map[string]struct {
		finding finding.Finding
		change  func(*Waiver)
		want    bool
	}{
		"by name":                         {logs, nil, true},
		"by id":                           {logs, func(w *Waiver) { w.Resource = "arn:aws:s3:::logs" }, true},
		"by a pattern over slashes":       {logs, func(w *Waiver) { w.Resource = "arn:*ogs" }, true},
		"by a single wildcard":            {logs, func(w *Waiver) { w.Resource = "log?" }, true},
		"by a former id of the policy":    {logs, func(w *Waiver) { w.Policy = "aws-s3-bucket-versioning" }, true},
		"by a pattern of policies":        {logs, func(w *Waiver) { w.Policy = "aws-s3-*" }, true},
		"in an account, by its id":        {logs, func(w *Waiver) { w.Account = "111111111111" }, true},
		"in an account, by its name":      {logs, func(w *Waiver) { w.Account = "pro?" }, true},
		"in a region":                     {logs, func(w *Waiver) { w.Region = "eu-*" }, true},
		"of a type":                       {logs, func(w *Waiver) { w.Type = "aws_s3_*" }, true},
		"an unknown verdict":              {bucket("aws-s3-versioning", "logs", finding.Unknown), nil, true},
		"on its last day":                 {logs, func(w *Waiver) { w.Expires = "2026-07-01" }, true},
		"as far away as allowed":          {logs, func(w *Waiver) { w.Expires = "2027-07-01" }, true},
		"of a plan, by address":           {planned("aws-s3-versioning", "aws_s3_bucket.logs"), func(w *Waiver) { w.Resource = "aws_s3_bucket.logs" }, true},
		"of a plan, every instance":       {planned("aws-s3-versioning", `module.a["x.y"].aws_s3_bucket.logs[0]`), func(w *Waiver) { w.Resource = "module.a.aws_s3_bucket.logs" }, true},
		"of a plan, one instance":         {planned("aws-s3-versioning", `aws_s3_bucket.logs["a"]`), func(w *Waiver) { w.Resource = `aws_s3_bucket.logs["a"]` }, true},
		"of a plan, another instance":     {planned("aws-s3-versioning", `aws_s3_bucket.logs["b"]`), func(w *Waiver) { w.Resource = `aws_s3_bucket.logs["a"]` }, false},
		"another policy":                  {bucket("aws-s3-public-access-block", "logs", finding.Fail), nil, false},
		"another resource":                {bucket("aws-s3-versioning", "logs-2", finding.Fail), nil, false},
		"another case":                    {bucket("aws-s3-versioning", "Logs", finding.Fail), nil, false},
		"another account":                 {logs, func(w *Waiver) { w.Account = "222222222222" }, false},
		"another region":                  {logs, func(w *Waiver) { w.Region = "us-*" }, false},
		"another type":                    {logs, func(w *Waiver) { w.Type = "aws_sqs_queue" }, false},
		"a pass":                          {bucket("aws-s3-versioning", "logs", finding.Pass), nil, false},
		"the day after its last":          {logs, func(w *Waiver) { w.Expires = "2026-06-30" }, false},
		"further away than allowed":       {logs, func(w *Waiver) { w.Expires = "2027-07-02" }, false},
		"a bad date":                      {logs, func(w *Waiver) { w.Expires = "31.12.2026" }, false},
		"a day that no month has":         {logs, func(w *Waiver) { w.Expires = "2026-09-31" }, false},
		"brackets are no character class": {bucket("aws-s3-versioning", "a", finding.Fail), func(w *Waiver) { w.Resource = "[a-z]" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := waiver(c.change)
			want := c.finding
			if c.want {
				want.Waiver = &finding.Waiver{Reason: w.Reason, Approver: w.Approver, Ticket: w.Ticket, Expires: w.Expires, File: w.File, Line: w.Line}
			}
			if diff := cmp.Diff(want, waive(t, c.finding, w)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAWaiverOfSomeDefectsExcusesNoOther(t *testing.T) {
	with := func(key string, defects ...string) finding.Finding {
		f := bucket("aws-s3-versioning", "logs", finding.Fail)
		f.Key, f.Defects = key, defects
		return f
	}
	unread := bucket("aws-s3-versioning", "logs", finding.Unknown)
	unread.Path = "Owner"
	for name, c := range map[string]struct {
		finding finding.Finding
		only    []string
		want    bool
	}{
		"everything, where it does not say":      {with("", "Owner", "CostCenter"), nil, true},
		"the defect that it names":               {with("", "Owner"), []string{"Owner"}, true},
		"fewer than it names":                    {with("", "Owner"), []string{"Owner", "CostCenter"}, true},
		"one more than it names":                 {with("", "CostCenter", "Owner"), []string{"Owner"}, false},
		"another one":                            {with("", "CostCenter"), []string{"Owner"}, false},
		"by a pattern":                           {with("", "CostCenter", "CostUnit"), []string{"Cost*"}, true},
		"the key of a fault without parts":       {with("tcp/22-22"), []string{"tcp/22-22"}, true},
		"another key":                            {with("tcp/3389-3389"), []string{"tcp/22-22"}, false},
		"the key of a fault, with all its parts": {with("tcp/20-25", "22", "23"), []string{"tcp/20-25"}, true},
		"the parts of a fault that has a key":    {with("tcp/20-25", "22", "23"), []string{"22", "23"}, true},
		"one of the parts of a fault with a key": {with("tcp/20-25", "22", "23"), []string{"22"}, false},
		"what could not be read might be more":   {unread, []string{"Owner"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			got := waive(t, c.finding, waiver(func(w *Waiver) { w.Only = c.only }))
			if (got.Waiver != nil) != c.want {
				t.Errorf("waived: %v, want %v", got.Waiver != nil, c.want)
			}
		})
	}
}

func TestAWaiverOfWhatHasGrownIsNotUnused(t *testing.T) {
	grown := bucket("aws-s3-versioning", "logs", finding.Fail)
	grown.Defects = []string{"CostCenter", "Owner"}
	w := waiver(func(w *Waiver) { w.Only = []string{"Owner"} })
	out, uses := NewWaivers([]Waiver{w}, Terms{Now: now, Policies: names}).Waive([]finding.Finding{grown})
	if out[0].Waiver != nil || uses[0] != 1 {
		t.Errorf("waived: %v, used %d times", out[0].Waiver != nil, uses[0])
	}
}

func TestTheFirstWaiverThatHoldsIsTheFindings(t *testing.T) {
	got := waive(t, bucket("aws-s3-versioning", "logs", finding.Fail),
		waiver(func(w *Waiver) { w.Expires, w.Reason = "2026-01-01", "expired" }),
		waiver(func(w *Waiver) { w.Reason = "second" }),
		waiver(func(w *Waiver) { w.Reason = "third" }))
	if got.Waiver == nil || got.Waiver.Reason != "second" {
		t.Errorf("the waiver is %+v", got.Waiver)
	}
}

func TestAWaiverInACommentIsForItsResourceOrModule(t *testing.T) {
	for name, c := range map[string]struct {
		on, address string
		want        bool
	}{
		"its resource":                   {"aws_s3_bucket.logs", "aws_s3_bucket.logs", true},
		"every instance of it":           {"aws_s3_bucket.logs", `aws_s3_bucket.logs["a.b[0]"]`, true},
		"a key with an escaped quote":    {"aws_s3_bucket.logs", `aws_s3_bucket.logs["a\"]b"]`, true},
		"what is in its module":          {"module.storage", `module.storage[0].module.inner["x"].aws_s3_bucket.logs`, true},
		"a module within a module":       {"module.storage.module.inner", `module.storage.module.inner["x"].aws_s3_bucket.logs`, true},
		"not a longer name":              {"aws_s3_bucket.logs", "aws_s3_bucket.logs2", false},
		"not a module with a longer one": {"module.storage", "module.storage2.aws_s3_bucket.logs", false},
		"not what is in another module":  {"aws_s3_bucket.logs", "module.a.aws_s3_bucket.logs", false},
		"not a resource without address": {"aws_s3_bucket.logs", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			ws := FromComments([]Comment{{Text: `metsuke:ignore aws-s3-versioning until=2026-12-31 reason="scratch"`, File: "main.tf", Line: 2, Address: c.on}}, AllowComments)
			f := planned("aws-s3-versioning", c.address)
			want := f
			if c.want {
				want.Waiver = &finding.Waiver{Reason: "scratch", Expires: "2026-12-31", InSource: true, File: "main.tf", Line: 2}
			}
			if diff := cmp.Diff(want, waive(t, f, ws...)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAWaiverInACommentIsForTheLiveResourceThatItsStateKeeps(t *testing.T) {
	live := func(state, address string) finding.Finding {
		f := bucket("aws-s3-versioning", "logs", finding.Fail)
		f.Resource.ManagedBy = &finding.ManagedBy{Tool: finding.Terraform, State: state, Address: address}
		return f
	}
	for name, c := range map[string]struct {
		finding finding.Finding
		want    bool
	}{
		"an instance of the resource": {live("s3://states/prod.tfstate", "aws_s3_bucket.logs[0]"), true},
		"another resource":            {live("s3://states/prod.tfstate", "aws_s3_bucket.other"), false},
		"of another state":            {live("s3://states/test.tfstate", "aws_s3_bucket.logs"), false},
		"kept by no state":            {bucket("aws-s3-versioning", "logs", finding.Fail), false},
	} {
		t.Run(name, func(t *testing.T) {
			ws := FromComments([]Comment{{
				Text: CommentPrefix + " aws-s3-versioning until=2026-12-31 reason=scratch", File: "main.tf", Line: 4, First: 4, Last: 9, Address: "s3://states/prod.tfstate:aws_s3_bucket.logs",
			}}, AllowComments)
			if got := waive(t, c.finding, ws...); (got.Waiver != nil) != c.want {
				t.Errorf("waived: %v, want %v", got.Waiver != nil, c.want)
			}
		})
	}
}

func TestAWaiverInACommentOfOnePlanIsNotForAnother(t *testing.T) {
	ws := FromComments([]Comment{
		{Text: "metsuke:ignore aws-s3-versioning until=2026-12-31 reason=x", File: "a/main.tf", Line: 1, Address: "a.b/plan.json:module.m"},
	}, AllowComments)
	for scope, want := range map[string]bool{"a.b/plan.json": true, "plan.json": false, "c/plan.json": false} {
		f := planned("aws-s3-versioning", "module.m.aws_s3_bucket.logs")
		f.Resource.Scope = scope
		if got := waive(t, f, ws...).Waiver != nil; got != want {
			t.Errorf("in %s waived: %v", scope, got)
		}
	}
}

func TestAWaiverInACommentIsForWhatIsWrittenInItsBlock(t *testing.T) {
	comment := Comment{
		Text: `metsuke:ignore aws-s3-versioning until=2026-12-31 reason=x`, File: "main.tf", Line: 9,
		Address: "aws_s3_bucket_versioning.logs", First: 10, Last: 14,
	}
	for name, c := range map[string]struct {
		file string
		line int
		want bool
	}{
		"in the block":               {"main.tf", 12, true},
		"on its first line":          {"main.tf", 10, true},
		"on its last line":           {"main.tf", 14, true},
		"before it":                  {"main.tf", 9, false},
		"behind it":                  {"main.tf", 15, false},
		"in another file":            {"other.tf", 12, false},
		"nobody knows on which line": {"main.tf", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			f := planned("aws-s3-versioning", "aws_s3_bucket.logs")
			f.Resource.Source.File, f.Resource.Source.Line = c.file, c.line
			if got := waive(t, f, FromComments([]Comment{comment}, AllowComments)...).Waiver != nil; got != c.want {
				t.Errorf("waived: %v", got)
			}
		})
	}
}

// TestAddingAWaiverChangesNoVerdictAndOnlyWhatItMatches tries random waivers on random
// findings.
func TestAddingAWaiverChangesNoVerdictAndOnlyWhatItMatches(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	pick := func(of ...string) string { return of[r.IntN(len(of))] }
	policies := []string{"aws-s3-versioning", "aws-s3-public-access-block", "github-repo-secrets"}
	verdicts := []string{string(finding.Fail), string(finding.Unknown), string(finding.Pass), string(finding.NotApplicable)}
	random := func() Waiver {
		return waiver(func(w *Waiver) {
			w.Policy = pick("*", "aws-*", "aws-s3-versioning", "aws-s3-bucket-versioning", "nope")
			w.Resource = pick("*", "a*", "?", "b", "arn:aws:s3:::c")
			w.Account, w.Region = pick("", "*", "prod", "other"), pick("", "eu-*", "us-*")
			w.Expires = pick("2026-12-31", "2026-01-01", "2099-01-01", "soon", "")
		})
	}
	for range 500 {
		var findings []finding.Finding
		for range 1 + r.IntN(8) {
			findings = append(findings, bucket(pick(policies...), pick("a", "b", "c", "ab"), finding.Verdict(pick(verdicts...))))
		}
		var list []Waiver
		for range r.IntN(3) {
			list = append(list, random())
		}
		added := random()
		terms := Terms{Now: now, Policies: names}
		before, _ := NewWaivers(list, terms).Waive(findings)
		after, _ := NewWaivers(append(list, added), terms).Waive(findings)
		for i := range findings {
			plain := after[i]
			plain.Waiver = findings[i].Waiver
			if diff := cmp.Diff(findings[i], plain); diff != "" {
				t.Fatalf("more than the waiver changed:\n%s", diff)
			}
			if before[i].Counts() == after[i].Counts() {
				continue
			}
			matches := len(names.matching(added.Policy)) > 0 && terms.rule(added).covers(subjectOf(findings[i].Resource))
			if !before[i].Counts() || !matches || added.Expires != "2026-12-31" {
				t.Fatalf("%+v made %+v count: %v, not %v", added, findings[i], after[i].Counts(), before[i].Counts())
			}
		}
	}
}

func TestPatternsMatchWholeTextsInLinearTime(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true},
		{"*", "", true},
		{"?", "", false},
		{"a*c", "abcbc", true},
		{"a*c", "abcb", false},
		{"*.logs", "module.x.aws_s3_bucket.logs", true},
		{"ü?", "üé", true},
		{"*?é", "üé", true},
		{"*??é", "üé", false},
		{"?", "é", true},
		{"??", "é", false},
		{"aba*aba", "aba", false},
		{"ab*ab", "abab", true},
		{"*a*b*", "xaxbx", true},
		{"*a*b*", "xbxax", false},
		{"a**b", "ab", true},
		{strings.Repeat("*a", 40) + "?b", strings.Repeat("a", 4000), false},
		{strings.Repeat("*a", 40) + "b", strings.Repeat("a", 4000), false},
	} {
		if got := compile(c.pattern).match(c.text); got != c.want {
			t.Errorf("%.20q on %.20q: %v", c.pattern, c.text, got)
		}
	}
}

func FuzzPattern(f *testing.F) {
	f.Add("a*b*c", "aXbYc")
	f.Add("*", "")
	f.Add("ü*é", "üé")
	f.Fuzz(func(t *testing.T, text, s string) {
		p := compile(text)
		if got, want := p.match(s), p.step(s); utf8.ValidString(text) && utf8.ValidString(s) && got != want {
			t.Errorf("%q on %q: %v in parts, %v step by step", text, s, got, want)
		}
	})
}
