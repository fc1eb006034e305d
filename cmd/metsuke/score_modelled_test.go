package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
)

// rowOf names the row of something.
func rowOf(by govern.ScoreBy, whose finding.Ownership, provider, scope string, c finding.Category) string {
	switch {
	case by == govern.ByAccount:
		return provider + " " + scope
	case by == govern.ByProvider:
		return provider
	case by == govern.ByCategory:
		return string(c)
	case whose.Unknown != "":
		return finding.UnknownOwner
	}
	return whose.Owner
}

// modelCard computes a scorecard by looking through everything.
type modelCard struct {
	m     *scoreModel
	run   *modelRun
	past  []*modelRun // whole ones before it that are still saved, the latest first
	by    govern.ScoreBy
	owner *string
}

func (c modelCard) mine(whose finding.Ownership) bool {
	return c.owner == nil || whose == finding.Ownership{Owner: *c.owner}
}

// in reports whether a verdict is of the row; "*" is all of them.
func (c modelCard) in(row string, j judged) bool {
	return c.mine(j.owner) && (row == "*" || row == rowOf(c.by, j.owner, j.of.Provider, j.of.Scope, j.category))
}

func (c modelCard) rows() []string {
	out := map[string]bool{"*": true, "": c.by == govern.ByOwner && c.owner == nil}
	add := func(j judged) {
		if c.mine(j.owner) {
			out[rowOf(c.by, j.owner, j.of.Provider, j.of.Scope, j.category)] = true
		}
	}
	for _, j := range c.run.seen {
		add(j)
	}
	for _, f := range c.fixed() {
		add(c.m.last[f.fault])
	}
	for _, f := range c.run.hidden {
		if c.run.only == "" {
			add(c.m.last[f])
		}
	}
	for _, b := range c.run.bills {
		for _, ch := range b.Charges {
			if c.by != govern.ByCategory && c.mine(ch.Ownership()) {
				out[rowOf(c.by, ch.Ownership(), b.Provider, ch.Account, "")] = true
			}
		}
	}
	maps.DeleteFunc(out, func(_ string, is bool) bool { return !is })
	return slices.Sorted(maps.Keys(out))
}

// fixed are the faults that were found mended in the 90 days before the run; of one that
// did not look at everything those that fail in it again.
func (c modelCard) fixed() []fixed {
	again := map[string]bool{}
	for _, j := range c.run.seen {
		again[j.fault()] = j.verdict == finding.Fail
	}
	return slices.DeleteFunc(slices.Clone(c.m.mended[:c.run.mended]), func(f fixed) bool {
		return c.run.at.Sub(f.at) > 90*24*time.Hour || f.at.After(c.run.at) || c.run.only != "" && !again[f.fault]
	})
}

// part is a share, "-" of nothing.
func part(a, b int) string {
	if b == 0 {
		return "-"
	}
	return fmt.Sprintf("%.9f", float64(a)/float64(b))
}

// shares returns what passes and what is unknown of a row in a run, weighted.
func (c modelCard) shares(r *modelRun, row string) (passing float64, known bool, texts string) {
	sums := map[finding.Verdict]int{}
	for _, j := range r.seen {
		if c.in(row, j) {
			sums[j.verdict] += map[finding.Severity]int{finding.Critical: 10, finding.High: 5, finding.Medium: 2, finding.Low: 1}[j.severity]
		}
	}
	p, f, u := sums[finding.Pass], sums[finding.Fail], sums[finding.Unknown]
	return float64(p) / float64(p+f), p+f > 0, part(p, p+f) + " unknown " + part(u, p+f+u)
}

// earlierThan returns the first of the runs before, the latest first, that is at least so
// many days old and at most twice as old, and of which f tells something.
func (c modelCard) earlierThan(days int, f func(*modelRun) bool) *modelRun {
	for _, r := range c.past {
		if age := c.run.at.Sub(r.at); age >= time.Duration(days)*24*time.Hour && age <= 2*time.Duration(days)*24*time.Hour && f(r) {
			return r
		}
	}
	return nil
}

