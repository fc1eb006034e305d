package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTheHeapGrowsToTwiceWhatIsAliveAndALittleUpToABound(t *testing.T) {
	const mb = 1 << 20
	got := map[uint64]int{}
	for _, alive := range []uint64{0, 1, 4, 8, 28, 56, 104, 130, 160, 208, 500} {
		got[alive] = growth(alive*mb, 0)
	}
	want := map[uint64]int{0: mostGrowth, 1: mostGrowth, 4: mostGrowth, 8: mostGrowth, 28: 371, 56: 235, 104: 100, 130: 60, 160: 30, 208: leastGrowth, 500: leastGrowth}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("percent by megabytes alive (-want +got):\n%s", diff)
	}
}

func TestTheCollectorWaitsBeforeTheCloudsMakeTheirTables(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^$")
	cmd.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	before, after, ok := strings.Cut(string(out), "init github.com/metsuke-dev/metsuke/cmd/metsuke/internal/startup ")
	const endpoints = "/internal/endpoints @"
	if !ok || strings.Contains(before, endpoints) || !strings.Contains(after, endpoints) {
		t.Errorf("startup is not initialised before the tables of endpoints:\n%s", out)
	}
}
