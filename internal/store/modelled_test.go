package store

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/providers"
)

// place is where resources are.
type place struct {
	provider, scope, region string
	typ                     providers.Type
}

func places() []place {
	return []place{
		{"aws", "1", "eu-west-1", "aws_s3_bucket"},
		{"aws", "1", "us-east-1", "aws_s3_bucket"},
		{"aws", "2", "eu-west-1", "aws_s3_bucket"},
		{"github", "shop", "", "github_repository"},
	}
}

// world is what runs of one series look at, and what is expected of them.
type world struct {
	t       *testing.T
	rnd     *rand.Rand
	store   *Store
	series  string
	model   model
	exists  map[string]bool
	broken  map[fault]bool
	renames bool // the second policy is renamed some day
	renamed bool // it has its new name
	clock   time.Time
}

// checks are the policies; the second one is renamed some day.
func (w *world) policy(check int) string {
	switch {
	case check == 0:
		return "public"
	case w.renamed:
		return "versions"
	}
	return "versioning"
}

func (w *world) names() govern.Names {
	if w.renamed {
		return govern.Names{"public": nil, "versions": {"versioning"}}
	}
	return govern.Names{"public": nil, "versioning": nil}
}

func resourceAt(p place, n int) finding.Resource {
	name := fmt.Sprintf("%s-%s-%s-%d", p.provider, p.scope, p.region, n)
	return finding.Resource{Provider: p.provider, Scope: p.scope, Type: p.typ, ID: "arn:" + name, Name: name, Region: p.region}
}

func (w *world) one(in int) bool { return w.rnd.IntN(in) == 0 }

// live lets time pass.
func (w *world) live() {
	w.clock = w.clock.Add(time.Hour)
	for _, p := range places() {
		for n := range 2 {
			r := resourceAt(p, n)
			if w.one(4) {
				w.exists[r.ID] = !w.exists[r.ID]
			}
			for check := range 2 {
				if f := (fault{check, r.ID}); w.one(4) {
					w.broken[f] = !w.broken[f]
				}
			}
		}
	}
	w.renamed = w.renamed || w.renames && w.one(12)
}

// narrowed is what a run is asked for: nil is everything.
func (w *world) narrowed() (asks func(finding.Subject) bool, about map[string]bool) {
	both := map[string]bool{"aws": true, "github": true}
	switch w.rnd.IntN(8) {
	case 0:
		return func(s finding.Subject) bool { return s.Provider == "aws" }, map[string]bool{"aws": true}
	case 1:
		return func(s finding.Subject) bool { return s.Provider == "github" }, map[string]bool{"github": true}
	case 2:
		only := w.policy(w.rnd.IntN(2))
		return func(s finding.Subject) bool { return s.Policy == "" || s.Policy == only }, both
	case 3:
		return func(s finding.Subject) bool { return s.Region == "" || s.Region == "eu-west-1" }, both
	}
	return nil, nil
}

// look makes a run of the world as it is, and what the store is to be told of it.
func (w *world) look(number int) (*told, Record) {
	w.t.Helper()
	tracked, err := w.store.Tracked(w.t.Context(), w.series)
	if err != nil {
		w.t.Fatal(err)
	}
	watch := govern.NewWatch(Subjects(tracked))
	r := &told{made: map[fault][]finding.Finding{}, seen: map[string]bool{}, judged: map[fault]bool{}, read: map[string]providers.Cell{}, watched: map[string]bool{}}
	for _, f := range w.model.faults() {
		if s := w.model.history(f, nil).Status; s != finding.StatusFixed && s != finding.StatusGone {
			r.watched[f.resource] = true
		}
	}
	r.asks, r.providers = w.narrowed()
	r.interrupted = w.one(7)
	policies := []string{w.policy(0), w.policy(1)}
	where := map[string]place{}
	for _, p := range places() {
		for n := range 2 {
			where[resourceAt(p, n).ID] = p
		}
	}
	r.subject = func(f fault) finding.Subject {
		p := where[f.resource]
		return finding.Subject{Policy: policies[f.check], Provider: p.provider, Scope: p.scope, Region: p.region, Type: p.typ, Resource: f.resource}
	}
	for _, p := range places() {
		subject := finding.Subject{Provider: p.provider, Scope: p.scope, Region: p.region, Type: p.typ}
		if r.asks == nil || r.asks(subject) {
			w.lookAt(p, r, watch, number)
		}
	}
	run := finding.Run{ID: fmt.Sprintf("%s-%03d", w.series, number), Mode: "scan", Time: w.clock, Interrupted: r.interrupted}
	if w.one(6) {
		run.Time = w.clock.Add(-time.Duration(w.rnd.IntN(200)) * time.Minute) // it began long ago
	}
	for _, name := range []string{"aws", "github"} {
		run.Providers = append(run.Providers, finding.ProviderStatus{Name: name, Used: r.providers == nil || r.providers[name]})
	}
	for _, list := range r.made {
		run.Findings = append(run.Findings, list...)
	}
	run.Findings = append(run.Findings, r.others...)
	slices.SortFunc(run.Findings, finding.Compare)
	return r, Record{Series: w.series, Run: run, Watch: watch, Asked: r.asks, Names: w.names(), Started: run.Time, Ended: run.Time.Add(time.Minute)}
}

