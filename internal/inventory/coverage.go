// Package inventory keeps count of what was asked for and what was read: cells,
// gaps, resources, and a digest of it all that does not depend on the order in
// which things arrive. It judges nothing.
package inventory

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"sync"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// Log records a collection. It is safe for concurrent use.
type Log struct {
	mu        sync.Mutex
	cells     map[cell]*progress
	gaps      []providers.Gap
	resources int
	sum       [4]uint64 // of the resources' hashes
	buffers   sync.Pool // of *[]byte, for what is hashed
}

type cell struct {
	provider, scope, region string
	typ                     providers.Type
}

type progress struct {
	cell providers.Cell
	done bool
	gap  bool
}

// NewLog returns an empty Log.
func NewLog() *Log { return &Log{cells: map[cell]*progress{}} }

func keyOf(c providers.Cell) cell {
	return cell{c.Scope.Provider, c.Scope.ID, c.Region, c.Type}
}

// Plan records cells that are going to be read.
func (l *Log) Plan(cells ...providers.Cell) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range cells {
		if l.cells[keyOf(c)] == nil {
			l.cells[keyOf(c)] = &progress{cell: c}
		}
	}
}

// Done records that nothing more comes from a cell.
func (l *Log) Done(c providers.Cell) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p := l.cells[keyOf(c)]; p != nil {
		p.done = true
	}
}

// Gap records something that could not be read.
func (l *Log) Gap(g providers.Gap) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gaps = append(l.gaps, g)
	if g.ID != "" || g.Path != "" {
		return
	}
	for k, p := range l.cells {
		if k.provider == g.Scope.Provider && k.scope == g.Scope.ID && (g.Type == "" || k.typ == g.Type && k.region == g.Region) {
			p.gap = true
		}
	}
}

// Resource counts a resource and adds it to the digest.
func (l *Log) Resource(r providers.Resource) error {
	buf, _ := l.buffers.Get().(*[]byte)
	if buf == nil {
		buf = new([]byte)
	}
	defer l.buffers.Put(buf)
	var err error
	if *buf, err = r.AppendJSON((*buf)[:0]); err != nil { // json.Marshal would read through it once more
		return fmt.Errorf("%s: %w", r.ID, err)
	}
	h := sha256.Sum256(*buf)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.resources++
	for i := range l.sum {
		l.sum[i] += binary.BigEndian.Uint64(h[i*8:])
	}
	return nil
}

// Missed says whether the type could not be listed in full in the scope, and why.
func (l *Log) Missed(s providers.Scope, t providers.Type) (providers.Reason, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, g := range l.gaps {
		if g.ID == "" && g.Path == "" && g.Scope.Provider == s.Provider && g.Scope.ID == s.ID && (g.Type == t || g.Type == "") {
			return g.Reason, true
		}
	}
	for k, p := range l.cells {
		if k.provider == s.Provider && k.scope == s.ID && k.typ == t && !p.done {
			return providers.Interrupted, true
		}
	}
	return "", false
}

// Gaps returns what could not be read, sorted. A cell that was planned and never
// done has a gap of its own.
func (l *Log) Gaps() []providers.Gap {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := slices.Clone(l.gaps)
	for _, p := range l.cells {
		if !p.done && !p.gap {
			out = append(out, providers.Gap{
				Scope: p.cell.Scope, Region: p.cell.Region, Type: p.cell.Type,
				Reason: providers.Interrupted, Err: "the run ended before it was read",
			})
		}
	}
	slices.SortFunc(out, func(a, b providers.Gap) int {
		return cmp.Or(
			cmp.Compare(a.Scope.Provider, b.Scope.Provider), cmp.Compare(a.Scope.ID, b.Scope.ID), cmp.Compare(a.Type, b.Type),
			cmp.Compare(a.Region, b.Region), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Call, b.Call), cmp.Compare(a.Err, b.Err),
		)
	})
	return out
}

// Coverage sums up. Cures is left to whoever knows the verdicts.
func (l *Log) Coverage() finding.Coverage {
	gaps := l.Gaps()
	l.mu.Lock()
	defer l.mu.Unlock()
	c := finding.Coverage{CellsPlanned: len(l.cells), Resources: l.resources, Gaps: gaps, Cures: []finding.Cure{}}
	for _, p := range l.cells {
		if p.done && !p.gap {
			c.CellsRead++
		}
	}
	if c.Gaps == nil {
		c.Gaps = []providers.Gap{}
	}
	return c
}

// Read returns the cells that were listed in full, in no order.
func (l *Log) Read() []providers.Cell {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []providers.Cell
	for _, p := range l.cells {
		if p.done && !p.gap {
			out = append(out, p.cell)
		}
	}
	return out
}

// Digest identifies what was read: the same resources give the same digest, in
// whatever order they came.
func (l *Log) Digest() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b [32]byte
	for i, v := range l.sum {
		binary.BigEndian.PutUint64(b[i*8:], v)
	}
	h := sha256.New()
	fmt.Fprintf(h, "%d\n", l.resources)
	h.Write(b[:])
	return hex.EncodeToString(h.Sum(nil))
}
