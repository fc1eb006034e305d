package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/config"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/nearest"
	"github.com/metsuke-dev/metsuke/providers"
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
	existing   bool // what a plan leaves as it was counts too
	link       string
	excused    string // sarif: keep or omit
	comment    commenting
}

func (o *outputs) addReportFlags(cmd *cobra.Command) {
	groupBys := report.GroupBys()[1:]
	o.addFileFlags(cmd, report.Formats())
	flags(cmd, "Report", func(f *pflag.FlagSet) {
		f.StringVar(&o.groupBy, "group-by", "", "sections of the table, by `KEY`: "+strings.Join(groupBys, ", "))
		f.IntVar(&o.max, "max-findings", 0, "list at most `N` findings in the table and in markdown; 0 lists all")
		f.StringVar(&o.excused, "sarif-waived", "keep", "what is waived or in the baseline, in SARIF: keep (as suppressed results), or omit (for GitHub code scanning, which then closes their alerts)")
		f.StringVar(&o.link, "link", "", "`URL` of the job that judges, for the reports bitbucket and hcp")
	})
	complete(cmd, "group-by", groupBys...)
	complete(cmd, "sarif-waived", "keep", "omit")
}

// addFileFlags adds the flags that say in which formats and where.
func (o *outputs) addFileFlags(cmd *cobra.Command, formats []string) {
	flags(cmd, "Report", func(f *pflag.FlagSet) {
		f.StringVarP(&o.format, "format", "f", "table", "`FORMAT` on standard output: "+strings.Join(formats, ", "))
		f.StringArrayVarP(&o.files, "output", "o", nil, "also write to a file, `FORMAT=FILE`; repeatable. FILE alone takes the format from its ending")
	})
	complete(cmd, "format", formats...)
	if err := cmd.RegisterFlagCompletionFunc("output", func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		if strings.Contains(typed, "=") {
			return nil, cobra.ShellCompDirectiveDefault
		}
		var out []string
		for _, f := range formats {
			out = append(out, f+"=")
		}
		return out, cobra.ShellCompDirectiveNoSpace
	}); err != nil {
		panic(err) // a mistake in this program
	}
}

func (o *outputs) addExitFlags(cmd *cobra.Command, failOn string) {
	flags(cmd, "Exit code", func(f *pflag.FlagSet) {
		f.StringVar(&o.failOn, "fail-on", failOn, "exit with 1 when a finding is at least of this `SEVERITY`: critical, high, medium, low, or none")
	})
	complete(cmd, "fail-on", failOns()...)
	o.addCoverageFlags(cmd)
}

// addCoverageFlags adds the flags that say what it means when not everything was read.
func (o *outputs) addCoverageFlags(cmd *cobra.Command) {
	flags(cmd, "Exit code", func(f *pflag.FlagSet) {
		f.Float64Var(&o.coverage, "require-coverage", 0, "exit with 3 when less than `PERCENT` of what was asked for was read")
		f.StringVar(&o.incomplete, "incomplete", "warn", "`WHAT` follows when something could not be read: warn, or fail: exit with 3, which then outranks findings")
	})
	complete(cmd, "incomplete", "warn", "fail")
}

// runExits are the exit codes of the commands that judge.
func runExits(cmd *cobra.Command, failOn string) {
	exits(cmd, "0  no finding at or above --fail-on (default "+failOn+")", "1  findings at or above --fail-on",
		"2  usage, configuration or internal error, or nothing that could be read",
		"3  less was read than --require-coverage asks for, or --incomplete=fail and something is unknown",
		"130  interrupted: what was read is judged and reported")
}

func failOns() []string { return append(strings.Split(join(finding.Severities()), ", "), "none") }

// check refuses bad values before anything is scanned.
func (o *outputs) check() error {
	if err := oneOf("fail-on", o.failOn, failOns()...); err != nil {
		return err
	}
	if o.excused != "" {
		if err := oneOf("sarif-waived", o.excused, "keep", "omit"); err != nil {
			return err
		}
	}
	if o.max < 0 {
		return fmt.Errorf("--max-findings %d: it is 0 or more", o.max)
	}
	if err := o.comment.check(); err != nil {
		return err
	}
	if u, err := url.Parse(o.link); o.link != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "") {
		return fmt.Errorf("--link %s: it is no web address such as https://ci.example/jobs/1", o.link)
	}
	if groupBys := report.GroupBys()[1:]; o.groupBy != "" {
		if err := oneOf("group-by", o.groupBy, groupBys...); err != nil {
			return err
		}
	}
	return o.checkFor(report.Formats())
}

// checkFor refuses formats that are none, and files that could not be written when the
// run is over, which may be an hour later.
func (o *outputs) checkFor(formats []string) error {
	if err := oneOf("incomplete", o.incomplete, "warn", "fail"); err != nil {
		return err
	}
	if !(o.coverage >= 0 && o.coverage <= 100) { // not a number is neither
		return fmt.Errorf("--require-coverage %v: it is a share in percent, 0 to 100", o.coverage)
	}
	if err := oneOf("format", o.format, formats...); err != nil {
		return err
	}
	seen := map[string]bool{}
	var files []string
	for _, f := range o.files {
		format, file, err := splitOutput(f)
		if err != nil {
			return err
		}
		if !slices.Contains(formats, format) {
			return fmt.Errorf("--output %s: there is no format %s; there are %s%s", f, format, strings.Join(formats, ", "), nearest.Hint(format, formats))
		}
		if file == "-" {
			o.format = format
			continue
		}
		if seen[filepath.Clean(file)] {
			return fmt.Errorf("--output %s: another report goes to the same file", f)
		}
		seen[filepath.Clean(file)] = true
		if err := writable(file); err != nil {
			return fmt.Errorf("--output %s: cannot be written: %w", f, err)
		}
		files = append(files, f)
	}
	o.files = files
	return nil
}

