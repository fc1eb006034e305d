package checkpoint

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

// segment is the inventory of a scope, in a file. In memory is all but the resources.
type segment struct {
	File
	scope providers.Scope
	want  []providers.Want
}

// File is an inventory in the ndjson format of package report. In memory is all but the
// resources.
type File struct {
	file  *os.File
	head  headLine
	cells []report.InventoryCell
	gaps  []providers.Gap
	// The lines of the resources follow one another.
	offset, length int64
	count          int
}

// The lines of a segment that are not resources, decoded as far as they are needed.
type (
	headLine struct {
		Scopes []providers.Scope           `json:"scopes"`
		Wants  map[string][]providers.Want `json:"wants"`
	}
	endLine struct {
		Cells     int `json:"cells_planned"`
		Resources int `json:"resources"`
		Gaps      int `json:"gaps"`
	}
)

// OpenFile reads the outline of an inventory. It is an error when it is not whole, or was
// not written by this package. The File has the file from then on.
func OpenFile(f *os.File) (*File, error) {
	s := &File{file: f}
	if err := s.read(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", f.Name(), err), f.Close())
	}
	return s, nil
}

// openSegment reads the outline of a segment.
func openSegment(name string) (*segment, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	in, err := OpenFile(f)
	if err != nil {
		return nil, err
	}
	if len(in.head.Scopes) != 1 {
		return nil, errors.Join(errNotWhole, f.Close())
	}
	scope := in.head.Scopes[0]
	return &segment{*in, scope, in.head.Wants[scope.Provider]}, nil
}

var errNotWhole = errors.New("the inventory is not whole")

// Cells returns the cells, each with whether it was listed in full.
func (s *File) Cells() []report.InventoryCell { return slices.Clone(s.cells) }

func (s *File) read() error {
	in := bufio.NewReaderSize(s.file, 1<<16)
	at, ended := int64(0), false
	for {
		text, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(text) == 0 {
			break
		}
		if err != nil || ended {
			return errNotWhole
		}
		switch {
		case bytes.HasPrefix(text, []byte(`{"kind":"resource"`)):
			if s.count == 0 {
				s.offset = at
			}
			if s.offset+s.length != at {
				return errNotWhole
			}
			s.count++
			s.length += int64(len(text))
		case bytes.HasPrefix(text, []byte(`{"kind":"cell"`)):
			var c report.InventoryCell
			err = json.Unmarshal(text, &c)
			s.cells = append(s.cells, c)
		case bytes.HasPrefix(text, []byte(`{"kind":"gap"`)):
			var g providers.Gap
			err = json.Unmarshal(text, &g)
			s.gaps = append(s.gaps, g)
		case bytes.HasPrefix(text, []byte(`{"kind":"end"`)):
			var end endLine
			err = json.Unmarshal(text, &end)
			ended = end == endLine{len(s.cells), s.count, len(s.gaps)}
		case at == 0:
			err = json.Unmarshal(text, &s.head)
		default:
			return errNotWhole
		}
		if err != nil {
			return err
		}
		at += int64(len(text))
	}
	if !ended {
		return errNotWhole
	}
	return nil
}

// resources reads the lines of the resources.
func (s *File) resources() io.Reader { return io.NewSectionReader(s.file, s.offset, s.length) }

// Each hands over the resources one by one until do fails. Numbers stay as they are
// written.
func (s *File) Each(do func(providers.Resource) error) error {
	dec := json.NewDecoder(bufio.NewReaderSize(s.resources(), 1<<16))
	dec.UseNumber()
	for {
		var r providers.Resource
		err := dec.Decode(&r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = do(r)
		}
		if err != nil {
			return err
		}
	}
}

// replay sends what was read, as it was read.
func (s *segment) replay(ctx context.Context, out providers.Sink) error {
	for _, c := range s.cells {
		out.Plan(c.Cell)
	}
	for _, g := range s.gaps {
		out.Gap(g)
	}
	err := s.Each(func(r providers.Resource) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		out.Resource(r)
		return nil
	})
	if err != nil {
		return err
	}
	for _, c := range s.cells {
		out.Done(c.Cell)
	}
	return nil
}

// Close closes the file.
func (s *File) Close() error { return s.file.Close() }