// lookAt reads a cell, or fails to.
func (w *world) lookAt(p place, r *told, watch *govern.Watch, number int) {
	blind := w.one(5)
	if !blind {
		c := providers.Cell{Scope: providers.Scope{Provider: p.provider, ID: p.scope, Name: []string{"shop", "the shop"}[w.rnd.IntN(2)]}, Region: p.region, Type: p.typ}
		r.read[cellKey(p.provider, p.scope, p.region, p.typ)] = c
		watch.Read(c)
	}
	for n := range 2 {
		about := resourceAt(p, n)
		if !w.exists[about.ID] || blind && w.one(2) {
			continue
		}
		met := providers.Resource{Scope: providers.Scope{Provider: p.provider, ID: p.scope}, Type: p.typ, ID: about.ID, Region: p.region}
		r.seen[about.ID] = true
		watch.Seen(met)
		for check := range 2 {
			f := fault{check, about.ID}
			if r.asks != nil && !r.asks(r.subject(f)) {
				continue
			}
			switch text := fmt.Sprint("as of run ", number-number%3); {
			case w.one(6): // it could not be told
				watch.Judged(met, w.policy(check), finding.Unknown)
				if w.one(2) {
					r.others = append(r.others, w.finding(f, about, finding.Unknown, text))
				}
			case w.broken[f]:
				r.judged[f] = true
				watch.Judged(met, w.policy(check), finding.Fail)
				one := w.finding(f, about, finding.Fail, text)
				if w.one(4) {
					one = waived(one)
				}
				r.made[f] = append(r.made[f], one)
				if w.one(5) {
					r.made[f] = append(r.made[f], w.finding(f, about, finding.Fail, text+", and once more"))
				}
			default:
				r.judged[f] = true
				watch.Judged(met, w.policy(check), finding.Pass)
			}
		}
	}
}

func (w *world) finding(f fault, about finding.Resource, v finding.Verdict, text string) finding.Finding {
	id := w.policy(f.check)
	return finding.Finding{
		Fingerprint: finding.Fingerprint(id, about, "acl"), Policy: id, Title: "Is as it should be", Category: finding.Security, Severity: finding.High,
		Verdict: v, Resource: about, Owner: "shop", Message: text, Path: "acl",
	}
}

// asModelled are how answers are held against those of the model: it says nothing of the
// order of what is alike, and of nothing it makes no empty list.
func asModelled() []gocmp.Option {
	return []gocmp.Option{
		cmpopts.EquateEmpty(),
		cmpopts.SortSlices(func(a, b string) bool { return a < b }),
		cmpopts.SortSlices(func(a, b finding.Finding) bool { return a.Fingerprint+a.Message < b.Fingerprint+b.Message }),
		cmpopts.SortSlices(func(a, b providers.Cell) bool { return compareCell(a, b) < 0 }),
		cmpopts.SortSlices(func(a, b *Life) bool { return a.Finding.Fingerprint < b.Finding.Fingerprint }),
		cmpopts.SortSlices(func(a, b Tracked) bool { return a.Finding.Fingerprint < b.Finding.Fingerprint }),
	}
}

func (w *world) same(what string, want, got any, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%s: %v", what, err)
	}
	if diff := gocmp.Diff(want, got, asModelled()...); diff != "" {
		w.t.Fatalf("%s is not as the text says (-want +got):\n%s", what, diff)
	}
}

