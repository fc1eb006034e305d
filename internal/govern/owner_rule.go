package govern

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hmarr/codeowners"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// naming is how a rule names the owner.
type naming int

const (
	byName naming = iota // owner: it is always the same
	byTag
	byAccountTag
	byProjectLabel
	byTeam
	byCodeowners
)

// ownerRule is a rule ready to be asked.
type ownerRule struct {
	OwnerRule
	conditions []condition // all of them have to hold

	by     naming
	owner  string             // byName; "" is nobody
	keys   []string           // byTag, byAccountTag, byProjectLabel: as they are written; byTeam: roles
	plain  []string           // the same, comparable
	values []valueOwner       // byTag, byAccountTag, byProjectLabel, byTeam: nil is that the values are names
	files  codeowners.Ruleset // byCodeowners
	named  string             // byCodeowners: the file
	dir    string             // byCodeowners: the directory below which its lines are, with a slash at the end; "" is all
}

// valueOwner says whom a value means.
type valueOwner struct {
	value pattern // folded
	owner string  // "" is nobody
}

// Facts about a scope, as its labels name them. Where one of them could not be read, a
// label with unknownSuffix says why.
const (
	// labelAccountName is there only where the name could not be read: it is the scope's.
	labelAccountName = "account_name"
	labelUnit        = "organizational_unit" // "/Workloads/Prod"; "/" is below the root
	labelUnitIDs     = "organization_path"   // "o-1/r-2/ou-3/111111111111/"
	labelFolder      = "folder"              // "/Platform/Prod"; "/" is in none
	labelFolderIDs   = "folder_ids"          // "505/606"
	labelProject     = "project"
	unknownSuffix    = ".unknown"
)

// condition is something that a rule asks of a resource.
type condition struct {
	name     string    // as it is written
	patterns []pattern // one of them has to match
	label    string    // of the scope that tells it; "" is that the resource does
	facts    func(ownerSubject) facts
}

// facts is what there is to compare patterns with.
type facts struct {
	is      []string
	unknown providers.Reason // why they could not be read
}

// ownerSubject is a resource with what keeps it, or a charge on a bill.
type ownerSubject struct {
	providers.Resource
	by     *finding.ManagedBy
	charge *Charge // nil of a resource
}

// answer is what a rule says of a resource.
type answer struct {
	outcome Outcome
	owner   string
	reason  providers.Reason
	why     string // only where somebody wants to know
	// ambiguous says of a rule that passes that it is because more than one owner is meant.
	ambiguous bool
}

// ask asks the rule. Why it says what it does is only put into words where wanted.
func (r *ownerRule) ask(o *Owners, s ownerSubject, words bool) answer {
	say := func(format string, args ...any) string {
		if !words {
			return ""
		}
		return fmt.Sprintf(format, args...)
	}
	var holds []string
	var unsure answer
	for _, c := range r.conditions {
		f := s.facts(c)
		which, ok := c.match(f.is)
		switch {
		case ok:
			holds = append(holds, say("%s is %s", c.name, which))
		case f.unknown != "":
			if unsure.outcome == "" {
				unsure = answer{outcome: Unsure, reason: f.unknown, why: say("%s could not be read: %s", c.name, f.unknown)}
				switch {
				case s.planned() && f.unknown == providers.Outside:
					unsure.why = say("a plan does not tell its %s", c.name)
				case s.planned() && c.name == "path":
					unsure.why = say(unsourced)
				}
			}
		case len(f.is) == 0:
			return answer{outcome: Passed, why: say("the resource has no %s that is known", c.name)}
		default:
			return answer{outcome: Passed, why: say("%s is %s", c.name, strings.Join(f.is, ", "))}
		}
	}
	a := r.name(o, s, say)
	if unsure.outcome != "" && a.outcome != Passed { // it passes, whatever else could not be read
		return unsure
	}
	if words && len(holds) > 0 {
		a.why = strings.Join(append(holds, a.why), "; ")
		a.why = strings.TrimSuffix(a.why, "; ")
	}
	return a
}

// name says whom the rule names for a resource for which its conditions hold.
func (r *ownerRule) name(o *Owners, s ownerSubject, say func(string, ...any) string) answer {
	switch r.by {
	case byTag:
		return r.byKeys(o, s, s.Tags, s.tagUnknown, "tag", say)
	case byAccountTag:
		return r.byKeys(o, s, s.Scope.TagsOf(providers.Account).Tags, s.holderUnknown("aws", "aws_", providers.Account), "tag of the account", say)
	case byProjectLabel:
		return r.byKeys(o, s, s.Scope.TagsOf(providers.Project).Tags, s.holderUnknown("gcp", "google_", providers.Project), "label of the project", say)
	case byTeam:
		return r.byTeam(o, s, say)
	case byCodeowners:
		return r.byFile(o, s, say)
	default:
		return answer{outcome: Matched, owner: r.owner}
	}
}

