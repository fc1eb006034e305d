package govern

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

func aBill(scope, start string, charges ...finding.Charge) finding.Bill {
	return finding.Bill{Provider: "aws", Scope: scope, Start: start, End: "next", Metric: "m", Charges: charges}
}

func aCharge(owner string, unknown providers.Reason, account, amount, currency string) finding.Charge {
	return finding.Charge{Owner: owner, OwnerUnknown: unknown, Account: account, AccountName: "name of " + account, Money: finding.Money{Amount: finding.Decimal(amount), Currency: currency}}
}

// spent writes the rows of a scorecard with what they spent: total/unowned/unknown.
func spent(c Scorecard) []string {
	sum := func(s finding.Sum) string {
		var out []string
		for _, m := range s {
			out = append(out, string(m.Amount)+m.Currency)
		}
		return strings.Join(out, "+")
	}
	var out []string
	for _, s := range append(c.Scores, c.Total) {
		text := fmt.Sprintf("%s %s:", s.Name, s.AccountName)
		if s.OwnerUnknown {
			text = "(unknown):"
		}
		if s.Spend != nil {
			text += fmt.Sprintf(" %s/%s/%s", sum(s.Spend.Total), sum(s.Spend.Unowned), sum(s.Spend.Unknown))
		}
		out = append(out, text)
	}
	return out
}

func TestSpendIsSummedByCurrencyInTheRowsOfAScorecard(t *testing.T) {
	gcp := someTally("data", "p", finding.Security, finding.Low, 1, 0, 0)
	gcp.Provider = "gcp"
	run := finding.Run{
		Time: scoredAt, Tallies: []finding.Tally{someTally("web", "1", finding.Security, finding.Low, 1, 0, 0), someTally("ops", "3", finding.Security, finding.Low, 1, 0, 0), gcp},
		Scopes: []providers.Scope{{Provider: "aws", ID: "1", Name: "main"}},
		Spend: []finding.Bill{aBill(
			"1", "2026-06-01",
			aCharge("", "", "1", "5", "USD"), aCharge("web", "", "1", "0.1", "USD"), aCharge("web", "", "2", "0.2", "USD"), aCharge("web", "", "2", "9", "CNY"), aCharge("", "disabled", "2", "7", "USD"),
		)},
	}
	for by, want := range map[ScoreBy][]string{
		// Of data, which has nothing there, it is not known what it spent elsewhere.
		ByOwner:    {"data :", "ops : //", "web : 9CNY+0.3USD//", " : 5USD/5USD/", "(unknown): 7USD//7USD", " : 9CNY+12.3USD/5USD/7USD"},
		ByAccount:  {"aws 1 main: 5.1USD/5USD/", "aws 3 : //", "gcp p :", "aws 2 name of 2: 9CNY+7.2USD//7USD", " : 9CNY+12.3USD/5USD/7USD"},
		ByProvider: {"aws : 9CNY+12.3USD/5USD/7USD", "gcp :", " : 9CNY+12.3USD/5USD/7USD"},
		ByCategory: {"security :", " :"},
	} {
		if diff := cmp.Diff(want, spent(NewScorecard(ScoreInput{By: by, Run: run}))); diff != "" {
			t.Errorf("by %s (-want +got):\n%s", by, diff)
		}
	}
	owner := "web"
	if diff := cmp.Diff([]string{"aws 1 main: 0.1USD//", "aws 2 name of 2: 9CNY+0.2USD//", " : 9CNY+0.3USD//"}, spent(NewScorecard(ScoreInput{By: ByAccount, Owner: &owner, Run: run}))); diff != "" {
		t.Errorf("of web (-want +got):\n%s", diff)
	}
}

func TestWhereABillIsMissingNobodySpentNothing(t *testing.T) {
	denied := finding.Bill{Provider: "aws", Scope: "2", Unknown: providers.Denied, Error: "no", Permission: "ce:GetCostAndUsage"}
	tallies := []finding.Tally{someTally("ops", "1", finding.Security, finding.Low, 1, 0, 0), someTally("web", "1", finding.Security, finding.Low, 1, 0, 0)}
	unread := Unread{Provider: "aws", Scope: "2", Reason: providers.Denied, Error: "no", Permission: "ce:GetCostAndUsage"}
	for name, c := range map[string]struct {
		bills []finding.Bill
		rows  []string
		about *ScoreBills
	}{
		"no bill was asked for": {nil, []string{"ops :", "web :", " :", " :"}, nil},
		"no bill was read":      {[]finding.Bill{denied}, []string{"ops :", "web :", " :", " :"}, &ScoreBills{Providers: []string{}, Metrics: []string{}, Unread: []Unread{unread}}},
		"one bill was read": {
			[]finding.Bill{aBill("1", "2026-06-01", aCharge("web", "", "1", "3", "USD")), denied},
			[]string{"ops :", "web : 3USD//", " :", " : 3USD//"},
			&ScoreBills{Providers: []string{"aws"}, Start: "2026-06-01", End: "next", Metrics: []string{"m"}, Unread: []Unread{unread}},
		},
		"one bill is of another month": {
			[]finding.Bill{aBill("1", "2026-06-01", aCharge("web", "", "1", "3", "USD")), aBill("2", "2026-05-01", aCharge("web", "", "2", "4", "USD"))},
			[]string{"ops :", "web : 3USD//", " :", " : 3USD//"},
			&ScoreBills{Providers: []string{"aws"}, Start: "2026-06-01", End: "next", Metrics: []string{"m"}, Unread: []Unread{{Provider: "aws", Scope: "2", Reason: providers.Uncollected, Error: "it is of another month"}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			card := NewScorecard(ScoreInput{By: ByOwner, Run: finding.Run{Time: scoredAt, Tallies: tallies, Spend: c.bills}})
			if diff := cmp.Diff(c.rows, spent(card)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.about, card.Bills); diff != "" {
				t.Errorf("bills (-want +got):\n%s", diff)
			}
		})
	}
}
