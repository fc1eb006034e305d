package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// scored counts the verdicts of one owner, account or category.
type scored struct {
	name string
	finding.Counts
	pass, judged, unknown int // weighted by severity
}

// scoresBy sums the tallies by name: the lowest share first, and those of which nothing
// could be judged before all others.
func scoresBy(tallies []finding.Tally, name func(finding.Tally) string) []scored {
	by := map[string]*scored{}
	for _, t := range tallies {
		n := name(t)
		if by[n] == nil {
			by[n] = &scored{name: n}
		}
		s := by[n]
		s.Pass += t.Pass
		s.Fail += t.Fail
		s.Unknown += t.Unknown
		s.NotApplicable += t.NotApplicable
		by := t.Severity.Weight()
		s.pass += by * t.Pass
		s.judged += by * (t.Pass + t.Fail)
		s.unknown += by * t.Unknown
	}
	var out []scored
	for _, n := range slices.Sorted(maps.Keys(by)) {
		out = append(out, *by[n])
	}
	slices.SortStableFunc(out, func(a, b scored) int { return cmp.Compare(a.share(), b.share()) })
	return out
}

// share is how many of the verdicts that were reached pass, weighted by severity, in
// percent; -1 where none was reached. Only what is whole is 100.
func (s scored) share() int {
	if s.judged == 0 {
		return -1
	}
	return 100 * s.pass / s.judged
}

// unknownShare is how many of the verdicts could not be reached, weighted likewise, in
// percent; none only where there are none.
func (s scored) unknownShare() int {
	if s.unknown == 0 {
		return 0
	}
	return max(1, 100*s.unknown/(s.judged+s.unknown))
}

func percentText(share int) string {
	if share < 0 {
		return "nothing judged"
	}
	return strconv.Itoa(share) + " %"
}

// scoresNote says what the numbers mean.
func scoresNote() string {
	var weights []string
	for _, severity := range finding.Severities() {
		weights = append(weights, fmt.Sprintf("%s %d", severity, severity.Weight()))
	}
	return "Passing is the share of verdicts that pass among those that were reached, weighted by severity: " + strings.Join(weights, ", ") + ". " +
		"What is unknown is in neither; its share stands beside, and a high one says that the other may be wrong."
}

// scorecard is what scores are of: owners, accounts or categories.
type scorecard struct {
	of     string // "owner": what findings are filtered by too
	scores []scored
	show   func(name string) string // what people call it
	trends map[string][]trendPoint  // by name; empty where there are no earlier runs
}

// scorecards are computed from the tallies; there are none where there are no tallies.
func scorecards(run finding.Run) []scorecard {
	if len(run.Tallies) == 0 {
		return nil
	}
	accounts, times := map[string]string{}, map[string]int{}
	for _, s := range run.Scopes {
		times[s.Name]++
	}
	for _, s := range run.Scopes {
		name := s.Name
		if times[name] > 1 && name != "" && name != s.ID {
			name += " (" + s.ID + ")"
		}
		accounts[s.Provider+"/"+s.ID] = name
	}
	by := func(of string, name func(finding.Tally) string, show func(string) string) scorecard {
		return scorecard{of, scoresBy(run.Tallies, name), show, trends(run, name)}
	}
	return []scorecard{
		by("owner", tallyOwner, func(n string) string { return cmp.Or(n, nobody) }),
		by("account", func(t finding.Tally) string { return t.Provider + "/" + t.Scope }, func(n string) string { return cmp.Or(accounts[n], n) }),
		by("category", func(t finding.Tally) string { return string(t.Category) }, func(n string) string { return n }),
	}
}

func tallyOwner(t finding.Tally) string {
	if t.OwnerUnknown {
		return finding.UnknownOwner
	}
	return t.Owner
}
