package store

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// Filter says which runs to list. The zero value is every one.
type Filter struct {
	Series string    // "" is every one
	Since  time.Time // those that started then or later
	Limit  int       // 0 is no limit
}

// Runs lists saved runs, the one that started last first.
func (s *Store) Runs(ctx context.Context, f Filter) ([]RunInfo, error) {
	var out []RunInfo
	err := s.read(ctx, "list the runs", func(t tx) error {
		list, err := t.list(ctx, f, 0)
		out = nil
		for _, r := range list {
			out = append(out, r.info)
		}
		return err
	})
	return out, err
}

// found is a row of the table of runs.
type found struct {
	series, seq, chain int64
	info               RunInfo
	head               []byte // set by find only
	beforeSeq          int64
	before             finding.RunRef
}

// list returns runs, newest first, after skipping some.
func (t tx) list(ctx context.Context, f Filter, skip int) ([]found, error) {
	query := `SELECT r.series, r.seq, r.chain, r.info FROM run r JOIN series s ON s.id = r.series WHERE r.started >= ?`
	args := []any{toNanos(f.Since)}
	if f.Series != "" {
		query += ` AND s.name = ?`
		args = append(args, f.Series)
	}
	query += ` ORDER BY r.started DESC, r.series, r.seq DESC`
	if f.Limit > 0 {
		query += ` LIMIT ? OFFSET ?`
		args = append(args, f.Limit, skip)
	}
	var out []found
	err := t.rows(ctx, query, args, func(scan func(...any) error) error {
		var r found
		var info []byte
		if err := scan(&r.series, &r.seq, &r.chain, &info); err != nil {
			return err
		}
		out = append(out, r)
		return decodeInfo(info, &out[len(out)-1].info)
	})
	return out, err
}

// Resolve returns the run that a person means: its id, a beginning of it that no other
// has, "latest", or "latest~2" for the one two before it. "gate:latest" is the latest one
// of a series.
func (s *Store) Resolve(ctx context.Context, ref string) (RunInfo, error) {
	var out RunInfo
	err := s.read(ctx, "find the run", func(t tx) error {
		name, back, isBack, err := parseRef(ref)
		if err != nil {
			return err
		}
		if !isBack {
			out, err = t.byBeginning(ctx, ref)
			return err
		}
		list, err := t.list(ctx, Filter{Series: name, Limit: 1}, back)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return t.none(ctx, name, ref)
		}
		out = list[0].info
		return nil
	})
	return out, err
}

// parseRef takes "series:latest~2" apart.
func parseRef(ref string) (name string, back int, isBack bool, err error) {
	rest := ref
	if before, after, ok := strings.Cut(ref, ":"); ok {
		name, rest = before, after
	}
	if !utf8.ValidString(ref) || strings.ContainsRune(ref, 0) { // PostgreSQL takes no such text
		return "", 0, false, badRef(ref)
	}
	word, number, counted := strings.Cut(rest, "~")
	if word != "latest" {
		if name != "" || counted || ref == "" {
			return "", 0, false, badRef(ref)
		}
		return "", 0, false, nil
	}
	if counted {
		if back, err = strconv.Atoi(number); err != nil || back < 0 {
			return "", 0, false, badRef(ref)
		}
	}
	return name, back, true, nil
}

func badRef(ref string) error {
	return &Error{Kind: ErrNotFound, Detail: fmt.Sprintf("%q names no run", ref), Advice: "give an id of `metsuke runs list`, a unique beginning of one, latest, or latest~2"}
}

// byBeginning finds the run whose id begins so.
func (t tx) byBeginning(ctx context.Context, ref string) (RunInfo, error) {
	var out []RunInfo
	err := t.rows(ctx, `SELECT info FROM run WHERE id >= ? AND substr(id, 1, ?) = ? ORDER BY id LIMIT 3`, []any{ref, len(ref), ref}, func(scan func(...any) error) error {
		var info []byte
		var r RunInfo
		if err := scan(&info); err != nil {
			return err
		}
		if err := decodeInfo(info, &r); err != nil {
			return err
		}
		out = append(out, r)
		return nil
	})
	switch {
	case err != nil:
		return RunInfo{}, err
	case len(out) == 0:
		return RunInfo{}, t.none(ctx, "", ref)
	case len(out) > 1 && out[0].ID != ref:
		var ids []string
		for _, r := range out {
			ids = append(ids, r.ID)
		}
		return RunInfo{}, &Error{Kind: ErrAmbiguous, Detail: fmt.Sprintf("%q begins %s", ref, strings.Join(ids, ", ")), Advice: "give more of the id"}
	}
	return out[0], nil
}

// none says that there is no such run, and how many there are.
func (t tx) none(ctx context.Context, name, ref string) error {
	query, args := `SELECT count(*) FROM run`, []any{}
	what := "saved"
	if name != "" {
		query, args = `SELECT count(*) FROM run r JOIN series s ON s.id = r.series WHERE s.name = ?`, []any{name}
		what = "saved in the series " + name
	}
	var n int
	if err := t.row(ctx, query, args...).Scan(&n); err != nil {
		return err
	}
	runs := "no runs are"
	switch {
	case n == 1:
		runs = "1 run is"
	case n > 1:
		runs = fmt.Sprintf("%d runs are", n)
	}
	return &Error{Kind: ErrNotFound, Detail: fmt.Sprintf("%q (%s %s)", ref, runs, what), Advice: "`metsuke runs list` lists them"}
}

// find returns the run with the id.
func (t tx) find(ctx context.Context, id string) (found, error) {
	var r found
	var info []byte
	var at int64
	err := t.row(ctx, `SELECT series, seq, chain, info, head, before_seq, before_time, before_run FROM run WHERE id = ?`, id).
		Scan(&r.series, &r.seq, &r.chain, &info, &r.head, &r.beforeSeq, &at, &r.before.ID)
	if errors.Is(err, sql.ErrNoRows) {
		return found{}, t.none(ctx, "", id)
	}
	if err != nil {
		return found{}, err
	}
	r.before.Time = fromNanos(at)
	return r, decodeInfo(info, &r.info)
}

// series returns the row of a series; its id is 0 where there is none.
func (t tx) series(ctx context.Context, name string) (series, error) {
	var out series
	var at int64
	err := t.row(ctx, `SELECT id, last_seq, moved_seq, moved_time, moved_run FROM series WHERE name = ?`, name).Scan(&out.id, &out.last, &out.moved, &at, &out.run)
	if errors.Is(err, sql.ErrNoRows) {
		return series{}, nil
	}
	out.time = fromNanos(at)
	return out, err
}

// The text of a RunInfo begins with its own CRC-32, where it was not saved before there was
// one: what a list says is held against nothing else.
const (
	infoSum  = `{"sum":"`
	infoRest = len(infoSum) + 8 + len(`",`)
)

func encodeInfo(r RunInfo) ([]byte, error) {
	b, err := encode(r)
	if err != nil {
		return nil, err
	}
	rest := b[1:] // without the brace
	return append(fmt.Appendf(nil, `%s%08x",`, infoSum, crc32.ChecksumIEEE(rest)), rest...), nil
}

func decodeInfo(text []byte, into *RunInfo) error {
	if bytes.HasPrefix(text, []byte(infoSum)) && (len(text) < infoRest || fmt.Sprintf("%08x", crc32.ChecksumIEEE(text[infoRest:])) != string(text[len(infoSum):infoRest-2])) {
		return wrong("what is said of a run is not what it was")
	}
	return json.Unmarshal(text, into)
}
