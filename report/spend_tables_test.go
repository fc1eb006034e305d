package report

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

func TestWhatWasSpentIsDrawnOverTheRunsThatReadTheSameBills(t *testing.T) {
	now := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	bill := func(scope string, charges ...finding.Charge) finding.Bill {
		return finding.Bill{Provider: "aws", Scope: scope, Start: "2026-06-01", Metric: "m", Charges: charges}
	}
	charge := func(owner string, unknown providers.Reason, amount string) finding.Charge {
		return finding.Charge{Owner: owner, OwnerUnknown: unknown, Account: "1", Money: finding.Money{Amount: finding.Decimal(amount), Currency: "USD"}}
	}
	known := []finding.Bill{bill("1", charge("", "", "2"), charge("web", "", "-1.5"))}
	partly := []finding.Bill{bill("1", charge("", "disabled", "4"), charge("web", "", "3"))}
	run := finding.Run{Time: now, Spend: []finding.Bill{bill("1", charge("", "", "2.25"), charge("data", "", "9"), charge("web", "", "6"))}, Earlier: []finding.Earlier{
		{Time: now.AddDate(0, 0, -91), Spend: known}, // too long ago
		{Time: now.AddDate(0, 0, -45), Spend: known},
		{Time: now.AddDate(0, 0, -30), Spend: partly}, // it is not known whose all of it is
		{Time: now.AddDate(0, 0, -20), Spend: []finding.Bill{bill("1", charge("web", "", "100")), bill("2", charge("web", "", "100"))}},
		{Time: now.AddDate(0, 0, -10), Spend: []finding.Bill{{Provider: "aws", Scope: "1", Unknown: providers.Denied}}},
		{Time: now.AddDate(0, 0, -5)}, // it was to read no bill
	}}
	var got []string
	for _, table := range spendTables(run) {
		for _, s := range table {
			line := fmt.Sprintf("%s %s %s", s.of, s.name, s.total())
			if by, since, ok := s.changed(); ok {
				line += fmt.Sprintf(" %s since %s %s", signedAmount(by), since.Format(time.DateOnly), s.line(now).Path)
			}
			got = append(got, line)
		}
	}
	want := []string{
		"owner data 9", // nobody knows of it before
		"owner web 6 +7.50 since 2026-05-17 M50 20h0L100 0",
		"owner (nobody) 2.25 +0.25 since 2026-05-17 M50 2.2h0L100 0",
		"account aws 1 17.25 +16.75 since 2026-05-17 M50 19.4h0L66.7 11.9L100 0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
