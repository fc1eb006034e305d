package main

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/checkpoint"
)

// addSaveFlag adds --save-inventory.
func addSaveFlag(cmd *cobra.Command, file *string) {
	flags(cmd, "Report", func(f *pflag.FlagSet) {
		f.StringVar(file, "save-inventory", "", "also save what was read to a `FILE` (ndjson; compressed when it ends in .gz), to be judged again with scan --from")
	})
}

// spoolFor returns a run beside the file, to which an inventory is going to be written.
func spoolFor(file string) (*checkpoint.Run, error) {
	fail := func(err error) (*checkpoint.Run, error) {
		return nil, fmt.Errorf("--save-inventory %s: cannot be written: %w", file, plainPathError(err))
	}
	if file == "-" {
		return fail(errors.New("standard output is for the report; give a file"))
	}
	if err := writable(file); err != nil {
		return fail(err)
	}
	target, special, err := place(file)
	if err != nil {
		return fail(err)
	}
	dir := filepath.Dir(target)
	if special {
		dir = "" // a pipe has no place beside it: the system's directory
	}
	run, err := checkpoint.Temporary(dir)
	if err != nil {
		return fail(err)
	}
	return run, nil
}

// writeInventory puts an inventory in its place.
func writeInventory(file string, lines io.Reader) error {
	return replaceWith(file, func(w io.Writer) error {
		var packed *gzip.Writer
		if strings.HasSuffix(file, ".gz") {
			packed = gzip.NewWriter(w)
			w = packed
		}
		_, err := io.Copy(w, lines)
		if packed != nil {
			err = errors.Join(err, packed.Close())
		}
		return err
	})
}
