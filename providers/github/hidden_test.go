package github_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/githubsim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/github"
)

// transport is a function that answers requests.
type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func response(r *http.Request, status int, header http.Header, body string) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r}
}

// instead answers the calls whose path ends in suffix itself and leaves the rest to
// the estate.
func instead(rest http.RoundTripper, suffix string, status int, body string) http.RoundTripper {
	return transport(func(r *http.Request) (*http.Response, error) {
		if strings.HasSuffix(r.URL.EscapedPath(), suffix) {
			return response(r, status, nil, body), nil
		}
		return rest.RoundTrip(r)
	})
}

// recorder is a sink.
type recorder struct {
	mu        sync.Mutex
	resources []providers.Resource
	gaps      []providers.Gap
}

func (s *recorder) Plan(...providers.Cell) {}
func (s *recorder) Done(providers.Cell)    {}

func (s *recorder) Resource(r providers.Resource) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.resources = append(s.resources, r)
}

func (s *recorder) Gap(g providers.Gap) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gaps = append(s.gaps, g)
}

func (s *recorder) named(t *testing.T, name string) providers.Resource {
	t.Helper()
	i := slices.IndexFunc(s.resources, func(r providers.Resource) bool { return r.Name == name })
	if i < 0 {
		t.Fatalf("there is no %s", name)
	}
	return s.resources[i]
}

func collect(t *testing.T, p *github.Provider, typ providers.Type, attributes ...string) *recorder {
	t.Helper()
	scopes, err := p.Scopes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := &recorder{}
	if err := p.Collect(t.Context(), scopes[0], []providers.Want{{Type: typ, Attributes: attributes}}, out); err != nil {
		t.Fatal(err)
	}
	return out
}

// gap is what tests compare of a gap.
type gap struct{ ID, Path, Call, Permission, Reason, Err string }

func gapsOf(out *recorder) []gap {
	var gs []gap
	for _, g := range out.gaps {
		gs = append(gs, gap{g.ID, g.Path, g.Call, g.Permission, string(g.Reason), g.Err})
	}
	return gs
}

func TestSettingsHiddenFromACredentialAreUnknown(t *testing.T) {
	// What GitHub answers to anybody who is no owner.
	public := `{"login":"hoshino-logistics","node_id":"O_1","public_repos":3,"created_at":"2018-03-12T08:41:05Z"}`
	p := over(instead(demo(t, githubsim.Faults{}), "/orgs/hoshino-logistics", 200, public))
	out := collect(t, p, "github_organization", "login", "two_factor_requirement_enabled", "plan")
	r := out.named(t, "hoshino-logistics")
	if diff := cmp.Diff(map[string]any{"login": "hoshino-logistics"}, r.Attributes); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]providers.Reason{"two_factor_requirement_enabled": "denied", "plan": "denied"}, r.Unknown); diff != "" {
		t.Error(diff)
	}
	want := []gap{{
		"https://github.com/hoshino-logistics", "plan,two_factor_requirement_enabled", "GET /orgs/{org}",
		"organization:administration:read", "denied", "GitHub shows these settings to owners of the organisation only",
	}}
	if diff := cmp.Diff(want, gapsOf(out)); diff != "" {
		t.Error(diff)
	}
}

func TestA404IsTakenForAnAnswerOnlyWhenItSaysSo(t *testing.T) {
	const protection, alerts = "/repos/hoshino-logistics/checkout-api/branches/main/protection", "/repos/hoshino-logistics/checkout-api/vulnerability-alerts"
	for name, c := range map[string]struct {
		path, attribute string
		status          int
		message         string
		value           any
		reason          providers.Reason
	}{
		"no protection":                        {protection, "default_branch_protection", 404, "Branch not protected", nil, ""},
		"no such branch yet":                   {protection, "default_branch_exists", 404, "Branch not found", false, ""},
		"protection hidden from non-admins":    {protection, "default_branch_protection", 404, "Not Found", nil, providers.Denied},
		"protection refused to an app":         {protection, "default_branch_protection", 403, "Resource not accessible by integration", nil, providers.Denied},
		"protection not offered on the plan":   {protection, "default_branch_protection", 403, "Upgrade to GitHub Pro or make this repository public to enable this feature.", nil, providers.Unsupported},
		"alerts are off":                       {alerts, "vulnerability_alerts", 404, "Vulnerability alerts are disabled.", false, ""},
		"alerts hidden from non-admins":        {alerts, "vulnerability_alerts", 404, "Not Found", nil, providers.Denied},
		"a server error is neither":            {alerts, "vulnerability_alerts", 502, "Server Error", nil, providers.Failed},
		"an expired token is a denied one":     {alerts, "vulnerability_alerts", 401, "Bad credentials", nil, providers.Denied},
		"a limit is no lack of a permission":   {alerts, "vulnerability_alerts", 403, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.", nil, providers.Throttled},
		"another 422 is no lack of permission": {alerts, "vulnerability_alerts", 422, "Validation Failed", nil, providers.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := json.Marshal(map[string]string{"message": c.message, "documentation_url": "https://docs.github.com/rest"})
			if err != nil {
				t.Fatal(err)
			}
			out := collect(t, over(instead(demo(t, githubsim.Faults{}), c.path, c.status, string(b))), "github_repository", c.attribute)
			r := out.named(t, "checkout-api")
			if got := r.Unknown[c.attribute]; got != c.reason {
				t.Errorf("unknown because %q, want %q", got, c.reason)
			}
			v, there := r.Attributes[c.attribute]
			if there == (c.reason != "") || v != c.value {
				t.Errorf("the attribute is %v (there: %v), want %v", v, there, c.value)
			}
			if (c.reason != "") != (len(out.gaps) == 1) {
				t.Errorf("the gaps are %+v", out.gaps)
			}
		})
	}
}

