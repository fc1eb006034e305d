package main

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/nearest"
)

func newRoot(p *process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "metsuke",
		Short: "Governance for the clouds and SaaS accounts of a company",
		Long: `metsuke inventories AWS, Google Cloud and SaaS accounts, judges them and
Terraform plans by the same policies about tagging, cost and security, and
reports the findings. What could not be read is unknown, never a silent pass.`,
		Example: `  metsuke demo                 a scan of a simulated estate, nothing needed
  metsuke scan                 what the credentials of this shell reach
  metsuke gate tfplan.json     a Terraform plan, before it is applied`,
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          subcommand,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	exits(cmd, "0  done", "1  findings at or above --fail-on", "2  usage, configuration or internal error",
		"3  too little could be read", "130  interrupted")
	level := cmd.PersistentFlags().String("log-level", "error", "log to standard error from this `LEVEL` on: "+strings.Join(levels(), ", "))
	complete(cmd, "log-level", levels()...)
	cmd.PersistentPreRunE = func(*cobra.Command, []string) error {
		var l slog.Level
		if !slices.Contains(levels(), *level) {
			return fmt.Errorf("--log-level %s: it is one of %s%s", *level, strings.Join(levels(), ", "), nearest.Hint(*level, levels()))
		}
		if err := l.UnmarshalText([]byte(*level)); err != nil {
			return fmt.Errorf("--log-level: %w", err)
		}
		p.setLog(l)
		return nil
	}
	group(cmd, "Try it", newDemo(p))
	group(cmd, "Judge", newScan(p), newGate(p), newReport(p))
	group(cmd, "Look back", newDiff(p), newRuns(p), newVerify(p))
	group(cmd, "Every night", newServe(p), newNotify(p))
	group(cmd, "Excuse", newWaivers(p), newBaseline(p))
	group(cmd, "Answer for", newOwners(p), newScore(p))
	group(cmd, "Set up", newInit(p), newDoctor(p))
	group(cmd, "Look", newInventory(p), newPolicies(p), newProviders(p))
	cmd.AddCommand(newCompletion(p), newVersion(p))
	cmd.SetHelpCommand(newHelp())
	cmd.CompletionOptions.DisableDefaultCmd = true
	cmd.SetFlagErrorFunc(flagError)
	cmd.SetHelpFunc(func(cmd *cobra.Command, _ []string) { writeHelp(p, cmd) })
	return cmd
}

func levels() []string { return []string{"error", "warn", "info", "debug"} }

// group adds the commands below a heading of the help text.
func group(cmd *cobra.Command, title string, children ...*cobra.Command) {
	cmd.AddGroup(&cobra.Group{ID: title, Title: title})
	for _, c := range children {
		c.GroupID = title
		cmd.AddCommand(c)
	}
}

// subcommand refuses arguments of a command that only holds others, and names the
// one that was probably meant.
func subcommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return fmt.Errorf("there is no command %q in %s%s\n%s", args[0], cmd.CommandPath(), nearest.Hint(args[0], names), seeHelp(cmd))
}

// arguments checks the number of arguments, and says how the command is called.
func arguments(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			got := "no argument is"
			if n := len(args); n == 1 {
				got = "one argument is"
			} else if n > 1 {
				got = fmt.Sprintf("%d arguments are", n)
			}
			return fmt.Errorf("%s given; write %s\n%s", got, cmd.UseLine(), seeHelp(cmd))
		}
		return nil
	}
}

// flagError adds the flag that was probably meant.
func flagError(cmd *cobra.Command, err error) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "unknown flag: --"); ok {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if best, ok := nearest.Name(name, names); ok {
			text += ": did you mean --" + best + "?"
		}
	}
	return fmt.Errorf("%s\n%s", text, seeHelp(cmd))
}

func seeHelp(cmd *cobra.Command) string {
	return fmt.Sprintf("`%s --help` says how it is used", cmd.CommandPath())
}
