package main

import (
	"context"
	"slices"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/store"
)

// trendReach is how far back reports draw trends.
const trendReach = 90 * 24 * time.Hour

// withEarlier returns the run with what the earlier runs of its series counted that looked
// at the same, the last one of each day: reports draw it. A run that did not look at
// everything, of all providers or of some, has nothing to be compared with.
func withEarlier(ctx context.Context, st *store.Store, info store.RunInfo, run finding.Run) (finding.Run, error) {
	if len(run.Tallies) == 0 || !alike(info, info) {
		return run, nil
	}
	past, err := st.Tallies(ctx, info.Series, info.Started.Add(-trendReach))
	if err != nil {
		return run, err
	}
	var bills map[string][]finding.Bill
	if len(run.Spend) > 0 {
		if bills, err = st.Bills(ctx, info.Series, info.Started.Add(-trendReach)); err != nil {
			return run, err
		}
	}
	slices.SortStableFunc(past, func(a, b store.RunTallies) int { return a.Run.Time.Compare(b.Run.Time) })
	const day = "2006-01-02"
	for _, p := range past {
		if !alike(p.Run, info) || p.Run.ID == info.ID || !p.Run.Time.Before(info.Time) {
			continue
		}
		one := finding.Earlier{Time: p.Run.Time, Tallies: p.Tallies, Spend: bills[p.Run.ID]}
		if n := len(run.Earlier); n > 0 && run.Earlier[n-1].Time.UTC().Format(day) == one.Time.UTC().Format(day) {
			run.Earlier[n-1] = one
			continue
		}
		run.Earlier = append(run.Earlier, one)
	}
	return run, nil
}
