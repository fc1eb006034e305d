package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/internal/nearest"
	"github.com/metsuke-dev/metsuke/internal/store"
)

// score is what `score` is told.
type score struct {
	setup
	by     string
	owner  string
	series string
	format string
}

func newScore(p *process) *cobra.Command {
	var x score
	cmd := &cobra.Command{
		Use:   "score [RUN]",
		Short: "Say how well each owner, account or category does, and whether it gets better",
		Long: `Compute scorecards from the saved runs: for each owner, account, provider or category
the share of verdicts that pass, open failures by severity and age, how long it takes to
mend them, what is waived, and how that changed over 7, 30 and 90 days.

A verdict counts as much as the severity of its policy: critical 10, high 5, medium 2,
low 1. What could not be told never counts as passing; its share stands beside. Nobody
has a row of its own, "unowned". Where scans read the bill (providers.aws.spend), a row
has what was spent in the last full month, and by how much that changed.

RUN is a saved run; without one it is the latest scan that looked at everything.`,
		Example: `  metsuke score
  metsuke score --by account --format csv > scores.csv
  metsuke score --owner payments --by category
  metsuke score latest~7 --format json`,
		Args: arguments(cobra.MaximumNArgs(1)),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		owned := cmd.Flags().Changed("owner")
		if err := errors.Join(oneOf("format", x.format, "table", "json", "csv"), oneOf("by", x.by, scoreBys()...), oneOf("series", x.series, scoreSeries()...)); err != nil {
			return err
		}
		if owned && x.owner == "" {
			return fmt.Errorf("--owner is empty: name an owner, or %s for what nobody owns", govern.Unowned)
		}
		return x.withStore(p, mustExist, func(ctx context.Context, st *store.Store, _ storePlace) error {
			card, err := x.card(ctx, st, args, owned)
			if err != nil {
				return err
			}
			return writeScorecard(p, x.format, card)
		})(cmd, args)
	}
	exits(cmd, "0  the scores were written", "2  there is no such run, the store cannot be opened, or a usage error")
	flags(cmd, "What is scored", func(f *pflag.FlagSet) {
		f.StringVar(&x.by, "by", string(govern.ByOwner), "what the rows are: "+strings.Join(scoreBys(), ", "))
		f.StringVar(&x.owner, "owner", "", "only what is this `OWNER`'s; unowned is what nobody owns")
		f.StringVar(&x.series, "series", "scan", "the latest run of this `SERIES`: scan, gate, state or demo")
	})
	complete(cmd, "by", scoreBys()...)
	complete(cmd, "series", scoreSeries()...)
	addFormatFlag(cmd, &x.format, "table", "json", "csv")
	x.addStoreFlags(cmd)
	x.completeRuns(p, cmd, 1)
	return cmd
}

func scoreBys() []string {
	var out []string
	for _, by := range govern.ScoreBys() {
		out = append(out, string(by))
	}
	return out
}

// scoreSeries are the series that runs belong to, the usual one first.
func scoreSeries() []string { return []string{"scan", "gate", "state", "demo"} }

// Trends look 90 days back, and compare with a run at most twice as old.
const trendsReach = 180 * 24 * time.Hour

// card computes the scorecard of a run.
func (x *score) card(ctx context.Context, st *store.Store, args []string, owned bool) (govern.Scorecard, error) {
	info, err := x.scored(ctx, st, args)
	if err != nil {
		return govern.Scorecard{}, err
	}
	in := govern.ScoreInput{By: govern.ScoreBy(x.by)}
	if owned {
		in.Owner = new(string)
		if x.owner != govern.Unowned {
			*in.Owner = x.owner
		}
	}
	// Each takes most of a second for a large estate, so they are read at once.
	var scored store.Scored
	var past []store.RunTallies
	g, together := errgroup.WithContext(ctx)
	g.Go(func() (err error) {
		scored, err = st.Score(together, info.ID)
		return err
	})
	g.Go(func() (err error) {
		past, err = st.Tallies(together, info.Series, info.Started.Add(-trendsReach))
		return err
	})
	if err := g.Wait(); err != nil {
		return govern.Scorecard{}, err
	}
	in.Run, in.Failures, in.Mended, in.Hidden = scored.Run, scored.Failures, scored.Mended, scored.Hidden
	if len(in.Run.Tallies) == 0 && len(in.Run.Spend) == 0 {
		return govern.Scorecard{}, fmt.Errorf("the run %s has no tallies: scores are of scans and demonstrations, and of what they judged", info.ID)
	}
	if err := x.known(in, owned); err != nil {
		return govern.Scorecard{}, err
	}
	var bills map[string][]finding.Bill
	if len(in.Run.Spend) > 0 {
		if bills, err = st.Bills(ctx, info.Series, info.Started.Add(-trendsReach)); err != nil {
			return govern.Scorecard{}, err
		}
	}
	for _, r := range past {
		if alike(r.Run, info) && r.Run.ID != info.ID {
			in.Past = append(in.Past, govern.PastTallies{Time: r.Run.Time, Tallies: r.Tallies, Spend: bills[r.Run.ID]})
		}
	}
	return govern.NewScorecard(in), nil
}

