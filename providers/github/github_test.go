package github_test

import (
	"context"
	"io/fs"
	"net/http"
	"testing"
	"time"

	"github.com/metsuke-dev/metsuke/internal/simcloud/githubsim"
	"github.com/metsuke-dev/metsuke/policies"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/github"
	"github.com/metsuke-dev/metsuke/providers/providertest"
)

// noWait stands for every wait: it returns at once, unless the context is done.
func noWait(ctx context.Context, _ time.Duration) error { return ctx.Err() }

func demo(t *testing.T, f githubsim.Faults) http.RoundTripper {
	t.Helper()
	api, err := githubsim.Demo(f)
	if err != nil {
		t.Fatal(err)
	}
	return api
}

// over returns a provider in front of a transport, with the estate's clock.
func over(rt http.RoundTripper, change ...func(*github.Config)) *github.Provider {
	cfg := github.Config{
		Token:      githubsim.Token,
		HTTPClient: &http.Client{Transport: rt},
		Sleep:      noWait,
		Now:        githubsim.Now,
	}
	for _, c := range change {
		c(&cfg)
	}
	return github.New(cfg)
}

func schemas(t *testing.T) fs.FS {
	t.Helper()
	sub, err := fs.Sub(policies.Files, "schemas")
	if err != nil {
		t.Fatal(err)
	}
	return sub
}

func TestConformance(t *testing.T) {
	providertest.Run(t, providertest.Config{
		New: func(t *testing.T, f providertest.Faults) providers.Provider {
			return over(demo(t, githubsim.Faults(f)))
		},
		Schemas: schemas(t),
		Ambient: []string{"GET /user/orgs"},
		Unexercised: map[string]string{
			"GET /app/installations/{installation_id}":                                   "asked when an App sees no identity provider",
			"POST /graphql enterprise.ownerInfo.samlIdentityProvider":                    "asked when the organisation has no identity provider of its own",
			"POST /graphql enterprise.ownerInfo.samlIdentityProvider.externalIdentities": "asked when the organisation has no identity provider of its own",
		},
	})
}
