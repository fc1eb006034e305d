package report

import (
	"cmp"
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
// there are and where. Their order stays. What is not folded is not copied, for there can
// be very many.
func oneCause(findings []finding.Finding) []*finding.Finding {
	type fold struct {
		at   int // in out
		more int
	}
	folds := map[cause]*fold{}
	out := make([]*finding.Finding, 0, len(findings))
	for i := range findings {
		f := &findings[i]
		address, state := address(f.Resource)
		block := blockOf(address)
		if block == "" {
			out = append(out, f)
			continue
		}
		key := cause{f.Policy, f.Resource.Provider, f.Resource.Scope, state, block, f.Owner, f.Path, excuse(*f), f.Severity, f.Change}
		into := folds[key]
		if into == nil {
			folds[key] = &fold{at: len(out)}
			out = append(out, f)
			continue
		}
		if into.more++; into.more == 1 {
			first := *out[into.at]
			out[into.at] = &first
		}
		out[into.at].MonthlyCost += f.MonthlyCost
	}
	for key, f := range folds {
		if f.more > 0 {
			out[f.at].Message += fmt.Sprintf(" (and %s of %s)", count(f.more, "more instance"), key.address)
		}
	}
	return out
}

// causeOf names what a failing finding has in common with others that are mended by mending
// one block of Terraform: the address of the block without the keys of instances, and where
// it is written. Findings of one policy with the same cause are one fault in the
// configuration. It is "" where no Terraform is known of.
func causeOf(f finding.Finding) string {
	address, state := address(f.Resource)
	if address == "" || f.Verdict != finding.Fail {
		return ""
	}
	cause := cmp.Or(blockOf(address), address)
	if state != "" {
		cause = state + ": " + cause
	}
	source := f.Resource.Source
	if source == nil && f.Resource.ManagedBy != nil {
		source = f.Resource.ManagedBy.Source
	}
	if source != nil && source.File != "" {
		cause += " (" + fileLine(source.File, source.Line) + ")"
	}
	return cause
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
	if !strings.Contains(address, "[") {
		return ""
	}
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
