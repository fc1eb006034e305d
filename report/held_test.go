package report

import (
	"strings"
	"testing"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// With --fail-on-existing, what was there already decides the exit code. No format may say
// beside it that it is not held against anybody.
func TestWhatWasThereAlreadyIsHeldWhereItBlocks(t *testing.T) {
	const excused = "there already, and the plan leaves it"
	there := finding.Finding{
		Fingerprint: strings.Repeat("0a", 16), Policy: "p", Title: "T", Category: finding.Security, Severity: finding.High, Verdict: finding.Fail,
		Resource: finding.Resource{Provider: "terraform", Scope: "plan.json", Type: "aws_sqs_queue", ID: "aws_sqs_queue.q"}, Message: "m", Change: finding.Existing,
	}
	run := finding.Run{
		Mode: "gate", Findings: []finding.Finding{there},
		Policies: []finding.Policy{{ID: "p", Title: "T", Category: finding.Security, Severity: finding.High, Counts: finding.Counts{Fail: 1}}},
	}
	for _, format := range []string{"atlantis", "azure", "bitbucket", "gitlab-codequality", "gitlab-sast", "hcp", "junit"} {
		for blocks, want := range map[bool]bool{false: true, true: false} {
			r, err := New(format, Options{Blocks: func(finding.Finding) bool { return blocks }})
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			if err := r.Report(&b, run); err != nil {
				t.Fatal(err)
			}
			if got := strings.Contains(b.String(), excused) || strings.Contains(b.String(), `"IGNORED"`); got != want {
				t.Errorf("%s, blocks: %v: it is called excused: %v, want %v\n%s", format, blocks, got, want, b.String())
			}
		}
	}
}
