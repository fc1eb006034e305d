package github_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/githubsim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/github"
)

func TestAnAppReadsTheOrganisationItIsInstalledIn(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	var mu sync.Mutex
	signed := map[string]string{} // path -> kind of the credential
	rest := demo(t, githubsim.Faults{})
	p := over(transport(func(r *http.Request) (*http.Response, error) {
		kind, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		mu.Lock()
		signed[r.URL.Path] = kind
		if strings.Count(value, ".") == 2 {
			signed[r.URL.Path] = "signature"
		}
		mu.Unlock()
		return rest.RoundTrip(r)
	}), func(c *github.Config) {
		c.Token = ""
		c.App = &github.App{ID: 77, InstallationID: 5150, PrivateKeyPEM: block}
	})
	scopes, err := p.Scopes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []providers.Scope{{Provider: "github", ID: "hoshino-logistics", Name: "hoshino-logistics", Labels: map[string]string{"repository_selection": "all"}}}
	if diff := cmp.Diff(want, scopes); diff != "" {
		t.Fatal(diff)
	}
	out := collect(t, p, "github_actions_organization_permissions", "enabled_repositories")
	if len(out.gaps) != 0 || out.resources[0].Attributes["enabled_repositories"] != "all" {
		t.Errorf("the gaps are %+v, the resources %+v", out.gaps, out.resources)
	}
	wantSigned := map[string]string{
		"/app/installations/5150":                     "signature",
		"/app/installations/5150/access_tokens":       "signature",
		"/orgs/hoshino-logistics/actions/permissions": "token",
	}
	if diff := cmp.Diff(wantSigned, signed); diff != "" {
		t.Error(diff)
	}
}

func TestAnAppWithoutATokenIsDenied(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	attempts := 0
	p := over(transport(func(r *http.Request) (*http.Response, error) {
		attempts++
		return response(r, 401, nil, `{"message":"A JSON web token could not be decoded"}`), nil
	}), func(c *github.Config) {
		c.Orgs = []string{"hoshino-logistics"}
		c.App = &github.App{ID: 77, InstallationID: 5150, PrivateKeyPEM: block}
	})
	out := collect(t, p, "github_actions_organization_permissions", "enabled_repositories")
	if len(out.gaps) != 1 || out.gaps[0].Reason != providers.Denied {
		t.Errorf("the gaps are %+v", out.gaps)
	}
	if attempts != 1 {
		t.Errorf("a refusal was asked for %d times", attempts)
	}
}

func TestAConfigurationThatCannotWorkIsReported(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*github.Config)
		want   string
	}{
		"no credential": {func(c *github.Config) { c.Token = "" }, "set up github: neither a token nor an app is configured"},
		"no clock":      {func(c *github.Config) { c.Now = nil }, "set up github: no clock"},
		"no key":        {func(c *github.Config) { c.App = &github.App{PrivateKeyPEM: []byte("secret stuff")} }, "set up github: the app's private key is no RSA key in PEM form"},
		"no address":    {func(c *github.Config) { c.BaseURL = "ghe.example" }, "set up github: the address of the API is no http or https address"},
		"a credential in the address": {
			func(c *github.Config) { c.BaseURL = "https://me:secret@ghe.example/api/v3" },
			"set up github: the address of the API holds credentials or a query",
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := over(demo(t, githubsim.Faults{}), c.change)
			if _, err := p.Scopes(t.Context()); err == nil || err.Error() != c.want {
				t.Errorf("Scopes: %v, want %s", err, c.want)
			}
			if err := p.Collect(t.Context(), providers.Scope{ID: "x"}, nil, &recorder{}); err == nil || err.Error() != c.want {
				t.Errorf("Collect: %v, want %s", err, c.want)
			}
		})
	}
}

func TestOrganisationsThatGitHubLeavesOutAreReported(t *testing.T) {
	rest := demo(t, githubsim.Faults{})
	p := over(transport(func(r *http.Request) (*http.Response, error) {
		resp, err := rest.RoundTrip(r)
		if err == nil && r.URL.Path == "/user/orgs" {
			resp.Header.Set("X-GitHub-SSO", "partial-results; organizations=21955855,20582480")
		}
		return resp, err
	}))
	scopes, err := p.Scopes(t.Context())
	if len(scopes) != 1 || scopes[0].ID != githubsim.Login {
		t.Errorf("the scopes are %v", scopes)
	}
	const want = "list organisations: GET /user/orgs: the answer leaves out organisations for whose single sign-on the token is not authorised, their ids: 21955855,20582480"
	if err == nil || err.Error() != want {
		t.Errorf("the error is %v", err)
	}
}

