package github

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	gh "github.com/google/go-github/v88/github"
	"golang.org/x/sync/errgroup"

	"github.com/metsuke-dev/metsuke/providers"
)

func repository() collector {
	return collector{
		info: providers.TypeInfo{
			Type:   "github_repository",
			Global: true,
			Calls:  []providers.Call{listRepositories(), count()},
			Attributes: []string{
				"archived", "default_branch", "fork", "name", "pushed_at", "security_and_analysis", "topics", "visibility",
			},
			Details: []providers.Detail{
				{
					Attributes: []string{"default_branch_exists", "default_branch_protection"},
					Calls:      []providers.Call{getBranchProtection()},
				},
				{
					Attributes: []string{"default_branch_rules"},
					Calls:      []providers.Call{listBranchRules()},
				},
				{
					Attributes: []string{"open_secret_alerts"},
					Calls:      []providers.Call{listSecretAlerts()},
				},
				{
					Attributes: []string{"tags"},
					Calls:      []providers.Call{listPropertyValues()},
				},
				{
					Attributes: []string{"teams"},
					Calls:      []providers.Call{count(), listTeams(), listTeamRepositories(), getInstallation()},
				},
				{
					Attributes: []string{"vulnerability_alerts"},
					Calls:      []providers.Call{getVulnerabilityAlerts()},
				},
			},
		},
		read: readRepositories,
	}
}

// count is how many repositories there are, which everybody may read.
func count() providers.Call { return providers.Call{Operation: getOrganization().Operation} }

// repo is one repository while it is being read.
type repo struct {
	*draft
	name   string
	path   string // below the API's address
	branch string // the default branch, escaped for a path
}

func readRepositories(ctx context.Context, r *run, c *cell) {
	repos := listRepos(ctx, r, c)
	if len(repos) > 0 && c.wants("tags") {
		customProperties(ctx, r, c, repos)
	}
	if len(repos) > 0 && c.wants("open_secret_alerts") {
		secretAlerts(ctx, r, c, repos)
	}
	if len(repos) > 0 && c.wants("teams") {
		repositoryTeams(ctx, r, c, repos)
	}
	var g errgroup.Group
	g.SetLimit(defaultConcurrency)
	for _, rp := range repos {
		g.Go(func() error {
			if c.wants("default_branch_exists", "default_branch_protection") {
				branchProtection(ctx, r, rp)
			}
			if c.wants("default_branch_rules") {
				branchRules(ctx, r, rp)
			}
			if c.wants("vulnerability_alerts") {
				vulnerabilityAlerts(ctx, r, rp)
			}
			rp.send()
			return nil
		})
	}
	_ = g.Wait() // failures are gaps
}

func listRepos(ctx context.Context, r *run, c *cell) []*repo {
	org, f := r.organization(ctx)
	if f != nil {
		c.gap(&failure{call: count(), reason: f.reason, status: f.status, message: f.message}, "")
	}
	var repos []*repo
	private := 0
	_, err := list(ctx, r.api, listRepositories(), "orgs/"+r.scope.ID+"/repos", url.Values{"type": {"all"}}, func(in *gh.Repository) {
		if visibility(in) != "public" {
			private++
		}
		repos = append(repos, newRepo(r, c, in))
	})
	if err != nil {
		c.gap(asFailure(listRepositories(), err), "")
	} else if f == nil {
		// A credential that was given some repositories gets those, without an error.
		all, listed := int(org.GetTotalPrivateRepos())+org.GetPublicRepos(), len(repos)
		if org.TotalPrivateRepos == nil { // not shown to this credential
			all, listed = org.GetPublicRepos(), len(repos)-private
		}
		if listed < all {
			c.gap(denied(listRepositories(), fmt.Sprintf("the credential sees %d of %d repositories", listed, all)), "")
		}
	}
	slices.SortFunc(repos, func(a, b *repo) int { return cmp.Compare(a.name, b.name) })
	return repos
}

