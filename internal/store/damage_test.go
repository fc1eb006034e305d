package store

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// answers is all that a store says, as text, by the question.
func answers(t *testing.T, s *Store) (map[string]string, error) {
	t.Helper()
	ctx := t.Context()
	out := map[string]string{}
	say := func(question string, answer any) {
		b, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		out[question] = string(b)
	}
	runs, err := s.Runs(ctx, Filter{})
	if err != nil {
		return nil, err
	}
	say("runs", runs)
	for i, info := range runs {
		run, err := s.Run(ctx, info.ID)
		if err != nil {
			return nil, err
		}
		out["run "+strconv.Itoa(i)] = rendered(t, run)
		inputs, err := s.Inputs(ctx, info.ID)
		if err != nil {
			return nil, err
		}
		say("inputs "+strconv.Itoa(i), inputs)
		r, err := s.Inventory(ctx, info.ID)
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(r)
		if err = errors.Join(err, r.Close()); err != nil {
			return nil, err
		}
		say("inventory "+strconv.Itoa(i), string(text))
		scored, err := s.Score(ctx, info.ID)
		if err != nil {
			return nil, err
		}
		scored.Run.Findings, scored.Run.Fixed = nil, nil
		say("score "+strconv.Itoa(i), addedUp(scored))
		if i > 0 && !info.Late && !runs[0].Late {
			changes, err := s.Compare(ctx, info.ID, runs[0].ID)
			if err != nil {
				return nil, err
			}
			run.Findings, run.Since = changes.New, &changes.Since
			out["compare "+strconv.Itoa(i)] = rendered(t, run)
		}
	}
	lives, err := s.Lives(ctx, "scan", LifeFilter{})
	if err != nil {
		return nil, err
	}
	for i, l := range lives {
		say("life "+strconv.Itoa(i), *l)
	}
	return out, nil
}

// history6 saves runs with everything in them into a new file, and returns what the store
// says of them, and the bytes of the file.
func history6(t *testing.T, r *rand.Rand) (said map[string]string, text []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "whole.db")
	s := openAt(t, path)
	for n := range 6 {
		one := scan{run: randomRun(r, n), exist: []string{"bucket-1", "bucket-2"}, blind: n == 3}
		rec := one.record(t, s)
		rec.Digest = digestOf
		rec.Inputs = []Input{{"metsuke.yaml", []byte("scan: {parallel: 1}\n")}}
		rec.Inventory = strings.NewReader(strings.Repeat("a line\n", 100+n))
		save(t, s, rec)
	}
	checked, err := s.Check(t.Context(), digestOf)
	if err != nil || checked.Runs != 6 || checked.Lives == 0 || checked.Texts == 0 {
		t.Fatalf("while it is whole: %+v, %v", checked, err)
	}
	if said, err = answers(t, s); err != nil {
		t.Fatal(err)
	}
	ok(t, s.vacuum(t.Context()))
	ok(t, s.Close())
	if text, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	return said, text
}

// damage spoils a file somewhere, and says how and where.
func damage(r *rand.Rand, text []byte) (damaged []byte, what string) {
	damaged = bytes.Clone(text)
	at := r.IntN(len(damaged) - 64)
	switch r.IntN(10) {
	case 0:
		_ = copy(damaged[at:], incompressible(64)[r.IntN(48):])
		return damaged, fmt.Sprintf("noise at %d", at)
	case 1:
		clear(damaged[at/512*512:][:512])
		return damaged, fmt.Sprintf("a sector of zeros at %d", at/512*512)
	case 2:
		return damaged[:at], fmt.Sprintf("cut off at %d", at)
	}
	damaged[at] ^= byte(1 << r.IntN(8))
	return damaged, fmt.Sprintf("%q for %q at %d", damaged[at], text[at], at)
}

// TestADamagedFileIsSaidOrSaysWhatItSaid spoils files at random places. METSUKE_DAMAGES says
// how many.
func TestADamagedFileIsSaidOrSaysWhatItSaid(t *testing.T) {
	moments := 40
	if n, err := strconv.Atoi(os.Getenv("METSUKE_DAMAGES")); err == nil {
		moments = n
	}
	r := rand.New(rand.NewPCG(5, 5))
	want, text := history6(t, r)
	found := map[string]int{}
	for range moments {
		path := filepath.Join(t.TempDir(), "metsuke.db")
		damaged, what := damage(r, text)
		ok(t, os.WriteFile(path, damaged, 0o600))
		got, err := func() (map[string]string, error) {
			s, err := Open(t.Context(), path, Options{BusyTimeout: 2 * time.Second})
			if err != nil {
				found["when it is opened"]++
				return nil, err
			}
			defer func() { _ = s.Close() }()
			out, err := answers(t, s)
			if err != nil {
				found["when it is read"]++
				return nil, err
			}
			_, err = s.Check(t.Context(), digestOf)
			if err != nil {
				found["when it is checked"]++
			}
			return out, err
		}()
		if err != nil {
			// Where a byte of an index of ids changed, there seems to be no such run.
			lost := errors.Is(err, ErrNotFound)
			known := errors.Is(err, ErrCorrupt) || errors.Is(err, ErrNewer) || errors.Is(err, ErrForeign) || errors.Is(err, ErrReadOnly)
			if !lost && !known || known && !strings.Contains(err.Error(), path) {
				t.Errorf("%s: it says %v", what, err)
			}
			continue
		}
		found["nowhere, and says the same"]++
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: nothing is said, and (-want +got):\n%s", what, diff)
		}
	}
	t.Logf("of %d damages: %v", moments, found)
	if found["when it is read"] == 0 || found["nowhere, and says the same"] == 0 {
		t.Error("too little was damaged")
	}
}
