package govern

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// ScoreBy is what the rows of a scorecard are.
type ScoreBy string

// What rows can be.
const (
	ByOwner    ScoreBy = "owner"
	ByAccount  ScoreBy = "account"
	ByProvider ScoreBy = "provider"
	ByCategory ScoreBy = "category"
)

// ScoreBys returns all of them, the usual one first.
func ScoreBys() []ScoreBy { return []ScoreBy{ByOwner, ByAccount, ByProvider, ByCategory} }

// ScoreInput is what a scorecard is computed from.
type ScoreInput struct {
	By ScoreBy
	// Owner narrows everything to one owner, "" is nobody; nil is everybody.
	Owner *string
	// Run is the run that is scored, with its tallies and what is known of infrastructure as
	// code. Its findings are not looked at.
	Run finding.Run
	// Failures are those of the run, in any order.
	Failures []Failures
	// Mended are the failures that runs up to it found mended within FixedWithin before it.
	Mended []Mended
	// Hidden are whose failures the run could not look at: they have a row even where
	// nothing is known of them.
	Hidden []Group
	// Past are the tallies of earlier runs that looked at everything, in any order.
	Past []PastTallies
}

// PastTallies are the tallies of an earlier run, and what it says of bills.
type PastTallies struct {
	Time    time.Time
	Tallies []finding.Tally
	Spend   []finding.Bill // none where it was to read none; runs that say the same share it
}

// Scorecard says how well a run found things to be, in rows.
type Scorecard struct {
	Run      finding.RunRef `json:"run"`
	By       ScoreBy        `json:"by"`
	Owner    *string        `json:"owner,omitempty"` // where it is only of what is this owner's; "" is nobody
	Coverage ScoreCoverage  `json:"coverage"`
	Bills    *ScoreBills    `json:"bills,omitempty"` // where the run was to read bills
	Total    Score          `json:"total"`           // of everything that the rows are of
	Scores   []Score        `json:"scores"`
}

// ScoreCoverage says how much the run could read: what was not read is in no row.
type ScoreCoverage struct {
	CellsPlanned int `json:"cells_planned"`
	CellsRead    int `json:"cells_read"`
}

// Score is a row of a scorecard. Shares go from 0 to 1; one that is absent is of nothing.
type Score struct {
	Name         string `json:"name"`                    // owner, provider and account, provider, or category; "" is nobody
	OwnerUnknown bool   `json:"owner_unknown,omitempty"` // it cannot be told whose these are
	AccountName  string `json:"account_name,omitempty"`  // what people call the account
	// Passing is the share of verdicts that pass among those that pass or fail, each with
	// the weight of its policy's severity.
	Passing *float64 `json:"passing,omitempty"`
	// Unknown is the share, weighted likewise, of what could not be told among all that
	// pass, fail or are unknown. What is unknown never counts as passing.
	Unknown  *float64       `json:"unknown,omitempty"`
	Verdicts finding.Counts `json:"verdicts"`
	Open     []OpenFindings `json:"open"` // by severity, the worst first: failures that count
	// Waived is the share of failures that were excused by a waiver.
	Waived *float64 `json:"waived,omitempty"`
	// TagCoverage is the share of verdicts of tagging policies that pass among those that
	// pass or fail, not weighted.
	TagCoverage *float64 `json:"tag_coverage,omitempty"`
	// DaysToFix is the mean time, in days, from a run that found a failure to the one that
	// found it mended, of those mended in the last 90 days. What is gone was not mended.
	DaysToFix *float64 `json:"days_to_fix,omitempty"`
	Fixed     int      `json:"fixed"` // in the last 90 days
	// SavingUSD is what mending the open failures would save, in US dollars a month, as far
	// as policies estimate it.
	SavingUSD float64 `json:"saving_usd"`
	// Spend is what was spent in the month of the bills; absent where that is not known.
	Spend *finding.Spent `json:"spend,omitempty"`
	// SpendTrend is by how much Spend changed over 7, 30 and 90 days, where Spend is known.
	SpendTrend []SpendChange `json:"spend_trend,omitempty"`
	// SpendPast is Spend over the last 90 days, the earliest first: a point for each time
	// that it, or its month, was found changed, by runs that read the same bills as this one.
	SpendPast []SpendPoint `json:"spend_past,omitempty"`
	// AsCode is the share of resources that infrastructure as code keeps; absent where the
	// run was not told, or cannot tell of some.
	AsCode *float64 `json:"as_code,omitempty"`
	Trend  []Change `json:"trend"` // over 7, 30 and 90 days
	// Past is Passing over the last 90 days, the earliest first, this run as the last.
	Past []ScorePoint `json:"past"`
}

// OpenFindings counts failures of a severity by their age: since the run that found them
// first, or again.
type OpenFindings struct {
	Severity finding.Severity `json:"severity"`
	Total    int              `json:"total"`
	Week     int              `json:"up_to_7_days"`
	Month    int              `json:"up_to_30_days"`
	Quarter  int              `json:"up_to_90_days"`
	Older    int              `json:"older"`
}

