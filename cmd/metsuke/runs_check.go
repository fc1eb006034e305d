package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/metsuke-dev/metsuke/internal/store"
)

func newRunsCheck(p *process) *cobra.Command {
	var s setup
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Read everything that is saved, and say whether it is damaged",
		Long: `Read everything that is saved, and hold it against what else says the same: texts, what
runs read and their reports against their digests, the history of findings against its
own rules. A database notices by itself only what breaks the form of its files; a byte
that changed within a row it takes as it is.

It reads every run in full, and takes as long as that takes. Nothing is changed.`,
		Example: `  metsuke runs check
  metsuke runs check --store copy.db`,
		Args: arguments(cobra.NoArgs),
	}
	cmd.RunE = s.withStore(p, mustExist, func(ctx context.Context, st *store.Store, _ storePlace) error {
		found, err := st.Check(ctx, digestOfReport)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.stdout, "%s is whole: %s, %s, %s.\n", st.Place(), counted(found.Runs, "run"), counted(found.Lives, "failure"), counted(found.Texts, "text"))
		return err
	})
	exits(cmd, "0  everything is as it was saved", "2  something is damaged, the store cannot be opened, or a usage error")
	s.addStoreFlags(cmd)
	return cmd
}
