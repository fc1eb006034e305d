package refdocs

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
)

func (b *book) permissions() string {
	var p page
	p.heading(1, "Permissions")
	p.text("A scan makes only the calls that the selected policies need. A missing permission never fails a scan and never passes " +
		"a resource: what it would have told is unknown, and the report names the permission. " +
		"`metsuke providers permissions PROVIDER` prints what a selection of policies needs in the provider's own form, " +
		"with what finding the accounts takes.")
	for _, d := range b.Live {
		p.heading(2, d.Title)
		all := map[string]bool{}
		var list []string
		for _, pol := range b.Engine.Policies() {
			for _, perm := range b.policyPermissions(d.Name, pol.ID) {
				if !all[perm] {
					all[perm] = true
					list = append(list, perm)
				}
			}
		}
		slices.Sort(list)
		p.text(fmt.Sprintf("All policies together need %s:", count(len(list), "permission", "permissions")))
		p.block("text", list)
		var rows [][]string
		for _, perm := range list {
			rows = append(rows, []string{code(perm), codes(b.operations(d, perm)), policyLinks("", b.needing(d.Name, perm))})
		}
		p.table([]string{"Permission", "Calls", "Policies that need it"}, rows)
		if unused := unneeded(d, all); len(unused) > 0 {
			p.text("Further permissions are used only by `metsuke inventory`, which reads every attribute, and where the configuration asks for more (such as `providers.aws.spend`): " + codes(unused) + ".")
		}
	}
	return p.String()
}

// operations returns the calls of a provider that take the permission, sorted.
func (b *book) operations(d providers.Description, permission string) []string {
	set := map[string]bool{}
	for _, t := range d.Types {
		for _, c := range t.CallsFor(t.AllAttributes()) {
			if slices.Contains(c.Permissions, permission) {
				set[c.Operation] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(set))
}

func (b *book) needing(provider, permission string) []string {
	var out []string
	for _, p := range b.Engine.Policies() {
		if slices.Contains(b.policyPermissions(provider, p.ID), permission) {
			out = append(out, p.ID)
		}
	}
	return out
}

func unneeded(d providers.Description, needed map[string]bool) []string {
	return slices.DeleteFunc(d.Permissions(d.Everything()), func(p string) bool { return needed[p] })
}

func (b *book) frameworks() string {
	by := map[string]map[string][]string{}
	for _, p := range b.Engine.Policies() {
		for f, controls := range p.Frameworks {
			if by[f] == nil {
				by[f] = map[string][]string{}
			}
			for _, c := range controls {
				by[f][c] = append(by[f][c], p.ID)
			}
		}
	}
	var p page
	p.heading(1, "Frameworks")
	p.text("Which policies serve which control. A control that is not here is not looked at; one that is here may ask for more " +
		"than its policies see. `metsuke scan --framework cis-aws-5.0` runs the policies of one framework.")
	for _, f := range slices.Sorted(maps.Keys(by)) {
		p.heading(2, f)
		var rows [][]string
		for _, c := range slices.SortedFunc(maps.Keys(by[f]), byNumber) {
			rows = append(rows, []string{c, policyLinks("", slices.Compact(by[f][c]))})
		}
		p.table([]string{"Control", "Policies"}, rows)
	}
	return p.String()
}

// byNumber orders 1.2 before 1.10.
func byNumber(a, b string) int {
	x, y := strings.FieldsFunc(a, cut), strings.FieldsFunc(b, cut)
	for i := range min(len(x), len(y)) {
		if c := cmp.Or(cmp.Compare(leading(x[i]), leading(y[i])), cmp.Compare(x[i], y[i])); c != 0 {
			return c
		}
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b))
}

func cut(r rune) bool { return r == '.' || r == '-' || r == '(' }

// leading returns the number with which s begins; 0 when with none.
func leading(s string) int {
	n := 0
	for _, r := range s {
		if r < '0' || r > '9' {
			break
		}
		n = n*10 + int(r-'0')
	}
	return n
}
