package checkpoint

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/metsuke-dev/metsuke/providers"
)

// A journal is the file of a spool: what is read of a scope, a record on each line, in the
// order in which it comes. A line is the checksum of a record, a space, and the record as
// JSON.
//
// Every process that is at the scope begins with a head; what is not done before the head
// of the next one is void. A cell counts as read when its done is there, with as many
// resources as that says, and without a gap that says it was not listed in full. The first
// line that is not whole or not as it was written ends the journal: it and what follows are
// cut off. Lines are not synced one by one, so that after a power cut it is the checksum
// that tells how far the journal can be trusted.

const journalVersion = 1

type (
	journalHead struct {
		Kind    string           `json:"kind"`
		Version int              `json:"version"`
		Scope   providers.Scope  `json:"scope"`
		Want    []providers.Want `json:"want"`
	}
	journalPlan struct {
		Kind  string         `json:"kind"`
		Cells []journalPlace `json:"cells"`
	}
	journalPlace struct {
		Type   providers.Type `json:"type"`
		Region string         `json:"region,omitempty"`
	}
	journalGap struct {
		Kind string `json:"kind"`
		providers.Gap
	}
	journalDone struct {
		Kind string `json:"kind"`
		journalPlace
		Resources int `json:"resources"`
	}
)

// checksumLength is how much of a line comes before the record.
const checksumLength = 9

// sealed returns the line of a record, which ends in a line feed.
func sealed(record []byte) []byte {
	return append(fmt.Appendf(make([]byte, 0, checksumLength+len(record)), "%08x ", crc32.ChecksumIEEE(record)), record...)
}

// unsealed returns the record of a line; false is that it is not as it was written.
func unsealed(text []byte) ([]byte, bool) {
	if len(text) <= checksumLength {
		return nil, false
	}
	record := text[checksumLength:]
	return record, record[len(record)-1] == '\n' && bytes.Equal(text[:checksumLength], fmt.Appendf(nil, "%08x ", crc32.ChecksumIEEE(record)))
}

// cellRead is what there is of a cell.
type cellRead struct {
	lines  []line
	gaps   []providers.Gap
	missed bool // it was not listed in full
}

// attempt is what one process has read of a scope, up to some record of the journal.
type attempt struct {
	planned map[journalPlace]bool
	open    map[journalPlace]*cellRead // that are not done
	broken  bool                       // the scope as a whole was not read in full
}

func newAttempt() *attempt {
	return &attempt{planned: map[journalPlace]bool{}, open: map[journalPlace]*cellRead{}}
}

// at returns what there is of the cell from which something of the type and region came.
// A type that is listed once for the whole scope has resources of every region.
func (a *attempt) at(t providers.Type, region string) *cellRead {
	place := journalPlace{t, region}
	if !a.planned[place] {
		place.Region = ""
	}
	if a.open[place] == nil {
		a.open[place] = &cellRead{}
	}
	return a.open[place]
}

func (a *attempt) plan(cells []journalPlace) {
	for _, c := range cells {
		a.planned[c] = true
	}
}

func (a *attempt) gap(g providers.Gap) {
	whole := g.ID == "" && g.Path == ""
	if g.Type == "" { // it belongs to no cell, and is told again
		a.broken = a.broken || whole
		return
	}
	r := a.at(g.Type, g.Region)
	r.gaps, r.missed = append(r.gaps, g), r.missed || whole
}

// done takes a cell that is done out of the open ones, and says whether it was read whole.
func (a *attempt) done(c journalPlace) (r *cellRead, whole bool) {
	if r = a.open[c]; r == nil {
		r = &cellRead{}
	}
	delete(a.open, c)
	return r, a.planned[c] && !a.broken && !r.missed
}

// readJournal returns the cells that were read whole under the head, and how long the
// journal is as far as it can be trusted. One under another head is worth nothing.
func readJournal(f io.Reader, head []byte) (map[journalPlace]*cellRead, int64, error) {
	in := bufio.NewReaderSize(f, 1<<16)
	kept := map[journalPlace]*cellRead{}
	var now *attempt // nil before the first head
	for at := int64(0); ; {
		text, err := in.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, 0, fmt.Errorf("read what was read before: %w", err)
		}
		record, whole := unsealed(text)
		switch {
		case !whole:
			return kept, at, nil
		case bytes.Equal(record, head):
			now = newAttempt()
		case now == nil || !now.apply(record, at+checksumLength, kept):
			return kept, at, nil
		}
		at += int64(len(text))
	}
}

// apply takes a record into account. It returns false for one that nobody writes.
func (a *attempt) apply(record []byte, offset int64, kept map[journalPlace]*cellRead) bool {
	switch {
	case bytes.HasPrefix(record, []byte(`{"kind":"resource"`)):
		var r struct {
			Type   providers.Type `json:"type"`
			Region string         `json:"region"`
			ID     string         `json:"id"`
		}
		if json.Unmarshal(record, &r) != nil {
			return false
		}
		c := a.at(r.Type, r.Region)
		c.lines = append(c.lines, line{r.Type, r.Region, r.ID, offset, len(record)})
	case bytes.HasPrefix(record, []byte(`{"kind":"plan"`)):
		var p journalPlan
		if json.Unmarshal(record, &p) != nil {
			return false
		}
		a.plan(p.Cells)
	case bytes.HasPrefix(record, []byte(`{"kind":"gap"`)):
		var g journalGap
		if json.Unmarshal(record, &g) != nil {
			return false
		}
		a.gap(g.Gap)
	case bytes.HasPrefix(record, []byte(`{"kind":"done"`)):
		var d journalDone
		if json.Unmarshal(record, &d) != nil {
			return false
		}
		delete(kept, d.journalPlace)
		if r, whole := a.done(d.journalPlace); whole && len(r.lines) == d.Resources {
			kept[d.journalPlace] = r
		}
	default:
		return false
	}
	return true
}
