package report

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// scored counts the verdicts of one owner, account or category.
type scored struct {
	name string
	finding.Counts
	pass, judged int // weighted by severity
}

// weight is how much a verdict of the severity counts in a score.
func weight(s finding.Severity) int {
	switch s {
	case finding.Critical:
		return 10
	case finding.High:
		return 5
	case finding.Medium:
		return 2
	case finding.Low:
	}
	return 1
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
		s.pass += t.Pass * weight(t.Severity)
		s.judged += (t.Pass + t.Fail) * weight(t.Severity)
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

// unknownShare is how many of the verdicts could not be reached, in percent; none only
// where there are none.
func (s scored) unknownShare() int {
	all := s.Pass + s.Fail + s.Unknown
	if all == 0 || s.Unknown == 0 {
		return 0
	}
	return max(1, 100*s.Unknown/all)
}

func percentText(share int) string {
	if share < 0 {
		return "nothing judged"
	}
	return strconv.Itoa(share) + " %"
}

// scoresNote says what the numbers mean.
const scoresNote = "Passing is the share of verdicts that pass among those that were reached, weighted by severity: critical 10, high 5, medium 2, low 1. " +
	"What is unknown is in neither; its share stands beside, and a high one says that the other may be wrong."

func scoresOf(run finding.Run) *htmlBlock {
	if len(run.Tallies) == 0 {
		return nil
	}
	accounts := map[string]string{}
	for _, s := range run.Scopes {
		accounts[s.Provider+"/"+s.ID] = s.Name
	}
	b := &htmlBlock{Note: scoresNote}
	for _, by := range []struct {
		head, key string
		name      func(finding.Tally) string
		show      func(string) string
		value     func(string) string
	}{
		{"Owner", "owner", func(t finding.Tally) string { return t.Owner }, func(n string) string { return cmp.Or(n, nobody) }, func(n string) string { return n }},
		{"Account", "account", func(t finding.Tally) string { return t.Provider + "/" + t.Scope }, func(n string) string { return cmp.Or(accounts[n], n) }, func(n string) string { return n }},
		{"Category", "category", func(t finding.Tally) string { return string(t.Category) }, func(n string) string { return n }, func(n string) string { return n }},
	} {
		scores := scoresBy(run.Tallies, by.name)
		head := heads(by.head, "#Passing", "", "#Unknown", "#Pass", "#Fail", "#Not judged")
		b.Tables = append(b.Tables, htmlTitled{Title: "By " + by.key, Table: tableOf("Scores by "+by.key, head, len(scores), func(i int) []htmlCell {
			s := scores[i]
			bar := htmlCell{Class: "barcell"}
			if s.share() >= 0 {
				bar.Bar = &htmlShare{"good", s.share()}
			}
			return []htmlCell{
				{Text: clean(by.show(s.name)), Link: where(by.key, by.value(s.name))},
				{Class: "num", Text: percentText(s.share())},
				bar,
				{Class: "num", Text: percentText(s.unknownShare())},
				figure(s.Pass), figure(s.Fail), figure(s.Unknown),
			}
		})})
	}
	return b
}
