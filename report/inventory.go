package report

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// Inventory is what was collected, without any judgement. Everything in it is sorted.
type Inventory struct {
	Version     string // of metsuke
	Time        time.Time
	Interrupted bool
	Providers   []finding.ProviderStatus
	Scopes      []providers.Scope
	Wants       map[string][]providers.Want // by provider: what was asked for
	Regions     []string                    // patterns of the regions that were read; none is every one
	Cells       []InventoryCell
	Resources   []providers.Resource
	Gaps        []providers.Gap
	// Owner says whose a resource is; nil where nobody asks, and then no format tells.
	Owner func(providers.Resource) finding.Ownership
}

// InventoryCell is a cell and whether it was listed in full.
type InventoryCell struct {
	providers.Cell
	Read bool `json:"read"`
}

// InventoryVersion is the version of the ndjson and json inventories. It grows when a
// field is taken away or changes its meaning.
const InventoryVersion = 1

const inventoryKind = "metsuke.inventory"

// InventoryFormats returns the formats of an inventory.
func InventoryFormats() []string { return []string{"table", "ndjson", "json", "csv"} }

// Sort puts everything into the order of every format.
func (inv *Inventory) Sort() {
	slices.SortFunc(inv.Scopes, func(a, b providers.Scope) int {
		return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(inv.Cells, func(a, b InventoryCell) int {
		return cmp.Or(cmp.Compare(a.Scope.Provider, b.Scope.Provider), cmp.Compare(a.Scope.ID, b.Scope.ID), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Region, b.Region))
	})
	slices.SortFunc(inv.Resources, func(a, b providers.Resource) int {
		return cmp.Or(cmp.Compare(a.Scope.Provider, b.Scope.Provider), cmp.Compare(a.Scope.ID, b.Scope.ID), cmp.Compare(a.Type, b.Type),
			cmp.Compare(a.Region, b.Region), cmp.Compare(a.ID, b.ID))
	})
}

// coverage is how much was read.
func (inv Inventory) coverage() finding.Coverage {
	c := finding.Coverage{CellsPlanned: len(inv.Cells), Resources: len(inv.Resources), Gaps: inv.Gaps, Cures: []finding.Cure{}}
	for _, cell := range inv.Cells {
		if cell.Read {
			c.CellsRead++
		}
	}
	return c
}

// Run returns the inventory as a run in which nothing was judged.
func (inv Inventory) Run() finding.Run {
	return finding.Run{
		Mode: "inventory", Version: inv.Version, Time: inv.Time, Interrupted: inv.Interrupted, Providers: inv.Providers,
		Scopes: inv.Scopes, Coverage: inv.coverage(),
	}
}

// WriteInventory writes the inventory in one of InventoryFormats.
//
// The ndjson format can be read again: its first line says what was asked for, its
// last one how much there is, and a stream that does not end in such a line is not
// whole. Between them stand the cells, the resources and the gaps, one on each line,
// told apart by "kind".
func WriteInventory(w io.Writer, format string, o Options, inv Inventory) error {
	var b bytes.Buffer
	var err error
	switch format {
	case "ndjson":
		err = inv.ndjson(&b)
	case "json":
		err = inv.json(&b)
	case "csv":
		err = inv.csv(&b)
	case "table":
		inv.table(&b, o)
	default:
		err = unknownName("format", format, InventoryFormats())
	}
	if err != nil {
		return err
	}
	return write(w, b.Bytes())
}

type inventoryHead struct {
	Kind        string                      `json:"kind"`
	Version     int                         `json:"version"`
	Metsuke     string                      `json:"metsuke_version"`
	Time        time.Time                   `json:"time"`
	Interrupted bool                        `json:"interrupted,omitempty"`
	Providers   []finding.ProviderStatus    `json:"providers"`
	Scopes      []providers.Scope           `json:"scopes"`
	Wants       map[string][]providers.Want `json:"wants"`
	Regions     []string                    `json:"regions,omitempty"`
}

type inventoryEnd struct {
	Kind         string `json:"kind"`
	CellsPlanned int    `json:"cells_planned"`
	CellsRead    int    `json:"cells_read"`
	Resources    int    `json:"resources"`
	Gaps         int    `json:"gaps"`
	Interrupted  bool   `json:"interrupted,omitempty"`
}

func (inv Inventory) head() inventoryHead {
	h := inventoryHead{
		Kind: inventoryKind, Version: InventoryVersion, Metsuke: inv.Version, Time: inv.Time.UTC(), Interrupted: inv.Interrupted,
		Providers: orEmpty(inv.Providers), Scopes: orEmpty(inv.Scopes), Wants: inv.Wants,
		Regions: inv.Regions,
	}
	if h.Wants == nil {
		h.Wants = map[string][]providers.Want{}
	}
	return h
}

func (inv Inventory) end(resources int) inventoryEnd {
	c := inv.coverage()
	return inventoryEnd{"end", c.CellsPlanned, c.CellsRead, resources, len(c.Gaps), inv.Interrupted}
}

func (inv Inventory) ndjson(b *bytes.Buffer) error {
	return WriteInventoryLines(b, inv, len(inv.Resources), func(w io.Writer) error {
		for _, r := range inv.Resources {
			line, err := inv.line(r)
			if err != nil {
				return err
			}
			if _, err := w.Write(line); err != nil {
				return err
			}
		}
		return nil
	})
}

// WriteInventoryLines writes the ndjson format of an inventory that is too large to be
// held: instead of inv.Resources, resources writes the lines of so many of them, each
// as InventoryLine gives it, in the order of Inventory.Sort.
func WriteInventoryLines(w io.Writer, inv Inventory, n int, resources func(io.Writer) error) error {
	each := func(lines []any) error {
		for _, l := range lines {
			line, err := marshal(l, "")
			if err != nil {
				return err
			}
			if _, err := w.Write(line); err != nil {
				return err
			}
		}
		return nil
	}
	before, after := []any{inv.head()}, []any{}
	for _, c := range inv.Cells {
		before = append(before, struct {
			Kind string `json:"kind"`
			InventoryCell
		}{"cell", c})
	}
	for _, g := range inv.Gaps {
		after = append(after, lineGap{"gap", g})
	}
	if err := each(before); err != nil {
		return err
	}
	if err := resources(w); err != nil {
		return err
	}
	return each(append(after, inv.end(n)))
}

func (inv Inventory) json(b *bytes.Buffer) error {
	text, err := marshal(struct {
		inventoryHead
		Cells     []InventoryCell `json:"cells"`
		Resources any             `json:"resources"`
		Gaps      []providers.Gap `json:"gaps"`
		Coverage  struct {
			Planned int `json:"cells_planned"`
			Read    int `json:"cells_read"`
		} `json:"coverage"`
	}{
		inv.head(), orEmpty(inv.Cells), inv.owned(), orEmpty(inv.Gaps),
		struct {
			Planned int `json:"cells_planned"`
			Read    int `json:"cells_read"`
		}{inv.coverage().CellsPlanned, inv.coverage().CellsRead},
	}, "  ")
	b.Write(text)
	return err
}

// csv writes a row for each resource and each gap; the column "kind" tells them apart.
// Tags, attributes and what is unknown are JSON. Owners are in the last two columns, where
// somebody asks.
func (inv Inventory) csv(b *bytes.Buffer) error {
	records := [][]string{{
		"kind", "provider", "account", "account_name", "region", "type", "id", "name", "created", "tags", "attributes", "unknown", "reason", "permission", "message",
	}}
	for _, r := range inv.Resources {
		row := []string{"resource", r.Scope.Provider, r.Scope.ID, r.Scope.Name, r.Region, string(r.Type), r.ID, r.Name, created(r)}
		for _, v := range []any{r.Tags, r.Attributes, r.Unknown} {
			text, err := marshal(v, "")
			if err != nil {
				return err
			}
			if s := strings.TrimSpace(string(text)); s != "null" && s != "{}" {
				row = append(row, s)
			} else {
				row = append(row, "")
			}
		}
		row = append(row, "", "", "")
		if inv.Owner != nil {
			whose := inv.Owner(r)
			row = append(row, ownerName(whose), string(whose.Unknown))
		}
		records = append(records, row)
	}
	message := len(records[0]) - 1
	if inv.Owner != nil {
		records[0] = append(records[0], "owner", "owner_unknown")
	}
	for _, g := range inv.Gaps {
		row := []string{
			"gap", g.Scope.Provider, g.Scope.ID, g.Scope.Name, g.Region, string(g.Type), g.ID, "", "", "", "", g.Path,
			string(g.Reason), g.Permission, strings.TrimSpace(g.Call + " " + g.Err),
		}
		records = append(records, append(row, make([]string, len(records[0])-len(row))...))
	}
	end := make([]string, len(records[0]))
	end[0], end[message] = "coverage", coverageLine(inv.Run())
	for _, row := range append(records[1:], end) {
		for i := range row {
			row[i] = cellText(row[i])
		}
	}
	out := csv.NewWriter(b)
	if err := out.WriteAll(append(records, end)); err != nil {
		return fmt.Errorf("encode inventory: %w", err)
	}
	return nil
}

func created(r providers.Resource) string {
	if r.Created.IsZero() {
		return ""
	}
	return r.Created.UTC().Format(time.RFC3339)
}

func (inv Inventory) table(b *bytes.Buffer, o Options) {
	p := &page{b: b, o: o, paint: painter(o.Color), w: o.Width}
	if p.w > 0 {
		p.w = max(p.w, 40)
	}
	if inv.Interrupted {
		p.line("The inventory was interrupted: this is what had been read until then.", p.paint.warn)
		p.gap()
	}
	g := grid{head: []string{"TYPE", "NAME", "ACCOUNT", "REGION"}, least: []int{16, 16, 10, 0}}
	if inv.Owner != nil {
		g.head, g.least = append(g.head, "OWNER"), append(g.least, 8)
	}
	if !p.narrow() {
		g.head, g.least = append(g.head, "CREATED", "TAGS"), append(g.least, 0, 12)
	}
	for _, r := range inv.Resources {
		row := []cell{text(string(r.Type)), text(cmp.Or(r.Name, r.ID)), text(cmp.Or(r.Scope.Name, r.Scope.ID)), text(r.Region)}
		if inv.Owner != nil {
			row = append(row, text(ownerName(inv.Owner(r))))
		}
		if !p.narrow() {
			date, _, _ := strings.Cut(created(r), "T")
			row = append(row, text(date), text(cut(tagText(r), 60)))
		}
		g.rows = append(g.rows, row)
	}
	if len(g.rows) > 0 {
		p.grid(g)
	}
	run := inv.Run()
	p.unread(run)
	p.end(run)
}

// tagText lists the tags, or says why they are unknown.
func tagText(r providers.Resource) string {
	if why, ok := r.Unknown["tags"]; ok {
		return "unknown: " + string(why)
	}
	var out []string
	for _, k := range slices.Sorted(maps.Keys(r.Tags)) {
		out = append(out, k+"="+r.Tags[k])
	}
	return strings.Join(out, " ")
}
