package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// release is set by the linker for released builds.
var release string //nolint:gochecknoglobals // the linker can only set a package variable

// version names the build: the release, or the commit it was built from.
func version() string {
	if release != "" {
		return release
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		if v := info.Main.Version; v != "" && v != "(devel)" {
			return v
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return "commit " + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return "development"
}

func newVersion(p *process) *cobra.Command {
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Long:    "Print the version of metsuke, and of the Go that built it.",
		Example: "  metsuke version",
		Args:    arguments(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintf(p.stdout, "metsuke %s (%s, %s/%s)\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
	exits(cmd, "0  the version was printed", "2  usage error")
	return cmd
}
