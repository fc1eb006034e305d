package report

import (
	"fmt"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// cause is what findings have in common that are mended by mending one block: the
// instances of a resource of Terraform. Those that are excused stay apart from those
// that count, and so do accounts and owners.
type cause struct {
	policy, provider, scope, state, address, owner, path, excuse string
	severity                                                     finding.Severity
	change                                                       finding.Change
}

// oneCause folds findings with one cause into the first of them, which says how many
// there are and where. Their order stays.
func oneCause(findings []finding.Finding) []finding.Finding {
	at := map[cause]int{}
	var out []finding.Finding
	var addresses []string // of the block, "" is none
	var more []int
	for _, f := range findings {
		address, state := address(f.Resource)
		block := blockOf(address)
		key := cause{f.Policy, f.Resource.Provider, f.Resource.Scope, state, block, f.Owner, f.Path, excuse(f), f.Severity, f.Change}
		i, seen := at[key]
		if block == "" || !seen {
			if block != "" {
				at[key] = len(out)
			}
			out, addresses, more = append(out, f), append(addresses, block), append(more, 0)
			continue
		}
		more[i]++
		out[i].MonthlyCost += f.MonthlyCost
	}
	for i, n := range more {
		if n > 0 {
			out[i].Message += fmt.Sprintf(" (and %s of %s)", count(n, "more instance"), addresses[i])
		}
	}
	return out
}

// address is the Terraform address of a resource, with the state where it has one.
func address(r finding.Resource) (address, state string) {
	switch {
	case r.Source != nil && r.Source.Address != "":
		return r.Source.Address, ""
	case r.ManagedBy != nil:
		return r.ManagedBy.Address, r.ManagedBy.State
	}
	return "", ""
}

// blockOf is an address without the keys of instances, "" for one that has none: it is
// the only one of its block.
func blockOf(address string) string {
	var b strings.Builder
	for rest := address; rest != ""; {
		before, key, found := strings.Cut(rest, "[")
		b.WriteString(before)
		if !found {
			break
		}
		if rest = key; strings.HasPrefix(key, `"`) {
			rest = afterText(key)
		}
		_, rest, _ = strings.Cut(rest, "]")
	}
	if b.String() == address {
		return ""
	}
	return b.String()
}

// afterText returns what follows the quoted text at the beginning.
func afterText(s string) string {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return s[i+1:]
		}
	}
	return ""
}
