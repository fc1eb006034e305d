package gcp_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/gcpsim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/gcp"
)

var update = flag.Bool("update", false, "write the golden files anew")

// record keeps what a provider sends.
type record struct {
	mu        sync.Mutex
	resources []providers.Resource
	gaps      []providers.Gap
}

func (r *record) Plan(...providers.Cell) {}
func (r *record) Done(providers.Cell)    {}
func (r *record) Resource(x providers.Resource) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.resources = append(r.resources, x)
}

func (r *record) Gap(g providers.Gap) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gaps = append(r.gaps, g)
}

// collect reads the wanted types from every scope and returns the resources in
// the order of their IDs.
func collect(t *testing.T, p *gcp.Provider, want []providers.Want) *record {
	t.Helper()
	scopes, err := p.Scopes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := &record{}
	for _, s := range scopes {
		if err := p.Collect(t.Context(), s, want, out); err != nil {
			t.Fatal(err)
		}
	}
	slices.SortFunc(out.resources, func(a, b providers.Resource) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(out.gaps, func(a, b providers.Gap) int { return strings.Compare(a.ID+a.Path, b.ID+b.Path) })
	return out
}

func TestTheEstateBecomesTheseResources(t *testing.T) {
	p := start(t, gcpsim.Config{}, "organizations/424242424242")
	got := collect(t, p, p.Describe().Everything())
	var b bytes.Buffer
	for _, r := range got.resources {
		j, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(j, '\n'))
	}
	const golden = "testdata/estate.golden"
	if *update {
		if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Error(diff)
	}
	if len(got.gaps) > 0 {
		t.Errorf("gaps: %+v", got.gaps)
	}
}

func TestAProjectOrAFolderCanBeTheScope(t *testing.T) {
	want := []providers.Want{{Type: "google_storage_bucket", Attributes: []string{"project"}}}
	for scope, names := range map[string][]string{
		"projects/shop-dev":      {"mitsumori-exports"},
		"projects/100000000002":  {"mitsumori-exports"},
		"folders/505050505050":   {"mitsumori-invoices", "mitsumori-site"},
		"organizations/77777777": nil,
	} {
		var got []string
		for _, r := range collect(t, start(t, gcpsim.Config{}, scope), want).resources {
			got = append(got, r.Name)
			if r.Attributes["project"] == nil {
				t.Errorf("%s: no project", r.ID)
			}
		}
		if diff := cmp.Diff(names, got); diff != "" {
			t.Errorf("%s: %s", scope, diff)
		}
	}
}

func TestAnAPIThatIsOffIsNotADenial(t *testing.T) {
	const op = "recommender.ListRecommendations/google.cloudsql.instance.IdleRecommender"
	want := []providers.Want{{Type: "google_sql_database_instance", Attributes: []string{"idle_recommendation"}}}
	is := func(name string) bool { return name == op }
	type answer struct {
		Reason     providers.Reason
		Permission string
	}
	for name, c := range map[string]struct {
		config gcpsim.Config
		want   answer
	}{
		"off":    {gcpsim.Config{Disable: is}, answer{providers.Disabled, ""}},
		"denied": {gcpsim.Config{Deny: is}, answer{providers.Denied, "recommender.cloudsqlIdleInstanceRecommendations.list"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := collect(t, start(t, c.config, "organizations/424242424242"), want)
			if len(got.gaps) == 0 {
				t.Fatal("no gap")
			}
			for _, g := range got.gaps {
				if diff := cmp.Diff(c.want, answer{g.Reason, g.Permission}); diff != "" {
					t.Errorf("%s %s: %s", g.ID, g.Path, diff)
				}
			}
			for _, r := range got.resources {
				if diff := cmp.Diff(map[string]providers.Reason{"idle_recommendation": c.want.Reason}, r.Unknown); diff != "" {
					t.Errorf("%s: %s", r.ID, diff)
				}
			}
		})
	}
}

func TestWhatStaysRefusedForRateIsThrottled(t *testing.T) {
	got := collect(t, start(t, gcpsim.Config{Throttle: 3}, "organizations/424242424242"),
		[]providers.Want{{Type: "google_compute_disk"}})
	if len(got.gaps) != 1 || got.gaps[0].Reason != providers.Throttled || got.gaps[0].Permission != "" || len(got.resources) > 0 {
		t.Errorf("got %+v", got)
	}
}

