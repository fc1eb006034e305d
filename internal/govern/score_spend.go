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

// ScoreSpend is what was spent in the month of the bills, by currency.
type ScoreSpend struct {
	Total   finding.Sum `json:"total"`         // of a row; empty is nothing
	Unowned finding.Sum `json:"unowned"`       // what of it nobody owns
	Unknown finding.Sum `json:"owner_unknown"` // of what it cannot be told whose it is
}

func (s *ScoreSpend) add(c finding.Charge) {
	s.Total = s.Total.Plus(c.Money)
	switch {
	case c.OwnerUnknown != "":
		s.Unknown = s.Unknown.Plus(c.Money)
	case c.Owner == "":
		s.Unowned = s.Unowned.Plus(c.Money)
	}
}

// bills returns the bills of the latest month that one is of, and what they leave out; nil
// where none was asked for.
func bills(all []finding.Bill) ([]finding.Bill, *ScoreBills) {
	if len(all) == 0 {
		return nil, nil
	}
	out := &ScoreBills{Providers: []string{}, Metrics: []string{}, Unread: []Unread{}}
	for _, b := range all {
		if b.Unknown == "" && b.Start > out.Start {
			out.Start, out.End = b.Start, b.End
		}
	}
	var read []finding.Bill
	for _, b := range all {
		switch {
		case b.Unknown != "":
			out.Unread = append(out.Unread, Unread{b.Provider, b.Scope, b.Unknown, b.Error, b.Permission})
		case b.Start != out.Start:
			out.Unread = append(out.Unread, Unread{Provider: b.Provider, Scope: b.Scope, Reason: providers.Uncollected, Error: "it is of another month"})
		default:
			read = append(read, b)
			out.Estimated = out.Estimated || b.Estimated
			out.Metrics, out.Providers = once(out.Metrics, b.Metric), once(out.Providers, b.Provider)
		}
	}
	return read, out
}

// once adds a text to a list unless it is there.
func once(to []string, text string) []string {
	if slices.Contains(to, text) {
		return to
	}
	return append(to, text)
}

// spend puts what the bills say into the rows, which of makes. A bill has no categories.
// A row that is on no bill spent nothing if every bill was read and it has something there;
// else it is not known what it spent.
func (in ScoreInput) spend(card *Scorecard, rows map[rowKey]*row, total *row, of func(rowKey) []*row) {
	read, about := bills(in.Run.Spend)
	card.Bills = about
	if about == nil || in.By == ByCategory {
		return
	}
	if len(read) > 0 {
		total.spend = &ScoreSpend{}
	}
	for _, b := range read {
		for _, c := range b.Charges {
			if !in.wants(c.Ownership()) {
				continue
			}
			for _, r := range of(in.By.key(c.Ownership(), b.Provider, c.Account, "")) {
				if r.spend == nil {
					r.spend = &ScoreSpend{}
				}
				r.spend.add(c)
			}
		}
	}
	if len(about.Unread) > 0 {
		return
	}
	none := func(k rowKey) {
		if r := rows[k]; r != nil && r.spend == nil {
			r.spend = &ScoreSpend{}
		}
	}
	for _, t := range in.Run.Tallies {
		if slices.Contains(about.Providers, t.Provider) {
			none(in.By.tallyKey(t))
		}
	}
	none(rowKey{}) // what nobody owns is on every bill, if there is any
}
