package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/metsuke-dev/metsuke/internal/config"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/nearest"
	"github.com/metsuke-dev/metsuke/report"
)

// outputs holds the flags that say how a run is reported and what ends it with
// which exit code.
type outputs struct {
	format     string
	files      []string // FORMAT=FILE or FILE
	groupBy    string
	max        int
	failOn     string
	incomplete string
	coverage   float64
}

func (o *outputs) addReportFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVarP(&o.format, "format", "f", "table", "format on standard output: "+strings.Join(report.Formats(), ", "))
	f.StringArrayVarP(&o.files, "output", "o", nil, "also write a report to a file, FORMAT=FILE; repeatable. FILE alone takes the format from its ending")
	f.StringVar(&o.groupBy, "group-by", "", "sections of the table: "+strings.Join(slices.DeleteFunc(report.GroupBys(), func(s string) bool { return s == "" }), ", "))
	f.IntVar(&o.max, "max-findings", 0, "list at most so many findings in the table and in markdown; 0 lists all")
}

func (o *outputs) addExitFlags(cmd *cobra.Command, failOn string) {
	f := cmd.Flags()
	f.StringVar(&o.failOn, "fail-on", failOn, "exit with 1 when a finding is at least as severe: critical, high, medium, low or none")
	f.Float64Var(&o.coverage, "require-coverage", 0, "exit with 3 when less than this share of the cells, in percent, was read")
	f.StringVar(&o.incomplete, "incomplete", "warn", "what an unknown verdict or a gap does: warn, or fail (exit with 3, which then outranks findings)")
}

// check refuses bad values before anything is scanned.
func (o *outputs) check() error {
	if o.failOn != "none" && !slices.Contains(finding.Severities(), finding.Severity(o.failOn)) {
		names := append(strings.Split(join(finding.Severities()), ", "), "none")
		return fmt.Errorf("--fail-on %s: it is one of %s%s", o.failOn, strings.Join(names, ", "), nearest.Hint(o.failOn, names))
	}
	if o.incomplete != "warn" && o.incomplete != "fail" {
		return fmt.Errorf("--incomplete %s: it is warn or fail", o.incomplete)
	}
	if o.coverage < 0 || o.coverage > 100 {
		return fmt.Errorf("--require-coverage %v: it is a share in percent, 0 to 100", o.coverage)
	}
	if o.max < 0 {
		return fmt.Errorf("--max-findings %d: it is 0 or more", o.max)
	}
	return o.checkFormats()
}

func (o *outputs) checkFormats() error {
	if _, err := report.New(o.format, report.Options{}); err != nil {
		return fmt.Errorf("--format: %w", err)
	}
	if !slices.Contains(report.GroupBys(), o.groupBy) && o.groupBy != "" {
		return fmt.Errorf("--group-by %s: it is one of %s", o.groupBy, strings.Join(report.GroupBys(), ", "))
	}
	for _, f := range o.files {
		format, file, err := splitOutput(f)
		if err != nil {
			return err
		}
		if _, err := report.New(format, report.Options{}); err != nil {
			return fmt.Errorf("--output %s: %w", f, err)
		}
		if err := writable(file); err != nil {
			return fmt.Errorf("--output %s: %w", f, err)
		}
	}
	return nil
}

// addConfigured appends the outputs of the configuration.
func (o *outputs) addConfigured(list []config.Output) {
	for _, c := range list {
		if c.Path == "" || c.Path == "-" {
			o.format = c.Format
			continue
		}
		o.files = append(o.files, c.Format+"="+c.Path)
	}
}

// endings are the formats that a file's ending stands for.
func endings() map[string]string {
	return map[string]string{
		".json": "json", ".ndjson": "ndjson", ".csv": "csv", ".sarif": "sarif", ".xml": "junit", ".md": "markdown", ".txt": "table",
	}
}

func splitOutput(s string) (format, file string, err error) {
	if format, file, ok := strings.Cut(s, "="); ok && format != "" && file != "" {
		return format, file, nil
	}
	if format := endings()[filepath.Ext(s)]; format != "" {
		return format, s, nil
	}
	return "", "", fmt.Errorf("--output %s: the ending names no format; write FORMAT=FILE", s)
}

// writable reports early whether a file can be written: a scan may take an hour.
func writable(file string) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".metsuke-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", file, plainPathError(err))
	}
	_ = f.Close()
	return os.Remove(f.Name())
}

// plainPathError drops the name of the temporary file from an error.
func plainPathError(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// write renders the run to every output. A file is written beside and renamed: it
// is whole or not there.
func (o *outputs) write(p *process, run finding.Run) error {
	for _, f := range o.files {
		format, file, err := splitOutput(f)
		if err != nil {
			return err
		}
		if err := o.writeFile(format, file, run); err != nil {
			return err
		}
	}
	rep, err := report.New(o.format, report.Options{
		Color: p.width > 0 && p.getenv("NO_COLOR") == "" && p.getenv("TERM") != "dumb", Width: p.width, GroupBy: o.groupBy, MaxFindings: o.max,
	})
	if err != nil {
		return err
	}
	if err := rep.Report(p.stdout, run); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

func (o *outputs) writeFile(format, file string, run finding.Run) error {
	rep, err := report.New(format, report.Options{GroupBy: o.groupBy, MaxFindings: o.max})
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := rep.Report(&buf, run); err != nil {
		return fmt.Errorf("render %s: %w", file, err)
	}
	return replaceFile(file, buf.Bytes())
}

// replaceFile writes a file beside its place and renames it there.
func replaceFile(file string, content []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(file), ".metsuke-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", file, plainPathError(err))
	}
	defer func() { _ = os.Remove(tmp.Name()) }()
	_, err = tmp.Write(content)
	err = errors.Join(err, tmp.Chmod(0o644), tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), file)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", file, plainPathError(err))
	}
	return nil
}

// code says how the process ends for a run. Findings outrank coverage unless
// --incomplete=fail.
func (o *outputs) code(p *process, run finding.Run) error {
	failing := 0
	if o.failOn != "none" {
		failing = len(run.Failing(finding.Severity(o.failOn)))
	}
	low := run.Coverage.Ratio()*100 < o.coverage
	incomplete := o.incomplete == "fail" && (!run.Coverage.Complete() || run.Totals().Unknown > 0)
	switch {
	case run.Interrupted:
		fmt.Fprintln(p.stderr, "metsuke: interrupted; the report holds what was read until then")
		return exitCode(exitInterrupted)
	case incomplete:
		fmt.Fprintf(p.stderr, "metsuke: incomplete: %d unknown verdicts, %d gaps (--incomplete=fail)\n", run.Totals().Unknown, len(run.Coverage.Gaps))
		return exitCode(exitIncomplete)
	case failing > 0:
		return exitCode(exitFindings)
	case low:
		fmt.Fprintf(p.stderr, "metsuke: %.1f %% of the cells were read, less than the %.1f %% that --require-coverage asks for\n", run.Coverage.Ratio()*100, o.coverage)
		return exitCode(exitIncomplete)
	}
	return nil
}
