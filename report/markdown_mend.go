package report

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// markdownPlace is the findings of one file, or of an account and Region where there are
// no files, by resource.
type markdownPlace struct {
	name      string
	resources []*markdownResource
}

type markdownResource struct {
	finding.Resource
	owner    string
	findings []finding.Finding
}

// byPlace groups findings by file and then by resource; the order of both is that of
// their first finding, so the worst come first.
func byPlace(findings []finding.Finding) []*markdownPlace {
	var out []*markdownPlace
	places := map[string]*markdownPlace{}
	type key struct{ place, scope, id string } // two plans may have the same address
	resources := map[key]*markdownResource{}
	for _, f := range findings {
		name := placeName(f.Resource)
		p := places[name]
		if p == nil {
			p = &markdownPlace{name: name}
			places[name] = p
			out = append(out, p)
		}
		k := key{name, f.Resource.Scope, string(f.Resource.Type) + " " + f.Resource.ID}
		r := resources[k]
		if r == nil {
			r = &markdownResource{Resource: f.Resource, owner: ownerWords(f)}
			resources[k] = r
			p.resources = append(p.resources, r)
		}
		r.findings = append(r.findings, f)
	}
	return out
}

// placeName is the file of a resource, or else its account and Region.
func placeName(r finding.Resource) string {
	if r.Source != nil && r.Source.File != "" {
		return r.Source.File
	}
	return strings.TrimSpace(scopeName(r.Scope, r.ScopeName) + " " + r.Region)
}

// toMend lists what is to be done, by file, with the remedy of a policy where the policy
// occurs first.
func (m markdownData) toMend(b *strings.Builder, d markdownDetail) {
	if len(m.mend) == 0 {
		return
	}
	shown := m.mend[:min(d.findings, len(m.mend))]
	if len(shown) > 0 {
		b.WriteString("### To mend\n")
	}
	told := map[string]bool{}
	remedies := 0
	for _, p := range byPlace(shown) {
		fmt.Fprintf(b, "\n#### %s\n\n", cmp.Or(code(p.name, d.text), "Elsewhere"))
		var ids []string
		for _, r := range p.resources {
			if b.Len() > markdownLimit {
				return // a later attempt shows fewer
			}
			fmt.Fprintf(b, "- %s\n", markdownResourceName(r, d.text))
			for _, f := range r.findings {
				fmt.Fprintf(b, "  - %s\n", m.item(f, d.text))
				if m.policies[f.Policy].Mending() != "" && !told[f.Policy] && remedies < d.remedies {
					told[f.Policy] = true
					remedies++
					ids = append(ids, f.Policy)
				}
			}
		}
		for _, id := range ids {
			fold(b, "How to mend it: "+markdownSummary(m.policies[id].Title, id), m.remedy(id))
		}
	}
	if left := m.mend[len(shown):]; len(left) > 0 {
		fmt.Fprintf(b, "\n**%s more not listed here:** %s. Another format has them all.\n", count(len(left), "finding"), severities(left))
	}
	m.untold(b, told)
}

// untold says for how many policies the remedy was dropped.
func (m markdownData) untold(b *strings.Builder, told map[string]bool) {
	left := map[string]bool{}
	for _, f := range m.mend {
		if m.policies[f.Policy].Mending() != "" && !told[f.Policy] {
			left[f.Policy] = true
		}
	}
	if len(left) > 0 {
		fmt.Fprintf(b, "\nHow to mend it is left out for %s; `metsuke policies show ID` tells.\n", count(len(left), "policy"))
	}
}

// remedy is the text of a policy: why it matters and what mends it.
func (m markdownData) remedy(id string) string {
	p := m.policies[id]
	s := markdownBlock(p.Mending())
	if p.Description != "" {
		s = markdownLine(cut(clean(p.Description), 1000)) + "\n\n" + s
	}
	return s
}

// item is one finding on one line.
func (m markdownData) item(f finding.Finding, most int) string {
	s := badge(f.Severity)
	if source := f.Resource.Source; source != nil && source.File != "" && source.Line > 0 {
		s += fmt.Sprintf(", line %d", source.Line)
	}
	s += ": " + escapeMarkdown(cut(clean(f.Message), most))
	if f.MonthlyCost > 0 {
		s += " (" + escapeMarkdown(dollars(f.MonthlyCost)) + " a month)"
	}
	s += " · " + code(f.Policy, 120)
	if m.run.Mode == "gate" && !m.o.blocks(f) {
		s += " · does not block"
	} else if f.Change == finding.Existing {
		s += " · there already"
	}
	return s
}

// markdownResourceName names a resource within its place.
func markdownResourceName(r *markdownResource, most int) string {
	name := resourceName(r.Resource)
	s := code(name, most)
	if !strings.Contains(name, string(r.Type)) {
		s = code(string(r.Type), 80) + " " + s
	}
	if r.owner != "" {
		s += ", owner " + code(r.owner, 80)
	}
	return s
}

// markdownSummary names a policy within the summary of a fold, where HTML is needed.
func markdownSummary(title, id string) string {
	return htmlText(cut(clean(title), 200)) + " <code>" + htmlText(cut(clean(id), 120)) + "</code>"
}
