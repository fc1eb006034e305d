package gcp_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/metsuke-dev/metsuke/internal/simcloud/gcpsim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/gcp"
	"github.com/metsuke-dev/metsuke/providers/providertest"
)

var now = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)

// start returns a provider in front of a simulated cloud.
func start(t *testing.T, c gcpsim.Config, scopes ...string) *gcp.Provider {
	t.Helper()
	c.Now = now
	cloud, err := gcpsim.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cloud.Close(); err != nil {
			t.Error(err)
		}
	})
	return gcp.New(gcp.Config{
		Scopes:       scopes,
		AssetOptions: cloud.AssetOptions(),
		RESTOptions:  cloud.RESTOptions(),
		Retry:        gcp.Retry{Attempts: 3, Initial: time.Millisecond, Max: time.Millisecond},
	})
}

func TestConformance(t *testing.T) {
	providertest.Run(t, providertest.Config{
		New: func(t *testing.T, f providertest.Faults) providers.Provider {
			return start(t, gcpsim.Config{Deny: f.Deny, Throttle: f.Throttle, PageSize: f.PageSize, Observe: f.Observe})
		},
		Schemas: os.DirFS("../../policies/schemas"),
		Ambient: []string{
			"resourcemanager.SearchOrganizations",
			"resourcemanager.SearchProjects",
			"resourcemanager.TestIamPermissions",
			"resourcemanager.GetAncestry",
		},
	})
}

// startProject is start for a credential that belongs to a project.
func startProject(t *testing.T, c gcpsim.Config, project string) *gcp.Provider {
	t.Helper()
	cloud, err := gcpsim.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cloud.Close() })
	return gcp.New(gcp.Config{
		Project:      project,
		AssetOptions: cloud.AssetOptions(),
		RESTOptions:  cloud.RESTOptions(),
		Retry:        gcp.Retry{Attempts: 3, Initial: time.Millisecond, Max: time.Millisecond},
	})
}

// firstLines leaves out what the client library adds to an error below it.
func firstLines(s string) string {
	var out []string
	for l := range strings.Lines(s) {
		l = strings.TrimRight(l, "\n")
		if strings.HasPrefix(l, "search") || strings.HasPrefix(l, "gcp scope") || strings.HasPrefix(l, "organizations/") {
			out = append(out, l)
		}
	}
	return strings.Join(out, "\n")
}
