package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
)

//go:embed metsuke.yaml
var configTemplate string

func newInit(p *process) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a commented configuration to start from",
		Long: `Write a configuration in which everything is explained and commented out, so that
it changes nothing until you do. FILE is metsuke.yaml unless you say otherwise; a file
that is there is never overwritten.`,
		Example: `  metsuke init
  metsuke init config/production.yaml`,
		Args: arguments(cobra.MaximumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error {
			file := defaultConfig
			if len(args) > 0 {
				file = args[0]
			}
			if err := createFile(file, configTemplate); err != nil {
				return err
			}
			p.say("wrote %s; `metsuke doctor` checks the credentials, `metsuke scan` uses it", file)
			return nil
		},
	}
	exits(cmd, "0  the file was written", "2  the file exists or cannot be written, or a usage error")
	return cmd
}

// createFile writes a file that does not exist yet.
func createFile(file, content string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s exists and is not overwritten: remove it or name another file", file)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", file, plainPathError(err))
	}
	if _, err = f.WriteString(content); err == nil {
		err = f.Close()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", file, plainPathError(err)), os.Remove(file))
	}
	return nil
}
