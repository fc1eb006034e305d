package govern

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hmarr/codeowners"
)

// OwnerIssue is a rule that can never name an owner.
type OwnerIssue struct {
	Rule    OwnerRule `json:"rule"`
	Message string    `json:"message"`
}

// Place is where the rule is written: owners.yaml:12.
func (r OwnerRule) Place() string { return fmt.Sprintf("%s:%d", r.File, r.Line) }

// Check returns the rules, and patterns and values of rules, that can never match: an
// earlier one takes everything that they would, or what they ask for cannot be. It says so
// of none that can.
func (o *Owners) Check() []OwnerIssue {
	var out []OwnerIssue
	for i := range o.rules {
		r := &o.rules[i]
		if why := cmp.Or(r.impossible(), o.nobodyFor(r)); why != "" {
			out = append(out, OwnerIssue{r.OwnerRule, "it can never match: " + why})
			continue
		}
		for _, why := range r.idle() {
			out = append(out, OwnerIssue{r.OwnerRule, why})
		}
		for n, v := range r.values {
			if at := slices.IndexFunc(r.values[:n], func(earlier valueOwner) bool { return earlier.value.covers(v.value) }); at >= 0 {
				out = append(out, OwnerIssue{r.OwnerRule, fmt.Sprintf("the value %s never decides: %s comes before it and takes it", v.value.text, r.values[at].value.text)})
			}
		}
		if n := slices.IndexFunc(o.rules[:i], func(earlier ownerRule) bool { return earlier.shadows(*r) }); n >= 0 {
			out = append(out, OwnerIssue{r.OwnerRule, fmt.Sprintf("it can never match: the rule at %s takes everything that it would", o.rules[n].Place())})
		}
	}
	return out
}

// OwnerNotes tells the readers of a run which rules can never match.
func OwnerNotes(issues []OwnerIssue) []string {
	const most = 5
	var out []string
	for _, i := range issues[:min(most, len(issues))] {
		out = append(out, fmt.Sprintf("%s: the owner rule (%s): %s.", i.Rule.Place(), i.Rule.Text, i.Message))
	}
	if left := len(issues) - most; left > 0 {
		out = append(out, count(left, "more owner rule", "more owner rules")+" can never match; `metsuke owners check` lists all of them.")
	}
	return out
}

// impossible says why no resource can meet the rule's conditions, or why those that do
// find no owner.
func (r *ownerRule) impossible() string {
	clouds := r.clouds()
	if len(clouds) > 1 {
		var of []string
		for _, cloud := range []struct{ key, name string }{{"aws", "AWS"}, {"gcp", "Google Cloud"}, {"github", "GitHub"}} {
			if clouds[cloud.key] != "" {
				of = append(of, clouds[cloud.key]+" is of "+cloud.name)
			}
		}
		return strings.Join(of, ", ")
	}
	if r.by == byCodeowners && len(r.files) == 0 {
		return r.named + " has no lines"
	}
	for _, c := range r.conditions {
		if c.name == "region" && r.by == byTeam {
			return "repositories of GitHub have no region"
		}
		if idle := c.idle(clouds); len(idle) > 0 && len(idle) == len(c.patterns) {
			return idle[0]
		}
	}
	return ""
}

// nobodyFor says why nobody whom the rule could name is an owner.
func (o *Owners) nobodyFor(r *ownerRule) string {
	named := func(rule codeowners.Rule) bool {
		return slices.ContainsFunc(rule.Owners, func(one codeowners.Owner) bool {
			_, nobody, ok := o.resolve(one.Value)
			return ok && !nobody
		})
	}
	switch {
	case r.by == byCodeowners && !slices.ContainsFunc(r.files, named):
		return "nobody whom " + r.named + " names is an owner"
	case r.by != byName && r.by != byCodeowners && r.values == nil && o.strict && len(o.owners) == 1:
		return "only those listed are owners, and nobody is listed"
	}
	return ""
}

// idle says which patterns of a rule that can match never do.
func (r *ownerRule) idle() []string {
	var out []string
	for _, c := range r.conditions {
		for _, why := range c.idle(r.clouds()) {
			out = append(out, fmt.Sprintf("one of its patterns of %s matches nothing: %s", c.name, why))
		}
	}
	return out
}

