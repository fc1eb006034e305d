package report

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// spentKey says what a row of the spend is about.
type spentKey struct {
	of       string // "owner" or "account"
	id       string // the owner, as filters have it, or the account
	currency string
}

// spentBy is what an owner or account spent in one currency.
type spentBy struct {
	spentKey
	name string // what people call it
	finding.Spent
	trend []spendPoint // the earliest first, the run as the last; none without an earlier one
}

// spendPoint is what was spent in all, as a run says.
type spendPoint struct {
	time   time.Time
	amount finding.Decimal
}

// spentRows are what owners and accounts spent.
func spentRows(m finding.Billed) map[spentKey]*spentBy {
	out := map[spentKey]*spentBy{}
	add := func(of, id, name string, c finding.Charge) {
		k := spentKey{of, id, c.Currency}
		if out[k] == nil {
			out[k] = &spentBy{spentKey: k, name: name}
		}
		out[k].Add(c)
	}
	for _, b := range m.Read {
		for _, c := range b.Charges {
			owner := c.Owner
			if c.OwnerUnknown != "" {
				owner = finding.UnknownOwner
			}
			add("owner", owner, cmp.Or(owner, nobody), c)
			id := b.Provider + " " + c.Account
			name := id
			if c.AccountName != "" {
				name += " (" + c.AccountName + ")"
			}
			add("account", id, name, c)
		}
	}
	return out
}

// spendTables are what owners and accounts spent, by currency, the most first.
func spendTables(run finding.Run) [][]spentBy {
	rows := spentRows(finding.LatestMonth(run.Spend))
	addSpendTrends(run, rows)
	var out [][]spentBy
	for _, of := range []string{"owner", "account"} {
		var table []spentBy
		for k, s := range rows {
			if k.of == of {
				table = append(table, *s)
			}
		}
		slices.SortFunc(table, func(a, b spentBy) int {
			return cmp.Or(cmp.Compare(a.currency, b.currency), b.total().Compare(a.total()), cmp.Compare(a.name, b.name), cmp.Compare(a.id, b.id))
		})
		if len(table) > 0 {
			out = append(out, table)
		}
	}
	return out
}

func (s spentBy) total() finding.Decimal { return s.Total.Of(s.currency) }

// addSpendTrends adds to the rows what earlier runs of the last 90 days say that read the
// same bills. What was on none of their bills has no point there: it may not have been
// there. What an owner spent has none where it is not known whose some of it is.
func addSpendTrends(run finding.Run, rows map[spentKey]*spentBy) {
	now := finding.LatestMonth(run.Spend)
	told := func(rows map[spentKey]*spentBy) bool {
		for k := range rows {
			if k.of == "owner" && k.id == finding.UnknownOwner {
				return false
			}
		}
		return true
	}
	toldNow := told(rows)
	same := map[*finding.Bill]map[spentKey]*spentBy{} // runs share what they say alike
	for _, e := range run.Earlier {
		if len(e.Spend) == 0 || run.Time.Sub(e.Time) > trendDays*24*time.Hour {
			continue
		}
		then, known := same[&e.Spend[0]]
		if !known {
			if m := finding.LatestMonth(e.Spend); m.Comparable(now) {
				then = spentRows(m)
			}
			same[&e.Spend[0]] = then
		}
		owned := toldNow && told(then)
		for k, s := range rows {
			if was := then[k]; was != nil && (owned || k.of != "owner" || k.id == finding.UnknownOwner) {
				s.trend = append(s.trend, spendPoint{e.Time, was.total()})
			}
		}
	}
	for _, s := range rows {
		if len(s.trend) > 0 {
			s.trend = append(s.trend, spendPoint{run.Time, s.total()})
		}
	}
}

// changed is by how much the amount changed since the first point.
func (s spentBy) changed() (by finding.Decimal, since time.Time, ok bool) {
	if len(s.trend) == 0 {
		return "0", time.Time{}, false
	}
	return s.total().Sub(s.trend[0].amount), s.trend[0].time, true
}

