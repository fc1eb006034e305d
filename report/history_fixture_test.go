package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// watched is a saved run with one finding of every status, what changed since the run
// before, and the tallies that scorecards are made of.
func watched() finding.Run {
	run := clear()
	p := testPolicies()["aws-s3-public-access-block"]
	p.Counts = finding.Counts{Pass: 306, Fail: 4}
	run.ID, run.Policies = "run-2026-03-14", append(run.Policies, p)
	prod := scopes()[0]
	at := func(month, day int) time.Time { return time.Date(2026, time.Month(month), day, 3, 0, 0, 0, time.UTC) }
	of := func(n int, s finding.Status, first, last, since time.Time) finding.Finding {
		f := live(p, finding.Fail, prod, "eu-central-1", fmt.Sprintf("bucket-%d-%s", n, s), "web", "block_public_acls is off", "public_access_block.block_public_acls")
		f.History = &finding.History{Status: s, FirstSeen: first, LastSeen: last, Since: since}
		return f
	}
	run.Findings = []finding.Finding{
		of(1, finding.StatusNew, run.Time, run.Time, run.Time),
		of(2, finding.StatusOpen, at(2, 1), run.Time, at(2, 1)),
		of(3, finding.StatusReopened, at(1, 2), run.Time, at(3, 1)),
		of(4, finding.StatusWaived, at(1, 2), run.Time, at(1, 5)),
	}
	run.Findings[2].History.Reopened = 2
	run.Findings[3].Waiver = &finding.Waiver{Reason: "a website is public", Approver: "jo", Ticket: "SEC-12", Expires: "2026-12-31", File: "waivers.yaml", Line: 4}
	run.Findings[3].Owner = ""
	run.Since = &finding.Since{
		Run:         finding.RunRef{ID: "run-2026-03-13", Time: at(3, 13)},
		New:         []string{run.Findings[0].Fingerprint},
		Reopened:    []string{run.Findings[2].Fingerprint},
		Fixed:       []finding.Finding{of(5, finding.StatusFixed, at(1, 2), at(3, 13), run.Time)},
		Gone:        []finding.Finding{of(6, finding.StatusGone, at(1, 2), at(3, 13), run.Time)},
		NotVisible:  []finding.Finding{of(7, finding.StatusNotVisible, at(1, 2), at(3, 13), run.Time)},
		CellsGained: []providers.Cell{{Scope: prod, Region: "eu-west-1", Type: "aws_s3_bucket"}},
		CellsLost:   []providers.Cell{{Scope: prod, Region: "us-east-1", Type: "aws_db_instance"}},
	}
	run.Tallies = []finding.Tally{
		{Provider: "aws", Scope: prod.ID, Category: finding.Security, Severity: finding.High, Counts: finding.Counts{Pass: 6, Fail: 1, Unknown: 3}},
		{Owner: "web", Provider: "aws", Scope: prod.ID, Category: finding.Security, Severity: finding.High, Counts: finding.Counts{Pass: 300, Fail: 3}},
		{Owner: "web", Provider: "aws", Scope: prod.ID, Category: finding.Security, Severity: finding.Medium, Counts: finding.Counts{Pass: 17}},
	}
	run.Earlier = []finding.Earlier{
		{Time: at(1, 2), Tallies: []finding.Tally{{Owner: "web", Provider: "aws", Scope: prod.ID, Category: finding.Security, Severity: finding.High, Counts: finding.Counts{Pass: 100, Fail: 150}}}},
		{Time: at(2, 10), Tallies: []finding.Tally{{Owner: "gone", Provider: "aws", Scope: prod.ID, Category: finding.Cost, Severity: finding.Low, Counts: finding.Counts{Fail: 1}}}},
		{Time: at(3, 13), Tallies: []finding.Tally{
			{Provider: "aws", Scope: prod.ID, Category: finding.Security, Severity: finding.High, Counts: finding.Counts{Pass: 9, Fail: 1}},
			{Owner: "web", Provider: "aws", Scope: prod.ID, Category: finding.Security, Severity: finding.High, Counts: finding.Counts{Pass: 200, Fail: 50, Unknown: 30}},
		}},
	}
	charge := func(owner string, unknown providers.Reason, amount, currency string) finding.Charge {
		return finding.Charge{Owner: owner, OwnerUnknown: unknown, Account: prod.ID, AccountName: hostile, Money: finding.Money{Amount: finding.Decimal(amount), Currency: currency}}
	}
	run.Spend = []finding.Bill{
		{
			Provider: "aws", Scope: prod.ID, Start: "2026-02-01", End: "2026-03-01", Metric: "NetAmortizedCost", Estimated: true,
			Charges: []finding.Charge{charge("", "", "1234.5600000001", "USD"), charge("", "disabled", "40", "USD"), charge("web", "", "7", "CNY"), charge("web", "", "8765.4", "USD")},
		},
		{Provider: "aws", Scope: "222222222222", Unknown: providers.Denied, Error: hostile, Permission: "ce:GetCostAndUsage"},
	}
	january := slices.Clone(run.Spend)
	january[0].Start, january[0].End = "2026-01-01", "2026-02-01"
	january[0].Charges = []finding.Charge{charge("", "", "1500", "USD"), charge("gone", "", "1", "USD"), charge("web", "", "8000", "USD")}
	run.Earlier[1].Spend, run.Earlier[2].Spend = january, run.Spend[1:] // the last one could not read the bill
	return run
}
