package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/metsuke-dev/metsuke/internal/store"
)

func newRunsSync(p *process) *cobra.Command {
	var s setup
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Save the runs that could not be saved when they ended",
		Long: `Save the runs that were kept on disk because the store could not be reached when they
ended. Every run that is saved does the same first.`,
		Example: `  metsuke runs sync
  metsuke runs sync --store postgres://metsuke@db.example/metsuke`,
		Args: arguments(cobra.NoArgs),
	}
	cmd.RunE = s.withStore(p, mayMake, func(ctx context.Context, st *store.Store, at storePlace) error {
		n := syncPending(ctx, p, at, st)
		entries, err := at.runs.List()
		if err != nil {
			return err
		}
		if bad, err := at.runs.Unreadable(); err != nil || len(bad) > 0 {
			return exitCode(exitError) // why has been said
		}
		for _, e := range entries {
			if e.Finished && !e.InUse {
				return exitCode(exitError) // why has been said
			}
		}
		_, err = fmt.Fprintf(p.stdout, "Saved %s.\n", counted(n, "run"))
		return err
	})
	exits(cmd, "0  nothing waits to be saved any more", "2  the store cannot be opened, a run cannot be saved, or a usage error")
	s.addStoreFlags(cmd)
	return cmd
}
