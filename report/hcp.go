package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// hcpReporter writes the body with which a run task answers HCP Terraform and Terraform
// Enterprise, for the PATCH of the request's task_result_callback_url with its
// access_token and the content type application/vnd.api+json:
// https://developer.hashicorp.com/terraform/cloud-docs/api-docs/run-tasks/run-tasks-integration.
//
// There is an outcome for each policy with findings, for each cause of unknowns, and one
// for the coverage. HCP Terraform shows the tags Status and Severity beside them.
type hcpReporter struct{ o Options }

// The API takes 5 MB in a body of an outcome and recommends to stay below 1 MB.
const (
	hcpFindings = 100 // in one outcome
	hcpText     = 300 // columns of one line
)

type hcpDocument struct {
	Data hcpResult `json:"data"`
}

type hcpResult struct {
	Type          string           `json:"type"`
	Attributes    hcpAttributes    `json:"attributes"`
	Relationships hcpRelationships `json:"relationships"`
}

type hcpAttributes struct {
	Status  string `json:"status"` // passed, failed, running
	Message string `json:"message"`
	URL     string `json:"url,omitempty"`
}

type hcpRelationships struct {
	Outcomes hcpOutcomes `json:"outcomes"`
}

type hcpOutcomes struct {
	Data []hcpOutcome `json:"data"`
}

type hcpOutcome struct {
	Type       string               `json:"type"`
	Attributes hcpOutcomeAttributes `json:"attributes"`
}

type hcpOutcomeAttributes struct {
	ID          string              `json:"outcome-id"`
	Description string              `json:"description"`
	Tags        map[string][]hcpTag `json:"tags"`
	Body        string              `json:"body"` // Markdown
}

type hcpTag struct {
	Label string `json:"label"`
	Level string `json:"level"` // none, info, warning, error
}

func (r hcpReporter) Report(w io.Writer, run finding.Run) error {
	findings := ordered(run)
	doc := hcpDocument{hcpResult{Type: "task-results", Attributes: hcpAttributes{
		Status: "passed", Message: r.o.passedOrFailed(run) + ". " + verdictLine(run) + ".", URL: markdownURL(r.o.RunURL),
	}}}
	if r.o.blocked(run) {
		doc.Data.Attributes.Status = "failed"
	}
	known := policies(run)
	fails := of(findings, finding.Fail)
	var outcomes []hcpOutcome
	for _, same := range byPolicy(fails) {
		outcomes = append(outcomes, r.policy(known[same[0].Policy], same))
	}
	for i, g := range unknownGroups(findings) {
		outcomes = append(outcomes, hcpOutcome{"task-result-outcomes", hcpOutcomeAttributes{
			ID: fmt.Sprintf("%s-unknown-%d", clean(g.Policy), i+1), Description: clean(g.Title) + ": " + unknownLine(g),
			Tags: hcpTags("Unknown", "warning", g.Severity),
			Body: "Neither pass nor fail: something that decides could not be read.\n\n" + escapeMarkdown(unknownLine(g)) + "\n",
		}})
	}
	outcomes = append(outcomes, hcpCoverage(run))
	doc.Data.Relationships.Outcomes.Data = outcomes
	b, err := marshal(doc, "  ")
	if err != nil {
		return err
	}
	return write(w, b)
}

// byPolicy groups findings by their policy, the policy of the worst first.
func byPolicy(findings []finding.Finding) [][]finding.Finding {
	at := map[string]int{}
	var out [][]finding.Finding
	for _, f := range findings {
		i, ok := at[f.Policy]
		if !ok {
			i = len(out)
			at[f.Policy] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], f)
	}
	return out
}

func (r hcpReporter) policy(p finding.Policy, findings []finding.Finding) hcpOutcome {
	worst := findings[0]
	blocking := len(r.o.blocking(findings))
	status, level := "Failed", "error"
	if blocking == 0 {
		status, level = "Does not block", "info"
	}
	var b strings.Builder
	if p.Description != "" {
		fmt.Fprintf(&b, "%s\n\n", markdownLine(cut(clean(p.Description), 1000)))
	}
	for _, f := range r.o.countingFirst(findings)[:min(hcpFindings, len(findings))] {
		fmt.Fprintf(&b, "- %s %s", code(resourceName(f.Resource), hcpText), escapeMarkdown(cut(clean(f.Message), hcpText)))
		if at := position(f.Resource); at != "" {
			fmt.Fprintf(&b, " (%s)", code(at, hcpText))
		}
		if e := r.o.notHeld(f); e != "" {
			fmt.Fprintf(&b, ", %s", escapeMarkdown(cut(e, hcpText)))
		}
		b.WriteByte('\n')
	}
	if left := len(findings) - hcpFindings; left > 0 {
		fmt.Fprintf(&b, "- %s more not listed here\n", count(left, "finding"))
	}
	if p.Mending() != "" {
		fmt.Fprintf(&b, "\n**How to mend it**\n\n%s\n", firstLines(markdownBlock(p.Mending()), 50000))
	}
	return hcpOutcome{"task-result-outcomes", hcpOutcomeAttributes{
		ID: clean(worst.Policy), Description: clean(worst.Title) + ": " + count(len(findings), "finding"),
		Tags: hcpTags(status, level, worst.Severity), Body: b.String(),
	}}
}

func hcpCoverage(run finding.Run) hcpOutcome {
	status, level := "Complete", "info"
	if !run.Coverage.Complete() || run.Interrupted {
		status, level = "Incomplete", "warning"
	}
	var b strings.Builder
	for _, l := range coverageLines(run) {
		fmt.Fprintf(&b, "- %s\n", escapeMarkdown(l))
	}
	return hcpOutcome{"task-result-outcomes", hcpOutcomeAttributes{
		ID: "metsuke-coverage", Description: coverageLine(run), Tags: map[string][]hcpTag{"Status": {{status, level}}}, Body: b.String(),
	}}
}

func hcpTags(status, level string, s finding.Severity) map[string][]hcpTag {
	severity := map[string]string{"error": "error", "warning": "warning", "notice": "info"}[githubLevel(s)]
	label := clean(string(s))
	if label != "" {
		label = strings.ToUpper(label[:1]) + label[1:]
	}
	return map[string][]hcpTag{"Status": {{status, level}}, "Severity": {{label, severity}}}
}
