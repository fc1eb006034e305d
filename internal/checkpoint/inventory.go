package checkpoint

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

// Inventory returns everything that was read as one inventory, in the ndjson format of
// package report. Of inv it takes what the caller knows: version, time, providers,
// regions, and whether the run was interrupted. The reader is there until the run is
// closed or removed; there can be several.
func (r *Run) Inventory(inv report.Inventory) (io.Reader, error) {
	if err := r.Err(); err != nil {
		return nil, fmt.Errorf("keep what was read: %w", plain(err))
	}
	segments, err := r.segments()
	if err != nil {
		return nil, fmt.Errorf("keep what was read: %w", plain(err))
	}
	r.mu.Lock()
	inv.Scopes, inv.Wants = slices.Clone(r.scopes), maps.Clone(r.wants)
	inv.Gaps = slices.Clone(r.listings)
	r.mu.Unlock()
	count := 0
	var resources []io.Reader
	for _, s := range segments {
		inv.Cells = append(inv.Cells, s.cells...)
		inv.Gaps = append(inv.Gaps, s.gaps...)
		resources = append(resources, s.resources())
		count += s.count
	}
	inv.Sort()
	// Those of one scope are in their order already.
	slices.SortStableFunc(inv.Gaps, func(a, b providers.Gap) int { return compareScopes(a.Scope, b.Scope) })
	var before, after bytes.Buffer
	out := &turning{to: &before}
	err = report.WriteInventoryLines(out, inv, count, func(io.Writer) error {
		out.to = &after
		return nil
	})
	if err != nil {
		return nil, err
	}
	return io.MultiReader(slices.Concat([]io.Reader{&before}, resources, []io.Reader{&after})...), nil
}

// turning writes to one place and then to another.
type turning struct{ to io.Writer }

// Write implements io.Writer.
func (t *turning) Write(b []byte) (int, error) { return t.to.Write(b) }

// segments returns those of every scope that was asked for, in the order of an
// inventory: also of those that were not read to their end, with what was read of them.
func (r *Run) segments() ([]*segment, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []*segment
	for _, s := range r.scopes {
		name := segmentName(s)
		whole := r.whole[name]
		if taken := r.partial[name]; taken != nil {
			// The ending keeps it from being taken for what was read in full.
			file := r.path(name + ".part")
			if err := taken.seal(file); err != nil {
				return nil, err
			}
			var err error
			if whole, err = openSegment(file); err != nil {
				return nil, err
			}
			r.whole[name+".part"] = whole
		}
		if part := r.whole[name+".part"]; whole == nil {
			whole = part
		}
		if whole != nil && !slices.Contains(out, whole) {
			out = append(out, whole)
		}
	}
	slices.SortFunc(out, func(a, b *segment) int { return compareScopes(a.scope, b.scope) })
	return out, nil
}

func compareScopes(a, b providers.Scope) int {
	return cmp.Or(strings.Compare(a.Provider, b.Provider), strings.Compare(a.ID, b.ID))
}

// plain drops the name of a file of the run, of which nobody knows, from an error.
func plain(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
