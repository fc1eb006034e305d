package main

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/internal/store"
	"github.com/metsuke-dev/metsuke/providers"
)

// The model of scorecards goes by the text of docs/scorecards.md. It keeps every verdict of
// every run and looks through all of them for each figure.

// rule is a policy of the model.
type rule struct {
	id       string
	category finding.Category
	severity finding.Severity
}

func modelRules() []rule {
	return []rule{{"cost", finding.Cost, finding.Low}, {"public", finding.Security, finding.Critical}, {"tags", finding.Tagging, finding.Medium}}
}

// modelThings are resources in three accounts of two providers.
func modelThings() []finding.Resource {
	var out []finding.Resource
	for i := range 9 {
		r := finding.Resource{Provider: "aws", Scope: fmt.Sprint(1 + i%3), Type: "aws_s3_bucket", ID: fmt.Sprint("thing-", i)}
		if i%3 == 2 {
			r.Provider, r.Scope, r.Type = "github", "shop", "github_repository"
		}
		out = append(out, r)
	}
	return out
}

// judged is a verdict of a run.
type judged struct {
	rule
	of      finding.Resource
	owner   finding.Ownership
	verdict finding.Verdict
	waived  bool
	excused bool
	saving  float64
}

func (j judged) fault() string { return j.id + " " + j.of.ID }

// modelRun is a saved run, and what was open when it ended.
type modelRun struct {
	info   store.RunInfo
	at     time.Time
	only   string // the provider to which it is narrowed
	seen   []judged
	bills  []finding.Bill
	begun  map[string]time.Time // since when faults last
	hidden []string             // faults that it could not look at
	mended int                  // of the model's, those that it or an earlier run found
}

// fixed is a fault that was mended.
type fixed struct {
	fault     string
	begun, at time.Time
}

// scoreModel makes random runs and remembers them.
type scoreModel struct {
	rnd    *rand.Rand
	runs   []*modelRun // in the order in which they were saved
	begun  map[string]time.Time
	mended []fixed
	last   map[string]judged // faults as they were last seen
}

func (m *scoreModel) one(in int) bool { return m.rnd.IntN(in) == 0 }

func (m *scoreModel) owner() finding.Ownership {
	if m.one(6) {
		return finding.Ownership{Unknown: providers.Denied}
	}
	return finding.Ownership{Owner: []string{"", "data", "shop", "web"}[m.rnd.IntN(4)]}
}

// live makes a run and saves it.
func (m *scoreModel) live(t *testing.T, st *store.Store, at time.Time) {
	r := &modelRun{at: at}
	if m.one(3) {
		r.only = []string{"aws", "github"}[m.rnd.IntN(2)] // two schedules, a provider each
	}
	tracked, err := st.Tracked(t.Context(), "scan")
	if err != nil {
		t.Fatal(err)
	}
	watch := govern.NewWatch(store.Subjects(tracked))
	run := finding.Run{Mode: "scan", Time: at, Interrupted: m.one(9), Coverage: finding.Coverage{Gaps: []providers.Gap{}}, Policies: []finding.Policy{}}
	for _, p := range modelRules() {
		run.Policies = append(run.Policies, finding.Policy{ID: p.id, Category: p.category, Severity: p.severity})
	}
	for _, p := range []string{"aws", "github"} {
		run.Providers = append(run.Providers, finding.ProviderStatus{Name: p, Used: r.only == "" || r.only == p})
	}
	unread := ""
	if m.one(4) {
		unread = []string{"1", "2", "shop"}[m.rnd.IntN(3)]
	}
	absent := map[string]bool{}
	for _, of := range modelThings() {
		scope := providers.Scope{Provider: of.Provider, ID: of.Scope}
		if r.only != "" && of.Provider != r.only || of.Scope == unread {
			absent[of.ID] = true
			continue
		}
		watch.Read(providers.Cell{Scope: scope, Type: of.Type})
		if m.one(6) {
			absent[of.ID] = true
			continue
		}
		whose := m.owner()
		thing := providers.Resource{Scope: scope, Type: of.Type, ID: of.ID}
		watch.Seen(thing)
		for _, p := range modelRules() {
			j := judged{rule: p, of: of, owner: whose, verdict: []finding.Verdict{finding.Pass, finding.Fail, finding.Fail, finding.Unknown, finding.NotApplicable}[m.rnd.IntN(5)]}
			if j.verdict == finding.Fail {
				j.waived, j.excused = m.one(4), m.one(7)
				if p.category == finding.Cost {
					j.saving = float64(m.rnd.IntN(10_000)) / 100
				}
			}
			watch.Judged(thing, p.id, j.verdict)
			r.seen = append(r.seen, j)
		}
	}
	r.bills = m.bills(r)
	run.Findings, run.Tallies, run.Spend = findingsOf(r.seen), talliesOf(r.seen), r.bills
	rec := store.Record{Series: "scan", Run: run, Watch: watch, Started: at, Ended: at.Add(time.Minute), WholeProviders: true}
	if r.only != "" {
		rec.Asked = func(s finding.Subject) bool { return s.Provider == r.only }
	}
	saved, err := st.Save(t.Context(), rec)
	if err != nil {
		t.Fatal(err)
	}
	r.info = saved.Run
	if !r.info.Late {
		m.move(r, unread)
	}
	r.begun, r.mended = maps.Clone(m.begun), len(m.mended)
	m.runs = append(m.runs, r)
}

