package report

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// sarifReporter writes SARIF 2.1.0 for GitHub code scanning and its like.
//
// A failing finding is a result of the rule that is its policy. An unknown one
// is a result of kind "open", the standard's word for too little information to
// decide, under a rule of its own: code scanning shows results without regard to
// their kind, and under the policy's rule an unknown would look like a failure.
// For the same reason what passes is counted in the run's properties and is no
// result. Every gap is a notification of the invocation.
//
// A finding that is waived or in the baseline is a suppressed result. Code scanning does
// not look at suppressions and shows it as an open alert. It closes the alert of a result
// that the next upload does not have: with Options.OmitExcused, these are no results.
//
// Code scanning demands a file for every result, with a relative URI: another
// scheme than that of the checkout makes it refuse the whole upload. A live
// resource, which has none, gets a path made of what it is:
// aws/111111111111/eu-central-1/aws_s3_bucket/logs.
type sarifReporter struct{ o Options }

// sarifUnknown is the rule of results that say that a policy could not judge.
const sarifUnknown = "metsuke-unknown"

func (r sarifReporter) Report(w io.Writer, run finding.Run) error {
	out := sarif.NewRun()
	driver := sarif.NewToolComponent().WithName("metsuke")
	if run.Version != "" {
		driver.WithVersion(clean(run.Version))
	}
	if r.o.ToolURL != "" {
		driver.WithInformationURI(r.o.ToolURL)
	}
	out.WithTool(sarif.NewTool().WithDriver(driver))
	if run.Mode != "" {
		out.WithAutomationDetails(sarif.NewRunAutomationDetails().WithID("metsuke/" + url.PathEscape(clean(run.Mode)) + "/"))
	}
	rules := map[string]int{}
	for _, p := range run.Policies {
		rules[p.ID] = len(driver.Rules)
		driver.AddRule(sarifRule(p))
	}
	rule := func(id, title string) int {
		if _, ok := rules[id]; !ok {
			rules[id] = len(driver.Rules)
			driver.AddRule(sarif.NewRule(cmp.Or(clean(id), "metsuke")).WithShortDescription(sarifRuleText(title)).WithFullDescription(sarifRuleText(title)).
				WithHelp(sarifRuleText(title)))
		}
		return rules[id]
	}
	findings := ordered(run)
	all := len(findings)
	if r.o.OmitExcused {
		findings = slices.DeleteFunc(slices.Clone(findings), func(f finding.Finding) bool { return sarifSuppressions(f) != nil })
	}
	kept, left := r.o.sarifKept(findings)
	identities := sarifIdentities(kept)
	for i, f := range kept { // what passes is only counted: GitHub would show each as an alert
		if f.Verdict == finding.Fail {
			out.AddResult(sarifResult(f, f.Policy, rule(f.Policy, f.Title), identities[i]).WithKind("fail").WithLevel(sarifLevelOf(f)))
		} else {
			out.AddResult(sarifResult(f, sarifUnknown, rule(sarifUnknown, "A policy could not judge a resource: not a pass, and not a fail"), identities[i]).
				WithKind("open").WithLevel(sarif.LevelNone))
		}
	}
	if i, ok := rules[sarifUnknown]; ok {
		driver.Rules[i].WithDefaultConfiguration(sarif.NewReportingConfiguration().WithEnabled(true).WithLevel(sarif.LevelNote)).
			WithHelp(sarifText("Something that decides could not be read. The message says what and why, and what would cure it."))
	}
	out.AddInvocation(sarifInvocation(run, left))
	totals := run.Totals()
	out.WithProperties(sarif.NewPropertyBag().
		Add("cellsPlanned", run.Coverage.CellsPlanned).Add("cellsRead", run.Coverage.CellsRead).Add("resources", run.Coverage.Resources).
		Add("gaps", len(run.Coverage.Gaps)).Add("unmatchedPolicies", orEmpty(run.Unmatched())).
		Add("pass", totals.Pass).Add("fail", totals.Fail).Add("unknown", totals.Unknown).Add("notApplicable", totals.NotApplicable))
	if n := all - len(findings); n > 0 {
		out.Properties.Add("omitted", n)
	}
	if c := countChanges(run); c != nil { // what is fixed is no result: code scanning would show it as an alert
		out.Properties.Add("introduced", c.Introduced).Add("existing", c.Existing).Add("fixed", c.Fixed)
	}
	if s := run.Since; s != nil {
		out.Properties.Add("sinceLastRun", map[string]any{
			"run": clean(s.Run.ID), "new": len(s.New), "reopened": len(s.Reopened), "fixed": len(s.Fixed), "gone": len(s.Gone), "notVisible": len(s.NotVisible),
			"cellsGained": len(s.CellsGained), "cellsLost": len(s.CellsLost),
		})
	}
	doc := sarif.NewReport()
	doc.Schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	doc.AddRun(out)
	b, err := marshal(withSuppressions(doc), "  ")
	if err != nil {
		return err
	}
	return write(w, b)
}

