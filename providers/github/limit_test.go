package github_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/githubsim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/github"
)

func TestLimitsAreWaitedFor(t *testing.T) {
	const secondary = `{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.","documentation_url":"https://docs.github.com/rest"}`
	const primary = `{"message":"API rate limit exceeded for user ID 1.","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api"}`
	reset := strconv.FormatInt(githubsim.Now().Add(90*time.Second).Unix(), 10)
	late := strconv.FormatInt(githubsim.Now().Add(50*time.Minute).Unix(), 10)
	for name, c := range map[string]struct {
		status int
		header map[string]string
		body   string
		times  int // how often it is refused
		waits  []time.Duration
		reason providers.Reason // "" when it is read in the end
	}{
		"secondary, with a time to wait":          {403, map[string]string{"Retry-After": "30"}, secondary, 2, []time.Duration{30 * time.Second, 30 * time.Second}, ""},
		"secondary, announced in the text only":   {403, nil, secondary, 2, []time.Duration{time.Minute, 2 * time.Minute}, ""},
		"secondary, with its own status":          {429, map[string]string{"Retry-After": "5"}, secondary, 1, []time.Duration{5 * time.Second}, ""},
		"primary, with the time of its end":       {403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}, primary, 1, []time.Duration{91 * time.Second}, ""},
		"primary, that ends after the patience":   {403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": late}, primary, 1, nil, providers.Throttled},
		"a limit that does not end":               {403, map[string]string{"Retry-After": "100"}, secondary, 99, []time.Duration{100 * time.Second, 100 * time.Second, 100 * time.Second}, providers.Throttled},
		"a server error that passes":              {502, nil, `<html>Bad Gateway</html>`, 1, []time.Duration{time.Second}, ""},
		"a server error that stays":               {503, nil, `{"message":"Service unavailable"}`, 99, []time.Duration{time.Second, 2 * time.Second}, providers.Failed},
		"a refusal for lack of a permission":      {403, map[string]string{"X-RateLimit-Remaining": "4000"}, `{"message":"Resource not accessible by integration"}`, 1, nil, providers.Denied},
		"a connection that breaks and comes back": {0, nil, "", 2, []time.Duration{time.Second, 2 * time.Second}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			rest := demo(t, githubsim.Faults{})
			var refused atomic.Int32
			rt := transport(func(r *http.Request) (*http.Response, error) {
				if r.URL.Path != "/orgs/hoshino-logistics/actions/permissions" || int(refused.Add(1)) > c.times {
					return rest.RoundTrip(r)
				}
				if c.status == 0 {
					return nil, errors.New("connection reset by peer")
				}
				h := http.Header{}
				for k, v := range c.header {
					h.Set(k, v)
				}
				return response(r, c.status, h, c.body), nil
			})
			var waits []time.Duration
			p := over(rt, func(cfg *github.Config) {
				cfg.Sleep = func(ctx context.Context, d time.Duration) error {
					waits = append(waits, d)
					return ctx.Err()
				}
			})
			out := collect(t, p, "github_actions_organization_permissions", "enabled_repositories")
			if diff := cmp.Diff(c.waits, waits); diff != "" {
				t.Errorf("waits: %s", diff)
			}
			var reason providers.Reason
			if len(out.gaps) == 1 {
				reason = out.gaps[0].Reason
			}
			if reason != c.reason || (reason == "") != (len(out.resources) == 1) {
				t.Errorf("the gaps are %+v, the resources %+v", out.gaps, out.resources)
			}
		})
	}
}

func TestNoMoreRequestsAtOnceThanAllowed(t *testing.T) {
	rest := demo(t, githubsim.Faults{})
	var now, most atomic.Int32
	rt := transport(func(r *http.Request) (*http.Response, error) {
		n := now.Add(1)
		defer now.Add(-1)
		for {
			m := most.Load()
			if n <= m || most.CompareAndSwap(m, n) {
				break
			}
		}
		return rest.RoundTrip(r)
	})
	p := over(rt, func(c *github.Config) { c.Concurrency = 2 })
	out := &recorder{}
	if err := p.Collect(t.Context(), providers.Scope{Provider: "github", ID: githubsim.Login}, p.Describe().Everything(), out); err != nil {
		t.Fatal(err)
	}
	if most.Load() > 2 {
		t.Errorf("%d requests were under way at once", most.Load())
	}
}
