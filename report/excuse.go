package report

import (
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// excuse says why a finding does not count, although it fails: "waived until
// 2026-12-31 (GOV-7): only scratch data". It is "" where nothing excuses it. An unknown
// finding can be waived too; it stays unknown.
func excuse(f finding.Finding) string {
	switch {
	case f.Waiver != nil:
		s := "waived until " + f.Waiver.Expires
		if f.Waiver.Ticket != "" {
			s += " (" + f.Waiver.Ticket + ")"
		}
		return s + ": " + f.Waiver.Reason
	case f.Baseline:
		return "known: it is in the baseline"
	case f.WarnUntil != "":
		return "only a warning until " + f.WarnUntil
	}
	return ""
}

// excused counts failing findings by what keeps them from counting. One that has
// several excuses counts for the first.
type excused struct {
	Waived   int `json:"waived"`
	Baseline int `json:"baseline"`
	Warned   int `json:"warned"`
}

func countExcused(findings []finding.Finding) excused {
	var out excused
	for _, f := range findings {
		switch {
		case f.Verdict != finding.Fail:
		case f.Waiver != nil:
			out.Waived++
		case f.Baseline:
			out.Baseline++
		case f.WarnUntil != "":
			out.Warned++
		}
	}
	return out
}

// waived counts the findings that have a waiver.
func waived(findings []finding.Finding) int {
	n := 0
	for _, f := range findings {
		if f.Waiver != nil {
			n++
		}
	}
	return n
}

// String is the end of a sentence about failing findings, "" where all of them count.
func (e excused) String() string {
	n := e.total()
	if n == 0 {
		return ""
	}
	return number(n) + plural(n, " does", " do") + " not count (" + e.parts() + ")"
}

// total is how many findings do not count.
func (e excused) total() int { return e.Waived + e.Baseline + e.Warned }

// parts says how many of what kind do not count.
func (e excused) parts() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{e.Waived, "waived"}, {e.Baseline, "in the baseline"}, {e.Warned, "only warned of"}} {
		if p.n > 0 {
			parts = append(parts, number(p.n)+" "+p.what)
		}
	}
	return strings.Join(parts, ", ")
}
