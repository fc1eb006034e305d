package main

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

// saver writes what a run reads as an inventory, beside judging it. Resources go to a
// temporary file as they come and are put in order at the end: what is kept of each is
// where it lies. It is safe for concurrent use.
type saver struct {
	*record
	file  string
	spool *os.File

	mu     sync.Mutex
	wants  map[string][]providers.Want
	scopes []providers.Scope
	lines  []savedLine
	size   int64
	err    error // the first of writing
}

// savedLine is where the line of a resource lies in the spool, and what it is sorted by.
type savedLine struct {
	provider, scope string
	typ             providers.Type
	region, id      string
	offset          int64
	length          int
}

// addSaveFlag adds --save-inventory.
func addSaveFlag(cmd *cobra.Command, file *string) {
	flags(cmd, "Report", func(f *pflag.FlagSet) {
		f.StringVar(file, "save-inventory", "", "also save what was read to a `FILE` (ndjson; compressed when it ends in .gz), to be judged again with scan --from")
	})
}

// newSaver opens the spool, in the directory of the file.
func newSaver(file string) (*saver, error) {
	fail := func(err error) (*saver, error) {
		return nil, fmt.Errorf("--save-inventory %s: cannot be written: %w", file, plainPathError(err))
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
	spool, err := os.CreateTemp(dir, ".metsuke-spool-*")
	if err != nil {
		return fail(err)
	}
	return &saver{record: newRecord(), file: file, spool: spool, wants: map[string][]providers.Want{}}, nil
}

// close removes the spool.
func (s *saver) close() {
	_ = s.spool.Close()
	_ = os.Remove(s.spool.Name())
}

// wrap returns the providers so that what they send is saved as well.
func (s *saver) wrap(ps []providers.Provider) []providers.Provider {
	out := make([]providers.Provider, len(ps))
	for i, p := range ps {
		saved := savedProvider{p, s}
		if known, ok := p.(interface{ Types() []providers.Type }); ok {
			out[i] = savedPlan{saved, known.Types}
		} else {
			out[i] = saved
		}
	}
	return out
}

// savedProvider is a provider that is saved while it is read.
type savedProvider struct {
	providers.Provider
	s *saver
}

// savedPlan is one that knows its types beforehand.
type savedPlan struct {
	savedProvider
	types func() []providers.Type
}

// Types implements the filter of internal/scan.
func (p savedPlan) Types() []providers.Type { return p.types() }

// Scopes records why there may be more of them.
func (p savedProvider) Scopes(ctx context.Context) ([]providers.Scope, error) {
	scopes, err := p.Provider.Scopes(ctx)
	if err != nil {
		p.s.Gap(scopeGap(providers.Scope{Provider: p.Describe().Name}, err))
	}
	return scopes, err
}

// Collect sends what is collected to both.
func (p savedProvider) Collect(ctx context.Context, sc providers.Scope, want []providers.Want, out providers.Sink) error {
	p.s.asked(sc, want)
	err := p.Provider.Collect(ctx, sc, want, savedSink{out, p.s})
	if err != nil && ctx.Err() == nil {
		p.s.failed(sc, want, err)
	}
	return err
}

type savedSink struct {
	out providers.Sink
	s   *saver
}

// Plan implements providers.Sink.
func (t savedSink) Plan(cells ...providers.Cell) { t.s.Plan(cells...); t.out.Plan(cells...) }

// Resource implements providers.Sink.
func (t savedSink) Resource(r providers.Resource) { t.s.resource(r); t.out.Resource(r) }

// Gap implements providers.Sink.
func (t savedSink) Gap(g providers.Gap) { t.s.Gap(g); t.out.Gap(g) }

// Done implements providers.Sink.
func (t savedSink) Done(c providers.Cell) { t.s.Done(c); t.out.Done(c) }

// asked records what was asked for in a scope.
func (s *saver) asked(sc providers.Scope, want []providers.Want) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scopes = append(s.scopes, sc)
	s.wants[sc.Provider] = want // the same for every scope of a provider
}

// resource appends one to the spool.
func (s *saver) resource(r providers.Resource) {
	line, err := report.InventoryLine(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil && err == nil {
		_, err = s.spool.Write(line)
	}
	if err != nil && s.err == nil {
		s.err = err
	}
	s.lines = append(s.lines, savedLine{r.Scope.Provider, r.Scope.ID, r.Type, r.Region, r.ID, s.size, len(line)})
	s.size += int64(len(line))
}

// write puts the inventory in order and in its place. The inventory says when it was
// taken, by which providers, and whether it was interrupted.
func (s *saver) write(inv report.Inventory) error {
	if s.err != nil {
		return fmt.Errorf("save the inventory: %w", plainPathError(s.err))
	}
	s.into(&inv)
	inv.Scopes, inv.Wants = s.scopes, maps.Clone(s.wants)
	inv.Sort()
	slices.SortFunc(s.lines, func(a, b savedLine) int {
		return cmp.Or(cmp.Compare(a.provider, b.provider), cmp.Compare(a.scope, b.scope), cmp.Compare(a.typ, b.typ), cmp.Compare(a.region, b.region),
			cmp.Compare(a.id, b.id), cmp.Compare(a.offset, b.offset))
	})
	return replaceWith(s.file, func(w io.Writer) error {
		var packed *gzip.Writer
		if strings.HasSuffix(s.file, ".gz") {
			packed = gzip.NewWriter(w)
			w = packed
		}
		out := bufio.NewWriterSize(w, 1<<16)
		err := report.WriteInventoryLines(out, inv, len(s.lines), s.copy)
		err = errors.Join(err, out.Flush())
		if packed != nil {
			err = errors.Join(err, packed.Close())
		}
		return err
	})
}

// copy writes the lines of the resources in their order.
func (s *saver) copy(w io.Writer) error {
	var buf []byte
	for _, l := range s.lines {
		buf = slices.Grow(buf[:0], l.length)[:l.length]
		if _, err := s.spool.ReadAt(buf, l.offset); err != nil {
			return fmt.Errorf("read back what was spooled: %w", err)
		}
		if _, err := w.Write(buf); err != nil {
			return err
		}
	}
	return nil
}
