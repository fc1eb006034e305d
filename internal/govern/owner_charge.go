package govern

import (
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// Charge is a line of a bill: what an account spent on what has some tags. Which resources
// that was for is not on it.
type Charge struct {
	Scope providers.Scope // the account that spent it
	Tags  map[string]string
	// Untold are keys of tags of which the bill does not tell whether the line has them.
	Untold map[string]providers.Reason
	// Located says that it is known of resources in which files they are written, so that
	// rules by path can match them.
	Located bool
}

// ChargeOwner says whose a charge is.
type ChargeOwner struct {
	finding.Ownership
	// Rule is the first rule of which the bill does not tell whether it is for the charge,
	// where the owner is unknown.
	Rule OwnerRule
	Why  string // what the rule says of it
}

// OfCharge says whose a charge is, as far as a bill tells: rules by account, unit and tags
// decide as they do for resources. One that asks for something else leaves the owner
// unknown, unless it cannot match anything on the bill.
func (o *Owners) OfCharge(c Charge) ChargeOwner {
	s := ownerSubject{Resource: providers.Resource{Scope: c.Scope, Tags: c.Tags}, charge: &c}
	for key, why := range c.Untold {
		if s.Unknown == nil {
			s.Unknown = map[string]providers.Reason{}
		}
		s.Unknown["tags."+key] = why
	}
	for i := range o.rules {
		switch a := o.rules[i].ask(o, s, true); a.outcome {
		case Matched:
			return ChargeOwner{Ownership: finding.Ownership{Owner: a.owner}}
		case Unsure:
			return ChargeOwner{finding.Ownership{Unknown: a.reason}, o.rules[i].OwnerRule, a.why}
		case Passed:
		}
	}
	return ChargeOwner{}
}

// TagKeys returns the keys of tags that rules look at, in their order.
func (o *Owners) TagKeys() []string {
	var out []string
	for _, r := range o.rules {
		if r.by == byTag {
			out = append(out, r.keys...)
		}
	}
	return out
}

// TagKeysBut returns those that are none of the keys, however they are written.
func (o *Owners) TagKeysBut(keys []string) []string {
	var out []string
	for _, key := range o.TagKeys() {
		if !slices.ContainsFunc(keys, func(k string) bool { return plainKey(k) == plainKey(key) }) {
			out = append(out, key)
		}
	}
	return out
}

// untold is why a condition cannot be looked at: bills do not offer it.
const untold = providers.Unsupported

// facts returns what there is to compare with the patterns of a condition.
func (s ownerSubject) facts(c condition) facts {
	switch {
	case c.name == "account" && c.ids() && !s.planned():
		out := c.facts(s)
		out.unknown = "" // whatever its name is
		return out
	case s.charge == nil:
		return c.facts(s)
	}
	switch c.name {
	case "account":
		out := c.facts(s)
		if s.Scope.Name == "" {
			out.unknown = providers.Uncollected
		}
		return out
	case "path":
		if s.charge.Located {
			return facts{unknown: untold}
		}
	case "region":
		return facts{unknown: untold}
	case "resource":
		if !c.always() {
			return facts{unknown: untold}
		}
		return facts{is: []string{"*"}} // whatever it was for
	case "type":
		return s.charge.types(c)
	}
	return c.facts(s)
}

// ids reports whether the condition names accounts of AWS by their ids alone, which no name
// is like.
func (c condition) ids() bool {
	return !slices.ContainsFunc(c.patterns, func(p pattern) bool {
		return len(p.text) != len("111111111111") || strings.Trim(p.text, "0123456789") != ""
	})
}

// types says that a charge is for any of the types of its cloud: a pattern that takes all
// of them is certain, and so is one that takes none.
func (c Charge) types(of condition) facts {
	prefix := map[string]string{"aws": "aws_", "gcp": "google_", "github": "github_"}[c.Scope.Provider]
	all := compile(prefix + "*")
	some := false
	for _, p := range of.patterns {
		if p.covers(all) {
			return facts{is: []string{all.text}}
		}
		begin := p.text
		if i := strings.IndexAny(begin, "*?"); i >= 0 {
			begin = begin[:i]
		}
		some = some || strings.HasPrefix(begin, prefix) || strings.HasPrefix(prefix, begin)
	}
	if some {
		return facts{unknown: untold}
	}
	return facts{is: []string{all.text}}
}