// move brings the faults in line with what a run saw.
func (m *scoreModel) move(r *modelRun, unread string) {
	verdicts := map[string]judged{}
	for _, j := range r.seen {
		verdicts[j.fault()] = j
	}
	for _, of := range modelThings() {
		if r.only != "" && of.Provider != r.only {
			continue
		}
		for _, p := range modelRules() {
			j, there := verdicts[p.id+" "+of.ID]
			j.rule, j.of = p, of
			fault := j.fault()
			begun, lasts := m.begun[fault]
			switch {
			case j.verdict == finding.Fail:
				m.last[fault] = j
				if !lasts {
					m.begun[fault] = r.at
				}
			case !lasts:
			case !there && of.Scope != unread: // gone, and not mended
				delete(m.begun, fault)
			case !there || j.verdict == finding.Unknown:
				r.hidden = append(r.hidden, fault)
			default:
				m.mended = append(m.mended, fixed{fault, begun, r.at})
				delete(m.begun, fault)
			}
		}
	}
}

// bills are those of the month before a run; none where it was to read none.
func (m *scoreModel) bills(r *modelRun) []finding.Bill {
	if r.only == "github" || m.one(4) {
		return nil
	}
	if n := len(m.runs); n > 0 && m.one(3) {
		return m.runs[n-1].bills // as on most days
	}
	blank := m.one(3)
	first := time.Date(r.at.Year(), r.at.Month(), 1, 0, 0, 0, 0, time.UTC)
	var out []finding.Bill
	for _, payer := range []string{"1", "7"} {
		b := finding.Bill{Provider: "aws", Scope: payer, Start: first.AddDate(0, -1, 0).Format(time.DateOnly), End: first.Format(time.DateOnly), Metric: "NetAmortizedCost"}
		if payer == "7" && m.one(4) {
			continue // it is not among the accounts
		}
		if m.one(8) {
			out = append(out, finding.Bill{Provider: "aws", Scope: payer, Unknown: providers.Denied})
			continue
		}
		seen := map[string]bool{}
		for range m.rnd.IntN(5) {
			whose := m.owner()
			if whose.Unknown != "" && !blank {
				whose = finding.Ownership{}
			}
			c := finding.Charge{Owner: whose.Owner, OwnerUnknown: whose.Unknown, Account: payer, Money: finding.Money{Amount: finding.Decimal(fmt.Sprint(m.rnd.IntN(2000) - 200)), Currency: "USD"}}
			if m.one(3) {
				c.Account, c.Currency = "2", "EUR"
			}
			if k := fmt.Sprint(c.Owner, c.OwnerUnknown, c.Account); !seen[k] {
				seen[k] = true
				b.Charges = append(b.Charges, c)
			}
		}
		slices.SortFunc(b.Charges, finding.CompareCharges)
		out = append(out, b)
	}
	return out
}

func findingsOf(seen []judged) []finding.Finding {
	var out []finding.Finding
	for _, j := range seen {
		if j.verdict != finding.Fail && j.verdict != finding.Unknown {
			continue
		}
		f := finding.Finding{
			Fingerprint: finding.Fingerprint(j.id, j.of, ""), Policy: j.id, Category: j.category, Severity: j.severity, Verdict: j.verdict,
			Resource: j.of, Owner: j.owner.Owner, OwnerUnknown: j.owner.Unknown, MonthlyCost: j.saving, Baseline: j.excused,
		}
		if j.verdict == finding.Unknown {
			f.Fingerprint, f.Reason = finding.Fingerprint(j.id, j.of, "unknown"), providers.Denied
		}
		if j.waived {
			f.Waiver = &finding.Waiver{Reason: "so be it"}
		}
		out = append(out, f)
	}
	finding.Sort(out)
	return out
}

