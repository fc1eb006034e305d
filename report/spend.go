package report

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// SpendLines say what was spent in a month, what of it has no owner, and which bills are
// not in it. spent is nil where no bill was read.
func SpendLines(m finding.Billed, spent *finding.Spent) []string {
	var out []string
	switch {
	case spent != nil:
		estimate := ""
		if m.Estimated {
			estimate = ", as estimated while the bill is not final"
		}
		out = append(out, fmt.Sprintf("Spent on %s in %s%s: %s. Without an owner: %s. Owner unknown: %s. %s, without taxes, credits and refunds.",
			strings.Join(m.Providers, ", "), monthOf(m.Start), estimate, money(spent.Total), partsOf(spent.Unowned, spent.Total), partsOf(spent.Unknown, spent.Total), metricNames(m.Metrics)))
	case len(m.Unread) > 0:
		out = append(out, "What was spent is not known.")
	}
	for _, b := range m.Unread {
		why := cmp.Or(b.Error, "nobody said why")
		if b.Permission != "" {
			why = "needs " + b.Permission
		}
		out = append(out, fmt.Sprintf("Not read: the bill of %s %s (%s: %s).", b.Provider, b.Scope, b.Unknown, why))
	}
	for i, line := range out {
		out[i] = clean(line) // errors are what an API said
	}
	return out
}

// spendLines are those of a run; none where no bill was to be read.
func spendLines(run finding.Run) []string {
	m := finding.LatestMonth(run.Spend)
	if len(m.Read) == 0 {
		return SpendLines(m, nil)
	}
	var all finding.Spent
	for _, b := range m.Read {
		for _, c := range b.Charges {
			all.Add(c)
		}
	}
	return SpendLines(m, &all)
}

// metricNames are the costs that bills tell, for people.
func metricNames(metrics []string) string {
	var out []string
	for _, m := range metrics {
		if m == "NetAmortizedCost" { // of Cost Explorer
			m = "Amortised cost after discounts"
		}
		out = append(out, m)
	}
	return strings.Join(out, " and ")
}

// monthOf is the month that begins on a day.
func monthOf(start string) string {
	t, err := time.Parse(time.DateOnly, start)
	if err != nil {
		return start
	}
	return t.Format("January 2006")
}

// money writes amounts with their currencies.
func money(sum finding.Sum) string {
	var out []string
	for _, m := range sum {
		out = append(out, m.Amount.Round(2)+" "+m.Currency)
	}
	return cmp.Or(strings.Join(out, " and "), "nothing")
}

// partsOf writes amounts with the share that they are of a whole. Only what is whole is
// 100 %, and only nothing 0 %.
func partsOf(sum, whole finding.Sum) string {
	var out []string
	for _, m := range sum {
		text := m.Amount.Round(2) + " " + m.Currency
		if share, ok := m.Amount.Share(whole.Of(m.Currency)); ok && share > 0 && share < 1 {
			text += fmt.Sprintf(" (%d %%)", min(99, max(1, int(100*share+0.5))))
		}
		out = append(out, text)
	}
	return cmp.Or(strings.Join(out, " and "), "nothing")
}
