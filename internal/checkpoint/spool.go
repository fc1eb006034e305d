package checkpoint

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

// spool takes what is read of one scope as it comes, in a journal from which another
// process can go on. Of each resource it keeps where its record lies, and what it is sorted
// by. It is a providers.Sink.
type spool struct {
	*Record
	scope providers.Scope
	want  []providers.Want
	file  *os.File
	fail  func(error)

	mu    sync.Mutex
	now   *attempt
	kept  map[journalPlace]*cellRead // by earlier processes, and not asked for yet
	done  []line                     // of the cells that are done
	cells int                        // that are done
	size  int64
	bad   bool // writing has failed
}

// line is where the record of a resource lies in the spool, and what it is sorted by.
type line struct {
	typ        providers.Type
	region, id string
	offset     int64
	length     int
}

// spool begins to take what is read of a scope, or goes on with it.
func (r *Run) spool(s providers.Scope, want []providers.Want) *spool {
	out := &spool{Record: NewRecord(), scope: s, want: want, fail: r.fail, now: newAttempt()}
	if err := out.begin(r.path(segmentName(s) + spoolEnding)); err != nil {
		out.bad = true
		r.fail(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.partial[segmentName(s)] = out
	return out
}

// begin opens the journal, cuts off what cannot be trusted, and writes the head.
func (s *spool) begin(name string) (err error) {
	if s.file, err = os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return err
	}
	head, err := encoded(journalHead{"head", journalVersion, s.scope, s.want})
	if err != nil {
		return err
	}
	if s.kept, s.size, err = readJournal(s.file, head); err != nil {
		return err
	}
	if err := s.file.Truncate(s.size); err != nil {
		return err
	}
	_, err = s.write(head)
	return err
}

// encoded returns a record.
func encoded(v any) ([]byte, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("keep what is read: %w", err)
	}
	return append(text, '\n'), nil
}

// write appends a record to the journal, and returns where it is.
func (s *spool) write(record []byte) (offset int64, err error) {
	text := sealed(record)
	if _, err := s.file.WriteAt(text, s.size); err != nil {
		return 0, fmt.Errorf("keep what is read: %w", err)
	}
	offset = s.size + checksumLength
	s.size += int64(len(text))
	return offset, nil
}

// keep appends a record, unless one before it could not be.
func (s *spool) keep(record []byte, err error) (offset int64, ok bool) {
	if s.bad {
		return 0, false
	}
	if err == nil {
		offset, err = s.write(record)
	}
	if err != nil {
		s.bad = true
		s.fail(err)
	}
	return offset, err == nil
}

// Plan implements providers.Sink.
func (s *spool) Plan(cells ...providers.Cell) {
	s.Record.Plan(cells...)
	places := make([]journalPlace, len(cells))
	for i, c := range cells {
		places[i] = placeOf(c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now.plan(places)
	s.keep(encoded(journalPlan{"plan", places}))
}

func placeOf(c providers.Cell) journalPlace { return journalPlace{c.Type, c.Region} }

// Resource implements providers.Sink.
func (s *spool) Resource(r providers.Resource) {
	record, err := report.InventoryLine(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	if offset, ok := s.keep(record, err); ok {
		cell := s.now.at(r.Type, r.Region)
		cell.lines = append(cell.lines, line{r.Type, r.Region, r.ID, offset, len(record)})
	}
}

// Gap implements providers.Sink.
func (s *spool) Gap(g providers.Gap) {
	s.Record.Gap(g)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now.gap(g)
	s.keep(encoded(journalGap{"gap", g}))
}

// finished records that a cell is done, for another process as well unless what sent it was
// cut short: then it may have left something out.
func (s *spool) finished(c providers.Cell, cut bool) {
	s.Done(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	place := placeOf(c)
	read, whole := s.now.done(place)
	s.cells++
	s.done = append(s.done, read.lines...)
	if whole && !cut {
		s.keep(encoded(journalDone{"done", place, len(read.lines)}))
	}
}

// take returns what an earlier process has read of a cell; nil is that it has not.
func (s *spool) take(c providers.Cell) *cellRead {
	s.mu.Lock()
	defer s.mu.Unlock()
	read := s.kept[placeOf(c)]
	if read != nil {
		delete(s.kept, placeOf(c))
		s.cells++
		s.done = append(s.done, read.lines...)
	}
	return read
}

// empty reports whether no cell has been read.
func (s *spool) empty() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cells == 0 && len(s.kept) == 0
}

// each hands over the resources of the lines until do fails.
func (s *spool) each(lines []line, do func(providers.Resource)) error {
	for _, l := range lines {
		r, err := providers.Resource{}, error(nil)
		dec := json.NewDecoder(io.NewSectionReader(s.file, l.offset, int64(l.length)))
		dec.UseNumber()
		if err = dec.Decode(&r); err != nil {
			return err
		}
		do(r)
	}
	return nil
}

// seal writes the segment of the scope.
func (s *spool) seal(file string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bad {
		return errors.New("what was read was not written in full")
	}
	lines := slices.Clone(s.done)
	for _, open := range s.now.open {
		lines = append(lines, open.lines...)
	}
	slices.SortFunc(lines, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.typ, b.typ), cmp.Compare(a.region, b.region), cmp.Compare(a.id, b.id), cmp.Compare(a.offset, b.offset))
	})
	inv := report.Inventory{Scopes: []providers.Scope{s.scope}, Wants: map[string][]providers.Want{s.scope.Provider: s.want}}
	s.Into(&inv)
	inv.Sort()
	return writeFile(file, func(w io.Writer) error {
		out := bufio.NewWriterSize(w, 1<<16)
		return errors.Join(report.WriteInventoryLines(out, inv, len(lines), func(w io.Writer) error { return s.copy(w, lines) }), out.Flush())
	})
}

// copy writes the records of resources in the order of the lines.
func (s *spool) copy(w io.Writer, lines []line) error {
	var buf []byte
	for _, l := range lines {
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