// line writes all figures of a row.
func (c modelCard) line(row string) string {
	now, known, text := c.shares(c.run, row)
	counts, tags := map[finding.Verdict]int{}, map[finding.Verdict]int{}
	open := map[finding.Severity]*[5]int{}
	failures, waived, saving := 0, 0, 0.0
	for _, j := range c.run.seen {
		if !c.in(row, j) {
			continue
		}
		counts[j.verdict]++
		if j.category == finding.Tagging {
			tags[j.verdict]++
		}
		if j.verdict != finding.Fail {
			continue
		}
		failures++
		if j.waived {
			waived++
		}
		if j.waived || j.excused {
			continue
		}
		saving += j.saving
		if open[j.severity] == nil {
			open[j.severity] = &[5]int{}
		}
		open[j.severity][0]++
		age := c.run.at.Sub(c.run.begun[j.fault()]).Hours() / 24
		switch {
		case age <= 7:
			open[j.severity][1]++
		case age <= 30:
			open[j.severity][2]++
		case age <= 90:
			open[j.severity][3]++
		default:
			open[j.severity][4]++
		}
	}
	text = fmt.Sprintf("passing %s, verdicts %d %d %d %d, waived %s, tags %s, saving %.2f", text, counts[finding.Pass], counts[finding.Fail], counts[finding.Unknown], counts[finding.NotApplicable],
		part(waived, failures), part(tags[finding.Pass], tags[finding.Pass]+tags[finding.Fail]), math.Round(100*saving)/100)
	for _, s := range finding.Severities() {
		if open[s] != nil {
			text += fmt.Sprintf(", %s %v", s, *open[s])
		}
	}
	took, n := time.Duration(0), 0
	for _, f := range c.fixed() {
		if j := c.m.last[f.fault]; c.in(row, j) {
			took, n = took+f.at.Sub(f.begun), n+1
		}
	}
	text += fmt.Sprintf(", fixed %d", n)
	if n > 0 {
		text += fmt.Sprintf(" in %.0f minutes", took.Minutes())
	}
	for _, days := range []int{7, 30, 90} {
		r := c.earlierThan(days, func(r *modelRun) bool { _, was, _ := c.shares(r, row); return was })
		if text += fmt.Sprintf(", %d d ", days); r == nil || !known {
			text += "-"
			continue
		}
		was, _, _ := c.shares(r, row)
		text += fmt.Sprintf("%+.9f", now-was)
	}
	return text + c.spending(row)
}

// amount sums up charges by currency; nil is not known.
type amount map[string]int

func (a amount) text() string {
	if a == nil {
		return "-"
	}
	var out []string
	for _, k := range slices.Sorted(maps.Keys(a)) {
		if a[k] != 0 {
			out = append(out, fmt.Sprint(a[k], k))
		}
	}
	return "[" + strings.Join(out, " ") + "]"
}

func (a amount) minus(b amount) amount {
	out := maps.Clone(a)
	for k, v := range b {
		out[k] -= v
	}
	return out
}

// spent is what a row spent, what of it was nobody's, and of what it is not known, as a run
// says; all is nil where that is not known.
func (c modelCard) spent(r *modelRun, row string) (all, nobody, open amount) {
	mine, unowned, unknown := amount{}, amount{}, amount{}
	unread, blank, on := 0, false, false
	for _, b := range r.bills {
		if b.Unknown != "" {
			unread++
		}
		for _, ch := range b.Charges {
			blank = blank || ch.OwnerUnknown != ""
			if !c.mine(ch.Ownership()) || row != "*" && row != rowOf(c.by, ch.Ownership(), b.Provider, ch.Account, "") {
				continue
			}
			on = true
			var n int
			_, _ = fmt.Sscan(string(ch.Amount), &n)
			mine[ch.Currency] += n
			if ch.OwnerUnknown != "" {
				unknown[ch.Currency] += n
			} else if ch.Owner == "" {
				unowned[ch.Currency] += n
			}
		}
	}
	there := row == "*" || row == ""
	for _, j := range r.seen {
		there = there || j.of.Provider == "aws" && c.in(row, j)
	}
	byOwner := c.by == govern.ByOwner || c.owner != nil
	nothing := unread == 0 && there && (!byOwner || !blank)
	if len(r.bills) == unread || !on && !nothing && (row != "*" || c.owner != nil) {
		return nil, nil, nil
	}
	return mine, unowned, unknown
}

