package govern

import (
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// Unowned is what stands for nobody where owners are written: in rules, among aliases
// and in reports. In data nobody is "".
const Unowned = "unowned"

// Contacts say how an owner is reached, by channel.
type Contacts struct {
	Email  []string `json:"email,omitempty"`  // addresses
	Slack  []string `json:"slack,omitempty"`  // channels or user groups
	Teams  []string `json:"teams,omitempty"`  // Microsoft Teams: channels
	Jira   []string `json:"jira,omitempty"`   // keys of projects
	GitHub []string `json:"github,omitempty"` // teams, as organisation/team, or logins
}

// Empty reports whether there is no way to reach the owner.
func (c Contacts) Empty() bool {
	return len(c.Email)+len(c.Slack)+len(c.Teams)+len(c.Jira)+len(c.GitHub) == 0
}

// Owner is somebody who can own resources.
type Owner struct {
	Name     string   `json:"name"` // "" is nobody
	Aliases  []string `json:"aliases,omitempty"`
	Contacts Contacts `json:"contacts"`
}

// Owners say whose a resource is, by rules of which the first that matches decides. They
// are not changed once made, and safe for concurrent use.
type Owners struct {
	rules  []ownerRule
	owners []Owner        // nobody is the last
	names  map[string]int // owners by folded name, alias, address and team; shared is several
	strict bool           // only those listed are owners
}

// OwnersByTags makes the owners that tags name: the first key that a resource has counts.
func OwnersByTags(keys []string) *Owners {
	o := &Owners{owners: []Owner{{}}, names: map[string]int{Unowned: 0}}
	if len(keys) > 0 {
		o.rules = []ownerRule{newTagRule(keys)}
	}
	return o
}

// All returns the owners that are listed, and nobody, whose name is "", as the last.
func (o *Owners) All() []Owner { return slices.Clone(o.owners) }

// Len returns how many rules there are.
func (o *Owners) Len() int { return len(o.rules) }

// Contacts returns how the owner is reached; "" is nobody, for whom somebody may care.
func (o *Owners) Contacts(owner string) Contacts {
	for _, one := range o.owners {
		if one.Name == owner {
			return one.Contacts
		}
	}
	return Contacts{}
}

// NeedsTags reports whether a rule looks at tags.
func (o *Owners) NeedsTags() bool {
	return slices.ContainsFunc(o.rules, func(r ownerRule) bool { return r.by == byTag })
}

// NeedsHierarchy reports whether a rule looks at where in its organisation a resource is:
// its organisational unit, its folder or its project.
func (o *Owners) NeedsHierarchy() bool {
	return slices.ContainsFunc(o.rules, func(r ownerRule) bool {
		return r.by == byProjectLabel || slices.ContainsFunc(r.conditions, func(c condition) bool { return c.label != "" })
	})
}

// NeedsAccountTags reports whether a rule looks at the tags of AWS accounts.
func (o *Owners) NeedsAccountTags() bool {
	return slices.ContainsFunc(o.rules, func(r ownerRule) bool { return r.by == byAccountTag })
}

// NeedsUnits reports whether a rule looks at the organisational units of AWS.
func (o *Owners) NeedsUnits() bool {
	return slices.ContainsFunc(o.rules, func(r ownerRule) bool {
		return slices.ContainsFunc(r.conditions, func(c condition) bool { return c.label == labelUnit })
	})
}

// Of says whose the resource is. by is what keeps it, nil where that is not known.
func (o *Owners) Of(r providers.Resource, by *finding.ManagedBy) finding.Ownership {
	return o.decide(r, by, nil)
}

// decide goes through the rules. trace is told of every rule that was tried; nil is
// nobody.
func (o *Owners) decide(r providers.Resource, by *finding.ManagedBy, trace func(Trial)) finding.Ownership {
	s := ownerSubject{Resource: r, by: by}
	for i := range o.rules {
		a := o.rules[i].ask(o, s, trace != nil)
		if trace != nil {
			trace(Trial{Rule: o.rules[i].OwnerRule, Outcome: a.outcome, Why: a.why})
		}
		switch a.outcome {
		case Matched:
			return finding.Ownership{Owner: a.owner}
		case Unsure:
			return finding.Ownership{Unknown: a.reason}
		case Passed:
		}
	}
	return finding.Ownership{}
}

// Outcome is what a rule says of a resource.
type Outcome string

// The outcomes.
const (
	Passed  Outcome = "no match"
	Matched Outcome = "match"
	Unsure  Outcome = "unknown" // what the rule looks at could not be read
)

// Trial is a rule that was tried on a resource.
type Trial struct {
	Rule    OwnerRule `json:"rule"`
	Outcome Outcome   `json:"outcome"`
	Why     string    `json:"why"`
}

// OwnerRule is a rule as it is written.
type OwnerRule struct {
	Text string `json:"text"` // in one line: what it asks for, and whom it names
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
}

// Explanation says why a resource is whose it is.
type Explanation struct {
	Owner    string           `json:"owner"` // "" is nobody, unless Unknown
	Unknown  providers.Reason `json:"owner_unknown,omitempty"`
	Tried    []Trial          `json:"tried"` // the last one decided, unless nothing did
	Contacts Contacts         `json:"contacts"`
}

// Explain says whose the resource is, and why.
func (o *Owners) Explain(r providers.Resource, by *finding.ManagedBy) Explanation {
	out := Explanation{Tried: []Trial{}}
	whose := o.decide(r, by, func(t Trial) { out.Tried = append(out.Tried, t) })
	out.Owner, out.Unknown = whose.Owner, whose.Unknown
	if whose.Unknown == "" {
		out.Contacts = o.Contacts(whose.Owner)
	}
	return out
}

// resolve returns the owner whom a name, alias, address or team means. Names that are
// not listed are owners too, unless only those listed are. nobody says that the name
// stands for nobody.
func (o *Owners) resolve(name string) (owner string, nobody, ok bool) {
	name = strings.TrimSpace(name)
	i, listed := o.names[fold(name)]
	switch {
	case i == shared:
		return "", false, false
	case listed:
		return o.owners[i].Name, o.owners[i].Name == "", true
	}
	return name, false, name != "" && !o.strict
}

// shared stands in Owners.names for the owner of an address or team that several have: it
// tells none of them.
const shared = -1

// fold makes names comparable: their case does not matter, nor how many spaces there are,
// nor the @ before a team.
func fold(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.Join(strings.Fields(name), " "), "@"))
}

// plainKey makes tag keys comparable whatever their case and separators: Owner is owner,
// cost-owner is costOwner.
func plainKey(k string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		switch r {
		case '_', '-', '.', ' ':
			return -1
		}
		return r
	}, k))
}
