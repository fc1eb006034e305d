package checkpoint

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

// spool takes what is read of one scope as it comes. Of each resource it keeps where its
// line lies, and what it is sorted by. It is a providers.Sink.
type spool struct {
	*Record
	scope providers.Scope
	want  []providers.Want
	file  *os.File
	fail  func(error)

	mu    sync.Mutex
	lines []line
	size  int64
	bad   bool // writing has failed
}

// line is where the line of a resource lies in the spool, and what it is sorted by.
type line struct {
	typ        providers.Type
	region, id string
	offset     int64
	length     int
}

// spool begins to take what is read of a scope.
func (r *Run) spool(s providers.Scope, want []providers.Want) *spool {
	out := &spool{Record: NewRecord(), scope: s, want: want, fail: r.fail}
	var err error
	if out.file, err = os.OpenFile(r.path(segmentName(s)+spoolEnding), os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600); err != nil {
		out.bad = true
		r.fail(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.partial[segmentName(s)] = out
	return out
}

// Resource implements providers.Sink.
func (s *spool) Resource(r providers.Resource) {
	text, err := report.InventoryLine(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bad {
		return
	}
	if err == nil {
		_, err = s.file.WriteAt(text, s.size)
	}
	if err != nil {
		s.bad = true
		s.fail(fmt.Errorf("keep what is read: %w", err))
		return
	}
	s.lines = append(s.lines, line{r.Type, r.Region, r.ID, s.size, len(text)})
	s.size += int64(len(text))
}

// seal writes the segment of the scope.
func (s *spool) seal(file string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bad {
		return errors.New("what was read was not written in full")
	}
	slices.SortFunc(s.lines, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.typ, b.typ), cmp.Compare(a.region, b.region), cmp.Compare(a.id, b.id), cmp.Compare(a.offset, b.offset))
	})
	inv := report.Inventory{Scopes: []providers.Scope{s.scope}, Wants: map[string][]providers.Want{s.scope.Provider: s.want}}
	s.Into(&inv)
	inv.Sort()
	return writeFile(file, func(w io.Writer) error {
		out := bufio.NewWriterSize(w, 1<<16)
		return errors.Join(report.WriteInventoryLines(out, inv, len(s.lines), s.copy), out.Flush())
	})
}

// copy writes the lines of the resources in their order.
func (s *spool) copy(w io.Writer) error {
	var buf []byte
	for _, l := range s.lines {
		buf = slices.Grow(buf[:0], l.length)[:l.length]
		if _, err := s.file.ReadAt(buf, l.offset); err != nil {
			return fmt.Errorf("read back what was read: %w", err)
		}
		if _, err := w.Write(buf); err != nil {
			return err
		}
	}
	return nil
}

// close closes the spool, and removes it unless it goes with its directory.
func (s *spool) close(remove bool) error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	if remove {
		err = errors.Join(err, os.Remove(s.file.Name()))
	}
	return err
}

// finish makes a segment of a scope that has been read.
func (r *Run) finish(s *spool) {
	name := segmentName(s.scope)
	err := s.seal(r.path(name + segmentEnding))
	var whole *segment
	if err == nil {
		whole, err = openSegment(r.path(name + segmentEnding))
	}
	if err != nil {
		r.fail(fmt.Errorf("keep %s %s: %w", s.scope.Provider, s.scope.ID, err))
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.whole[name] = whole
	delete(r.partial, name)
	if err := s.close(true); err != nil && r.err == nil {
		r.err = err
	}
}
