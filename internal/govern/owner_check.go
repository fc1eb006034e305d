package govern

import (
	"fmt"
	"slices"
	"strings"
)

// OwnerIssue is a rule that can never name an owner.
type OwnerIssue struct {
	Rule    OwnerRule `json:"rule"`
	Message string    `json:"message"`
}

// Place is where the rule is written: owners.yaml:12.
func (r OwnerRule) Place() string { return fmt.Sprintf("%s:%d", r.File, r.Line) }

// Check returns the rules, and values of rules, that can never match: an earlier one
// takes everything that they would, or what they ask for cannot be.
func (o *Owners) Check() []OwnerIssue {
	var out []OwnerIssue
	for i := range o.rules {
		r := &o.rules[i]
		if why := r.impossible(); why != "" {
			out = append(out, OwnerIssue{r.OwnerRule, why})
			continue
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

// impossible says why no resource can meet the rule's conditions.
func (r *ownerRule) impossible() string {
	clouds := map[string]string{} // the cloud that a condition presumes, by the condition
	for _, c := range r.conditions {
		switch c.name {
		case "organizational_unit":
			clouds["aws"] = c.name
		case "folder", "project":
			clouds["gcp"] = c.name
		}
	}
	switch r.by {
	case byAccountTag:
		clouds["aws"] = "account_tag"
	case byProjectLabel:
		clouds["gcp"] = "project_label"
	default:
	}
	if r.by == byTeam {
		clouds["github"] = "github_team"
	}
	if len(clouds) > 1 {
		var of []string
		for _, cloud := range []struct{ key, name string }{{"aws", "AWS"}, {"gcp", "Google Cloud"}, {"github", "GitHub"}} {
			if clouds[cloud.key] != "" {
				of = append(of, clouds[cloud.key]+" is of "+cloud.name)
			}
		}
		return "it can never match: " + strings.Join(of, ", ")
	}
	if r.by == byCodeowners && len(r.files) == 0 {
		return fmt.Sprintf("it can never match: %s has no lines", r.named)
	}
	for _, c := range r.conditions {
		switch c.name {
		case "region":
			if r.by == byTeam {
				return "it can never match: repositories of GitHub have no region"
			}
		case "type":
			if why := impossibleType(c, clouds); why != "" {
				return why
			}
		case "path":
			for _, p := range c.patterns {
				if strings.HasPrefix(p.text, "/") || strings.HasPrefix(p.text, "./") || strings.Contains(p.text, "../") {
					return fmt.Sprintf("it can never match: paths are counted from the repository or the working directory, as reports show them, so that none is like %s", p.text)
				}
			}
		}
	}
	return ""
}

// impossibleType says why no resource can have one of the types. Which types there are
// is not known: a plan may hold any.
func impossibleType(c condition, clouds map[string]string) string {
	for _, p := range c.patterns {
		if strings.Trim(p.text, "abcdefghijklmnopqrstuvwxyz0123456789_-*?") != "" {
			return fmt.Sprintf("it can never match: %s is no type such as aws_s3_bucket", p.text)
		}
		begin := p.text
		if i := strings.IndexAny(begin, "*?"); i >= 0 {
			begin = begin[:i]
		}
		for cloud, of := range clouds {
			prefix := map[string]string{"aws": "aws_", "gcp": "google_", "github": string(repositoryType)}[cloud]
			if !strings.HasPrefix(begin, prefix) && !strings.HasPrefix(prefix, begin) {
				return fmt.Sprintf("it can never match: nothing of the type %s has a %s", p.text, of)
			}
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
