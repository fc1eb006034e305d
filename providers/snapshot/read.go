package snapshot

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/metsuke-dev/metsuke/providers"
)

// kind and version are those of package report, which writes the files.
const (
	kind    = "metsuke.inventory"
	version = 1
)

type head struct {
	Kind        string                      `json:"kind"`
	Version     int                         `json:"version"`
	Metsuke     string                      `json:"metsuke_version"`
	Time        time.Time                   `json:"time"`
	Interrupted bool                        `json:"interrupted"`
	Providers   []Status                    `json:"providers"`
	Scopes      []providers.Scope           `json:"scopes"`
	Wants       map[string][]providers.Want `json:"wants"`
	Regions     []string                    `json:"regions"`
}

// savedCell is a cell and whether it was listed in full.
type savedCell struct {
	providers.Cell
	Read bool `json:"read"`
}

// outline is what is looked at of a resource before it is wanted.
type outline struct {
	Scope struct {
		Provider string `json:"provider"`
		ID       string `json:"id"`
	} `json:"scope"`
	Type       providers.Type `json:"type"`
	ID         string         `json:"id"`
	Tags       object         `json:"tags"`
	Attributes object         `json:"attributes"`
	Unknown    object         `json:"unknown"`
}

// object is a JSON object that is not looked into.
type object struct{}

// UnmarshalJSON refuses anything but an object or null.
func (object) UnmarshalJSON(b []byte) error {
	if b[0] != '{' && b[0] != 'n' {
		return fmt.Errorf("tags, attributes and unknown are objects, not %.20s", b)
	}
	return nil
}

// end is the last line: what the file must hold to be whole.
type end struct {
	Cells     int `json:"cells_planned"`
	Resources int `json:"resources"`
	Gaps      int `json:"gaps"`
}

// reader passes over a file once.
type reader struct {
	*Snapshot
	line  int           // of what is read now
	first map[place]int // the line of the first resource of a place
}

// read fills the snapshot.
func read(s *Snapshot, size int64) error {
	r := &reader{Snapshot: s, first: map[place]int{}}
	in := bufio.NewReaderSize(io.NewSectionReader(s.r, 0, size), 1<<16)
	if b, _ := in.Peek(3); bytes.Equal(b, []byte("\xef\xbb\xbf")) {
		_, _ = in.Discard(3) // a mark of UTF-8 is harmless; it was peeked at, so it is there
		return r.file(in, 3, size)
	}
	return r.file(in, 0, size)
}

func (r *reader) file(in *bufio.Reader, offset, size int64) error {
	switch b, _ := in.Peek(4); {
	case len(bytes.TrimSpace(b)) == 0 && size <= 4:
		return r.fail("the file is empty", takeOne)
	case len(b) > 1 && (b[0] == 0 || b[1] == 0 || b[0] == 0xff || b[0] == 0xfe):
		return r.fail("the file is not in UTF-8", "in PowerShell, write it with -o FILE and not with >")
	}
	first, err := in.ReadBytes('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read %s: %w", r.opt.Name, err)
	}
	var members map[string]json.RawMessage
	if json.Unmarshal(first, &members) != nil || members["resources"] != nil {
		return r.document(size) // the json form begins with a line that is no value, or is all in one
	}
	return r.lines(in, first, offset)
}

// fail returns an Error about the line that is read now.
func (r *reader) fail(why, fix string) error {
	return &Error{File: r.opt.Name, Line: r.line, Why: why, Fix: fix}
}

// lines reads the ndjson form.
func (r *reader) lines(in *bufio.Reader, line []byte, offset int64) error {
	var ended bool
	for r.line = 1; ; r.line++ {
		text := bytes.TrimRight(line, "\r\n")
		switch {
		case len(bytes.TrimSpace(text)) == 0:
		case ended:
			return r.fail("something follows the last line of the inventory: these are several in one file", "keep one inventory in each file")
		default:
			var err error
			if ended, err = r.one(text, offset); err != nil {
				return err
			}
		}
		offset += int64(len(line))
		var err error
		line, err = in.ReadBytes('\n')
		if len(line) == 0 && errors.Is(err, io.EOF) {
			break
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read %s: %w", r.opt.Name, err)
		}
	}
	if !ended {
		return r.fail("the inventory ends without its last line: it is not whole", takeAgain)
	}
	r.line = 0
	return r.check()
}

