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
		out = append(out, fmt.Sprintf("Spent %s: %s. Without an owner: %s. Owner unknown: %s. %s.",
			spentIn(m), money(spent.Total), partsOf(spent.Unowned, spent.Total), partsOf(spent.Unknown, spent.Total), costsOf(m)))
	case len(m.Unread) > 0:
		out = append(out, "What was spent is not known.")
	}
	return withUnread(out, m)
}

// OwnerSpendLines say what one owner spent, or what was spent without one: "". unknown is
// what may be theirs besides; spent is nil where it is not known.
func OwnerSpendLines(m finding.Billed, owner string, spent *finding.Spent, unknown finding.Sum) []string {
	by := "by " + owner
	if owner == "" {
		by = "without an owner"
	}
	out := []string{"What was spent " + by + " is not known."}
	if spent != nil {
		out[0] = fmt.Sprintf("Spent %s %s: %s. %s.", spentIn(m), by, money(spent.Total), costsOf(m))
	}
	if !unknown.Nothing() {
		out = append(out, "Of "+money(unknown)+" it cannot be told whose it is: some may be part of this.")
	}
	return withUnread(out, m)
}

// spentIn says where and when something was spent.
func spentIn(m finding.Billed) string {
	estimate := ""
	if m.Estimated {
		estimate = ", as estimated while the bill is not final"
	}
	return "on " + strings.Join(m.Providers, ", ") + " in " + monthOf(m.Start) + estimate
}

// costsOf says which costs amounts are.
func costsOf(m finding.Billed) string {
	return metricNames(m.Metrics) + ", without taxes, credits and refunds"
}

// withUnread adds which bills could not be read.
func withUnread(out []string, m finding.Billed) []string {
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
