package govern

import (
	"slices"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// ScoreBills says what the spend of a scorecard rests on.
type ScoreBills struct {
	Providers []string `json:"providers"`           // of which bills were read; what else is spent is not known
	Start     string   `json:"start"`               // the first day of the month; "" where no bill was read
	End       string   `json:"end"`                 // the first day that it is not about
	Metrics   []string `json:"metrics"`             // which costs they are, as the providers call them
	Estimated bool     `json:"estimated,omitempty"` // one of the bills is not final
	Unread    []Unread `json:"unread"`              // bills that the spend lacks
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
	for _, b := range m.Unread {
		out.Unread = append(out.Unread, Unread{b.Provider, b.Scope, b.Unknown, b.Error, b.Permission})
	}
	return out
}

// spend puts what the bills say into the rows, which of makes. A bill has no categories.
// A row that is on no bill spent nothing if every bill was read and it has something there;
// else it is not known what it spent.
func (in ScoreInput) spend(card *Scorecard, rows map[rowKey]*row, total *row, of func(rowKey) []*row) {
	month := finding.LatestMonth(in.Run.Spend)
	card.Bills = billed(month)
	if card.Bills == nil || in.By == ByCategory {
		return
	}
	if len(month.Read) > 0 {
		total.spend = &finding.Spent{}
	}
	for _, b := range month.Read {
		for _, c := range b.Charges {
			if !in.wants(c.Ownership()) {
				continue
			}
			for _, r := range of(in.By.key(c.Ownership(), b.Provider, c.Account, "")) {
				if r.spend == nil {
					r.spend = &finding.Spent{}
				}
				r.spend.Add(c)
			}
		}
	}
	if len(month.Unread) > 0 {
		return
	}
	none := func(k rowKey) {
		if r := rows[k]; r != nil && r.spend == nil {
			r.spend = &finding.Spent{}
		}
	}
	for _, t := range in.Run.Tallies {
		if slices.Contains(month.Providers, t.Provider) {
			none(in.By.tallyKey(t))
		}
	}
	none(rowKey{}) // what nobody owns is on every bill, if there is any
}
