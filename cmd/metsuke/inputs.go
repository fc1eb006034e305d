package main

import (
	"fmt"
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

// beside reads a file that belongs to the configuration: the one that the flag names, or
// the configuration, or else the default one beside it, which may be absent; the name is
// "" then. what it is stands in errors. config is the file of the configuration.
func (in *inputs) beside(what, flag, configured, config, standard string) (name string, text []byte, err error) {
	name, named := flag, true
	switch {
	case name != "":
	case configured != "":
		if name = configured; !filepath.IsAbs(name) {
			name = filepath.Join(filepath.Dir(config), name)
		}
	default:
		name, named = filepath.Join(filepath.Dir(config), standard), false
	}
	text, err = in.file(name)
	switch {
	case err == nil:
		return name, text, nil
	case !named && os.IsNotExist(err):
		return "", nil, nil
	}
	return "", nil, fmt.Errorf("read the %s: %w", what, err)
}
