package report

import (
	"cmp"
	"fmt"
	"html/template"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// htmlPage is what the template shows. Its texts are clean; the template escapes them.
type htmlPage struct {
	Policy   string // content security policy
	Style    template.CSS
	Script   template.JS
	Title    string
	Origin   string
	Verdict  string
	Checks   string
	Warning  string // what was not read
	Sections []htmlSection
	Cards    []htmlCard
	Charts   []htmlChart
	Legend   []string
	Cures    *htmlTable
	Worst    *htmlTable
	Notes    []string
	Listed   string // what the list for readers without script leaves out
	Worstest *htmlTable
	Changes  *htmlBlock
	Scores   *htmlBlock
	Coverage *htmlCoverage

	Unmatched   string
	Policies    []htmlPolicy
	Waivers     *htmlBlock
	IaC         *htmlBlock
	Facts       []htmlFact
	AboutTables []htmlTitled
}

type htmlSection struct{ ID, Name, Count string }

type htmlCard struct{ Class, What, Number, Note, Link string }

type htmlFact struct{ Name, Value string }

// htmlBlock is a section made of a sentence and tables.
type htmlBlock struct {
	Title, Line, Note string
	Trend             *htmlTrend // of scorecards
	Table             *htmlTable
	Tables            []htmlTitled
}

type htmlTitled struct {
	Title, Note string
	Table       *htmlTable
}

type htmlCoverage struct {
	Line   string
	Read   int // in thousandths
	Tables []htmlTitled
}

// listed is how many findings readers without script see.
const listed = 300

func pageOf(run finding.Run, findings []finding.Finding) htmlPage {
	fails := of(findings, finding.Fail)
	p := htmlPage{
		Title: "metsuke: " + titleOf(run), Origin: origin(run), Verdict: verdictLine(run), Checks: checksOf(run),
		Cards: cardsOf(run, findings), Charts: chartsOf(run, findings), Legend: parts(), Worst: worstPolicies(findings),
		Changes: changesOf(run), Coverage: coverageOf(run, findings), Policies: policiesOf(run),
		Unmatched: unmatchedLine(run), Waivers: waiversOf(run, findings), IaC: iacOf(run), Scores: scoresOf(run),
		Facts: factsOf(run), AboutTables: aboutTables(run),
	}
	if run.Interrupted || !run.Coverage.Complete() {
		p.Warning = coverageLine(run)
	}
	if len(run.Coverage.Cures) > 0 {
		p.Cures = curesTable(run.Coverage.Cures, 5)
	}
	for _, n := range run.Notes {
		p.Notes = append(p.Notes, clean(n))
	}
	first := findings[:min(listed, len(findings))]
	p.Listed = "All " + number(len(findings)) + " findings are below."
	if len(first) < len(findings) {
		p.Listed = fmt.Sprintf("The first %s of %s findings are below, the worst first.", number(len(first)), number(len(findings)))
	}
	if len(first) > 0 {
		p.Worstest = findingsTable("The worst findings", first, 0)
	}
	sections := []htmlSection{{"overview", "Overview", ""}, {"findings", "Findings", number(len(findings))}}
	if p.Changes != nil {
		sections = append(sections, htmlSection{"changes", "Changes", ""})
	}
	if p.Scores != nil {
		sections = append(sections, htmlSection{"scorecards", "Scorecards", ""})
	}
	sections = append(sections, htmlSection{"coverage", "Coverage", coverageShare(run.Coverage)}, htmlSection{"policies", "Policies", number(len(run.Policies))})
	if p.Waivers != nil {
		sections = append(sections, htmlSection{"waivers", "Waivers", number(waived(findings))})
	}
	if p.IaC != nil {
		sections = append(sections, htmlSection{"iac", "As code", ""})
	}
	sections = append(sections, htmlSection{"about", "About", ""})
	p.Sections = sections
	if len(fails) == 0 && countOf(findings, finding.Unknown) == 0 {
		p.Charts = nil
	}
	return p
}

// where is the fragment that shows the findings with these properties.
func where(properties ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(properties); i += 2 {
		v.Add(properties[i], clean(properties[i+1]))
	}
	return "#findings?" + v.Encode()
}

func titleOf(run finding.Run) string {
	s := cmp.Or(clean(run.Mode), "run")
	if len(run.Scopes) == 1 {
		s += " of " + clean(scopeName(run.Scopes[0].ID, run.Scopes[0].Name))
	}
	if !run.Time.IsZero() {
		s += ", " + run.Time.UTC().Format("2006-01-02 15:04 UTC")
	}
	return s
}

// checksOf says what was judged, and where everything was read, of how much.
func checksOf(run finding.Run) string {
	s := sentence(changeLine(run))
	if t := run.Totals(); t.Total() > 0 {
		s += fmt.Sprintf("%s: %s. ", count(len(run.Policies), "selected policy"), checks(t))
	}
	if !run.Interrupted && run.Coverage.Complete() {
		s += coverageLine(run)
	}
	return strings.TrimSpace(s)
}

// cardsOf are the numbers that a person looks for first.
func cardsOf(run finding.Run, findings []finding.Finding) []htmlCard {
	fails := of(findings, finding.Fail)
	unknown := max(countOf(findings, finding.Unknown), run.Totals().Unknown)
	excused := countExcused(fails)
	notCounting := excused.total()
	cards := []htmlCard{{
		Class: "c-fail", What: "Failing", Number: number(len(fails) - notCounting),
		Note: cmp.Or(severities(those(fails, func(f *finding.Finding) bool { return f.Counts() })), "none that counts"), Link: where("state", "failing"),
	}}
	if len(fails)-notCounting == 0 {
		cards[0].Class = ""
	}
	if run.Totals().Total() == 0 && len(findings) == 0 {
		cards[0].Note = "nothing was judged"
	}
	unknownCard := htmlCard{What: "Unknown", Number: number(unknown), Note: "neither pass nor fail", Link: where("state", "unknown")}
	if unknown > 0 {
		unknownCard.Class = "c-unknown"
	}
	coverage := htmlCard{What: "Coverage", Number: coverageShare(run.Coverage), Note: fmt.Sprintf("%s of %s read", number(run.Coverage.CellsRead), count(run.Coverage.CellsPlanned, "cell")), Link: "#coverage"}
	if !run.Coverage.Complete() || run.Interrupted || run.Coverage.CellsPlanned == 0 {
		coverage.Class = "c-warn"
	}
	cards = append(cards, unknownCard, coverage)
	if notCounting > 0 {
		cards = append(cards, htmlCard{What: "Not counting", Number: number(notCounting), Note: excused.parts(), Link: where("state", "waived", "state", "baseline", "state", "warning")})
	}
	if s := run.Since; s != nil {
		cards = append(cards, htmlCard{What: "Since the last run", Number: "+" + number(len(s.New)+len(s.Reopened)), Note: number(len(s.Fixed)) + " fixed, " + number(len(s.NotVisible)) + " not visible", Link: "#changes"})
	}
	if money, n := saving(findings); n > 0 {
		cards = append(cards, htmlCard{What: "Saving a month", Number: dollars(money), Note: "by mending " + count(n, "finding"), Link: where("sort", "cost")})
	}
	return cards
}

// coverageShare is the share that was read; none where nothing was to be read, which is
// no success.
func coverageShare(c finding.Coverage) string {
	if c.CellsPlanned == 0 {
		return "none"
	}
	return percent(c)
}

func factsOf(run finding.Run) []htmlFact {
	var facts []htmlFact
	add := func(name, value string) {
		if value != "" {
			facts = append(facts, htmlFact{name, clean(value)})
		}
	}
	add("Kind of run", run.Mode)
	if !run.Time.IsZero() {
		add("Time", run.Time.UTC().Format(time.RFC3339))
	}
	add("metsuke", run.Version)
	add("Saved as", run.ID)
	for _, name := range slices.Sorted(maps.Keys(run.Digests)) {
		add("SHA-256 of "+name, run.Digests[name])
	}
	return facts
}
