package checkpoint

import (
	"slices"
	"sync"

	"github.com/metsuke-dev/metsuke/internal/inventory"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

// Record keeps the cells and gaps of an inventory that is going to be written. It is
// safe for concurrent use.
type Record struct {
	log   *inventory.Log
	mu    sync.Mutex
	cells map[cellKey]providers.Cell
	done  map[cellKey]bool
}

// cellKey identifies a cell.
type cellKey struct {
	provider, scope, region string
	typ                     providers.Type
}

func keyOf(c providers.Cell) cellKey {
	return cellKey{c.Scope.Provider, c.Scope.ID, c.Region, c.Type}
}

// NewRecord returns an empty Record.
func NewRecord() *Record {
	return &Record{log: inventory.NewLog(), cells: map[cellKey]providers.Cell{}, done: map[cellKey]bool{}}
}

// Plan records cells that are going to be read.
func (r *Record) Plan(cells ...providers.Cell) {
	r.log.Plan(cells...)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range cells {
		r.cells[keyOf(c)] = c
	}
}

// Gap records what could not be read.
func (r *Record) Gap(g providers.Gap) { r.log.Gap(g) }

// Done records that nothing more comes from a cell.
func (r *Record) Done(c providers.Cell) {
	r.log.Done(c)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done[keyOf(c)] = true
}

// Failed records that a scope could not be read as a whole: what was wanted of it counts
// as asked for although nobody could say how many cells that is.
func (r *Record) Failed(s providers.Scope, want []providers.Want, err error) {
	for _, w := range want {
		r.Plan(providers.Cell{Scope: s, Type: w.Type})
	}
	r.Gap(inventory.GapOf(s, err))
}

// Gaps returns what could not be read, sorted, what was never finished among it.
func (r *Record) Gaps() []providers.Gap { return r.log.Gaps() }

// Into adds the cells and gaps to the inventory.
func (r *Record) Into(inv *report.Inventory) {
	gaps := r.Gaps()
	inv.Gaps = append(inv.Gaps, gaps...)
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, cell := range r.cells {
		missed := slices.ContainsFunc(gaps, func(g providers.Gap) bool {
			return g.ID == "" && g.Path == "" && g.Scope.Provider == cell.Scope.Provider && g.Scope.ID == cell.Scope.ID &&
				(g.Type == "" || g.Type == cell.Type && g.Region == cell.Region)
		})
		inv.Cells = append(inv.Cells, report.InventoryCell{Cell: cell, Read: r.done[key] && !missed})
	}
}
