package store

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
)

// Scored is what a run has for scorecards. It is counted in the database, without looking
// at the texts of findings.
type Scored struct {
	Run      finding.Run // without findings, and without what changed since the run before
	Failures []govern.Failures
	Mended   []govern.Mended
	Hidden   []govern.Group
}

// standing says in the database whether a finding is a failure, and how it counts. The
// numbers are for ever.
type standing int

const (
	noFailure standing = iota
	counted
	waivedFailure
	excusedFailure
)

func standingOf(f *finding.Finding) standing {
	if f.Verdict != finding.Fail {
		return noFailure
	}
	switch govern.StandingOf(f) {
	case govern.Waived:
		return waivedFailure
	case govern.Excused:
		return excusedFailure
	case govern.Counts:
	}
	return counted
}

// govern is the reverse of standingOf, for failures.
func (s standing) govern() govern.Standing {
	switch s {
	case waivedFailure:
		return govern.Waived
	case excusedFailure:
		return govern.Excused
	case noFailure, counted:
	}
	return govern.Counts
}

// savingOf is what mending a finding saves where it counts, in US dollars a month.
func savingOf(f *finding.Finding) float64 {
	if standingOf(f) != counted {
		return 0
	}
	return f.MonthlyCost
}

// group is what scorecards tell apart of a brief.
func (b brief) group() govern.Group {
	return govern.Group{Ownership: finding.Ownership{Owner: b.Owner, Unknown: b.OwnerUnknown}, Provider: b.Provider, Scope: b.Scope, Category: b.Category}
}

// Score returns what a run has for scorecards. Of a run that did not look at everything,
// mended is only what fails in it again, and nothing is hidden.
func (s *Store) Score(ctx context.Context, id string) (Scored, error) {
	var out Scored
	together, ctx := errgroup.WithContext(ctx)
	for _, f := range []func(*scoring) error{
		func(g *scoring) (err error) { out.Run, err = g.head(); return err },
		func(g *scoring) (err error) { out.Failures, err = g.failures(); return err },
		func(g *scoring) (err error) { out.Mended, err = g.mended(); return err },
		func(g *scoring) (err error) { out.Hidden, err = g.hidden(); return err },
	} {
		together.Go(func() error {
			return s.read(ctx, "count for scorecards", func(t tx) error {
				g := &scoring{ctx: ctx, tx: t}
				if err := g.open(id); err != nil {
					return err
				}
				defer g.joiner.close()
				return f(g)
			})
		})
	}
	return out, together.Wait()
}

// scoring counts for the scorecards of one run.
type scoring struct {
	ctx    context.Context //nolint:containedctx // it lives as long as one call of Score
	tx     tx
	found  found
	seq    int64 // of the last run of which the lives are to be seen
	joiner *joiner
}

func (g *scoring) open(id string) (err error) {
	if g.found, err = g.tx.find(g.ctx, id); err != nil {
		return err
	}
	g.seq = g.found.seq
	if g.found.info.Late { // the lives are those of its time
		err := g.tx.row(g.ctx, `SELECT coalesce(max(from_seq), 0) FROM life_state WHERE series = ? AND at <= ?`, g.found.series, toNanos(g.found.info.Time)).Scan(&g.seq)
		if err != nil {
			return err
		}
	}
	g.joiner, err = newJoiner()
	return err
}

// whole reports whether the run looked at everything, in its place in the history.
func (g *scoring) whole() bool {
	return !g.found.info.Narrowed && !g.found.info.Interrupted && !g.found.info.Late
}

func (g *scoring) head() (finding.Run, error) {
	l := &loading{ctx: g.ctx, tx: g.tx, found: g.found, joiner: g.joiner}
	if err := l.head(); err != nil {
		return finding.Run{}, err
	}
	err := l.tallies()
	return l.out, err
}

// The findings of a run, and the statuses that their lives had then. That one had ended
// can only be so where the run came too late.
const (
	atRun   = ` WHERE a.chain = ? AND a.from_seq <= ? AND a.to_seq >= ? AND f.kind = 0`
	livedAt = ` FROM fact a JOIN finding f ON f.id = a.finding LEFT JOIN life_state st ON st.life = f.life AND st.from_seq <= ? AND st.to_seq >= ? AND st.status NOT IN ('fixed', 'gone')`
)

func (g *scoring) failures() ([]govern.Failures, error) {
	var args []any
	var ages string
	for _, limit := range govern.AgeLimits() {
		ages += `, sum(CASE WHEN coalesce(st.begun, 9223372036854775807) >= ? THEN 1 ELSE 0 END)`
		args = append(args, toNanos(g.found.info.Time.Add(-limit)))
	}
	args = append(args, g.seq, g.seq, g.found.chain, g.found.seq, g.found.seq)
	var out []govern.Failures
	var abouts []int64
	untold := false
	err := g.tx.rows(g.ctx, `SELECT coalesce(a.standing, -1), coalesce(a.about, 0), coalesce(sum(a.saving), 0)`+ages+`, count(*)`+livedAt+atRun+
		` AND coalesce(a.standing, -1) <> 0 GROUP BY a.about, a.standing`, args, func(scan func(...any) error) error {
		var f govern.Failures
		var stands standing
		var about int64
		if err := scan(&stands, &about, &f.SavingUSD, &f.Ages[0], &f.Ages[1], &f.Ages[2], &f.Ages[3]); err != nil {
			return err
		}
		if stands < noFailure {
			untold = true
			return nil
		}
		for i := len(f.Ages) - 1; i > 0; i-- { // each has those before in it
			f.Ages[i] -= f.Ages[i-1]
		}
		f.Standing = stands.govern()
		out, abouts = append(out, f), append(abouts, about)
		return nil
	})
	if err != nil {
		return nil, err
	}
	briefs, err := g.tx.briefs(g.ctx, g.joiner, abouts)
	for i, b := range briefs {
		out[i].Group, out[i].Severity = b.group(), b.Severity
	}
	if err != nil || !untold {
		return out, err
	}
	more, err := g.untold()
	return append(out, more...), err
}

