package store

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/report"
)

// rendered returns the JSON report of a run.
func rendered(t testing.TB, run finding.Run) string {
	t.Helper()
	r, err := report.New("json", report.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.Report(&b, run); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestARunComesBackAsItWasSaved(t *testing.T) {
	s := openTemp(t)
	r := rand.New(rand.NewPCG(1, 2))
	want := map[string]string{}
	for n := range 40 {
		run := randomRun(r, n)
		tracked, err := s.Tracked(t.Context(), "scan")
		if err != nil {
			t.Fatal(err)
		}
		rec := scan{run: run, exist: []string{"bucket-1", "bucket-2"}, blind: n%5 == 0}.record(t, s)
		if n%7 == 3 {
			rec.Asked = func(f finding.Subject) bool { return f.Policy != "policy-1" }
		}
		rec.Run.Interrupted = n%11 == 10
		run.Interrupted = rec.Run.Interrupted
		_ = tracked
		saved := save(t, s, rec)
		saved.Apply(&run)
		want[saved.Run.ID] = rendered(t, run)
	}
	for id, text := range want {
		got, err := s.Run(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(text, rendered(t, got)); diff != "" {
			t.Fatalf("run %s is not what was saved (-want +got):\n%s", id, diff)
		}
	}
}

func TestEveryFieldOfAFindingIsKept(t *testing.T) {
	kept := map[string]bool{"Fingerprint": true, "Resource": true, "History": true}
	for _, part := range []any{rule{}, detail{}} {
		for i := range reflect.TypeOf(part).NumField() {
			kept[reflect.TypeOf(part).Field(i).Name] = true
		}
	}
	for i := range reflect.TypeFor[finding.Finding]().NumField() {
		if name := reflect.TypeFor[finding.Finding]().Field(i).Name; !kept[name] {
			t.Errorf("finding.Finding has %s, which the store does not keep: add it to rule or detail", name)
		}
	}
}

func TestRunsAreListedNewestFirst(t *testing.T) {
	s := openTemp(t)
	var want []RunInfo
	for n := range 3 {
		want = append([]RunInfo{scan{run: runOf(n, bucket("a"), waived(bucket("b")))}.save(t, s).Run}, want...)
	}
	got, err := s.Runs(t.Context(), Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got[0].Failures[finding.High] != 1 || got[0].Waived != 1 || !got[0].Time.Equal(day(2)) {
		t.Errorf("the newest run is listed as %+v", got[0])
	}
	got, err = s.Runs(t.Context(), Filter{Series: "scan", Since: day(1), Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want[:1], got); diff != "" {
		t.Error(diff)
	}
}

func TestARunIsMeantByIdBeginningOrAge(t *testing.T) {
	s := openTemp(t)
	var ids []string
	for n := range 3 {
		ids = append(ids, scan{run: runOf(n, bucket("a"))}.save(t, s).Run.ID)
	}
	gate := scan{run: runOf(1, bucket("a"))}.record(t, s)
	gate.Series = "gate"
	ids = append(ids, save(t, s, gate).Run.ID)
	for ref, want := range map[string]string{
		ids[0]: ids[0], ids[0][:15]: ids[0], "latest": ids[2], "latest~0": ids[2], "scan:latest~2": ids[0], "scan:latest~1": ids[1], "gate:latest": ids[3],
	} {
		got, err := s.Resolve(t.Context(), ref)
		if err != nil || got.ID != want {
			t.Errorf("%s means %s, %v; want %s", ref, got.ID, err, want)
		}
	}
	for ref, want := range map[string]error{
		"": ErrNotFound, "nothing": ErrNotFound, "latest~4": ErrNotFound, "latest~-1": ErrNotFound, "latest~x": ErrNotFound, "demo:latest": ErrNotFound, "202607": ErrAmbiguous,
		"20\xff": ErrNotFound, "20\x00": ErrNotFound,
	} {
		if _, err := s.Resolve(t.Context(), ref); !errors.Is(err, want) {
			t.Errorf("%q: %v; want %v", ref, err, want)
		}
	}
}

func TestInputsAndInventoryComeBack(t *testing.T) {
	s := openTemp(t)
	var inventory bytes.Buffer
	for i := range 5000 {
		fmt.Fprintf(&inventory, `{"kind":"resource","scope":{"provider":"aws","id":"%d"},"id":"%d"}`+"\n", i/2000, i)
	}
	inventory.WriteString("an end without a line break")
	rec := scan{run: runOf(0)}.record(t, s)
	rec.Inventory = bytes.NewReader(inventory.Bytes())
	rec.Inputs = []Input{{"metsuke.yaml", []byte("version: 1\n")}, {"empty", []byte{}}, {"waivers.yaml", bytes.Repeat([]byte("x"), 4000)}}
	id := save(t, s, rec).Run.ID
	inputs, err := s.Inputs(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(rec.Inputs, inputs); diff != "" {
		t.Error(diff)
	}
	r, err := s.Inventory(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = r.Close() }()
	var got bytes.Buffer
	if _, err := got.ReadFrom(r); err != nil {
		t.Fatal(err)
	}
	if got.String() != inventory.String() {
		t.Error("the inventory is not what was saved")
	}
	if none, err := s.Inventory(t.Context(), scan{run: runOf(1)}.save(t, s).Run.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("a run without inventory has %v, %v", none, err)
	}
}

func TestTheDigestIsOfTheRunAsItIsSaved(t *testing.T) {
	s := openTemp(t)
	digest := func(run finding.Run) (string, error) {
		b, err := json.Marshal(run)
		return fmt.Sprintf("%x", hashOf(b)), err
	}
	scan{run: runOf(0, bucket("a"))}.save(t, s)
	rec := scan{run: runOf(1, bucket("a"), bucket("b"))}.record(t, s)
	rec.Digest = digest
	saved := save(t, s, rec)
	run, err := s.Run(t.Context(), saved.Run.ID)
	if err != nil {
		t.Fatal(err)
	}
	if want, _ := digest(run); saved.Run.ReportDigest != want {
		t.Errorf("the digest is %s, that of the run is %s", saved.Run.ReportDigest, want)
	}
}

func TestACancelledSaveLeavesNothing(t *testing.T) {
	s := openTemp(t)
	ctx, cancel := context.WithCancel(t.Context())
	rec := scan{run: runOf(0, bucket("a"))}.record(t, s)
	rec.Digest = func(finding.Run) (string, error) { cancel(); return "", nil }
	if _, err := s.Save(ctx, rec); !errors.Is(err, context.Canceled) {
		t.Errorf("save: %v", err)
	}
	if runs, err := s.Runs(t.Context(), Filter{}); err != nil || len(runs) != 0 {
		t.Errorf("there are %v, %v", runs, err)
	}
}

func TestARunThatIsThereAlreadyIsNotSavedTwice(t *testing.T) {
	s := openTemp(t)
	scan{run: runOf(0, bucket("a"))}.save(t, s)
	rec := scan{run: runOf(1, bucket("a"), bucket("b"))}.record(t, s)
	rec.Run.ID = "mine"
	want := save(t, s, rec)
	if _, err := s.Save(t.Context(), rec); !errors.Is(err, ErrExists) {
		t.Errorf("the second time: %v", err)
	}
	got, err := s.saved(t.Context(), "mine")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what an earlier try returned (-want +got):\n%s", diff)
	}
}
