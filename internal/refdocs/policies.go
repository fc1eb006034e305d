package refdocs

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
)

// policyLink leads to a policy's section from a page of docs/reference; up is the
// way there from the page.
func policyLink(up, id string) string {
	family, _, _ := strings.Cut(id, "-")
	return fmt.Sprintf("[%s](%spolicies/%s.md#%s)", id, up, family, id)
}

func policyLinks(up string, ids []string) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = policyLink(up, id)
	}
	return strings.Join(out, ", ")
}

// planWord says what a policy can say of a Terraform plan.
func planWord(p *engine.Policy) string {
	if p.Plan == "" {
		return "no"
	}
	return p.Plan
}

func (b *book) policyIndex() string {
	var p page
	all := b.Engine.Policies()
	p.heading(1, "Policies")
	p.text(fmt.Sprintf("metsuke ships %s. `metsuke policies show ID` shows one of them with all that it reads and needs.", count(len(all), "policy", "policies")))
	p.text("**Plan** says what a policy can tell of a Terraform plan. `yes`: the same as of the live resource. `partial`: " +
		"some of its defects, or only where the plan holds what it needs. `no`: what it judges exists only in the live account.")
	var rows [][]string
	for _, f := range b.families {
		row := []string{f.title}
		for _, c := range finding.Categories() {
			row = append(row, number(len(inCategory(f.policies, c))))
		}
		rows = append(rows, append(row, number(len(f.policies))))
	}
	head := []string{""}
	for _, c := range finding.Categories() {
		head = append(head, title(string(c)))
	}
	p.table(append(head, "All"), rows)
	for _, f := range b.families {
		p.heading(2, f.title)
		for _, c := range finding.Categories() {
			list := inCategory(f.policies, c)
			if len(list) == 0 {
				continue
			}
			p.heading(3, f.title+": "+string(c))
			var rows [][]string
			for _, pol := range list {
				rows = append(rows, []string{
					policyLink("", pol.ID), string(pol.Severity), plain(pol.Title), b.typesCell("", pol), planWord(pol),
					strings.Join(slices.Sorted(maps.Keys(pol.Frameworks)), ", "),
				})
			}
			p.table([]string{"Policy", "Severity", "Title", "Types", "Plan", "Frameworks"}, rows)
		}
	}
	return p.String()
}

// manyTypes is how many types a cell names before it only counts them.
const manyTypes = 4

func (b *book) typesCell(up string, p *engine.Policy) string {
	if len(p.Types) > manyTypes {
		return count(len(p.Types), "type", "types")
	}
	return b.typeLinks(up, p)
}

func (b *book) typeLinks(up string, p *engine.Policy) string {
	var out []string
	for _, t := range p.Types {
		out = append(out, typeLink(up, t))
	}
	return strings.Join(out, ", ")
}

func inCategory(list []*engine.Policy, c finding.Category) []*engine.Policy {
	return slices.DeleteFunc(slices.Clone(list), func(p *engine.Policy) bool { return p.Category != c })
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func (b *book) policyPage(f family) string {
	var p page
	p.heading(1, "Policies: "+f.title)
	p.text(count(len(f.policies), "policy", "policies") + ". See [all policies](../policies.md).")
	for _, pol := range f.policies {
		b.policy(&p, pol)
	}
	return p.String()
}

func (b *book) policy(p *page, pol *engine.Policy) {
	p.heading(2, pol.ID)
	p.text("**" + plain(pol.Title) + "**")
	if pol.Deprecated {
		p.text("Deprecated: it will go.")
	}
	p.text(plain(pol.Description))
	if pol.Remediation != "" {
		p.text("*What to do:* " + plain(pol.Remediation))
	}
	if pol.Terraform != "" {
		p.block("hcl", strings.Split(pol.Terraform, "\n"))
	}
	rows := [][]string{
		{"Severity, category", string(pol.Severity) + ", " + string(pol.Category)},
		{"Judges", b.typeLinks("../", pol)},
		{"Terraform plan", planWord(pol)},
		{"Reads", codes(b.reads[pol.ID])},
	}
	for _, t := range slices.Sorted(maps.Keys(pol.Uses)) {
		rows = append(rows, []string{"Joins", typeLink("../", t) + ": " + codes(pol.Uses[t])})
	}
	for _, d := range b.Live {
		if perms := b.policyPermissions(d.Name, pol.ID); len(perms) > 0 {
			rows = append(rows, []string{"Needs of " + d.Name, codes(perms)})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(pol.Frameworks)) {
		rows = append(rows, []string{name, strings.Join(pol.Frameworks[name], ", ")})
	}
	if len(pol.Aliases) > 0 {
		rows = append(rows, []string{"Former ids", codes(pol.Aliases)})
	}
	rows = append(rows, []string{"File", fmt.Sprintf("[policies/%s](../../../policies/%s)", pol.File, pol.File)})
	p.table([]string{"", ""}, rows)
	if len(pol.Params) == 0 {
		return
	}
	rows = nil
	for _, name := range slices.Sorted(maps.Keys(pol.Params)) {
		param := pol.Params[name]
		rows = append(rows, []string{code(name), param.Type, defaultOf(param), plain(param.Description)})
	}
	p.table([]string{"Parameter", "Type", "Default", "Meaning"}, rows)
}

func defaultOf(p engine.Param) string {
	v, err := json.Marshal(p.Default)
	if err != nil {
		return ""
	}
	return code(string(v))
}

// policyPermissions returns what a policy needs of a provider, sorted.
func (b *book) policyPermissions(provider, id string) []string {
	set := map[string]bool{}
	for _, n := range b.needs[id] {
		if n.provider == provider {
			for _, perm := range n.call.Permissions {
				set[perm] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(set))
}
