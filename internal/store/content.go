package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"github.com/klauspost/compress/zstd"
)

// hash names a text: the first half of its SHA-256, which nobody finds two texts for by
// accident.
type hash [16]byte

func hashOf(text []byte) hash {
	sum := sha256.Sum256(text)
	return hash(sum[:16])
}

// packFrom is the length from which a text is compressed. Below it zstd saves little.
const packFrom = 256

// text is something to keep once.
type text struct {
	hash   hash
	packed int
	body   []byte
}

// packer compresses. It is not safe for concurrent use.
type packer struct{ enc *zstd.Encoder }

func newPacker() (packer, error) {
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedDefault))
	if err != nil {
		return packer{}, fmt.Errorf("zstd: %w", err)
	}
	return packer{enc}, nil
}

func (p packer) pack(b []byte) []byte { return p.enc.EncodeAll(b, nil) }

func (p packer) text(b []byte) text {
	t := text{hash: hashOf(b), body: b}
	if len(b) >= packFrom {
		if small := p.pack(b); len(small) < len(b) {
			t.packed, t.body = 1, small
		}
	}
	return t
}

// unpacker undoes what a packer does. It is not safe for concurrent use.
type unpacker struct{ dec *zstd.Decoder }

func newUnpacker() (unpacker, error) {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return unpacker{}, fmt.Errorf("zstd: %w", err)
	}
	return unpacker{dec}, nil
}

func (u unpacker) close() { u.dec.Close() }

func (u unpacker) unpack(body []byte, packed bool) ([]byte, error) {
	if !packed {
		return body, nil
	}
	b, err := u.dec.DecodeAll(body, nil)
	if err != nil {
		return nil, &Error{Kind: ErrCorrupt, Detail: err.Error(), Advice: "restore a copy of the database"}
	}
	return b, nil
}

// text returns a text. What is packed has a checksum of its own; the rest is held against
// its name.
func (u unpacker) text(p part) ([]byte, error) {
	if p.packed {
		return u.unpack(p.body, true)
	}
	return u.checked(p.id, p.name, 0, p.body)
}

// checked unpacks a text and holds it against its name.
func (u unpacker) checked(id int64, name []byte, packed int, body []byte) ([]byte, error) {
	b, err := u.unpack(body, packed == 1)
	if err != nil {
		return nil, err
	}
	if h := hashOf(b); !bytes.Equal(h[:], name) {
		return nil, &Error{Kind: ErrCorrupt, Detail: fmt.Sprintf("text %d is not what it was", id), Advice: "restore a copy of the database"}
	}
	return b, nil
}

// contents gives texts their ids within one transaction, and adds those that are new.
type contents struct {
	tx     tx
	packer packer
	ids    map[hash]int64
	todo   []text
	last   int64
}

func newContents(ctx context.Context, t tx, p packer) (*contents, error) {
	last, err := t.last(ctx, "content")
	return &contents{tx: t, packer: p, ids: map[hash]int64{}, last: last}, err
}

// want notes a text of which the id will be asked for, and returns its name.
func (c *contents) want(b []byte) hash {
	h := hashOf(b)
	if _, ok := c.ids[h]; !ok {
		c.wantText(c.packer.text(b))
	}
	return h
}

func (c *contents) wantText(t text) {
	if _, ok := c.ids[t.hash]; ok {
		return
	}
	c.ids[t.hash] = 0
	c.todo = append(c.todo, t)
}

// flush looks the texts up that were noted and adds those that are not there.
func (c *contents) flush(ctx context.Context) error {
	if c.last > 0 {
		var list []any
		for _, t := range c.todo {
			if c.ids[t.hash] == 0 {
				list = append(list, t.hash[:])
			}
		}
		err := c.tx.lookup(ctx, `SELECT hash, id FROM content WHERE hash IN`, nil, list, func(scan func(...any) error) error {
			var h []byte
			var id int64
			if err := scan(&h, &id); err != nil {
				return err
			}
			c.ids[hash(h)] = id
			return nil
		})
		if err != nil {
			return err
		}
	}
	var rows [][]any
	for _, t := range c.todo {
		if c.ids[t.hash] == 0 {
			c.last++
			c.ids[t.hash] = c.last
			rows = append(rows, []any{c.last, t.hash[:], t.packed, t.body})
		}
	}
	c.todo = nil
	return c.tx.insert(ctx, "content", "id, hash, packed, body", "", rows)
}

// id returns the id of a text, after flush.
func (c *contents) id(h hash) int64 { return c.ids[h] }

func encode(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return b, nil
}
