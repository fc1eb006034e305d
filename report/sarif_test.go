package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// alerts returns what code scanning knows the results of a run by: rule, file and hash.
func alerts(t *testing.T, run finding.Run) []string {
	t.Helper()
	doc, err := sarif.FromString(render(t, "sarif", Options{}, run))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range doc.Runs[0].Results {
		out = append(out, *r.RuleID+" "+*r.Locations[0].PhysicalLocation.ArtifactLocation.URI+" "+r.PartialFingerprints["primaryLocationLineHash"])
	}
	slices.Sort(out)
	return out
}

// placed leaves the findings that have a file.
func placed(run finding.Run) finding.Run {
	run.Findings = slices.DeleteFunc(run.Findings, func(f finding.Finding) bool { return f.Resource.Source.File == "" })
	return run
}

// renamed changes the resources of a run.
func renamed(run finding.Run, change func(*finding.Resource)) finding.Run {
	for i := range run.Findings {
		f := &run.Findings[i]
		source := *f.Resource.Source
		f.Resource.Source = &source
		change(&f.Resource)
		f.Fingerprint = finding.Fingerprint(f.Policy, f.Resource, f.Key)
	}
	return run
}

func TestARenamedOrShiftedResourceMakesNoNewAlert(t *testing.T) {
	before := alerts(t, placed(change()))
	if unique := slices.Compact(slices.Clone(before)); len(unique) != len(before) {
		t.Errorf("two results are one alert: %q", before)
	}
	for name, run := range map[string]finding.Run{
		"moved to another address": renamed(placed(change()), func(r *finding.Resource) { r.ID = "module.new." + r.ID; r.Source.Address = r.ID }),
		"lines shifted":            renamed(placed(change()), func(r *finding.Resource) { r.Source.Line += 100 }),
		"said in other words":      reworded(placed(change())),
	} {
		if diff := cmp.Diff(before, alerts(t, run)); diff != "" {
			t.Errorf("%s (-before +after):\n%s", name, diff)
		}
	}
}

func reworded(run finding.Run) finding.Run {
	for i := range run.Findings {
		run.Findings[i].Message += ", as before"
	}
	return run
}

func TestInstancesOfOneLineAreAlertsOfTheirOwn(t *testing.T) {
	run := gate()
	f := run.Findings[0]
	run.Findings = nil
	for i := range 3 {
		one := f
		source := *f.Resource.Source
		source.Address = fmt.Sprintf("aws_s3_bucket.this[%d]", i)
		one.Resource.Source, one.Resource.ID = &source, source.Address
		one.Fingerprint = finding.Fingerprint(one.Policy, one.Resource, one.Key)
		run.Findings = append(run.Findings, one)
	}
	if got := slices.Compact(alerts(t, run)); len(got) != 3 {
		t.Errorf("alerts: %q", got)
	}
}

func TestTheSARIFReportStaysWithinTheLimitsOfCodeScanning(t *testing.T) {
	run := large(3)
	p := &run.Policies[0]
	p.Frameworks = map[string][]string{"cis": nil}
	for i := range 40 {
		p.Frameworks["cis"] = append(p.Frameworks["cis"], fmt.Sprintf("1.%d", i))
	}
	p.Title, p.Description, p.Remediation = strings.Repeat("title ", 1000), strings.Repeat("why ", 5000), strings.Repeat("Do this.\n", 10000)
	doc, err := sarif.FromString(render(t, "sarif", Options{}, run))
	if err != nil {
		t.Fatal(err)
	}
	r := doc.Runs[0]
	for _, rule := range r.Tool.Driver.Rules {
		var tags []string
		if rule.Properties != nil {
			tags = rule.Properties.Tags
		}
		if len(tags) > 10 || len([]rune(*rule.ShortDescription.Text)) > 1024 || len([]rune(*rule.FullDescription.Text)) > 1024 || len(*rule.Help.Text) > 31000 {
			t.Errorf("%s is too large: %d tags", *rule.ID, len(tags))
		}
	}
}

func TestCodeScanningGetsTheWorstResultsAndHearsOfTheOthers(t *testing.T) {
	excused := finding.Finding{Verdict: finding.Fail, Baseline: true}
	for _, tt := range []struct {
		fail, excused, kept int
		want                string
	}{
		{5000, 0, 5000, ""},
		{5000, 1, 5001, "There are 5,001 results; code scanning shows the worst 5,000."},
		{24999, 3, 25000, "2 findings more are no result: code scanning takes 25,000 of a run and shows the worst 5,000. Another format has them all."},
	} {
		all := slices.Repeat([]finding.Finding{excused}, tt.excused)
		all = append(all, slices.Repeat([]finding.Finding{{Verdict: finding.Fail}}, tt.fail)...)
		kept, said := Options{}.sarifKept(append(all, finding.Finding{Verdict: finding.Pass}))
		if len(kept) != tt.kept || said != tt.want || kept[0].Baseline {
			t.Errorf("%d and %d excused: kept %d, said %q", tt.fail, tt.excused, len(kept), said)
		}
	}
}

func TestWhatIsExcusedIsLeftOutForReadersThatIgnoreSuppressions(t *testing.T) {
	run := finding.Run{Policies: []finding.Policy{{ID: "p"}}, Findings: []finding.Finding{
		{Policy: "p", Verdict: finding.Fail, Message: "counts"},
		{Policy: "p", Verdict: finding.Fail, Message: "waived", Waiver: &finding.Waiver{Reason: "r", Expires: "2026-12-31"}},
		{Policy: "p", Verdict: finding.Fail, Message: "known", Baseline: true},
		{Policy: "p", Verdict: finding.Fail, Message: "warned of", WarnUntil: "2026-12-31"},
		{Policy: "p", Verdict: finding.Unknown, Message: "waived and unknown", Waiver: &finding.Waiver{Reason: "r", Expires: "2026-12-31"}},
	}}
	type document struct {
		Runs []struct {
			Results    []struct{ Message struct{ Text string } }
			Properties struct{ Omitted int }
		}
	}
	for omit, want := range map[bool]struct {
		messages []string
		omitted  int
	}{
		false: {[]string{"in: counts", "in: warned of", "in: waived", "in: known", "Unknown whether in follows p: waived and unknown"}, 0},
		true:  {[]string{"in: counts", "in: warned of"}, 3},
	} {
		var b bytes.Buffer
		if err := (sarifReporter{Options{OmitExcused: omit}}).Report(&b, run); err != nil {
			t.Fatal(err)
		}
		var doc document
		if err := json.Unmarshal(b.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range doc.Runs[0].Results {
			got = append(got, r.Message.Text)
		}
		slices.Sort(got)
		slices.Sort(want.messages)
		if diff := cmp.Diff(want.messages, got); diff != "" || doc.Runs[0].Properties.Omitted != want.omitted {
			t.Errorf("omit %v: %d left out (-want +got):\n%s", omit, doc.Runs[0].Properties.Omitted, diff)
		}
	}
}

func TestEveryRuleHelpsInBothForms(t *testing.T) {
	for name, run := range edges() {
		doc, err := sarif.FromString(render(t, "sarif", Options{}, run()))
		if err != nil {
			t.Fatal(err)
		}
		for _, rule := range doc.Runs[0].Tool.Driver.Rules {
			if rule.Help == nil || *rule.Help.Text == "" || rule.FullDescription == nil || *rule.FullDescription.Text == "" || *rule.ShortDescription.Text == "" {
				t.Errorf("%s: the rule %s lacks a text that code scanning demands", name, *rule.ID)
			}
		}
	}
}
