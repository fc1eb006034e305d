package awskit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/metsuke-dev/metsuke/providers"
)

// Provider inventories AWS accounts with a list of collectors.
type Provider struct {
	// Collectors are the types to read.
	Collectors []Collector
	// Discover lists the accounts that the credentials reach. It returns what it
	// found also when it returns an error.
	Discover func(ctx context.Context) ([]providers.Scope, error)
	// Dial returns an account ready to be read: credentials, regions.
	Dial func(ctx context.Context, s providers.Scope) (*Account, error)
	// Clock tells the time, which metrics are asked for; without it none are read,
	// and the attributes that rest on them are unknown.
	Clock func() time.Time
	// Hierarchy makes Discover say where in its organisation each account is.
	Hierarchy func()
	// HolderTags makes Discover say which tags each account has.
	HolderTags func()
	// Missing returns what of an account itself Discover could not read; nil is nothing.
	Missing func(providers.Scope) []providers.Gap
	// BillTags are keys of tags by which bills are split, where they are read.
	BillTags []string
	// Beside reports whether an account is one of those that are read; nil is that only one
	// is.
	Beside func(account string) bool
	// Cells is how many cells of an account are read at once; default 16.
	Cells int
}

// Describe reports what the provider can read.
func (p *Provider) Describe() providers.Description {
	d := providers.Description{Name: "aws", Title: "Amazon Web Services"}
	for _, c := range p.Collectors {
		d.Types = append(d.Types, c.info)
	}
	slices.SortFunc(d.Types, func(a, b providers.TypeInfo) int { return strings.Compare(string(a.Type), string(b.Type)) })
	return d
}

// Scopes lists the accounts.
func (p *Provider) Scopes(ctx context.Context) ([]providers.Scope, error) { return p.Discover(ctx) }

// ReadHierarchy makes the scopes say where in their organisation they are, which takes
// further calls. It is called before Scopes.
func (p *Provider) ReadHierarchy() { p.Hierarchy() }

// ReadHolderTags makes the scopes say which tags their accounts have, which takes further
// calls. It is called before Scopes.
func (p *Provider) ReadHolderTags() { p.HolderTags() }

// SplitBills makes bills that are read be split by the tags with these keys, in the order
// in which they name owners. It is called before Collect.
func (p *Provider) SplitBills(keys []string) { p.BillTags = keys }

// Collect reads the wanted types of one account.
func (p *Provider) Collect(ctx context.Context, s providers.Scope, want []providers.Want, out providers.Sink) error {
	var wanted []Collector
	for _, c := range p.Collectors {
		if _, ok := providers.Find(want, c.info.Type); ok {
			wanted = append(wanted, c)
		}
	}
	if len(wanted) == 0 {
		return ctx.Err()
	}
	if p.Missing != nil {
		for _, g := range p.Missing(s) {
			out.Gap(g)
		}
	}
	account, err := p.Dial(ctx, s)
	if err != nil {
		return &unreachable{scope: s, err: err}
	}
	var now time.Time
	if p.Clock != nil {
		now = p.Clock()
	}
	account = account.fresh(now)
	account.BillTags, account.Beside = p.BillTags, p.Beside
	var tasks []task
	for _, c := range wanted {
		w, _ := providers.Find(want, c.info.Type)
		set := wantSet(c.info, w.Attributes)
		regions := account.Regions
		if c.info.Global || account.RegionsErr != nil {
			regions = []string{""}
		}
		for _, r := range regions {
			cell := &Cell{
				Account: account, Region: r, info: c.info, service: c.service,
				want: set, out: out, memo: &memo{m: map[string]*once{}}, gaps: sync.Map{},
			}
			tasks = append(tasks, task{cell: cell, read: c, weight: weightOf(c.info, set, len(account.Regions))})
			out.Plan(providers.Cell{Scope: account.Scope, Region: r, Type: c.info.Type})
		}
	}
	order(tasks)
	g, gctx := errgroup.WithContext(ctx)
	limit := p.Cells
	if limit == 0 {
		limit = 16
	}
	g.SetLimit(limit)
	for _, t := range tasks {
		g.Go(func() error {
			at := providers.Cell{Scope: account.Scope, Region: t.cell.Region, Type: t.cell.info.Type}
			if providers.Had(out, at) {
				return nil
			}
			reserveStack()
			cell, err := t.cell, account.RegionsErr
			if err == nil || cell.info.Global {
				err = t.read.run(gctx, cell)
			}
			if gctx.Err() != nil {
				return gctx.Err()
			}
			if err != nil {
				out.Gap(cell.gap(err))
			}
			out.Done(at)
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// unreachable says that an account could not be read at all, and why.
type unreachable struct {
	scope providers.Scope
	err   error
}

func (e *unreachable) Error() string {
	return fmt.Sprintf("reach AWS account %s: %v", e.scope.ID, e.err)
}
func (e *unreachable) Unwrap() error { return e.err }

// Gap describes the failure as the gap of the whole account.
func (e *unreachable) Gap() providers.Gap {
	g := ScopeGap(e.scope, e.err)
	g.Err = fmt.Sprintf("reach AWS account %s: %s", e.scope.ID, g.Err)
	return g
}