// byKeys takes the first of the keys whose value names somebody.
func (r *ownerRule) byKeys(o *Owners, s ownerSubject, tags map[string]string, unknown func(plain string) providers.Reason, what string, say func(string, ...any) string) answer {
	why := say("there is no %s %s", what, strings.Join(r.keys, ", "))
	for i, want := range r.plain {
		if reason := unknown(want); reason != "" {
			if s.planned() && reason == providers.Outside {
				return answer{outcome: Unsure, reason: reason, why: say("a plan does not tell the %s %s", what, r.keys[i])}
			}
			return answer{outcome: Unsure, reason: reason, why: say("the %s %s could not be read: %s", what, r.keys[i], reason)}
		}
		key, value := keyed(tags, want)
		if value == "" {
			continue
		}
		owner, ok := r.valued(o, value)
		if ok {
			return answer{outcome: Matched, owner: owner, why: say("the %s %s is %q", what, key, value)}
		}
		why = say("the %s %s is %q, which names nobody", what, key, value)
	}
	return answer{outcome: Passed, why: why}
}

// valued says whom a value means. One that stands for nobody is like none.
func (r *ownerRule) valued(o *Owners, value string) (string, bool) {
	if r.values == nil {
		owner, nobody, ok := o.resolve(value)
		return owner, ok && !nobody
	}
	for _, v := range r.values {
		if v.value.match(fold(value)) {
			return v.owner, true
		}
	}
	return "", false
}

// keyed returns the first key, in their order, that is the wanted one and has a value.
func keyed(tags map[string]string, plain string) (key, value string) {
	for k, v := range tags {
		if (value == "" || k < key) && plainKey(k) == plain && strings.TrimSpace(v) != "" {
			key, value = k, strings.TrimSpace(v)
		}
	}
	return key, value
}

// byFile asks the CODEOWNERS file. Of several owners the first that is one counts.
func (r *ownerRule) byFile(o *Owners, s ownerSubject, say func(string, ...any) string) answer {
	if s.charge != nil && s.charge.Located {
		return answer{outcome: Unsure, reason: untold, why: say("a bill does not tell where resources are written")}
	}
	found := sourceFiles(s)
	files := found.is
	if found.unknown != "" {
		return answer{outcome: Unsure, reason: found.unknown, why: say(unsourced)}
	}
	if len(files) == 0 {
		return answer{outcome: Passed, why: say("the file of the resource is not known")}
	}
	file := strings.TrimPrefix(files[0], r.dir)
	if file == files[0] && r.dir != "" {
		return answer{outcome: Passed, why: say("%s is not below %s", file, r.dir)}
	}
	rule, err := r.files.Match(file)
	if err != nil || rule == nil {
		return answer{outcome: Passed, why: say("no line of %s is for %s", r.named, file)}
	}
	for _, one := range rule.Owners {
		if owner, nobody, ok := o.resolve(strings.TrimPrefix(one.Value, "@")); ok && !nobody {
			return answer{outcome: Matched, owner: owner, why: say("%s:%d gives %s to %s", r.named, rule.LineNumber, file, one.Value)}
		}
	}
	return answer{outcome: Passed, why: say("%s:%d gives %s to nobody who is an owner", r.named, rule.LineNumber, file)}
}

// match returns the first fact that a pattern matches.
func (c condition) match(is []string) (string, bool) {
	for _, fact := range is {
		if slices.ContainsFunc(c.patterns, func(p pattern) bool { return p.match(fact) }) {
			return fact, true
		}
	}
	return "", false
}

// tagUnknown says why a tag could not be read.
func (s ownerSubject) tagUnknown(plain string) providers.Reason {
	if why := s.Unknown["tags"]; why != "" || len(s.Unknown) == 0 {
		return why
	}
	var out providers.Reason
	for path, why := range s.Unknown {
		if key, ok := strings.CutPrefix(path, "tags."); ok && plainKey(key) == plain && (out == "" || why < out) {
			out = why // of several the same one each time
		}
	}
	return out
}

