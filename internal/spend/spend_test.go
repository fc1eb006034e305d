package spend

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/providers"
)

const organization = "o-1"

func scope(id, name, role string) providers.Scope {
	return providers.Scope{Provider: "aws", ID: id, Name: name, Labels: map[string]string{"organization_role": role, "organization_id": organization}}
}

func account(s providers.Scope, bill any, unknown map[string]providers.Reason) providers.Resource {
	r := providers.Resource{Scope: s, Type: "aws_account", ID: "arn:aws:account::" + s.ID + ":account", Attributes: map[string]any{}, Unknown: unknown}
	if unknown["spend"] == "" {
		r.Attributes["spend"] = bill
	}
	return r
}

// bill returns one of June with the lines: "111111111111 7.5 USD Owner=a team:disabled".
func bill(lines ...string) map[string]any {
	var out []any
	for _, text := range lines {
		f := strings.Fields(text)
		l := map[string]any{"account": f[0], "account_name": nil, "amount": f[1], "currency": f[2]}
		var tags, untold []any
		for _, more := range f[3:] {
			if k, v, ok := strings.Cut(more, "="); ok {
				tags = append(tags, map[string]any{"key": k, "value": v})
			} else {
				k, v, _ := strings.Cut(more, ":")
				untold = append(untold, map[string]any{"key": k, "reason": v})
			}
		}
		l["tags"], l["untold"] = tags, untold
		out = append(out, l)
	}
	return map[string]any{"start": "2026-06-01", "end": "2026-07-01", "metric": "NetAmortizedCost", "estimated": true, "looked_for": []any{"Owner"}, "lines": out}
}