func sarifText(s string) *sarif.MultiformatMessageString {
	return sarif.NewMultiformatMessageString().WithText(s)
}

// sarifMessage makes a message of text in which "[a](b)" is no link and "{0}" no
// placeholder, which SARIF would take them for.
func sarifMessage(text string) *sarif.Message {
	if strings.Contains(text, "](") {
		text = strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(text)
	}
	text = regexp.MustCompile(`\{[0-9]+\}`).ReplaceAllString(text, "{$0}")
	return sarif.NewTextMessage(text)
}

func sarifRule(p finding.Policy) *sarif.ReportingDescriptor {
	tags := []string{clean(string(p.Category))}
	for _, framework := range slices.Sorted(maps.Keys(p.Frameworks)) {
		for _, control := range p.Frameworks[framework] {
			tags = append(tags, clean(framework+"/"+control))
		}
	}
	tags = slices.DeleteFunc(tags, func(t string) bool { return t == "" })
	tags = tags[:min(sarifTags, len(tags))]
	properties := sarif.NewPropertyBag().WithTags(tags).Add("severity", clean(string(p.Severity))).Add("precision", "very-high")
	if p.Category == finding.Security {
		// Code scanning ranks only those by this score that are about security.
		properties.Add("security-severity", sarifScore(p.Severity))
	} else {
		properties.Add("problem.severity", map[string]string{"error": "error", "warning": "warning", "notice": "recommendation"}[githubLevel(p.Severity)])
	}
	rule := sarif.NewRule(cmp.Or(clean(p.ID), "metsuke")).
		WithShortDescription(sarifRuleText(p.Title)).
		WithFullDescription(sarifRuleText(cmp.Or(p.Description, p.Title))).
		WithHelp(sarifHelpText(p)).
		WithDefaultConfiguration(sarif.NewReportingConfiguration().WithEnabled(true).WithLevel(sarifLevel(p.Severity))).
		WithProperties(properties)
	return rule
}

func sarifResult(f finding.Finding, rule string, index int, identity string) *sarif.Result {
	r := f.Resource
	text := fmt.Sprintf("%s: %s", resourceLine(r), clean(f.Message))
	if f.Verdict == finding.Unknown {
		text = fmt.Sprintf("Unknown whether %s follows %s: %s", resourceLine(r), clean(f.Policy), clean(f.Message))
		if c := curedBy(f); c != "" {
			text += " (" + clean(string(f.Reason)) + "; cure: " + clean(c) + ")"
		}
	}
	properties := sarif.NewPropertyBag()
	for _, kv := range [][2]string{
		{"policy", f.Policy},
		{"verdict", string(f.Verdict)},
		{"severity", string(f.Severity)},
		{"category", string(f.Category)},
		{"provider", r.Provider},
		{"account", r.Scope},
		{"accountName", r.ScopeName},
		{"region", r.Region},
		{"resourceType", string(r.Type)},
		{"resourceId", r.ID},
		{"owner", ownerText(f)},
		{"ownerUnknown", string(f.OwnerUnknown)},
		{"path", f.Path},
		{"reason", string(f.Reason)},
		{"permission", f.Permission},
	} {
		if kv[1] != "" {
			properties.Add(kv[0], clean(kv[1]))
		}
	}
	if f.MonthlyCost != 0 {
		properties.Add("monthlyCostUSD", f.MonthlyCost)
	}
	if f.Change != "" {
		properties.Add("change", string(f.Change))
	}
	if f.WarnUntil != "" {
		properties.Add("warnUntil", clean(f.WarnUntil))
	}
	if h := f.History; h != nil {
		properties.Add("history", string(h.Status)).Add("firstSeen", h.FirstSeen.UTC().Format(time.RFC3339)).Add("since", h.Since.UTC().Format(time.RFC3339))
	}
	result := sarif.NewResult().WithRuleID(cmp.Or(clean(rule), "metsuke")).WithRuleIndex(index).WithMessage(sarifMessage(text)).
		AddLocation(sarifLocation(r)).WithProperties(properties)
	result.Suppressions = sarifSuppressions(f)
	if f.Fingerprint != "" {
		// Code scanning uses only the second one.
		result.WithPartialFingerprints(map[string]string{"metsukeFingerprint/v1": f.Fingerprint, "primaryLocationLineHash": identity})
	}
	return result
}

