package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// joiner puts findings together again.
type joiner struct {
	unpacker
	plain *plain
	rules map[int64]rule // by text: there are few
}

func newJoiner() (*joiner, error) {
	u, err := newUnpacker()
	return &joiner{unpacker: u, plain: newPlain(), rules: map[int64]rule{}}, err
}

// part is a text as it is in the database.
type part struct {
	id     int64
	name   []byte // its hash
	packed bool
	body   []byte
}

func (j *joiner) decode(p part, into any) error {
	b, err := j.text(p)
	if err != nil {
		return err
	}
	return p.decoded(b, into)
}

// decoded decodes the text, which is unpacked.
func (p part) decoded(b []byte, into any) error {
	if err := json.Unmarshal(b, into); err != nil {
		return &Error{Kind: ErrCorrupt, Detail: fmt.Sprintf("text %d: %v", p.id, err), Advice: "restore a copy of the database"}
	}
	return nil
}

// joining is a finding to be put together.
type joining struct {
	fact                   int64
	fingerprint            string
	nth                    int // among those with the fingerprint
	history                *finding.History
	rule, resource, detail int64 // its texts
}

// joiningColumns are those of a fact a and a finding f, for scanning into what scanned
// returns. Where an outer join finds none the fact is 0.
const joiningColumns = `coalesce(a.id, 0), coalesce(f.fingerprint, ''), coalesce(f.nth, 0), coalesce(a.rule, 0), coalesce(a.resource, 0), coalesce(a.detail, 0)`

// scanned returns where to scan joiningColumns, after other columns.
func (n *joining) scanned(before ...any) []any {
	return append(before, &n.fact, &n.fingerprint, &n.nth, &n.rule, &n.resource, &n.detail)
}

// inOrder returns the findings in the order of a run; nil where there are none.
func (j *joiner) inOrder(ctx context.Context, t tx, list []joining) ([]finding.Finding, error) {
	if len(list) == 0 {
		return nil, nil
	}
	out, err := j.join(ctx, t, list)
	finding.SortTies(out, func(a, b int) int {
		return cmp.Or(cmp.Compare(list[a].fingerprint, list[b].fingerprint), cmp.Compare(list[a].nth, list[b].nth))
	})
	return out, err
}

