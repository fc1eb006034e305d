package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/checkpoint"
	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/internal/scan"
	"github.com/metsuke-dev/metsuke/internal/store"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

// keeper keeps one run: what it reads on disk, so that it can go on when it is killed, and
// the run itself in the store. A run that is not kept has one that does nothing.
type keeper struct {
	p       *process
	s       *setup
	t       target
	saving  bool
	at      storePlace
	store   *store.Store  // nil: nothing is saved, or it cannot be reached
	away    error         // why it cannot be
	watch   *govern.Watch // nil without a store
	run     *checkpoint.Run
	resumed bool
	leave   bool // the run stays on disk for another process
	started time.Time
	// resumedAt is when a run that was begun by another process went on.
	resumedAt time.Time
	scopes    []providers.Scope // that there are, also those that are not read
}

// keeper opens the store and, for a run that goes on, what is there of it. A store that
// cannot be opened does not keep the run from being reported.
func (s *setup) keeper(ctx context.Context, p *process, t target) (*keeper, error) {
	k := &keeper{p: p, s: s, t: t, saving: t.saved, started: p.now().UTC()}
	if !k.saving {
		return k, nil
	}
	var err error
	if k.at, err = s.store.place(p, s.config, s.file); err != nil {
		k.saving = false
		if !errors.Is(err, homelessError{}) || s.store.resume != "" || s.store.save {
			return nil, err
		}
		p.say("the run is not saved: %v; --no-save says that it need not be", err)
		return k, nil
	}
	if s.store.resume != "" {
		if err := k.goOn(ctx); err != nil {
			return nil, errors.Join(err, k.close())
		}
	}
	k.open(ctx)
	return k, nil
}

// open opens the store and reads what the run has to watch. What could not be saved
// before comes first: the history is in the order of the runs.
func (k *keeper) open(ctx context.Context) {
	st, err := store.Open(ctx, k.at.url, store.Options{})
	if err == nil {
		syncPending(ctx, k.p, k.at, st)
		var tracked []store.Tracked
		if tracked, err = st.Tracked(ctx, k.series()); err == nil {
			k.store, k.watch = st, govern.NewWatch(store.Subjects(tracked))
			return
		}
		err = errors.Join(err, st.Close())
	}
	if ctx.Err() != nil {
		return
	}
	k.away = err
	k.p.say("%v", err)
}

// series is the history that the run goes on with.
func (k *keeper) series() string { return k.t.mode }

// goOn opens the run that --resume means. It judges as of the same time.
func (k *keeper) goOn(ctx context.Context) error {
	entries, err := k.at.runs.List()
	if err != nil {
		return err
	}
	id, err := unfinished(entries, k.t.mode, k.s.store.resume)
	if err != nil {
		return fmt.Errorf("--resume: %w (looked in %s)", err, k.at.runs)
	}
	if k.run, err = k.at.runs.Open(id); err != nil {
		return fmt.Errorf("--resume: %w", err)
	}
	k.leave, k.resumed = true, true // until it has been saved
	if err := k.notSavedYet(ctx); err != nil {
		return err
	}
	m := k.run.Manifest()
	if tooOld(m, k.started) {
		return fmt.Errorf("--resume: %w: the run %s was begun at %s, and it is %s now: a run is gone on with for %d hours; begin a new scan without --resume",
			errTooOld, k.run.ID(), m.Started.Format(time.RFC3339), k.started.Format(time.RFC3339), staleUnfinished/time.Hour)
	}
	if now := m.Now.Format(time.RFC3339); k.s.now != "" && k.s.now != now {
		return fmt.Errorf("--resume: the run judges as of %s, and --now says %s", now, k.s.now)
	}
	k.s.now, k.started, k.resumedAt = m.Now.Format(time.RFC3339), m.Started, k.started
	return nil
}

// notSavedYet removes a run that was killed between being saved and being cleared away.
func (k *keeper) notSavedYet(ctx context.Context) error {
	st, err := store.Open(ctx, k.at.url, store.Options{})
	if err != nil {
		return nil // said when it is opened to save the run
	}
	defer func() { _ = st.Close() }()
	if info, err := st.Resolve(ctx, k.run.ID()); err == nil && info.ID == k.run.ID() {
		k.leave = false
		return fmt.Errorf("--resume: the run %s came to its end and is saved: `metsuke runs show %s` shows it", info.ID, info.ID)
	}
	return nil
}

// unfinished returns the id of the run of the mode that was not finished and that a person
// means.
func unfinished(entries []checkpoint.Entry, mode, ref string) (string, error) {
	var ids []string
	for _, e := range entries {
		switch {
		case e.Manifest.Mode != mode || e.Finished:
		case ref == resumeLatest && !e.InUse:
			return e.ID, nil
		case strings.HasPrefix(e.ID, ref):
			ids = append(ids, e.ID)
		}
	}
	switch {
	case len(ids) == 1:
		return ids[0], nil
	case len(ids) > 1:
		return "", fmt.Errorf("%s begins %s", ref, strings.Join(ids, ", "))
	case ref == resumeLatest:
		return "", errors.New("there is no unfinished " + mode)
	}
	return "", fmt.Errorf("there is no unfinished %s %s", mode, ref)
}

// Why a run cannot be gone on with.
var (
	errAskedElse = errors.New("was asked something else")
	errTooOld    = errors.New("it is too old")
)

