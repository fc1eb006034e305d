package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers/snapshot"
)

// saved is an opened inventory. Its files stay open until the process ends.
type saved struct {
	*snapshot.Snapshot
	name string
	text *io.SectionReader // as unpacked
}

// digest identifies the text of the inventory, whether or not its file is compressed.
func (s saved) digest() (string, error) {
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(s.text, 0, s.text.Size())); err != nil {
		return "", fmt.Errorf("read the inventory %s: %w", s.name, plainPathError(err))
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// openSaved opens a saved inventory: a file, compressed with gzip or not, or "-" for
// standard input.
func openSaved(p *process, name string) (saved, error) {
	text, size, err := savedText(p, name)
	if err != nil {
		return saved{}, err
	}
	opt := snapshotOptions(p, name)
	if name == "-" {
		opt.Name = "standard input"
	}
	s, err := snapshot.Open(text, size, opt)
	return saved{s, opt.Name, io.NewSectionReader(text, 0, size)}, err
}

// snapshotOptions say what the providers could have read besides.
func snapshotOptions(p *process, name string) snapshot.Options {
	opt := snapshot.Options{Name: name}
	for _, l := range p.live {
		opt.Describe = append(opt.Describe, l.describe())
	}
	return opt
}

// savedText returns the text of an inventory. What cannot be read twice is unpacked
// into a temporary file, which is gone when the process is.
func savedText(p *process, name string) (io.ReaderAt, int64, error) {
	fail := func(err error) (io.ReaderAt, int64, error) {
		return nil, 0, fmt.Errorf("read the inventory %s: %w", name, plainPathError(err))
	}
	in := p.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, 0, fmt.Errorf("read the inventory: %w; `metsuke scan --save-inventory FILE` writes one", err)
		}
		info, err := f.Stat()
		if err != nil {
			return fail(err)
		}
		head := make([]byte, 2)
		if n, _ := f.ReadAt(head, 0); info.Mode().IsRegular() && !packed(head[:n]) {
			return f, info.Size(), nil
		}
		if info.IsDir() {
			return nil, 0, fmt.Errorf("read the inventory: %s is a directory; give the file that `metsuke scan --save-inventory FILE` wrote", name)
		}
		in = f
	}
	tmp, err := os.CreateTemp("", "metsuke-inventory-*")
	if err != nil {
		return fail(err)
	}
	_ = os.Remove(tmp.Name()) // it lives on without its name, where the system has that
	head := make([]byte, 2)
	n, err := io.ReadFull(in, head)
	if err != nil && n > 0 {
		return fail(err)
	}
	in = io.MultiReader(bytes.NewReader(head[:n]), in)
	if packed(head[:n]) {
		if in, err = gzip.NewReader(in); err != nil {
			return fail(err)
		}
	}
	size, err := io.Copy(tmp, in)
	if err != nil {
		return fail(fmt.Errorf("it is not whole: %w", err))
	}
	return tmp, size, nil
}

// packed recognises gzip.
func packed(head []byte) bool { return bytes.Equal(head, []byte{0x1f, 0x8b}) }

// target returns the selected providers of the inventory as something to judge.
func (s saved) target(sel selection) (target, error) {
	t := target{mode: "scan", regions: s.Regions()}
	var names []string
	for _, prov := range s.Providers() {
		names = append(names, prov.Describe().Name)
		if pick(sel.providers, prov.Describe().Name) {
			t.providers = append(t.providers, prov)
		}
	}
	if err := known("--provider", sel.providers, names); err != nil {
		return t, err
	}
	for _, st := range s.Statuses() {
		status := finding.ProviderStatus{Name: st.Name, Used: st.Used, Detail: st.Detail}
		if st.Used && !pick(sel.providers, st.Name) {
			status.Used, status.Detail = false, "not selected"
		}
		t.statuses = append(t.statuses, status)
	}
	if s.Interrupted() {
		t.notes = append(t.notes, "the inventory "+s.name+" was interrupted: it holds what had been read until then")
	}
	return t, nil
}

// saved opens a saved inventory as something to judge, as of the time at which it was
// taken unless --now says otherwise.
func (s *setup) saved(p *process, name string) (target, error) {
	from, err := openSaved(p, name)
	if err != nil {
		return target{}, err
	}
	if s.now == "" {
		s.now = from.Time().UTC().Format(time.RFC3339)
	}
	t, err := from.target(s.sel)
	for i := range t.statuses {
		if t.statuses[i].Used {
			t.statuses[i].Detail = "inventory of " + from.Time().UTC().Format(time.RFC3339)
		}
	}
	return t, err
}