// line draws the amounts from 0 to the highest of them; nil where there is no trend.
func (s spentBy) line(now time.Time) *htmlLine {
	by, since, ok := s.changed()
	if !ok {
		return nil
	}
	highest := finding.Decimal("0")
	for _, p := range s.trend {
		if p.amount.Compare(highest) > 0 {
			highest = p.amount
		}
	}
	var points []trendPoint
	for _, p := range s.trend {
		share, _ := p.amount.Share(highest)
		points = append(points, trendPoint{p.time, 100 * max(0, share), -1})
	}
	words := "spent: " + s.trend[0].amount.Round(2) + " " + s.currency + " on " + since.UTC().Format("2 January 2006") + ", " + s.total().Round(2) + " " + s.currency + " now"
	if by.Compare("0") == 0 {
		words += " (no change)"
	}
	return &htmlLine{trendLine(thinned(points, 45, now), passingOf, now, 100, 20), clean(words)}
}

// signedAmount is by how much an amount changed, for a column.
func signedAmount(by finding.Decimal) string {
	if by.Compare("0") > 0 {
		return "+" + by.Round(2)
	}
	return by.Round(2)
}

// spendHasTrend reports whether a row has one.
func spendHasTrend(rows []spentBy) bool {
	return slices.ContainsFunc(rows, func(s spentBy) bool { return len(s.trend) > 0 })
}

// spendSheet is the sheet of a workbook. Its numbers are rounded; JSON has the exact ones.
func spendSheet(run finding.Run) xlsxSheet {
	cents := func(d finding.Decimal) float64 { return math.Round(100*d.Float()) / 100 }
	head := []xlsxColumn{{"Of", 12}, {"Name", 36}, {"Spent", 14}, {"Without an owner", 18}, {"Owner unknown", 16}, {"Currency", 10}}
	list := slices.Concat(spendTables(run)...)
	if spendHasTrend(list) {
		head = append(head, xlsxColumn{"Change since", 14}, xlsxColumn{"Change", 14})
	}
	var rows [][]any
	for _, s := range list {
		row := []any{s.of, s.name, cents(s.total()), cents(s.Unowned.Of(s.currency)), cents(s.Unknown.Of(s.currency)), s.currency}
		if by, since, ok := s.changed(); ok {
			row = append(row, since.UTC().Format(time.DateOnly), cents(by))
		}
		rows = append(rows, row)
	}
	return xlsxSheet{name: "Spend", head: head, n: len(rows), row: func(i int) []any { return rows[i] }, note: strings.Join(spendLines(run), " ")}
}

// htmlSpend shows what was spent; nil where no bill was read.
func htmlSpend(run finding.Run) []htmlTitled {
	var out []htmlTitled
	trended := false
	for i, rows := range spendTables(run) {
		of := rows[0].of
		head := heads(strings.ToUpper(of[:1])+of[1:], "#Spent", "#Without an owner", "#Owner unknown", "Currency")
		trend := spendHasTrend(rows)
		if trend {
			head = append(head, heads("90 days", "#Change")...)
		}
		trended = trended || trend
		t := htmlTitled{Title: "Spend by " + of, Table: tableOf("Spend by "+of, head, len(rows), func(i int) []htmlCell {
			s := rows[i]
			name := htmlCell{Text: clean(s.name)}
			if s.of == "owner" {
				name.Link = where("owner", s.id)
			}
			row := []htmlCell{name, s.cell(s.Total), s.cell(s.Unowned), s.cell(s.Unknown), {Text: clean(s.currency)}}
			if !trend {
				return row
			}
			line, changed := htmlCell{Class: "linecell", Line: s.line(run.Time)}, htmlCell{Class: "num"}
			if by, _, ok := s.changed(); ok {
				changed.Text = signedAmount(by)
			}
			return append(row, line, changed)
		})}
		if i == 0 {
			t.Note = strings.Join(spendLines(run), " ")
			if trended {
				t.Note += " Change is since the first run of the last 90 days that read the same bills."
			}
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
