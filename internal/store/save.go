package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// forever is where an interval ends that goes on.
const forever = math.MaxInt32

// Save saves a run, in one transaction, and says what became of the findings of its
// series. A run that is older than one of the same providers that was saved before it changes
// the life of no finding.
func (s *Store) Save(ctx context.Context, r Record) (Saved, error) {
	if r.Series == "" {
		return Saved{}, errors.New("save a run: it belongs to no series")
	}
	if r.Run.ID == "" {
		at := r.Started
		if at.IsZero() {
			at = r.Run.Time
		}
		r.Run.ID = NewID(at)
	}
	p, err := newPacker()
	if err != nil {
		return Saved{}, err
	}
	// What takes time and can be read only once is done before anybody else has to wait.
	parts, err := s.pack(ctx, p, r)
	if err != nil {
		return Saved{}, err
	}
	var out Saved
	tries := 0
	err = s.write(ctx, "save the run", func(t tx) error {
		tries++
		v := &saving{ctx: ctx, tx: t, rec: r, packer: p}
		if err := v.save(parts); err != nil {
			return err
		}
		out = Saved{Run: v.info, Since: v.since, History: v.history}
		return nil
	})
	if tries > 1 && errors.Is(err, ErrExists) {
		return s.saved(ctx, r.Run.ID) // the answer to an earlier try was lost
	}
	if err != nil {
		return Saved{}, err
	}
	return out, nil
}

// saved returns what Save returned for a run.
func (s *Store) saved(ctx context.Context, id string) (Saved, error) {
	info, err := s.Resolve(ctx, id)
	if err != nil {
		return Saved{}, err
	}
	run, err := s.Run(ctx, id)
	out := Saved{Run: info, Since: run.Since, History: map[string]finding.History{}}
	for _, f := range run.Findings {
		if f.History != nil {
			out.History[f.Fingerprint] = *f.History
		}
	}
	return out, err
}

// saving is one try to save a run.
type saving struct {
	ctx      context.Context //nolint:containedctx // it lives as long as one call of Save
	tx       tx
	rec      Record
	packer   packer
	contents *contents
	series   series
	before   series // as it was before this run
	info     RunInfo
	since    *finding.Since
	history  map[string]finding.History
	present  map[int64]presence // the failures of the run, by life
	current  map[int64]kept     // the open facts of the chain, by finding
	findings map[name]*identity
	nextID   map[string]int64
}

// series is a row of its table.
type series struct {
	id, last, moved int64
	time            time.Time // of the run that moved lives last
	run             string
}

func (v *saving) save(parts []runPart) error {
	if err := v.open(); err != nil {
		return err
	}
	made, err := v.saveFacts()
	if err != nil {
		return err
	}
	if err := v.saveTallies(); err != nil {
		return err
	}
	if !v.info.Late {
		if err := v.saveLives(made); err != nil {
			return err
		}
		if err := v.saveCells(); err != nil {
			return err
		}
	}
	if err := v.saveFindings(); err != nil {
		return err
	}
	if !v.info.Late && v.before.moved > 0 {
		c := comparing{v.ctx, v.tx, v.series.id, v.before.moved, v.series.last, finding.RunRef{ID: v.before.run, Time: v.before.time}}
		since, err := c.since(v.present)
		if err != nil {
			return err
		}
		v.since = &since
	}
	return v.saveRun(parts)
}

// open finds the series and gives the run its number.
func (v *saving) open() error {
	v.nextID = map[string]int64{}
	v.info = infoOf(v.rec)
	v.history, v.present = map[string]finding.History{}, map[int64]presence{}
	var err error
	if v.contents, err = newContents(v.ctx, v.tx, v.packer); err != nil {
		return err
	}
	var n int
	if err := v.tx.row(v.ctx, `SELECT count(*) FROM run WHERE id = ?`, v.info.ID).Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return &Error{Kind: ErrExists, Detail: v.info.ID}
	}
	var at int64
	err = v.tx.row(v.ctx, `SELECT id, last_seq, moved_seq, moved_time, moved_run FROM series WHERE name = ?`, v.rec.Series).
		Scan(&v.series.id, &v.series.last, &v.series.moved, &at, &v.series.run)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		if v.series.id, err = v.id("series"); err != nil {
			return err
		}
		at = noTime
		if err := v.tx.exec(v.ctx, `INSERT INTO series (id, name, last_seq, moved_seq, moved_time, moved_run) VALUES (?, ?, 0, 0, ?, '')`, v.series.id, v.rec.Series, at); err != nil {
			return err
		}
	case err != nil:
		return err
	}
	v.series.time = fromNanos(at)
	v.before = v.series
	v.series.last++
	if v.info.Late, err = v.late(); err != nil {
		return err
	}
	if !v.info.Late {
		v.series.moved, v.series.time, v.series.run = v.series.last, v.info.Time, v.info.ID
	}
	return nil
}

