package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/metsuke-dev/metsuke/internal/engine"
)

func newCompletion(p *process) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	cmd := &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print a shell's completion script",
		Long: `Print the script that lets a shell complete commands, flags and their values:
policy ids, resource types, formats. SHELL is bash, zsh, fish or powershell.`,
		Example: `  source <(metsuke completion bash)
  metsuke completion zsh > "${fpath[1]}/_metsuke"
  metsuke completion fish > ~/.config/fish/completions/metsuke.fish`,
		ValidArgs: shells,
		Args:      arguments(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			root := cmd.Root()
			switch args[0] {
			case "bash":
				return root.GenBashCompletionV2(p.stdout, true)
			case "zsh":
				return root.GenZshCompletion(p.stdout)
			case "fish":
				return root.GenFishCompletion(p.stdout, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(p.stdout)
			}
			return fmt.Errorf("there is no completion for %q: SHELL is one of %s", args[0], strings.Join(shells, ", "))
		},
	}
	exits(cmd, "0  the script was printed", "2  usage error")
	return cmd
}

// complete offers the values for a flag.
func complete(cmd *cobra.Command, flag string, values ...string) {
	completeWith(cmd, flag, func() []string { return values })
}

// completeWith offers values that are looked up when somebody asks for them. A value
// with a leading ! is completed like one without.
func completeWith(cmd *cobra.Command, flag string, values func() []string) {
	err := cmd.RegisterFlagCompletionFunc(flag, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		before, last := "", typed
		if i := strings.LastIndexAny(typed, ",!"); i >= 0 {
			before, last = typed[:i+1], typed[i+1:]
		}
		var out []string
		for _, v := range values() {
			name, _, _ := strings.Cut(v, "\t")
			if strings.HasPrefix(name, last) {
				out = append(out, before+v)
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	})
	if err != nil {
		panic(err) // the flag does not exist, or has a completion: a mistake in this program
	}
}

// shipped returns the shipped policies for completion: a file that does not load must
// not spoil the command line.
func shipped() *engine.Engine {
	e, err := engine.Load(builtin())
	if err != nil {
		return nil
	}
	return e
}

func policyIDs() []string {
	var out []string
	if e := shipped(); e != nil {
		for _, p := range e.Policies() {
			out = append(out, p.ID+"\t"+p.Title)
		}
	}
	return out
}

func typeNames() []string {
	var out []string
	if e := shipped(); e != nil {
		for _, t := range e.Types() {
			out = append(out, string(t))
		}
	}
	return out
}

func frameworks() []string {
	set := map[string]bool{}
	if e := shipped(); e != nil {
		for _, p := range e.Policies() {
			for f := range p.Frameworks {
				set[f] = true
			}
		}
	}
	return sortedKeys(set)
}
