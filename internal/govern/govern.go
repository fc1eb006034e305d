// Package govern says which findings are excused: by a waiver, by the baseline, or
// because their policy only warns until a day. It consists of functions of findings;
// it reads no file and no clock, and it changes no verdict.
//
// Days are UTC. A day up to which something holds is the last one on which it does.
package govern

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Names are the policies that there are: the former ids of each, by its id.
type Names map[string][]string

// all returns every name of a policy, former ones too, sorted.
func (n Names) all() []string {
	var out []string
	for id, former := range n {
		out = append(append(out, id), former...)
	}
	slices.Sort(out)
	return out
}

// renamed returns the ids of today by the former ones.
func (n Names) renamed() map[string]string {
	out := map[string]string{}
	for id, former := range n {
		for _, f := range former {
			out[f] = id
		}
	}
	return out
}

// matching returns the ids of the policies that the id, former id or pattern means,
// sorted.
func (n Names) matching(pattern string) []string {
	var out []string
	for id, former := range n {
		if match(pattern, id) || slices.ContainsFunc(former, func(f string) bool { return match(pattern, f) }) {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// dateLayout is how days are written.
const dateLayout = "2006-01-02"

// ParseDay reads a day such as 2026-12-31 and returns its beginning in UTC.
func ParseDay(s string) (time.Time, error) {
	t, err := time.Parse(dateLayout, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no day such as 2026-12-31", s)
	}
	return t, nil
}

// over reports whether the day is over.
func over(day, now time.Time) bool { return !now.Before(day.AddDate(0, 0, 1)) }

// match reports whether the pattern, in which * is any text and ? one character,
// matches the whole of s. Nothing else means anything: addresses hold brackets.
func match(pattern, s string) bool {
	i, j := 0, 0
	star, from := -1, 0 // the last *, and where the text behind what it stands for begins
	for j < len(s) {
		_, width := utf8.DecodeRuneInString(s[j:])
		switch {
		case i < len(pattern) && pattern[i] == '*':
			star, from = i, j
			i++
		case i < len(pattern) && pattern[i] == '?':
			i++
			j += width
		case i < len(pattern) && pattern[i] == s[j]:
			i++
			j++
		case star >= 0:
			_, width = utf8.DecodeRuneInString(s[from:])
			from += width
			i, j = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[i:], "*") == ""
}

// anything reports whether the pattern says nothing: it is absent, or only wildcards.
func anything(pattern string) bool { return strings.Trim(pattern, "*?") == "" }

// count writes a number of things.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
