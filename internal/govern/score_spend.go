package govern

import (
	"slices"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// ScoreBills says what the spend of a scorecard rests on.
type ScoreBills struct {
	Providers []string    `json:"providers"`           // of which bills were read; what else is spent is not known
	Start     string      `json:"start"`               // the first day of the month; "" where no bill was read
	End       string      `json:"end"`                 // the first day that it is not about
	Metrics   []string    `json:"metrics"`             // which costs they are, as the providers call them
	Estimated bool        `json:"estimated,omitempty"` // one of the bills is not final
	Unknown   finding.Sum `json:"owner_unknown"`       // what it cannot be told of whose it is, also in a scorecard of one owner
	Unread    []Unread    `json:"unread"`              // bills that the spend lacks
}

// Unread is a bill that is in no row.
type Unread struct {
	Provider   string           `json:"provider"`
	Scope      string           `json:"scope"`
	Reason     providers.Reason `json:"reason"`
	Error      string           `json:"error,omitempty"`
	Permission string           `json:"permission,omitempty"` // what would cure it
}

// billed says what the bills of a run are about; nil where none was asked for.
func billed(m finding.Billed) *ScoreBills {
	if len(m.Read)+len(m.Unread) == 0 {
		return nil
	}
	out := &ScoreBills{
		Providers: append([]string{}, m.Providers...), Start: m.Start, End: m.End, Metrics: append([]string{}, m.Metrics...), Estimated: m.Estimated, Unread: []Unread{},
	}
	var all finding.Spent
	for _, b := range m.Read {
		for _, c := range b.Charges {
			all.Add(c)
		}
	}
	out.Unknown = whole(all).Unknown
	for _, b := range m.Unread {
		out.Unread = append(out.Unread, Unread{b.Provider, b.Scope, b.Unknown, b.Error, b.Permission})
	}
	return out
}

// SpendChange is by how much Spend changed.
type SpendChange struct {
	Days int `json:"days"`
	// Since is absent where there is no run that long ago which read the same bills, and by
	// owner also where either run could not tell whose some of the spend is.
	Since *SpendDifference `json:"since,omitempty"`
}

// SpendDifference is by how much amounts changed, negative where less was spent.
type SpendDifference struct {
	Total finding.Sum `json:"total"`
	// Unowned is absent where it is not known of either run: some of it was nobody's or not.
	Unowned *finding.Sum `json:"unowned,omitempty"`
}

// SpendPoint is Spend at a time.
type SpendPoint struct {
	Time  time.Time     `json:"time"`
	Start string        `json:"start"` // the first day of the month of the bills
	Spend finding.Spent `json:"spend"`
}

// charges are what bills say of every row.
type charges struct {
	month finding.Billed
	rows  map[rowKey]*finding.Spent // those that are on a bill
	total *finding.Spent            // nil is not known
	owned bool                      // it is known whose all of it is
	// certain says that who is on no bill spent nothing: every bill was read, and, where that
	// matters, it is known whose all of it is.
	certain bool
}

// byOwner reports whether a row is about what is somebody's, or nobody's. What it cannot be
// told of is known not to be.
func (in ScoreInput) byOwner(k rowKey) bool {
	return in.Owner != nil || in.By == ByOwner && !k.unknown
}

// charges sums up bills by row. A bill has no categories.
func (in ScoreInput) charges(bills []finding.Bill) *charges {
	out := &charges{month: finding.LatestMonth(bills), rows: map[rowKey]*finding.Spent{}, owned: true}
	if in.By == ByCategory {
		return out
	}
	var all finding.Spent
	for _, b := range out.month.Read {
		for _, c := range b.Charges {
			out.owned = out.owned && c.OwnerUnknown == ""
			if !in.wants(c.Ownership()) {
				continue
			}
			k := in.By.key(c.Ownership(), b.Provider, c.Account, "")
			if out.rows[k] == nil {
				out.rows[k] = &finding.Spent{}
			}
			out.rows[k].Add(c)
			all.Add(c)
		}
	}
	out.certain = len(out.month.Read) > 0 && len(out.month.Unread) == 0 && (out.owned || in.Owner == nil && in.By != ByOwner)
	if len(out.rows) > 0 || out.certain || in.Owner == nil && len(out.month.Read) > 0 {
		out.total = &all
	}
	return out
}

// of returns what a row spent, nil where that is not known. there says whether the run
// found something of the row where the bills are from.
func (c *charges) of(k rowKey, there bool) *finding.Spent {
	if s := c.rows[k]; s != nil || !c.certain {
		return s
	}
	if there || k == (rowKey{}) { // what nobody owns is on every bill, if there is any
		return &finding.Spent{}
	}
	return nil
}

// where returns the rows of which a run found something where bills are from.
func (in ScoreInput) where(tallies []finding.Tally, m finding.Billed) map[rowKey]bool {
	out := map[rowKey]bool{}
	for _, t := range tallies {
		if slices.Contains(m.Providers, t.Provider) && in.wants(tallyOwner(t)) {
			out[in.By.tallyKey(t)] = true
		}
	}
	return out
}

// spend puts what the bills say into the rows, which of makes, and how that changed since
// earlier runs that read the same bills.
func (in ScoreInput) spend(card *Scorecard, rows map[rowKey]*row, total *row, of func(rowKey) []*row) {
	now := in.charges(in.Run.Spend)
	card.Bills = billed(now.month)
	if card.Bills == nil || in.By == ByCategory {
		return
	}
	for k := range now.rows {
		of(k)
	}
	there := in.where(in.Run.Tallies, now.month)
	for k, r := range rows {
		r.spend = now.of(k, there[k])
	}
	total.spend = now.total
	same := map[*finding.Bill]*charges{} // runs share what they say alike
	for _, p := range earlier(in) {
		if len(p.Spend) == 0 {
			continue
		}
		then := same[&p.Spend[0]]
		if then == nil {
			then = in.charges(p.Spend)
			same[&p.Spend[0]] = then
		}
		if !then.month.Comparable(now.month) {
			continue
		}
		there := in.where(p.Tallies, then.month)
		owned := now.owned && then.owned
		for k, r := range rows {
			if owned || !in.byOwner(k) {
				r.spentAt(p.Time, then.month, then.of(k, there[k]))
			}
		}
		if owned || in.Owner == nil {
			total.spentAt(p.Time, then.month, then.total)
		}
	}
}

// spentAt notes what an earlier run says.
func (r *row) spentAt(at time.Time, m finding.Billed, spent *finding.Spent) {
	if spent != nil {
		r.spentBefore = append(r.spentBefore, SpendPoint{at, m.Start, whole(*spent)})
	}
}

// whole has an empty list in the place of none: a reader of JSON meets one of the two.
func whole(s finding.Spent) finding.Spent {
	for _, sum := range []*finding.Sum{&s.Total, &s.Unowned, &s.Unknown} {
		if *sum == nil {
			*sum = finding.Sum{}
		}
	}
	return s
}

// spending puts into a score what a row spent, and how that changed.
func (r *row) spending(s *Score, now time.Time, start string) {
	if r.spend == nil {
		return
	}
	spent := whole(*r.spend)
	s.Spend = &spent
	for _, days := range trendDays() {
		c := SpendChange{Days: days}
		if i := comparedWith(days, now, len(r.spentBefore), func(i int) time.Time { return r.spentBefore[i].Time }); i >= 0 {
			c.Since = differenceOf(r.spentBefore[i].Spend, spent)
		}
		s.SpendTrend = append(s.SpendTrend, c)
	}
	for _, p := range append(slices.Clone(r.spentBefore), SpendPoint{now, start, spent}) {
		if n := len(s.SpendPast); now.Sub(p.Time) <= 90*day && (n == 0 || !p.alike(s.SpendPast[n-1])) {
			s.SpendPast = append(s.SpendPast, p)
		}
	}
}

// differenceOf is by how much what was spent changed.
func differenceOf(then, now finding.Spent) *SpendDifference {
	out := &SpendDifference{Total: now.Total.Minus(then.Total)}
	if then.Unknown.Nothing() && now.Unknown.Nothing() {
		by := now.Unowned.Minus(then.Unowned)
		out.Unowned = &by
	}
	return out
}

// alike reports whether points differ in nothing but their time.
func (p SpendPoint) alike(q SpendPoint) bool {
	return p.Start == q.Start && slices.Equal(p.Spend.Total, q.Spend.Total) && slices.Equal(p.Spend.Unowned, q.Spend.Unowned) && slices.Equal(p.Spend.Unknown, q.Spend.Unknown)
}
