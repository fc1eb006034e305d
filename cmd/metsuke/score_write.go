package main

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/report"
)

// writeScorecard writes a scorecard in a format.
func writeScorecard(p *process, format string, card govern.Scorecard) error {
	switch format {
	case "json":
		return writeJSON(p.stdout, scoreDocument{"metsuke.scorecard", 1, card})
	case "csv":
		return writeScoreCSV(p, card)
	}
	return writeScoreTable(p, card)
}

// scoreDocument is a scorecard as JSON. docs/schema/scorecard.v1.json is its schema.
type scoreDocument struct {
	Kind    string `json:"kind"`
	Version int    `json:"version"`
	govern.Scorecard
}

// scoreColumn is a column of the table.
type scoreColumn struct {
	head  string
	left  bool // text, and not a number
	room  int  // the width of the terminal from which on it is shown
	value func(govern.Score) string
}

// From these widths on there is room for all columns but those of how spend changed, for
// these of one sum, and of two.
const (
	roomForScores = 150
	roomForSpend  = 180
	roomForBoth   = 215
)

func writeScoreTable(p *process, card govern.Scorecard) error {
	columns := []scoreColumn{
		{strings.ToUpper(string(card.By)), true, 0, func(s govern.Score) string { return scoreTitle(card.By, s) }},
		{"PASSING", false, 0, func(s govern.Score) string { return percent(s.Passing) }},
		{"90 DAYS", true, 0, func(s govern.Score) string { return sparkline(s.Past, card.Run.Time) }},
	}
	for i, days := range []int{7, 30, 90} {
		room := 0
		if days == 7 {
			room = roomForScores
		}
		columns = append(columns, scoreColumn{fmt.Sprintf("%d D", days), false, room, func(s govern.Score) string { return points(s.Trend[i].Since) }})
	}
	columns = append(columns, scoreColumn{"UNKNOWN", false, 0, func(s govern.Score) string { return percent(s.Unknown) }})
	for _, severity := range finding.Severities() {
		room := 0
		if severity == finding.Medium || severity == finding.Low {
			room = roomForScores
		}
		columns = append(columns, scoreColumn{strings.ToUpper(string(severity)), false, room, func(s govern.Score) string { return figure(openOf(s, severity).Total) }})
	}
	columns = append(columns,
		scoreColumn{"> 90 D", false, 0, func(s govern.Score) string { return figure(older(s)) }},
		scoreColumn{"FIX DAYS", false, 0, func(s govern.Score) string { return days(s.DaysToFix) }},
		scoreColumn{"WAIVED", false, roomForScores, func(s govern.Score) string { return percent(s.Waived) }},
		scoreColumn{"TAGS", false, roomForScores, func(s govern.Score) string { return percent(s.TagCoverage) }},
		scoreColumn{"AS CODE", false, roomForScores, func(s govern.Score) string { return percent(s.AsCode) }},
		scoreColumn{"$/MONTH", false, 0, func(s govern.Score) string { return figure(int(math.Round(s.SavingUSD))) }},
	)
	columns = append(columns, spendColumns(card)...)
	var l report.Listing
	rows := append(append([]govern.Score{}, card.Scores...), card.Total)
	l.Rows = make([][]string, len(rows))
	for _, c := range columns {
		if p.width > 0 && p.width < c.room {
			continue
		}
		least := 0
		if len(l.Head) == 0 {
			least = 10
		}
		if !c.left {
			l.Right = append(l.Right, len(l.Head))
		}
		l.Head, l.Least = append(l.Head, c.head), append(l.Least, least)
		for i, s := range rows {
			text := c.value(s)
			if i == len(rows)-1 && len(l.Head) == 1 {
				text = "all"
			}
			l.Rows[i] = append(l.Rows[i], text)
		}
	}
	if err := report.WriteListing(p.stdout, p.page(), l); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.stdout, "\nThe run of %s read %d of %d cells; what it could not read is in no row.\n"+
		"PASSING weighs verdicts by severity (critical 10, high 5, medium 2, low 1) and leaves out what is UNKNOWN.\n"+
		"7, 30 and 90 D: how the figure before them changed. By severity: open failures that count.\n%s",
		card.Run.Time.UTC().Format("2006-01-02 15:04 UTC"), card.Coverage.CellsRead, card.Coverage.CellsPlanned, spendNote(card, cmp.Or(p.width, 100)))
	return err
}