func owners(t *testing.T, rules string) *govern.Owners {
	t.Helper()
	o, err := govern.ParseOwners([]byte(rules), "owners.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func charge(owner string, why providers.Reason, account, name, amount, currency string) finding.Charge {
	return finding.Charge{Owner: owner, OwnerUnknown: why, Account: account, AccountName: name, Money: finding.Money{Amount: finding.Decimal(amount), Currency: currency}}
}

func TestTheLinesOfABillAreJudgedByTheOwnerRules(t *testing.T) {
	pays, member := scope("111111111111", "main", "management"), scope("222222222222", "shop", "member")
	var x Reader
	x.Seen(account(pays, bill(
		"111111111111 0.1 USD Owner=a", "111111111111 0.2 USD owner=A", "111111111111 3 USD", "111111111111 4 CNY",
		"222222222222 5 USD Owner=b-tmp", "222222222222 6 USD", "333333333333 7 USD Owner=c", "333333333333 8 USD owner:disabled",
	), nil))
	x.Seen(account(member, nil, nil))
	x.Seen(providers.Resource{Scope: pays, Type: "aws_vpc", Attributes: map[string]any{"spend": "none of ours"}})
	run := finding.Run{Scopes: []providers.Scope{member, pays}}
	x.Apply(&run, owners(t, `
owners: [{name: a}, {name: shop}]
rules:
  - account: shop
    resource: "*-tmp"
    owner: unowned
  - tag: owner
  - account: sh*
    owner: shop
`), false)
	want := []finding.Bill{{
		Provider: "aws", Scope: "111111111111", Start: "2026-06-01", End: "2026-07-01", Metric: "NetAmortizedCost", Estimated: true,
		Charges: []finding.Charge{
			charge("", "", "111111111111", "main", "4", "CNY"),
			charge("", "", "111111111111", "main", "3", "USD"),
			charge("", "uncollected", "333333333333", "", "15", "USD"), // without its name it may be shop
			charge("", "unsupported", "222222222222", "shop", "11", "USD"),
			charge("a", "", "111111111111", "main", "0.3", "USD"),
		},
	}}
	if diff := cmp.Diff(want, run.Spend); diff != "" {
		t.Errorf("spend (-want +got):\n%s", diff)
	}
	notes := []string{
		"whose 11.00 USD of spend is cannot be told: owners.yaml:4: the owner rule (account shop, resource *-tmp: unowned) asks for what is not on a bill, or what only the account that pays can tell",
		"whose 15.00 USD of spend is cannot be told: owners.yaml:4: the owner rule (account shop, resource *-tmp: unowned): account could not be read: uncollected (uncollected)",
	}
	if diff := cmp.Diff(notes, run.Notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

func TestABillThatIsNotThereIsUnknown(t *testing.T) {
	pays, member, alone := scope("111111111111", "main", "management"), scope("222222222222", "shop", "member"), scope("333333333333", "lab", "standalone")
	gap := func(s providers.Scope, path string) providers.Gap {
		return providers.Gap{Scope: s, Type: "aws_account", Path: path, Reason: providers.Denied, Permission: "ce:GetCostAndUsage", Err: "no"}
	}
	denied := map[string]providers.Reason{"spend": providers.Denied}
	unknown := func(id string, why providers.Reason, err, permission string) finding.Bill {
		return finding.Bill{Provider: "aws", Scope: id, Unknown: why, Error: err, Permission: permission}
	}
	for name, c := range map[string]struct {
		seen []providers.Resource
		run  finding.Run
		want []finding.Bill
	}{
		"refused": {
			[]providers.Resource{account(pays, nil, denied), account(member, nil, nil)},
			finding.Run{Scopes: []providers.Scope{pays, member}, Coverage: finding.Coverage{Gaps: []providers.Gap{gap(pays, "budgets,spend")}}},
			[]finding.Bill{unknown("111111111111", "denied", "no", "ce:GetCostAndUsage")},
		},
		"of a member that was not reached, beside its payer": {
			[]providers.Resource{account(pays, bill(), nil)},
			finding.Run{Scopes: []providers.Scope{pays, member}, Coverage: finding.Coverage{Gaps: []providers.Gap{{Scope: member, Reason: providers.Denied, Permission: "sts:AssumeRole"}}}},
			[]finding.Bill{{Provider: "aws", Scope: "111111111111", Start: "2026-06-01", End: "2026-07-01", Metric: "NetAmortizedCost", Estimated: true}},
		},
		"of a member that cannot tell its organisation, beside its payer": {
			[]providers.Resource{account(pays, nil, denied), account(member, nil, denied)},
			finding.Run{Scopes: []providers.Scope{pays, member}, Coverage: finding.Coverage{Gaps: []providers.Gap{gap(pays, "spend"), gap(member, "spend")}}},
			[]finding.Bill{unknown("111111111111", "denied", "no", "ce:GetCostAndUsage")},
		},
		"of a member whose payer is not read": {
			[]providers.Resource{account(member, nil, nil)},
			finding.Run{Scopes: []providers.Scope{member}},
			[]finding.Bill{unknown("222222222222", "uncollected", "it is on the bill of the account that pays, which was not read", "")},
		},
		"of an account that was not reached": {
			nil,
			finding.Run{Scopes: []providers.Scope{alone}, Coverage: finding.Coverage{Gaps: []providers.Gap{{Scope: alone, Reason: providers.Denied, Permission: "sts:AssumeRole", Err: "no role"}}}},
			[]finding.Bill{unknown("333333333333", "denied", "no role", "sts:AssumeRole")},
		},
		"of an account that nothing is said of": {nil, finding.Run{Scopes: []providers.Scope{alone}}, []finding.Bill{unknown("333333333333", "failed", "", "")}},
		"interrupted":                           {nil, finding.Run{Scopes: []providers.Scope{alone}, Interrupted: true}, []finding.Bill{unknown("333333333333", "interrupted", "", "")}},
		"with an amount that is none": {
			[]providers.Resource{account(alone, bill("333333333333 5 USD", "333333333333 1/3 USD"), nil)},
			finding.Run{Scopes: []providers.Scope{alone}},
			[]finding.Bill{unknown("333333333333", "failed", `the bill cannot be read: "1/3" is no decimal number`, "")},
		},
		"of another provider": {nil, finding.Run{Scopes: []providers.Scope{{Provider: "gcp", ID: "organizations/1"}}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var x Reader
			for _, r := range c.seen {
				x.Seen(r)
			}
			x.Apply(&c.run, govern.OwnersByTags([]string{"owner"}), false)
			if diff := cmp.Diff(c.want, c.run.Spend); diff != "" {
				t.Errorf("spend (-want +got):\n%s", diff)
			}
			if len(c.run.Notes) > 0 {
				t.Errorf("notes: %q", c.run.Notes)
			}
		})
	}
}

func TestABillOfNothingIsKnownToBeNothing(t *testing.T) {
	alone := scope("333333333333", "lab", "standalone")
	var x Reader
	x.Seen(account(alone, bill(), nil))
	run := finding.Run{Scopes: []providers.Scope{alone}}
	x.Apply(&run, govern.OwnersByTags(nil), false)
	want := []finding.Bill{{Provider: "aws", Scope: "333333333333", Start: "2026-06-01", End: "2026-07-01", Metric: "NetAmortizedCost", Estimated: true}}
	if diff := cmp.Diff(want, run.Spend); diff != "" {
		t.Errorf("spend (-want +got):\n%s", diff)
	}
}

func TestABillThatWasReadForOtherRulesTellsNothingOfTheTagsOfThese(t *testing.T) {
	alone := scope("333333333333", "lab", "standalone")
	var x Reader
	x.Seen(account(alone, bill("333333333333 1 USD Owner=a", "333333333333 2 USD"), nil))
	run := finding.Run{Scopes: []providers.Scope{alone}}
	x.Apply(&run, govern.OwnersByTags([]string{"owner", "cost-center"}), false)
	want := []finding.Charge{charge("", "uncollected", "333333333333", "lab", "2", "USD"), charge("a", "", "333333333333", "lab", "1", "USD")}
	if diff := cmp.Diff(want, run.Spend[0].Charges); diff != "" {
		t.Errorf("charges (-want +got):\n%s", diff)
	}
}
