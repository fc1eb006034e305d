package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// cures is how many permissions a report for people recommends.
const cures = 3

// ordered returns the findings in the order of every report, without touching
// those of the run.
func ordered(run finding.Run) []finding.Finding {
	inOrder := true
	for i := 1; i < len(run.Findings) && inOrder; i++ {
		inOrder = finding.ComparePointers(&run.Findings[i-1], &run.Findings[i]) <= 0
	}
	if inOrder {
		return run.Findings
	}
	out := slices.Clone(run.Findings)
	slices.SortStableFunc(out, finding.Compare)
	return out
}

// of returns the findings with one of the verdicts. Nobody may change them.
func of(findings []finding.Finding, verdicts ...finding.Verdict) []finding.Finding {
	return those(findings, func(f *finding.Finding) bool { return slices.Contains(verdicts, f.Verdict) })
}

// those returns the findings that fit. Nobody may change them: where they follow each
// other they are not copied, for there can be very many.
func those(findings []finding.Finding, fit func(*finding.Finding) bool) []finding.Finding {
	first, last, n := 0, -1, 0
	for i := range findings {
		if !fit(&findings[i]) {
			continue
		}
		if n++; n == 1 {
			first = i
		}
		last = i
	}
	if n == last-first+1 {
		return findings[first : last+1 : last+1]
	}
	out := make([]finding.Finding, 0, n)
	for i := first; i <= last; i++ {
		if fit(&findings[i]) {
			out = append(out, findings[i])
		}
	}
	return out
}

// countOf is how many findings have one of the verdicts.
func countOf(findings []finding.Finding, verdicts ...finding.Verdict) int {
	n := 0
	for i := range findings {
		if slices.Contains(verdicts, findings[i].Verdict) {
			n++
		}
	}
	return n
}

// tally counts findings that fail and such as are unknown under one name.
type tally struct {
	Name    string
	Fail    int
	Unknown int
}

// tallies counts failing and unknown findings by what name says of them. The
// names in first come in that order, also with nothing to count if always is
// set; others follow, the most failures first.
func tallies(findings []finding.Finding, first []string, always bool, name func(finding.Finding) string) []tally {
	by := map[string]*tally{}
	for _, f := range findings {
		if f.Verdict != finding.Fail && f.Verdict != finding.Unknown {
			continue
		}
		n := name(f)
		if by[n] == nil {
			by[n] = &tally{Name: n}
		}
		if f.Verdict == finding.Fail {
			by[n].Fail++
		} else {
			by[n].Unknown++
		}
	}
	var out []tally
	for _, n := range first {
		if t := by[n]; t != nil {
			out = append(out, *t)
		} else if always {
			out = append(out, tally{Name: n})
		}
		delete(by, n)
	}
	rest := slices.SortedFunc(maps.Values(by), func(a, b *tally) int {
		return cmp.Or(cmp.Compare(b.Fail, a.Fail), cmp.Compare(b.Unknown, a.Unknown), cmp.Compare(a.Name, b.Name))
	})
	for _, t := range rest {
		out = append(out, *t)
	}
	return out
}

func bySeverity(findings []finding.Finding) []tally {
	return tallies(findings, texts(finding.Severities()), true, func(f finding.Finding) string { return string(f.Severity) })
}

func byCategory(findings []finding.Finding) []tally {
	return tallies(findings, texts(finding.Categories()), false, func(f finding.Finding) string { return string(f.Category) })
}

func byOwner(findings []finding.Finding) []tally {
	return tallies(findings, nil, false, ownerText)
}

func texts[S ~string](in []S) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	return out
}

// severities writes how many findings fail of each severity: "2 critical, 5 high".
func severities(findings []finding.Finding) string {
	var parts []string
	for _, t := range bySeverity(findings) {
		if t.Fail > 0 {
			parts = append(parts, number(t.Fail)+" "+clean(t.Name))
		}
	}
	return strings.Join(parts, ", ")
}

// verdictLine says in one sentence how the run went. It never sounds like a
// success when something is unknown or was not read.
func verdictLine(run finding.Run) string {
	fails := of(run.Findings, finding.Fail)
	unknowns := max(countOf(run.Findings, finding.Unknown), run.Totals().Unknown)
	var s string
	switch {
	case len(fails) > 0:
		s = headline(fails)
		if e := countExcused(fails).String(); e != "" {
			s += "; " + e
		}
		if unknowns > 0 {
			s += "; " + number(unknowns) + " unknown"
		}
	case unknowns > 0:
		s = "Nothing was found to fail, but " + count(unknowns, "verdict") + plural(unknowns, " is", " are") + " unknown"
	case run.Totals().Total() == 0:
		s = "Nothing was judged: no policy matched any resource"
	case !run.Coverage.Complete():
		s = "Nothing was found to fail in what could be read, which is not everything"
	case run.Totals().Fail > 0:
		s = "No finding is left to report; " + count(run.Totals().Fail, "check") + plural(run.Totals().Fail, " fails", " fail") + " all the same"
	default:
		s = "Nothing fails"
	}
	if run.Interrupted {
		s += "; the run was interrupted"
	}
	return s
}

// checks writes what the policies concluded, one verdict for each resource that
// each policy judged.
func checks(c finding.Counts) string {
	return fmt.Sprintf("%s, of which %s pass, %s fail, %s unknown, %s not applicable",
		count(c.Total(), "check"), number(c.Pass), number(c.Fail), number(c.Unknown), number(c.NotApplicable))
}

