package main

import (
	"context"
	"slices"

	"github.com/metsuke-dev/metsuke/internal/serve"
	"github.com/metsuke-dev/metsuke/internal/spend"
	"github.com/metsuke-dev/metsuke/internal/store"
)

// bills returns what the last of the runs, the latest first, says of bills that looked at
// everything where there are some: one of a few accounts has a few bills, and one of other
// providers has none, which says nothing of those.
func (d *daemon) bills(ctx context.Context, runs []store.RunInfo) (serve.Bills, error) {
	i := slices.IndexFunc(runs, func(r store.RunInfo) bool {
		return wholeProviders(r) && slices.Contains(r.Providers, spend.Provider)
	})
	if i < 0 {
		return serve.Bills{}, nil
	}
	bills, err := d.store.Bills(ctx, runs[i].Series, runs[i].Started)
	if err != nil {
		return serve.Bills{}, err
	}
	return serve.BillsOf(bills[runs[i].ID]), nil
}
