// Package nearest finds the name that somebody who mistyped one probably meant.
package nearest

import (
	"fmt"

	"github.com/agext/levenshtein"
)

// minSimilarity is how alike, from 0 to 1, two names must be to be suggested.
const minSimilarity = 0.6

// Name returns the candidate most like name, and false when none is alike.
func Name(name string, candidates []string) (string, bool) {
	best, score := "", 0.0
	for _, c := range candidates {
		if s := levenshtein.Match(name, c, nil); s > score {
			best, score = c, s
		}
	}
	return best, score >= minSimilarity
}

// Hint returns ": did you mean <candidate>?" or "" when none is alike.
func Hint(name string, candidates []string) string {
	best, ok := Name(name, candidates)
	if !ok {
		return ""
	}
	return fmt.Sprintf(": did you mean %s?", best)
}
