package main

import (
	"fmt"
	"slices"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

// compareReports compares two runs by what their reports say. A report lists neither the
// resources that were read nor what passes; what it proves to have been looked at is a
// resource with another finding: it was judged by every policy of its type.
func compareReports(a string, from finding.Run, b string, to finding.Run) (report.Diff, error) {
	d := report.Diff{From: report.DiffRun{Name: a, Time: from.Time}, To: report.DiffRun{Name: b, Time: to.Time}}
	if from.Mode != to.Mode {
		return d, fmt.Errorf("%s is a %s and %s a %s: only runs of the same kind can be compared", a, from.Mode, b, to.Mode)
	}
	if to.Time.Before(from.Time) {
		return d, fmt.Errorf("%s is as of %s, and %s of before that: name the earlier run first", a, from.Time.UTC().Format("2006-01-02 15:04:05"), b)
	}
	was, is := failures(from), failures(to)
	for _, f := range to.Findings {
		if f.Verdict == finding.Fail && !was[f.Fingerprint] {
			d.New = append(d.New, f)
		}
	}
	looked := lookedAt(to)
	for _, f := range from.Findings {
		switch {
		case f.Verdict != finding.Fail || is[f.Fingerprint]:
		case looked(f):
			d.Fixed = append(d.Fixed, f)
		default:
			d.NotVisible = append(d.NotVisible, f)
		}
	}
	d.Notes = append(d.Notes, "two reports were compared, which do not list what passes: what has no other finding on its resource counts as not visible, and so does what is gone; two saved runs tell more")
	return d, nil
}

// failures are the fingerprints of what fails.
func failures(run finding.Run) map[string]bool {
	out := map[string]bool{}
	for _, f := range run.Findings {
		if f.Verdict == finding.Fail {
			out[f.Fingerprint] = true
		}
	}
	return out
}

// lookedAt says of earlier failures whether the run certainly judged them and found
// nothing.
func lookedAt(run finding.Run) func(finding.Finding) bool {
	type thing struct {
		provider string
		typ      providers.Type
		id       string
	}
	of := func(r finding.Resource) thing { return thing{r.Provider, r.Type, r.ID} }
	judged := map[thing]bool{}          // resources that were judged
	open := map[thing]map[string]bool{} // policies that could not tell, or not all: one that fails may fail in further ways
	for _, f := range run.Findings {
		t := of(f.Resource)
		judged[t] = true
		if f.Verdict == finding.Unknown || f.Verdict == finding.Fail {
			if open[t] == nil {
				open[t] = map[string]bool{}
			}
			open[t][f.Policy] = true
		}
	}
	return func(f finding.Finding) bool {
		t := of(f.Resource)
		pol, selected := run.Policy(f.Policy)
		return selected && slices.Contains(pol.Types, t.typ) && judged[t] && !open[t][f.Policy]
	}
}
