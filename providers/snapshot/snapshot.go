package snapshot

import (
	"io"
	"slices"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/providers"
)

// Options says how to read an inventory.
type Options struct {
	// Name is the file's name, for messages.
	Name string
	// Describe holds what the providers of live accounts can read. A type that one of
	// them has and that the inventory was taken without is then a Gap when it is
	// wanted. A provider of the file that is not among them has the types of the file.
	Describe []providers.Description
}

// Snapshot is a saved inventory. It is safe for concurrent use.
type Snapshot struct {
	r    io.ReaderAt
	opt  Options
	head head

	cells   map[place][]savedCell // in the order of the file
	gaps    []providers.Gap
	entries map[place][]entry
	count   int
}

// place is where resources are kept: a type of a scope.
type place struct {
	provider, scope string
	typ             providers.Type
}

// entry is where the text of one resource lies in the file.
type entry struct {
	offset int64
	length int
}

// Open reads the outline of an inventory. The file has to stay as it is until the last
// Collect. The error is an *Error when the file is not one whole inventory.
func Open(r io.ReaderAt, size int64, opt Options) (*Snapshot, error) {
	s := &Snapshot{r: r, opt: opt, cells: map[place][]savedCell{}, entries: map[place][]entry{}}
	if err := read(s, size); err != nil {
		return nil, err
	}
	return s, nil
}

// Time returns when the inventory was taken.
func (s *Snapshot) Time() time.Time { return s.head.Time }

// Version returns the version of metsuke that took the inventory.
func (s *Snapshot) Version() string { return s.head.Metsuke }

// Interrupted reports whether the inventory was interrupted: it then holds what had
// been read until then, and the rest is a Gap.
func (s *Snapshot) Interrupted() bool { return s.head.Interrupted }

// Regions returns the patterns of the regions that were read, none when every one was:
// what was asked for was then read in full, and is not all that there is.
func (s *Snapshot) Regions() []string { return slices.Clone(s.head.Regions) }

// Resources returns how many resources the inventory holds.
func (s *Snapshot) Resources() int { return s.count }

// Scopes returns the scopes of every provider, in the order of the file.
func (s *Snapshot) Scopes() []providers.Scope { return slices.Clone(s.head.Scopes) }

// Status says of a provider whether it took part when the inventory was taken, and
// with which credential or why not.
type Status struct {
	Name   string `json:"name"`
	Used   bool   `json:"used"`
	Detail string `json:"detail"`
}

// Statuses returns the providers that took part and those that did not.
func (s *Snapshot) Statuses() []Status { return slices.Clone(s.head.Providers) }

// Providers returns a Provider for each provider that the inventory was taken of,
// sorted by name.
func (s *Snapshot) Providers() []providers.Provider {
	names := map[string]bool{}
	for _, sc := range s.head.Scopes {
		names[sc.Provider] = true
	}
	for name := range s.head.Wants {
		names[name] = true
	}
	for _, g := range s.gaps { // one that could list no scope was not even asked
		names[g.Scope.Provider] = true
	}
	var out []providers.Provider
	for _, name := range sortedKeys(names) {
		p := s.provider(name)
		if p.live == nil {
			out = append(out, file{p})
		} else {
			out = append(out, p)
		}
	}
	return out
}

// file is a Provider whose types nobody describes: a plan, of which it matters what it
// holds and not what it could.
type file struct{ *Provider }

// Types returns the types of which there is a cell.
func (f file) Types() []providers.Type {
	var out []providers.Type
	for t := range f.wants {
		if slices.ContainsFunc(f.scopes, func(sc providers.Scope) bool { return len(f.s.cells[place{f.name, sc.ID, t}]) > 0 }) {
			out = append(out, t)
		}
	}
	slices.Sort(out)
	return out
}

func (s *Snapshot) provider(name string) *Provider {
	p := &Provider{s: s, name: name, wants: map[providers.Type]providers.Want{}}
	for _, w := range s.head.Wants[name] {
		p.wants[w.Type] = w
	}
	for _, sc := range s.head.Scopes {
		if sc.Provider == name {
			p.scopes = append(p.scopes, sc)
		}
	}
	for _, d := range s.opt.Describe {
		if d.Name == name {
			p.live = &d
		}
	}
	p.desc = p.describe()
	return p
}

// describe lists the types of the inventory with what it holds of them, and those that
// the live provider has besides.
func (p *Provider) describe() providers.Description {
	d := providers.Description{Name: p.name, Title: p.name}
	for _, w := range p.wants {
		d.Types = append(d.Types, providers.TypeInfo{Type: w.Type, Global: p.global(w.Type), Attributes: slices.Clone(w.Attributes)})
	}
	if p.live != nil {
		d.Title = p.live.Title
		for _, ti := range p.live.Types {
			if _, taken := p.wants[ti.Type]; !taken {
				d.Types = append(d.Types, providers.TypeInfo{Type: ti.Type, Global: true})
			}
		}
	}
	slices.SortFunc(d.Types, func(a, b providers.TypeInfo) int { return strings.Compare(string(a.Type), string(b.Type)) })
	return d
}

// global reports whether every cell of the type is for a whole scope.
func (p *Provider) global(t providers.Type) bool {
	for _, sc := range p.scopes {
		if slices.ContainsFunc(p.s.cells[place{p.name, sc.ID, t}], func(c savedCell) bool { return c.Region != "" }) {
			return false
		}
	}
	return true
}
