package github

import (
	"slices"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/providers"
)

// cell is one type of one organisation while it is being read.
type cell struct {
	scope providers.Scope
	typ   providers.Type
	want  []string
	out   providers.Sink
}

func newCell(s providers.Scope, t providers.Type, want []string, out providers.Sink) *cell {
	return &cell{scope: s, typ: t, want: want, out: out}
}

func (c *cell) cell() providers.Cell { return providers.Cell{Scope: c.scope, Type: c.typ} }

// wants reports whether any of the attributes is wanted.
func (c *cell) wants(attributes ...string) bool {
	return slices.ContainsFunc(attributes, func(a string) bool { return slices.Contains(c.want, a) })
}

// wanted returns those of the attributes that are wanted.
func (c *cell) wanted(attributes []string) []string {
	var out []string
	for _, a := range attributes {
		if slices.Contains(c.want, a) {
			out = append(out, a)
		}
	}
	return out
}

// gap reports what could not be read: of the resource with the id, or of every
// resource when it is empty; the attributes, or everything when there are none.
func (c *cell) gap(f *failure, id string, attributes ...string) {
	g := f.Gap()
	g.Scope, g.Type, g.ID, g.Path = c.scope, c.typ, id, strings.Join(attributes, ",")
	c.out.Gap(g)
}

// draft is a resource that is not sent yet. Only wanted attributes enter it.
type draft struct {
	cell *cell
	providers.Resource
}

func (c *cell) draft(id, name string) *draft {
	return &draft{cell: c, Resource: providers.Resource{
		Scope: c.scope, Type: c.typ, ID: id, Name: name,
		Tags: map[string]string{}, Attributes: map[string]any{},
	}}
}

func (d *draft) set(attribute string, value any) {
	if d.cell.wants(attribute) {
		d.Attributes[attribute] = value
	}
}

// mark makes those of the attributes unknown that are wanted, without a gap: the
// caller reports one for all resources.
func (d *draft) mark(f *failure, attributes ...string) {
	for _, a := range d.cell.wanted(attributes) {
		if d.Unknown == nil {
			d.Unknown = map[string]providers.Reason{}
		}
		d.Unknown[a] = f.reason
	}
}

// unknown makes those of the attributes unknown that are wanted, and reports the gap.
func (d *draft) unknown(f *failure, attributes ...string) {
	if w := d.cell.wanted(attributes); len(w) > 0 {
		d.mark(f, w...)
		d.cell.gap(f, d.ID, w...)
	}
}

func (d *draft) send() { d.cell.out.Resource(d.Resource) }

// timestamp returns t as attributes hold it; null when it is zero.
func timestamp(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UTC().Format(time.RFC3339)
}

// orNull returns what p points to, or null.
func orNull[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// sorted returns the distinct strings of in, sorted, as attributes hold a list.
func sorted(in []string) []any {
	in = slices.Clone(in)
	slices.Sort(in)
	out := []any{}
	for _, s := range slices.Compact(in) {
		out = append(out, s)
	}
	return out
}
