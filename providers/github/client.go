package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/bradleyfalzon/ghinstallation/v2"
	gh "github.com/google/go-github/v88/github"

	"github.com/metsuke-dev/metsuke/providers"
)

const defaultBaseURL = "https://api.github.com/"

// client makes calls. Every error that it returns is a *failure. It leaves to
// go-github how requests and answers look; rate limits it keeps itself, because
// go-github goes by the clock on the wall and misses secondary limits that GitHub
// announces in the message only.
type client struct {
	api     *gh.Client // with the credential for the organisation
	app     *gh.Client // as the App itself; nil without one
	graphql string     // absolute: on a server it is not below the REST API
	web     string     // where people look at things: https://github.com
}

func newClient(cfg Config) (*client, error) {
	if cfg.Now == nil {
		return nil, errors.New("no clock")
	}
	base, err := parseBase(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	transport := http.DefaultTransport
	if cfg.HTTPClient != nil && cfg.HTTPClient.Transport != nil {
		transport = cfg.HTTPClient.Transport
	}
	credential, asApp, err := credentials(cfg, base, transport)
	if err != nil {
		return nil, err
	}
	c := &client{graphql: graphqlURL(base), web: webURL(base)}
	limit := newLimiter(cfg)
	if c.api, err = newGitHub(base, limit.over(sameHost{base.Host, credential, transport})); err != nil {
		return nil, err
	}
	if asApp != nil {
		if c.app, err = newGitHub(base, limit.over(sameHost{base.Host, asApp, transport})); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func newGitHub(base *url.URL, t http.RoundTripper) (*gh.Client, error) {
	u := base.String()
	return gh.NewClient(
		gh.WithHTTPClient(&http.Client{Transport: t}),
		gh.WithURLs(&u, nil),
		gh.WithUserAgent("metsuke"),
		gh.WithDisableRateLimitCheck(),
	)
}

// credentials returns the transport that signs requests for the organisation and,
// for an App, the one that signs them as the App itself.
func credentials(cfg Config, base *url.URL, next http.RoundTripper) (credential, asApp http.RoundTripper, err error) {
	if cfg.App == nil {
		if cfg.Token == "" {
			return nil, nil, errors.New("neither a token nor an app is configured")
		}
		return bearer{cfg.Token, next}, nil, nil
	}
	// Two transports, because the one below installation changes while it is used.
	own, err := ghinstallation.NewAppsTransport(next, cfg.App.ID, cfg.App.PrivateKeyPEM)
	if err != nil {
		return nil, nil, errors.New("the app's private key is no RSA key in PEM form")
	}
	below, err := ghinstallation.NewAppsTransport(next, cfg.App.ID, cfg.App.PrivateKeyPEM)
	if err != nil {
		return nil, nil, errors.New("the app's private key is no RSA key in PEM form")
	}
	installation := ghinstallation.NewFromAppsTransport(below, cfg.App.InstallationID)
	installation.BaseURL = strings.TrimSuffix(base.String(), "/")
	return installation, own, nil
}

// bearer adds a token to every request.
type bearer struct {
	token string
	next  http.RoundTripper
}

func (b bearer) RoundTrip(req *http.Request) (*http.Response, error) {
	out := req.Clone(req.Context())
	out.Header.Set("Authorization", "Bearer "+b.token)
	return b.next.RoundTrip(out)
}

// sameHost shows the credential to the API's own host only: a redirect may lead
// anywhere.
type sameHost struct {
	host       string
	credential http.RoundTripper
	plain      http.RoundTripper
}

func (s sameHost) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host != s.host {
		return s.plain.RoundTrip(req)
	}
	return s.credential.RoundTrip(req)
}

func parseBase(s string) (*url.URL, error) {
	if s == "" {
		s = defaultBaseURL
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("the address of the API is no http or https address")
	}
	if u.User != nil || u.RawQuery != "" {
		return nil, errors.New("the address of the API holds credentials or a query")
	}
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
	return u, nil
}

// graphqlURL returns where GraphQL is: beside /api/v3/ on a server, below the
// REST API elsewhere.
func graphqlURL(base *url.URL) string {
	return strings.TrimSuffix(base.String(), "v3/") + "graphql"
}

// webURL returns the address of the web pages that belong to an API.
func webURL(base *url.URL) string {
	u := url.URL{Scheme: base.Scheme, Host: strings.TrimPrefix(base.Host, "api.")}
	return u.String()
}

// get reads one answer into v, which may be nil.
func (c *client) get(ctx context.Context, call providers.Call, path string, query url.Values, v any) (*gh.Response, error) {
	return do(ctx, c.api, call, withQuery(path, query), v)
}

// getAsApp reads one answer as the App itself.
func (c *client) getAsApp(ctx context.Context, call providers.Call, path string, v any) (*gh.Response, error) {
	return do(ctx, c.app, call, path, v)
}

func do(ctx context.Context, api *gh.Client, call providers.Call, path string, v any) (*gh.Response, error) {
	req, err := api.NewRequest(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, asFailure(call, err)
	}
	resp, err := api.Do(req, v)
	if err != nil {
		return resp, asFailure(call, err)
	}
	return resp, nil
}

func withQuery(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// list reads a list page by page and returns the last answer. The parameters go with
// every page: GitHub leaves some of them out of the link to the next one.
func list[T any](ctx context.Context, c *client, call providers.Call, path string, query url.Values, each func(*T)) (*gh.Response, error) {
	q := url.Values{"per_page": {"100"}}
	for k, v := range query {
		q[k] = v
	}
	seen := map[string]bool{}
	var partial error
	for {
		var page []*T
		resp, err := c.get(ctx, call, path, q, &page)
		if err != nil {
			return nil, err
		}
		for _, item := range page {
			each(item)
		}
		if f := leftOut(call, resp.Header); f != nil {
			partial = f
		}
		var next string
		switch {
		case resp.After != "":
			next = resp.After
			q.Set("after", next)
		case resp.NextPage != 0:
			next = strconv.Itoa(resp.NextPage)
			q.Set("page", next)
		default:
			return resp, partial
		}
		if seen[next] {
			return nil, asFailure(call, fmt.Errorf("the list does not end: page %q follows itself", next))
		}
		seen[next] = true
	}
}

// leftOut returns a failure when GitHub says that an answer lacks what belongs to
// organisations that want the token authorised for single sign-on. The answer is a
// success otherwise.
func leftOut(call providers.Call, h http.Header) *failure {
	state, organizations, _ := strings.Cut(h.Get("X-Github-Sso"), ";")
	if strings.TrimSpace(state) != "partial-results" {
		return nil
	}
	_, ids, _ := strings.Cut(organizations, "=")
	return denied(call, "the answer leaves out organisations for whose single sign-on the token is not authorised, their ids: "+redact(ids))
}
