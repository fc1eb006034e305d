package store

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// statusAt is the status that a life had after the run of a time; "" is none.
func statusAt(l *Life, at time.Time) finding.Status {
	var out finding.Status
	for _, s := range l.Stages {
		if !s.Since.After(at) {
			out = s.Status
		}
	}
	return out
}

// comparedByHand says what Compare is to find, from every life and the findings of the
// later run.
func comparedByHand(lives []*Life, from, to finding.Run) Changes {
	made, by := map[string][]finding.Finding{}, map[string][]string{}
	for _, f := range to.Findings {
		if f.Verdict == finding.Fail {
			made[f.Fingerprint] = append(made[f.Fingerprint], f)
		}
	}
	for _, l := range lives {
		before, now := statusAt(l, from.Time), statusAt(l, to.Time)
		kind := ""
		switch {
		case now.Failing() && made[l.Finding.Fingerprint] == nil: // the run was not asked for it
		case now.Failing() && before == "":
			kind = "new"
		case now.Failing() && (before == finding.StatusFixed || before == finding.StatusGone):
			kind = "reopened"
		case now == finding.StatusNotVisible && before.Failing(), (now == finding.StatusFixed || now == finding.StatusGone) && (before.Failing() || before == finding.StatusNotVisible):
			kind = string(now)
		}
		by[kind] = append(by[kind], l.Finding.Fingerprint)
	}
	out := Changes{Since: finding.Since{Run: finding.RunRef{ID: from.ID, Time: from.Time}, New: by["new"], Reopened: by["reopened"]}}
	for kind, list := range map[string]*[]finding.Finding{"fixed": &out.Since.Fixed, "gone": &out.Since.Gone, "not_visible": &out.Since.NotVisible} {
		for _, fingerprint := range by[kind] {
			*list = append(*list, finding.Finding{Fingerprint: fingerprint})
		}
	}
	for _, f := range to.Findings {
		switch {
		case f.Verdict != finding.Fail:
		case slices.Contains(by["new"], f.Fingerprint):
			out.New = append(out.New, f)
		case slices.Contains(by["reopened"], f.Fingerprint):
			out.Reopened = append(out.Reopened, f)
		}
	}
	return out
}

func TestWhatChangedBetweenAnyTwoRunsIsWhatTheLivesSay(t *testing.T) {
	for seed := range uint64(2) {
		s := openTemp(t)
		randomScans(t, s, rand.New(rand.NewPCG(seed, 9)), 16)
		lives, err := s.Lives(t.Context(), "scan", LifeFilter{})
		if err != nil {
			t.Fatal(err)
		}
		infos, err := s.Runs(t.Context(), Filter{})
		if err != nil {
			t.Fatal(err)
		}
		infos = slices.DeleteFunc(infos, func(r RunInfo) bool { return r.Late })
		slices.SortFunc(infos, func(a, b RunInfo) int { return a.Time.Compare(b.Time) })
		var runs []finding.Run
		for _, info := range infos {
			run, err := s.Run(t.Context(), info.ID)
			if err != nil {
				t.Fatal(err)
			}
			runs = append(runs, run)
		}
		for i := range runs {
			for _, to := range runs[i:] {
				got, err := s.Compare(t.Context(), runs[i].ID, to.ID)
				if err != nil {
					t.Fatal(err)
				}
				for _, list := range []*[]finding.Finding{&got.Since.Fixed, &got.Since.Gone, &got.Since.NotVisible} {
					for k, f := range *list {
						if f.Policy == "" || f.Message == "" || f.History == nil {
							t.Errorf("an ended finding lacks its texts: %+v", f)
						}
						(*list)[k] = finding.Finding{Fingerprint: f.Fingerprint}
					}
				}
				got.Since.CellsGained, got.Since.CellsLost = nil, nil // other tests look at those
				sorted := []gocmp.Option{
					cmpopts.EquateEmpty(), cmpopts.SortSlices(func(a, b string) bool { return a < b }),
					gocmp.FilterPath(func(p gocmp.Path) bool { return len(p) > 1 && p[1].String() == ".Since" }, cmpopts.SortSlices(func(a, b finding.Finding) bool { return a.Fingerprint < b.Fingerprint })),
				}
				if diff := gocmp.Diff(comparedByHand(lives, runs[i], to), got, sorted...); diff != "" {
					t.Fatalf("from %s to %s (-want +got):\n%s", runs[i].ID, to.ID, diff)
				}
			}
		}
	}
}