func TestAWorkflowTokenNeedsTheOrganisationsName(t *testing.T) {
	named := func(orgs ...string) func(*github.Config) {
		return func(c *github.Config) { c.Token, c.Orgs = "ghs_simulated", orgs }
	}
	if _, err := over(demo(t, githubsim.Faults{}), named()).Scopes(t.Context()); err == nil || !strings.Contains(err.Error(), "name it in the configuration") {
		t.Errorf("the error is %v", err)
	}
	scopes, err := over(demo(t, githubsim.Faults{}), named("hoshino-logistics")).Scopes(t.Context())
	if err != nil || len(scopes) != 1 {
		t.Errorf("the scopes are %v, the error %v", scopes, err)
	}
}

func TestAServerIsAskedAtItsOwnAddresses(t *testing.T) {
	var mu sync.Mutex
	asked := map[string]bool{}
	p := over(transport(func(r *http.Request) (*http.Response, error) {
		mu.Lock()
		asked[r.URL.Scheme+"://"+r.URL.Host+r.URL.Path] = true
		mu.Unlock()
		return demo(t, githubsim.Faults{}).RoundTrip(r)
	}), func(c *github.Config) { c.BaseURL = "https://ghe.example/api/v3" })
	out := collect(t, p, "github_organization", "identity_provider")
	want := map[string]bool{
		"https://ghe.example/api/v3/user/orgs":              true,
		"https://ghe.example/api/v3/orgs/hoshino-logistics": true,
		"https://ghe.example/api/graphql":                   true,
	}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Error(diff)
	}
	if id := out.resources[0].ID; id != "https://ghe.example/hoshino-logistics" {
		t.Errorf("the id is %s", id)
	}
}

func TestATokenGoesToTheAPIOnly(t *testing.T) {
	const token = "ghp_thisIsTheTokenOfTheTest0123456789"
	rest := demo(t, githubsim.Faults{})
	seen := map[string]string{}
	p := over(transport(func(r *http.Request) (*http.Response, error) {
		seen[r.URL.Host] = r.Header.Get("Authorization")
		if r.URL.Host == "elsewhere.example" {
			return nil, errors.New("dial https://u:" + token + "@elsewhere.example: no route with Authorization: Bearer " + token)
		}
		if strings.HasSuffix(r.URL.Path, "/actions/permissions") {
			return response(r, 302, http.Header{"Location": {"https://elsewhere.example/x?token=" + token}}, ""), nil
		}
		return rest.RoundTrip(r)
	}), func(c *github.Config) { c.Token = token })
	out := collect(t, p, "github_actions_organization_permissions", "enabled_repositories")
	if diff := cmp.Diff(map[string]string{"api.github.com": "Bearer " + token, "elsewhere.example": ""}, seen); diff != "" {
		t.Error(diff)
	}
	b, err := json.Marshal(out.gaps)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.gaps) != 1 || bytes.Contains(b, []byte(token)) || bytes.Contains(b, []byte("elsewhere.example/x")) {
		t.Errorf("the gaps are %s", b)
	}
}

func TestLeakedSecretsAreNotPassedOn(t *testing.T) {
	out := collect(t, over(demo(t, githubsim.Faults{})), "github_repository", "open_secret_alerts")
	b, err := json.Marshal(out.resources)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(b, []byte("canary")) {
		t.Errorf("a secret is in the resources: %s", b)
	}
	want := []any{
		map[string]any{"number": 1, "created_at": "2025-02-14T09:40:00Z", "secret_type": "mailgun_api_key", "validity": "unknown"},
		map[string]any{"number": 2, "created_at": "2026-05-02T11:20:00Z", "secret_type": "stripe_api_key", "validity": "active"},
	}
	if diff := cmp.Diff(want, out.named(t, "legacy-billing").Attributes["open_secret_alerts"]); diff != "" {
		t.Error(diff)
	}
}

func TestAppPermissions(t *testing.T) {
	d := over(demo(t, githubsim.Faults{})).Describe()
	want := map[string]string{
		"administration":                 "read",
		"members":                        "read",
		"metadata":                       "read",
		"organization_administration":    "read",
		"organization_custom_properties": "read",
		"secret_scanning_alerts":         "read",
	}
	if diff := cmp.Diff(want, github.AppPermissions(d.Permissions(d.Everything()))); diff != "" {
		t.Error(diff)
	}
}
