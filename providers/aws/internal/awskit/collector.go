// Package awskit is what every AWS collector is made of: a collector declares
// what it lists, which attributes that gives and which further calls give more;
// the package makes only the calls that somebody wants, turns every failure into
// a Gap and an Unknown together, and bounds rate and concurrency per account and
// service. It knows no AWS service.
package awskit

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/metsuke-dev/metsuke/providers"
)

// Collector reads the resources of one type. It is made with New.
type Collector struct {
	info    providers.TypeInfo
	service string
	run     func(ctx context.Context, c *Cell) error
}

// Info returns what the collector reads and which calls that takes.
func (c Collector) Info() providers.TypeInfo { return c.info }

// Type declares how one resource type is read. I is what the listing call
// yields, usually a type of the SDK.
type Type[I any] struct {
	Name    providers.Type
	Service string // the IAM service prefix: "s3". Calls of one service and account share a limit
	Global  bool   // listed once per account, not once per region
	// Calls are what List calls.
	Calls []providers.Call
	// List sends every item to yield, page by page, and returns the first error
	// of the API or of yield.
	List func(ctx context.Context, c *Cell, yield func(I) error) error
	// Attributes are what the listing itself gives, "tags" included where it does.
	Attributes []string
	// Describe fills in the identity and the Attributes of an item. It makes no calls.
	Describe func(c *Cell, item I, d *Draft)
	// Details are groups of attributes that cost further calls.
	Details []Detail[I]
}

// Detail declares attributes that cost further calls. Where Read fails, all of
// them are unknown and the resource stands.
type Detail[I any] struct {
	Attributes []string
	Calls      []providers.Call
	// Shared says that Read's calls are made once for all items of a cell (through
	// Once): their failure is reported once.
	Shared bool
	Read   func(ctx context.Context, c *Cell, item I, d *Draft) error
	// ReadAll is for APIs that answer for many items in one call; it stands in the
	// place of Read. Drafts[i] belongs to items[i]. Where it fails, the attributes
	// are unknown in all drafts, and the failure is reported once. An item that was
	// deleted meanwhile is left out with Drop.
	ReadAll func(ctx context.Context, c *Cell, items []I, drafts []*Draft) error
	// AtOnce is the largest number of items that ReadAll takes; default 100.
	AtOnce int
}

// ErrGone is returned by a Detail's Read when the resource was deleted since it
// was listed: it is left out.
var ErrGone = errors.New("the resource is gone")

// Call names an operation "<service id without spaces>.<operation>", as the SDK's
// errors do, and the IAM actions that it needs.
func Call(operation string, permissions ...string) providers.Call {
	return providers.Call{Operation: operation, Permissions: permissions}
}

const (
	// detailsAtOnce bounds how many items of a cell are read at the same time.
	detailsAtOnce = 8
	// heldBack is how many items wait for each other where a detail reads many at once.
	heldBack = 500
	// readAllAtOnce is the default of Detail.AtOnce.
	readAllAtOnce = 100
)

// New makes a Collector of a declaration.
func New[I any](t Type[I]) Collector {
	info := providers.TypeInfo{Type: t.Name, Global: t.Global, Calls: t.Calls, Attributes: slices.Sorted(slices.Values(t.Attributes))}
	for _, d := range t.Details {
		info.Details = append(info.Details, providers.Detail{Attributes: d.Attributes, Calls: d.Calls})
	}
	return Collector{info: info, service: t.Service, run: t.run}
}

// run reads one cell. The error is that of the listing.
func (t Type[I]) run(ctx context.Context, c *Cell) error {
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(detailsAtOnce)
	var single, many []Detail[I]
	for _, d := range t.Details {
		switch {
		case !c.Wants(d.Attributes...):
		case d.ReadAll != nil:
			many = append(many, d)
		default:
			single = append(single, d)
		}
	}
	read := func(item I, draft *Draft) {
		if len(single) == 0 {
			draft.emit()
			return
		}
		g.Go(func() error {
			reserveStack()
			t.readDetails(gctx, c, item, draft, single)
			return gctx.Err()
		})
	}
	var items []I
	var drafts []*Draft
	flush := func() error {
		for _, d := range many {
			d.readAll(gctx, items, drafts)
		}
		if err := gctx.Err(); err != nil {
			return err // nothing half-read is emitted
		}
		for i, item := range items {
			if !drafts[i].dropped {
				read(item, drafts[i])
			}
		}
		items, drafts = nil, nil
		return nil
	}
	err := t.List(ctx, c, func(item I) error {
		if err := gctx.Err(); err != nil {
			return err
		}
		draft := newDraft(c)
		t.Describe(c, item, draft)
		if len(many) == 0 {
			read(item, draft)
			return nil
		}
		items, drafts = append(items, item), append(drafts, draft)
		if len(items) < heldBack {
			return nil
		}
		return flush()
	})
	// What was listed before the listing failed stands.
	return cmp.Or(err, flush(), g.Wait())
}

// readAll reads the detail of all items, as many at once as the API takes.
func (d Detail[I]) readAll(ctx context.Context, items []I, drafts []*Draft) {
	n := cmp.Or(d.AtOnce, readAllAtOnce)
	for len(items) > 0 {
		n = min(n, len(items))
		err := d.ReadAll(ctx, drafts[0].cell, items[:n], drafts[:n])
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			for _, draft := range drafts[:n] {
				draft.failDetail(d.Attributes, true, err)
			}
		}
		items, drafts = items[n:], drafts[n:]
	}
}

// readDetails reads the details of an item side by side: each waits for calls of its
// own, and the limits of the service hold for all of them.
func (t Type[I]) readDetails(ctx context.Context, c *Cell, item I, draft *Draft, details []Detail[I]) {
	var wg sync.WaitGroup
	var gone atomic.Bool
	one := func(det Detail[I]) {
		err := det.Read(ctx, c, item, draft)
		switch {
		case errors.Is(err, ErrGone):
			gone.Store(true)
		case err != nil && ctx.Err() == nil:
			draft.failDetail(det.Attributes, det.Shared, err)
		}
	}
	for _, det := range details[1:] {
		wg.Go(func() {
			reserveStack()
			one(det)
		})
	}
	one(details[0]) // here: a type with a single detail needs no further goroutine
	wg.Wait()
	if gone.Load() || ctx.Err() != nil {
		return // the cell is not done, or the resource is none; nothing half-read is emitted
	}
	draft.emit()
}

// declared returns the declared call that failed, by the operation in the error.
func (c *Cell) declared(operation string) providers.Call {
	for _, call := range c.info.CallsFor(c.info.AllAttributes()) {
		if strings.EqualFold(call.Operation, operation) {
			return call
		}
	}
	return providers.Call{Operation: operation}
}
