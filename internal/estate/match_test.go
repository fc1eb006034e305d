package estate_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/estate"
	"github.com/metsuke-dev/metsuke/providers"
)

// saved is the provider of a saved inventory of one cloud.
type saved struct {
	name      string
	types     []providers.Type
	scopes    []providers.Scope
	resources []providers.Resource
	gaps      []providers.Gap
}

func (s saved) Describe() providers.Description {
	d := providers.Description{Name: s.name}
	for _, t := range s.types {
		d.Types = append(d.Types, providers.TypeInfo{Type: t, Attributes: []string{"open", "tags"}})
	}
	return d
}

func (s saved) Scopes(context.Context) ([]providers.Scope, error) { return s.scopes, nil }

func (s saved) Collect(_ context.Context, scope providers.Scope, want []providers.Want, out providers.Sink) error {
	for _, w := range want {
		c := providers.Cell{Scope: scope, Type: w.Type}
		out.Plan(c)
		for _, g := range s.gaps {
			if g.Scope.ID == scope.ID && g.Type == w.Type {
				out.Gap(g)
			}
		}
		for _, r := range s.resources {
			if r.Scope.ID == scope.ID && r.Type == w.Type {
				out.Resource(r)
			}
		}
		out.Done(c)
	}
	return nil
}

var (
	shop = providers.Scope{Provider: "aws", ID: "111111111111", Name: "shop"}
	bank = providers.Scope{Provider: "aws", ID: "222222222222", Name: "bank"}
	org  = providers.Scope{Provider: "gcp", ID: "organizations/42"}
)

func group(s providers.Scope, id, name string) providers.Resource {
	return providers.Resource{Scope: s, Type: "aws_security_group", ID: "arn:aws:ec2:eu-west-1:" + s.ID + ":security-group/" + id, Name: name, Region: "eu-west-1"}
}

func instance(project, name string) providers.Resource {
	return providers.Resource{Scope: org, Type: "google_compute_instance", ID: "//compute.googleapis.com/projects/" + project + "/zones/z/instances/" + name, Name: name}
}

func open(t *testing.T, scopes ...providers.Scope) *estate.Estate {
	t.Helper()
	aws := saved{
		name: "aws", types: []providers.Type{"aws_security_group"}, scopes: scopes,
		resources: []providers.Resource{
			group(shop, "sg-0000000000000001a", "web"), group(shop, "sg-0000000000000002a", "db"), group(shop, "sg-0000000000000003a", "db"),
			group(bank, "sg-0000000000000004a", "web"), group(bank, "sg-0000000000000005a", "ledger"),
		},
		gaps: []providers.Gap{{Scope: bank, Type: "aws_security_group", Reason: providers.Denied}},
	}
	gcp := saved{
		name: "gcp", types: []providers.Type{"google_compute_instance"}, scopes: []providers.Scope{org},
		resources: []providers.Resource{instance("shop-prod", "a"), instance("shop-dev", "a")},
	}
	e := estate.New(t.Context(), []providers.Provider{aws, gcp}, false)
	if err := e.Need(t.Context(), []providers.Want{{Type: "aws_security_group"}, {Type: "google_compute_instance"}, {Type: "okta_user"}}); err != nil {
		t.Fatal(err)
	}
	return e
}

// told is what a match says of one resource of a plan.
type told struct{ Scope, Live string }

func matched(m *estate.Match, selves ...providers.Self) map[string]told {
	out := map[string]told{}
	for _, s := range selves {
		k := estate.Key{Type: s.Type, ID: s.ID}
		scope, _ := m.Scope(k)
		live, _ := m.Live(k)
		out[s.ID] = told{scope.ID, live.ID}
	}
	return out
}

func self(id string, change func(*providers.Self)) providers.Self {
	s := providers.Self{Type: "aws_security_group", ID: id}
	if change != nil {
		change(&s)
	}
	return s
}

