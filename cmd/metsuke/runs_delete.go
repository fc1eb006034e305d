package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/store"
)

func newRunsDelete(p *process) *cobra.Command {
	var s setup
	var yes bool
	cmd := &cobra.Command{
		Use:   "delete RUN...",
		Short: "Delete saved runs",
		Long: `Delete saved runs with what they read. What became of findings in between stays known
as far as the other runs tell it. On a terminal it asks first.`,
		Example: `  metsuke runs delete 20260701-020000
  metsuke runs delete --yes latest~3 latest~4`,
		Args: arguments(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.withStore(p, mustExist, func(ctx context.Context, st *store.Store, _ storePlace) error {
				// All are found before one is deleted, since latest~1 is another one then.
				var ids []string
				for _, ref := range args {
					info, err := st.Resolve(ctx, ref)
					if err != nil {
						return err
					}
					if !slices.Contains(ids, info.ID) {
						ids = append(ids, info.ID)
					}
				}
				if !yes {
					if err := p.confirm(fmt.Sprintf("delete %s: %s?", counted(len(ids), "run"), strings.Join(ids, ", "))); err != nil {
						return err
					}
				}
				if err := st.Delete(ctx, ids...); err != nil {
					return err
				}
				_, err := fmt.Fprintf(p.stdout, "Deleted %s.\n", counted(len(ids), "run"))
				return err
			})(cmd, args)
		},
	}
	exits(cmd, "0  the runs were deleted", "2  there is no such run, nobody agreed, or a usage error")
	flags(cmd, "General", func(f *pflag.FlagSet) {
		f.BoolVar(&yes, "yes", false, "do not ask")
	})
	s.addStoreFlags(cmd)
	s.completeRuns(p, cmd, 0)
	return cmd
}

// confirm asks on a terminal, and refuses where there is none to ask on.
func (p *process) confirm(question string) error {
	if !p.stderrTerminal {
		return fmt.Errorf("%s --yes says so where nobody can be asked", question)
	}
	fmt.Fprintf(p.stderr, "metsuke: %s [y/N] ", question)
	answer, err := bufio.NewReader(p.stdin).ReadString('\n')
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer == "y" || answer == "yes" {
		return nil
	}
	if err != nil {
		fmt.Fprintln(p.stderr)
	}
	return errors.New("nothing was done")
}
