// Package nearest finds the name that somebody who mistyped one probably meant.
package nearest

import (
	"fmt"
	"strings"
)

// Name returns the candidate most like name, the first of several that are alike,
// and false when none is. Case does not matter.
func Name(name string, candidates []string) (string, bool) {
	typed := strings.ToLower(name)
	best, least := "", 2+len(typed)/4 // slips that are allowed, and one more
	for _, c := range candidates {
		if d := distance(typed, strings.ToLower(c)); d < least && d < len(c) {
			best, least = c, d
		}
	}
	if best != "" || len(typed) < 2 {
		return best, best != ""
	}
	for _, c := range candidates {
		if strings.HasPrefix(strings.ToLower(c), typed) {
			return c, true
		}
	}
	return "", false
}

// Hint returns ": did you mean <candidate>?" or "" when none is alike.
func Hint(name string, candidates []string) string {
	best, ok := Name(name, candidates)
	if !ok {
		return ""
	}
	return fmt.Sprintf(": did you mean %s?", best)
}

// distance is the number of slips between a and b: a letter too many, one too few, a
// wrong one, or two neighbours that changed places.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row = last, row, before
		row[0] = i
		for j := 1; j <= len(b); j++ {
			wrong := 1
			if a[i-1] == b[j-1] {
				wrong = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+wrong)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
