package main

import (
	"slices"
	"sync"

	"github.com/metsuke-dev/metsuke/internal/inventory"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

// record keeps the cells and gaps of an inventory that is going to be written. It is
// safe for concurrent use.
type record struct {
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

func newRecord() *record {
	return &record{log: inventory.NewLog(), cells: map[cellKey]providers.Cell{}, done: map[cellKey]bool{}}
}

// Plan records cells that are going to be read.
func (r *record) Plan(cells ...providers.Cell) {
	r.log.Plan(cells...)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range cells {
		r.cells[keyOf(c)] = c
	}
}

// Gap records what could not be read.
func (r *record) Gap(g providers.Gap) { r.log.Gap(g) }

// Done records that nothing more comes from a cell.
func (r *record) Done(c providers.Cell) {
	r.log.Done(c)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done[keyOf(c)] = true
}

// failed records that a scope could not be read as a whole: what was wanted of it counts
// as asked for although nobody could say how many cells that is.
func (r *record) failed(s providers.Scope, want []providers.Want, err error) {
	for _, w := range want {
		r.Plan(providers.Cell{Scope: s, Type: w.Type})
	}
	r.Gap(scopeGap(s, err))
}

// Gaps returns what could not be read, sorted, what was never finished among it.
func (r *record) Gaps() []providers.Gap { return r.log.Gaps() }

// into puts the cells and gaps into the inventory.
func (r *record) into(inv *report.Inventory) {
	inv.Gaps = r.Gaps()
	r.mu.Lock()
	defer r.mu.Unlock()
	for key, cell := range r.cells {
		missed := slices.ContainsFunc(inv.Gaps, func(g providers.Gap) bool {
			return g.ID == "" && g.Path == "" && g.Scope.Provider == cell.Scope.Provider && g.Scope.ID == cell.Scope.ID &&
				(g.Type == "" || g.Type == cell.Type && g.Region == cell.Region)
		})
		inv.Cells = append(inv.Cells, report.InventoryCell{Cell: cell, Read: r.done[key] && !missed})
	}
}
