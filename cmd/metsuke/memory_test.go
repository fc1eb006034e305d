package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheHeapGrowsIntoItsRoomAndByAShareBeyondIt(t *testing.T) {
	const mb = 1 << 20
	got := map[uint64]int{}
	for _, alive := range []uint64{0, 1, 4, 21, 42, 70, 104, 160, 208, 500} {
		got[alive] = growth(alive*mb, 0)
	}
	want := map[uint64]int{0: mostGrowth, 1: mostGrowth, 4: mostGrowth, 21: 300, 42: 100, 70: leastGrowth, 104: 100, 160: 30, 208: leastGrowth, 500: leastGrowth}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("percent by megabytes alive (-want +got):\n%s", diff)
	}
}
