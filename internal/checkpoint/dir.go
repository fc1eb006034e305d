package checkpoint

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/providers"
)

// Dir is where runs are kept until they are saved: a directory of each.
type Dir string

// Manifest says what a run was asked.
type Manifest struct {
	Kind    string    `json:"kind"`
	Version int       `json:"version"`         // of the format
	Metsuke string    `json:"metsuke_version"` // that began the run
	Mode    string    `json:"mode"`            // scan, demo
	Started time.Time `json:"started"`
	Now     time.Time `json:"now"` // as of which the run judges
	// Asked are the things on which depends what is read and how it is judged, by their
	// names: a run goes on only with the same ones.
	Asked map[string]string `json:"asked"`
}

// Differences returns the names of what the other manifest asks differently, sorted.
func (m Manifest) Differences(other Manifest) []string {
	var out []string
	if m.Mode != other.Mode {
		out = append(out, "mode")
	}
	if m.Metsuke != other.Metsuke {
		out = append(out, "version of metsuke")
	}
	for name, v := range m.Asked {
		if other.Asked[name] != v {
			out = append(out, name)
		}
	}
	for name := range other.Asked {
		if _, ok := m.Asked[name]; !ok {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Entry is a run in a Dir.
type Entry struct {
	ID       string
	Manifest Manifest
	// InUse says that a process is at it.
	InUse bool
	// Scopes is how many scopes it has read.
	Scopes int
	// Finished says that it came to its end, and waits to be saved.
	Finished bool
}

const (
	manifestKind    = "metsuke.checkpoint"
	manifestVersion = 1
	manifestFile    = "manifest.json"
	lockFile        = "lock"
	finishedFile    = "finished.json"
	segmentEnding   = ".ndjson"
	spoolEnding     = ".spool"
	hidden          = "." // begins the names of directories that are made or removed
)

// ErrInUse says that another process is at the run.
var ErrInUse = errors.New("another process is at it")

// Create makes the directory of a new run, and the Dir itself where it is not there.
// Nobody but the user may look into it.
func (d Dir) Create(m Manifest) (*Run, error) {
	m.Kind, m.Version = manifestKind, manifestVersion
	m.Started, m.Now = m.Started.UTC(), m.Now.UTC()
	if err := os.MkdirAll(string(d), 0o700); err != nil {
		return nil, fmt.Errorf("keep the run: %w", err)
	}
	tail := make([]byte, 4)
	if _, err := rand.Read(tail); err != nil {
		return nil, fmt.Errorf("keep the run: %w", err)
	}
	id := m.Started.Format("20060102-150405-") + hex.EncodeToString(tail)
	made := filepath.Join(string(d), hidden+"new-"+id)
	if err := os.Mkdir(made, 0o700); err != nil {
		return nil, fmt.Errorf("keep the run: %w", err)
	}
	lock, err := takeLock(filepath.Join(made, lockFile))
	if err == nil {
		err = writeJSON(filepath.Join(made, manifestFile), m)
	}
	path := filepath.Join(string(d), id)
	if err == nil {
		err = os.Rename(made, path)
	}
	if err == nil {
		err = syncDir(string(d))
	}
	if err != nil {
		if lock != nil {
			_ = lock.Close()
		}
		return nil, errors.Join(fmt.Errorf("keep the run: %w", err), os.RemoveAll(made))
	}
	return newRun(d, id, m, lock), nil
}

// Unreadable returns what there is of runs of which nobody can tell what they were asked:
// the path of each manifest, and what is wrong with it.
func (d Dir) Unreadable() ([]error, error) {
	files, err := os.ReadDir(string(d))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list unfinished runs: %w", err)
	}
	var out []error
	for _, f := range files {
		if !f.IsDir() || strings.HasPrefix(f.Name(), hidden) {
			continue
		}
		if _, err := os.Stat(filepath.Join(string(d), f.Name(), lockFile)); err != nil {
			continue // no run
		}
		if _, err := d.manifest(f.Name()); err != nil && !errors.Is(err, fs.ErrPermission) {
			path := filepath.Join(string(d), f.Name())
			out = append(out, fmt.Errorf("%s: %w", path, plain(err)))
		}
	}
	return out, nil
}

// List returns the runs, the newest first. What is no run is left out.
func (d Dir) List() ([]Entry, error) {
	files, err := os.ReadDir(string(d))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list unfinished runs: %w", err)
	}
	var out []Entry
	for _, f := range files {
		if !f.IsDir() || strings.HasPrefix(f.Name(), hidden) {
			continue
		}
		m, err := d.manifest(f.Name())
		if err != nil {
			continue
		}
		e := Entry{ID: f.Name(), Manifest: m}
		lock, err := takeLock(filepath.Join(string(d), f.Name(), lockFile))
		switch {
		case errors.Is(err, ErrInUse):
			e.InUse = true
		case err == nil:
			_ = lock.Close()
		}
		segments, err := filepath.Glob(filepath.Join(string(d), f.Name(), "*"+segmentEnding))
		if err != nil {
			return nil, fmt.Errorf("list unfinished runs: %w", err)
		}
		e.Scopes = len(segments)
		if _, err := os.Stat(filepath.Join(string(d), f.Name(), finishedFile)); err == nil {
			e.Finished = true
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b Entry) int {
		if c := b.Manifest.Started.Compare(a.Manifest.Started); c != 0 {
			return c
		}
		return strings.Compare(b.ID, a.ID)
	})
	return out, nil
}

func (d Dir) manifest(id string) (Manifest, error) {
	var m Manifest
	text, err := os.ReadFile(filepath.Join(string(d), id, manifestFile))
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, err
	}
	if m.Kind != manifestKind || m.Version != manifestVersion {
		return m, fmt.Errorf("it is no run that this version of metsuke knows (%s %d)", m.Kind, m.Version)
	}
	return m, nil
}