// scored returns the run that the arguments name, or the latest whole one.
func (x *score) scored(ctx context.Context, st *store.Store, args []string) (store.RunInfo, error) {
	if len(args) > 0 {
		return st.Resolve(ctx, args[0])
	}
	runs, err := st.Runs(ctx, store.Filter{Series: x.series})
	if err != nil {
		return store.RunInfo{}, err
	}
	if i := slices.IndexFunc(runs, whole); i >= 0 {
		return runs[i], nil
	}
	if len(runs) > 0 {
		return store.RunInfo{}, fmt.Errorf("none of the saved runs of the series %s looked at everything: each was interrupted or narrowed by flags; name one to score it all the same%s", x.series, latestParts(runs))
	}
	saves := map[string]string{"scan": "metsuke scan", "gate": "metsuke gate --save", "state": "metsuke gate --state --save", "demo": "metsuke demo --save"}
	return store.RunInfo{}, fmt.Errorf("no run of the series %s is saved in %s: `%s` saves one", x.series, st.Place(), saves[x.series])
}

// whole reports whether a run looked at everything, in its place in the history.
func whole(r store.RunInfo) bool { return !r.Interrupted && !r.Narrowed && !r.Late }

// alike reports whether two runs looked at the same, so that one can be compared with the
// other: at everything, or at everything of the same providers, as those of a schedule for
// one provider do.
func alike(a, b store.RunInfo) bool {
	return wholeProviders(a) && wholeProviders(b) && a.Narrowed == b.Narrowed && (!a.Narrowed || slices.Equal(a.Providers, b.Providers))
}

// latestParts names the latest run, of those that are given latest first, that looked at
// everything of each group of providers.
func latestParts(runs []store.RunInfo) string {
	out := ""
	named := map[string]bool{}
	for _, r := range runs {
		of := strings.Join(r.Providers, ", ")
		if wholeProviders(r) && of != "" && !named[of] {
			named[of] = true
			out += fmt.Sprintf("; %s is the latest that looked at all of %s", r.ID, of)
		}
	}
	return out
}

// known refuses an owner of whom the run knows nothing.
func (x *score) known(in govern.ScoreInput, owned bool) error {
	if !owned || *in.Owner == "" {
		return nil
	}
	names := map[string]bool{}
	for _, t := range in.Run.Tallies {
		names[t.Owner] = true
	}
	for _, f := range in.Failures {
		names[f.Owner] = true
	}
	for _, m := range in.Mended {
		names[m.Owner] = true
	}
	for _, h := range in.Hidden {
		names[h.Owner] = true
	}
	for _, b := range in.Run.Spend {
		for _, c := range b.Charges {
			names[c.Owner] = true
		}
	}
	if names[*in.Owner] {
		return nil
	}
	delete(names, "")
	switch all := sortedKeys(names); {
	case x.owner == finding.UnknownOwner:
		return fmt.Errorf("--owner %s: that is no owner, but what it cannot be told of whose it is: the row of that name has its scores", x.owner)
	case len(all) == 0:
		return fmt.Errorf("--owner %s: the run %s knows of no owner", x.owner, in.Run.ID)
	default:
		hint := nearest.Hint(x.owner, all)
		if hint == "" {
			hint = "; `metsuke score` lists those of the latest run"
		}
		return fmt.Errorf("--owner %s: the run %s knows nothing of such an owner%s", x.owner, in.Run.ID, hint)
	}
}

// scoreTitle names a row.
func scoreTitle(by govern.ScoreBy, s govern.Score) string {
	switch {
	case s.OwnerUnknown:
		return finding.UnknownOwner
	case by == govern.ByOwner && s.Name == "":
		return govern.Unowned
	case s.AccountName != "":
		return s.Name + "\n" + s.AccountName
	}
	return s.Name
}
