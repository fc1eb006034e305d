package finding

import (
	"slices"
	"strings"
)

// Outgrows reports whether the finding has a defect that is not among those that were
// known under its fingerprint: the same fault, and more of it. Where none were said to
// be known, all are.
func (f Finding) Outgrows(known []string) bool {
	return len(known) > 0 && slices.ContainsFunc(f.Defects, func(d string) bool { return !among(known, d) })
}

// StillThere returns what of the known defects is left, when these are there now: the
// same ones, and of one that stands for many (s3:*) those that it was narrowed to.
func StillThere(known, now []string) []string {
	var left []string
	for _, d := range now {
		if among(known, d) {
			left = append(left, d)
		}
	}
	slices.Sort(left)
	return slices.Compact(left)
}

// Together returns one finding for two under one fingerprint: as bad as the worse, with the
// defects of both. Where one of them says none, neither does it.
func (f Finding) Together(o Finding) Finding {
	if o.Severity.Rank() < f.Severity.Rank() {
		f.Severity = o.Severity
	}
	if len(f.Defects) == 0 || len(o.Defects) == 0 {
		f.Defects = nil
		return f
	}
	f.Defects = slices.Concat(f.Defects, o.Defects)
	slices.Sort(f.Defects)
	f.Defects = slices.Compact(f.Defects)
	return f
}

// among reports whether a defect is one of those that were known, or a part of one.
func among(known []string, defect string) bool {
	return slices.ContainsFunc(known, func(k string) bool { return holds(k, defect) })
}

// holds reports whether the name of a defect is the other one, or stands for it among
// others: a * in it is any text, as in the actions and resources of IAM.
func holds(name, other string) bool {
	first, rest, wild := strings.Cut(name, "*")
	if !wild {
		return name == other
	}
	other, ok := strings.CutPrefix(other, first)
	if !ok {
		return false
	}
	parts := strings.Split(rest, "*")
	last := len(parts) - 1
	for _, part := range parts[:last] {
		if _, other, ok = strings.Cut(other, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(other, parts[last])
}
