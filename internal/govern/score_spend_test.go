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

func sumText(s finding.Sum) string {
	var out []string
	for _, m := range s {
		out = append(out, string(m.Amount)+m.Currency)
	}
	return strings.Join(out, "+")
}

// spent writes the rows of a scorecard with what they spent: total/unowned/unknown.
func spent(c Scorecard) []string {
	sum := sumText
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
		// Of data, which has nothing there, it is not known what it spent elsewhere, and ops
		// may have spent what it is not known whose it is.
		ByOwner:    {"data :", "ops :", "web : 9CNY+0.3USD//", " : 5USD/5USD/", "(unknown): 7USD//7USD", " : 9CNY+12.3USD/5USD/7USD"},
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
		"no bill was read":      {[]finding.Bill{denied}, []string{"ops :", "web :", " :", " :"}, &ScoreBills{Providers: []string{}, Metrics: []string{}, Unknown: finding.Sum{}, Unread: []Unread{unread}}},
		"one bill was read": {
			[]finding.Bill{aBill("1", "2026-06-01", aCharge("web", "", "1", "3", "USD")), denied},
			[]string{"ops :", "web : 3USD//", " :", " : 3USD//"},
			&ScoreBills{Providers: []string{"aws"}, Start: "2026-06-01", End: "next", Metrics: []string{"m"}, Unknown: finding.Sum{}, Unread: []Unread{unread}},
		},
		"one bill is of another month": {
			[]finding.Bill{aBill("1", "2026-06-01", aCharge("web", "", "1", "3", "USD")), aBill("2", "2026-05-01", aCharge("web", "", "2", "4", "USD"))},
			[]string{"ops :", "web : 3USD//", " :", " : 3USD//"},
			&ScoreBills{Providers: []string{"aws"}, Start: "2026-06-01", End: "next", Metrics: []string{"m"}, Unknown: finding.Sum{}, Unread: []Unread{{Provider: "aws", Scope: "2", Reason: providers.Uncollected, Error: "it is of another month"}}},
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

func TestWhoIsOnNoBillSpentNothingIfAllOfItIsKnown(t *testing.T) {
	tallies := []finding.Tally{someTally("ops", "1", finding.Security, finding.Low, 1, 0, 0)}
	paid, open := aCharge("web", "", "1", "3", "USD"), aCharge("", "disabled", "2", "7", "USD")
	ops := "ops"
	for name, c := range map[string]struct {
		in   ScoreInput
		bill finding.Bill
		want []string
	}{
		"by owner":                       {ScoreInput{By: ByOwner}, aBill("1", "2026-06-01", paid), []string{"ops : //", " : //", "web : 3USD//", " : 3USD//"}},
		"by owner, some is unknown":      {ScoreInput{By: ByOwner}, aBill("1", "2026-06-01", paid, open), []string{"ops :", " :", "(unknown): 7USD//7USD", "web : 3USD//", " : 10USD//7USD"}},
		"by account, some is unknown":    {ScoreInput{By: ByAccount}, aBill("1", "2026-06-01", open), []string{"aws 1 : //", "aws 2 name of 2: 7USD//7USD", " : 7USD//7USD"}},
		"of an owner":                    {ScoreInput{By: ByAccount, Owner: &ops}, aBill("1", "2026-06-01", paid), []string{"aws 1 name of 1: //", " : //"}},
		"of an owner, some is unknown":   {ScoreInput{By: ByAccount, Owner: &ops}, aBill("1", "2026-06-01", paid, open), []string{"aws 1 name of 1:", " :"}},
		"of an owner who has a part":     {ScoreInput{By: ByOwner, Owner: new("web")}, aBill("1", "2026-06-01", paid, open), []string{"web : 3USD//", " : 3USD//"}},
		"in a bill on which nothing is":  {ScoreInput{By: ByOwner}, aBill("1", "2026-06-01"), []string{"ops : //", " : //", " : //"}},
		"by account, in an empty bill":   {ScoreInput{By: ByAccount}, aBill("1", "2026-06-01"), []string{"aws 1 : //", " : //"}},
		"a refund that is all there was": {ScoreInput{By: ByAccount}, aBill("1", "2026-06-01", aCharge("", "", "1", "-2.50", "EUR")), []string{"aws 1 name of 1: -2.50EUR/-2.50EUR/", " : -2.50EUR/-2.50EUR/"}},
	} {
		t.Run(name, func(t *testing.T) {
			c.in.Run = finding.Run{Time: scoredAt, Tallies: tallies, Spend: []finding.Bill{c.bill}}
			if diff := cmp.Diff(c.want, spent(NewScorecard(c.in))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// changes writes by how much spend changed over 7, 30 and 90 days: total/unowned.
func changes(c Scorecard) map[string][]string {
	out := map[string][]string{}
	for i, s := range append(c.Scores, c.Total) {
		name := s.Name
		if i == len(c.Scores) {
			name = "all"
		}
		for _, by := range s.SpendTrend {
			text := "-"
			if by.Since != nil {
				text = sumText(by.Since.Total) + "/-"
				if by.Since.Unowned != nil {
					text = sumText(by.Since.Total) + "/" + sumText(*by.Since.Unowned)
				}
			}
			out[name] = append(out[name], text)
		}
	}
	return out
}

func TestSpendIsComparedWithThatOfARunOfThatTimeThatReadTheSameBills(t *testing.T) {
	web := []finding.Tally{someTally("web", "1", finding.Security, finding.Low, 1, 0, 0)}
	bills := func(start, web, nobody string) []finding.Bill {
		return []finding.Bill{aBill("1", start, aCharge("", "", "1", nobody, "USD"), aCharge("web", "", "1", web, "USD"))}
	}
	another := bills("2026-06-01", "50", "0")
	another[0].Scope = "2"
	denied := append(bills("2026-06-01", "1", "1"), finding.Bill{Provider: "aws", Scope: "2", Unknown: providers.Denied})
	other := bills("2026-06-01", "1", "1")
	other[0].Metric = "UnblendedCost"
	in := ScoreInput{
		By:  ByOwner,
		Run: finding.Run{Time: scoredAt, Tallies: web, Spend: bills("2026-06-01", "10", "4.5")},
		Past: []PastTallies{
			{Time: ago(100), Tallies: web, Spend: bills("2026-03-01", "2", "0")},
			{Time: ago(40), Tallies: web, Spend: bills("2026-05-01", "12", "5")},
			{Time: ago(35), Tallies: web}, // these four give no point
			{Time: ago(33), Tallies: web, Spend: another},
			{Time: ago(32), Tallies: web, Spend: []finding.Bill{{Provider: "aws", Scope: "1", Unknown: providers.Denied}}},
			{Time: ago(31), Tallies: web, Spend: other},
			{Time: ago(9), Tallies: web, Spend: bills("2026-06-01", "9.99", "4.5")},
			{Time: ago(8), Tallies: web, Spend: bills("2026-06-01", "9.99", "4.5")},
			{Time: ago(-1), Tallies: web, Spend: bills("2026-06-01", "1", "1")}, // later
		},
	}
	want := map[string][]string{
		"":    {"0USD/0USD", "-0.5USD/-0.5USD", "4.5USD/4.5USD"},
		"web": {"0.01USD/", "-2USD/", "8USD/"},
		"all": {"0.01USD/0USD", "-2.5USD/-0.5USD", "12.5USD/4.5USD"},
	}
	card := NewScorecard(in)
	if diff := cmp.Diff(want, changes(card)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	point := func(days int, start, web, nobody string) SpendPoint {
		var s finding.Spent
		for _, c := range bills(start, web, nobody)[0].Charges {
			s.Add(c)
		}
		return SpendPoint{ago(days), start, whole(s)}
	}
	points := []SpendPoint{point(40, "2026-05-01", "12", "5"), point(9, "2026-06-01", "9.99", "4.5"), point(0, "2026-06-01", "10", "4.5")}
	if diff := cmp.Diff(points, card.Total.SpendPast); diff != "" {
		t.Errorf("points of a change (-want +got):\n%s", diff)
	}
	in.Run.Spend = denied // of which more is known than of the others is not the same as more being spent
	want = map[string][]string{"web": {"-", "-", "-"}, "": {"-", "-", "-"}, "all": {"-", "-", "-"}}
	in.Past[0].Spend = append(in.Past[0].Spend, finding.Bill{Provider: "aws", Scope: "2", Start: "2026-03-01", Metric: "m"})
	in.Past = in.Past[:1]
	if diff := cmp.Diff(want, changes(NewScorecard(in))); diff != "" {
		t.Errorf("where another bill could not be read (-want +got):\n%s", diff)
	}
}

func TestACurrencyThatIsNotOnABillAnyMoreIsPartOfTheChange(t *testing.T) {
	in := ScoreInput{
		By: ByAccount, Run: finding.Run{Time: scoredAt, Spend: []finding.Bill{aBill("1", "2026-06-01", aCharge("web", "", "1", "9", "EUR"))}},
		Past: []PastTallies{{Time: ago(7), Spend: []finding.Bill{aBill("1", "2026-05-01", aCharge("web", "", "1", "10", "USD"))}}},
	}
	want := map[string][]string{"aws 1": {"9EUR+-10USD/", "-", "-"}, "all": {"9EUR+-10USD/", "-", "-"}}
	if diff := cmp.Diff(want, changes(NewScorecard(in))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatIsSomebodysIsComparedOnlyWhereItIsKnownWhoseAllOfItIs(t *testing.T) {
	tallies := []finding.Tally{someTally("web", "1", finding.Security, finding.Low, 1, 0, 0)}
	mine, nobodys, open := aCharge("web", "", "1", "3", "USD"), aCharge("", "", "1", "2", "USD"), aCharge("", "disabled", "1", "7", "USD")
	known, partly := []finding.Bill{aBill("1", "m", mine, nobodys)}, []finding.Bill{aBill("1", "m", mine, nobodys, open)}
	for name, c := range map[string]struct {
		by        ScoreBy
		owner     *string
		then, now []finding.Bill
		want      map[string][]string
	}{
		"known by owner":                 {ByOwner, nil, known, known, map[string][]string{"": {"0USD/0USD", "-", "-"}, "web": {"0USD/", "-", "-"}, "all": {"0USD/0USD", "-", "-"}}},
		"some was unknown by owner":      {ByOwner, nil, partly, known, map[string][]string{"": {"-", "-", "-"}, "web": {"-", "-", "-"}, "all": {"-7USD/-", "-", "-"}}},
		"some is unknown by account":     {ByAccount, nil, known, partly, map[string][]string{"aws 1": {"7USD/-", "-", "-"}, "all": {"7USD/-", "-", "-"}}},
		"some is unknown of an owner":    {ByAccount, new("web"), known, partly, map[string][]string{"aws 1": {"-", "-", "-"}, "all": {"-", "-", "-"}}},
		"some was both times, by owner":  {ByProvider, new("web"), partly, partly, map[string][]string{"aws": {"-", "-", "-"}, "all": {"-", "-", "-"}}},
		"all is known of an owner":       {ByProvider, new("web"), known, known, map[string][]string{"aws": {"0USD/", "-", "-"}, "all": {"0USD/", "-", "-"}}},
		"nobody's both times, by itself": {ByProvider, new(""), known, known, map[string][]string{"aws": {"0USD/0USD", "-", "-"}, "all": {"0USD/0USD", "-", "-"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got := changes(NewScorecard(ScoreInput{By: c.by, Owner: c.owner, Run: finding.Run{Time: scoredAt, Tallies: tallies, Spend: c.now}, Past: []PastTallies{{Time: ago(7), Tallies: tallies, Spend: c.then}}}))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatCannotBeToldHasATrendOfItsOwn(t *testing.T) {
	tallies := []finding.Tally{someTally("web", "1", finding.Security, finding.Low, 1, 0, 0)}
	bills := func(amount string) []finding.Bill {
		return []finding.Bill{aBill("1", "m", aCharge("", "disabled", "1", amount, "USD"))}
	}
	card := NewScorecard(ScoreInput{By: ByOwner, Run: finding.Run{Time: scoredAt, Tallies: tallies, Spend: bills("5")}, Past: []PastTallies{{Time: ago(7), Tallies: tallies, Spend: bills("7.25")}}})
	for _, s := range card.Scores {
		if s.OwnerUnknown {
			if diff := cmp.Diff(&SpendDifference{Total: finding.Sum{{Amount: "-2.25", Currency: "USD"}}}, s.SpendTrend[0].Since); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			return
		}
	}
	t.Errorf("there is no such row in %+v", card.Scores)
}
