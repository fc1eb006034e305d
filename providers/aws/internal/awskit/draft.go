package awskit

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/metsuke-dev/metsuke/providers"
)

// Draft is a resource being filled in. What is not wanted is dropped at once,
// and what could not be read becomes an Unknown and a Gap in one step, so that
// the two cannot drift apart. Details that are read side by side may share it; only
// one of them may set Created.
type Draft struct {
	// ID, Name and Region identify the resource; Region defaults to the cell's.
	ID, Name, Region string
	Created          time.Time
	cell             *Cell
	mu               sync.Mutex // guards what follows
	tags             map[string]string
	attributes       map[string]any
	unknown          map[string]providers.Reason
	dropped          bool
	gaps             []providers.Gap // sent with the resource: one that is gone has none
}

func newDraft(c *Cell) *Draft {
	return &Draft{
		cell: c, Region: c.Region,
		tags: map[string]string{}, attributes: map[string]any{}, unknown: map[string]providers.Reason{},
	}
}

// Set gives an attribute its value: nil when the API says that nothing is
// configured. Typed values (pointers, enumerations, structs) are turned into plain
// JSON values. An attribute that nobody wants is dropped.
func (d *Draft) Set(attribute string, v any) {
	if !d.cell.want[attribute] {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.attributes[attribute] = Plain(v)
}

// Wants reports whether any of the attributes is wanted, to spare work.
func (d *Draft) Wants(attributes ...string) bool { return d.cell.Wants(attributes...) }

// Tag sets one tag. Tags are dropped when nobody wants them.
func (d *Draft) Tag(k, v string) {
	if !d.cell.want["tags"] {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tags[k] = v
}

// Drop leaves the resource out: it was deleted since it was listed.
func (d *Draft) Drop() { d.dropped = true }

// Fail says that one attribute, or the part of it at path ("analyzers.2"), could
// not be read: use it where the rest of a detail stands; otherwise return the error.
func (d *Draft) Fail(path string, err error) {
	top, _, _ := strings.Cut(path, ".")
	if !d.cell.want[top] {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	g := d.cell.gap(err)
	g.ID, g.Path = d.ID, path
	d.unknown[path] = g.Reason
	if path == top {
		delete(d.attributes, top)
	}
	d.gaps = append(d.gaps, g)
}

// failDetail marks the attributes of a failed detail as unknown.
func (d *Draft) failDetail(attributes []string, shared bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	g := d.cell.gap(err)
	var paths []string
	for _, a := range attributes {
		if !d.cell.want[a] {
			continue
		}
		paths = append(paths, a)
		d.unknown[a] = g.Reason
		delete(d.attributes, a)
		if a == "tags" {
			clear(d.tags)
		}
	}
	g.Path = strings.Join(slices.Sorted(slices.Values(paths)), ",")
	if shared {
		if _, reported := d.cell.gaps.LoadOrStore(g.Call+" "+g.Path, true); !reported {
			d.cell.out.Gap(g)
		}
		return
	}
	g.ID = d.ID
	d.gaps = append(d.gaps, g)
}

// emit hands the resource over. A wanted attribute that nothing set is a bug of
// the collector: it is unknown, never absent.
func (d *Draft) emit() {
	if d.dropped {
		return
	}
	for a := range d.cell.want {
		if a == "tags" {
			continue
		}
		if _, ok := d.attributes[a]; ok {
			continue
		}
		if _, ok := d.unknown[a]; ok {
			continue
		}
		d.unknown[a] = providers.Failed
		d.cell.out.Gap(providers.Gap{
			Scope: d.cell.Account.Scope, Region: d.cell.Region, Type: d.cell.info.Type, ID: d.ID, Path: a,
			Reason: providers.Failed, Err: "the collector did not set the attribute",
		})
	}
	slices.SortFunc(d.gaps, func(a, b providers.Gap) int { return strings.Compare(a.Path, b.Path) })
	for _, g := range d.gaps {
		d.cell.out.Gap(g)
	}
	r := providers.Resource{
		Scope: d.cell.Account.Scope, Type: d.cell.info.Type, ID: d.ID, Name: d.Name, Region: d.Region,
		Tags: d.tags, Created: d.Created, Attributes: d.attributes,
	}
	if len(d.unknown) > 0 {
		r.Unknown = maps.Clone(d.unknown)
	}
	d.cell.out.Resource(r)
}
