package gcp_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/gcpsim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/gcp"
)

func TestScopes(t *testing.T) {
	off := func(string) bool { return true }
	cases := []struct {
		name    string
		config  gcpsim.Config
		scopes  []string
		project string
		want    []providers.Scope
		err     string
	}{
		{
			name:   "what is configured is taken as it is",
			scopes: []string{"folders/505050505050", "projects/shop-dev"},
			want: []providers.Scope{
				{Provider: "gcp", ID: "folders/505050505050"},
				{Provider: "gcp", ID: "projects/shop-dev"},
			},
		},
		{
			name:   "a scope without its kind is refused",
			scopes: []string{"shop-dev"},
			err:    `gcp scope "shop-dev" is not organizations/<number>, folders/<number> or projects/<id>`,
		},
		{
			name: "an organisation that may be listed stands for its projects",
			want: []providers.Scope{{Provider: "gcp", ID: "organizations/424242424242", Name: "mitsumori.example"}},
		},
		{
			name:   "without a permission on the organisation the projects remain, and it is said",
			config: gcpsim.Config{ProjectsOnly: true},
			want: []providers.Scope{
				{Provider: "gcp", ID: "projects/shop-dev", Name: "Shop (development)"},
				{Provider: "gcp", ID: "projects/shop-prod", Name: "Shop (production)"},
			},
			err: "organizations/424242424242 (mitsumori.example): cloudasset.assets.listResource is not granted on it, so only the projects that the credential sees are read",
		},
		{
			name:   "pages are followed",
			config: gcpsim.Config{ProjectsOnly: true, PageSize: 1, Throttle: 1},
			want: []providers.Scope{
				{Provider: "gcp", ID: "projects/shop-dev", Name: "Shop (development)"},
				{Provider: "gcp", ID: "projects/shop-prod", Name: "Shop (production)"},
			},
			err: "organizations/424242424242 (mitsumori.example): cloudasset.assets.listResource is not granted on it, so only the projects that the credential sees are read",
		},
		{
			name:    "where nothing can be searched the credential's own project remains",
			config:  gcpsim.Config{Disable: off},
			project: "shop-dev",
			want:    []providers.Scope{{Provider: "gcp", ID: "projects/shop-dev"}},
			err: "search organisations: googleapi: Error 403: Cloud Resource Manager API has not been used in project 100000000001 before or it is disabled. Enable it, then retry.\n" +
				"search projects: googleapi: Error 403: Cloud Resource Manager API has not been used in project 100000000001 before or it is disabled. Enable it, then retry.",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := start(t, c.config, c.scopes...)
			if c.project != "" {
				p = startProject(t, c.config, c.project)
			}
			got, err := p.Scopes(t.Context())
			message := ""
			if err != nil {
				message = err.Error()
			}
			if diff := cmp.Diff(c.err, firstLines(message)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRolesCoverEveryDeclaredPermission(t *testing.T) {
	d := gcp.New(gcp.Config{}).Describe()
	roles, ungranted := gcp.Roles(d.Permissions(d.Everything()))
	want := []string{
		"roles/cloudasset.viewer",
		"roles/orgpolicy.policyViewer",
		"roles/recommender.cloudsqlViewer",
		"roles/recommender.computeViewer",
		"roles/recommender.projectUtilViewer",
		"roles/serviceusage.serviceUsageConsumer",
	}
	if diff := cmp.Diff(want, roles); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string(nil), ungranted); diff != "" {
		t.Error(diff)
	}
	if _, none := gcp.Roles([]string{"storage.objects.get"}); len(none) != 1 {
		t.Errorf("a permission that no role of the table grants must be named: %v", none)
	}
}
