package providers

import (
	"maps"
	"strings"
)

// Holder is what holds resources and has tags of its own, which they may inherit.
type Holder string

// The holders.
const (
	Account Holder = "account" // an AWS account, with its tags in AWS Organizations
	Project Holder = "project" // a Google Cloud project, with its labels
)

// HolderOf returns what holds resources of the type; "" where nothing does of which tags
// could be inherited. Accounts, projects, folders and organisations are no part of the
// account or project that they are read through.
func HolderOf(t Type) Holder {
	switch {
	case strings.HasPrefix(string(t), "aws_organizations_"):
		return ""
	case t == "google_project", t == "google_folder", t == "google_organization":
		return ""
	case strings.HasPrefix(string(t), "aws_"):
		return Account
	case strings.HasPrefix(string(t), "google_"):
		return Project
	}
	return ""
}

// HolderTags are the tags that an account or project has of its own.
type HolderTags struct {
	Of      string            // whose they are, for people: "account 111111111111 (payments)"
	Tags    map[string]string // nil while Unknown
	Unknown Reason            // why they are not known: Uncollected where nobody asked
	Err     string            // what the API said, where it was asked and did not tell them
}

// holderLabels are how a scope's labels say what its holder's tags are: that they were
// read, each of them, or why they could not be read. No tag can be taken for the others.
type holderLabels struct{ of, tag, unknown, err string }

func (h Holder) labels() holderLabels {
	if h == Project {
		return holderLabels{"project_labels", "project_label.", "project_labels.unknown", "project_labels.error"}
	}
	return holderLabels{"account_tags", "account_tag.", "account_tags.unknown", "account_tags.error"}
}

// WithTags returns the scope saying which tags its account or project has of its own. A
// provider does so when it is asked to, because a tagging standard or an owner rule looks
// at them.
func (s Scope) WithTags(h Holder, t HolderTags) Scope {
	l, labels := h.labels(), maps.Clone(s.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	maps.DeleteFunc(labels, func(k, _ string) bool { return k == l.unknown || k == l.err || strings.HasPrefix(k, l.tag) })
	labels[l.of] = t.Of
	if t.Unknown != "" {
		labels[l.unknown] = string(t.Unknown)
		if t.Err != "" {
			labels[l.err] = t.Err
		}
	} else {
		for k, v := range t.Tags {
			labels[l.tag+k] = v
		}
	}
	s.Labels = labels
	return s
}

// TagsOf returns the tags that the scope's account or project has of its own.
func (s Scope) TagsOf(h Holder) HolderTags {
	l := h.labels()
	of, asked := s.Labels[l.of]
	if why := s.Labels[l.unknown]; why != "" || !asked {
		if !asked {
			why = string(Uncollected)
		}
		return HolderTags{Of: of, Unknown: Reason(why), Err: s.Labels[l.err]}
	}
	out := HolderTags{Of: of, Tags: map[string]string{}}
	for k, v := range s.Labels {
		if key, ok := strings.CutPrefix(k, l.tag); ok {
			out.Tags[key] = v
		}
	}
	return out
}
