package main

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/report"
)

// spendColumns show what was spent, where the run was to read bills, and by how much that
// changed. In a scorecard by owner what nobody owns has a row of its own.
func spendColumns(card govern.Scorecard) []scoreColumn {
	if card.Bills == nil || card.By == govern.ByCategory {
		return nil
	}
	of := currencies(card)
	unit := ""
	if len(of) == 1 {
		unit = " " + of[0]
	}
	total := partColumn{"SPENT" + unit, roomForSpend, len(of) > 1, func(s *finding.Spent) finding.Sum { return s.Total }, totalChange}
	if card.By == govern.ByOwner {
		return total.columns()
	}
	total.room = roomForBoth
	unowned := partColumn{"UNOWNED" + unit, roomForBoth, len(of) > 1, func(s *finding.Spent) finding.Sum { return s.Unowned }, unownedChange}
	return append(total.columns(), unowned.columns()...)
}

// totalChange and unownedChange are by how much what was spent changed, false where that is
// not known.
func totalChange(c govern.SpendChange) (finding.Sum, bool) {
	if c.Since == nil {
		return nil, false
	}
	return c.Since.Total, true
}

func unownedChange(c govern.SpendChange) (finding.Sum, bool) {
	if c.Since == nil || c.Since.Unowned == nil {
		return nil, false
	}
	return *c.Since.Unowned, true
}

// partColumn shows one of the sums of what was spent, followed by its changes.
type partColumn struct {
	head   string
	room   int  // from which on the changes are shown
	named  bool // amounts need their currency
	sum    func(*finding.Spent) finding.Sum
	change func(govern.SpendChange) (finding.Sum, bool)
}

func (c partColumn) columns() []scoreColumn {
	out := []scoreColumn{{c.head, false, 0, func(s govern.Score) string {
		if s.Spend == nil {
			return "-"
		}
		return amounts(c.sum(s.Spend), c.named)
	}}}
	for i, days := range []int{7, 30, 90} {
		out = append(out, scoreColumn{fmt.Sprintf("%d D", days), false, c.room, func(s govern.Score) string {
			if len(s.SpendTrend) > 0 {
				if by, known := c.change(s.SpendTrend[i]); known {
					return differences(by, c.named)
				}
			}
			return "-"
		}})
	}
	return out
}

// currencies are those of a scorecard, sorted.
func currencies(card govern.Scorecard) []string {
	var out []string
	for _, s := range append(slices.Clone(card.Scores), card.Total) {
		if s.Spend == nil {
			continue
		}
		out = append(out, currenciesOf(s)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// currenciesOf are those of a row, sorted: of what was spent, and of what it is compared
// with.
func currenciesOf(s govern.Score) []string {
	sums := []finding.Sum{s.Spend.Total}
	for _, by := range s.SpendTrend {
		if by.Since != nil {
			sums = append(sums, by.Since.Total)
		}
	}
	out := []string{}
	for _, m := range slices.Concat(sums...) {
		out = append(out, m.Currency)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// amounts are amounts for people, one in a line. Only nothing is a point.
func amounts(sum finding.Sum, named bool) string {
	var out []string
	for _, m := range sum {
		text := m.Amount.Round(0)
		switch by := m.Amount.Compare("0"); {
		case text != "0" || by == 0:
		case by > 0:
			text = "< 1"
		default:
			text = "> -1"
		}
		if named {
			text += " " + m.Currency
		}
		out = append(out, text)
	}
	if text := strings.Join(out, "\n"); text != "" && text != "0" {
		return text
	}
	return "."
}

// differences are by how much amounts changed, one in a line; 0 is only what did not.
func differences(sum finding.Sum, named bool) string {
	var out []string
	for _, m := range sum {
		text := m.Amount.Round(0)
		switch by := m.Amount.Compare("0"); {
		case by > 0 && text == "0":
			text = "< +1"
		case by < 0 && text == "0":
			text = "> -1"
		case by > 0:
			text = "+" + text
		}
		if named {
			text += " " + m.Currency
		}
		out = append(out, text)
	}
	return cmp.Or(strings.Join(out, "\n"), "0")
}

// spendNote says what the spend is, and what it lacks; "" where no bills were asked for.
func spendNote(card govern.Scorecard, width int) string {
	about := card.Bills
	if about == nil || card.By == govern.ByCategory {
		return ""
	}
	month := finding.Billed{Start: about.Start, Providers: about.Providers, Metrics: about.Metrics, Estimated: about.Estimated}
	for _, u := range about.Unread {
		month.Unread = append(month.Unread, finding.Bill{Provider: u.Provider, Scope: u.Scope, Unknown: u.Reason, Error: u.Error, Permission: u.Permission})
	}
	lines := report.SpendLines(month, card.Total.Spend)
	if card.Owner != nil {
		lines = report.OwnerSpendLines(month, *card.Owner, card.Total.Spend, about.Unknown)
	}
	var b bytes.Buffer
	for _, line := range lines {
		hanging(&b, "", line, width)
	}
	return b.String()
}

// spendHead names the columns of the CSV. Where there are several currencies, a cell has
// an amount for each of them, in their order.
func spendHead() []string {
	out := []string{"spend", "spend_without_owner", "spend_owner_unknown", "spend_currency", "spend_start", "spend_end", "bills_unread"}
	for _, sum := range []string{"spend", "spend_without_owner"} {
		for _, days := range []int{7, 30, 90} {
			out = append(out, fmt.Sprintf("%s_change_%d_days", sum, days))
		}
	}
	return out
}

func spendCells(card govern.Scorecard, s govern.Score) []string {
	out := make([]string, len(spendHead()))
	if card.Bills == nil {
		return out
	}
	out[4], out[5], out[6] = report.CellText(card.Bills.Start), report.CellText(card.Bills.End), fmt.Sprint(len(card.Bills.Unread))
	if s.Spend == nil {
		return out
	}
	of := currenciesOf(s)
	exact := func(sum finding.Sum) string {
		cells := []string{}
		for _, currency := range of {
			cells = append(cells, string(sum.Of(currency)))
		}
		return cmp.Or(strings.Join(cells, ";"), "0")
	}
	out[3] = report.CellText(strings.Join(of, ";"))
	out[0], out[1], out[2] = exact(s.Spend.Total), exact(s.Spend.Unowned), exact(s.Spend.Unknown)
	for i, c := range s.SpendTrend {
		if by, known := totalChange(c); known {
			out[7+i] = exact(by)
		}
		if by, known := unownedChange(c); known {
			out[10+i] = exact(by)
		}
	}
	return out
}
