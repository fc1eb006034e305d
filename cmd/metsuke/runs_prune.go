package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/config"
	"github.com/metsuke-dev/metsuke/internal/store"
)

func newRunsPrune(p *process) *cobra.Command {
	var s setup
	var age string
	var runs, inventories int
	cmd := &cobra.Command{
		Use:   "prune",
		Short: "Delete old runs, as store.keep says",
		Long: `Delete the runs that store.keep of the configuration, or the flags, do not let stay.
The same is done after every run that is saved, by the configuration. Scans that were
never finished and are older than a day go too.`,
		Example: `  metsuke runs prune
  metsuke runs prune --keep-age 400d --keep-runs 500 --keep-inventories 30`,
		Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, args []string) error {
			given, err := parseKeep(age, runs, inventories)
			if err != nil {
				return err
			}
			return s.withStore(p, mustExist, func(ctx context.Context, st *store.Store, at storePlace) error {
				keep := retention(s.config.Store.Keep)
				if given != (store.Retention{}) {
					keep = given
				}
				pruneUnfinished(p, at)
				if keep == (store.Retention{}) {
					return errors.New("nothing says which runs stay: set store.keep in the configuration, or give --keep-age, --keep-runs or --keep-inventories")
				}
				gone, err := st.Retain(ctx, keep, p.now())
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(p.stdout, "Deleted %s, and of others what they read: %d.\n", counted(len(gone.Runs), "run"), gone.Inventories)
				return err
			})(cmd, args)
		},
	}
	exits(cmd, "0  done", "2  nothing says which runs stay, the store cannot be opened, or a usage error")
	flags(cmd, "What stays (in the place of store.keep)", func(f *pflag.FlagSet) {
		f.StringVar(&age, "keep-age", "", "runs that are not older than this `AGE`: 400d")
		f.IntVar(&runs, "keep-runs", 0, "the latest `N` of each series")
		f.IntVar(&inventories, "keep-inventories", 0, "what the latest `N` of each series read")
	})
	s.addStoreFlags(cmd)
	return cmd
}

func parseKeep(age string, runs, inventories int) (store.Retention, error) {
	out := store.Retention{Count: runs, Inventories: inventories}
	if runs < 0 || inventories < 0 {
		return out, errors.New("--keep-runs and --keep-inventories are 0 or more; 0 sets no limit")
	}
	if age == "" {
		return out, nil
	}
	var ok bool
	if out.Age, ok = config.ParseAge(age); !ok {
		return out, fmt.Errorf("--keep-age %s: it is no age such as 400d or 36h", age)
	}
	return out, nil
}

// pruneUnfinished removes scans that nobody goes on with any more.
func pruneUnfinished(p *process, at storePlace) {
	entries, err := at.runs.List()
	if err != nil {
		p.say("%v", err)
		return
	}
	for _, e := range entries {
		if !e.InUse && !e.Finished && tooOld(e.Manifest, p.now()) {
			removeUnfinished(p, at.runs, e.ID)
		}
	}
}
