package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
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

// spentBy is what an owner or account spent in one currency.
type spentBy struct {
	of, name string // "owner", and what people call it
	key      string // of an owner its name, for filters
	currency string
	finding.Spent
}

// spendTables are what owners and accounts spent, by currency, the most first.
func spendTables(run finding.Run) [][]spentBy {
	m := finding.LatestMonth(run.Spend)
	owners, accounts := map[[2]string]*spentBy{}, map[[2]string]*spentBy{}
	add := func(to map[[2]string]*spentBy, s spentBy, c finding.Charge) {
		k := [2]string{s.name, c.Currency}
		if to[k] == nil {
			s.currency = c.Currency
			to[k] = &s
		}
		to[k].Add(c)
	}
	for _, b := range m.Read {
		for _, c := range b.Charges {
			owner := c.Owner
			if c.OwnerUnknown != "" {
				owner = finding.UnknownOwner
			}
			add(owners, spentBy{of: "owner", name: cmp.Or(owner, nobody), key: owner}, c)
			name := b.Provider + " " + c.Account
			if c.AccountName != "" {
				name += " (" + c.AccountName + ")"
			}
			add(accounts, spentBy{of: "account", name: name}, c)
		}
	}
	var out [][]spentBy
	for _, by := range []map[[2]string]*spentBy{owners, accounts} {
		var rows []spentBy
		for _, s := range by {
			rows = append(rows, *s)
		}
		slices.SortFunc(rows, func(a, b spentBy) int {
			return cmp.Or(cmp.Compare(a.currency, b.currency), b.Total.Of(b.currency).Compare(a.Total.Of(a.currency)), cmp.Compare(a.name, b.name))
		})
		if len(rows) > 0 {
			out = append(out, rows)
		}
	}
	return out
}

// spendSheet is the sheet of a workbook. Its numbers are rounded; JSON has the exact ones.
func spendSheet(run finding.Run) xlsxSheet {
	cents := func(d finding.Decimal) float64 { return math.Round(100*d.Float()) / 100 }
	head := []xlsxColumn{{"Of", 12}, {"Name", 36}, {"Spent", 14}, {"Without an owner", 18}, {"Owner unknown", 16}, {"Currency", 10}}
	var rows [][]any
	for _, table := range spendTables(run) {
		for _, s := range table {
			rows = append(rows, []any{
				s.of, s.name, cents(s.Total.Of(s.currency)), cents(s.Unowned.Of(s.currency)), cents(s.Unknown.Of(s.currency)), s.currency,
			})
		}
	}
	return xlsxSheet{name: "Spend", head: head, n: len(rows), row: func(i int) []any { return rows[i] }, note: strings.Join(spendLines(run), " ")}
}

// htmlSpend shows what was spent; nil where no bill was read.
func htmlSpend(run finding.Run) []htmlTitled {
	var out []htmlTitled
	for i, rows := range spendTables(run) {
		of := rows[0].of
		head := heads(strings.ToUpper(of[:1])+of[1:], "#Spent", "#Without an owner", "#Owner unknown", "Currency")
		t := htmlTitled{Title: "Spend by " + of, Table: tableOf("Spend by "+of, head, len(rows), func(i int) []htmlCell {
			s := rows[i]
			name := htmlCell{Text: clean(s.name)}
			if s.of == "owner" {
				name.Link = where("owner", s.key)
			}
			return []htmlCell{name, s.cell(s.Total), s.cell(s.Unowned), s.cell(s.Unknown), {Text: clean(s.currency)}}
		})}
		if i == 0 {
			t.Note = strings.Join(spendLines(run), " ")
		}
		out = append(out, t)
	}
	return out
}

// cell shows an amount; nothing is left out.
func (s spentBy) cell(sum finding.Sum) htmlCell {
	amount := sum.Of(s.currency)
	if amount.Compare("0") == 0 {
		return htmlCell{Class: "num"}
	}
	return htmlCell{Class: "num", Text: amount.Round(2)}
}
