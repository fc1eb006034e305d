package terraform

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Summary says what a plan holds, whether or not any of it can be judged.
type Summary struct {
	FormatVersion    string
	TerraformVersion string
	Incomplete       bool
	Managed          int // resources that are managed, before or after the apply
	// Actions counts the changes of managed resources: create, update, replace,
	// no-op, delete, forget, read, import.
	Actions map[string]int
	// Skipped counts the resources that exist after the apply and are of a type
	// that is not described, by Terraform type.
	Skipped map[string]int
}

// Summary returns what the plan holds.
func (p *Provider) Summary() Summary {
	s := Summary{
		FormatVersion: p.ix.formatVersion, TerraformVersion: p.ix.terraformVersion, Incomplete: p.ix.incomplete,
		Actions: maps.Clone(p.ix.actions), Skipped: map[string]int{},
	}
	for _, e := range p.ix.entries {
		if e.flags&(flagData|flagOther|flagDeposed) == 0 {
			s.Managed++
		}
	}
	folded := map[string]bool{}
	for _, d := range p.types {
		for _, sat := range d.satellites {
			folded[sat.typ] = true
		}
	}
	for _, t := range p.ix.managed() {
		if p.byType[t] != nil || folded[t] {
			continue
		}
		for _, i := range p.ix.byType[t] {
			if p.ix.entries[i].judged(viewAfter) {
				s.Skipped[t]++
			}
		}
	}
	return s
}

// Notes returns what a person should know after Collect, sorted: what could not be
// judged because it configures resources outside of the plan, and where the sources
// do not fit the plan.
func (p *Provider) Notes() []string {
	out := p.sources.list()
	p.mu.Lock()
	defer p.mu.Unlock()
	for why, addresses := range p.notes {
		list := slices.Sorted(maps.Keys(addresses))
		more := ""
		if len(list) > 3 {
			more = fmt.Sprintf(" and %d more", len(list)-3)
			list = list[:3]
		}
		out = append(out, fmt.Sprintf("%s: %s%s", why, strings.Join(list, ", "), more))
	}
	slices.Sort(out)
	return out
}

// note keeps something for Notes.
func (p *Provider) note(why, address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.notes[why] == nil {
		p.notes[why] = map[string]bool{}
	}
	p.notes[why][address] = true
}