// late reports whether the run is older than one that may have looked at the same things.
// Two that were asked for different providers, as two schedules are that run at once, do
// not get into each other's way.
func (v *saving) late() (bool, error) {
	// Of a newer run that was deleted nobody knows what it looked at.
	unknown, late := v.before.moved > 0 && v.info.Time.Before(v.before.time), false
	err := v.tx.rows(v.ctx, `SELECT info FROM run WHERE series = ? AND time > ?`, []any{v.series.id, toNanos(v.info.Time)}, func(scan func(...any) error) error {
		var text []byte
		var newer RunInfo
		if err := scan(&text); err != nil {
			return err
		}
		if err := decodeInfo(text, &newer); err != nil {
			return err
		}
		unknown = unknown && newer.ID != v.before.run
		late = late || !newer.Late && !v.info.apart(newer)
		return nil
	})
	return late || unknown, err
}

// apart reports whether the runs were asked for different providers.
func (r RunInfo) apart(other RunInfo) bool {
	return r.Narrowed && other.Narrowed && !slices.ContainsFunc(r.Providers, func(p string) bool { return slices.Contains(other.Providers, p) })
}

// id returns an id for a new row of the table.
func (v *saving) id(table string) (int64, error) {
	if _, ok := v.nextID[table]; !ok {
		last, err := v.tx.last(v.ctx, table)
		if err != nil {
			return 0, err
		}
		v.nextID[table] = last
	}
	v.nextID[table]++
	return v.nextID[table], nil
}

// chain says which intervals hold what the run says. Narrowed and late runs have their
// own, so that they do not break those of the others.
func (v *saving) chain() int64 {
	if v.info.Narrowed || v.info.Late || v.info.Interrupted {
		return v.series.id*2 + 1
	}
	return v.series.id * 2
}

