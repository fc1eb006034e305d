package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/sync/errgroup"

	"github.com/metsuke-dev/metsuke/internal/checkpoint"
	"github.com/metsuke-dev/metsuke/internal/demo"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/inventory"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

func newInventory(p *process) *cobra.Command {
	var s setup
	var o outputs
	var simulated bool
	var attributes []string
	var from string
	cmd := &cobra.Command{
		Use:   "inventory",
		Short: "List everything that the credentials reach, without judging it",
		Long: `Read everything that the credentials reach, with every attribute, and write it
sorted. No policy judges it. The ndjson format is a snapshot: one resource or gap on
each line, the first line says what was asked for and the last one how much there is.
metsuke scan --from and metsuke gate --against read it. Bills are left out, because
reading them costs money, unless --attribute spend or the configuration asks for them.

With an owners.yaml, or owner_tags in the configuration, it says whose everything is, and
what that takes is read even where --attribute leaves it out. Where the tagging standard lets
resources inherit tags, those of the accounts and projects are read as well.`,
		Example: `  metsuke inventory --demo
  metsuke inventory --type aws_s3_bucket --attribute tags,versioning
  metsuke inventory --format ndjson > snapshot.ndjson
  metsuke inventory -o inventory.csv -o snapshot.ndjson
  metsuke inventory --from snapshot.ndjson --type aws_s3_bucket --format csv`,
		Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.checkFor(report.InventoryFormats()); err != nil {
				return err
			}
			if _, err := s.load(cmd); err != nil {
				return err
			}
			t := target{mode: "scan"}
			switch {
			case from != "" && simulated:
				return errors.New("--from and --demo exclude each other: both say what is listed")
			case from != "":
				saved, err := openSaved(p, from)
				if err != nil {
					return err
				}
				if t, err = saved.target(s.sel); err != nil {
					return err
				}
				p.now = saved.Time
			case simulated:
				sim, err := openDemo(p, s.sel)
				if err != nil {
					return err
				}
				defer sim.close()
				t, p.now = sim.target, demo.Now
			default:
				var err error
				if t.providers, t.statuses, err = openLive(cmd.Context(), p, s.config, s.sel); err != nil {
					return err
				}
				if len(t.providers) == 0 {
					return nothingToScan(t.statuses)
				}
				tell(p, t.statuses)
			}
			inv, err := s.collect(cmd.Context(), p, t, attributes)
			if err != nil {
				return err
			}
			return o.writeInventory(p, inv)
		},
	}
	exits(cmd, "0  the inventory was written", "2  usage, configuration or internal error, or nothing that could be read",
		"3  less was read than --require-coverage asks for, or --incomplete=fail and something could not be read",
		"130  interrupted: what was read is written")
	flags(cmd, "What (repeatable; * is a wildcard, a leading ! takes away)", func(f *pflag.FlagSet) {
		f.StringVar(&from, "from", "", "read a saved inventory instead of live accounts: a `FILE`, also .gz, or - for standard input")
		f.BoolVar(&simulated, "demo", false, "read the simulated estate instead of live accounts")
		f.StringSliceVar(&s.sel.types, "type", nil, "resource `TYPE`: aws_s3_bucket, aws_*")
		f.StringSliceVar(&attributes, "attribute", nil, "attributes of them by `NAME`, tags included")
	})
	completeWith(cmd, "type", typeNames)
	s.sel.addScopeFlags(cmd, liveNames(p))
	o.addFileFlags(cmd, report.InventoryFormats())
	o.addCoverageFlags(cmd)
	s.owners.addFlag(cmd)
	flags(cmd, "General", func(f *pflag.FlagSet) {
		f.StringVarP(&s.file, "config", "c", defaultConfig, "configuration `FILE`; the default one may be absent")
		s.tags.addFlag(f)
	})
	return cmd
}