// second denies an operation from its second call on.
func second(op string) func(string) bool {
	var mu sync.Mutex
	n := 0
	return func(name string) bool {
		if name != op {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		n++
		return n > 1
	}
}

func TestHalfAListOfPoliciesIsUnknownForEverything(t *testing.T) {
	p := start(t, gcpsim.Config{PageSize: 1, Deny: second("cloudasset.ListAssets/IAM_POLICY")}, "organizations/424242424242")
	got := collect(t, p, []providers.Want{{Type: "google_kms_crypto_key", Attributes: []string{"iam_bindings", "key_ring_iam_bindings", "purpose"}}})
	var paths []string
	for _, g := range got.gaps {
		paths = append(paths, string(g.Type)+" "+g.ID+" "+g.Path+" "+string(g.Reason))
	}
	if diff := cmp.Diff([]string{"google_kms_crypto_key  iam_bindings denied", "google_kms_crypto_key  key_ring_iam_bindings denied"}, paths); diff != "" {
		t.Error(diff)
	}
	if len(got.resources) != 3 {
		t.Errorf("got %d keys, want 3", len(got.resources))
	}
	for _, r := range got.resources {
		if diff := cmp.Diff([]string{"purpose"}, slices.Sorted(maps.Keys(r.Attributes))); diff != "" {
			t.Errorf("%s: %s", r.ID, diff)
		}
		if diff := cmp.Diff(map[string]providers.Reason{"iam_bindings": "denied", "key_ring_iam_bindings": "denied"}, r.Unknown); diff != "" {
			t.Errorf("%s: %s", r.ID, diff)
		}
	}
}

func TestHalfAListOfResourcesIsAGapOfTheCell(t *testing.T) {
	n := 0
	deny := func(op string) bool {
		if op == "cloudasset.ListAssets/RESOURCE" {
			n++
		}
		return n > 4 // two pages of projects and two of buckets are answered
	}
	p := start(t, gcpsim.Config{PageSize: 1, Deny: deny}, "organizations/424242424242")
	got := collect(t, p, []providers.Want{{Type: "google_storage_bucket", Attributes: []string{"project"}}})
	if len(got.resources) != 2 {
		t.Errorf("got %d buckets, want the 2 that were listed before the refusal", len(got.resources))
	}
	want := []providers.Gap{{
		Scope: providers.Scope{Provider: "gcp", ID: "organizations/424242424242"}, Type: "google_storage_bucket",
		Call: "cloudasset.ListAssets/RESOURCE", Permission: "cloudasset.assets.listResource", Reason: providers.Denied,
	}}
	if diff := cmp.Diff(want, got.gaps, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Err" }, cmp.Ignore())); diff != "" {
		t.Error(diff)
	}
}

func TestAnOrganisationPolicyInForceIsSeenOnItsProjects(t *testing.T) {
	p := start(t, gcpsim.Config{NoPublicAccess: []string{"shop-dev"}}, "organizations/424242424242")
	got := map[string]any{}
	for _, r := range collect(t, p, []providers.Want{{Type: "google_storage_bucket", Attributes: []string{"public_access_prevention_constraint"}}}).resources {
		got[r.Name] = r.Attributes["public_access_prevention_constraint"]
	}
	want := map[string]any{"mitsumori-exports": true, "mitsumori-invoices": false, "mitsumori-site": false}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestManyProjectsAndPlacesTakeOneCallEach(t *testing.T) {
	var mu sync.Mutex
	made := map[string]int{}
	p := start(t, gcpsim.Config{Observe: func(op string) { mu.Lock(); made[op]++; mu.Unlock() }}, "organizations/424242424242")
	collect(t, p, []providers.Want{
		{Type: "google_compute_instance", Attributes: []string{"idle_recommendation", "iam_bindings"}},
		{Type: "google_storage_bucket", Attributes: []string{"public_access_prevention_constraint", "iam_bindings", "location"}},
	})
	want := map[string]int{
		"cloudasset.ListAssets/RESOURCE":   3, // projects, then either type
		"cloudasset.ListAssets/IAM_POLICY": 1,
		"orgpolicy.GetEffectivePolicy":     2, // projects with buckets
		"recommender.ListRecommendations/google.compute.instance.IdleResourceRecommender": 3, // zones with VMs
	}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Error(diff)
	}
}

func TestTheTypesOfAProjectAreListedTogether(t *testing.T) {
	var mu sync.Mutex
	made := map[string]int{}
	p := start(t, gcpsim.Config{Observe: func(op string) { mu.Lock(); made[op]++; mu.Unlock() }}, "projects/shop-prod")
	collect(t, p, []providers.Want{{Type: "google_compute_disk"}, {Type: "google_compute_instance"}, {Type: "google_storage_bucket"}})
	want := map[string]int{"cloudasset.ListAssets/RESOURCE": 2} // the project, then everything else
	if diff := cmp.Diff(want, made); diff != "" {
		t.Error(diff)
	}
}

func TestNobodyIsAskedForAdviceOnAProjectThatIsBeingDeleted(t *testing.T) {
	estate := `{"assets": [
		{"name": "//cloudresourcemanager.googleapis.com/projects/1", "assetType": "cloudresourcemanager.googleapis.com/Project", "ancestors": ["projects/1", "organizations/1"],
		 "resource": {"data": {"projectId": "old", "projectNumber": "1", "lifecycleState": "DELETE_REQUESTED"}}}
	]}`
	p := start(t, gcpsim.Config{Estate: []byte(estate), Observe: func(op string) {
		if op != "cloudasset.ListAssets/RESOURCE" {
			t.Errorf("%s is called", op)
		}
	}}, "organizations/1")
	got := collect(t, p, []providers.Want{{Type: "google_project", Attributes: []string{"project_id", "utilization_recommendation"}}})
	if len(got.gaps) > 0 || len(got.resources) != 1 {
		t.Fatalf("got %+v", got)
	}
	want := map[string]any{"project_id": "old", "utilization_recommendation": nil}
	if diff := cmp.Diff(want, got.resources[0].Attributes); diff != "" {
		t.Error(diff)
	}
}