// addConfigured appends the outputs of the configuration.
func (o *outputs) addConfigured(conf config.Config) error {
	for i, c := range conf.Outputs {
		if !slices.Contains(report.Formats(), c.Format) {
			key := fmt.Sprintf("outputs[%d].format", i)
			return fmt.Errorf("%s: outputs: there is no format %q; there are %s%s", conf.At(key), c.Format, strings.Join(report.Formats(), ", "), nearest.Hint(c.Format, report.Formats()))
		}
		path := c.Path
		if path == "" {
			path = "-"
		}
		o.files = append(o.files, c.Format+"="+path)
	}
	return nil
}

// endings are the formats that a file's ending stands for.
func endings() map[string]string {
	return map[string]string{
		".json": "json", ".ndjson": "ndjson", ".csv": "csv", ".sarif": "sarif", ".xml": "junit", ".md": "markdown", ".txt": "table",
		".html": "html", ".xlsx": "xlsx", ".ocsf.json": "ocsf",
	}
}

// namesOfReports are the formats that the name of a file stands for, where a service
// gives the file its name.
func namesOfReports() map[string]string {
	return map[string]string{"gl-code-quality-report.json": "gitlab-codequality", "gl-sast-report.json": "gitlab-sast"}
}

func splitOutput(s string) (format, file string, err error) {
	if format, file, ok := strings.Cut(s, "="); ok && format != "" && file != "" {
		return format, file, nil
	}
	if format := namesOfReports()[filepath.Base(s)]; format != "" {
		return format, s, nil
	}
	// The longest ending says most: results.ocsf.json is not the report that .json stands for.
	for name := filepath.Base(s); ; {
		_, rest, ok := strings.Cut(name, ".")
		if !ok {
			break
		}
		if format := endings()["."+rest]; format != "" {
			return format, s, nil
		}
		name = rest
	}
	return "", "", fmt.Errorf("--output %s: the ending names no format; write FORMAT=FILE, with one of %s", s, strings.Join(report.Formats(), ", "))
}

// write renders the run to every output, files first: nobody may be reading standard
// output any more.
func (o *outputs) write(p *process, run finding.Run) error {
	var errs []error
	for _, f := range o.files {
		errs = append(errs, o.writeFile(f, run))
	}
	rep, err := report.New(o.format, o.options(p.page(), run))
	if err == nil {
		err = rep.Report(p.stdout, run)
	}
	return errors.Join(append(errs, err)...)
}

// writeFile writes the report that an --output names.
func (o *outputs) writeFile(output string, run finding.Run) error {
	format, file, err := splitOutput(output)
	if err != nil {
		return err
	}
	rep, err := report.New(format, o.options(report.Options{}, run))
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := rep.Report(&buf, run); err != nil {
		return fmt.Errorf("render %s: %w", file, err)
	}
	return replaceFile(file, buf.Bytes())
}

// options adds to a page what the flags say of reports, and what fails the run.
func (o *outputs) options(page report.Options, run finding.Run) report.Options {
	page.GroupBy, page.MaxFindings, page.RunURL, page.OmitExcused = o.groupBy, o.max, o.link, o.excused == "omit"
	page.Blocks, page.Incomplete = o.blocks, o.tooLittle(run)
	return page
}

// blocks reports whether the finding fails the run.
func (o *outputs) blocks(f finding.Finding) bool {
	return o.failOn != "none" && f.Fails(finding.Severity(o.failOn), o.existing)
}

// incompleteFails reports whether the run fails because something is unknown.
func (o *outputs) incompleteFails(run finding.Run) bool {
	return o.incomplete == "fail" && (!run.Coverage.Complete() || run.Totals().Unknown > 0)
}

// tooLittle says why the run fails for what was not read, "" if it does not.
func (o *outputs) tooLittle(run finding.Run) string {
	// Where a provider could not list its accounts, nobody knows the share that was read.
	unlisted := slices.ContainsFunc(run.Coverage.Gaps, func(g providers.Gap) bool { return g.Scope.ID == "" })
	switch {
	case o.incompleteFails(run):
		return fmt.Sprintf("incomplete: unknown verdicts: %d, gaps: %d (--incomplete=fail)", run.Totals().Unknown, len(run.Coverage.Gaps))
	case o.coverage > 0 && unlisted:
		return fmt.Sprintf("a provider could not list its accounts, so that less than the %g %% of --require-coverage was read", o.coverage)
	case o.coverage > 0 && run.Coverage.Ratio()*100 < o.coverage:
		return fmt.Sprintf("%.1f %% of what was asked for was read, less than the %g %% of --require-coverage", run.Coverage.Ratio()*100, o.coverage)
	}
	return ""
}

// code says how the process ends for a run. Findings outrank coverage unless
// --incomplete=fail.
func (o *outputs) code(p *process, run finding.Run) error {
	why := o.tooLittle(run)
	switch {
	case run.Interrupted:
		p.say("interrupted; the report holds what was read until then")
		return exitCode(exitInterrupted)
	case why != "" && o.incompleteFails(run):
		p.say("%s", why)
		return exitCode(exitIncomplete)
	case slices.ContainsFunc(run.Findings, o.blocks):
		return exitCode(exitFindings)
	case why != "":
		p.say("%s", why)
		return exitCode(exitIncomplete)
	}
	return nil
}
