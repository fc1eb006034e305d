// Package govern says which findings are excused: by a waiver, by the baseline, or
// because their policy only warns until a day. It consists of functions of findings;
// it reads no file and no clock, and it changes no verdict.
//
// Days are UTC. A day up to which something holds is the last one on which it does.
package govern

import (
	"fmt"
	"slices"
	"time"
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

// Renamed returns the ids of today by the former ones.
func (n Names) Renamed() map[string]string {
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
	p := compile(pattern)
	for id, former := range n {
		if p.match(id) || slices.ContainsFunc(former, p.match) {
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

// count writes a number of things.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