// save saves a run and looks at what the store says of it at once.
func (w *world) save(r *told, rec Record) {
	w.t.Helper()
	saved, err := w.store.Save(w.t.Context(), rec)
	if err != nil {
		w.t.Fatal(err)
	}
	r.info = saved.Run
	r.info.Late = w.model.late(r)
	w.same("that "+rec.Run.ID+" is late", r.info.Late, saved.Run.Late, nil)
	w.model.runs = append(w.model.runs, r)
	run := rec.Run
	saved.Apply(&run)
	want := w.model.run(r)
	w.same("what is said at once of the findings of "+rec.Run.ID, want.Findings, run.Findings, nil)
	w.same("what is said at once of the changes of "+rec.Run.ID, want.Since, run.Since, nil)
}

// kept are the runs that were not deleted.
func (w *world) kept() []*told {
	return slices.DeleteFunc(slices.Clone(w.model.runs), func(r *told) bool { return r.deleted })
}

// drop deletes one run, of which there are more.
func (w *world) drop() {
	w.t.Helper()
	kept := w.kept()
	if len(kept) < 4 {
		return
	}
	r := kept[w.rnd.IntN(len(kept))]
	r.deleted = true
	w.same("a deletion", nil, nil, w.store.Delete(w.t.Context(), r.info.ID))
}

// retain deletes runs of all series by age and number. Each keeps its latest.
func retain(worlds []*world, now time.Time, keep Retention) {
	w := worlds[0]
	w.t.Helper()
	var gone []string
	for _, w := range worlds {
		kept := w.kept()
		slices.Reverse(kept)
		slices.SortStableFunc(kept, func(a, b *told) int { return b.info.Started.Compare(a.info.Started) })
		for i, r := range kept {
			old := r.info.Started.Before(now.Add(-keep.Age))
			if r.deleted = i > 0 && (old || i >= keep.Count); r.deleted {
				gone = append(gone, r.info.ID)
			}
		}
	}
	freed, err := w.store.Retain(w.t.Context(), keep, now)
	w.same("what was deleted", gone, freed.Runs, err)
}

// check holds all that the store says against the model.
func (w *world) check() {
	w.t.Helper()
	ctx := w.t.Context()
	lives, err := w.store.Lives(ctx, w.series, LifeFilter{})
	w.same("the lives", w.model.lives(), lives, err)
	tracked, err := w.store.Tracked(ctx, w.series)
	w.same("what is tracked", w.model.tracked(), tracked, err)
	for _, r := range w.kept() {
		got, err := w.store.Run(ctx, r.info.ID)
		want := w.model.run(r)
		w.same("what is said later of the findings of "+r.info.ID, want.Findings, got.Findings, err)
		w.same("what is said later of the changes of "+r.info.ID, want.Since, got.Since, nil)
	}
	ordered := slices.DeleteFunc(w.kept(), func(r *told) bool { return r.info.Late })
	for i, a := range ordered {
		for _, b := range ordered[i:] {
			got, err := w.store.Compare(ctx, a.info.ID, b.info.ID)
			w.same("what changed from "+a.info.ID+" to "+b.info.ID, w.model.changes(a, b), got, err)
		}
	}
}

// TestTheStoreSaysWhatItsTextSays runs random worlds against a model: with cells that
// cannot be read, runs that are narrowed, interrupted, late or overlap others, policies that
// are renamed, and runs that are deleted; in two series of one store. METSUKE_MODEL_SEEDS
// says how many worlds.
func TestTheStoreSaysWhatItsTextSays(t *testing.T) {
	seeds := 4
	if n, err := strconv.Atoi(os.Getenv("METSUKE_MODEL_SEEDS")); err == nil {
		seeds = n
	}
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			s := openTemp(t)
			rnd := rand.New(rand.NewPCG(seed, 21))
			var worlds []*world
			for _, series := range []string{"scan", "gate"} {
				worlds = append(worlds, &world{t: t, rnd: rnd, store: s, series: series, exists: map[string]bool{}, broken: map[fault]bool{}, renames: seed%2 == 1, clock: day(0)})
			}
			for number := range 24 {
				w := worlds[rnd.IntN(2)]
				w.live()
				r, rec := w.look(2 * number)
				if w.one(5) { // another process begins later and ends earlier
					w.live()
					w.save(w.look(2*number + 1))
				}
				w.save(r, rec)
				switch rnd.IntN(12) {
				case 0, 1:
					w.drop()
				case 2:
					retain(worlds, w.clock, Retention{Age: time.Duration(2+rnd.IntN(8)) * time.Hour, Count: 1 + rnd.IntN(9)})
				}
				if number%8 == 7 {
					for _, w := range worlds {
						w.check()
					}
				}
			}
			if !worlds[0].renamed && !worlds[1].renamed { // it counts by the fingerprints of today
				compareScores(t, s)
			}
		})
	}
}
