// Package github inventories GitHub organisations: their settings, people,
// repositories and Actions permissions, on github.com, on GitHub Enterprise Cloud
// with data residency and on GitHub Enterprise Server.
//
// It reads only, with a personal access token or as an installation of a GitHub
// App. GitHub hides what a credential may not see behind null fields, shortened
// lists and 404 answers; the package takes none of these for an answer. It does
// not read the contents of repositories, and it does not judge.
package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	gh "github.com/google/go-github/v88/github"
	"golang.org/x/sync/errgroup"

	"github.com/metsuke-dev/metsuke/providers"
)

// Config says which organisations to read and how.
type Config struct {
	// Token is a personal access token, classic or fine-grained, or an installation
	// token made elsewhere. It is not used when App is set.
	Token string
	// App reads as an installation of a GitHub App.
	App *App
	// Orgs are the logins of the organisations to read. Empty: those that the token
	// reaches, or the one that the App is installed in.
	Orgs []string
	// Enterprise is the slug of the enterprise account that the organisations belong
	// to. Without it nothing is known of single sign-on that the enterprise
	// configures.
	Enterprise string
	// BaseURL is the API's address; empty is https://api.github.com. A GitHub
	// Enterprise Server answers at https://HOST/api/v3.
	BaseURL string
	// HTTPClient gives the transport below authentication and rate limits; nil is
	// the default one. Its other fields are not used.
	HTTPClient *http.Client
	// Concurrency is how many requests may be under way at once; 0 is 8. GitHub
	// allows 100 for one credential, all programs together.
	Concurrency int
	// MaxWait is how long one request may wait for a rate limit to end; 0 is five
	// minutes. Past it the request counts as throttled.
	MaxWait time.Duration
	// Traffic counts the requests, each try for itself; nil is nobody.
	Traffic *providers.Traffic
	// Sleep waits, or returns early with the context's error; nil waits in real time.
	Sleep func(ctx context.Context, d time.Duration) error
	// Now tells the time. It must be set.
	Now func() time.Time
}

// App is an installation of a GitHub App.
type App struct {
	ID             int64
	InstallationID int64
	PrivateKeyPEM  []byte
}

// Provider reads GitHub organisations. It is safe for concurrent use.
type Provider struct {
	cfg Config
	api *client
	err error // why there is no api
}

// New returns a provider. A configuration that cannot work, such as a private key
// that is none, is reported by Scopes and Collect.
func New(cfg Config) *Provider {
	api, err := newClient(cfg)
	return &Provider{cfg: cfg, api: api, err: err}
}

// Describe reports what the provider can read.
func (p *Provider) Describe() providers.Description {
	d := providers.Description{Name: "github", Title: "GitHub"}
	for _, c := range collectors() {
		d.Types = append(d.Types, c.info)
	}
	return d
}

// Scopes lists the configured organisations or, when none is, those that the
// credential reaches. The labels say whether an App sees all repositories.
func (p *Provider) Scopes(ctx context.Context) ([]providers.Scope, error) {
	if p.err != nil {
		return nil, fmt.Errorf("set up github: %w", p.err)
	}
	if len(p.cfg.Orgs) > 0 {
		var out []providers.Scope
		for _, org := range p.cfg.Orgs {
			out = append(out, scope(org))
		}
		return out, nil
	}
	if p.cfg.App != nil {
		return p.installation(ctx)
	}
	if strings.HasPrefix(p.cfg.Token, "ghs_") {
		return nil, errors.New("list organisations: an App's token, such as that of a workflow, does not tell its organisation; name it in the configuration")
	}
	var out []providers.Scope
	_, err := list(ctx, p.api, listUserOrgs(), "user/orgs", nil, func(o *gh.Organization) {
		out = append(out, scope(o.GetLogin()))
	})
	slices.SortFunc(out, func(a, b providers.Scope) int { return strings.Compare(a.ID, b.ID) })
	if err != nil {
		return out, fmt.Errorf("list organisations: %w", err)
	}
	if len(out) == 0 {
		return nil, errors.New("list organisations: the token reaches none; name them in the configuration")
	}
	return out, nil
}

func (p *Provider) installation(ctx context.Context) ([]providers.Scope, error) {
	var in gh.Installation
	path := fmt.Sprintf("app/installations/%d", p.cfg.App.InstallationID)
	if _, err := p.api.getAsApp(ctx, getInstallation(), path, &in); err != nil {
		return nil, fmt.Errorf("read the installation of the app: %w", err)
	}
	if in.GetTargetType() != "Organization" {
		return nil, fmt.Errorf("read the installation of the app: it is installed in the account %s, which is no organisation", in.GetAccount().GetLogin())
	}
	s := scope(in.GetAccount().GetLogin())
	s.Labels = map[string]string{"repository_selection": in.GetRepositorySelection()}
	return []providers.Scope{s}, nil
}

func scope(org string) providers.Scope {
	return providers.Scope{Provider: "github", ID: org, Name: org}
}

// Collect reads the wanted types of one organisation, all at once.
func (p *Provider) Collect(ctx context.Context, s providers.Scope, want []providers.Want, out providers.Sink) error {
	if p.err != nil {
		return fmt.Errorf("set up github: %w", p.err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	r := &run{cfg: p.cfg, api: p.api, scope: s}
	type job struct {
		cell *cell
		read func(context.Context, *run, *cell)
	}
	var jobs []job
	for _, c := range collectors() {
		w, ok := providers.Find(want, c.info.Type)
		if !ok {
			continue
		}
		jobs = append(jobs, job{newCell(s, c.info.Type, w.Attributes, out), c.read})
		out.Plan(jobs[len(jobs)-1].cell.cell())
	}
	var g errgroup.Group
	for _, j := range jobs {
		g.Go(func() error {
			if providers.Had(out, j.cell.cell()) {
				return nil
			}
			j.read(ctx, r, j.cell)
			out.Done(j.cell.cell())
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return ctx.Err()
}

// collector reads one type. What it cannot read it sends as gaps.
type collector struct {
	info providers.TypeInfo
	read func(context.Context, *run, *cell)
}

// collectors returns every collector, sorted by type.
func collectors() []collector {
	return []collector{
		actionsOrganizationPermissions(),
		membership(),
		organization(),
		repository(),
	}
}
