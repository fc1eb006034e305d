package main

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// inputs are the texts of the files that decide a run besides what it reads of the
// accounts. Whoever reads one reads it here, so that it can be saved with the run, and so
// that a saved run is judged again by the same texts. A nil one reads files.
type inputs struct {
	texts map[string][]byte // by the name of the file
	// only says that there is nothing but texts: no file is read.
	only bool
}

// file reads a file.
func (in *inputs) file(name string) ([]byte, error) {
	if in != nil && in.only {
		if text, ok := in.texts[name]; ok {
			return text, nil
		}
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	text, err := os.ReadFile(name)
	if in != nil && err == nil {
		in.keep(name, text)
	}
	return text, err
}

func (in *inputs) keep(name string, text []byte) {
	if in.texts == nil {
		in.texts = map[string][]byte{}
	}
	in.texts[name] = text
}

// policies reads the policies of a directory, to be saved with the run.
func (in *inputs) policies(dir string) error {
	return filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		switch filepath.Ext(name) {
		case ".rego", ".json", ".yaml":
			_, err = in.file(name)
		}
		return err
	})
}

// names returns the names of the files, sorted.
func (in *inputs) names() []string { return slices.Sorted(maps.Keys(in.texts)) }
