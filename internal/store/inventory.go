package store

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
)

// An inventory is cut into chunks at the ends of lines, where what the line says decides:
// a resource more or less changes one chunk, and all others are kept once however many
// runs have them. Where the account changes there is always a cut.

// The lengths of chunks in bytes. One line can make a chunk longer.
const (
	chunkLines = 64 // a cut at one line of so many, on average
	chunkMin   = 16 << 10
	chunkMax   = 1 << 20
)

// packInventory cuts and compresses an inventory.
func packInventory(ctx context.Context, p packer, r io.Reader) ([]runPart, error) {
	in := bufio.NewReaderSize(r, 1<<20)
	var out []runPart
	var chunk, scope []byte
	cut := func() {
		if len(chunk) > 0 {
			out = append(out, runPart{kind: partInventory, n: len(out), text: p.text(bytes.Clone(chunk))})
			chunk = chunk[:0]
		}
	}
	for {
		line, err := in.ReadBytes('\n')
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if s := scopeOf(line); !bytes.Equal(s, scope) {
			cut()
			scope = bytes.Clone(s)
		}
		chunk = append(chunk, line...)
		if len(chunk) >= chunkMax || len(chunk) >= chunkMin && cutsAfter(line) {
			cut()
		}
		if errors.Is(err, io.EOF) {
			cut()
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the inventory: %w", err)
		}
	}
}

// cutsAfter says for one line of chunkLines that a chunk ends with it.
func cutsAfter(line []byte) bool {
	h := fnv.New32a()
	_, _ = h.Write(line)
	return h.Sum32()%chunkLines == 0
}

// scopeOf returns what the line has as its scope, nil where it has none.
func scopeOf(line []byte) []byte {
	_, after, ok := bytes.Cut(line, []byte(`"scope":{`))
	if !ok {
		return nil
	}
	scope, _, _ := bytes.Cut(after, []byte(`}`))
	return scope
}

// Inventory returns the inventory of a run as it was given to Save. The caller closes it.
// It is an error where the run has none, or where it was not kept.
func (s *Store) Inventory(ctx context.Context, id string) (io.ReadCloser, error) {
	var contents []hash
	err := s.read(ctx, "find the inventory", func(t tx) error {
		contents = nil
		r, err := t.find(ctx, id)
		if err != nil {
			return err
		}
		err = t.rows(ctx, `SELECT c.hash FROM run_part p JOIN content c ON c.id = p.content WHERE p.series = ? AND p.seq = ? AND p.kind = ? ORDER BY p.n`, []any{r.series, r.seq, partInventory}, func(scan func(...any) error) error {
			var h []byte
			err := scan(&h)
			contents = append(contents, hash(h))
			return err
		})
		if err == nil && len(contents) == 0 && r.info.HasInventory {
			return wrong("the inventory of run %s is missing", id)
		}
		if err == nil && len(contents) == 0 {
			return &Error{Kind: ErrNotFound, Detail: "run " + id + " has no inventory, or it was not kept"}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	u, err := newUnpacker()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	return &inventoryReader{ctx: ctx, cancel: cancel, store: s, run: id, todo: contents, unpacker: u}, nil
}

// inventoryReader reads one chunk after another, each in a transaction of its own: who
// reads slowly must not keep others from tidying up.
type inventoryReader struct {
	ctx      context.Context //nolint:containedctx // io.Reader takes none
	cancel   context.CancelFunc
	store    *Store
	run      string // its id
	todo     []hash
	now      []byte
	unpacker unpacker
}

// Read implements io.Reader.
func (r *inventoryReader) Read(p []byte) (int, error) {
	for len(r.now) == 0 {
		if len(r.todo) == 0 {
			return 0, io.EOF
		}
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.now)
	r.now = r.now[n:]
	return n, nil
}

func (r *inventoryReader) next() error {
	return r.store.read(r.ctx, "read the inventory", func(t tx) error {
		b, err := t.content(r.ctx, r.unpacker, r.todo[0])
		if errors.Is(err, ErrNotFound) {
			if run, gone := t.find(r.ctx, r.run); gone == nil && run.info.HasInventory {
				return wrong("a part of the inventory of run %s is missing", r.run)
			}
		}
		if err != nil {
			return err
		}
		r.now, r.todo = b, r.todo[1:]
		return nil
	})
}

// Close implements io.Closer.
func (r *inventoryReader) Close() error {
	r.cancel()
	r.unpacker.close()
	r.todo, r.now = nil, nil
	return nil
}

// content returns the text of the name.
func (t tx) content(ctx context.Context, u unpacker, name hash) ([]byte, error) {
	var id int64
	var packed int
	var body []byte
	err := t.row(ctx, `SELECT id, packed, body FROM content WHERE hash = ?`, name[:]).Scan(&id, &packed, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, &Error{Kind: ErrNotFound, Detail: "the inventory was deleted while it was read"}
	}
	if err != nil {
		return nil, err
	}
	return u.checked(id, name[:], packed, body)
}

// Inputs returns the files that a run depended on, in the order in which they were given
// to Save.
func (s *Store) Inputs(ctx context.Context, id string) ([]Input, error) {
	u, err := newUnpacker()
	if err != nil {
		return nil, err
	}
	defer u.close()
	var out []Input
	err = s.read(ctx, "read the inputs", func(t tx) error {
		out = nil
		r, err := t.find(ctx, id)
		if err != nil {
			return err
		}
		return t.rows(ctx, `SELECT p.name, c.id, c.hash, c.packed, c.body FROM run_part p JOIN content c ON c.id = p.content WHERE p.series = ? AND p.seq = ? AND p.kind = ? ORDER BY p.n`,
			[]any{r.series, r.seq, partInput}, func(scan func(...any) error) error {
				var name []byte
				var p part
				var packed int
				if err := scan(&name, &p.id, &p.name, &packed, &p.body); err != nil {
					return err
				}
				p.packed = packed == 1
				b, err := u.text(p)
				out = append(out, Input{Name: string(name), Text: append([]byte{}, b...)})
				return err
			})
	})
	return out, err
}
