package store

import (
	"encoding/json"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// billed returns what a run says of the bills of a month.
func billed(start, amount string) []finding.Bill {
	return []finding.Bill{
		{Provider: "aws", Scope: account, Start: start, End: "next", Metric: "NetAmortizedCost", Charges: []finding.Charge{
			{Owner: "shop", Account: "222222222222", AccountName: "shop", Money: finding.Money{Amount: finding.Decimal(amount), Currency: "USD"}},
		}},
		{Provider: "aws", Scope: "333333333333", Unknown: providers.Denied, Error: "no", Permission: "ce:GetCostAndUsage"},
	}
}

// scanOf is a scan of a day that read bills.
func scanOf(n int, bills []finding.Bill) scan {
	run := runOf(n, bucket("a"))
	run.Spend = bills
	return scan{run: run}
}

func TestBillsAreThoseOfTheRuns(t *testing.T) {
	s := openTemp(t)
	scanOf(0, billed("2026-05-01", "1")).save(t, s) // too long ago
	may := scanOf(1, billed("2026-05-01", "2")).save(t, s)
	same := scanOf(2, billed("2026-05-01", "2")).save(t, s)
	scanOf(3, nil).save(t, s)
	narrowed := scanOf(4, billed("2026-06-01", "4")).record(t, s)
	narrowed.Asked = func(finding.Subject) bool { return true }
	part := save(t, s, narrowed)
	other := scanOf(5, billed("2026-06-01", "5")).record(t, s)
	other.Series = "demo"
	save(t, s, other)
	june := scanOf(6, billed("2026-06-01", "6")).save(t, s)
	want := map[string][]finding.Bill{may.Run.ID: billed("2026-05-01", "2"), same.Run.ID: billed("2026-05-01", "2"), part.Run.ID: billed("2026-06-01", "4"), june.Run.ID: billed("2026-06-01", "6")}
	got, err := s.Bills(t.Context(), "scan", day(1))
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := s.Delete(t.Context(), may.Run.ID); err != nil {
		t.Fatal(err)
	}
	delete(want, may.Run.ID)
	if got, err = s.Bills(t.Context(), "scan", day(1)); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("after one of two that say the same was deleted (-want +got):\n%s", diff)
	}
	if got, err = s.Bills(t.Context(), "gate", time.Time{}); err != nil || len(got) > 0 {
		t.Errorf("of a series that is not there: %v, %v", got, err)
	}
	checkWhole(t, s)
}

// Bills were once kept in the heads of runs.
func TestBillsThatWereKeptInTheHeadOfARunAreRead(t *testing.T) {
	s := openTemp(t)
	saved := scanOf(0, billed("2026-05-01", "2")).save(t, s)
	scanOf(1, nil).save(t, s)
	want, err := s.Run(t.Context(), saved.Run.ID)
	if err != nil {
		t.Fatal(err)
	}
	head := headOf(want)
	head.Spend = want.Spend
	text, err := json.Marshal(head)
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPacker()
	if err != nil {
		t.Fatal(err)
	}
	run(t, s, `DELETE FROM run_part WHERE kind = 'spend'`)
	if _, err := s.db.ExecContext(t.Context(), s.dialect.bind(`UPDATE run SET head = ? WHERE id = ?`), p.pack(text), saved.Run.ID); err != nil {
		t.Fatal(err)
	}
	got, err := s.Run(t.Context(), saved.Run.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(want, got); diff != "" || len(got.Spend) == 0 {
		t.Errorf("the run (-want +got):\n%s", diff)
	}
	bills, err := s.Bills(t.Context(), "scan", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(map[string][]finding.Bill{saved.Run.ID: want.Spend}, bills); diff != "" {
		t.Errorf("bills (-want +got):\n%s", diff)
	}
	scored, err := s.Score(t.Context(), saved.Run.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(want.Spend, scored.Run.Spend); diff != "" {
		t.Errorf("for scorecards (-want +got):\n%s", diff)
	}
}
