package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// Tracked is a failure whose life goes on, as it was last seen.
type Tracked struct {
	Finding finding.Finding
	History finding.History
}

// Subjects are what the failures are about, for a govern.Watch.
func Subjects(tracked []Tracked) iter.Seq[finding.Subject] {
	return func(yield func(finding.Subject) bool) {
		for _, t := range tracked {
			if !yield(t.Finding.Subject()) {
				return
			}
		}
	}
}

// Tracked returns the failures of the series that are neither fixed nor gone, in the order
// of reports.
func (s *Store) Tracked(ctx context.Context, name string) ([]Tracked, error) {
	var out []Tracked
	err := s.read(ctx, "read what is tracked", func(t tx) error {
		out = nil
		last, err := t.series(ctx, name)
		if err != nil || last.id == 0 {
			return err
		}
		lives := map[int64]*life{}
		var facts []int64
		err = t.rows(ctx, lifeQuery+`st.series = ? AND `+trackedStatus, []any{last.id}, func(scan func(...any) error) error {
			l, err := scanLife(scan, last)
			if err == nil {
				lives[l.fact] = l
				facts = append(facts, l.fact)
			}
			return err
		})
		if err != nil {
			return err
		}
		return eachFact(ctx, t, facts, func(fact int64, f finding.Finding) error {
			out = append(out, Tracked{f, lives[fact].History})
			return nil
		})
	})
	slices.SortFunc(out, func(a, b Tracked) int { return finding.ComparePointers(&a.Finding, &b.Finding) })
	return out, err
}

// Lapsed returns the fingerprints of the failures that a run made, that are not waived in it
// and were in the run with which it is compared, sorted. The history of a finding does not
// say since when it is waived.
func (s *Store) Lapsed(ctx context.Context, id string) ([]string, error) {
	var out []string
	err := s.read(ctx, "look for waivers that ended", func(t tx) error {
		out = nil
		run, err := t.find(ctx, id)
		if err != nil || run.beforeSeq == 0 {
			return err
		}
		return t.rows(ctx, `SELECT f.fingerprint FROM life_state st JOIN life_state before ON before.life = st.life AND before.from_seq <= ? AND before.to_seq >= ?
			JOIN life l ON l.id = st.life JOIN finding f ON f.id = l.finding
			WHERE st.series = ? AND st.from_seq > ? AND st.from_seq <= ? AND st.to_seq >= ? AND st.status = 'open' AND before.status = 'waived' ORDER BY f.fingerprint`,
			[]any{run.beforeSeq, run.beforeSeq, run.series, run.beforeSeq, run.seq, run.seq}, func(scan func(...any) error) error {
				var fingerprint string
				err := scan(&fingerprint)
				out = append(out, fingerprint)
				return err
			})
	})
	return out, err
}

// Run returns a saved run as it was saved: with its findings and their history as of then,
// its tallies and what changed since the run before.
func (s *Store) Run(ctx context.Context, id string) (finding.Run, error) {
	var out finding.Run
	err := s.read(ctx, "read the run", func(t tx) error {
		r, err := t.find(ctx, id)
		if err != nil {
			return err
		}
		j, err := newJoiner()
		if err != nil {
			return err
		}
		defer j.close()
		out, err = (&loading{ctx: ctx, tx: t, found: r, joiner: j}).run()
		return err
	})
	return out, err
}

// loading reads one run.
type loading struct {
	ctx    context.Context //nolint:containedctx // it lives as long as one call of Run
	tx     tx
	found  found
	joiner *joiner
	out    finding.Run
}

func (l *loading) run() (finding.Run, error) {
	for _, step := range []func() error{l.head, l.findings, l.tallies, l.since} {
		if err := step(); err != nil {
			return finding.Run{}, err
		}
	}
	return l.out, nil
}

func (l *loading) head() error {
	if err := l.joiner.decode(part{packed: true, body: l.found.head}, &l.out); err != nil {
		return err
	}
	var policies []finding.Policy
	if err := l.part(partPolicies, &policies); err != nil {
		return err
	}
	if len(policies) != len(l.out.Policies) {
		return &Error{Kind: ErrCorrupt, Detail: "the policies of run " + l.found.info.ID, Advice: "restore a copy of the database"}
	}
	for i, p := range policies {
		p.Counts = l.out.Policies[i].Counts
		l.out.Policies[i] = p
	}
	if err := l.part(partSpend, &l.out.Spend); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	return l.part(partGaps, &l.out.Coverage.Gaps)
}

// part decodes a text of the run.
func (l *loading) part(kind string, into any) error {
	var p part
	var packed int
	err := l.tx.row(l.ctx, `SELECT c.id, c.hash, c.packed, c.body FROM run_part p JOIN content c ON c.id = p.content WHERE p.series = ? AND p.seq = ? AND p.kind = ? AND p.n = 0`,
		l.found.series, l.found.seq, kind).Scan(&p.id, &p.name, &packed, &p.body)
	if err != nil {
		return fmt.Errorf("%s of run %s: %w", kind, l.found.info.ID, err)
	}
	p.packed = packed == 1
	return l.joiner.decode(p, into)
}

func (l *loading) findings() error {
	var lists [2][]joining
	var next joining
	var kind int
	var h finding.History
	var since, first int64
	into := next.scanned(&kind, &h.Status, &since, &h.Reopened, &first)
	err := l.tx.rows(l.ctx, `SELECT f.kind, coalesce(st.status, ''), coalesce(st.since, 0), coalesce(st.reopened, 0), coalesce(v.first_seen, 0), `+joiningColumns+`
		FROM fact a JOIN finding f ON f.id = a.finding LEFT JOIN life v ON v.id = f.life LEFT JOIN life_state st ON st.life = f.life AND st.from_seq <= ? AND st.to_seq >= ?
		WHERE a.chain = ? AND a.from_seq <= ? AND a.to_seq >= ?`, []any{l.found.seq, l.found.seq, l.found.chain, l.found.seq, l.found.seq}, func(scan func(...any) error) error {
		if err := scan(into...); err != nil {
			return err
		}
		next.history = nil
		if h.Status != "" && kind == 0 && !l.found.info.Late {
			next.history = &finding.History{Status: h.Status, FirstSeen: fromNanos(first), LastSeen: l.found.info.Time, Since: fromNanos(since), Reopened: h.Reopened}
		}
		lists[kind] = append(lists[kind], next)
		return nil
	})
	for kind, to := range []*[]finding.Finding{&l.out.Findings, &l.out.Fixed} {
		var list []finding.Finding
		if err == nil {
			list, err = l.joiner.inOrder(l.ctx, l.tx, lists[kind])
		}
		for i := range list {
			if list[i].Verdict != finding.Fail { // it has the fingerprint of one that is a failure
				list[i].History = nil
			}
		}
		if len(list) > 0 { // how an empty one was saved, the head of the run says
			*to = list
		}
	}
	return err
}

func (l *loading) tallies() error {
	err := l.tx.talliesOf(l.ctx, l.found.chain, l.found.seq, func(y tallyRow) {
		if y.from <= l.found.seq {
			l.out.Tallies = append(l.out.Tallies, y.tally)
		}
	})
	slices.SortFunc(l.out.Tallies, finding.CompareTallies)
	return err
}

func (l *loading) since() error {
	if l.found.beforeSeq == 0 {
		return nil
	}
	c := comparing{l.ctx, l.tx, l.found.series, l.found.beforeSeq, l.found.seq, l.found.before}
	present, err := c.madeBy(l.found)
	if err != nil {
		return err
	}
	since, err := c.since(present)
	l.out.Since = &since
	return err
}
