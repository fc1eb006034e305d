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

// spendColumns show what was spent, where the run was to read bills. In a scorecard by
// owner what nobody owns has a row of its own.
func spendColumns(card govern.Scorecard) []scoreColumn {
	if card.Bills == nil || card.By == govern.ByCategory {
		return nil
	}
	of := currencies(card)
	unit := ""
	if len(of) == 1 {
		unit = " " + of[0]
	}
	column := func(head string, sum func(*finding.Spent) finding.Sum) scoreColumn {
		return scoreColumn{head + unit, false, false, func(s govern.Score) string {
			if s.Spend == nil {
				return "-"
			}
			return amounts(sum(s.Spend), len(of) > 1)
		}}
	}
	out := []scoreColumn{column("SPENT", func(s *finding.Spent) finding.Sum { return s.Total })}
	if card.By != govern.ByOwner {
		out = append(out, column("UNOWNED", func(s *finding.Spent) finding.Sum { return s.Unowned }))
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
		for _, m := range s.Spend.Total {
			out = append(out, m.Currency)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// amounts are amounts for people, one in a line. Only nothing is a point.
func amounts(sum finding.Sum, named bool) string {
	var out []string
	for _, m := range sum {
		text := m.Amount.Round(0)
		if text == "0" && m.Amount.Compare("0") != 0 {
			text = "< 1"
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
	var b bytes.Buffer
	for _, line := range report.SpendLines(month, card.Total.Spend) {
		hanging(&b, "", line, width)
	}
	return b.String()
}

// spendHead names the columns of the CSV. Where there are several currencies, a cell has
// an amount for each of them, in their order.
func spendHead() []string {
	return []string{"spend", "spend_without_owner", "spend_owner_unknown", "spend_currency", "spend_start", "spend_end", "bills_unread"}
}

func spendCells(card govern.Scorecard, s govern.Score) []string {
	if card.Bills == nil {
		return make([]string, len(spendHead()))
	}
	out := []string{"", "", "", "", card.Bills.Start, card.Bills.End, fmt.Sprint(len(card.Bills.Unread))}
	if s.Spend == nil {
		return out
	}
	of := []string{}
	for _, m := range s.Spend.Total {
		of = append(of, m.Currency)
	}
	for i, sum := range []finding.Sum{s.Spend.Total, s.Spend.Unowned, s.Spend.Unknown} {
		cells := []string{}
		for _, currency := range of {
			cells = append(cells, string(sum.Of(currency)))
		}
		out[i] = cmp.Or(strings.Join(cells, ";"), "0")
	}
	out[3] = strings.Join(of, ";")
	return out
}
