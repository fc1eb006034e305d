package main

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/nearest"
	"github.com/metsuke-dev/metsuke/providers"
)

// selection holds the flags that say what is read and which policies judge it. Each
// is repeatable; a value with a leading ! takes away.
type selection struct {
	policies, categories, severities, frameworks []string
	providers, accounts, regions, types          []string
}

func (s *selection) addPolicyFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringSliceVar(&s.policies, "policy", nil, "policies by id; * is a wildcard, a leading ! takes away")
	f.StringSliceVar(&s.categories, "category", nil, "policies of these categories: "+join(finding.Categories()))
	f.StringSliceVar(&s.severities, "severity", nil, "policies of these severities: "+join(finding.Severities()))
	f.StringSliceVar(&s.frameworks, "framework", nil, "policies that serve a framework: fsbp, cis-aws-5.0, cis-aws-5.0:2.1.4")
	f.StringSliceVar(&s.types, "type", nil, "resource types: aws_s3_bucket, aws_*")
}

func (s *selection) addScopeFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringSliceVar(&s.providers, "provider", nil, "providers: aws, gcp, github")
	f.StringSliceVar(&s.accounts, "account", nil, "accounts, projects or organisations by id or name; wildcards allowed")
	f.StringSliceVar(&s.regions, "region", nil, "regions; wildcards allowed")
}

func join[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return strings.Join(out, ", ")
}

// pick reports whether any of the values is selected by the patterns. Patterns that
// only take away leave the rest.
func pick(patterns []string, values ...string) bool {
	in := true
	for _, p := range patterns {
		if !strings.HasPrefix(p, "!") {
			in = false
		}
	}
	for _, p := range patterns {
		name, negated := strings.CutPrefix(p, "!")
		if slices.ContainsFunc(values, func(v string) bool { return matches(name, v) }) {
			in = !negated
		}
	}
	return in
}

func matches(pattern, v string) bool {
	// path.Match's * stops at a slash, which ids hold: compare without slashes.
	ok, err := path.Match(strings.ReplaceAll(pattern, "/", "\x00"), strings.ReplaceAll(v, "/", "\x00"))
	return err == nil && ok
}

// known refuses patterns that match none of the names.
func known(flag string, patterns, names []string) error {
	for _, p := range patterns {
		name := strings.TrimPrefix(p, "!")
		if _, err := path.Match(name, ""); err != nil {
			return fmt.Errorf("--%s %s: the pattern is malformed", flag, p)
		}
		if slices.ContainsFunc(names, func(n string) bool { return matches(name, n) }) {
			continue
		}
		hint := nearest.Hint(name, names)
		if hint == "" && len(names) <= 12 {
			hint = ": known are " + strings.Join(names, ", ")
		}
		return fmt.Errorf("--%s %s matches nothing%s", flag, p, hint)
	}
	return nil
}

// choose returns the ids of the selected policies; nil when all are.
func (s selection) choose(e *engine.Engine) ([]string, error) {
	var ids, types, frameworks []string
	for _, p := range e.Policies() {
		ids = append(append(ids, p.ID), p.Aliases...)
		frameworks = append(frameworks, frameworkNames(p)...)
	}
	for _, t := range e.Types() {
		types = append(types, string(t))
	}
	slices.Sort(frameworks)
	for _, c := range []struct {
		flag            string
		patterns, names []string
	}{
		{"policy", s.policies, ids},
		{"category", s.categories, strings.Split(join(finding.Categories()), ", ")},
		{"severity", s.severities, strings.Split(join(finding.Severities()), ", ")},
		{"framework", s.frameworks, slices.Compact(frameworks)},
		{"type", s.types, types},
	} {
		if err := known(c.flag, c.patterns, c.names); err != nil {
			return nil, err
		}
	}
	out := []string{}
	for _, p := range e.Policies() {
		var ts []string
		for _, t := range p.Types {
			ts = append(ts, string(t))
		}
		if pick(s.policies, append([]string{p.ID}, p.Aliases...)...) && pick(s.categories, string(p.Category)) &&
			pick(s.severities, string(p.Severity)) && pick(s.frameworks, frameworkNames(p)...) && anyPicked(s.types, ts) {
			out = append(out, p.ID)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("the selection leaves no policy; `metsuke policies list` shows them all")
	}
	return out, nil
}

func anyPicked(patterns, values []string) bool {
	return slices.ContainsFunc(values, func(v string) bool { return pick(patterns, v) })
}

// frameworkNames are the names under which --framework finds a policy.
func frameworkNames(p *engine.Policy) []string {
	var out []string
	for f, controls := range p.Frameworks {
		out = append(out, f)
		for _, c := range controls {
			out = append(out, f+":"+c)
		}
	}
	slices.Sort(out)
	return out
}

func (s selection) scope(sc providers.Scope) bool {
	return pick(s.accounts, sc.ID, sc.Name)
}

// region selects a resource's region. A global resource is never left out.
func (s selection) region(r string) bool { return r == "" || pick(s.regions, r) }

func (s selection) typ(t providers.Type) bool { return pick(s.types, string(t)) }
