package githubsim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

// call is a request after it was understood.
type call struct {
	operation string
	path      string // of the document
	query     url.Values
	address   string // without the query, for links
	graphql   *graphqlRequest
}

// templates are the paths that can be called, by the name that a provider gives the
// operation: the method and the path of GitHub's reference.
func templates() []string {
	return []string{
		"GET /user/orgs",
		"GET /app/installations/{installation_id}",
		"POST /app/installations/{installation_id}/access_tokens",
		"GET /orgs/{org}",
		"GET /orgs/{org}/actions/permissions",
		"GET /orgs/{org}/actions/permissions/selected-actions",
		"GET /orgs/{org}/audit-log",
		"GET /orgs/{org}/code-security/configurations/defaults",
		"GET /orgs/{org}/members",
		"GET /orgs/{org}/outside_collaborators",
		"GET /orgs/{org}/properties/values",
		"GET /orgs/{org}/repos",
		"GET /orgs/{org}/secret-scanning/alerts",
		"GET /orgs/{org}/teams",
		"GET /orgs/{org}/teams/{team_slug}/repos",
		"GET /repos/{owner}/{repo}/branches/{branch}/protection",
		"GET /repos/{owner}/{repo}/rules/branches/{branch}",
		"GET /repos/{owner}/{repo}/vulnerability-alerts",
	}
}

func parse(req *http.Request) (call, error) {
	p := strings.TrimPrefix(req.URL.EscapedPath(), "/api/v3")
	c := call{
		path: strings.Trim(p, "/"), query: req.URL.Query(),
		address: "https://api.github.com" + p,
	}
	if req.Method == http.MethodPost && path.Base(p) == "graphql" {
		var err error
		c.graphql, err = parseQuery(req)
		if err == nil {
			c.operation = "POST /graphql " + c.graphql.fields
		}
		return c, err
	}
	for _, t := range templates() {
		if fits(t, req.Method+" /"+c.path) {
			c.operation = t
			if c.query.Get("filter") == "2fa_disabled" {
				c.operation += "?filter=2fa_disabled" // it takes another right
			}
			return c, nil
		}
	}
	return c, fmt.Errorf("%s %s: %w", req.Method, p, errNoOperation)
}

func fits(template, call string) bool {
	want, got := strings.Split(template, "/"), strings.Split(call, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] && (!strings.HasPrefix(want[i], "{") || got[i] == "") {
			return false
		}
	}
	return true
}

// refusal is how GitHub answers a credential without the permission: it says so, it
// hides the thing, or it lets GraphQL say so with status 200.
func (c call) refusal() answer {
	switch {
	case c.graphql != nil:
		return encoded(http.StatusOK, map[string]any{"data": nil, "errors": []any{map[string]any{
			"type": "FORBIDDEN", "message": "Resource not accessible by personal access token",
		}}})
	case strings.HasSuffix(c.operation, "?filter=2fa_disabled"):
		return failed(http.StatusUnprocessableEntity, "Only owners can use this filter.")
	case strings.HasPrefix(c.operation, "GET /repos/{owner}/{repo}/branches/"),
		strings.HasSuffix(c.operation, "/vulnerability-alerts"):
		return failed(http.StatusNotFound, "Not Found")
	}
	return failed(http.StatusForbidden, "Resource not accessible by personal access token")
}

// none is the message of a 404 for what a credential may see and is not there.
func (c call) none() string {
	switch {
	case strings.HasSuffix(c.operation, "/protection"):
		return "Branch not protected"
	case strings.HasSuffix(c.operation, "/vulnerability-alerts"):
		return "Vulnerability alerts are disabled."
	}
	return "Not Found"
}

// page answers a list: those items that the query asks for, in pages.
func (a *API) page(c call, items []any) answer {
	var found []any
	for _, item := range items {
		if v, ok := item.(map[string]any); ok && c.selects(v) {
			v = shown(v)
			if c.query.Get("hide_secret") == "true" {
				delete(v, "secret")
			}
			found = append(found, v)
		}
	}
	size := number(c.query.Get("per_page"), 30)
	size = min(size, 100)
	if a.faults.PageSize > 0 {
		size = min(size, a.faults.PageSize)
	}
	// Some lists are paged by number and some by a cursor; this cursor is a number too.
	by := "page"
	if strings.HasSuffix(c.operation, "/audit-log") {
		by = "after"
	}
	page := number(c.query.Get(by), 1)
	from := min((page-1)*size, len(found))
	to := min(from+size, len(found))
	ans := encoded(http.StatusOK, slices.Concat([]any{}, found[from:to]))
	if to < len(found) {
		q := url.Values{}
		for k, v := range c.query {
			q[k] = v
		}
		q.Set(by, strconv.Itoa(page+1))
		ans.header.Set("Link", fmt.Sprintf(`<%s?%s>; rel="next"`, c.address, q.Encode()))
	}
	return ans
}

func number(s string, otherwise int) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return otherwise
	}
	return n
}

// selects says whether the query asks for the item.
func (c call) selects(item map[string]any) bool {
	if role := c.query.Get("role"); role != "" && role != "all" && item["sim_role"] != role {
		return false
	}
	if c.query.Get("filter") == "2fa_disabled" && item["sim_2fa_disabled"] != true {
		return false
	}
	if state := c.query.Get("state"); state != "" && item["state"] != state {
		return false
	}
	for _, term := range strings.Fields(c.query.Get("phrase")) {
		if key, value, ok := strings.Cut(term, ":"); ok && item[key] != value {
			return false
		}
	}
	return true
}

// graphqlRequest is a query after it was understood. It is known by its name; what
// it asks for is not interpreted.
type graphqlRequest struct {
	Name      string         `json:"operationName"`
	Query     string         `json:"query"`
	Variables map[string]any `json:"variables"`
	fields    string         // what it asks for: "organization.samlIdentityProvider"
}

func parseQuery(req *http.Request) (*graphqlRequest, error) {
	q := &graphqlRequest{}
	if err := json.NewDecoder(req.Body).Decode(q); err != nil {
		return nil, fmt.Errorf("problems parsing JSON: %w", err)
	}
	fields := map[string]string{
		"contributions":          "user.contributionsCollection",
		"enterpriseIdentities":   "enterprise.ownerInfo.samlIdentityProvider.externalIdentities",
		"enterpriseSAML":         "enterprise.ownerInfo.samlIdentityProvider",
		"organizationIdentities": "organization.samlIdentityProvider.externalIdentities",
		"organizationSAML":       "organization.samlIdentityProvider",
	}
	q.fields = fields[q.Name]
	if q.fields == "" || !strings.Contains(q.Query, "query "+q.Name+"(") {
		return nil, fmt.Errorf("query %q: %w", q.Name, errNoOperation)
	}
	for _, f := range strings.Split(q.fields, ".") {
		if !strings.Contains(q.Query, f) {
			return nil, fmt.Errorf("query %q does not ask for %s", q.Name, f)
		}
	}
	return q, nil
}
