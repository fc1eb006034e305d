package aws

import (
	"path"
	"strings"
)

// patterns select names; see Config.Accounts.
type patterns []string

// match reports whether any of a thing's names is selected and none is taken away.
func (p patterns) match(names ...string) bool {
	selected, positive := false, false
	for _, pattern := range p {
		taken := strings.HasPrefix(pattern, "!")
		pattern = strings.TrimPrefix(pattern, "!")
		positive = positive || !taken
		for _, n := range names {
			if n == "" || !glob(pattern, n) {
				continue
			}
			if taken {
				return false
			}
			selected = true
		}
	}
	return selected || !positive
}

// literal returns the plain names, and whether every pattern that selects is one
// and there is one at all.
func (p patterns) literal() (names []string, only bool) {
	only = true
	for _, pattern := range p {
		switch {
		case strings.HasPrefix(pattern, "!"):
		case strings.ContainsAny(pattern, `*?[\`):
			only = false
		default:
			names = append(names, pattern)
		}
	}
	return names, only && len(names) > 0
}

// glob matches without regard to slashes: account names may hold them.
func glob(pattern, name string) bool {
	flat := strings.NewReplacer("/", "\x00")
	ok, err := path.Match(flat.Replace(pattern), flat.Replace(name))
	return ok && err == nil
}
