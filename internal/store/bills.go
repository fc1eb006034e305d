package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// Bills returns what the runs of a series that started then or later say of bills, by their
// ids. A run that was to read none is not among them. Runs that say the same share it:
// nobody changes it.
func (s *Store) Bills(ctx context.Context, name string, since time.Time) (map[string][]finding.Bill, error) {
	var out map[string][]finding.Bill
	err := s.read(ctx, "read the bills", func(t tx) error {
		j, err := newJoiner()
		if err != nil {
			return err
		}
		defer j.close()
		out = map[string][]finding.Bill{}
		runs := map[int64][]string{} // ids of runs, by the text that they share
		err = t.rows(ctx, `SELECT r.id, p.content, CASE WHEN p.content IS NULL THEN r.head END FROM run r JOIN series s ON s.id = r.series
			LEFT JOIN run_part p ON p.series = r.series AND p.seq = r.seq AND p.kind = ? AND p.n = 0
			WHERE s.name = ? AND r.started >= ?`, []any{partSpend, name, toNanos(since)}, func(scan func(...any) error) error {
			var id string
			var text sql.NullInt64
			var head []byte
			if err := scan(&id, &text, &head); err != nil {
				return err
			}
			if text.Valid {
				runs[text.Int64] = append(runs[text.Int64], id)
				return nil
			}
			bills, err := j.billsInHead(head)
			if len(bills) > 0 {
				out[id] = bills
			}
			return err
		})
		if err != nil {
			return err
		}
		var list []any
		for text := range runs {
			list = append(list, text)
		}
		return t.lookup(ctx, `SELECT id, hash, packed, body FROM content WHERE id IN`, nil, list, func(scan func(...any) error) error {
			var p part
			var packed int
			if err := scan(&p.id, &p.name, &packed, &p.body); err != nil {
				return err
			}
			p.packed = packed == 1
			var bills []finding.Bill
			err := j.decode(p, &bills)
			for _, id := range runs[p.id] {
				out[id] = bills
			}
			return err
		})
	})
	return out, err
}

// billsInHead returns the bills of a run that was saved before they were kept apart.
func (j *joiner) billsInHead(head []byte) ([]finding.Bill, error) {
	text, err := j.unpack(head, true)
	if err != nil || !bytes.Contains(text, []byte(`"spend":[`)) {
		return nil, err
	}
	var of struct {
		Spend []finding.Bill `json:"spend"`
	}
	err = json.Unmarshal(text, &of)
	return of.Spend, err
}
