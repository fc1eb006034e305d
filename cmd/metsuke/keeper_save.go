package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/metsuke-dev/metsuke/internal/checkpoint"
	"github.com/metsuke-dev/metsuke/internal/config"
	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/store"
	"github.com/metsuke-dev/metsuke/report"
)

// save puts the run into the store, and what the store knows into the run. A run that was
// stopped is not saved: it can be gone on with.
func (k *keeper) save(ctx context.Context, e *engine.Engine, run *finding.Run) {
	if !k.saving {
		return
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		k.stopped()
		return
	}
	ctx = context.WithoutCancel(ctx)
	n, err := k.s.narrowing(e, k.t, k.scopes)
	if err != nil {
		k.p.say("the run is not saved: %v", err)
		return
	}
	rec, err := k.record(e, *run, n)
	if err != nil {
		k.p.say("the run is not saved: %v", err)
		return
	}
	if k.store == nil {
		k.postpone(rec, n)
		return
	}
	saved, err := k.store.Save(ctx, rec)
	if err != nil {
		k.p.say("%v", err)
		k.postpone(rec, n)
		return
	}
	saved.Apply(run)
	if *run, err = withEarlier(ctx, k.store, saved.Run, *run); err != nil {
		k.p.say("reports show no trend: %v", err)
	}
	k.leave = false
	k.p.log.Info("saved", "run", run.ID, "store", k.store.Place())
	if keep := retention(k.s.config.Store.Keep); keep != (store.Retention{}) {
		if _, err := k.store.Retain(ctx, keep, k.p.now()); err != nil {
			k.p.say("old runs are not taken away: %v", err)
		}
	}
	if k.run == nil {
		return
	}
	k.supersede()
	// Before anything is reported: whoever reads the report may not read it to its end.
	if err := k.run.Remove(); err != nil {
		k.p.log.Warn("an unfinished run is not removed", "run", k.run.ID(), "error", err)
	}
	k.run = nil
}

// stopped leaves the run to a process that goes on with it, where there can be one.
func (k *keeper) stopped() {
	if k.run == nil || !k.t.live {
		k.leave = false
		return
	}
	k.p.say("the run is not saved; `metsuke scan --resume` goes on with it")
}

// record is the run with everything that is saved with it.
func (k *keeper) record(e *engine.Engine, run finding.Run, n narrowing) (store.Record, error) {
	rec := store.Record{
		Series: k.series(), Run: run, Watch: k.watch, Names: policyAliases(e), Started: k.started, Ended: k.p.now().UTC(), Digest: digestOfReport,
	}
	if !n.nothing() {
		rec.Asked, rec.WholeProviders = n.asked, n.wholeProviders()
	}
	var err error
	if rec.Inputs, err = k.s.record(k.t); err != nil {
		return rec, err
	}
	if k.run == nil {
		return rec, nil
	}
	rec.Run.ID = k.run.ID()
	lines, err := k.run.Inventory(k.head(run))
	if err != nil {
		k.p.say("the run is saved without what it read: %v", err)
		return rec, nil
	}
	rec.Inventory = lines
	return rec, nil
}

// digestOfReport identifies a run by its JSON report, without what only the store knows.
func digestOfReport(run finding.Run) (string, error) {
	rep, err := report.New("json", report.Options{})
	if err != nil {
		return "", err
	}
	h := sha256.New()
	if err := rep.Report(h, withoutHistory(run)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// withoutHistory takes out of a run what the store put into it.
func withoutHistory(run finding.Run) finding.Run {
	run.ID, run.Since = "", nil
	findings := make([]finding.Finding, len(run.Findings))
	for i, f := range run.Findings {
		f.History = nil
		findings[i] = f
	}
	run.Findings = findings
	return run
}

// retention is what the configuration says of how long runs stay.
func retention(keep config.Keep) store.Retention {
	return store.Retention{Age: time.Duration(keep.Age), Count: int(keep.Runs), Inventories: int(keep.Inventories)}
}

// supersede removes older runs that were never finished and were asked the same, and what
// is too old to be gone on with.
func (k *keeper) supersede() {
	entries, err := k.at.runs.List()
	if err != nil {
		return
	}
	own := k.run.Manifest()
	for _, e := range entries {
		if e.InUse || e.Finished || e.ID == k.run.ID() {
			continue
		}
		same := len(e.Manifest.Differences(own)) == 0 && !e.Manifest.Started.After(own.Started)
		if same || tooOld(e.Manifest, k.started) {
			removeUnfinished(k.p, k.at.runs, e.ID)
		}
	}
	if err := k.at.runs.Clean(k.p.now().Add(-time.Hour)); err != nil {
		k.p.log.Warn("not cleaned", "error", err)
	}
}

// staleUnfinished is the age from which on nobody goes on with a run: what was read first
// may have changed long since, and would be judged beside what is read now.
const staleUnfinished = 24 * time.Hour

// tooOld reports whether nobody goes on with a run any more. One that was begun far in the
// future was begun by a clock that was wrong: nobody knows how old it is.
func tooOld(m checkpoint.Manifest, now time.Time) bool {
	return now.Sub(m.Started).Abs() > staleUnfinished
}

// removeUnfinished takes away a run that nobody goes on with.
func removeUnfinished(p *process, dir checkpoint.Dir, id string) {
	run, err := dir.Open(id)
	if err == nil {
		err = run.Remove()
	}
	if err != nil && !errors.Is(err, checkpoint.ErrInUse) {
		p.log.Warn("an unfinished run is not removed", "run", id, "error", err)
	}
}
