package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/checkpoint"
	"github.com/metsuke-dev/metsuke/internal/config"
	"github.com/metsuke-dev/metsuke/internal/store"
)

// storing holds the flags that say where runs are saved, and whether this one is.
type storing struct {
	url      string // --store
	save, no bool   // --save, --no-save
	resume   string // the run of --resume; resumeLatest without one, "" is none
}

// resumeLatest is --resume without a run.
const resumeLatest = "latest"

// storeSection is the heading of the flags about saved runs.
const storeSection = "Saved runs"

// addStoreFlag adds the flag that says where.
func (o *storing) addStoreFlag(cmd *cobra.Command) {
	flags(cmd, storeSection, func(f *pflag.FlagSet) {
		f.StringVar(&o.url, "store", "", "`DATABASE` of saved runs: path of a SQLite file, or postgres://USER@HOST/DATABASE (default: METSUKE_STORE, store.url of the configuration, or metsuke.db in the user's directory for state)")
	})
}

// addSaveFlags adds the flags that say whether a run is saved.
func (o *storing) addSaveFlags(cmd *cobra.Command, saved bool) {
	flags(cmd, storeSection, func(f *pflag.FlagSet) {
		if saved {
			f.BoolVar(&o.no, "no-save", false, "do not save the run, and keep nothing to go on with when it is killed")
			f.BoolVar(&o.save, "save", false, "save the run also with --from")
			f.StringVar(&o.resume, "resume", "", "go on with a scan that was killed or interrupted: the latest one, or `RUN`")
			f.Lookup("resume").NoOptDefVal = resumeLatest
		} else {
			f.BoolVar(&o.save, "save", false, "save the run, for metsuke runs and metsuke diff")
		}
	})
	o.addStoreFlag(cmd)
}

// check refuses flags that contradict each other. from says that a saved inventory is
// judged.
func (o *storing) check(from bool) error {
	switch {
	case o.save && o.no:
		return errors.New("--save and --no-save exclude each other")
	case o.resume != "" && o.no:
		return errors.New("--resume and --no-save exclude each other: a scan that is not saved leaves nothing to go on with")
	case o.resume != "" && from:
		return errors.New("--resume and --from exclude each other: what is in a file is read at once")
	}
	return nil
}

// storePlace is where runs are saved, and where those are kept that are not yet.
type storePlace struct {
	url  string
	runs checkpoint.Dir
}

// place says where runs are saved: what the flag says, the environment, the
// configuration, or a file of the user. file is that of the configuration.
func (o *storing) place(p *process, c config.Config, file string) (storePlace, error) {
	url := cmp.Or(o.url, p.getenv("METSUKE_STORE"))
	if url == "" && c.Store.URL != "" {
		url = c.Store.URL
		if path, ok := sqlitePath(url); ok && !filepath.IsAbs(path) {
			url = filepath.Join(filepath.Dir(file), path)
		}
	}
	if scheme, _, ok := strings.Cut(url, "://"); ok && scheme != "postgres" && scheme != "postgresql" {
		return storePlace{}, fmt.Errorf("there is no store at %s://: give the path of a SQLite file, or postgres://USER@HOST/DATABASE", scheme)
	}
	if path, ok := sqlitePath(url); ok && path == "" && url != "" {
		return storePlace{}, fmt.Errorf("there is no store at %s: give the path of a SQLite file, or postgres://USER@HOST/DATABASE", url)
	}
	state := stateDir(p)
	if path, ok := sqlitePath(cmp.Or(url, filepath.Join(state, "metsuke.db"))); ok && (url != "" || state != "") {
		return storePlace{url: path, runs: checkpoint.Dir(path + ".runs")}, nil
	}
	if state == "" {
		return storePlace{}, homelessError{}
	}
	return storePlace{url: url, runs: checkpoint.Dir(filepath.Join(state, "runs"))}, nil
}

// homelessError says that nobody says where to save, and that the user has no place either.
type homelessError struct{}

func (homelessError) Error() string {
	return "there is no home directory to save runs in; --store names a place"
}

// sqlitePath returns the path of a SQLite file, unless the place is another database.
func sqlitePath(url string) (string, bool) {
	if strings.Contains(url, "://") {
		return "", false
	}
	return strings.TrimPrefix(url, "sqlite:"), true
}

// stateDir is the directory of the user for what programs keep between their runs, by the
// XDG Base Directory Specification; on Windows that for local data. "" is none.
func stateDir(p *process) string {
	if runtime.GOOS == "windows" {
		if dir := p.getenv("LOCALAPPDATA"); dir != "" {
			return filepath.Join(dir, "metsuke")
		}
		return ""
	}
	if dir := p.getenv("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "metsuke")
	}
	if home := p.getenv("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".local", "state", "metsuke")
	}
	return ""
}

// making says whether a command may make the store that --store names.
type making bool

const (
	mustExist making = false
	mayMake   making = true
)

// there refuses a file that --store names and that nobody has saved anything in: most
// likely its name is misspelt, and a command that only looks must not make it.
func (o *storing) there(at storePlace) error {
	path, ok := sqlitePath(at.url)
	if o.url == "" || !ok {
		return nil
	}
	for _, one := range []string{path, string(at.runs)} {
		if _, err := os.Stat(one); !errors.Is(err, os.ErrNotExist) {
			return nil
		}
	}
	return fmt.Errorf("--store %s: there is no such file, so that no run is saved in it; `metsuke scan --store %s` makes it", o.url, o.url)
}

// openStore opens the store for a command that is about saved runs. may says whether the
// command may make it.
func (s *setup) openStore(ctx context.Context, p *process, cmd *cobra.Command, may making) (*store.Store, storePlace, error) {
	if err := s.loadConfig(cmd); err != nil {
		return nil, storePlace{}, err
	}
	at, err := s.store.place(p, s.config, s.file)
	if err == nil && may == mustExist {
		err = s.store.there(at)
	}
	if err != nil {
		return nil, at, err
	}
	st, err := store.Open(ctx, at.url, store.Options{})
	if err != nil {
		return nil, at, fmt.Errorf("saved runs: %w", err)
	}
	return st, at, nil
}
