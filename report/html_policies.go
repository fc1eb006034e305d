package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// htmlPolicy is what the page says of a policy. The panel that shows a finding takes it
// from there.
type htmlPolicy struct {
	Anchor, Severity, Title, ID string
	Judged                      bool // false: it matched nothing, which is no pass
	Counts                      []htmlCount
	Description, Remediation    []htmlProse
	Terraform, Link             string
	Facts                       []htmlFact
}

type htmlCount struct{ Class, Text string }

// htmlProse is a paragraph, a list or a piece of code.
type htmlProse struct {
	Code  bool
	Text  string // of code
	Spans []htmlSpan
	List  [][]htmlSpan
}

type htmlSpan struct {
	Code bool
	Text string
}

func policiesOf(run finding.Run) []htmlPolicy {
	out := make([]htmlPolicy, len(run.Policies))
	for i, p := range run.Policies {
		h := htmlPolicy{
			Anchor: policyAnchor(i), Severity: clean(string(p.Severity)), Title: clean(p.Title), ID: clean(p.ID),
			Judged: p.Counts.Total() > 0, Description: proseOf(p.Description), Remediation: proseOf(p.Remediation), Terraform: cleanLines(p.Terraform),
		}
		for _, c := range []struct {
			class string
			n     int
			what  string
		}{{"fail", p.Counts.Fail, "fail"}, {"unknown", p.Counts.Unknown, "unknown"}, {"pass", p.Counts.Pass, "pass"}, {"na", p.Counts.NotApplicable, "not applicable"}} {
			if c.n > 0 {
				h.Counts = append(h.Counts, htmlCount{c.class, number(c.n) + " " + c.what})
			}
		}
		if p.Counts.Fail+p.Counts.Unknown > 0 {
			h.Link = where("policy", p.ID)
		}
		h.Facts = policyFacts(p)
		out[i] = h
	}
	return out
}

func policyFacts(p finding.Policy) []htmlFact {
	facts := []htmlFact{{"Category", clean(string(p.Category))}, {"Resources", clean(strings.Join(texts(p.Types), ", "))}}
	for _, standard := range slices.Sorted(maps.Keys(p.Frameworks)) {
		facts = append(facts, htmlFact{clean(standard), clean(strings.Join(p.Frameworks[standard], ", "))})
	}
	if p.Deprecated {
		facts = append(facts, htmlFact{"Deprecated", "yes: it will go"})
	}
	facts = append(facts, htmlFact{"Verdicts", fmt.Sprintf("%s pass, %s fail, %s unknown, %s not applicable", number(p.Counts.Pass), number(p.Counts.Fail), number(p.Counts.Unknown), number(p.Counts.NotApplicable))})
	return slices.DeleteFunc(facts, func(f htmlFact) bool { return f.Value == "" })
}

// proseOf reads as much of Markdown as policies are written in: paragraphs, lists, code
// in fences and in backticks. Anything else stays as it is written.
func proseOf(markdown string) []htmlProse {
	var out []htmlProse
	for i, part := range strings.Split(cleanLines(markdown), "```") {
		if i%2 == 1 {
			_, text, found := strings.Cut(part, "\n") // after the name of the language
			if !found {
				text = part
			}
			out = append(out, htmlProse{Code: true, Text: strings.TrimRight(text, "\n ")})
			continue
		}
		for _, paragraph := range strings.Split(part, "\n\n") {
			out = append(out, paragraphOf(paragraph)...)
		}
	}
	return out
}

// paragraphOf returns a paragraph, and a list where some of its lines begin one.
func paragraphOf(s string) []htmlProse {
	var out []htmlProse
	for line := range strings.Lines(s) {
		line = strings.TrimSpace(line)
		item, listed := strings.CutPrefix(line, "- ")
		last := len(out) - 1
		switch {
		case line == "":
		case listed && last >= 0 && out[last].List != nil:
			out[last].List = append(out[last].List, spansOf(item))
		case listed:
			out = append(out, htmlProse{List: [][]htmlSpan{spansOf(item)}})
		case last >= 0 && out[last].List != nil:
			items := out[last].List
			items[len(items)-1] = append(items[len(items)-1], spansOf(" "+line)...)
		case last >= 0:
			out[last].Spans = append(out[last].Spans, spansOf(" "+line)...)
		default:
			out = append(out, htmlProse{Spans: spansOf(line)})
		}
	}
	return out
}

// spansOf splits a line at its backticks.
func spansOf(s string) []htmlSpan {
	var out []htmlSpan
	pieces := strings.Split(s, "`")
	if len(pieces)%2 == 0 { // the last one has no end
		pieces = append(pieces[:len(pieces)-2], pieces[len(pieces)-2]+"`"+pieces[len(pieces)-1])
	}
	for i, text := range pieces {
		if text != "" {
			out = append(out, htmlSpan{i%2 == 1, text})
		}
	}
	return out
}