func TestAShortListIsAGap(t *testing.T) {
	const members = "/orgs/hoshino-logistics/members"
	t.Run("repositories that the credential was not given", func(t *testing.T) {
		one := `[{"name":"checkout-api","visibility":"private","default_branch":"main"}]`
		out := collect(t, over(instead(demo(t, githubsim.Faults{}), "/orgs/hoshino-logistics/repos", 200, one)), "github_repository", "name")
		want := []gap{{"", "", "GET /orgs/{org}/repos", "repository:metadata:read", "denied", "the credential sees 1 of 9 repositories"}}
		if diff := cmp.Diff(want, gapsOf(out)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("members hidden from an app", func(t *testing.T) {
		out := collect(t, over(instead(demo(t, githubsim.Faults{}), members, 200, `[]`)), "github_membership", "username")
		want := []gap{{"", "", "GET /orgs/{org}/members", "organization:members:read", "denied", "GitHub lists no member, though every organisation has an owner"}}
		if diff := cmp.Diff(want, gapsOf(out)); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("members hidden from a classic token", func(t *testing.T) {
		rest := demo(t, githubsim.Faults{})
		for scopes, gaps := range map[string]int{"repo, user:email": 1, "repo, read:org": 0, "admin:org": 0} {
			out := collect(t, over(transport(func(r *http.Request) (*http.Response, error) {
				resp, err := rest.RoundTrip(r)
				if err == nil {
					resp.Header.Set("X-OAuth-Scopes", scopes)
				}
				return resp, err
			})), "github_membership", "username")
			if len(out.gaps) != gaps {
				t.Errorf("scopes %q: the gaps are %+v", scopes, out.gaps)
			}
		}
	})
}

func TestSingleSignOnIsNullOnlyWhenThereCertainlyIsNone(t *testing.T) {
	answer := func(canAdminister bool) string {
		if canAdminister {
			return `{"data":{"organization":{"viewerCanAdminister":true,"samlIdentityProvider":null}}}`
		}
		return `{"data":{"organization":{"viewerCanAdminister":false,"samlIdentityProvider":null}}}`
	}
	const team = `{"login":"hoshino-logistics","plan":{"name":"team"}}`
	for name, c := range map[string]struct {
		graphql string
		org     string // "" is the estate's, which is on Enterprise
		config  func(*github.Config)
		reason  providers.Reason
	}{
		"an owner on a plan without enterprises":     {answer(true), team, nil, ""},
		"a member, who would see null anyway":        {answer(false), team, nil, providers.Denied},
		"an enterprise that is not configured":       {answer(true), "", nil, providers.Denied},
		"GraphQL refuses with status 200":            {`{"data":null,"errors":[{"type":"FORBIDDEN","message":"Resource not accessible by integration"}]}`, "", nil, providers.Denied},
		"a token without the scope":                  {`{"errors":[{"type":"INSUFFICIENT_SCOPES","message":"Your token has not been granted the required scopes"}]}`, "", nil, providers.Denied},
		"a part of the answer failed":                {`{"data":{"organization":null},"errors":[{"type":"NOT_FOUND","path":["organization"],"message":"Could not resolve"}]}`, "", nil, providers.Denied},
		"a query that GitHub gave up on":             {`{"data":null,"errors":[{"message":"Something went wrong while executing your query."}]}`, "", nil, providers.Failed},
		"an enterprise that has none":                {answer(true), "", func(c *github.Config) { c.Enterprise = "hoshino" }, ""},
		"an enterprise that others own":              {answer(true), "", func(c *github.Config) { c.Enterprise = "foreign" }, providers.Denied},
		"an enterprise with a provider for everyone": {answer(true), "", func(c *github.Config) { c.Enterprise = "holding" }, ""},
		"an enterprise that manages its users":       {answer(true), "", func(c *github.Config) { c.Enterprise = "managed" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			rest := demo(t, githubsim.Faults{})
			rt := transport(func(r *http.Request) (*http.Response, error) {
				switch {
				case r.URL.Path == "/orgs/hoshino-logistics" && c.org != "":
					return response(r, 200, nil, c.org), nil
				case r.URL.Path != "/graphql":
					return rest.RoundTrip(r)
				}
				b, err := io.ReadAll(r.Body)
				if err != nil {
					return nil, err
				}
				switch {
				case bytes.Contains(b, []byte(`"enterprise":"hoshino"`)):
					return response(r, 200, nil, `{"data":{"enterprise":{"ownerInfo":{"samlIdentityProvider":null}}}}`), nil
				case bytes.Contains(b, []byte(`"enterprise":"managed"`)):
					return response(r, 200, nil, `{"data":{"enterprise":{"ownerInfo":{"samlIdentityProvider":null,"oidcProvider":{"id":"O_1"}}}}}`), nil
				case bytes.Contains(b, []byte(`"enterprise":"foreign"`)):
					return response(r, 200, nil, `{"data":{"enterprise":{"ownerInfo":null}}}`), nil
				case bytes.Contains(b, []byte(`"enterprise":"holding"`)):
					return response(r, 200, nil, `{"data":{"enterprise":{"ownerInfo":{"samlIdentityProvider":{"issuer":"i","ssoUrl":"https://sso.example"},"oidcProvider":null}}}}`), nil
				}
				return response(r, 200, nil, c.graphql), nil
			})
			var change []func(*github.Config)
			if c.config != nil {
				change = append(change, c.config)
			}
			r := collect(t, over(rt, change...), "github_organization", "identity_provider").named(t, "hoshino-logistics")
			if got := r.Unknown["identity_provider"]; got != c.reason {
				t.Fatalf("unknown because %q, want %q", got, c.reason)
			}
			want := map[string]any{}
			if c.reason == "" {
				want["identity_provider"] = nil
			}
			switch name {
			case "an enterprise with a provider for everyone":
				want["identity_provider"] = map[string]any{"protocol": "saml", "issuer": "i", "sso_url": "https://sso.example", "level": "enterprise"}
			case "an enterprise that manages its users":
				want["identity_provider"] = map[string]any{"protocol": "oidc", "issuer": nil, "sso_url": nil, "level": "enterprise"}
			}
			if diff := cmp.Diff(want, r.Attributes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTheAuditLogIsUnsupportedBelowEnterprise(t *testing.T) {
	p := over(instead(demo(t, githubsim.Faults{}), "/orgs/hoshino-logistics", 200, `{"login":"hoshino-logistics","plan":{"name":"team"}}`))
	out := collect(t, p, "github_membership", "last_audit_event_at")
	want := []gap{{
		"", "last_audit_event_at", "GET /orgs/{org}/audit-log", "", "unsupported",
		"GitHub offers the audit log's API to organisations on Enterprise only, this one is on the plan team",
	}}
	if diff := cmp.Diff(want, gapsOf(out)); diff != "" {
		t.Error(diff)
	}
	for _, r := range out.resources {
		if r.Unknown["last_audit_event_at"] != providers.Unsupported {
			t.Errorf("%s: %v", r.Name, r.Unknown)
		}
	}
}

func TestAUserThatGitHubDoesNotShowIsUnknownAlone(t *testing.T) {
	rest := demo(t, githubsim.Faults{})
	out := collect(t, over(transport(func(r *http.Request) (*http.Response, error) {
		resp, err := rest.RoundTrip(r)
		if err != nil || r.URL.Path != "/graphql" {
			return resp, err
		}
		asked, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(asked)
		if err != nil || !bytes.Contains(b, []byte("akari-fujii")) {
			return resp, err
		}
		// The first of the batch is gone: the rest of the answer stands.
		var body map[string]any
		if err := json.NewDecoder(resp.Body).Decode(&body); err != nil {
			return nil, err
		}
		body["data"].(map[string]any)["u0"] = nil
		body["errors"] = []any{map[string]any{"type": "NOT_FOUND", "path": []any{"u0"}, "message": "Could not resolve to a User"}}
		b, err = json.Marshal(body)
		return response(r, 200, nil, string(b)), err
	})), "github_membership", "last_contribution_at")
	unknown := []string{}
	for _, r := range out.resources {
		if len(r.Unknown) > 0 {
			unknown = append(unknown, r.Name)
		}
	}
	if diff := cmp.Diff([]string{"akari-fujii"}, unknown); diff != "" {
		t.Error(diff)
	}
	if got := out.named(t, "kirsten-b").Attributes["last_contribution_at"]; got != "2026-01-22T00:00:00Z" {
		t.Errorf("the last contribution is %v", got)
	}
}
