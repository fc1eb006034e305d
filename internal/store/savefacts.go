package store

import (
	"database/sql"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// name identifies a finding of a series.
type name struct {
	fingerprint string
	kind        int // of the table finding
	nth         int
}

// identity is a row of the table finding.
type identity struct {
	id    int64
	life  int64 // 0 is none
	dirty bool  // not in the database as it is here
}

// kept is an open interval of the chain.
type kept struct {
	id    int64         // of the fact
	hash  hash          // of its texts
	about sql.NullInt64 // of its brief; null where it was saved before facts had one
}

// madeNow is a finding of this run.
type madeNow struct {
	name    name
	finding *finding.Finding
	id      *identity
	fact    int64
	about   int64 // of the brief; 0 where it is no failure
}

// saveFacts keeps what the run says as intervals, and returns its findings.
func (v *saving) saveFacts() ([]madeNow, error) {
	if err := v.loadFacts(); err != nil {
		return nil, err
	}
	var all []madeNow
	count := map[name]int{}
	for kind, list := range [][]finding.Finding{v.rec.Run.Findings, v.rec.Run.Fixed} {
		for i := range list {
			n := name{fingerprint: list[i].Fingerprint, kind: kind}
			count[n]++
			n.nth = count[n] - 1
			all = append(all, madeNow{name: n, finding: &list[i]})
		}
	}
	if err := v.identify(all); err != nil {
		return nil, err
	}
	changed, err := v.changed(all)
	if err != nil {
		return nil, err
	}
	if err := v.contents.flush(v.ctx); err != nil {
		return nil, err
	}
	var rows, untold [][]any
	for _, c := range changed {
		id := func(b []byte) int64 { return v.contents.id(hashOf(b)) }
		stands := standingOf(c.made.finding)
		if stands != noFailure {
			c.made.about = id(c.brief)
		}
		row := []any{c.made.fact, v.chain(), v.series.last, forever, c.made.id.id, c.hash[:], id(c.rule), id(c.resource), id(c.detail), c.made.about, int(stands), savingOf(c.made.finding)}
		if c.kept {
			untold = append(untold, row)
		} else {
			rows = append(rows, row)
		}
	}
	// What is left is not so any more.
	var over []any
	for _, k := range v.current {
		over = append(over, k.id)
	}
	if err := v.end("fact", over); err != nil {
		return nil, err
	}
	const columns = "id, chain, from_seq, to_seq, finding, hash, rule, resource, detail, about, standing, saving"
	if err := v.tx.insert(v.ctx, "fact", columns, " ON CONFLICT (id) DO UPDATE SET about = excluded.about, standing = excluded.standing, saving = excluded.saving", untold); err != nil {
		return nil, err
	}
	return all, v.tx.insert(v.ctx, "fact", columns, "", rows)
}

// change is a finding that the last run of the chain did not make, or not so; or one that
// is as it was, of which the database does not yet say what scorecards go by.
type change struct {
	made *madeNow
	hash hash
	kept bool
	texts
	brief []byte
}

// changed returns what is not as it was, with new facts, and notes their texts. It takes
// the others out of what is current.
func (v *saving) changed(all []madeNow) ([]change, error) {
	var out []change
	for i := range all {
		m := &all[i]
		t, err := split(m.finding)
		if err != nil {
			return nil, err
		}
		h := t.hash()
		c := change{made: m, hash: h, texts: t}
		if k, ok := v.current[m.id.id]; ok && k.hash == h {
			m.fact, m.about, c.kept = k.id, k.about.Int64, true
			delete(v.current, m.id.id)
			if k.about.Valid {
				continue
			}
		} else if m.fact, err = v.id("fact"); err != nil {
			return nil, err
		}
		if c.brief, err = encode(briefOf(m.finding)); err != nil {
			return nil, err
		}
		for _, b := range [][]byte{t.rule, t.resource, t.detail, c.brief} {
			v.contents.want(b)
		}
		out = append(out, c)
	}
	return out, nil
}

// loadFacts reads what the last run of the chain said.
func (v *saving) loadFacts() error {
	v.current, v.findings = map[int64]kept{}, map[name]*identity{}
	if v.series.last == 1 {
		return nil
	}
	return v.tx.rows(v.ctx, `SELECT a.id, a.hash, a.about, f.id, f.fingerprint, f.kind, f.nth, f.life
		FROM fact a JOIN finding f ON f.id = a.finding WHERE a.chain = ? AND a.to_seq = ?`, []any{v.chain(), forever}, func(scan func(...any) error) error {
		var k kept
		var n name
		var id identity
		var h []byte
		if err := scan(&k.id, &h, &k.about, &id.id, &n.fingerprint, &n.kind, &n.nth, &id.life); err != nil {
			return err
		}
		k.hash = hash(h)
		v.current[id.id] = k
		v.findings[n] = &id
		return nil
	})
}

// identify finds the rows of the findings, or makes them.
func (v *saving) identify(all []madeNow) error {
	var list []any
	if v.series.last > 1 {
		for _, m := range all {
			if v.findings[m.name] == nil {
				list = append(list, m.name.fingerprint)
			}
		}
	}
	if err := v.lookUp(list); err != nil {
		return err
	}
	var err error
	for i := range all {
		m := &all[i]
		if m.id = v.findings[m.name]; m.id != nil {
			continue
		}
		m.id = &identity{dirty: true}
		if m.id.id, err = v.id("finding"); err != nil {
			return err
		}
		v.findings[m.name] = m.id
	}
	return nil
}

// lookUp reads the rows of findings with the fingerprints.
func (v *saving) lookUp(fingerprints []any) error {
	return v.tx.lookup(v.ctx, `SELECT id, fingerprint, kind, nth, life FROM finding WHERE series = ? AND fingerprint IN`, []any{v.series.id}, fingerprints, func(scan func(...any) error) error {
		var n name
		var id identity
		if err := scan(&id.id, &n.fingerprint, &n.kind, &n.nth, &id.life); err != nil {
			return err
		}
		if v.findings[n] == nil {
			v.findings[n] = &id
		}
		return nil
	})
}

// saveFindings writes the rows that are new or have changed.
func (v *saving) saveFindings() error {
	var rows [][]any
	for n, id := range v.findings {
		if id.dirty {
			rows = append(rows, []any{id.id, v.series.id, n.kind, n.fingerprint, n.nth, id.life})
		}
	}
	return v.tx.insert(v.ctx, "finding", "id, series, kind, fingerprint, nth, life", " ON CONFLICT (id) DO UPDATE SET life = excluded.life", rows)
}
