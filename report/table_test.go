package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

var ansi = regexp.MustCompile("\x1b\\[[0-9;]*m")

func TestTableNeverRunsOverTheTerminal(t *testing.T) {
	for name, run := range edges() {
		for _, w := range []int{60, 80, 100, 120, 150, 200} {
			for _, group := range GroupBys() {
				t.Run(fmt.Sprintf("%s/%d/%s", name, w, group), func(t *testing.T) {
					for line := range strings.Lines(render(t, "table", Options{Width: w, GroupBy: group}, run())) {
						if got := width(strings.TrimSuffix(line, "\n")); got > w {
							t.Errorf("%d columns: %s", got, line)
						}
					}
				})
			}
		}
	}
}

func TestTableIsTheSameTextWithAndWithoutColour(t *testing.T) {
	for name, run := range runs() {
		for _, w := range []int{0, 80, 120, 200} {
			plain := render(t, "table", Options{Width: w}, run())
			coloured := render(t, "table", Options{Width: w, Color: true}, run())
			if diff := cmp.Diff(plain, ansi.ReplaceAllString(coloured, "")); diff != "" {
				t.Errorf("%s at %d columns (-plain +coloured):\n%s", name, w, diff)
			}
			if strings.Contains(plain, "\x1b") {
				t.Errorf("%s at %d columns holds escapes without colour", name, w)
			}
			for line := range strings.Lines(coloured) {
				if strings.Count(line, "\x1b[")%2 != 0 || (strings.Contains(line, "\x1b[") && strings.LastIndex(line, "\x1b[0m") < strings.LastIndex(line, "\x1b[")) {
					t.Errorf("%s at %d columns: a colour runs past its line: %q", name, w, line)
				}
			}
		}
	}
}

func TestAPlainTableHasOneLineForEachFinding(t *testing.T) {
	got := render(t, "table", Options{}, large(500))
	rows := 0
	for line := range strings.Lines(got) {
		for _, s := range finding.Severities() {
			if strings.HasPrefix(line, string(s)+" ") && strings.Contains(line, "aws-") {
				rows++
			}
		}
		if strings.HasSuffix(line, " \n") || strings.ContainsAny(line, "│─┌") {
			t.Fatalf("a line is decorated: %q", line)
		}
	}
	if want := 500 + 5; rows != want { // 5 of the rich run's policies begin with aws-
		t.Errorf("%d rows, want %d", rows, want)
	}
}

func TestTheTableEndsInCoverageAndCures(t *testing.T) {
	for name, tt := range map[string]struct {
		run  finding.Run
		want []string
	}{
		"rich": {rich(), []string{
			"Read 4,180 of 4,320 cells (96.8 %), 1,234 resources; 140 cells were not read; 7 gaps; interrupted before the end.",
			"Granting these would resolve most unknowns:",
			"  1. rds:DescribeDBInstances (3 cells)",
			"  2. s3:GetBucketPublicAccessBlock (2 verdicts)",
			"  3. sqs:ListQueueTags (1 verdict)",
		}},
		"gate":  {gate(), []string{"Read 2 of 2 cells (100 %), 3 resources.", "No permission is known whose grant would resolve an unknown."}},
		"clear": {clear(), []string{"Read 17 of 17 cells (100 %), 17 resources.", "No permission is missing."}},
		"blind": {blind(), []string{
			"Read 16 of 17 cells (94.1 %), 17 resources; 1 cell was not read; 1 gap.",
			"Granting these would resolve most unknowns:", "  1. kms:ListKeys (1 cell)",
		}},
		"empty": {empty(), []string{"Read 0 of 0 cells, 0 resources: nothing was planned.", "No permission is missing."}},
	} {
		t.Run(name, func(t *testing.T) {
			lines := strings.Split(strings.TrimSuffix(render(t, "table", Options{}, tt.run), "\n"), "\n")
			if diff := cmp.Diff(tt.want, lines[max(0, len(lines)-len(tt.want)):]); diff != "" {
				t.Errorf("last lines (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGroupsHoldEveryFindingOnceTheWorstFirst(t *testing.T) {
	findings := of(ordered(rich()), finding.Fail)
	for _, by := range GroupBys()[1:] {
		var names []string
		n := 0
		worst := 0
		for _, s := range sections(findings, by) {
			if slices.Contains(names, s.name) {
				t.Errorf("by %s: %s is there twice", by, s.name)
			}
			names = append(names, s.name)
			n += len(s.findings)
			if r := s.findings[0].Severity.Rank(); r < worst {
				t.Errorf("by %s: %s comes after less severe groups", by, s.name)
			} else {
				worst = r
			}
		}
		if n != len(findings) {
			t.Errorf("by %s: %d findings, want %d", by, n, len(findings))
		}
	}
	if diff := cmp.Diff([]string{"aws 111111111111 acme-prod", "aws 222222222222 acme-dev", "github acme"}, sectionNames(sections(findings, "account"))); diff != "" {
		t.Errorf("accounts (-want +got):\n%s", diff)
	}
}

func sectionNames(ss []section) []string {
	var out []string
	for _, s := range ss {
		out = append(out, s.name)
	}
	return out
}

func TestTheVerdictNeverSoundsBetterThanItIs(t *testing.T) {
	change := func(run finding.Run, f func(*finding.Run)) finding.Run {
		f(&run)
		return run
	}
	unknown := rich().Findings[8]
	for name, tt := range map[string]struct {
		run  finding.Run
		want string
	}{
		"all is well":      {clear(), "Nothing fails"},
		"nothing happened": {empty(), "Nothing was judged: no policy matched any resource"},
		"a cell unread":    {blind(), "Nothing was found to fail in what could be read, which is not everything"},
		"one unknown":      {change(clear(), func(r *finding.Run) { r.Findings = []finding.Finding{unknown} }), "Nothing was found to fail, but 1 verdict is unknown"},
		"unknown in the counts only": {
			change(clear(), func(r *finding.Run) { r.Policies[0].Counts.Unknown = 2 }), "Nothing was found to fail, but 2 verdicts are unknown",
		},
		"failures that are waived": {
			change(clear(), func(r *finding.Run) { r.Policies[0].Counts.Fail = 1 }), "No finding is left to report; 1 check fails all the same",
		},
		"interrupted":  {change(clear(), func(r *finding.Run) { r.Interrupted = true }), "Nothing fails; the run was interrupted"},
		"failures too": {rich(), "8 findings: 2 critical, 2 high, 2 medium, 2 low; 4 unknown; the run was interrupted"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := verdictLine(tt.run); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPercentIsHundredOnlyWhenAllWasRead(t *testing.T) {
	for _, tt := range []struct {
		read, planned int
		want          string
	}{{0, 0, "100 %"}, {0, 10, "0.0 %"}, {1, 100000, "0.1 %"}, {99999, 100000, "99.9 %"}, {4180, 4320, "96.8 %"}, {10, 10, "100 %"}} {
		if got := percent(finding.Coverage{CellsRead: tt.read, CellsPlanned: tt.planned}); got != tt.want {
			t.Errorf("%d of %d is %s, want %s", tt.read, tt.planned, got, tt.want)
		}
	}
}

func TestUnmatchedPoliciesAreNamedWhenFew(t *testing.T) {
	var run finding.Run
	for i := range 12 {
		run.Policies = append(run.Policies, finding.Policy{ID: fmt.Sprintf("policy-%02d", i)})
	}
	want := "12 of 12 selected policies matched no resource, so they neither passed nor failed: " +
		"policy-00, policy-01, policy-02, policy-03, policy-04, policy-05, policy-06, policy-07 and 4 more."
	if got := unmatchedLine(run); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