func TestAPlannedResourceIsFoundAmongTheLiveOnes(t *testing.T) {
	arn := group(shop, "sg-0000000000000001a", "").ID
	selves := []providers.Self{
		self("by ARN", func(s *providers.Self) {
			s.Exists, s.Names, s.Config = true, []string{arn, "sg-0000000000000001a"}, "aws"
		}),
		self("by id alone", func(s *providers.Self) { s.Exists, s.Names = true, []string{"sg-0000000000000005a"} }),
		self("new, of the same configuration", func(s *providers.Self) { s.Config = "aws" }),
		self("new, of another configuration", func(s *providers.Self) { s.Config = "aws.other" }),
		self("new, in a named account", func(s *providers.Self) { s.Account = "222222222222" }),
		self("of an account that is not there", func(s *providers.Self) { s.Account, s.Config = "333333333333", "aws.third" }),
		self("of the same configuration as that", func(s *providers.Self) { s.Config = "aws.third" }),
		self("a name that others have", func(s *providers.Self) { s.Exists, s.Names, s.Account = true, []string{"db"}, shop.ID }),
		self("newer than the inventory", func(s *providers.Self) {
			s.Exists, s.Names, s.Account = true, []string{"sg-0000000000000009a"}, shop.ID
		}),
		self("stands in", func(s *providers.Self) { s.Exists, s.Names, s.Outside = true, []string{"sg-0000000000000002a"}, true }),
		{Type: "google_compute_instance", ID: "by self link", Exists: true, Account: "shop-prod", Names: []string{"https://www.googleapis.com/compute/v1/projects/shop-prod/zones/z/instances/a"}},
		{Type: "google_compute_instance", ID: "new project", Account: "shop-new"},
		{Type: "okta_user", ID: "of no provider"},
	}
	m := open(t, shop, bank).Match(selves, nil)
	want := map[string]told{
		"by ARN":                            {shop.ID, arn},
		"by id alone":                       {bank.ID, group(bank, "sg-0000000000000005a", "").ID},
		"new, of the same configuration":    {shop.ID, ""},
		"new, of another configuration":     {},
		"new, in a named account":           {bank.ID, ""},
		"of an account that is not there":   {},
		"of the same configuration as that": {},
		"a name that others have":           {shop.ID, ""},
		"newer than the inventory":          {shop.ID, ""},
		"stands in":                         {shop.ID, group(shop, "sg-0000000000000002a", "").ID},
		"by self link":                      {org.ID, instance("shop-prod", "a").ID},
		"new project":                       {org.ID, ""},
		"of no provider":                    {},
	}
	if diff := cmp.Diff(want, matched(m, selves...)); diff != "" {
		t.Errorf("matched (-want +got):\n%s", diff)
	}
	if !m.Taken(group(shop, "sg-0000000000000001a", "")) || m.Taken(group(shop, "sg-0000000000000002a", "")) {
		t.Error("a resource of the plan takes the place of its live self, and what stands in does not")
	}
	if !m.Doubtful("aws_security_group") || m.Doubtful("google_compute_instance") {
		t.Error("of a group that may be either of two it is told which it is")
	}
	sum := []any{m.Elsewhere, m.Assumed, m.Unplaced, m.Missing}
	if diff := cmp.Diff([]any{[]string{"333333333333"}, []estate.ScopeID{{Provider: "gcp", ID: org.ID}}, 4, 1}, sum); diff != "" {
		t.Errorf("elsewhere, assumed, unplaced, missing (-want +got):\n%s", diff)
	}
}

func TestWhereThePlanSaysNothingTheUserOrTheOnlyAccountDecides(t *testing.T) {
	s := self("new", nil)
	for name, c := range map[string]struct {
		scopes   []providers.Scope
		accounts []string
		want     told
	}{
		"one account":           {[]providers.Scope{shop}, nil, told{shop.ID, ""}},
		"two accounts":          {[]providers.Scope{shop, bank}, nil, told{}},
		"two, and one is named": {[]providers.Scope{shop, bank}, []string{"bank"}, told{bank.ID, ""}},
		"named by its id":       {[]providers.Scope{shop, bank}, []string{shop.ID}, told{shop.ID, ""}},
	} {
		if diff := cmp.Diff(c.want, matched(open(t, c.scopes...).Match([]providers.Self{s}, c.accounts), s)["new"]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestATypeThatWasNotReadInFullIsMissed(t *testing.T) {
	e := open(t, shop, bank)
	for _, c := range []struct {
		scope providers.Scope
		typ   providers.Type
		why   providers.Reason
	}{
		{shop, "aws_security_group", ""},
		{bank, "aws_security_group", providers.Denied},
		{shop, "google_compute_instance", providers.Unsupported},
		{shop, "okta_user", providers.Unsupported},
	} {
		why, missed := e.Missed(estate.IDOf(c.scope), c.typ)
		if why != c.why || missed != (c.why != "") {
			t.Errorf("%s in %s: %q, %v", c.typ, c.scope.ID, why, missed)
		}
	}
}
