package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/store"
)

func newRuns(p *process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "List, show, export, check and delete saved runs",
		Long: `Every scan is saved, and so are a gate and a demonstration with --save. A run is named
by its id, by a unique beginning of it, as "latest", or as "latest~1" for the one before;
"gate:latest" is the latest one of the gates.

Without --store the runs are in the file metsuke/metsuke.db below XDG_STATE_HOME, which
is ~/.local/state.`,
		Example: `  metsuke runs list
  metsuke runs show latest -o report.html
  metsuke diff latest~1 latest`,
		Args: subcommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	exits(cmd, "0  done", "2  usage error")
	cmd.AddCommand(newRunsCheck(p), newRunsDelete(p), newRunsExport(p), newRunsList(p), newRunsPrune(p), newRunsShow(p), newRunsSync(p))
	return cmd
}

// addStoreFlags adds the flags of the commands that are about saved runs.
func (s *setup) addStoreFlags(cmd *cobra.Command) {
	s.store.addStoreFlag(cmd)
	flags(cmd, "General", func(f *pflag.FlagSet) {
		f.StringVarP(&s.file, "config", "c", defaultConfig, "configuration `FILE`, for store.url; the default one may be absent")
	})
}

// withStore runs a command that is about saved runs.
func (s *setup) withStore(p *process, may making, do func(ctx context.Context, st *store.Store, at storePlace) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) (err error) {
		st, at, err := s.openStore(cmd.Context(), p, cmd, may)
		if err != nil {
			return err
		}
		defer func() {
			if closeErr := st.Close(); err == nil {
				err = closeErr
			}
		}()
		return do(cmd.Context(), st, at)
	}
}

// openQuickly opens the store for somebody at a prompt: it makes no file, and does not wait
// for a server that is not there.
func (s *setup) openQuickly(cmd *cobra.Command, p *process) (*store.Store, error) {
	if err := s.loadConfig(cmd); err != nil {
		return nil, err
	}
	at, err := s.store.place(p, s.config, s.file)
	if err != nil {
		return nil, err
	}
	if path, ok := sqlitePath(at.url); ok {
		if _, err := os.Stat(path); err != nil {
			return nil, err
		}
	}
	return store.Open(cmd.Context(), at.url, store.Options{Attempts: 1, BusyTimeout: time.Second})
}

// completeRuns offers the saved runs for the arguments of a command, n at most.
func (s *setup) completeRuns(p *process, cmd *cobra.Command, n int) {
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
		if n > 0 && len(args) >= n {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		st, err := s.openQuickly(cmd, p)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		defer func() { _ = st.Close() }()
		runs, err := st.Runs(cmd.Context(), store.Filter{Limit: 50})
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var out []string
		for _, name := range []string{"latest", "latest~1"} {
			if strings.HasPrefix(name, typed) {
				out = append(out, name)
			}
		}
		for _, r := range runs {
			if strings.HasPrefix(r.ID, typed) {
				out = append(out, fmt.Sprintf("%s\t%s of %s", r.ID, r.Series, r.Time.Format("2006-01-02 15:04")))
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}
}