// Change is by how much Passing changed.
type Change struct {
	Days  int      `json:"days"`
	Since *float64 `json:"since,omitempty"` // absent where there is no run that long ago
}

// ScorePoint is Passing at a time.
type ScorePoint struct {
	Time    time.Time `json:"time"`
	Passing float64   `json:"passing"`
}

// trendDays are the times that a trend is over.
func trendDays() []int { return []int{7, 30, 90} }

// FixedWithin is how far back times to fix are looked at.
const FixedWithin = 90 * day

const day = 24 * time.Hour

// rowKey identifies a row.
type rowKey struct {
	name    string
	unknown bool
}

// keys say which row something belongs to.
func (by ScoreBy) key(whose finding.Ownership, provider, scope string, c finding.Category) rowKey {
	switch by {
	case ByAccount:
		return rowKey{name: provider + " " + scope}
	case ByProvider:
		return rowKey{name: provider}
	case ByCategory:
		return rowKey{name: string(c)}
	case ByOwner:
	}
	return rowKey{whose.Owner, whose.Unknown != ""}
}

func (by ScoreBy) tallyKey(t finding.Tally) rowKey {
	return by.key(tallyOwner(t), t.Provider, t.Scope, t.Category)
}

func (by ScoreBy) groupKey(g Group) rowKey {
	return by.key(g.Ownership, g.Provider, g.Scope, g.Category)
}

func tallyOwner(t finding.Tally) finding.Ownership {
	o := finding.Ownership{Owner: t.Owner}
	if t.OwnerUnknown {
		o.Unknown = providers.Failed // any reason: it is only looked at whether there is one
	}
	return o
}

// wants reports whether the input is about what has the owner.
func (in ScoreInput) wants(whose finding.Ownership) bool {
	return in.Owner == nil || whose.Unknown == "" && whose.Owner == *in.Owner
}

// NewScorecard computes a scorecard. Nobody has a row of its own in one by owner, and so
// has what cannot be told; the worst row comes first, and what nothing is known of last.
func NewScorecard(in ScoreInput) Scorecard {
	out := Scorecard{
		Run: finding.RunRef{ID: in.Run.ID, Time: in.Run.Time}, By: in.By, Owner: in.Owner, Scores: []Score{},
		Coverage: ScoreCoverage{in.Run.Coverage.CellsPlanned, in.Run.Coverage.CellsRead},
	}
	rows := map[rowKey]*row{}
	total := &row{}
	of := func(k rowKey) []*row {
		if rows[k] == nil {
			rows[k] = &row{}
		}
		return []*row{rows[k], total}
	}
	if in.By == ByOwner && in.Owner == nil {
		of(rowKey{})
	}
	for _, t := range in.Run.Tallies {
		if in.wants(tallyOwner(t)) {
			for _, r := range of(in.By.tallyKey(t)) {
				r.tally(t)
			}
		}
	}
	for _, f := range in.Failures {
		if in.wants(f.Ownership) {
			for _, r := range of(in.By.groupKey(f.Group)) {
				r.failing(f)
			}
		}
	}
	for _, m := range in.Mended {
		if in.wants(m.Ownership) {
			for _, r := range of(in.By.groupKey(m.Group)) {
				r.mended(m)
			}
		}
	}
	for _, g := range in.Hidden {
		if in.wants(g.Ownership) {
			of(in.By.groupKey(g))
		}
	}
	in.spend(&out, rows, total, of)
	asCode(in, rows, total)
	past := pastShares(in)
	start := ""
	if out.Bills != nil {
		start = out.Bills.Start
	}
	for _, k := range slices.SortedFunc(maps.Keys(rows), func(a, b rowKey) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(b2i(a.unknown), b2i(b.unknown)))
	}) {
		s := rows[k].score(in.Run.Time, past[k], start)
		s.Name, s.OwnerUnknown = k.name, k.unknown
		if in.By == ByAccount {
			s.AccountName = accountName(in.Run, k.name)
		}
		out.Scores = append(out.Scores, s)
	}
	slices.SortStableFunc(out.Scores, func(a, b Score) int { return cmp.Compare(rank(a.Passing), rank(b.Passing)) })
	out.Total = total.score(in.Run.Time, totalShares(in), start)
	return out
}

// accountName is what people call an account, "" where that is how it is identified.
func accountName(run finding.Run, key string) string {
	for _, s := range run.Scopes {
		if s.Provider+" "+s.ID == key && s.Name != s.ID {
			return s.Name
		}
	}
	for _, b := range run.Spend { // that of one that was not read
		for _, c := range b.Charges {
			if b.Provider+" "+c.Account == key {
				return c.AccountName
			}
		}
	}
	return ""
}

// rank puts a share that is of nothing last.
func rank(share *float64) float64 {
	if share == nil {
		return 2
	}
	return *share
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// share is a part of a whole, nil of nothing.
func share(part, whole int) *float64 {
	if whole == 0 {
		return nil
	}
	s := float64(part) / float64(whole)
	return &s
}