func talliesOf(seen []judged) []finding.Tally {
	by := map[finding.Tally]finding.Counts{}
	for _, j := range seen {
		k := finding.Tally{Owner: j.owner.Owner, OwnerUnknown: j.owner.Unknown != "", Provider: j.of.Provider, Scope: j.of.Scope, Category: j.category, Severity: j.severity}
		c := by[k]
		switch j.verdict {
		case finding.Pass:
			c.Pass++
		case finding.Fail:
			c.Fail++
		case finding.Unknown:
			c.Unknown++
		case finding.NotApplicable:
			c.NotApplicable++
		}
		by[k] = c
	}
	var out []finding.Tally
	for k, c := range by {
		k.Counts = c
		out = append(out, k)
	}
	slices.SortFunc(out, finding.CompareTallies)
	return out
}

// TestAScorecardSaysWhatAllVerdictsOfAllRunsSay compares scorecards of random histories, with
// owners who change, faults that come back, narrowed, interrupted, late and deleted runs,
// with those of the model.
func TestAScorecardSaysWhatAllVerdictsOfAllRunsSay(t *testing.T) {
	for seed := range uint64(4) {
		m := &scoreModel{rnd: rand.New(rand.NewPCG(seed, 4)), begun: map[string]time.Time{}, last: map[string]judged{}}
		st, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "metsuke.db"), store.Options{})
		if err != nil {
			t.Fatal(err)
		}
		at := time.Date(2026, 1, 3, 4, 0, 0, 0, time.UTC)
		for i := range 30 {
			at = at.Add(time.Duration(m.rnd.IntN(12*24)) * time.Hour).Add(time.Minute)
			when := at
			if m.one(8) {
				when = at.AddDate(0, 0, -20)
			}
			m.live(t, st, when)
			if i > 8 && i%4 == 0 {
				m.compare(t, st, seed)
			}
		}
		for _, r := range m.runs[:len(m.runs)-1] {
			if m.one(5) {
				if err := st.Delete(t.Context(), r.info.ID); err != nil {
					t.Fatal(err)
				}
				m.runs = slices.DeleteFunc(slices.Clone(m.runs), func(o *modelRun) bool { return o == r })
			}
		}
		m.compare(t, st, seed)
		if err := st.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// compare compares the scorecards of the latest whole run, and of the latest one of each
// provider.
func (m *scoreModel) compare(t *testing.T, st *store.Store, seed uint64) {
	t.Helper()
	for _, only := range []string{"", "aws", "github"} {
		var same []*modelRun // the latest first
		for _, r := range m.runs {
			if r.only == only && !r.info.Interrupted && !r.info.Late {
				same = append(same, r)
			}
		}
		slices.SortFunc(same, func(a, b *modelRun) int { return b.at.Compare(a.at) })
		if len(same) > 0 {
			m.compareOne(t, st, same[0], same[1:], seed)
		}
	}
}

func (m *scoreModel) compareOne(t *testing.T, st *store.Store, last *modelRun, past []*modelRun, seed uint64) {
	t.Helper()
	owners := map[string]bool{"": true}
	for _, j := range last.seen {
		owners[j.owner.Owner] = true
	}
	var args []string // without one it is the latest whole run
	if last.only != "" {
		args = []string{last.info.ID}
	}
	for _, by := range govern.ScoreBys() {
		for _, owner := range append([]string{"*"}, slices.Sorted(maps.Keys(owners))...) {
			x := score{by: string(by), series: "scan", owner: cmp.Or(owner, govern.Unowned)}
			want := modelCard{m: m, run: last, past: past, by: by, owner: &owner}
			if owner == "*" {
				want.owner = nil
			}
			card, err := x.card(t.Context(), st, args, owner != "*")
			if err != nil {
				t.Fatal(err)
			}
			got, wanted := map[string]string{"*": lineOf(card.Total, card)}, map[string]string{}
			for _, s := range card.Scores {
				name := s.Name
				if s.OwnerUnknown {
					name = finding.UnknownOwner
				}
				got[name] = lineOf(s, card)
			}
			for _, row := range want.rows() {
				wanted[row] = want.line(row)
			}
			if diff := gocmp.Diff(wanted, got); diff != "" {
				t.Fatalf("seed %d, by %s of %q, run of %s (%s) (-want +got):\n%s", seed, by, owner, last.at, last.only, diff)
			}
		}
	}
}