// sarifLocation is where a resource is: a line of a file, or a path that stands
// for a live resource. Its identity is the logical location.
func sarifLocation(r finding.Resource) *sarif.Location {
	line := 1
	uri := path(r.Provider, r.Scope, cmp.Or(r.Region, "global"), string(r.Type), cmp.Or(r.Name, r.ID))
	if r.Source != nil && r.Source.File != "" {
		uri = path(strings.Split(r.Source.File, "/")...)
		line = max(line, r.Source.Line)
	}
	return sarif.NewLocation().
		WithPhysicalLocation(sarif.NewPhysicalLocation().
			WithArtifactLocation(sarif.NewArtifactLocation().WithURI(uri)).
			WithRegion(sarif.NewRegion().WithStartLine(line))).
		AddLogicalLocation(sarif.NewLogicalLocation().WithName(clean(resourceName(r))).WithFullyQualifiedName(clean(r.ID)).WithKind("resource"))
}

// path joins names to a relative URI in which none of them can be mistaken for
// more than one step.
func path(names ...string) string {
	var out []string
	for _, n := range names {
		switch n = clean(n); n {
		case "":
			continue
		case ".", "..":
			n = "_" + n
		}
		out = append(out, strings.ReplaceAll(url.PathEscape(n), ":", "%3A"))
	}
	if len(out) == 0 {
		return "unknown"
	}
	return strings.Join(out, "/")
}

func sarifInvocation(run finding.Run, left string) *sarif.Invocation {
	in := sarif.NewInvocation().WithExecutionSuccessful(!run.Interrupted)
	if !run.Time.IsZero() {
		in.WithEndTimeUtc(run.Time.UTC().Format("2006-01-02T15:04:05Z"))
	}
	note := func(level, text string, g *providers.Gap) {
		n := sarif.NewNotification().WithLevel(level).WithMessage(sarifMessage(text))
		if g != nil {
			properties := sarif.NewPropertyBag()
			for _, kv := range [][2]string{
				{"provider", g.Scope.Provider},
				{"account", g.Scope.ID},
				{"region", g.Region},
				{"resourceType", string(g.Type)},
				{"resourceId", g.ID},
				{"path", g.Path},
				{"call", g.Call},
				{"permission", g.Permission},
				{"reason", string(g.Reason)},
			} {
				if kv[1] != "" {
					properties.Add(kv[0], clean(kv[1]))
				}
			}
			n.WithProperties(properties)
		}
		in.AddToolExecutionNotification(n)
	}
	level := sarif.LevelNote
	if !run.Coverage.Complete() || run.Interrupted {
		level = sarif.LevelWarning
	}
	heading, lines := cureLines(run)
	note(level, strings.TrimSpace(sentence(changeLine(run))+coverageLine(run)+" "+heading+" "+strings.Join(lines, "; ")), nil)
	if s := unmatchedLine(run); s != "" {
		note(sarif.LevelNote, s, nil)
	}
	for _, s := range sinceLines(run) {
		note(sarif.LevelNote, s, nil)
	}
	if left != "" {
		note(sarif.LevelWarning, left, nil)
	}
	for _, n := range run.Notes {
		note(sarif.LevelNote, clean(n), nil)
	}
	for _, g := range run.Coverage.Gaps {
		note(sarif.LevelWarning, gapLine(g), &g)
	}
	return in
}

// gapLine says in one sentence what could not be read, and why.
func gapLine(g providers.Gap) string {
	s := cmp.Or(string(g.Type), "everything of "+g.Scope.Provider)
	if g.Path != "" {
		s = g.Path + " of " + s
	}
	if g.ID != "" {
		s += " " + g.ID
	}
	s += " in " + scopeName(g.Scope.ID, g.Scope.Name)
	if g.Region != "" {
		s += " " + g.Region
	}
	s += " was not read: " + string(g.Reason)
	if detail := strings.TrimSpace(g.Call + " " + g.Err); detail != "" {
		s += ", " + detail
	}
	if c := cure(string(g.Reason), g.Permission); c != "" {
		s += " (cure: " + c + ")"
	}
	return clean(s)
}

func sarifLevel(s finding.Severity) string {
	return map[string]string{"error": sarif.LevelError, "warning": sarif.LevelWarning, "notice": sarif.LevelNote}[githubLevel(s)]
}

// sarifLevelOf is the level of a failing finding: no error while its policy only warns.
func sarifLevelOf(f finding.Finding) string {
	if level := sarifLevel(f.Severity); f.WarnUntil == "" || level != sarif.LevelError {
		return level
	}
	return sarif.LevelWarning
}

// sarifScore is the middle of the band in which code scanning shows a severity.
func sarifScore(s finding.Severity) string {
	switch s {
	case finding.Critical:
		return "9.5"
	case finding.High:
		return "8.0"
	case finding.Medium:
		return "5.5"
	default:
		return "2.0"
	}
}
