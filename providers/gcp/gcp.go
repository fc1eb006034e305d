// Package gcp inventories Google Cloud through Cloud Asset Inventory: one
// listing of resources and one of IAM policies for a whole organisation, folder
// or project, and further calls only for what the inventory does not hold
// (recommendations, organisation policies in force).
//
// It does not look for credentials, which are handed in with the client
// options, and it does not read anything that is stored in a resource.
package gcp

import (
	"context"
	"fmt"
	"sync"
	"time"

	asset "cloud.google.com/go/asset/apiv1"
	crm1 "google.golang.org/api/cloudresourcemanager/v1"
	crm "google.golang.org/api/cloudresourcemanager/v3"
	"google.golang.org/api/option"
	orgpolicy "google.golang.org/api/orgpolicy/v2"
	recommender "google.golang.org/api/recommender/v1"

	"github.com/metsuke-dev/metsuke/providers"
)

// Name is the provider's name, the value of Scope.Provider.
const Name = "gcp"

// Config says what is inventoried and how.
type Config struct {
	// Scopes are "organizations/123", "folders/123" or "projects/id". They must not
	// overlap: a project inside a configured folder would be read twice. When there
	// are none, the organisations and projects that the credential reaches are found.
	Scopes []string
	// Project is the project that the credential itself belongs to. It is the scope
	// to fall back on when nothing is configured and nothing can be searched; "" is none.
	Project string
	// ClientOptions go to every client: credentials, the quota project.
	ClientOptions []option.ClientOption
	// AssetOptions go to the Cloud Asset client, which speaks gRPC, besides.
	AssetOptions []option.ClientOption
	// RESTOptions go to the clients that speak HTTP besides.
	RESTOptions []option.ClientOption
	// PageSize is the number of assets to ask for at once; 0 is 1000, the most there is.
	PageSize int
	// Retry says how to go on after a refusal for rate.
	Retry Retry
}

// Retry says how often and after which pauses a call is tried again that was
// refused for rate or met a server in trouble.
type Retry struct {
	Attempts int           // 0 is 8
	Initial  time.Duration // longest first pause; 0 is one second
	Max      time.Duration // longest pause; 0 is half a minute
	// Traffic counts the calls, each try for itself; nil is nobody.
	Traffic *providers.Traffic
}

// Provider inventories Google Cloud.
type Provider struct {
	config Config
	where  bool // resources say in which project and folder they are

	mu   sync.Mutex
	conn *clients
}

// clients are the connections to the APIs.
type clients struct {
	assets       *asset.Client
	recommender  *recommender.Service
	orgPolicy    *orgpolicy.Service
	resources    *crm.Service
	resourcesOld *crm1.Service // getAncestry exists in v1 only
}

// New returns a provider. It does no I/O.
func New(c Config) *Provider {
	if c.PageSize == 0 {
		c.PageSize = 1000
	}
	return &Provider{config: c}
}

// connect makes the clients on first use. They outlive the call that made them.
func (p *Provider) connect(ctx context.Context) (*clients, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conn != nil {
		return p.conn, nil
	}
	ctx = context.WithoutCancel(ctx)
	var c clients
	var err error
	if c.assets, err = asset.NewClient(ctx, p.options(p.config.AssetOptions)...); err != nil {
		return nil, fmt.Errorf("cloud asset client: %w", err)
	}
	rest := p.options(p.config.RESTOptions)
	if c.recommender, err = recommender.NewService(ctx, rest...); err != nil {
		return nil, fmt.Errorf("recommender client: %w", err)
	}
	if c.orgPolicy, err = orgpolicy.NewService(ctx, rest...); err != nil {
		return nil, fmt.Errorf("organisation policy client: %w", err)
	}
	if c.resources, err = crm.NewService(ctx, rest...); err != nil {
		return nil, fmt.Errorf("resource manager client: %w", err)
	}
	if c.resourcesOld, err = crm1.NewService(ctx, rest...); err != nil {
		return nil, fmt.Errorf("resource manager client: %w", err)
	}
	p.conn = &c
	return p.conn, nil
}

// options puts the options of every client and those of one kind together.
func (p *Provider) options(more []option.ClientOption) []option.ClientOption {
	out := make([]option.ClientOption, 0, len(p.config.ClientOptions)+len(more))
	return append(append(out, p.config.ClientOptions...), more...)
}

// Close closes the connections. The provider can be used again afterwards.
func (p *Provider) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conn == nil {
		return nil
	}
	err := p.conn.assets.Close()
	p.conn = nil
	return err
}

// Describe reports what the provider can read. It does no I/O.
func (p *Provider) Describe() providers.Description {
	d := providers.Description{Name: Name, Title: "Google Cloud"}
	for _, k := range kinds() {
		d.Types = append(d.Types, k.describe())
	}
	return d
}
