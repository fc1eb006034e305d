package awskit

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/metsuke-dev/metsuke/providers"
)

// Account is one AWS account as one scan sees it.
type Account struct {
	Scope     providers.Scope
	ID        string    // twelve digits
	Partition string    // aws, aws-cn, aws-us-gov
	Regions   []string  // those enabled and selected, sorted
	Home      string    // the region in which global services are called
	Now       time.Time // when the scan began; metrics are read up to here
	// Enabled are all regions enabled in the account, whether or not they are to be
	// read: for services that are set up once, in any region.
	Enabled []string
	// Via is the account whose credentials reach this one, nil for their own account.
	// It is often the management account, which alone sees some facts of its members.
	Via *Account
	// BillTags are keys of tags that name owners, as their rules write them: the bill is
	// split by them, where it is read.
	BillTags []string
	// Beside reports whether the scan reads another account too; nil is that it reads none.
	Beside func(account string) bool
	// RegionsErr says why the regions are not known: then no regional type is read,
	// and each of them has a Gap.
	RegionsErr error
	base       aws.Config
	limits     *limits
	memo       *memo
	clients    *clients
}

// NewAccount returns an account that is reached with cfg. Home is the region of
// global services; regions are those to read.
func NewAccount(scope providers.Scope, partition, home string, regions []string, cfg aws.Config, l Limits) *Account {
	regions = slices.Sorted(slices.Values(regions))
	return &Account{
		Scope: scope, ID: scope.ID, Partition: partition, Home: home, Regions: regions, Enabled: regions,
		base: cfg, limits: newLimits(l), memo: &memo{m: map[string]*once{}},
		clients: &clients{m: map[clientKey]any{}},
	}
}

// Config returns the SDK configuration for a service in a region, with the
// account's credentials and bounds; region "" is the home region.
func (a *Account) Config(service, region string) aws.Config {
	if region == "" {
		region = a.Home
	}
	return a.limits.apply(a.base, service, region)
}

// fresh returns the account with nothing remembered, for a collection that begins now:
// what one collection remembers goes with it.
func (a *Account) fresh(now time.Time) *Account {
	b := *a
	b.Now = now
	b.memo = &memo{m: map[string]*once{}}
	b.clients = &clients{m: map[clientKey]any{}}
	return &b
}

// Cell is one resource type in one region of one account, being read.
type Cell struct {
	Account *Account
	Region  string // "" for a global type
	info    providers.TypeInfo
	service string
	want    map[string]bool
	out     providers.Sink
	memo    *memo
	gaps    sync.Map // shared failures that were reported already
}

// Wants reports whether any of the attributes is wanted.
func (c *Cell) Wants(attributes ...string) bool {
	return slices.ContainsFunc(attributes, func(a string) bool { return c.want[a] })
}

// ConfigFor returns the SDK configuration for a service and region, region "" being
// the account's home region: for clients of which it is not known whose account they
// are to ask. Elsewhere use Client.
func (c *Cell) ConfigFor(service, region string) aws.Config { return c.Account.Config(service, region) }

// ARN builds the ARN of a resource in the cell's account and region.
func (c *Cell) ARN(service, resource string) string {
	return strings.Join([]string{"arn", c.Account.Partition, service, c.Region, c.Account.ID, resource}, ":")
}

// GlobalARN builds an ARN without region: IAM and the like.
func (c *Cell) GlobalARN(service, resource string) string {
	return strings.Join([]string{"arn", c.Account.Partition, service, "", c.Account.ID, resource}, ":")
}

// Once returns what fn returned the first time it was called under the key in
// this cell: for calls that serve every resource of it.
func Once[T any](ctx context.Context, c *Cell, key string, fn func(context.Context) (T, error)) (T, error) {
	return remember(ctx, c.memo, key, fn)
}

// OncePerAccount is Once for calls that serve every cell of the account.
func OncePerAccount[T any](ctx context.Context, c *Cell, key string, fn func(context.Context) (T, error)) (T, error) {
	return remember(ctx, c.Account.memo, key, fn)
}

type memo struct {
	mu sync.Mutex
	m  map[string]*once
}

// once is a value that is being found or has been.
type once struct {
	found chan struct{} // closed when v and err are there
	v     any
	err   error
}

// remember gives every caller what the first one found. Who waits for it does so no
// longer than its own context allows.
func remember[T any](ctx context.Context, m *memo, key string, fn func(context.Context) (T, error)) (T, error) {
	m.mu.Lock()
	o := m.m[key]
	first := o == nil
	if first {
		o = &once{found: make(chan struct{})}
		m.m[key] = o
	}
	m.mu.Unlock()
	if first {
		defer close(o.found)
		v, err := fn(ctx)
		o.v, o.err = v, err
		return v, err
	}
	select {
	case <-o.found:
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
	v, _ := o.v.(T)
	return v, o.err
}

// wantSet is the attributes of a Want that the type has.
func wantSet(info providers.TypeInfo, attributes []string) map[string]bool {
	all := map[string]bool{}
	for _, a := range info.AllAttributes() {
		all[a] = true
	}
	out := map[string]bool{}
	for _, a := range attributes {
		if all[a] {
			out[a] = true
		}
	}
	return out
}
