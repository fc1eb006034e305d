package govern

import (
	"math"
	"slices"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// weighed counts verdicts with the weight of their policies' severities.
type weighed struct{ pass, fail, unknown int }

func (w *weighed) add(t finding.Tally) {
	by := t.Severity.Weight()
	w.pass += by * t.Pass
	w.fail += by * t.Fail
	w.unknown += by * t.Unknown
}

func (w weighed) passing() *float64 { return share(w.pass, w.pass+w.fail) }

// row is what a score is computed from.
type row struct {
	counts    finding.Counts
	weighed   weighed
	tagging   finding.Counts
	open      map[finding.Severity]*OpenFindings
	failures  int
	waived    int
	saving    float64
	fixed     int
	daysToFix float64 // of all that were fixed
	code      *finding.Managed
	spend     *finding.Spent // nil is not known
	// spentBefore are what earlier runs that read the same bills say, the earliest first.
	spentBefore []SpendPoint
}

func (r *row) tally(t finding.Tally) {
	add(&r.counts, t.Counts)
	r.weighed.add(t)
	if t.Category == finding.Tagging {
		add(&r.tagging, t.Counts)
	}
}

func add(to *finding.Counts, c finding.Counts) {
	to.Pass += c.Pass
	to.Fail += c.Fail
	to.Unknown += c.Unknown
	to.NotApplicable += c.NotApplicable
}

// failing counts failures of the run.
func (r *row) failing(f Failures) {
	n := f.Ages.total()
	r.failures += n
	switch f.Standing {
	case Waived:
		r.waived += n
		return
	case Excused:
		return
	case Counts:
	}
	r.saving += f.SavingUSD
	if r.open == nil {
		r.open = map[finding.Severity]*OpenFindings{}
	}
	o := r.open[f.Severity]
	if o == nil {
		o = &OpenFindings{Severity: f.Severity}
		r.open[f.Severity] = o
	}
	o.Total += n
	o.Week += f.Ages[0]
	o.Month += f.Ages[1]
	o.Quarter += f.Ages[2]
	o.Older += f.Ages[3]
}

// mended notes how long it took to mend failures.
func (r *row) mended(m Mended) {
	r.fixed += m.Number
	r.daysToFix += m.Days
}

// score sums up. past are the shares of earlier runs, the earliest first; start is the first
// day of the month of the bills.
func (r *row) score(now time.Time, past []ScorePoint, start string) Score {
	s := Score{
		Passing: r.weighed.passing(), Unknown: share(r.weighed.unknown, r.weighed.pass+r.weighed.fail+r.weighed.unknown), Verdicts: r.counts,
		Open: []OpenFindings{}, Waived: share(r.waived, r.failures), TagCoverage: share(r.tagging.Pass, r.tagging.Pass+r.tagging.Fail),
		Fixed: r.fixed, SavingUSD: math.Round(100*r.saving) / 100, Trend: []Change{}, Past: []ScorePoint{},
	}
	for _, severity := range finding.Severities() {
		if o := r.open[severity]; o != nil {
			s.Open = append(s.Open, *o)
		}
	}
	if r.fixed > 0 {
		mean := r.daysToFix / float64(r.fixed)
		s.DaysToFix = &mean
	}
	r.spending(&s, now, start)
	if r.code != nil && r.code.Unknown == 0 {
		s.AsCode = share(r.code.Kept(), r.code.Total())
	}
	for _, days := range trendDays() {
		s.Trend = append(s.Trend, Change{Days: days, Since: changeOver(days, s.Passing, now, past)})
	}
	for _, p := range past {
		if now.Sub(p.Time) <= 90*day {
			s.Past = append(s.Past, p)
		}
	}
	if s.Passing != nil {
		s.Past = append(s.Past, ScorePoint{now, *s.Passing})
	}
	return s
}

// changeOver is by how much the share changed, nil where there is nothing to compare with.
func changeOver(days int, passing *float64, now time.Time, past []ScorePoint) *float64 {
	i := comparedWith(days, now, len(past), func(i int) time.Time { return past[i].Time })
	if passing == nil || i < 0 {
		return nil
	}
	change := *passing - past[i].Passing
	return &change
}

// comparedWith returns which of n points, the earliest first, a change over so many days is
// measured from: the last one that is so old or older, unless it is older than twice as
// long and would tell of another time. -1 is none.
func comparedWith(days int, now time.Time, n int, at func(int) time.Time) int {
	for i := n - 1; i >= 0; i-- {
		age := now.Sub(at(i))
		if age < time.Duration(days)*day {
			continue
		}
		if age > 2*time.Duration(days)*day {
			break
		}
		return i
	}
	return -1
}

// pastShares are the shares of earlier runs by row, the earliest first.
func pastShares(in ScoreInput) map[rowKey][]ScorePoint {
	out := map[rowKey][]ScorePoint{}
	for _, p := range earlier(in) {
		sums := map[rowKey]*weighed{}
		for _, t := range p.Tallies {
			if !in.wants(tallyOwner(t)) {
				continue
			}
			k := in.By.tallyKey(t)
			if sums[k] == nil {
				sums[k] = &weighed{}
			}
			sums[k].add(t)
		}
		for k, w := range sums {
			if s := w.passing(); s != nil {
				out[k] = append(out[k], ScorePoint{p.Time, *s})
			}
		}
	}
	return out
}

// totalShares are those of all rows together.
func totalShares(in ScoreInput) []ScorePoint {
	var out []ScorePoint
	for _, p := range earlier(in) {
		var w weighed
		for _, t := range p.Tallies {
			if in.wants(tallyOwner(t)) {
				w.add(t)
			}
		}
		if s := w.passing(); s != nil {
			out = append(out, ScorePoint{p.Time, *s})
		}
	}
	return out
}

// earlier are the runs before the one that is scored, the earliest first.
func earlier(in ScoreInput) []PastTallies {
	out := slices.DeleteFunc(slices.Clone(in.Past), func(p PastTallies) bool { return !p.Time.Before(in.Run.Time) })
	slices.SortStableFunc(out, func(a, b PastTallies) int { return a.Time.Compare(b.Time) })
	return out
}

// asCode takes what is known of infrastructure as code, which is counted by account and
// owner only.
func asCode(in ScoreInput, rows map[rowKey]*row, total *row) {
	c := in.Run.IaC
	if c == nil {
		return
	}
	var groups []finding.ManagedGroup
	switch in.By {
	case ByOwner:
		groups = c.ByOwner
	case ByAccount:
		groups = c.ByAccount
	case ByProvider, ByCategory:
	}
	if in.Owner == nil {
		total.code = &c.Managed
	} else if in.By != ByOwner {
		return
	}
	for _, g := range groups {
		if r := rows[rowKey{g.Name, g.OwnerUnknown}]; r != nil {
			r.code = &g.Managed
			if in.Owner != nil {
				total.code = &g.Managed
			}
		}
	}
}
