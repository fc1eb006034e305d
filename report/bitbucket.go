package report

import (
	"cmp"
	"io"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// bitbucketReporter writes a Code Insights report for Bitbucket Cloud and its
// annotations: https://developer.atlassian.com/cloud/bitbucket/rest/api-group-reports/.
//
// They are separate requests, and one of annotations takes 100 of them, so the document
// holds the body of the report and the bodies of the requests that follow:
//
//	{"report": {...}, "annotations": [[...], [...]]}
//
// A report has 1,000 annotations at most; when there are more findings, the worst are
// there and the report says how many are not. An unknown verdict is an annotation of
// result SKIPPED, a finding that does not count one of result IGNORED.
type bitbucketReporter struct{ o Options }

const (
	bitbucketAnnotations = 1000 // of a report
	bitbucketBatch       = 100  // of a request
	// Bitbucket does not document how long its texts may be; clients keep to these.
	bitbucketSummary = 450
	bitbucketDetails = 2000
)

type bitbucketDocument struct {
	Report      bitbucketReport         `json:"report"`
	Annotations [][]bitbucketAnnotation `json:"annotations"`
}

type bitbucketReport struct {
	Title    string          `json:"title"`
	Details  string          `json:"details"`
	Type     string          `json:"report_type"`
	Reporter string          `json:"reporter"`
	Link     string          `json:"link,omitempty"`
	Result   string          `json:"result"`
	Data     []bitbucketData `json:"data"`
}

type bitbucketData struct {
	Title string `json:"title"`
	Type  string `json:"type"`
	Value any    `json:"value"`
}

type bitbucketAnnotation struct {
	ID       string `json:"external_id"`
	Title    string `json:"title"`
	Type     string `json:"annotation_type"`
	Summary  string `json:"summary"`
	Details  string `json:"details,omitempty"`
	Result   string `json:"result"`
	Severity string `json:"severity"`
	Path     string `json:"path,omitempty"`
	Line     int    `json:"line,omitempty"`
}

func (r bitbucketReporter) Report(w io.Writer, run finding.Run) error {
	findings := r.o.countingFirst(of(ordered(run), finding.Fail, finding.Unknown))
	shown := findings[:min(len(findings), bitbucketAnnotations)]
	known, seen := policies(run), identities{}
	doc := bitbucketDocument{Annotations: [][]bitbucketAnnotation{}}
	for i, f := range shown {
		if i%bitbucketBatch == 0 {
			doc.Annotations = append(doc.Annotations, nil)
		}
		last := &doc.Annotations[len(doc.Annotations)-1]
		*last = append(*last, r.finding(f, known[f.Policy], seen.of(f)))
	}
	doc.Report = r.summary(run, len(findings)-len(shown))
	b, err := marshal(doc, "  ")
	if err != nil {
		return err
	}
	return write(w, b)
}

// summary is the report itself; left counts the findings without an annotation.
func (r bitbucketReporter) summary(run finding.Run, left int) bitbucketReport {
	result := "PASSED"
	if r.o.blocked(run) {
		result = "FAILED"
	}
	text := []string{r.o.passedOrFailed(run) + ".", verdictLine(run) + "."}
	if left > 0 {
		text = append(text, count(left, "finding")+" more "+plural(left, "has", "have")+" no annotation: Bitbucket takes "+number(bitbucketAnnotations)+".")
	}
	text = append(text, coverageLines(run)...)
	return bitbucketReport{
		Title: "metsuke", Details: cut(strings.Join(text, " "), bitbucketDetails), Type: "SECURITY", Reporter: "metsuke",
		Link: markdownURL(r.o.RunURL), Result: result,
		Data: []bitbucketData{
			{"Findings that block", "NUMBER", len(r.o.blocking(run.Findings))},
			{"Findings", "NUMBER", countOf(run.Findings, finding.Fail)},
			{"Unknown", "NUMBER", countOf(run.Findings, finding.Unknown)},
			{"Cells read", "NUMBER", run.Coverage.CellsRead},
			{"Cells planned", "NUMBER", run.Coverage.CellsPlanned},
			{"Everything was read", "BOOLEAN", run.Coverage.Complete() && !run.Interrupted},
		},
	}
}

func (r bitbucketReporter) finding(f finding.Finding, p finding.Policy, id string) bitbucketAnnotation {
	a := bitbucketAnnotation{
		ID: "metsuke-" + id, Title: cut(cmp.Or(clean(f.Title), clean(f.Policy), "metsuke"), bitbucketSummary), Type: "CODE_SMELL",
		Summary: cut(codeQualityText(f, r.o), bitbucketSummary), Details: cut(clean(p.Remediation), bitbucketDetails),
		Result: "FAILED", Severity: strings.ToUpper(string(f.Severity)),
	}
	switch f.Category {
	case finding.Security:
		a.Type = "VULNERABILITY"
	case finding.Reliability:
		a.Type = "BUG"
	case finding.Cost, finding.Tagging, finding.Operations: // matters of order
	}
	if f.Severity.Rank() >= len(finding.Severities()) {
		a.Severity = "LOW"
	}
	switch {
	case f.Verdict == finding.Unknown:
		a.Result = "SKIPPED"
	case r.o.notHeld(f) != "":
		a.Result = "IGNORED"
	}
	if at := f.Resource.Source; at != nil && at.File != "" {
		a.Path, a.Line = filePlace(f.Resource)
	}
	return a
}
