package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/store"
	"github.com/metsuke-dev/metsuke/report"
)

func newRunsExport(p *process) *cobra.Command {
	var s setup
	var file, inventory string
	cmd := &cobra.Command{
		Use:   "export RUN",
		Short: "Write the JSON report of a saved run, and what it read",
		Long: `Write the JSON report of a saved run to standard output or a file: it is what
"metsuke report", "metsuke diff" and "metsuke baseline write" read. With --inventory
also what the run read, for "metsuke scan --from".`,
		Example: `  metsuke runs export latest > report.json
  metsuke runs export latest -o report.json --inventory estate.ndjson.gz`,
		Args: arguments(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if file == "-" && inventory == "-" {
				return errors.New("--inventory -: the report goes to standard output already; give a file for one of them")
			}
			for _, f := range []string{file, inventory} {
				if f != "" && f != "-" {
					if err := writable(f); err != nil {
						return fmt.Errorf("%s cannot be written: %w", f, err)
					}
				}
			}
			return s.withStore(p, mustExist, func(ctx context.Context, st *store.Store, _ storePlace) error {
				return export(ctx, p, st, args[0], file, inventory)
			})(cmd, args)
		},
	}
	exits(cmd, "0  the run was written", "2  there is no such run, its inventory was not kept, a file cannot be written, or a usage error")
	flags(cmd, "Where", func(f *pflag.FlagSet) {
		f.StringVarP(&file, "output", "o", "-", "`FILE` for the report; - is standard output")
		f.StringVar(&inventory, "inventory", "", "`FILE` for what the run read (ndjson; compressed when it ends in .gz); - is standard output")
	})
	s.addStoreFlags(cmd)
	s.completeRuns(p, cmd, 1)
	return cmd
}

// export writes the inventory first: a report beside a missing inventory would look whole.
func export(ctx context.Context, p *process, st *store.Store, ref, file, inventory string) (err error) {
	info, err := st.Resolve(ctx, ref)
	if err != nil {
		return err
	}
	run, err := st.Run(ctx, info.ID)
	if err != nil {
		return err
	}
	if inventory != "" {
		lines, err := st.Inventory(ctx, info.ID)
		if err != nil {
			return err
		}
		if inventory == "-" {
			_, err = io.Copy(p.stdout, lines)
		} else {
			err = writeInventory(inventory, lines)
		}
		if err := errors.Join(err, lines.Close()); err != nil {
			return err
		}
	}
	rep, err := report.New("json", report.Options{})
	if err != nil {
		return err
	}
	if file == "-" {
		return rep.Report(p.stdout, run)
	}
	var b bytes.Buffer
	if err := rep.Report(&b, run); err != nil {
		return err
	}
	return replaceFile(file, b.Bytes())
}
