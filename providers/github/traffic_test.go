package github_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/metsuke-dev/metsuke/internal/simcloud/githubsim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/github"
)

func TestEveryTryOfACallIsCountedAndWhetherItWasRefusedForRate(t *testing.T) {
	rest := demo(t, githubsim.Faults{})
	var sent, refused int64
	rt := transport(func(r *http.Request) (*http.Response, error) {
		sent++
		if r.URL.Path != "/orgs/hoshino-logistics/actions/permissions" || refused == 2 {
			return rest.RoundTrip(r)
		}
		refused++
		return response(r, http.StatusTooManyRequests, http.Header{"Retry-After": {"1"}}, `{"message":"You have exceeded a secondary rate limit."}`), nil
	})
	var traffic providers.Traffic
	p := over(rt, func(cfg *github.Config) {
		cfg.Traffic, cfg.Concurrency = &traffic, 1
		cfg.Sleep = func(context.Context, time.Duration) error { return nil }
	})
	collect(t, p, "github_actions_organization_permissions", "enabled_repositories")
	if traffic.Calls() != sent || traffic.Throttled() != 2 {
		t.Errorf("%d requests counted, %d of them refused for rate; there were %d and 2", traffic.Calls(), traffic.Throttled(), sent)
	}
}
