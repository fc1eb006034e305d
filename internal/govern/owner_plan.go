package govern

import (
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
)

// unsourced is why a rule by path or CODEOWNERS does not know of a planned resource.
const unsourced = "in which file it is written is not known without the sources"

// planned reports whether the resource is one of a plan, which does not say where it will
// be.
func (s ownerSubject) planned() bool { return s.Scope.Provider == "terraform" }

// outside is why a fact about where a resource of the cloud is is not known: a plan does
// not tell it.
func (s ownerSubject) outside(cloud string) providers.Reason {
	if s.planned() && strings.HasPrefix(string(s.Type), cloud) {
		return providers.Outside
	}
	return ""
}

// holderUnknown says why the tags of the account, or the labels of the project, could not be
// read. A plan has those of its own accounts and projects only.
func (s ownerSubject) holderUnknown(provider, cloud string, h providers.Holder) func(plain string) providers.Reason {
	return func(string) providers.Reason {
		tags := s.Scope.TagsOf(h)
		switch {
		case s.outside(cloud) != "" && tags.Unknown == providers.Uncollected:
			return providers.Outside
		case s.outside(cloud) != "", s.Scope.Provider == provider:
			return tags.Unknown
		}
		return ""
	}
}
