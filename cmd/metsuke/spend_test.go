package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/metsuke-dev/metsuke/internal/demo"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/report"
)

// demoSpend is the spend of the demonstration, with operations denied.
func demoSpend(t *testing.T, deny ...string) []finding.Bill {
	t.Helper()
	p, stdout, stderr := testProcess(nil)
	p.faults = demo.Faults{Deny: func(op string) bool { return slices.Contains(deny, op) }}
	if code := run(context.Background(), p, []string{"demo", "--provider", "aws", "-f", "json"}); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	got, err := report.ReadJSON(strings.NewReader(stdout.String()))
	if err != nil {
		t.Fatal(err)
	}
	return got.Spend
}

// TestDeniedCallsOnlyMakeSpendUnknown holds spend to what verdicts are held to: whatever
// may not be read, an owner who is named spent no other amount than with full access, and
// nothing becomes nobody's.
func TestDeniedCallsOnlyMakeSpendUnknown(t *testing.T) {
	full := map[string]finding.Decimal{} // by owner and account
	for _, b := range demoSpend(t) {
		for _, c := range b.Charges {
			full[c.Owner+" in "+c.Account] = c.Amount
		}
	}
	if len(full) < 10 {
		t.Fatalf("the demonstration has the spend of %v", full)
	}
	for _, deny := range [][]string{
		{"CostExplorer.GetCostAndUsage"},
		{"CostExplorer.ListCostAllocationTags"},
		{"Organizations.DescribeOrganization"},
		{"Organizations.ListAccounts"},
		{"STS.AssumeRole"},
		{"CostExplorer.ListCostAllocationTags", "STS.AssumeRole"},
	} {
		t.Run(fmt.Sprint(deny), func(t *testing.T) {
			bills := demoSpend(t, deny...)
			if len(bills) == 0 {
				t.Error("nothing is said of the spend")
			}
			known := 0
			for _, b := range bills {
				for _, c := range b.Charges {
					if c.OwnerUnknown != "" {
						continue
					}
					known++
					if want := full[c.Owner+" in "+c.Account]; c.Amount != want {
						t.Errorf("%q spent %s in %s, and %s with full access", c.Owner, c.Amount, c.Account, want)
					}
				}
			}
			if slices.Equal(deny, []string{"STS.AssumeRole"}) && (known != len(full) || len(bills) != 1) {
				t.Errorf("the account that pays knows what members spent, and %d of %d amounts are told: %+v", known, len(full), bills)
			}
		})
	}
}