// readFrom are the bills that a run could read, and whether it is known whose all is.
func readFrom(r *modelRun) (bills string, owned bool) {
	owned = true
	for _, b := range r.bills {
		if b.Unknown == "" {
			bills += b.Scope + " "
		}
		for _, ch := range b.Charges {
			owned = owned && ch.OwnerUnknown == ""
		}
	}
	return bills, owned
}

// spending writes what a row spent and how that changed.
func (c modelCard) spending(row string) string {
	if c.by == govern.ByCategory || len(c.run.bills) == 0 {
		return ""
	}
	all, nobody, open := c.spent(c.run, row)
	text := fmt.Sprintf(", spent %s %s %s", all.text(), nobody.text(), open.text())
	if all == nil {
		return text
	}
	bills, owned := readFrom(c.run)
	whose := c.owner != nil || c.by == govern.ByOwner && row != "*" && row != finding.UnknownOwner
	for _, days := range []int{7, 30, 90} {
		then := c.earlierThan(days, func(r *modelRun) bool {
			was, known := readFrom(r)
			before, _, _ := c.spent(r, row)
			return was == bills && was != "" && before != nil && (!whose || known && owned)
		})
		if then == nil {
			text += fmt.Sprintf(", %d d - -", days)
			continue
		}
		before, without, unsure := c.spent(then, row)
		byNobody := "-"
		if unsure.text() == "[]" && open.text() == "[]" {
			byNobody = nobody.minus(without).text()
		}
		text += fmt.Sprintf(", %d d %s %s", days, all.minus(before).text(), byNobody)
	}
	return text
}

// lineOf writes the figures of a score as the model does.
func lineOf(s govern.Score, card govern.Scorecard) string {
	share := func(v *float64) string {
		if v == nil {
			return "-"
		}
		return fmt.Sprintf("%.9f", *v)
	}
	sum := func(s finding.Sum) string {
		out := amount{}
		for _, m := range s {
			var n int
			_, _ = fmt.Sscan(string(m.Amount), &n)
			out[m.Currency] += n
		}
		return out.text()
	}
	text := fmt.Sprintf("passing %s unknown %s, verdicts %d %d %d %d, waived %s, tags %s, saving %.2f", share(s.Passing), share(s.Unknown), s.Verdicts.Pass, s.Verdicts.Fail, s.Verdicts.Unknown, s.Verdicts.NotApplicable,
		share(s.Waived), share(s.TagCoverage), s.SavingUSD)
	for _, o := range s.Open {
		text += fmt.Sprintf(", %s %v", o.Severity, [5]int{o.Total, o.Week, o.Month, o.Quarter, o.Older})
	}
	text += fmt.Sprintf(", fixed %d", s.Fixed)
	if s.DaysToFix != nil {
		text += fmt.Sprintf(" in %.0f minutes", *s.DaysToFix*float64(s.Fixed)*24*60) // exact: a mean may lie halfway between two decimals
	}
	for _, c := range s.Trend {
		if text += fmt.Sprintf(", %d d ", c.Days); c.Since == nil {
			text += "-"
		} else {
			text += fmt.Sprintf("%+.9f", *c.Since)
		}
	}
	switch {
	case card.By == govern.ByCategory || card.Bills == nil:
	case s.Spend == nil:
		text += ", spent - - -"
	default:
		text += fmt.Sprintf(", spent %s %s %s", sum(s.Spend.Total), sum(s.Spend.Unowned), sum(s.Spend.Unknown))
	}
	for _, c := range s.SpendTrend {
		switch {
		case c.Since == nil:
			text += fmt.Sprintf(", %d d - -", c.Days)
		case c.Since.Unowned == nil:
			text += fmt.Sprintf(", %d d %s -", c.Days, sum(c.Since.Total))
		default:
			text += fmt.Sprintf(", %d d %s %s", c.Days, sum(c.Since.Total), sum(*c.Since.Unowned))
		}
	}
	return text
}