// begin makes the run known on disk, or compares what is asked with what the run was
// asked that goes on.
func (k *keeper) begin(session *engine.Session, now time.Time) error {
	if !k.resumed && !k.saving && k.t.save == "" {
		return nil
	}
	asked := k.manifest(session, now)
	if k.resumed {
		if diff := k.run.Manifest().Differences(asked); len(diff) > 0 {
			return fmt.Errorf("--resume: the run %s %w; what differs: %s; begin a new scan without --resume", k.run.ID(), errAskedElse, strings.Join(diff, ", "))
		}
		k.p.say("going on with the scan of %s: accounts that have been read: %d", k.started.Format(time.RFC3339), k.run.Scopes())
		return nil
	}
	if k.saving {
		k.hint(asked)
		run, err := k.at.runs.Create(asked)
		if err == nil {
			k.run, k.leave = run, true
			return nil
		}
		k.p.say("%v: the run cannot be gone on with when it is killed", err)
	}
	if k.t.save == "" {
		return nil // it cannot be kept
	}
	var err error
	k.run, err = spoolFor(k.t.save)
	return err
}

// hint says that there is an unfinished run that was asked the same.
func (k *keeper) hint(asked checkpoint.Manifest) {
	entries, err := k.at.runs.List()
	if err != nil {
		return
	}
	for _, e := range entries {
		if !e.InUse && !e.Finished && !tooOld(e.Manifest, k.started) && len(e.Manifest.Differences(asked)) == 0 {
			k.p.say("an unfinished %s of %s is there; --resume goes on with it", e.Manifest.Mode, e.Manifest.Started.Format(time.RFC3339))
			return
		}
	}
}

// manifest says what the run is asked: all that decides what is read, and by what it is
// judged.
func (k *keeper) manifest(session *engine.Session, now time.Time) checkpoint.Manifest {
	s := k.s
	asked := digests(session)
	for name, patterns := range map[string][]string{
		"--provider": s.sel.providers, "--account": s.sel.accounts, "--region": s.sel.regions, "--type": s.sel.types,
	} {
		if len(patterns) > 0 {
			asked[name] = strings.Join(patterns, ",")
		}
	}
	var used []string
	for _, prov := range k.t.providers {
		used = append(used, prov.Describe().Name)
	}
	asked["providers with credentials"] = strings.Join(used, ",")
	asked["providers of the configuration"] = digestOf(s.config.Providers)
	if k.t.code != nil || s.owners.wantTags() {
		asked["--state or --owners"] = "tags of everything"
	}
	if reads := s.owners.reads(); reads != "" {
		asked["--owners"] = reads
	}
	return checkpoint.Manifest{Metsuke: version(), Mode: k.t.mode, Started: k.started, Now: now, Asked: asked}
}

// listing and reading return the providers so that what they answer is kept.
func (k *keeper) listing(ps []providers.Provider) []providers.Provider {
	if k.run == nil || !k.saving {
		return ps
	}
	return k.run.Listing(ps)
}

func (k *keeper) reading(ps []providers.Provider) []providers.Provider {
	if k.run == nil {
		return ps
	}
	return k.run.Reading(ps)
}

// found notes which scopes there are.
func (k *keeper) found(scopes []providers.Scope) { k.scopes = scopes }

// failed removes a run that came to no report before it read anything: there is nothing to
// go on with.
func (k *keeper) failed() {
	if k.run != nil && !k.resumed && k.run.Empty() {
		k.leave = false
	}
}

// notes tells the readers of a run that went on how old a part of it is. They are saved
// with it.
func (k *keeper) notes(run finding.Run) []string {
	if k.run == nil || !k.resumed || k.run.Reused() == 0 {
		return nil
	}
	k.t.notes = append(slices.Clone(k.t.notes), fmt.Sprintf("the scan was cut short and went on at %s: %d of %d cells are as they were read between %s and then",
		k.resumedAt.Format(time.RFC3339), k.run.Reused(), run.Coverage.CellsPlanned, k.started.Format(time.RFC3339)))
	return k.t.notes[len(k.t.notes)-1:]
}

// watcher is told what the run looks at.
func (k *keeper) watcher() scan.Watcher {
	if k.watch == nil {
		return nil
	}
	return k.watch
}

// head is the part of an inventory that the run says, and not what it read.
func (k *keeper) head(run finding.Run) report.Inventory {
	return report.Inventory{Version: run.Version, Time: run.Time, Interrupted: run.Interrupted, Providers: run.Providers, Regions: k.s.limits(k.t)}
}

// inventory writes what was read to the file of --save-inventory.
func (k *keeper) inventory(run finding.Run) error {
	if k.t.save == "" {
		return nil
	}
	lines, err := k.run.Inventory(k.head(run))
	if err != nil {
		return fmt.Errorf("save the inventory: %w", err)
	}
	return writeInventory(k.t.save, lines)
}

// close leaves the run to another process where it has to be gone on with or saved, and
// removes it where not.
func (k *keeper) close() error {
	var errs []error
	switch {
	case k.run == nil:
	case k.leave:
		errs = append(errs, k.run.Close())
	default:
		errs = append(errs, k.run.Remove())
	}
	if k.store != nil {
		errs = append(errs, k.store.Close())
	}
	k.run, k.store = nil, nil
	return errors.Join(errs...)
}
