package report

import (
	"io"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// codeQualityReporter writes a Code Quality report for GitLab, which compares that of
// a merge request with that of its target branch by the fingerprints:
// https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.
//
// The format knows nothing but issues. So what is unknown is one of severity info,
// and so is the coverage, under the check metsuke-coverage; a finding that is waived,
// in the baseline or only a warning is info as well and says why.
type codeQualityReporter struct{ o Options }

type codeQualityIssue struct {
	Description string              `json:"description"`
	Check       string              `json:"check_name"`
	Fingerprint string              `json:"fingerprint"`
	Severity    string              `json:"severity"`
	Location    codeQualityLocation `json:"location"`
}

type codeQualityLocation struct {
	Path  string           `json:"path"`
	Lines codeQualityLines `json:"lines"`
}

type codeQualityLines struct {
	Begin int `json:"begin"`
}

func (r codeQualityReporter) Report(w io.Writer, run finding.Run) error {
	issues := []codeQualityIssue{}
	seen := identities{}
	for _, f := range of(ordered(run), finding.Fail, finding.Unknown) {
		file, line := filePlace(f.Resource)
		issues = append(issues, codeQualityIssue{
			Description: codeQualityText(f, r.o) + codeQualityOwner(f), Check: clean(f.Policy), Fingerprint: seen.of(f), Severity: codeQualitySeverity(f),
			Location: codeQualityLocation{file, codeQualityLines{line}},
		})
	}
	issues = append(issues, codeQualityIssue{
		Description: strings.Join(append([]string{verdictLine(run) + "."}, coverageLines(run)...), " "),
		Check:       "metsuke-coverage", Fingerprint: digest("metsuke-coverage", run.Mode), Severity: "info",
		Location: codeQualityLocation{"metsuke/coverage", codeQualityLines{1}},
	})
	b, err := marshal(issues, "  ")
	if err != nil {
		return err
	}
	return write(w, b)
}

func codeQualityText(f finding.Finding, o Options) string {
	if f.Verdict == finding.Unknown {
		s := "Unknown whether " + resourceLine(f.Resource) + " follows " + clean(f.Policy) + ": " + clean(f.Message)
		if c := curedBy(f); c != "" {
			s += " (" + clean(string(f.Reason)) + "; cure: " + clean(c) + ")"
		}
		return s
	}
	s := resourceLine(f.Resource) + ": " + clean(f.Message) + " (" + clean(string(f.Severity)) + ")"
	if e := o.notHeld(f); e != "" {
		s += ", " + e
	}
	return s
}

// codeQualityOwner says whose the resource is; nothing is nobody.
func codeQualityOwner(f finding.Finding) string {
	owner := ownerWords(f)
	if owner == "" {
		return ""
	}
	return "; owner " + clean(owner)
}

func codeQualitySeverity(f finding.Finding) string {
	if !f.Counts() {
		return "info"
	}
	switch f.Severity {
	case finding.Critical:
		return "blocker"
	case finding.High:
		return "critical"
	case finding.Medium:
		return "major"
	default:
		return "minor"
	}
}
