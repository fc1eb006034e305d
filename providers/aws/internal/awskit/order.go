package awskit

import (
	"cmp"
	"slices"

	"github.com/metsuke-dev/metsuke/providers"
)

// task is a cell and the collector that reads it.
type task struct {
	cell   *Cell
	read   Collector
	weight int     // how many calls the cell is likely to take
	place  float64 // in the order: 0 is first
}

// itemsGuessed is how many resources a cell is taken to have before it is listed.
const itemsGuessed = 8

// weightOf guesses how many calls a cell takes, by what is wanted of each resource.
// Cells of global types hold the resources of every region.
func weightOf(info providers.TypeInfo, want map[string]bool, regions int) int {
	perItem := 0
	for _, d := range info.Details {
		if slices.ContainsFunc(d.Attributes, func(a string) bool { return want[a] }) {
			perItem += len(d.Calls)
		}
	}
	items := itemsGuessed
	if info.Global {
		items *= max(1, regions)
	}
	return 1 + len(info.Calls) + perItem*items
}

// order puts the cells of an account in the order in which they are begun. Those of
// one service share its limit, so that they are spread over the whole time instead of
// waiting for each other in slots that others could use; and of a service the largest
// come first, so that none is left to be read alone at the end.
func order(tasks []task) {
	total := map[string]int{}
	for _, t := range tasks {
		total[t.read.service] += t.weight
	}
	slices.SortStableFunc(tasks, func(a, b task) int { return cmp.Compare(b.weight, a.weight) })
	before := map[string]int{}
	for i, t := range tasks {
		s := t.read.service
		tasks[i].place = float64(before[s]) / float64(total[s])
		before[s] += t.weight
	}
	slices.SortStableFunc(tasks, func(a, b task) int {
		return cmp.Or(cmp.Compare(a.place, b.place), cmp.Compare(total[b.read.service], total[a.read.service]))
	})
}
