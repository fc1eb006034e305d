package serve

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jonboulle/clockwork"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// ask returns status and text of an answer.
func ask(t *testing.T, h http.Handler, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, http.NoBody))
	return w.Code, w.Body.String()
}

// figures returns the lines of the project's own figures.
func figures(t *testing.T, h http.Handler) []string {
	t.Helper()
	status, text := ask(t, h, "/metrics")
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	var out []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "metsuke_") && !strings.Contains(line, "_bucket{") {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

func TestTheFiguresSayWhatTheLastScansSaw(t *testing.T) {
	aws := &providers.Traffic{}
	aws.Count(false)
	aws.Count(true)
	m := NewMetrics("v1", map[string]*providers.Traffic{"aws": aws})
	m.Announce("nightly")
	h := Handler(New(Config{}), m)
	begun := time.Unix(1000, 0)
	before := []string{
		`metsuke_api_calls_total{provider="aws"} 2`,
		`metsuke_api_throttled_total{provider="aws"} 1`,
		`metsuke_build_info{version="v1"} 1`,
		`metsuke_scan_running{schedule="nightly"} 0`,
		`metsuke_scans_total{outcome="complete",schedule="nightly"} 0`,
		`metsuke_scans_total{outcome="failed",schedule="nightly"} 0`,
		`metsuke_scans_total{outcome="incomplete",schedule="nightly"} 0`,
		`metsuke_scans_total{outcome="interrupted",schedule="nightly"} 0`,
	}
	if diff := cmp.Diff(before, figures(t, h)); diff != "" {
		t.Errorf("before the first scan (-want +got):\n%s", diff)
	}
	job := Job{Schedule: "nightly", Due: time.Unix(990, 0)}
	m.Watch(Event{Job: job, Begun: begun})
	m.Watch(Event{Job: job, Begun: begun, Ended: begun.Add(90 * time.Second), Outcome: Incomplete})
	m.Set(Standing{
		Findings: Groups([]finding.Finding{
			{Verdict: finding.Fail, Severity: finding.High, Category: finding.Security, Owner: `the "A" team`},
			{Verdict: finding.Fail, Severity: finding.High, Category: finding.Security, Owner: `the "A" team`},
			{Verdict: finding.Fail, Severity: finding.Low, Category: finding.Cost, Waiver: &finding.Waiver{}},
			{Verdict: finding.Unknown, Severity: finding.Low, Category: finding.Cost},
		}),
		Unknown: 7, CellsPlanned: 40, CellsRead: 38, LastRun: time.Unix(1090, 0), LastComplete: map[string]time.Time{"aws": time.Unix(500, 0), "github": time.Unix(1090, 0)},
	})
	after := []string{
		`metsuke_api_calls_total{provider="aws"} 2`,
		`metsuke_api_throttled_total{provider="aws"} 1`,
		`metsuke_build_info{version="v1"} 1`,
		`metsuke_cells{state="planned"} 40`,
		`metsuke_cells{state="read"} 38`,
		`metsuke_findings{category="cost",owner="",severity="low",waived="true"} 1`,
		`metsuke_findings{category="security",owner="the \"A\" team",severity="high",waived="false"} 2`,
		`metsuke_last_complete_run_timestamp_seconds{provider="aws"} 500`,
		`metsuke_last_complete_run_timestamp_seconds{provider="github"} 1090`,
		`metsuke_last_due_timestamp_seconds{schedule="nightly"} 990`,
		`metsuke_last_run_timestamp_seconds 1090`,
		`metsuke_last_scan_duration_seconds{schedule="nightly"} 90`,
		`metsuke_scan_duration_seconds_sum{schedule="nightly"} 90`,
		`metsuke_scan_duration_seconds_count{schedule="nightly"} 1`,
		`metsuke_scan_running{schedule="nightly"} 0`,
		`metsuke_scans_total{outcome="complete",schedule="nightly"} 0`,
		`metsuke_scans_total{outcome="failed",schedule="nightly"} 0`,
		`metsuke_scans_total{outcome="incomplete",schedule="nightly"} 1`,
		`metsuke_scans_total{outcome="interrupted",schedule="nightly"} 0`,
		`metsuke_unknown_verdicts 7`,
	}
	if diff := cmp.Diff(after, figures(t, h)); diff != "" {
		t.Errorf("after a scan (-want +got):\n%s", diff)
	}
}

func TestTheFiguresSayWhatWasSpentWhereEveryBillWasRead(t *testing.T) {
	charge := func(owner string, unknown providers.Reason, amount, currency string) finding.Charge {
		return finding.Charge{Owner: owner, OwnerUnknown: unknown, Account: "1", Money: finding.Money{Amount: finding.Decimal(amount), Currency: currency}}
	}
	bill := func(scope string, charges ...finding.Charge) finding.Bill {
		return finding.Bill{Provider: "aws", Scope: scope, Start: "2026-06-01", End: "2026-07-01", Metric: "m", Charges: charges}
	}
	denied := finding.Bill{Provider: "aws", Scope: "3", Unknown: providers.Denied}
	month := `metsuke_spend_month_timestamp_seconds 1.780272e+09`
	for name, c := range map[string]struct {
		bills []finding.Bill
		want  []string
	}{
		"none was to be read":   {nil, nil},
		"none could be read":    {[]finding.Bill{denied}, []string{`metsuke_bills{state="read"} 0`, `metsuke_bills{state="unread"} 1`}},
		"one could not be read": {[]finding.Bill{bill("1", charge("web", "", "5", "USD")), denied}, []string{`metsuke_bills{state="read"} 1`, `metsuke_bills{state="unread"} 1`}},
		"all were read": {
			[]finding.Bill{bill("1", charge("web", "", "0.1", "USD"), charge("web", "", "-3", "CNY")), bill("2", charge("", "", "0.5", "CNY"), charge("web", "", "0.2", "USD"))},
			[]string{
				`metsuke_bills{state="read"} 2`, `metsuke_bills{state="unread"} 0`, month,
				`metsuke_spend{currency="CNY",owner=""} 0.5`, `metsuke_spend{currency="CNY",owner="web"} -3`,
				`metsuke_spend{currency="USD",owner=""} 0`, `metsuke_spend{currency="USD",owner="web"} 0.3`,
			},
		},
		"whose some is is unknown": {
			[]finding.Bill{bill("1", charge("", "disabled", "7", "USD"))},
			[]string{`metsuke_bills{state="read"} 1`, `metsuke_bills{state="unread"} 0`, month, `metsuke_spend{currency="USD",owner="(unknown)"} 7`},
		},
		"nothing was spent": {[]finding.Bill{bill("1")}, []string{`metsuke_bills{state="read"} 1`, `metsuke_bills{state="unread"} 0`, month}},
	} {
		t.Run(name, func(t *testing.T) {
			m := NewMetrics("v1", nil)
			m.Set(Standing{Bills: BillsOf(c.bills)})
			var got []string
			for _, line := range figures(t, Handler(New(Config{}), m)) {
				if strings.HasPrefix(line, "metsuke_spend") || strings.HasPrefix(line, "metsuke_bills") {
					got = append(got, line)
				}
			}
			slices.Sort(got)
			slices.Sort(c.want)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheFiguresAreAsPrometheusWantsThem(t *testing.T) {
	m := NewMetrics("v1", map[string]*providers.Traffic{"aws": {}})
	m.Announce("nightly")
	job := Job{Schedule: "nightly", Due: time.Unix(990, 0)}
	m.Watch(Event{Job: job, Begun: time.Unix(1000, 0), Ended: time.Unix(1090, 0), Outcome: Complete})
	m.Set(Standing{
		Findings: Groups([]finding.Finding{{Verdict: finding.Fail, Severity: finding.High, Category: finding.Security, Owner: "web"}}),
		Unknown:  1, CellsPlanned: 1, CellsRead: 1, LastRun: time.Unix(1090, 0), LastComplete: map[string]time.Time{"aws": time.Unix(1090, 0)},
		Bills: Bills{Read: 1, Month: time.Unix(0, 0), Spend: map[SpendGroup]float64{{Owner: "web", Currency: "USD"}: 1}},
	})
	status, text := ask(t, Handler(New(Config{}), m), "/metrics")
	problems, err := promlint.New(strings.NewReader(text)).Lint() // as promtool check metrics does
	if status != http.StatusOK || err != nil {
		t.Fatal(status, err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestWhatOwnersAreCalledDoesNotBreakTheFigures(t *testing.T) {
	m := NewMetrics("v1", nil)
	fail := finding.Finding{Verdict: finding.Fail, Severity: finding.High, Category: finding.Security}
	var findings []finding.Finding
	for _, owner := range []string{"a\xff", "a\xfe", "two\nlines", `back\slash "quoted"`, "目付", strings.Repeat("x", 300)} {
		fail.Owner = owner
		findings = append(findings, fail)
	}
	m.Set(Standing{Findings: Groups(findings), Bills: BillsOf([]finding.Bill{{Start: "2026-06-01", End: "2026-07-01", Charges: []finding.Charge{
		{Owner: "a\xff", Money: finding.Money{Amount: "1", Currency: "USD"}}, {Owner: "a\xfe", Money: finding.Money{Amount: "2", Currency: "USD"}},
	}}})})
	var got []string
	for _, line := range figures(t, Handler(New(Config{}), m)) {
		if strings.HasPrefix(line, "metsuke_findings") || strings.HasPrefix(line, "metsuke_spend{") {
			got = append(got, line)
		}
	}
	want := []string{
		`metsuke_findings{category="security",owner="a` + "\uFFFD" + `",severity="high",waived="false"} 2`,
		`metsuke_findings{category="security",owner="back\\slash \"quoted\"",severity="high",waived="false"} 1`,
		`metsuke_findings{category="security",owner="two\nlines",severity="high",waived="false"} 1`,
		`metsuke_findings{category="security",owner="` + strings.Repeat("x", 300) + `",severity="high",waived="false"} 1`,
		`metsuke_findings{category="security",owner="目付",severity="high",waived="false"} 1`,
		`metsuke_spend{currency="USD",owner=""} 0`,
		`metsuke_spend{currency="USD",owner="a` + "\uFFFD" + `"} 3`,
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestOwnersWithoutEndAreCountedTogether(t *testing.T) {
	var findings []finding.Finding
	add := func(owner string, unknown providers.Reason, n int) {
		for range n {
			findings = append(findings, finding.Finding{Verdict: finding.Fail, Severity: finding.High, Category: finding.Tagging, Owner: owner, OwnerUnknown: unknown})
		}
	}
	for i := range MostOwners {
		add(fmt.Sprintf("many %d", i), "", 3)
	}
	for i := range 700 {
		add(fmt.Sprintf("few %d", i), "", 2)
	}
	add("", "", 1)
	add("web", "denied", 1)
	got := Groups(findings)
	sum := 0
	for _, n := range got {
		sum += n
	}
	group := func(owner string) Group { return Group{finding.High, finding.Tagging, owner, false} }
	type counts struct{ groups, sum, others, nobody, unknown, one int }
	want := counts{MostOwners + 3, 3*MostOwners + 1402, 1400, 1, 1, 3}
	if diff := cmp.Diff(want, counts{len(got), sum, got[group(OtherOwners)], got[group("")], got[group(UnknownOwner)], got[group("many 7")]}, cmp.AllowUnexported(counts{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestFiguresNameThoseWhoSpentTheMostAndAddUpTheOthers(t *testing.T) {
	b := finding.Bill{Provider: "aws", Scope: "1", Start: "2026-06-01", Charges: []finding.Charge{{Money: finding.Money{Amount: "0.5", Currency: "USD"}}}}
	for i := range MostOwners + 3 {
		b.Charges = append(b.Charges, finding.Charge{Owner: fmt.Sprint("owner-", i), Money: finding.Money{Amount: finding.Decimal(fmt.Sprint(1 + i)), Currency: "USD"}})
	}
	got := BillsOf([]finding.Bill{b}).Spend
	sum := 0.0
	for _, amount := range got {
		sum += amount
	}
	n := MostOwners + 3
	want := []float64{float64(n*(n+1))/2 + 0.5, 1 + 2 + 3, 0.5, float64(n), MostOwners + 2}
	if diff := cmp.Diff(want, []float64{sum, got[SpendGroup{OtherOwners, "USD"}], got[SpendGroup{"", "USD"}], got[SpendGroup{fmt.Sprint("owner-", n-1), "USD"}], float64(len(got))}); diff != "" {
		t.Errorf("all, others, nobody, the most, and how many there are (-want +got):\n%s", diff)
	}
}

func TestReadinessFollowsTheServer(t *testing.T) {
	d := &diary{}
	s := New(Config{
		Schedules: []Schedule{{Name: "nightly", When: timetable(t, "0 2 * * *", "")}}, Ledger: newBook(), Scan: d.scan,
		Clock: clockwork.NewRealClock(), Log: slog.New(slog.DiscardHandler),
	})
	h := Handler(s, NewMetrics("v1", nil))
	expect := func(when string, status int, text string) {
		t.Helper()
		if gotStatus, got := ask(t, h, "/readyz"); gotStatus != status || strings.TrimSpace(got) != text {
			t.Errorf("%s: %d %q, want %d %q", when, gotStatus, got, status, text)
		}
		if gotStatus, _ := ask(t, h, "/healthz"); gotStatus != http.StatusOK {
			t.Errorf("%s: it is not healthy", when)
		}
	}
	expect("before the start", 503, "it has not started")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	for s.Ready() != nil {
		select {
		case err := <-ended:
			t.Fatalf("it ended: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	expect("while it runs", 200, "ok")
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	expect("when it is stopped", 503, "it is stopping")
}

func TestTheAddressAnswersUntilTheEnd(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	wait := Listen(ctx, l, Handler(New(Config{}), NewMetrics("v1", nil)))
	for path, want := range map[string]int{"/": 200, "/healthz": 200, "/readyz": 503, "/metrics": 200, "/elsewhere": 404} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String()+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s is answered with %d, want %d", path, resp.StatusCode, want)
		}
	}
	cancel()
	if err := wait(); err != nil {
		t.Error(err)
	}
}
