package store

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// history10 saves ten runs in which the bucket "n<day>" is there on three days.
func history10(t *testing.T, s *Store) (ids []string, texts map[string]string) {
	t.Helper()
	texts = map[string]string{}
	for n := range 10 {
		var fs []finding.Finding
		for _, d := range []int{n, n - 1, n - 2} {
			fs = append(fs, bucket(fmt.Sprint("n", d)))
		}
		if n != 4 {
			fs = append(fs, bucket("a")) // reopened on the fifth day
		}
		rec := scan{run: runOf(n, fs...)}.record(t, s)
		rec.Inventory = strings.NewReader(fmt.Sprintf("%s\n%d\n", strings.Repeat("the same", 100), n))
		rec.Run.Tallies = []finding.Tally{{Owner: "shop", Counts: finding.Counts{Fail: n / 3}}}
		saved := save(t, s, rec)
		ids = append(ids, saved.Run.ID)
		texts[saved.Run.ID] = rendered(t, load(t, s, saved.Run.ID))
	}
	return ids, texts
}

func load(t testing.TB, s *Store, id string) finding.Run {
	t.Helper()
	run, err := s.Run(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func listed(t *testing.T, s *Store) []string {
	t.Helper()
	runs, err := s.Runs(t.Context(), Filter{})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range runs {
		out = append([]string{r.ID}, out...)
	}
	return out
}

func TestDeletingRunsLeavesTheOthersAsTheyWere(t *testing.T) {
	for _, drop := range [][]int{{4}, {0}, {9}, {3, 4, 5}, {0, 1, 2, 8, 9}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}} {
		t.Run(fmt.Sprint(drop), func(t *testing.T) {
			s := openTemp(t)
			ids, texts := history10(t, s)
			before := statuses(t, s)
			for _, n := range drop {
				if err := s.Delete(t.Context(), ids[n]); err != nil {
					t.Fatal(err)
				}
				delete(texts, ids[n])
			}
			for id, want := range texts {
				if diff := cmp.Diff(want, rendered(t, load(t, s, id))); diff != "" {
					t.Errorf("run %s is not what it was:\n%s", id, diff)
				}
			}
			if diff := cmp.Diff(before, statuses(t, s)); diff != "" {
				t.Errorf("the lives are not what they were:\n%s", diff)
			}
			saved := scan{run: runOf(10, bucket("a"), bucket("n9"), bucket("n0"))}.save(t, s)
			if diff := cmp.Diff(map[string][]string{"gone": {"n7", "n8"}, "reopened": {bucket("n0").Fingerprint}}, shortSince(saved.Since)); diff != "" {
				t.Error(diff)
			}
			if got := len(load(t, s, saved.Run.ID).Findings); got != 3 {
				t.Errorf("the next run has %d findings", got)
			}
		})
	}
}

func TestNothingIsLeftOfWhatNoRunSays(t *testing.T) {
	s := openTemp(t)
	ids, _ := history10(t, s)
	if err := s.Delete(t.Context(), ids[:9]...); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Retain(t.Context(), Retention{Inventories: -1}, day(20)); err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, table := range []string{"run", "run_part", "fact", "finding", "life", "tally", "content"} {
		var n int
		if err := s.db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			t.Fatal(err)
		}
		got[table] = n
	}
	// Thirteen failures with a resource and a text each, one of them also as it was last seen
	// when it went; their rule, their brief, the tally's subject, the scope of the cell, the policies and
	// the gaps.
	want := map[string]int{"run": 1, "run_part": 2, "fact": 14, "finding": 13, "life": 13, "tally": 1, "content": 32}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRetentionGoesByAgeAndByCount(t *testing.T) {
	tests := []struct {
		name        string
		r           Retention
		now         int // day
		from        int // the first that is kept
		inventories []int
	}{
		{"nothing is asked for", Retention{}, 1000, 0, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{"by count", Retention{Count: 3}, 10, 7, []int{7, 8, 9}},
		{"by age", Retention{Age: 4 * 24 * time.Hour}, 10, 6, []int{6, 7, 8, 9}},
		{"by both, whichever is less", Retention{Age: 4 * 24 * time.Hour, Count: 2}, 10, 8, []int{8, 9}},
		{"the last one stays", Retention{Age: time.Hour, Count: 1}, 1000, 9, []int{9}},
		{"inventories apart", Retention{Inventories: 2}, 10, 0, []int{8, 9}},
		{"no inventories", Retention{Inventories: -1}, 10, 0, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := openTemp(t)
			ids, _ := history10(t, s)
			freed, err := s.Retain(t.Context(), tt.r, day(tt.now))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(ids[tt.from:], listed(t, s)); diff != "" {
				t.Errorf("the runs that are kept:\n%s", diff)
			}
			if len(freed.Runs) != tt.from {
				t.Errorf("it says that it deleted %v", freed.Runs)
			}
			for n := tt.from; n < len(ids); n++ {
				info, err := s.Resolve(t.Context(), ids[n])
				if err != nil {
					t.Fatal(err)
				}
				kept := len(tt.inventories) > 0 && n >= tt.inventories[0]
				if info.HasInventory != kept {
					t.Errorf("run %d has an inventory: %v", n, info.HasInventory)
				}
				r, err := s.Inventory(t.Context(), ids[n])
				if (err == nil) != kept {
					t.Errorf("the inventory of run %d: %v", n, err)
				}
				if err == nil {
					_ = r.Close()
				}
			}
		})
	}
}

func TestDeletedRunsGiveTheirRoomBack(t *testing.T) {
	s := openTemp(t)
	rec := scan{run: runOf(0)}.record(t, s)
	noise := incompressible(3 << 20)
	rec.Inputs = []Input{{"large", noise}}
	rec.Inventory = bytes.NewReader(noise)
	id := save(t, s, rec).Run.ID
	scan{run: runOf(1)}.save(t, s)
	size := func() int64 {
		info, err := os.Stat(s.Place())
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	if err := s.vacuum(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := size()
	if err := s.Delete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if after := size(); after > before/2 {
		t.Errorf("the file has %d bytes after %d", after, before)
	}
}

func TestADeletionIsNoFailureWhenItsRoomCannotBeGivenBackYet(t *testing.T) {
	place := filepath.Join(t.TempDir(), "metsuke.db")
	s, err := Open(t.Context(), place, Options{BusyTimeout: time.Millisecond})
	ok(t, err)
	defer func() { _ = s.Close() }()
	busy, err := openAt(t, place).db.BeginTx(t.Context(), nil)
	ok(t, err)
	defer func() { _ = busy.Rollback() }()
	if err := s.vacuum(t.Context()); !errors.Is(err, ErrBusy) {
		t.Fatalf("nobody else writes: %v", err)
	}
	ok(t, s.giveBack(t.Context()))
}