// one takes one line, and reports whether it is the last.
func (r *reader) one(text []byte, offset int64) (last bool, err error) {
	if r.line > 1 && bytes.HasPrefix(text, []byte(`{"kind":"resource",`)) { // as most lines do: once is enough
		return false, r.outline(text, offset)
	}
	var k struct {
		Kind *string `json:"kind"`
	}
	if err := r.decode(text, &k); err != nil {
		return false, err
	}
	if r.line == 1 {
		if err := r.decode(text, &r.head); err != nil {
			return false, err
		}
		return false, r.known()
	}
	if k.Kind == nil {
		return false, r.fail("the line has no kind", takeAgain)
	}
	switch *k.Kind {
	case "cell":
		var c savedCell
		if err := r.decode(text, &c); err != nil {
			return false, err
		}
		return false, r.cell(c)
	case "resource":
		return false, r.outline(text, offset)
	case "gap":
		var g providers.Gap
		if err := r.decode(text, &g); err != nil {
			return false, err
		}
		return false, r.gap(g)
	case "end":
		var e end
		if err := r.decode(text, &e); err != nil {
			return false, err
		}
		return true, r.ends(e)
	}
	return false, r.fail(fmt.Sprintf("there is no line of the kind %.40q in an inventory", *k.Kind), "use a newer release of metsuke, or "+takeAgain)
}

func (r *reader) outline(text []byte, offset int64) error {
	var o outline
	if err := r.decode(text, &o); err != nil {
		return err
	}
	return r.resource(o, entry{offset, len(text)})
}

func (r *reader) decode(text []byte, v any) error {
	if err := json.Unmarshal(text, v); err != nil {
		return r.fail("this cannot be read: "+err.Error(), takeAgain)
	}
	return nil
}

// known refuses what is no inventory of a known version.
func (r *reader) known() error {
	switch h := r.head; {
	case h.Kind == "":
		return r.fail("this is no inventory: it does not begin with its kind", takeOne)
	case h.Kind != kind:
		return r.fail(fmt.Sprintf("this is a %.40s, not an inventory", h.Kind), takeOne)
	case h.Version != version:
		return r.fail(fmt.Sprintf("the inventory has version %d; version %d is known", h.Version, version), "use the release of metsuke that wrote it, or take the inventory again")
	case h.Time.IsZero():
		return r.fail("the inventory does not say when it was taken", takeAgain)
	}
	return nil
}

// scope refuses what belongs to a scope that the head does not name.
func (r *reader) scope(s providers.Scope) error {
	if !slices.ContainsFunc(r.head.Scopes, func(o providers.Scope) bool { return o.Provider == s.Provider && o.ID == s.ID }) {
		return r.fail(fmt.Sprintf("%s %q is not among the scopes of the inventory", s.Provider, s.ID), takeAgain)
	}
	return nil
}

func (r *reader) cell(c savedCell) error {
	if err := r.scope(c.Scope); err != nil {
		return err
	}
	at := place{c.Scope.Provider, c.Scope.ID, c.Type}
	if c.Type == "" || slices.ContainsFunc(r.cells[at], func(o savedCell) bool { return o.Region == c.Region }) {
		return r.fail("a cell has no type, or is there twice", takeAgain)
	}
	r.cells[at] = append(r.cells[at], c)
	return nil
}

func (r *reader) resource(o outline, e entry) error {
	if o.ID == "" || o.Type == "" {
		return r.fail("a resource has no id or no type", takeAgain)
	}
	if err := r.scope(providers.Scope{Provider: o.Scope.Provider, ID: o.Scope.ID}); err != nil {
		return err
	}
	at := place{o.Scope.Provider, o.Scope.ID, o.Type}
	if _, ok := r.first[at]; !ok {
		r.first[at] = r.line
	}
	r.entries[at] = append(r.entries[at], e)
	r.count++
	return nil
}

func (r *reader) gap(g providers.Gap) error {
	if g.Reason == "" || g.Scope.Provider == "" {
		return r.fail("a gap has no reason or no scope", takeAgain)
	}
	if g.Scope.ID != "" { // a provider that could not list its scopes has none to name
		if err := r.scope(g.Scope); err != nil {
			return err
		}
	}
	r.gaps = append(r.gaps, g)
	return nil
}

// ends compares what was read with what there was.
func (r *reader) ends(e end) error {
	cells := 0
	for _, c := range r.cells {
		cells += len(c)
	}
	if cells != e.Cells || r.count != e.Resources || len(r.gaps) != e.Gaps {
		return r.fail(fmt.Sprintf("the inventory is not whole: there are %d of %d cells, %d of %d resources, %d of %d gaps",
			cells, e.Cells, r.count, e.Resources, len(r.gaps), e.Gaps), takeAgain)
	}
	return nil
}

// check looks at what can be told only at the end: a resource of which no cell was
// announced would be judged without being counted.
func (r *reader) check() error {
	if len(r.head.Scopes) == 0 && len(r.gaps) == 0 {
		return r.fail("the inventory holds no account", takeAgain)
	}
	for at, line := range r.first {
		if len(r.cells[at]) > 0 && slices.ContainsFunc(r.head.Wants[at.provider], func(w providers.Want) bool { return w.Type == at.typ }) {
			continue
		}
		r.line = line
		return r.fail(fmt.Sprintf("there is a resource of type %s, of which %s %s announces no cell or the inventory no attributes", at.typ, at.provider, at.scope), takeAgain)
	}
	return nil
}