// Open opens a run to go on with it. The error is ErrInUse while another process is at
// it. Segments that are not whole are left out: their scopes are read again.
func (d Dir) Open(id string) (*Run, error) {
	if id != filepath.Base(id) || strings.HasPrefix(id, hidden) {
		return nil, fmt.Errorf("open the run %s: it is no name of a run", id)
	}
	m, err := d.manifest(id)
	if err != nil {
		return nil, fmt.Errorf("open the run %s: %w", id, err)
	}
	lock, err := takeLock(filepath.Join(string(d), id, lockFile))
	if err != nil {
		return nil, fmt.Errorf("open the run %s: %w", id, err)
	}
	r := newRun(d, id, m, lock)
	if err := r.load(); err != nil {
		return nil, errors.Join(fmt.Errorf("open the run %s: %w", id, err), lock.Close())
	}
	return r, nil
}

// Clean removes what processes left before the time that were killed while they made or
// removed a run.
func (d Dir) Clean(before time.Time) error {
	files, err := os.ReadDir(string(d))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("list unfinished runs: %w", err)
	}
	for _, f := range files {
		name := filepath.Join(string(d), f.Name())
		if !f.IsDir() || !strings.HasPrefix(f.Name(), hidden) {
			continue
		}
		if info, err := f.Info(); err != nil || !info.ModTime().Before(before) {
			continue
		}
		lock, err := takeLock(filepath.Join(name, lockFile))
		if err != nil {
			continue // somebody is about to finish it
		}
		_ = lock.Close()
		if err := os.RemoveAll(name); err != nil {
			return fmt.Errorf("remove what was left of a run: %w", err)
		}
	}
	return nil
}

// scopesFile holds the scopes of a provider once they have all been listed.
func scopesFile(provider string) string { return "scopes-" + nameOf(provider) + ".json" }

// segmentName is the file of a scope.
func segmentName(s providers.Scope) string { return nameOf(s.Provider, s.ID) }