// newTagRule is a rule that tags decide.
func newTagRule(keys []string) ownerRule {
	r := ownerRule{by: byTag, keys: keys, OwnerRule: OwnerRule{Text: "tag " + strings.Join(keys, ", ")}}
	for _, k := range keys {
		r.plain = append(r.plain, plainKey(k))
	}
	return r
}

// sourceFiles is the file in which the resource is written: that of the call in the root
// module where a module brings it, because it belongs to whoever calls. What is planned is
// written somewhere; what is live may not be.
func sourceFiles(s ownerSubject) facts {
	at := s.Source
	if s.by != nil && s.by.Source != nil {
		at = s.by.Source
	}
	switch {
	case at != nil && len(at.Calls) > 0:
		return facts{is: []string{at.Calls[0].File}}
	case at != nil && at.File != "":
		return facts{is: []string{at.File}}
	case s.planned():
		return facts{unknown: providers.Uncollected}
	}
	return facts{}
}

// scopeFact is a fact about the scope.
func scopeFact(s ownerSubject, label string) facts {
	cloud := "google_"
	if label == labelUnit {
		cloud = "aws_"
	}
	out := facts{unknown: cmp.Or(providers.Reason(s.Scope.Labels[label+unknownSuffix]), s.outside(cloud))}
	if v := s.Scope.Labels[label]; v != "" {
		out.is = []string{v}
	}
	return out
}

// googleFact is a fact about where in Google Cloud a resource lies. A saved inventory
// that was taken when nobody asked does not have it; what has it has a folder, if only /.
func googleFact(label string) func(ownerSubject) facts {
	return func(s ownerSubject) facts {
		out := scopeFact(s, label)
		if s.Scope.Provider == "gcp" && s.Scope.Labels[labelFolder] == "" && s.Scope.Labels[labelFolder+unknownSuffix] == "" && out.unknown == "" {
			out.unknown = providers.Uncollected
		}
		return out
	}
}

// conditionFacts says what each condition looks at, by its name, in the order in which
// conditions are shown.
func conditionFacts() []condition {
	own := func(of func(ownerSubject) []string) func(ownerSubject) facts {
		return func(s ownerSubject) facts {
			return facts{is: slices.DeleteFunc(of(s), func(v string) bool { return v == "" })}
		}
	}
	return []condition{
		{name: "account", facts: func(s ownerSubject) facts {
			out := own(func(s ownerSubject) []string { return []string{s.Scope.ID, s.Scope.Name} })(s)
			out.unknown = cmp.Or(s.outside(""), providers.Reason(s.Scope.Labels[labelAccountName+unknownSuffix]))
			return out
		}},
		{name: "organizational_unit", label: labelUnit, facts: unitFacts},
		{name: "folder", label: labelFolder, facts: folderFacts},
		{name: "project", label: labelProject, facts: googleFact(labelProject)},
		{name: "path", facts: sourceFiles},
		{name: "resource", facts: own(func(s ownerSubject) []string {
			out := []string{s.ID, s.Name}
			if s.Source != nil {
				out = append(out, s.Source.Address, configAddress(s.Source.Address))
			}
			if s.by != nil {
				out = append(out, s.by.Address)
			}
			return out
		})},
		{name: "type", facts: own(func(s ownerSubject) []string { return []string{string(s.Type)} })},
		{name: "region", facts: func(s ownerSubject) facts {
			out := own(func(s ownerSubject) []string { return []string{s.Region} })(s)
			out.unknown = s.Unknown["region"] // in a plan, where the environment says it
			return out
		}},
	}
}

// folderFacts are the path of the folder, by names, and the ids on the way to it.
func folderFacts(s ownerSubject) facts {
	out := googleFact(labelFolder)(s)
	for _, id := range strings.Split(s.Scope.Labels[labelFolderIDs], "/") {
		if id != "" {
			out.is = append(out.is, "folders/"+id)
		}
	}
	return out
}

// unitFacts are the path of the account's organisational unit, by names, and the ids on
// the way to it.
func unitFacts(s ownerSubject) facts {
	out := scopeFact(s, labelUnit)
	if role := s.Scope.Labels["organization_role"]; len(out.is) == 0 && out.unknown == "" && s.Scope.Provider == "aws" && role != "standalone" {
		out.unknown = providers.Uncollected // by a saved inventory, or the organisation could not be read
	}
	for _, id := range strings.Split(s.Scope.Labels[labelUnitIDs], "/") {
		if strings.HasPrefix(id, "ou-") {
			out.is = append(out.is, id)
		}
	}
	return out
}
