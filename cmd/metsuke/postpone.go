package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"github.com/metsuke-dev/metsuke/internal/checkpoint"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/internal/store"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

// postponed is what it takes to save a run later, besides its report and its inventory.
type postponed struct {
	Series    string        `json:"series"`
	Narrowing narrowing     `json:"narrowing"`
	Names     govern.Names  `json:"names"`
	Inputs    []store.Input `json:"inputs"`
	Started   time.Time     `json:"started"`
	Ended     time.Time     `json:"ended"`
}

// The files of a run that waits to be saved.
const (
	postponedReport    = "report.json"
	postponedInventory = "inventory"
)

// postpone keeps the run on disk to be saved later.
func (k *keeper) postpone(rec store.Record, n narrowing) {
	if k.run == nil {
		k.p.say("the run is not saved")
		return
	}
	if err := k.writePostponed(rec, n); err != nil {
		k.p.say("the run is not saved: %v", err)
		return
	}
	k.leave = true
	k.p.say("the run is kept as %s in %s; when the store is there again, the next scan saves it, or `metsuke runs sync`", k.run.ID(), k.at.runs)
}

func (k *keeper) writePostponed(rec store.Record, n narrowing) error {
	var b bytes.Buffer
	rep, err := report.New("json", report.Options{})
	if err != nil {
		return err
	}
	if err := rep.Report(&b, rec.Run); err != nil {
		return err
	}
	if err := k.run.Put(postponedReport, &b); err != nil {
		return err
	}
	// What Save has read of the inventory cannot be read again.
	lines, err := k.run.Inventory(k.head(rec.Run))
	if err != nil {
		return err
	}
	if err := k.run.Put(postponedInventory, lines); err != nil {
		return err
	}
	text, err := json.Marshal(postponed{rec.Series, n, rec.Names, rec.Inputs, rec.Started, rec.Ended})
	if err != nil {
		return fmt.Errorf("keep the run: %w", err)
	}
	return k.run.Finish(text)
}

// clearSaved removes what is left on disk of runs that are in the store: their process was
// killed between the two.
func clearSaved(ctx context.Context, p *process, at storePlace, st *store.Store) {
	entries, err := at.runs.List()
	if err != nil {
		p.say("%v", err)
		return
	}
	for _, e := range entries {
		if info, err := st.Resolve(ctx, e.ID); err == nil && info.ID == e.ID && !e.InUse {
			removeUnfinished(p, at.runs, e.ID)
		}
	}
}

// syncPending saves the runs that could not be saved when they ended, the oldest first,
// and returns how many it saved.
func syncPending(ctx context.Context, p *process, at storePlace, st *store.Store) int {
	clearSaved(ctx, p, at, st)
	tellUnreadable(p, at)
	entries, err := at.runs.List()
	if err != nil {
		p.say("%v", err)
		return 0
	}
	slices.Reverse(entries)
	n := 0
	for _, e := range entries {
		if !e.Finished || e.InUse {
			continue
		}
		switch err := savePostponed(ctx, at.runs, e.ID, st); {
		case errors.Is(err, errTaken):
			p.say("another process saves the run %s of %s", e.ID, e.Manifest.Started.Format(time.RFC3339))
		case err != nil:
			p.say("the run %s of %s is still not saved, and kept in %s: %v", e.ID, e.Manifest.Started.Format(time.RFC3339), at.runs, err)
		default:
			p.say("the run %s of %s is saved now", e.ID, e.Manifest.Started.Format(time.RFC3339))
			n++
		}
	}
	return n
}

// errTaken says that another process is at a run that waits to be saved, or has saved it.
var errTaken = errors.New("another process is at it")

// tellUnreadable says which runs on disk nobody can do anything with.
func tellUnreadable(p *process, at storePlace) {
	bad, err := at.runs.Unreadable()
	if err != nil {
		p.say("%v", err)
	}
	for _, err := range bad {
		p.say("%v; what it holds can be neither saved nor gone on with: remove it, and scan again", err)
	}
}

// savePostponed saves one run. What it looked at follows from what it read and what it
// found.
func savePostponed(ctx context.Context, dir checkpoint.Dir, id string, st *store.Store) (err error) {
	kept, err := dir.Open(id)
	if errors.Is(err, checkpoint.ErrInUse) || errors.Is(err, fs.ErrNotExist) {
		return errTaken
	}
	if err != nil {
		return err
	}
	defer func() {
		if err == nil {
			err = kept.Remove()
		} else {
			err = errors.Join(err, kept.Close())
		}
	}()
	damaged := func(err error) error {
		return fmt.Errorf("%w; it cannot be saved any more: remove %s, and scan again", err, filepath.Join(string(dir), id))
	}
	var what postponed
	text, err := kept.Finished()
	if err == nil {
		err = json.Unmarshal(text, &what)
	}
	if err != nil {
		return damaged(err)
	}
	f, err := kept.Get(postponedReport)
	if err != nil {
		return damaged(err)
	}
	run, err := report.ReadJSON(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return damaged(err)
	}
	rec := store.Record{
		Series: what.Series, Run: run, Names: what.Names, Inputs: what.Inputs, Started: what.Started, Ended: what.Ended, Digest: digestOfReport,
	}
	rec.Run.ID = id
	if !what.Narrowing.nothing() {
		rec.Asked, rec.WholeProviders = what.Narrowing.asked, what.Narrowing.wholeProviders()
	}
	tracked, err := st.Tracked(ctx, what.Series)
	if err != nil {
		return err
	}
	rec.Watch = govern.NewWatch(store.Subjects(tracked))
	if f, err = kept.Get(postponedInventory); err != nil {
		return damaged(err)
	}
	inv, err := checkpoint.OpenFile(f)
	if err != nil {
		return damaged(err)
	}
	defer func() { err = errors.Join(err, inv.Close()) }()
	if err := lookAgain(rec.Watch, run, what.Narrowing, inv); err != nil {
		return err
	}
	if _, err := f.Seek(0, 0); err != nil {
		return err
	}
	rec.Inventory = f
	if _, err := st.Save(ctx, rec); err != nil && !errors.Is(err, store.ErrExists) {
		return err
	}
	return nil
}

// lookAgain tells a Watch what a run looked at, as the run itself would have told it: what
// it read is in its inventory, and what it judged and could not tell is in its findings.
func lookAgain(w *govern.Watch, run finding.Run, n narrowing, inv *checkpoint.File) error {
	type judgement struct{ policy, resource string }
	unknown, failing := map[judgement]bool{}, map[judgement]bool{}
	for _, f := range run.Findings {
		j := judgement{f.Policy, f.Resource.ID}
		unknown[j] = unknown[j] || f.Verdict == finding.Unknown
		failing[j] = failing[j] || f.Verdict == finding.Fail
	}
	policies := map[providers.Type][]string{}
	for _, pol := range run.Policies {
		for _, t := range pol.Types {
			policies[t] = append(policies[t], pol.ID)
		}
	}
	err := inv.Each(func(r providers.Resource) error {
		w.Seen(r)
		if !pick(n.Types, string(r.Type)) || r.Region != "" && !pick(n.Regions, r.Region) {
			return nil
		}
		for _, id := range policies[r.Type] {
			j, v := judgement{id, r.ID}, finding.Pass
			switch {
			case unknown[j]:
				v = finding.Unknown
			case failing[j]:
				v = finding.Fail
			}
			w.Judged(r, id, v)
		}
		return nil
	})
	for _, c := range inv.Cells() {
		if c.Read {
			w.Read(c.Cell)
		}
	}
	return err
}
