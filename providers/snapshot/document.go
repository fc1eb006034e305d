package snapshot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/metsuke-dev/metsuke/providers"
)

// document reads the json form: one object with the members of the head, and a list
// each of cells, resources and gaps.
func (r *reader) document(size int64) error {
	at := int64(0)
	in := io.NewSectionReader(r.r, 0, size)
	if b := make([]byte, 3); size >= 3 {
		if _, err := in.ReadAt(b, 0); err == nil && bytes.Equal(b, []byte("\xef\xbb\xbf")) {
			at = 3
		}
	}
	d := &documentReader{reader: r, start: at, dec: json.NewDecoder(io.NewSectionReader(r.r, at, size-at))}
	if err := d.read(); err != nil {
		return d.locate(err)
	}
	if err := r.known(); err != nil {
		return err
	}
	// A list may stand before the scopes in a file that somebody has sorted anew.
	for _, check := range d.later {
		if err := check(); err != nil {
			return err
		}
	}
	r.line = 0
	return r.check()
}

// documentReader walks through the json form.
type documentReader struct {
	*reader
	start int64 // of the text that dec reads, in the file
	dec   *json.Decoder
	later []func() error // what needs the head
}

func (d *documentReader) read() error {
	if err := d.expect('{'); err != nil {
		return err
	}
	head := map[string]json.RawMessage{}
	for d.dec.More() {
		t, err := d.dec.Token()
		if err != nil {
			return err
		}
		switch name, _ := t.(string); name {
		case "cells", "resources", "gaps":
			err = d.list(name)
		default:
			var raw json.RawMessage
			err = d.dec.Decode(&raw)
			head[name] = raw
		}
		if err != nil {
			return err
		}
	}
	if err := d.expect('}'); err != nil {
		return err
	}
	if t, err := d.dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("something follows the inventory: %v", t)
	}
	text, err := json.Marshal(head)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, &d.head)
}

func (d *documentReader) expect(delim json.Delim) error {
	t, err := d.dec.Token()
	if err == nil && t != delim {
		return fmt.Errorf("found %v where %v was expected", t, delim)
	}
	return err
}

// list reads one of the lists, element by element.
func (d *documentReader) list(name string) error {
	if err := d.expect('['); err != nil {
		return err
	}
	for d.dec.More() {
		var raw json.RawMessage
		if err := d.dec.Decode(&raw); err != nil {
			return err
		}
		check, err := d.element(name, raw, d.start+d.dec.InputOffset()-int64(len(raw)))
		if err != nil {
			return err
		}
		d.later = append(d.later, check)
	}
	return d.expect(']')
}

// element decodes one element and returns what takes it when the head is known.
func (d *documentReader) element(name string, raw json.RawMessage, offset int64) (func() error, error) {
	switch name {
	case "cells":
		var c savedCell
		return func() error { return d.cell(c) }, json.Unmarshal(raw, &c)
	case "gaps":
		var g providers.Gap
		return func() error { return d.gap(g) }, json.Unmarshal(raw, &g)
	}
	var o outline
	err := json.Unmarshal(raw, &o)
	return func() error { return d.resource(o, entry{offset, len(raw)}) }, err
}

// locate adds the line to an error of the decoder.
func (d *documentReader) locate(err error) error {
	var own *Error
	if errors.As(err, &own) {
		return err
	}
	at := d.dec.InputOffset()
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && syntax.Offset > at {
		at = syntax.Offset
	}
	d.line = lineAt(d.r, d.start+at)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return d.fail("the inventory ends in the middle: it is not whole", takeAgain)
	}
	return d.fail("this cannot be read as an inventory: "+err.Error(), takeOne)
}

// lineAt returns the line of a byte of the file, counted from 1.
func lineAt(r io.ReaderAt, offset int64) int {
	line := 1
	in := io.NewSectionReader(r, 0, offset)
	buf := make([]byte, 1<<16)
	for {
		n, err := in.Read(buf)
		line += bytes.Count(buf[:n], []byte("\n"))
		if err != nil {
			return line
		}
	}
}