// percent is a share in words. Only what is whole is 100 %, and only nothing 0 %.
func percent(share *float64) string {
	if share == nil {
		return "-"
	}
	n := math.Round(100 * *share)
	switch {
	case n == 100 && *share < 1:
		n = 99
	case n == 0 && *share > 0:
		n = 1
	}
	return strconv.Itoa(int(n)) + " %"
}

// points is a change in hundredths.
func points(change *float64) string {
	if change == nil {
		return "-"
	}
	n := int(math.Round(100 * *change))
	if n == 0 {
		return "0"
	}
	return fmt.Sprintf("%+d", n)
}

func days(d *float64) string {
	if d == nil {
		return "-"
	}
	return strconv.FormatFloat(*d, 'f', 1, 64)
}

func figure(n int) string {
	if n == 0 {
		return "."
	}
	return strconv.Itoa(n)
}

// openOf returns the open failures of a severity.
func openOf(s govern.Score, severity finding.Severity) govern.OpenFindings {
	for _, o := range s.Open {
		if o.Severity == severity {
			return o
		}
	}
	return govern.OpenFindings{}
}

// older counts open failures of more than 90 days.
func older(s govern.Score) int {
	n := 0
	for _, o := range s.Open {
		n += o.Older
	}
	return n
}

// sparkline draws shares from 0 to 1 over the last 90 days: the last one in each of twelve
// parts of them, and a gap where there is none.
func sparkline(past []govern.ScorePoint, now time.Time) string {
	const parts = 12
	const part = 90 * 24 * time.Hour / parts
	bars := []rune("▁▂▃▄▅▆▇█")
	line := []rune(strings.Repeat(" ", parts))
	for _, at := range past {
		i := parts - 1 - int(now.Sub(at.Time)/part)
		if i < 0 {
			i = 0
		}
		line[i] = bars[min(int(at.Passing*float64(len(bars))), len(bars)-1)]
	}
	return strings.TrimLeft(string(line), " ")
}

// scoreHead names the columns of the CSV. New ones are added at the end.
func scoreHead() []string {
	out := []string{"by", "name", "account_name", "passing", "unknown", "pass", "fail", "unknown_verdicts", "not_applicable"}
	for _, s := range finding.Severities() {
		out = append(out, "open_"+string(s))
	}
	out = append(out, "open_up_to_7_days", "open_up_to_30_days", "open_up_to_90_days", "open_older", "waived", "tag_coverage", "days_to_fix", "fixed",
		"saving_usd", "as_code", "change_7_days", "change_30_days", "change_90_days", "run", "run_time", "cells_planned", "cells_read")
	return append(out, spendHead()...)
}

// writeScoreCSV writes shares as numbers from 0 to 1, and nothing for what is of nothing.
func writeScoreCSV(p *process, card govern.Scorecard) error {
	w := csv.NewWriter(p.stdout)
	if err := w.Write(scoreHead()); err != nil {
		return err
	}
	for _, s := range card.Scores {
		title, _, _ := strings.Cut(scoreTitle(card.By, s), "\n")
		row := []string{
			string(card.By), report.CellText(title), report.CellText(s.AccountName), number(s.Passing), number(s.Unknown),
			strconv.Itoa(s.Verdicts.Pass), strconv.Itoa(s.Verdicts.Fail), strconv.Itoa(s.Verdicts.Unknown), strconv.Itoa(s.Verdicts.NotApplicable),
		}
		var ages [4]int
		for _, severity := range finding.Severities() {
			o := openOf(s, severity)
			row = append(row, strconv.Itoa(o.Total))
			for i, n := range []int{o.Week, o.Month, o.Quarter, o.Older} {
				ages[i] += n
			}
		}
		for _, n := range ages {
			row = append(row, strconv.Itoa(n))
		}
		row = append(row, number(s.Waived), number(s.TagCoverage), number(s.DaysToFix), strconv.Itoa(s.Fixed), number(&s.SavingUSD), number(s.AsCode))
		for _, t := range s.Trend {
			row = append(row, number(t.Since))
		}
		row = append(row, report.CellText(card.Run.ID), card.Run.Time.UTC().Format(time.RFC3339), strconv.Itoa(card.Coverage.CellsPlanned), strconv.Itoa(card.Coverage.CellsRead))
		row = append(row, spendCells(card, s)...)
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

func number(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}
