package report

import (
	"slices"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// sarifSuppressions say that a finding was accepted: by a comment in the source, by the
// file of waivers, or by the baseline.
func sarifSuppressions(f finding.Finding) []*sarif.Suppression {
	if f.Waiver == nil && !f.Baseline {
		return nil
	}
	kind := "external"
	if f.Waiver != nil && f.Waiver.InSource {
		kind = "inSource"
	}
	return []*sarif.Suppression{sarif.NewSuppression().WithKind(kind).WithStatus("accepted").WithJustification(clean(excuse(f)))}
}

// These write what the library leaves out when it is empty: where one result of a run
// has suppressions, every other has an empty list of them (SARIF 2.1.0, 3.27.23).
type (
	suppressedReport struct {
		*sarif.Report
		Runs []suppressedRun `json:"runs"`
	}
	suppressedRun struct {
		*sarif.Run
		Results []suppressedResult `json:"results"`
	}
	suppressedResult struct {
		*sarif.Result
		Suppressions []*sarif.Suppression `json:"suppressions"`
	}
)

// withSuppressions returns what is to be encoded for the report.
func withSuppressions(doc *sarif.Report) any {
	if !slices.ContainsFunc(doc.Runs, func(r *sarif.Run) bool {
		return slices.ContainsFunc(r.Results, func(r *sarif.Result) bool { return len(r.Suppressions) > 0 })
	}) {
		return doc
	}
	out := suppressedReport{Report: doc}
	for _, r := range doc.Runs {
		run := suppressedRun{Run: r}
		for _, one := range r.Results {
			run.Results = append(run.Results, suppressedResult{one, orEmpty(one.Suppressions)})
		}
		out.Runs = append(out.Runs, run)
	}
	return out
}
