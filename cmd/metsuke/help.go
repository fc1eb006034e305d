package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/report"
)

// The keys of annotations that the help text reads.
const (
	exitAnnotation    = "metsuke-exit-codes" // of a command
	sectionAnnotation = "metsuke-section"    // of a flag
)

// exits states the exit codes of a command, each as "CODE  MEANING".
func exits(cmd *cobra.Command, codes ...string) {
	if cmd.Annotations == nil {
		cmd.Annotations = map[string]string{}
	}
	cmd.Annotations[exitAnnotation] = strings.Join(codes, "\n")
}

// flags adds flags that stand below one heading in the help text.
func flags(cmd *cobra.Command, section string, add func(f *pflag.FlagSet)) {
	set := pflag.NewFlagSet(section, pflag.ContinueOnError)
	set.SortFlags = false
	add(set)
	set.VisitAll(func(f *pflag.Flag) {
		if f.Annotations == nil {
			f.Annotations = map[string][]string{}
		}
		f.Annotations[sectionAnnotation] = []string{section}
	})
	cmd.Flags().AddFlagSet(set)
}

// helpWidth is the widest that help text becomes: longer lines are hard to read.
const helpWidth = 88

// writeHelp prints what a command does, how it is called, its commands or flags and
// its exit codes.
func writeHelp(p *process, cmd *cobra.Command) {
	width := 80
	if p.width > 0 {
		width = min(p.width, helpWidth)
	}
	var b bytes.Buffer
	text := cmd.Long
	if text == "" {
		text = cmd.Short
	}
	for _, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		if strings.HasPrefix(paragraph, "  ") { // a list, laid out by hand
			b.WriteString(paragraph + "\n\n")
			continue
		}
		hanging(&b, "", paragraph, width)
		b.WriteByte('\n')
	}
	b.WriteString("Usage\n")
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s COMMAND [flags]\n", cmd.CommandPath())
	} else {
		fmt.Fprintf(&b, "  %s\n", cmd.UseLine())
	}
	if cmd.Example != "" {
		fmt.Fprintf(&b, "\nExamples\n%s\n", cmd.Example)
	}
	writeCommands(&b, cmd, width)
	writeFlags(&b, cmd, width)
	if codes := cmd.Annotations[exitAnnotation]; codes != "" {
		b.WriteString("\nExit codes\n")
		for _, line := range strings.Split(codes, "\n") {
			code, meaning, _ := strings.Cut(line, "  ")
			hanging(&b, "  "+pad(code, 4)+" ", meaning, width)
		}
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\n`%s COMMAND --help` says more about each.\n", cmd.CommandPath())
	}
	_, _ = p.stdout.Write(b.Bytes())
}

// writeCommands lists the commands below cmd, under their headings.
func writeCommands(b *bytes.Buffer, cmd *cobra.Command, width int) {
	longest := 0
	byGroup := map[string][]*cobra.Command{}
	for _, c := range cmd.Commands() {
		if !c.IsAvailableCommand() || c.Name() == "help" {
			continue
		}
		longest = max(longest, len(c.Name()))
		byGroup[c.GroupID] = append(byGroup[c.GroupID], c)
	}
	for _, g := range append(cmd.Groups(), &cobra.Group{}) {
		if len(byGroup[g.ID]) == 0 {
			continue
		}
		title := g.Title
		if title == "" {
			title = "Commands"
			if len(cmd.Groups()) > 0 {
				title = "Other"
			}
		}
		fmt.Fprintf(b, "\n%s\n", title)
		for _, c := range byGroup[g.ID] {
			hanging(b, "  "+pad(c.Name(), longest+2), c.Short, width)
		}
	}
}

// writeFlags lists the flags under their headings, in the order in which they were
// added.
func writeFlags(b *bytes.Buffer, cmd *cobra.Command, width int) {
	var titles []string
	sections := map[string]*pflag.FlagSet{}
	add := func(title string, f *pflag.Flag) {
		if sections[title] == nil {
			titles = append(titles, title)
			sections[title] = pflag.NewFlagSet(title, pflag.ContinueOnError)
			sections[title].SortFlags = false
		}
		sections[title].AddFlag(f)
	}
	cmd.LocalNonPersistentFlags().SortFlags = false
	own := cmd.Flags()
	own.SortFlags = false
	own.VisitAll(func(f *pflag.Flag) {
		if s := f.Annotations[sectionAnnotation]; len(s) > 0 {
			add(s[0], f)
		}
	})
	own.VisitAll(func(f *pflag.Flag) {
		if len(f.Annotations[sectionAnnotation]) == 0 {
			add("General", f)
		}
	})
	cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) {
		if s := sections["General"]; s == nil || s.Lookup(f.Name) == nil {
			add("General", f)
		}
	})
	for _, title := range titles {
		fmt.Fprintf(b, "\n%s\n%s", title, sections[title].FlagUsagesWrapped(width))
	}
}

// hanging writes text after a head, wrapped so that it stays beside it.
func hanging(b *bytes.Buffer, head, text string, width int) {
	for _, line := range report.Wrap(text, width-len(head)) {
		fmt.Fprintf(b, "%s%s\n", head, line)
		head = strings.Repeat(" ", len(head))
	}
}

func pad(s string, n int) string { return s + strings.Repeat(" ", max(0, n-len(s))) }

// newHelp is `metsuke help COMMAND`, for those who look for it there.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:    "help [COMMAND]",
		Short:  "Help about any command",
		Hidden: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return subcommand(cmd.Root(), args)
			}
			return found.Help()
		},
	}
}
