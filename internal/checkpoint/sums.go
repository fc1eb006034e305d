package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
)

// sumsFile holds the digests of the files of a run that came to its end, as sha256sum
// writes and checks them.
const sumsFile = "sha256sums"

// ErrDamaged says that a file of a run is not what it was when it was kept.
var ErrDamaged = errors.New("it is not what was kept")

// summed hashes what is read from text, and notes the digest with done.
func summed(text io.Reader) (in io.Reader, done func() string) {
	h := sha256.New()
	return io.TeeReader(text, h), func() string { return hex.EncodeToString(h.Sum(nil)) }
}

// putSums writes the digests of what was put.
func (r *Run) putSums() error {
	r.mu.Lock()
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(r.sums)) {
		fmt.Fprintf(&b, "%s  %s\n", r.sums[name], name)
	}
	r.mu.Unlock()
	return writeFile(r.path(sumsFile), func(w io.Writer) error {
		_, err := w.Write(b.Bytes())
		return err
	})
}

// checkSums holds every file that was put against its digest. A run that was kept before
// there were digests is not looked at.
func (r *Run) checkSums() error {
	text, err := os.ReadFile(r.path(sumsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		want, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok || strings.ContainsAny(name, `/\`) {
			return fmt.Errorf("%s: %w", sumsFile, ErrDamaged)
		}
		if err := r.checkSum(name, want); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (r *Run) checkSum(name, want string) error {
	f, err := os.Open(r.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return ErrDamaged
	}
	if err != nil {
		return err
	}
	in, done := summed(f)
	_, err = io.Copy(io.Discard, in)
	if err = errors.Join(err, f.Close()); err == nil && done() != want {
		err = ErrDamaged
	}
	return err
}