// clouds returns what of the rule presumes a cloud, by the cloud.
func (r *ownerRule) clouds() map[string]string {
	out := map[string]string{}
	for _, c := range r.conditions {
		switch c.name {
		case "organizational_unit":
			out["aws"] = c.name
		case "folder", "project":
			out["gcp"] = c.name
		}
	}
	switch r.by {
	case byAccountTag:
		out["aws"] = "account_tag"
	case byProjectLabel:
		out["gcp"] = "project_label"
	case byTeam:
		out["github"] = "github_team"
	default:
	}
	return out
}

// idle says of each pattern that no resource can match why.
func (c condition) idle(clouds map[string]string) []string {
	var out []string
	for _, p := range c.patterns {
		why := ""
		switch c.name {
		case "type":
			why = impossibleType(p, clouds)
		case "path":
			if strings.HasPrefix(p.text, "/") || strings.HasPrefix(p.text, "./") || strings.Contains(p.text, "../") {
				why = "paths are counted from the repository or the working directory, as reports show them, so that none is like " + p.text
			}
		}
		if why != "" {
			out = append(out, why)
		}
	}
	return out
}

// impossibleType says why no resource can have a type like the pattern. Which types there
// are is not known: a plan may hold any.
func impossibleType(p pattern, clouds map[string]string) string {
	if strings.Trim(p.text, "abcdefghijklmnopqrstuvwxyz0123456789_-*?") != "" {
		return p.text + " is no type such as aws_s3_bucket"
	}
	begin := p.text
	if i := strings.IndexAny(begin, "*?"); i >= 0 {
		begin = begin[:i]
	}
	for cloud, of := range clouds {
		prefix := map[string]string{"aws": "aws_", "gcp": "google_", "github": string(repositoryType)}[cloud]
		if !strings.HasPrefix(begin, prefix) && !strings.HasPrefix(prefix, begin) {
			return fmt.Sprintf("nothing of the type %s has a %s", p.text, of)
		}
	}
	return ""
}

// shadows reports whether the rule decides wherever the later one would. It errs on the
// side of no.
func (r ownerRule) shadows(later ownerRule) bool {
	for _, c := range r.conditions {
		if !c.always() && !slices.ContainsFunc(later.conditions, func(d condition) bool { return d.name == c.name && c.covers(d) }) {
			return false
		}
	}
	switch {
	case r.by == byName:
		return true
	case r.by != later.by:
		return false
	case r.by == byCodeowners:
		return r.named == later.named && r.dir == later.dir
	case !subset(later.plain, r.plain):
		return false
	case r.by == byTeam && r.values == nil && !slices.Equal(r.plain, later.plain):
		return false // where several teams have one role, it passes on
	case r.values == nil:
		// What is not listed may still be a value of the later rule; so may what stands for nobody.
		return later.values == nil
	case later.values == nil:
		return slices.ContainsFunc(r.values, func(v valueOwner) bool { return v.value.covers(compile("*")) })
	}
	return !slices.ContainsFunc(later.values, func(v valueOwner) bool {
		return !slices.ContainsFunc(r.values, func(earlier valueOwner) bool { return earlier.value.covers(v.value) })
	})
}

// always reports whether the condition holds for every resource.
func (c condition) always() bool {
	if c.name != "account" && c.name != "resource" && c.name != "type" { // which everything has
		return false
	}
	return slices.ContainsFunc(c.patterns, func(p pattern) bool { return p.covers(compile("*")) })
}

// covers reports whether whatever the other condition takes is taken.
func (c condition) covers(other condition) bool {
	return !slices.ContainsFunc(other.patterns, func(p pattern) bool {
		return !slices.ContainsFunc(c.patterns, func(q pattern) bool { return q.covers(p) })
	})
}

func subset(of, in []string) bool {
	return !slices.ContainsFunc(of, func(s string) bool { return !slices.Contains(in, s) })
}

// covers reports whether the pattern matches whatever the other one matches: it matches
// the other one's text, where * stands for anything and only another * can take it.
func (p pattern) covers(other pattern) bool {
	b := []rune(other.text)
	// reach[j] says that the part of p that was looked at covers b[:j].
	reach := make([]bool, len(b)+1)
	reach[0] = true
	for _, c := range p.text {
		next := make([]bool, len(b)+1)
		switch c {
		case '*':
			for j := range next {
				next[j] = reach[j] || j > 0 && next[j-1]
			}
		default:
			for j := range b {
				next[j+1] = reach[j] && (c == '?' && b[j] != '*' || c == b[j])
			}
		}
		reach = next
	}
	return reach[len(b)]
}
