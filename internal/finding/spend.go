package finding

import (
	"cmp"
	"slices"

	"github.com/metsuke-dev/metsuke/providers"
)

// Bill is what the bill of one account says of a month, or why it could not be read.
type Bill struct {
	Provider  string `json:"provider"`
	Scope     string `json:"scope"` // the account that was asked: often the one that pays for others too
	Start     string `json:"start,omitempty"`
	End       string `json:"end,omitempty"`       // the first day that it is not about
	Metric    string `json:"metric,omitempty"`    // which cost it is, as the provider calls it
	Estimated bool   `json:"estimated,omitempty"` // the bill of the month is not final
	// Charges are sorted by their fields from the left.
	Charges []Charge `json:"charges,omitempty"`

	// Unknown says why the bill could not be read; "" is that it was.
	Unknown    providers.Reason `json:"unknown,omitempty"`
	Error      string           `json:"error,omitempty"`
	Permission string           `json:"permission,omitempty"` // what would cure it
}

// Charge is what one owner spent in one account and currency.
type Charge struct {
	Owner        string           `json:"owner,omitempty"`         // "" is nobody, unless OwnerUnknown
	OwnerUnknown providers.Reason `json:"owner_unknown,omitempty"` // why it cannot be told whose this is
	Account      string           `json:"account"`
	AccountName  string           `json:"account_name,omitempty"`
	Money
}

// Money is an amount in a currency. Amounts of two currencies are never added.
type Money struct {
	Amount   Decimal `json:"amount"`
	Currency string  `json:"currency"` // ISO 4217
}

// Ownership returns whose the charge is.
func (c Charge) Ownership() Ownership { return Ownership{c.Owner, c.OwnerUnknown} }

// CompareCharges orders charges by their fields from the left.
func CompareCharges(a, b Charge) int {
	return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.OwnerUnknown, b.OwnerUnknown), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Currency, b.Currency))
}

// CompareBills orders bills by the account that was asked.
func CompareBills(a, b Bill) int {
	return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Scope, b.Scope))
}

// Sum is amounts by currency, sorted by it: as many as there are currencies.
type Sum []Money

// Plus returns the sum with an amount more.
func (s Sum) Plus(m Money) Sum {
	i, found := slices.BinarySearchFunc(s, m.Currency, func(one Money, currency string) int { return cmp.Compare(one.Currency, currency) })
	if !found {
		return slices.Insert(slices.Clone(s), i, m)
	}
	out := slices.Clone(s)
	out[i].Amount = out[i].Amount.Add(m.Amount)
	return out
}

// Of returns the amount in a currency.
func (s Sum) Of(currency string) Decimal {
	for _, m := range s {
		if m.Currency == currency {
			return m.Amount
		}
	}
	return "0"
}

// Minus returns the difference, in every currency that one of the two has.
func (s Sum) Minus(other Sum) Sum {
	out := s
	for _, m := range other {
		out = out.Plus(Money{Decimal("0").Sub(m.Amount), m.Currency})
	}
	return out
}

// Nothing reports whether there is no amount but 0.
func (s Sum) Nothing() bool {
	return !slices.ContainsFunc(s, func(m Money) bool { return m.Amount.Compare("0") != 0 })
}

// Spent are amounts by whether they have an owner.
type Spent struct {
	Total   Sum `json:"total"`         // empty is nothing
	Unowned Sum `json:"unowned"`       // what of it nobody owns
	Unknown Sum `json:"owner_unknown"` // of what it cannot be told whose it is
}

// Add adds a charge.
func (s *Spent) Add(c Charge) {
	s.Total = s.Total.Plus(c.Money)
	switch {
	case c.OwnerUnknown != "":
		s.Unknown = s.Unknown.Plus(c.Money)
	case c.Owner == "":
		s.Unowned = s.Unowned.Plus(c.Money)
	}
}

// Billed is what several bills say of the latest month that one of them is of.
type Billed struct {
	Start, End string   // as in Bill; "" where none was read
	Providers  []string // of the bills that were read
	Metrics    []string // likewise
	Estimated  bool     // one of them is not final
	Read       []Bill
	Unread     []Bill // those that could not be read, or are of another month
}

// LatestMonth sorts bills by whether they tell of their latest month.
func LatestMonth(bills []Bill) Billed {
	var out Billed
	for _, b := range bills {
		if b.Unknown == "" && b.Start > out.Start {
			out.Start, out.End = b.Start, b.End
		}
	}
	for _, b := range bills {
		switch {
		case b.Unknown != "":
			out.Unread = append(out.Unread, b)
		case b.Start != out.Start:
			out.Unread = append(out.Unread, Bill{Provider: b.Provider, Scope: b.Scope, Unknown: providers.Uncollected, Error: "it is of another month"})
		default:
			out.Read = append(out.Read, b)
			out.Estimated = out.Estimated || b.Estimated
			out.Metrics, out.Providers = once(out.Metrics, b.Metric), once(out.Providers, b.Provider)
		}
	}
	return out
}

// Comparable reports whether both tell the same costs of the same bills, so that one can be
// held against the other: where another bill was read, or one was not, a difference says
// nothing of what was spent.
func (m Billed) Comparable(other Billed) bool {
	same := func(a, b Bill) bool { return CompareBills(a, b) == 0 && a.Metric == b.Metric }
	return len(m.Read) > 0 && slices.EqualFunc(m.Read, other.Read, same)
}

// once adds a text to a list unless it is there.
func once(to []string, text string) []string {
	if slices.Contains(to, text) {
		return to
	}
	return append(to, text)
}
