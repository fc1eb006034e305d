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