func (v *saving) saveRun(parts []runPart) error {
	run := v.rec.Run
	Saved{Run: v.info, Since: v.since, History: v.history}.Apply(&run)
	if v.rec.Digest != nil {
		var err error
		if v.info.ReportDigest, err = v.rec.Digest(run); err != nil {
			return fmt.Errorf("digest of the report: %w", err)
		}
	}
	if err := v.saveParts(parts); err != nil {
		return err
	}
	head, err := encode(headOf(run))
	if err != nil {
		return err
	}
	info, err := encodeInfo(v.info)
	if err != nil {
		return err
	}
	before := series{time: time.Time{}}
	if v.since != nil {
		before = v.before
	}
	started := v.info.Started
	if started.IsZero() {
		started = v.info.Time
	}
	err = v.tx.exec(v.ctx, `INSERT INTO run (series, seq, id, chain, started, time, before_seq, before_time, before_run, info, head) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		v.series.id, v.series.last, v.info.ID, v.chain(), toNanos(started), toNanos(v.info.Time), before.moved, toNanos(before.time), before.run, info, v.packer.pack(head))
	if err != nil {
		return err
	}
	return v.tx.exec(v.ctx, `UPDATE series SET last_seq = ?, moved_seq = ?, moved_time = ?, moved_run = ? WHERE id = ?`,
		v.series.last, v.series.moved, toNanos(v.series.time), v.series.run, v.series.id)
}

// headOf returns the run without what other tables hold. That a list is nil or empty is
// kept.
func headOf(run finding.Run) finding.Run {
	run.Findings, run.Fixed, run.Tallies = run.Findings[:0:0], run.Fixed[:0:0], run.Tallies[:0:0]
	run.Coverage.Gaps = run.Coverage.Gaps[:0:0]
	run.Policies = append(run.Policies[:0:0], run.Policies...)
	for i, p := range run.Policies {
		run.Policies[i] = finding.Policy{ID: p.ID, Counts: p.Counts}
	}
	run.Since, run.Spend = nil, nil
	return run
}

// runPart is something large of a run that is kept as a text of its own.
type runPart struct {
	kind string
	n    int
	name string
	text text
}

// The kinds of parts.
const (
	partPolicies  = "policies"
	partGaps      = "gaps"
	partInput     = "input"
	partInventory = "inventory"
	partSpend     = "spend" // where bills were to be read; runs that were saved before it was kept have them in their heads
)

func (v *saving) saveParts(parts []runPart) error {
	for _, p := range parts {
		v.contents.wantText(p.text)
	}
	if err := v.contents.flush(v.ctx); err != nil {
		return err
	}
	var rows [][]any
	for _, p := range parts {
		rows = append(rows, []any{v.series.id, v.series.last, p.kind, p.n, []byte(p.name), v.contents.id(p.text.hash)})
	}
	return v.tx.insert(v.ctx, "run_part", "series, seq, kind, n, name, content", "", rows)
}

// pack makes the texts that are whole parts of a run.
func (s *Store) pack(ctx context.Context, p packer, r Record) ([]runPart, error) {
	var out []runPart
	policies := append([]finding.Policy{}, r.Run.Policies...)
	for i := range policies {
		policies[i].Counts = finding.Counts{}
	}
	texts := map[string]any{partPolicies: policies, partGaps: r.Run.Coverage.Gaps}
	if len(r.Run.Spend) > 0 { // the same from one day to the next, until the month is over
		texts[partSpend] = r.Run.Spend
	}
	for kind, v := range texts {
		b, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("encode the run: %w", err)
		}
		out = append(out, runPart{kind: kind, text: p.text(b)})
	}
	for i, in := range r.Inputs {
		out = append(out, runPart{kind: partInput, n: i, name: in.Name, text: p.text(in.Text)})
	}
	if r.Inventory != nil {
		chunks, err := packInventory(ctx, p, r.Inventory)
		if err != nil {
			return nil, err
		}
		out = append(out, chunks...)
	}
	return out, nil
}

// saveTallies keeps the counts of the run as intervals.
func (v *saving) saveTallies() error {
	type open struct {
		id int64
		finding.Counts
	}
	now := map[int64]open{}
	if v.series.last > 1 {
		err := v.tx.rows(v.ctx, `SELECT id, about, pass, fail, unknown, not_applicable FROM tally WHERE chain = ? AND to_seq = ?`, []any{v.chain(), forever}, func(scan func(...any) error) error {
			var about int64
			var o open
			err := scan(&o.id, &about, &o.Pass, &o.Fail, &o.Unknown, &o.NotApplicable)
			now[about] = o
			return err
		})
		if err != nil {
			return err
		}
	}
	hashes := make([]hash, len(v.rec.Run.Tallies))
	for i, t := range v.rec.Run.Tallies {
		t.Counts = finding.Counts{}
		b, err := encode(t)
		if err != nil {
			return err
		}
		hashes[i] = v.contents.want(b)
	}
	if err := v.contents.flush(v.ctx); err != nil {
		return err
	}
	var rows [][]any
	for i, t := range v.rec.Run.Tallies {
		about := v.contents.id(hashes[i])
		if o, ok := now[about]; ok && o.Counts == t.Counts {
			delete(now, about)
			continue
		}
		id, err := v.id("tally")
		if err != nil {
			return err
		}
		rows = append(rows, []any{id, v.chain(), v.series.last, forever, about, t.Pass, t.Fail, t.Unknown, t.NotApplicable})
	}
	var over []any
	for _, o := range now {
		over = append(over, o.id)
	}
	if err := v.end("tally", over); err != nil {
		return err
	}
	return v.tx.insert(v.ctx, "tally", "id, chain, from_seq, to_seq, about, pass, fail, unknown, not_applicable", "", rows)
}

// end ends intervals before this run.
func (v *saving) end(table string, ids []any) error {
	return v.tx.each(v.ctx, "UPDATE "+table+" SET to_seq = ? WHERE id IN", "", []any{v.series.last - 1}, ids)
}