// untold are the failures of a run that was saved before facts said what scorecards go by:
// that is in their texts.
func (g *scoring) untold() ([]govern.Failures, error) {
	begun := map[int64]int64{} // by fact
	var facts []int64
	err := g.tx.rows(g.ctx, `SELECT a.id, coalesce(st.begun, 9223372036854775807)`+livedAt+atRun+` AND a.standing IS NULL`,
		[]any{g.seq, g.seq, g.found.chain, g.found.seq, g.found.seq}, func(scan func(...any) error) error {
			var fact, at int64
			err := scan(&fact, &at)
			facts, begun[fact] = append(facts, fact), at
			return err
		})
	if err != nil {
		return nil, err
	}
	var out []govern.Failures
	return out, eachFact(g.ctx, g.tx, facts, func(fact int64, f finding.Finding) error {
		stands := standingOf(&f)
		if stands == noFailure {
			return nil
		}
		one := govern.Failures{Group: briefOf(&f).group(), Severity: f.Severity, Standing: stands.govern(), SavingUSD: savingOf(&f)}
		age := 0
		for _, limit := range govern.AgeLimits() {
			if begun[fact] < toNanos(g.found.info.Time.Add(-limit)) {
				age++
			}
		}
		one.Ages[age] = 1
		out = append(out, one)
		return nil
	})
}

func (g *scoring) mended() ([]govern.Mended, error) {
	at := g.found.info.Time
	query := `SELECT l.about, count(*), CAST(sum((st.at - st.begun) / 1000000) AS BIGINT) FROM life_state st JOIN life l ON l.id = st.life
		WHERE st.series = ? AND st.status = 'fixed' AND st.at >= ? AND st.at <= ? AND st.from_seq <= ?`
	args := []any{g.found.series, toNanos(at.Add(-govern.FixedWithin)), toNanos(at), g.seq}
	if !g.whole() {
		query += ` AND st.life IN (SELECT f.life FROM fact a JOIN finding f ON f.id = a.finding` + atRun + ` AND coalesce(a.standing, 1) > 0)`
		args = append(args, g.found.chain, g.found.seq, g.found.seq)
	}
	var out []govern.Mended
	var abouts []int64
	err := g.tx.rows(g.ctx, query+` GROUP BY l.about`, args, func(scan func(...any) error) error {
		var m govern.Mended
		var about, millis int64
		err := scan(&about, &m.Number, &millis)
		m.Days = (time.Duration(millis%dayMillis)*time.Millisecond).Hours()/24 + float64(millis/dayMillis)
		out, abouts = append(out, m), append(abouts, about)
		return err
	})
	if err != nil {
		return nil, err
	}
	briefs, err := g.tx.briefs(g.ctx, g.joiner, abouts)
	for i, b := range briefs {
		out[i].Group = b.group()
	}
	return out, err
}

// dayMillis are the milliseconds of a day.
const dayMillis = 24 * 60 * 60 * 1000

// hidden are whose failures could not be looked at. A run that did not look at everything
// says nothing of what it did not look at.
func (g *scoring) hidden() ([]govern.Group, error) {
	if !g.whole() {
		return nil, nil
	}
	var abouts []int64
	err := g.tx.rows(g.ctx, `SELECT DISTINCT l.about FROM life_state st JOIN life l ON l.id = st.life
		WHERE st.series = ? AND st.status = 'not_visible' AND st.from_seq <= ? AND st.to_seq >= ?`,
		[]any{g.found.series, g.seq, g.seq}, func(scan func(...any) error) error {
			var about int64
			err := scan(&about)
			abouts = append(abouts, about)
			return err
		})
	if err != nil {
		return nil, err
	}
	briefs, err := g.tx.briefs(g.ctx, g.joiner, abouts)
	out := make([]govern.Group, len(briefs))
	for i, b := range briefs {
		out[i] = b.group()
	}
	return out, err
}

// briefs reads the briefs that are the texts with the ids, in their order.
func (t tx) briefs(ctx context.Context, j *joiner, ids []int64) ([]brief, error) {
	known := map[int64]brief{}
	var list []any
	for _, id := range ids {
		if _, ok := known[id]; !ok {
			known[id] = brief{}
			list = append(list, id)
		}
	}
	err := t.lookup(ctx, `SELECT id, hash, packed, body FROM content WHERE id IN`, nil, list, func(scan func(...any) error) error {
		var p part
		var packed int
		if err := scan(&p.id, &p.name, &packed, &p.body); err != nil {
			return err
		}
		p.packed = packed == 1
		var b brief
		err := j.decode(p, &b)
		known[p.id] = b
		return err
	})
	if err != nil {
		return nil, err
	}
	out := make([]brief, len(ids))
	for i, id := range ids {
		out[i] = known[id]
	}
	return out, nil
}
