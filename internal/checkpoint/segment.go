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

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

// segment is the inventory of a scope, in a file. In memory is all but the resources.
type segment struct {
	file  *os.File
	scope providers.Scope
	want  []providers.Want
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

// openSegment reads the outline of a segment. It is an error when it is not whole.
func openSegment(name string) (*segment, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	s := &segment{file: f}
	if err := s.read(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), f.Close())
	}
	return s, nil
}

var errNotWhole = errors.New("the segment is not whole")

func (s *segment) read() error {
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
			err = s.head(text)
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

func (s *segment) head(text []byte) error {
	var h headLine
	if err := json.Unmarshal(text, &h); err != nil {
		return err
	}
	if len(h.Scopes) != 1 {
		return errNotWhole
	}
	s.scope = h.Scopes[0]
	s.want = h.Wants[s.scope.Provider]
	return nil
}

// resources reads the lines of the resources.
func (s *segment) resources() io.Reader { return io.NewSectionReader(s.file, s.offset, s.length) }

// each decodes the resources one by one. Numbers stay as they are written.
func (s *segment) each(do func(providers.Resource) error) error {
	return eachResource(s.resources(), do)
}

func eachResource(lines io.Reader, do func(providers.Resource) error) error {
	dec := json.NewDecoder(bufio.NewReaderSize(lines, 1<<16))
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
	err := s.each(func(r providers.Resource) error {
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

func (s *segment) close() error { return s.file.Close() }