func newRepo(r *run, c *cell, in *gh.Repository) *repo {
	rp := &repo{
		draft:  c.draft(r.api.web+"/"+r.scope.ID+"/"+in.GetName(), in.GetName()),
		name:   in.GetName(),
		path:   "repos/" + r.scope.ID + "/" + in.GetName(),
		branch: url.PathEscape(in.GetDefaultBranch()),
	}
	rp.Created = in.GetCreatedAt().UTC()
	rp.set("archived", in.GetArchived())
	rp.set("default_branch", in.GetDefaultBranch())
	rp.set("fork", in.GetFork())
	rp.set("name", in.GetName())
	rp.set("pushed_at", timestamp(in.GetPushedAt().Time))
	rp.set("topics", sorted(in.Topics))
	rp.set("visibility", visibility(in))
	if s := in.SecurityAndAnalysis; s != nil {
		rp.set("security_and_analysis", map[string]any{
			"advanced_security":               status(s.AdvancedSecurity.GetStatus()),
			"secret_scanning":                 status(s.SecretScanning.GetStatus()),
			"secret_scanning_push_protection": status(s.SecretScanningPushProtection.GetStatus()),
		})
	} else {
		hidden := denied(providers.Call{Operation: listRepositories().Operation, Permissions: []string{"repository:administration:read"}},
			"GitHub shows security features to the repository's administrators, owners and security managers only")
		rp.unknown(hidden, "security_and_analysis")
	}
	return rp
}

// visibility falls back on the older flag: a server may not know the word.
func visibility(in *gh.Repository) string {
	switch {
	case in.Visibility != nil:
		return in.GetVisibility()
	case in.GetPrivate():
		return "private"
	}
	return "public"
}

func status(s string) any {
	if s == "" {
		return nil
	}
	return map[string]any{"status": s}
}

// customProperties enters the values of custom properties as tags. The values are a
// string, several strings, or null.
func customProperties(ctx context.Context, r *run, c *cell, repos []*repo) {
	values := map[string]map[string]string{}
	_, err := list(ctx, r.api, listPropertyValues(), "orgs/"+r.scope.ID+"/properties/values", nil, func(in *gh.RepoCustomPropertyValue) {
		tags := map[string]string{}
		for _, p := range in.Properties {
			switch v := p.Value.(type) {
			case string:
				tags[p.PropertyName] = v
			case []string:
				tags[p.PropertyName] = strings.Join(v, ",")
			case []any:
				var parts []string
				for _, e := range v {
					parts = append(parts, fmt.Sprint(e))
				}
				tags[p.PropertyName] = strings.Join(parts, ",")
			}
		}
		values[in.RepositoryName] = tags
	})
	if err != nil {
		f := asFailure(listPropertyValues(), err)
		c.gap(f, "", "tags")
		for _, rp := range repos {
			rp.mark(f, "tags")
		}
		return
	}
	for _, rp := range repos {
		if t := values[rp.name]; t != nil {
			rp.Tags = t
		}
	}
}

// secretAlerts enters the open alerts of every repository. The secrets themselves
// are neither asked for nor read.
func secretAlerts(ctx context.Context, r *run, c *cell, repos []*repo) {
	const attribute = "open_secret_alerts"
	type alert struct {
		Number     int           `json:"number"`
		CreatedAt  *gh.Timestamp `json:"created_at"`
		SecretType string        `json:"secret_type"`
		Validity   string        `json:"validity"`
		Repository struct {
			Name string `json:"name"`
		} `json:"repository"`
	}
	alerts := map[string][]*alert{}
	query := url.Values{"state": {"open"}, "hide_secret": {"true"}}
	_, err := list(ctx, r.api, listSecretAlerts(), "orgs/"+r.scope.ID+"/secret-scanning/alerts", query, func(a *alert) {
		alerts[a.Repository.Name] = append(alerts[a.Repository.Name], a)
	})
	if err != nil {
		f := asFailure(listSecretAlerts(), err)
		c.gap(f, "", attribute)
		for _, rp := range repos {
			rp.mark(f, attribute)
		}
		return
	}
	for _, rp := range repos {
		of := alerts[rp.name]
		slices.SortFunc(of, func(a, b *alert) int { return cmp.Compare(a.Number, b.Number) })
		out := []any{}
		for _, a := range of {
			out = append(out, map[string]any{
				"number": a.Number, "created_at": timestamp(a.CreatedAt.GetTime().UTC()),
				"secret_type": a.SecretType, "validity": cmp.Or(a.Validity, "unknown"),
			})
		}
		rp.set(attribute, out)
	}
}

// vulnerabilityAlerts enters whether Dependabot alerts are on. GitHub says no with a
// 404, as it says that the repository may not be seen; the message tells them apart.
func vulnerabilityAlerts(ctx context.Context, r *run, rp *repo) {
	_, err := r.api.get(ctx, getVulnerabilityAlerts(), rp.path+"/vulnerability-alerts", nil, nil)
	switch {
	case err == nil:
		rp.set("vulnerability_alerts", true)
	case says(err, http.StatusNotFound, "Vulnerability alerts are disabled"):
		rp.set("vulnerability_alerts", false)
	default:
		rp.unknown(asFailure(getVulnerabilityAlerts(), err), "vulnerability_alerts")
	}
}
