package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/store"
	"github.com/metsuke-dev/metsuke/report"
)

func newRunsList(p *process) *cobra.Command {
	var s setup
	var format string
	var filter store.Filter
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the saved runs, the latest first",
		Long: `List the saved runs, the latest first, with what fails by severity. Standard error
says which scans are unfinished and which runs wait to be saved.`,
		Example: `  metsuke runs list
  metsuke runs list --series gate --limit 10
  metsuke runs list --format json`,
		Args: arguments(cobra.NoArgs),
	}
	list := func(ctx context.Context, st *store.Store, at storePlace) error {
		runs, err := st.Runs(ctx, filter)
		if err != nil {
			return err
		}
		clearSaved(ctx, p, at, st)
		tellUnfinished(p, at)
		if format == "json" {
			if runs == nil {
				runs = []store.RunInfo{}
			}
			return writeJSON(p.stdout, runs)
		}
		if len(runs) == 0 {
			what := "run"
			if filter.Series != "" {
				what += " of the series " + filter.Series
			}
			_, err := fmt.Fprintf(p.stdout, "No %s is saved in %s.\n", what, st.Place())
			return err
		}
		return report.WriteListing(p.stdout, p.page(), runListing(runs))
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := oneOf("format", format, "table", "json"); err != nil {
			return err
		}
		if filter.Limit < 0 {
			return fmt.Errorf("--limit %d: it is 0 or more", filter.Limit)
		}
		return s.withStore(p, mustExist, list)(cmd, args)
	}
	exits(cmd, "0  the runs were listed", "2  the store cannot be opened, or a usage error")
	flags(cmd, "Which runs", func(f *pflag.FlagSet) {
		f.StringVar(&filter.Series, "series", "", "only those of a `SERIES`: scan, gate, state or demo")
		f.IntVar(&filter.Limit, "limit", 0, "the latest `N`; 0 is all")
	})
	complete(cmd, "series", "scan", "gate", "state", "demo")
	addFormatFlag(cmd, &format, "table", "json")
	s.addStoreFlags(cmd)
	return cmd
}

// runListing is a table of runs.
func runListing(runs []store.RunInfo) report.Listing {
	l := report.Listing{Head: []string{"ID", "SERIES", "AS OF"}, Least: []int{24, 0, 20}}
	for _, s := range finding.Severities() {
		l.Right = append(l.Right, len(l.Head))
		l.Head, l.Least = append(l.Head, strings.ToUpper(string(s))), append(l.Least, 0)
	}
	l.Right = append(l.Right, len(l.Head), len(l.Head)+1, len(l.Head)+2)
	l.Head, l.Least = append(l.Head, "WAIVED", "UNKNOWN", "READ", ""), append(l.Least, 0, 0, 0, 0)
	for _, r := range runs {
		row := []string{r.ID, r.Series, r.Time.UTC().Format("2006-01-02 15:04:05")}
		for _, s := range finding.Severities() {
			row = append(row, strconv.Itoa(r.Failures[s]))
		}
		l.Rows = append(l.Rows, append(row, strconv.Itoa(r.Waived), strconv.Itoa(r.Unknown), readShare(r), strings.Join(remarks(r), ", ")))
	}
	return l
}

// readShare is how much of what was asked for was read.
func readShare(r store.RunInfo) string {
	c := finding.Coverage{CellsPlanned: r.CellsPlanned, CellsRead: r.CellsRead}
	return fmt.Sprintf("%.0f %%", c.Ratio()*100)
}

// remarks are what else is to be known of a run.
func remarks(r store.RunInfo) []string {
	var out []string
	if r.Interrupted {
		out = append(out, "interrupted")
	}
	if r.Narrowed {
		out = append(out, "narrowed")
	}
	if r.Late {
		out = append(out, "saved late")
	}
	if !r.HasInventory {
		out = append(out, "no inventory")
	}
	return out
}

// tellUnfinished says which runs are on disk and not in the store.
func tellUnfinished(p *process, at storePlace) {
	tellUnreadable(p, at)
	entries, err := at.runs.List()
	if err != nil {
		p.say("%v", err)
		return
	}
	for _, e := range entries {
		started := e.Manifest.Started.Format("2006-01-02 15:04:05")
		switch {
		case e.Finished:
			p.say("the run %s of %s waits to be saved: `metsuke runs sync`", e.ID, started)
		case e.InUse:
			p.say("a %s is under way since %s", e.Manifest.Mode, started)
		case tooOld(e.Manifest, p.now()):
			p.say("the %s %s of %s is unfinished, and too old to go on with: `metsuke runs prune` removes it", e.Manifest.Mode, e.ID, started)
		case e.Manifest.Mode == "scan":
			p.say("the scan %s of %s is unfinished: `metsuke scan --resume=%s` goes on with it", e.ID, started, e.ID)
		}
	}
}