// coverageLine says how much was read of how much.
func coverageLine(run finding.Run) string {
	c := run.Coverage
	s := fmt.Sprintf("Read %s of %s (%s), %s", number(c.CellsRead), count(c.CellsPlanned, "cell"), percent(c), count(c.Resources, "resource"))
	if c.CellsPlanned == 0 {
		s = fmt.Sprintf("Read 0 of 0 cells, %s: nothing was planned", count(c.Resources, "resource"))
	}
	if missing := c.CellsPlanned - c.CellsRead; missing > 0 {
		s += "; " + count(missing, "cell") + plural(missing, " was", " were") + " not read"
	}
	if n := len(c.Gaps); n > 0 {
		s += "; " + count(n, "gap")
	}
	if run.Interrupted {
		s += "; interrupted before the end"
	}
	return s + "."
}

// percent writes the share that was read. Only what is whole is 100 %.
func percent(c finding.Coverage) string {
	p := c.Ratio() * 100
	switch {
	case c.CellsRead >= c.CellsPlanned:
		return "100 %"
	case p > 99.9:
		p = 99.9
	}
	if c.CellsRead > 0 {
		p = max(p, 0.1)
	}
	return strconv.FormatFloat(p, 'f', 1, 64) + " %"
}

// cureLines says which grants would resolve most unknowns: a heading and a line
// for each permission.
func cureLines(run finding.Run) (string, []string) {
	if len(run.Coverage.Cures) == 0 {
		if run.Coverage.Complete() && countOf(run.Findings, finding.Unknown) == 0 {
			return "No permission is missing.", nil
		}
		return "No permission is known whose grant would resolve an unknown.", nil
	}
	var lines []string
	for _, c := range run.Coverage.Cures[:min(cures, len(run.Coverage.Cures))] {
		lines = append(lines, fmt.Sprintf("%s (%s)", clean(c.Permission), cureEffect(c)))
	}
	return "Granting these would resolve most unknowns:", lines
}

func cureEffect(c finding.Cure) string {
	var parts []string
	if c.Unknowns > 0 {
		parts = append(parts, count(c.Unknowns, "verdict"))
	}
	if c.Cells > 0 {
		parts = append(parts, count(c.Cells, "cell"))
	}
	if c.Owners > 0 {
		parts = append(parts, ownersOf(c))
	}
	return strings.Join(parts, ", ")
}

// ownersOf says whose owners a grant would tell.
func ownersOf(c finding.Cure) string { return "owners of " + count(c.Owners, "resource") }

// unmatchedLine names the policies that judged nothing, when there are few.
func unmatchedLine(run finding.Run) string {
	const few = 8
	var ids []string
	for _, id := range run.Unmatched() {
		ids = append(ids, clean(id))
	}
	if len(ids) == 0 {
		return ""
	}
	s := fmt.Sprintf("%s of %s matched no resource, so %s neither passed nor failed: %s",
		number(len(ids)), count(len(run.Policies), "selected policy"), plural(len(ids), "it", "they"),
		strings.Join(ids[:min(few, len(ids))], ", "))
	if len(ids) > few {
		s += fmt.Sprintf(" and %s more", number(len(ids)-few))
	}
	return s + "."
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// some joins the first n of the names and counts the rest.
func some(names []string, n int) string {
	if len(names) > n {
		return strings.Join(names[:n-1], ", ") + " and " + number(len(names)-n+1) + " more"
	}
	return strings.Join(names, ", ")
}

// scopeName is what people call a scope, with its id where that says more.
func scopeName(id, name string) string {
	if name == "" || name == id {
		return id
	}
	return name
}

// resourceName is what people call a resource: its address in a plan, its name,
// or else its id.
func resourceName(r finding.Resource) string {
	switch {
	case r.Source != nil && r.Source.Address != "":
		return r.Source.Address
	case r.Name != "":
		return r.Name
	default:
		return r.ID
	}
}

// position is the file and line where a resource was declared, and the call of the root
// module that leads there; "" if unknown.
func position(r finding.Resource) string {
	if m := r.ManagedBy; m != nil && r.Source == nil {
		if m.Source == nil {
			return m.Address
		}
		r.Source, r.ManagedBy = m.Source, nil
		return m.Address + ", " + position(r)
	}
	if r.Source == nil || r.Source.File == "" {
		return ""
	}
	at := fileLine(r.Source.File, r.Source.Line)
	if len(r.Source.Calls) > 0 {
		if call := fileLine(r.Source.Calls[0].File, r.Source.Calls[0].Line); call != at {
			return at + ", called at " + call
		}
	}
	return at
}

func fileLine(file string, line int) string {
	if line > 0 {
		return file + ":" + strconv.Itoa(line)
	}
	return file
}

// saving sums what mending the failing findings would save in a month.
func saving(findings []finding.Finding) (total float64, n int) {
	for _, f := range findings {
		if f.Verdict == finding.Fail && f.MonthlyCost > 0 {
			total += f.MonthlyCost
			n++
		}
	}
	return total, n
}

// policies indexes the policies of the run by id.
func policies(run finding.Run) map[string]finding.Policy {
	out := make(map[string]finding.Policy, len(run.Policies))
	for _, p := range run.Policies {
		out[p.ID] = p
	}
	return out
}
