package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// Code scanning refuses a file with more, whole:
// https://docs.github.com/code-security/reference/code-scanning/sarif-files/sarif-support.
const (
	sarifResults     = 25000 // of a run
	sarifResultsSeen = 5000  // of them, code scanning keeps these, the worst
	sarifTags        = 10    // of a rule; it refuses more than 20 and shows 10
	sarifShort       = 1024  // characters of a description
	sarifHelp        = 30000 // bytes of a help text, which has no documented limit
)

// sarifKept returns the findings that become results, the worst, and the sentence that
// says how many did not.
func (o Options) sarifKept(findings []finding.Finding) ([]finding.Finding, string) {
	all := o.countingFirst(of(findings, finding.Fail, finding.Unknown))
	switch {
	case len(all) > sarifResults:
		left := len(all) - sarifResults
		return all[:sarifResults], fmt.Sprintf("%s more %s no result: code scanning takes %s of a run and shows the worst %s. Another format has them all.",
			count(left, "finding"), plural(left, "is", "are"), number(sarifResults), number(sarifResultsSeen))
	case len(all) > sarifResultsSeen:
		return all, fmt.Sprintf("There are %s; code scanning shows the worst %s.", count(len(all), "result"), number(sarifResultsSeen))
	}
	return all, ""
}

// sarifIdentities returns what code scanning tells the alerts of a rule in a file apart
// by, in the order of the findings.
//
// For a live resource it is the fingerprint. For one of a plan the address is left out:
// a moved block renames a resource, and that makes no new alert. Findings of a file that
// are then alike are numbered in the order of their lines, so a line that shifts makes
// none either. A file that moves makes new alerts whatever stands here, because code
// scanning compares paths itself; so does a resource renamed in a plan without files.
func sarifIdentities(findings []finding.Finding) []string {
	out := make([]string, len(findings))
	var planned []int
	for i, f := range findings {
		if f.Resource.Source == nil {
			out[i] = f.Fingerprint
			continue
		}
		planned = append(planned, i)
	}
	slices.SortStableFunc(planned, func(i, j int) int {
		a, b := findings[i].Resource, findings[j].Resource
		return cmp.Or(cmp.Compare(a.Source.Line, b.Source.Line), cmp.Compare(a.Source.Address, b.Source.Address))
	})
	seen := map[string]int{}
	for _, i := range planned {
		f := findings[i]
		id := digest(f.Policy, string(f.Verdict), string(f.Resource.Type), f.Key)
		at := f.Resource.Source.File + "\x00" + id
		seen[at]++
		out[i] = fmt.Sprintf("%s:%d", id, seen[at])
	}
	return out
}

// sarifRuleText is a text of a rule that code scanning takes, "metsuke" if there is none:
// it may not be empty.
func sarifRuleText(s string) *sarif.MultiformatMessageString {
	return sarifText(cmp.Or(cut(clean(s), sarifShort), "metsuke"))
}

// sarifHelpText says in both forms why a policy matters and what mends it.
func sarifHelpText(p finding.Policy) *sarif.MultiformatMessageString {
	text := strings.TrimSpace(cleanLines(cmp.Or(strings.TrimSpace(p.Remediation+"\n\n"+p.Terraform), p.Title, p.ID)))
	markdown := markdownBlock(cmp.Or(strings.TrimSpace(p.Mending()), p.Title, p.ID))
	if p.Description != "" {
		text = clean(p.Description) + "\n\n" + text
		markdown = markdownLine(clean(p.Description)) + "\n\n" + markdown
	}
	return sarifText(firstLines(text, sarifHelp)).WithMarkdown(firstLines(markdown, sarifHelp))
}