// collect reads the selected types and attributes of every provider.
func (s *setup) collect(ctx context.Context, p *process, t target, attributes []string) (report.Inventory, error) {
	inv := report.Inventory{Version: version(), Time: p.now().UTC().Truncate(time.Second), Providers: t.statuses, Wants: map[string][]providers.Want{}, Regions: s.limits(t)}
	sel := newFound(s.sel)
	wants, err := everything(descriptions(t.providers), s.sel.types, attributes)
	if err != nil {
		return inv, err
	}
	if len(s.tags.standard.Inherited()) > 0 {
		readHolderTags(t.providers)
	}
	s.withoutBills(t, wants, attributes)
	for _, prov := range t.providers {
		name := prov.Describe().Name
		wants[name] = s.owners.listing(prov, wants[name])
	}
	if s.owners.told {
		inv.Owner = func(r providers.Resource) finding.Ownership { return s.owners.of(r, nil) }
		s.owners.prepare(t.providers)
	}
	ps, scopes, err := discover(ctx, p, t.providers)
	if err != nil {
		return inv, err
	}
	if err := sel.checkAccounts(scopes); err != nil && ctx.Err() == nil {
		return inv, err
	}
	sink := &collected{found: sel, Record: checkpoint.NewRecord(), progress: newProgress(p, sel)}
	g := errgroup.Group{}
	g.SetLimit(8)
	for _, prov := range ps {
		name := prov.Describe().Name
		scopes, err := prov.Scopes(ctx)
		if err != nil {
			sink.Record.Gap(inventory.GapOf(providers.Scope{Provider: name}, err))
		}
		inv.Wants[name] = wants[name]
		for _, sc := range scopes {
			if !sel.scope(sc) || len(wants[name]) == 0 {
				continue
			}
			inv.Scopes = append(inv.Scopes, sc)
			for i := range inv.Providers {
				if inv.Providers[i].Name == name {
					inv.Providers[i].Scopes++
				}
			}
			g.Go(func() error {
				if err := prov.Collect(ctx, sc, wants[name], sink); err != nil && ctx.Err() == nil {
					sink.Failed(sc, wants[name], err)
				}
				return nil
			})
		}
	}
	_ = g.Wait() // what fails is a Gap
	sink.progress.stop()
	inv.Interrupted = ctx.Err() != nil
	if !inv.Interrupted {
		if _, err := sel.checkRegions(sink.Gaps()); err != nil {
			return inv, err
		}
	}
	sink.Into(&inv)
	inv.Resources = sink.resources
	inv.Sort()
	return inv, nil
}

// everything returns what to ask each provider for.
func everything(ds []providers.Description, types, attributes []string) (map[string][]providers.Want, error) {
	var typeNames, attributeNames []string
	for _, d := range ds {
		for _, w := range d.Everything() {
			typeNames = append(typeNames, string(w.Type))
			if pick(types, string(w.Type)) {
				attributeNames = append(append(attributeNames, w.Attributes...), "tags")
			}
		}
	}
	if err := known("--type", types, typeNames); err != nil {
		return nil, err
	}
	slices.Sort(attributeNames)
	if err := known("--attribute", attributes, slices.Compact(attributeNames)); err != nil {
		return nil, err
	}
	out := map[string][]providers.Want{}
	for _, d := range ds {
		for _, w := range d.Everything() {
			if pick(types, string(w.Type)) {
				w.Attributes = slices.DeleteFunc(w.Attributes, func(a string) bool { return !pick(attributes, a) })
				out[d.Name] = append(out[d.Name], w)
			}
		}
	}
	return out, nil
}

// collected is a Sink that keeps everything in the selected regions.
type collected struct {
	*checkpoint.Record
	found     *found
	progress  *progress
	mu        sync.Mutex
	resources []providers.Resource
}

// Plan implements providers.Sink.
func (c *collected) Plan(cells ...providers.Cell) {
	cells = slices.DeleteFunc(slices.Clone(cells), func(cell providers.Cell) bool { return !c.found.region(cell.Region) })
	c.Record.Plan(cells...)
	c.progress.Planned(len(cells))
}

// Resource implements providers.Sink.
func (c *collected) Resource(r providers.Resource) {
	if !c.found.region(r.Region) {
		return
	}
	c.progress.Resource()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.resources = append(c.resources, r)
}

// Gap implements providers.Sink.
func (c *collected) Gap(g providers.Gap) {
	if c.found.region(g.Region) {
		c.Record.Gap(g)
	}
}

// Done implements providers.Sink.
func (c *collected) Done(cell providers.Cell) {
	if c.found.region(cell.Region) {
		c.Record.Done(cell)
		c.progress.Done(cell)
	}
}

// writeInventory writes the inventory to every output.
func (o *outputs) writeInventory(p *process, inv report.Inventory) error {
	for _, f := range o.files {
		format, file, err := splitOutput(f)
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := report.WriteInventory(&b, format, report.Options{}, inv); err != nil {
			return fmt.Errorf("render %s: %w", file, err)
		}
		if err := replaceFile(file, b.Bytes()); err != nil {
			return err
		}
	}
	if err := report.WriteInventory(p.stdout, o.format, p.page(), inv); err != nil {
		return err
	}
	o.failOn = "none"
	return o.code(p, inv.Run())
}
