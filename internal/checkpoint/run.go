package checkpoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/metsuke-dev/metsuke/internal/inventory"
	"github.com/metsuke-dev/metsuke/providers"
)

// Run is a run whose directory is open. It is safe for concurrent use.
type Run struct {
	dir      Dir
	id       string
	manifest Manifest
	lock     *os.File // nil: nobody else knows of the directory

	reused atomic.Int64 // cells that were not read again

	mu       sync.Mutex
	whole    map[string]*segment // of scopes that were read, by the name of the file
	partial  map[string]*spool   // of those that are being read, or were and not in full
	scopes   []providers.Scope   // that were asked for
	wants    map[string][]providers.Want
	listings []providers.Gap   // of providers that could not list all of their scopes
	sums     map[string]string // of what was put, by the name of the file
	err      error             // the first of writing
}

func newRun(d Dir, id string, m Manifest, lock *os.File) *Run {
	return &Run{dir: d, id: id, manifest: m, lock: lock, whole: map[string]*segment{}, partial: map[string]*spool{}, wants: map[string][]providers.Want{}, sums: map[string]string{}}
}

// Temporary makes a run that no process goes on with, in a directory of its own below
// the given one; "" is that of the system for temporary files. It is for saving an
// inventory only.
func Temporary(dir string) (*Run, error) {
	path, err := os.MkdirTemp(dir, ".metsuke-spool-*")
	if err != nil {
		return nil, err
	}
	return newRun(Dir(filepath.Dir(path)), filepath.Base(path), Manifest{}, nil), nil
}

// ID names the run among those of its Dir.
func (r *Run) ID() string { return r.id }

// Manifest says what the run was asked.
func (r *Run) Manifest() Manifest { return r.manifest }

// Scopes returns how many scopes have been read.
func (r *Run) Scopes() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.whole)
}

// Empty reports whether not even a cell has been read.
func (r *Run) Empty() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.partial {
		if !s.empty() {
			return false
		}
	}
	return len(r.whole) == 0
}

// Reused returns how many cells were taken from what an earlier process had read.
func (r *Run) Reused() int { return int(r.reused.Load()) }

// Err returns the first error of writing. What was read after it may be missing on disk.
func (r *Run) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

func (r *Run) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
}

func (r *Run) path(name string) string { return filepath.Join(string(r.dir), r.id, name) }

// Put keeps a file with the run: whole, or not at all.
func (r *Run) Put(name string, text io.Reader) error {
	in, sum := summed(text)
	err := writeFile(r.path(name), func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	})
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sums[name] = sum()
	return nil
}

// Get opens a file that Put kept; the error is fs.ErrNotExist where there is none.
func (r *Run) Get(name string) (*os.File, error) { return os.Open(r.path(name)) }

// Finish says that the run came to its end and waits to be saved. What the caller needs
// for that it gives here and with Put; what was read is not kept besides.
func (r *Run) Finish(text []byte) error {
	last, sum := summed(bytes.NewReader(text))
	_, _ = io.Copy(io.Discard, last) // never fails: it is in memory
	r.mu.Lock()
	r.sums[finishedFile] = sum()
	r.mu.Unlock()
	if err := r.putSums(); err != nil {
		return err
	}
	// That this is there says that the run came to its end.
	if err := r.Put(finishedFile, bytes.NewReader(text)); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for name, s := range r.whole {
		errs = append(errs, s.Close(), os.Remove(s.file.Name()))
		delete(r.whole, name)
	}
	for name, s := range r.partial {
		errs = append(errs, s.close(true))
		delete(r.partial, name)
	}
	return errors.Join(errs...)
}

// Finished returns what was given to Finish. The error is ErrDamaged where that, or a file
// of Put, is not what it was.
func (r *Run) Finished() ([]byte, error) {
	if err := r.checkSums(); err != nil {
		return nil, err
	}
	return os.ReadFile(r.path(finishedFile))
}

// Close leaves the run for another process to go on with.
func (r *Run) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for _, s := range r.partial {
		errs = append(errs, s.close(false))
	}
	for _, s := range r.whole {
		errs = append(errs, s.Close())
	}
	if r.lock != nil {
		errs = append(errs, r.lock.Close())
	}
	r.lock, r.partial, r.whole = nil, map[string]*spool{}, map[string]*segment{}
	return errors.Join(errs...)
}

// Remove takes the run away. It is there as a whole until it is gone as a whole.
func (r *Run) Remove() error {
	path, gone := r.path(""), filepath.Join(string(r.dir), hidden+"old-"+strings.TrimPrefix(r.id, hidden))
	err := os.Rename(path, gone)
	if err != nil { // where a directory in use has to keep its name
		gone = path
	}
	return errors.Join(r.Close(), os.RemoveAll(gone))
}

// load reads what an earlier process has kept, and removes what nobody goes on with. The
// journals are read when their scopes are.
func (r *Run) load() error {
	files, err := os.ReadDir(r.path(""))
	if err != nil {
		return err
	}
	var gone []string
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), segmentEnding)
		switch filepath.Ext(f.Name()) {
		case segmentEnding:
			s, err := openSegment(r.path(f.Name()))
			switch {
			case err != nil: // it cannot be trusted: read the scope again
				gone = append(gone, f.Name())
			case segmentName(s.scope) != name:
				gone = append(gone, f.Name())
				_ = s.Close()
			default:
				r.whole[name] = s
			}
		case ".new", ".part":
			gone = append(gone, f.Name())
		}
	}
	for _, name := range gone {
		if err := os.Remove(r.path(name)); err != nil {
			return err
		}
	}
	return nil
}

// listed returns the scopes of a provider when an earlier process has listed all of them.
func (r *Run) listed(provider string) ([]providers.Scope, bool) {
	text, err := os.ReadFile(r.path(scopesFile(provider)))
	if err != nil {
		return nil, false
	}
	var out []providers.Scope
	return out, json.Unmarshal(text, &out) == nil
}

func (r *Run) keepListing(provider string, scopes []providers.Scope) {
	if err := writeJSON(r.path(scopesFile(provider)), scopes); err != nil {
		r.fail(fmt.Errorf("keep the accounts of %s: %w", provider, err))
	}
}

// unlisted records why there may be more scopes of a provider.
func (r *Run) unlisted(provider string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.listings = append(r.listings, inventory.GapOf(providers.Scope{Provider: provider}, err))
}

// asked records what was asked for in a scope.
func (r *Run) asked(s providers.Scope, want []providers.Want) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.ContainsFunc(r.scopes, func(known providers.Scope) bool { return segmentName(known) == segmentName(s) }) {
		r.scopes = append(r.scopes, s)
	}
	r.wants = maps.Clone(r.wants)
	r.wants[s.Provider] = want // the same for every scope of a provider
}
