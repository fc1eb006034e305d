package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/store"
	"github.com/metsuke-dev/metsuke/report"
)

func newDiff(p *process) *cobra.Command {
	var s setup
	var o outputs
	var failOnNew string
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Say what changed from one run to another",
		Long: `Say what is new, reopened, fixed, gone or not visible any more from run A to the later
run B, and which cells were gained or lost. A and B are saved runs, or files with their
JSON reports.

Fixed is only what run B looked at: its policy came to a verdict on the resource. Gone
is only what is missing where everything has been read. The rest is not visible any
more, and may still be there. Two files tell less than two saved runs: a report does
not list what passes, and so only a resource that has another finding in it is known to
have been looked at.`,
		Example: `  metsuke diff latest~1 latest
  metsuke diff 20260701-020000 latest --format markdown
  metsuke diff main.json branch.json --fail-on-new high`,
		Args: arguments(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf("fail-on-new", failOnNew, failOns()...); err != nil {
				return err
			}
			if err := o.checkFor(report.DiffFormats()); err != nil {
				return err
			}
			d, err := s.diff(cmd, p, args[0], args[1])
			if err != nil {
				return err
			}
			if err := o.writeDiff(p, d); err != nil {
				return err
			}
			for _, f := range slices.Concat(d.New, d.Reopened) {
				if failOnNew != "none" && f.Fails(finding.Severity(failOnNew), true) {
					return exitCode(exitFindings)
				}
			}
			return nil
		},
	}
	exits(cmd, "0  the runs were compared", "1  something new or reopened is at or above --fail-on-new (default none)",
		"2  there is no such run, the runs cannot be compared, or a usage error")
	o.addFileFlags(cmd, report.DiffFormats())
	flags(cmd, "Report", func(f *pflag.FlagSet) {
		f.IntVar(&o.max, "max-findings", 0, "list at most `N` findings of each kind in the table and in markdown; 0 lists all")
	})
	flags(cmd, "Exit code", func(f *pflag.FlagSet) {
		f.StringVar(&failOnNew, "fail-on-new", "none", "exit with 1 when something new or reopened is at least of this `SEVERITY`: critical, high, medium, low, or none")
	})
	complete(cmd, "fail-on-new", failOns()...)
	o.incomplete = "warn"
	s.addStoreFlags(cmd)
	s.completeRuns(p, cmd, 2)
	return cmd
}

// writeDiff writes the diff to every output.
func (o *outputs) writeDiff(p *process, d report.Diff) error {
	for _, f := range o.files {
		format, file, err := splitOutput(f)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := report.WriteDiff(&b, format, report.Options{MaxFindings: o.max}, d); err != nil {
			return fmt.Errorf("render %s: %w", file, err)
		}
		if err := replaceFile(file, b.Bytes()); err != nil {
			return err
		}
	}
	page := p.page()
	page.MaxFindings = o.max
	return report.WriteDiff(p.stdout, o.format, page, d)
}

// isReport reports whether an argument names a file and not a saved run.
func isReport(ref string) bool {
	if ref == "-" || strings.ContainsRune(ref, filepath.Separator) || strings.HasSuffix(ref, ".json") {
		return true
	}
	info, err := os.Stat(ref)
	return err == nil && info.Mode().IsRegular()
}

// diff compares two runs: by their history where both are saved, by their reports where
// not.
func (s *setup) diff(cmd *cobra.Command, p *process, a, b string) (d report.Diff, err error) {
	if isReport(a) && isReport(b) {
		from, err := readRun(p, a)
		if err != nil {
			return d, err
		}
		to, err := readRun(p, b)
		if err != nil {
			return d, err
		}
		return compareReports(a, from, b, to)
	}
	err = s.withStore(p, mustExist, func(ctx context.Context, st *store.Store, _ storePlace) error {
		if isReport(a) || isReport(b) {
			from, err := eitherRun(ctx, p, st, a)
			if err != nil {
				return err
			}
			to, err := eitherRun(ctx, p, st, b)
			if err != nil {
				return err
			}
			d, err = compareReports(a, from, b, to)
			return err
		}
		d, err = compareSaved(ctx, st, a, b)
		return err
	})(cmd, nil)
	return d, err
}

// eitherRun reads a report, or a saved run.
func eitherRun(ctx context.Context, p *process, st *store.Store, ref string) (finding.Run, error) {
	if isReport(ref) {
		return readRun(p, ref)
	}
	info, err := st.Resolve(ctx, ref)
	if err != nil {
		return finding.Run{}, err
	}
	return st.Run(ctx, info.ID)
}

// compareSaved compares two saved runs.
func compareSaved(ctx context.Context, st *store.Store, a, b string) (report.Diff, error) {
	from, err := st.Resolve(ctx, a)
	if err != nil {
		return report.Diff{}, err
	}
	to, err := st.Resolve(ctx, b)
	if err != nil {
		return report.Diff{}, err
	}
	c, err := st.Compare(ctx, from.ID, to.ID)
	if err != nil {
		return report.Diff{}, err
	}
	since := c.Since
	d := report.Diff{
		From: report.DiffRun{Name: from.ID, Time: from.Time}, To: report.DiffRun{Name: to.ID, Time: to.Time},
		New: c.New, Reopened: c.Reopened, Fixed: since.Fixed, Gone: since.Gone, NotVisible: since.NotVisible,
		CellsGained: since.CellsGained, CellsLost: since.CellsLost,
	}
	if to.Narrowed {
		d.Notes = append(d.Notes, "flags narrowed the run "+to.ID+": what it was not asked for is as it was before")
	}
	if to.Interrupted {
		d.Notes = append(d.Notes, "the run "+to.ID+" was interrupted: what it did not reach is as it was before")
	}
	return d, nil
}
