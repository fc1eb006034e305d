package store

import (
	"bytes"
	"context"
	"fmt"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// Checked says what Check has read.
type Checked struct {
	Runs, Lives, Texts int
}

// Check reads the whole database, and returns an error where it is damaged. It takes as
// long as that takes. SQLite itself notices only what breaks the form of its file: what a
// row says it takes as it is. So everything is held against what else says the same:
//
//   - texts against their names, which are their digests,
//   - findings against the digest of their texts, and what scorecards go by against the
//     findings,
//   - runs against the digest of their report, made with digest where they have one,
//   - the lives of failures against the rules by which they go on.
//
// Of when a failure was last seen it holds only that it can be so, and of a run without a
// digest nothing.
func (s *Store) Check(ctx context.Context, digest func(finding.Run) (string, error)) (Checked, error) {
	var out Checked
	err := s.read(ctx, "check the database", func(t tx) error {
		out = Checked{}
		c := checking{ctx: ctx, tx: t, digest: digest, done: &out}
		steps := []func() error{c.texts, c.references, c.facts, c.lives, c.runs}
		if s.dialect == sqlite {
			steps = append([]func() error{c.form}, steps...)
		}
		for _, step := range steps {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// checking is one Check.
type checking struct {
	ctx    context.Context //nolint:containedctx // it lives as long as one call of Check
	tx     tx
	digest func(finding.Run) (string, error)
	done   *Checked
	names  map[int64]hash // of the texts, by id
}

// wrong is an error about what a row says.
func wrong(format string, args ...any) error {
	return &Error{Kind: ErrCorrupt, Detail: fmt.Sprintf(format, args...), Advice: "restore a copy of the database"}
}

// form has SQLite look at the form of its file.
func (c *checking) form() error {
	var said string
	if err := c.tx.row(c.ctx, `PRAGMA integrity_check(1)`).Scan(&said); err != nil {
		return err
	}
	if said != "ok" {
		return wrong("%s", said)
	}
	return nil
}

// texts holds every text against its name.
func (c *checking) texts() error {
	u, err := newUnpacker()
	if err != nil {
		return err
	}
	defer u.close()
	c.names = map[int64]hash{}
	return c.tx.rows(c.ctx, `SELECT id, hash, packed, body FROM content`, nil, func(scan func(...any) error) error {
		var id int64
		var name, body []byte
		var packed int
		if err := scan(&id, &name, &packed, &body); err != nil {
			return err
		}
		if _, err := u.checked(id, name, packed, body); err != nil {
			return err
		}
		c.done.Texts++
		c.names[id] = hash(name)
		return nil
	})
}

// references counts what must not be there: rows that refer to nothing, and intervals that
// say two things of one run.
func (c *checking) references() error {
	for _, q := range []struct{ what, query string }{
		{"findings that are said twice of a run", `SELECT count(*) FROM fact a JOIN fact b ON a.finding = b.finding AND a.chain = b.chain AND a.id < b.id WHERE a.from_seq <= b.to_seq AND b.from_seq <= a.to_seq`},
		{"findings without a name", `SELECT count(*) FROM fact WHERE finding NOT IN (SELECT id FROM finding)`},
		{"findings of no series", `SELECT count(*) FROM fact WHERE chain / 2 NOT IN (SELECT id FROM series)`},
		{"findings of another series", `SELECT count(*) FROM fact a JOIN finding f ON f.id = a.finding WHERE f.series <> a.chain / 2`},
		{"names of findings with a life that is not there", `SELECT count(*) FROM finding WHERE life <> 0 AND life NOT IN (SELECT id FROM life)`},
		{"lives without a finding", `SELECT count(*) FROM life WHERE finding NOT IN (SELECT id FROM finding) OR fact NOT IN (SELECT id FROM fact)`},
		{"lives of another finding", `SELECT count(*) FROM life l JOIN finding f ON f.id = l.finding JOIN fact a ON a.id = l.fact WHERE f.life <> l.id OR a.finding <> f.id OR f.series <> l.series`},
		{"lives without a text", `SELECT count(*) FROM life WHERE about NOT IN (SELECT id FROM content)`},
		{"statuses without a life", `SELECT count(*) FROM life_state st WHERE NOT EXISTS (SELECT 1 FROM life l WHERE l.id = st.life AND l.series = st.series)`},
		{"statuses without a finding", `SELECT count(*) FROM life_state st WHERE fact <> 0 AND NOT EXISTS (SELECT 1 FROM fact a JOIN finding f ON f.id = a.finding WHERE a.id = st.fact AND f.life = st.life)`},
		{"cells that are said twice of a run", `SELECT count(*) FROM cell_state a JOIN cell_state b ON a.cell = b.cell AND a.id < b.id WHERE a.from_seq <= b.to_seq AND b.from_seq <= a.to_seq`},
		{"cells without a name", `SELECT count(*) FROM cell_state st WHERE NOT EXISTS (SELECT 1 FROM cell c WHERE c.id = st.cell AND c.series = st.series)`},
		{"cells that were neither read nor not", `SELECT count(*) FROM cell_state WHERE was_read NOT IN (0, 1) OR scope NOT IN (SELECT id FROM content)`},
		{"counts that are said twice of a run", `SELECT count(*) FROM tally a JOIN tally b ON a.about = b.about AND a.chain = b.chain AND a.id < b.id WHERE a.from_seq <= b.to_seq AND b.from_seq <= a.to_seq`},
		{"counts of nothing", `SELECT count(*) FROM tally WHERE about NOT IN (SELECT id FROM content)`},
		{"parts of runs without a text", `SELECT count(*) FROM run_part p WHERE content NOT IN (SELECT id FROM content) OR NOT EXISTS (SELECT 1 FROM run r WHERE r.series = p.series AND r.seq = p.seq)`},
		{"runs ahead of their series", `SELECT count(*) FROM run r JOIN series s ON s.id = r.series WHERE r.seq > s.last_seq`},
		{"runs of another series", `SELECT count(*) FROM run WHERE chain / 2 <> series`},
		{"series ahead of themselves", `SELECT count(*) FROM series WHERE moved_seq > last_seq`},
	} {
		var n int
		if err := c.tx.row(c.ctx, q.query).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return wrong("%s: %d", q.what, n)
		}
	}
	return nil
}

// checkedFact is what a fact says besides its interval.
type checkedFact struct {
	about    hash
	standing int
	saving   float64
}

// facts holds findings against the digests of their texts, and what scorecards go by
// against the findings.
func (c *checking) facts() error {
	facts := map[int64]checkedFact{}
	var told []int64
	err := c.tx.rows(c.ctx, `SELECT id, hash, rule, resource, detail, coalesce(about, 0), coalesce(standing, -1), coalesce(saving, 0) FROM fact`, nil, func(scan func(...any) error) error {
		var id, rule, resource, detail, about int64
		var name []byte
		var f checkedFact
		if err := scan(&id, &name, &rule, &resource, &detail, &about, &f.standing, &f.saving); err != nil {
			return err
		}
		r, s, d := c.names[rule], c.names[resource], c.names[detail]
		if h := hashOfTexts(r, s, d); !bytes.Equal(h[:], name) {
			return wrong("finding %d has not the texts that it had", id)
		}
		if f.standing >= 0 { // it was not saved before there were scorecards
			f.about = c.names[about]
			facts[id] = f
			told = append(told, id)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return eachFact(c.ctx, c.tx, told, func(id int64, f finding.Finding) error {
		want := checkedFact{standing: int(standingOf(&f)), saving: savingOf(&f)}
		if want.standing != int(noFailure) {
			b, err := encode(briefOf(&f))
			if err != nil {
				return err
			}
			want.about = hashOf(b)
		}
		if facts[id] != want {
			return wrong("what scorecards count of finding %d is not what it says", id)
		}
		return nil
	})
}

// runs holds the runs against the digests of their reports.
func (c *checking) runs() error {
	list, err := c.tx.list(c.ctx, Filter{}, 0)
	if err != nil {
		return err
	}
	j, err := newJoiner()
	if err != nil {
		return err
	}
	defer j.close()
	for _, r := range list {
		found, err := c.tx.find(c.ctx, r.info.ID)
		if err != nil {
			return err
		}
		run, err := (&loading{ctx: c.ctx, tx: c.tx, found: found, joiner: j}).run()
		if err != nil {
			return err
		}
		if c.digest != nil && r.info.ReportDigest != "" {
			if d, err := c.digest(run); err != nil || d != r.info.ReportDigest {
				return wrong("run %s is not what it was", r.info.ID)
			}
		}
		c.done.Runs++
	}
	return nil
}
