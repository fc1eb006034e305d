package aws

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers"
)

// unitsOf returns the labels about organisational units, by account.
func unitsOf(t *testing.T, f awssim.Faults, c Config) map[string][2]string {
	t.Helper()
	p := simulated(f, c)
	p.ReadHierarchy()
	scopes, err := p.Scopes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][2]string{}
	for _, s := range scopes {
		out[s.ID] = [2]string{s.Labels[labelUnit], s.Labels[labelUnitUnknown]}
	}
	return out
}

func TestAccountsSayInWhichOrganisationalUnitTheyAreWhereSomebodyAsks(t *testing.T) {
	calls := map[string]int{}
	observe := func(operation string) { calls[operation]++ }
	got := unitsOf(t, awssim.Faults{Observe: observe}, Config{Organization: &Organization{}})
	want := map[string][2]string{"111111111111": {"/", ""}, "222222222222": {"/Workloads", ""}, "333333333333": {"/Sandbox", ""}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if calls["Organizations.DescribeOrganizationalUnit"] != 2 || calls["Organizations.ListParents"] != 0 {
		t.Errorf("calls: %v", calls)
	}
}

func TestAUnitThatMayNotBeReadIsUnknown(t *testing.T) {
	deny := func(operation string) bool { return operation == "Organizations.DescribeOrganizationalUnit" }
	got := unitsOf(t, awssim.Faults{Deny: deny}, Config{Organization: &Organization{}})
	denied := [2]string{"", string(providers.Denied)}
	want := map[string][2]string{"111111111111": {"/", ""}, "222222222222": denied, "333333333333": denied}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnAccountThatIsReadByItselfAsksForItsParents(t *testing.T) {
	got := unitsOf(t, awssim.Faults{}, Config{})
	if diff := cmp.Diff(map[string][2]string{"111111111111": {"/", ""}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	deny := func(operation string) bool { return operation == "Organizations.ListParents" }
	got = unitsOf(t, awssim.Faults{Deny: deny}, Config{})
	if diff := cmp.Diff(map[string][2]string{"111111111111": {"", "denied"}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// gapSink keeps gaps.
type gapSink struct {
	mu   sync.Mutex
	gaps []providers.Gap
}

func (*gapSink) Plan(...providers.Cell)      {}
func (*gapSink) Resource(providers.Resource) {}
func (*gapSink) Done(providers.Cell)         {}

func (k *gapSink) Gap(g providers.Gap) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.gaps = append(k.gaps, g)
}

func TestWhatWouldTellTheUnitsIsNamed(t *testing.T) {
	type lack struct{ Account, Path, Call, Permission, Reason string }
	for _, c := range []struct {
		denied string
		config Config
		want   []lack
	}{
		{"", Config{}, nil},
		{"Organizations.DescribeOrganizationalUnit", Config{Organization: &Organization{}}, []lack{
			{"222222222222", "organizational_unit", "Organizations.DescribeOrganizationalUnit", "organizations:DescribeOrganizationalUnit", "denied"},
			{"333333333333", "organizational_unit", "Organizations.DescribeOrganizationalUnit", "organizations:DescribeOrganizationalUnit", "denied"},
		}},
		{"Organizations.ListParents", Config{}, []lack{{"111111111111", "organizational_unit", "Organizations.ListParents", "organizations:ListParents", "denied"}}},
		{"Organizations.DescribeOrganization", Config{}, []lack{{"111111111111", "organizational_unit", "Organizations.DescribeOrganization", "organizations:DescribeOrganization", "denied"}}},
	} {
		p := simulated(awssim.Faults{Deny: func(operation string) bool { return operation == c.denied }}, c.config)
		p.ReadHierarchy()
		scopes, err := p.Scopes(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		out := &gapSink{}
		for _, s := range scopes {
			if err := p.Collect(t.Context(), s, []providers.Want{{Type: "aws_sqs_queue", Attributes: []string{"policy"}}}, out); err != nil {
				t.Fatal(err)
			}
		}
		var got []lack
		for _, g := range out.gaps {
			got = append(got, lack{g.Scope.ID, g.Path, g.Call, g.Permission, string(g.Reason)})
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.denied, diff)
		}
	}
}
