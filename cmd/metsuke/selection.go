package main

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

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
	flags(cmd, "Which policies (repeatable; * is a wildcard, a leading ! takes away)", func(f *pflag.FlagSet) {
		f.StringSliceVarP(&s.policies, "policy", "p", nil, "by `ID`: aws-s3-*")
		f.StringSliceVar(&s.categories, "category", nil, "by `CATEGORY`: "+join(finding.Categories()))
		f.StringSliceVar(&s.severities, "severity", nil, "by `SEVERITY`: "+join(finding.Severities()))
		f.StringSliceVar(&s.frameworks, "framework", nil, "by `FRAMEWORK` or control: cis-aws-5.0, cis-aws-5.0:2.1.4")
		f.StringSliceVar(&s.types, "type", nil, "by resource `TYPE`; only these are judged: aws_s3_bucket, aws_*")
	})
	cmd.Flags().SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == "policies" { // what many try first
			name = "policy"
		}
		return pflag.NormalizedName(name)
	})
	completeWith(cmd, "policy", policyIDs)
	complete(cmd, "category", texts(finding.Categories())...)
	complete(cmd, "severity", texts(finding.Severities())...)
	completeWith(cmd, "framework", frameworks)
	completeWith(cmd, "type", typeNames)
}

func (s *selection) addProviderFlag(cmd *cobra.Command, names []string) {
	flags(cmd, "Which accounts (likewise)", func(f *pflag.FlagSet) {
		f.StringSliceVar(&s.providers, "provider", nil, "by `PROVIDER`: "+strings.Join(names, ", "))
	})
	complete(cmd, "provider", names...)
}

func (s *selection) addScopeFlags(cmd *cobra.Command, names []string) {
	s.addProviderFlag(cmd, names)
	flags(cmd, "Which accounts (likewise)", func(f *pflag.FlagSet) {
		f.StringSliceVar(&s.accounts, "account", nil, "by id or name of an `ACCOUNT`, project or organisation")
		f.StringSliceVar(&s.regions, "region", nil, "by `REGION`: eu-*; what is global stays in")
	})
}

// wholeEstate reports whether no account, region, type or provider is left out.
func (s *selection) wholeEstate() bool {
	return len(s.providers)+len(s.accounts)+len(s.regions)+len(s.types) == 0
}

func join[T ~string](list []T) string { return strings.Join(texts(list), ", ") }

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
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

// known refuses patterns that match none of the names. The label says where they come
// from.
func known(label string, patterns, names []string) error {
	for _, p := range patterns {
		name := strings.TrimPrefix(p, "!")
		if _, err := path.Match(name, ""); err != nil {
			return fmt.Errorf("%s %s: the pattern is malformed", label, p)
		}
		if slices.ContainsFunc(names, func(n string) bool { return matches(name, n) }) {
			continue
		}
		hint := nearest.Hint(name, names)
		switch {
		case hint != "":
		case len(names) <= 12:
			hint = "; known are " + strings.Join(names, ", ")
		default:
			hint = "; `metsuke policies list` shows what there is"
		}
		return fmt.Errorf("%s %s matches nothing%s", label, p, hint)
	}
	return nil
}

// choose returns the ids of the selected policies; nil when all are.
func (s selection) choose(e *engine.Engine) ([]string, error) {
	for _, c := range []struct {
		flag     string
		patterns []string
		names    func() []string
	}{
		{"policy", s.policies, func() []string { return policyNames(e) }},
		{"category", s.categories, func() []string { return texts(finding.Categories()) }},
		{"severity", s.severities, func() []string { return texts(finding.Severities()) }},
		{"framework", s.frameworks, func() []string { return allFrameworks(e) }},
		{"type", s.types, func() []string { return texts(e.Types()) }},
	} {
		if len(c.patterns) == 0 {
			continue
		}
		if err := known("--"+c.flag, c.patterns, c.names()); err != nil {
			return nil, err
		}
	}
	out := []string{}
	for _, p := range e.Policies() {
		if s.picks(p) {
			out = append(out, p.ID)
		}
	}
	if len(out) == 0 {
		return nil, errNoPolicy
	}
	return out, nil
}

// picks reports whether a policy is selected.
func (s selection) picks(p *engine.Policy) bool {
	return (len(s.policies) == 0 || pick(s.policies, append([]string{p.ID}, p.Aliases...)...)) &&
		pick(s.categories, string(p.Category)) && pick(s.severities, string(p.Severity)) &&
		(len(s.frameworks) == 0 || pick(s.frameworks, frameworkNames(p)...)) &&
		(len(s.types) == 0 && len(p.Types) > 0 || anyPicked(s.types, texts(p.Types)))
}

// narrow leaves out the policies of which none of the providers has a type: they
// could judge nothing. One that was asked for by its id stays, so that the report
// says that it judged nothing.
func (s selection) narrow(e *engine.Engine, ids []string, ds []providers.Description) ([]string, error) {
	has := map[providers.Type]bool{}
	for _, d := range ds {
		for _, ti := range d.Types {
			has[ti.Type] = true
		}
	}
	out := []string{}
	for _, id := range ids {
		p, _ := e.Policy(id)
		if slices.Contains(s.policies, id) || slices.ContainsFunc(p.Types, func(t providers.Type) bool { return has[t] }) {
			out = append(out, id)
		}
	}
	if len(out) == 0 {
		return nil, errNoPolicy
	}
	return out, nil
}

// planned leaves out the policies that say of themselves that a plan tells nothing of
// what they are about: all that they could say is unknown. One that was asked for by
// its id stays, and so do all where no other is left. It also returns how many it left
// out.
func (s selection) planned(e *engine.Engine, ids []string) ([]string, int) {
	out := []string{}
	for _, id := range ids {
		if p, _ := e.Policy(id); p.Plan != "no" || slices.Contains(s.policies, id) {
			out = append(out, id)
		}
	}
	if len(out) == 0 {
		return ids, 0
	}
	return out, len(ids) - len(out)
}

var errNoPolicy = errors.New("the selection leaves no policy; `metsuke policies list` shows them all")

// policyNames returns the ids of the policies, former ones too.
func policyNames(e *engine.Engine) []string {
	var out []string
	for _, p := range e.Policies() {
		out = append(append(out, p.ID), p.Aliases...)
	}
	return out
}

// allFrameworks returns what --framework may name.
func allFrameworks(e *engine.Engine) []string {
	var out []string
	for _, p := range e.Policies() {
		out = append(out, frameworkNames(p)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
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