// join sorts the list and returns its findings. It reads each text once, and texts in the
// order of their ids: what was written together lies together.
func (j *joiner) join(ctx context.Context, t tx, list []joining) ([]finding.Finding, error) {
	slices.SortFunc(list, func(a, b joining) int { return cmp.Or(cmp.Compare(a.detail, b.detail), cmp.Compare(a.fact, b.fact)) })
	out := make([]finding.Finding, len(list))
	for i, n := range list {
		out[i].Fingerprint, out[i].History = n.fingerprint, n.history
	}
	for _, step := range []func(context.Context, tx, []joining, []finding.Finding) error{j.joinRules, j.joinResources, j.joinDetails} {
		if err := step(ctx, t, list, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (j *joiner) joinRules(ctx context.Context, t tx, list []joining, out []finding.Finding) error {
	var ids []int64
	for _, n := range list {
		if _, known := j.rules[n.rule]; !known {
			j.rules[n.rule] = rule{}
			ids = append(ids, n.rule)
		}
	}
	err := t.texts(ctx, ids, func(p part) error {
		var r rule
		err := j.decode(p, &r)
		j.rules[p.id] = r
		return err
	})
	for i, n := range list {
		r := j.rules[n.rule]
		out[i].Policy, out[i].Title, out[i].Category = r.Policy, r.Title, r.Category
	}
	return err
}

func (j *joiner) joinResources(ctx context.Context, t tx, list []joining, out []finding.Finding) error {
	return t.textsOf(ctx, list, func(n *joining) int64 { return n.resource }, func(p part, of []int32) error {
		b, err := j.text(p)
		if err != nil {
			return err
		}
		r, ok := j.plain.resource(b)
		if !ok {
			r = finding.Resource{}
			err = p.decoded(b, &r)
		}
		for _, i := range of {
			out[i].Resource = r
		}
		return err
	})
}

func (j *joiner) joinDetails(ctx context.Context, t tx, list []joining, out []finding.Finding) error {
	return t.textsOf(ctx, list, func(n *joining) int64 { return n.detail }, func(p part, of []int32) error {
		b, err := j.text(p)
		if err != nil {
			return err
		}
		d, ok := j.plain.detail(b)
		if !ok {
			d = detail{}
			err = p.decoded(b, &d)
		}
		for _, i := range of {
			d.in(&out[i])
		}
		return err
	})
}

// in writes the detail into its finding.
func (d *detail) in(f *finding.Finding) {
	f.Severity, f.Verdict, f.Owner, f.OwnerUnknown, f.Message, f.Path, f.Key, f.Defects, f.MonthlyCost = d.Severity, d.Verdict, d.Owner, d.OwnerUnknown, d.Message, d.Path, d.Key, d.Defects, d.MonthlyCost
	f.Reason, f.Permission, f.Change, f.Waiver, f.Baseline, f.WarnUntil = d.Reason, d.Permission, d.Change, d.Waiver, d.Baseline, d.WarnUntil
}

// textsOf hands over the texts of the findings that id names, with where in the list those
// are that have it.
func (t tx) textsOf(ctx context.Context, list []joining, id func(*joining) int64, f func(p part, of []int32) error) error {
	order, ids := make([]int32, len(list)), make([]int64, len(list))
	for i := range list {
		order[i], ids[i] = int32(i), id(&list[i])
	}
	slices.SortFunc(order, func(a, b int32) int { return cmp.Compare(id(&list[a]), id(&list[b])) })
	return t.texts(ctx, ids, func(p part) error {
		n := 0
		for n < len(order) && id(&list[order[n]]) == p.id {
			n++
		}
		of := order[:n]
		order = order[n:]
		return f(p, of)
	})
}

// texts hands over the texts with the ids, which it sorts, each once and in their order,
// until the next one. One that is missing is an error: without it, a finding would be too.
func (t tx) texts(ctx context.Context, ids []int64, f func(part) error) error {
	slices.Sort(ids)
	for chunk := range slices.Chunk(slices.Compact(ids), batchArgs) {
		args := make([]any, len(chunk))
		for i, id := range chunk {
			args[i] = id
		}
		var p part
		var packed int
		var name, body sql.RawBytes
		err := t.rows(ctx, `SELECT id, hash, packed, body FROM content WHERE id IN (`+marks(len(chunk))+`) ORDER BY id`, args, func(scan func(...any) error) error {
			if err := scan(&p.id, &name, &packed, &body); err != nil {
				return err
			}
			if p.id != chunk[0] {
				return missing(chunk[0])
			}
			chunk = chunk[1:]
			p.name, p.packed, p.body = name, packed == 1, body
			return f(p)
		})
		if err != nil {
			return err
		}
		if len(chunk) > 0 {
			return missing(chunk[0])
		}
	}
	return nil
}

func missing(id int64) error {
	return &Error{Kind: ErrCorrupt, Detail: fmt.Sprintf("text %d is missing", id), Advice: "restore a copy of the database"}
}

// lost is the error where so many findings that something refers to are missing.
func lost(n int) error {
	return &Error{Kind: ErrCorrupt, Detail: fmt.Sprintf("%d or more findings are missing", n), Advice: "restore a copy of the database"}
}

// factsAtOnce bounds how many findings eachFact holds.
const factsAtOnce = 4 * batchArgs

// eachFact hands over the findings of the facts in the order of their ids.
func eachFact(ctx context.Context, t tx, facts []int64, f func(fact int64, f finding.Finding) error) error {
	slices.Sort(facts)
	j, err := newJoiner()
	if err != nil {
		return err
	}
	defer j.close()
	for chunk := range slices.Chunk(slices.Compact(facts), factsAtOnce) {
		args := make([]any, len(chunk))
		for i, id := range chunk {
			args[i] = id
		}
		list := make([]joining, 0, len(chunk))
		var next joining
		into := next.scanned()
		err := t.lookup(ctx, `SELECT `+joiningColumns+` FROM fact a JOIN finding f ON f.id = a.finding WHERE a.id IN`, nil, args, func(scan func(...any) error) error {
			err := scan(into...)
			list = append(list, next)
			return err
		})
		if err != nil {
			return err
		}
		if n := len(chunk) - len(list); n > 0 {
			return lost(n)
		}
		findings, err := j.join(ctx, t, list)
		if err != nil {
			return err
		}
		order := make([]int, len(list))
		for i := range order {
			order[i] = i
		}
		slices.SortFunc(order, func(a, b int) int { return cmp.Compare(list[a].fact, list[b].fact) })
		for _, i := range order {
			if err := f(list[i].fact, findings[i]); err != nil {
				return err
			}
		}
	}
	return nil
}
