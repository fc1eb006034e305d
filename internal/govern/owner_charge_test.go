package govern

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

func TestAChargeIsWhoseTheRulesSayAsFarAsABillTells(t *testing.T) {
	account := providers.Scope{Provider: "aws", ID: "111111111111", Name: "prod", Labels: map[string]string{"organization_role": "member", "organizational_unit": "/Workloads"}}
	unlisted := providers.Scope{Provider: "aws", ID: "222222222222"}
	own := Charge{Scope: account, Tags: map[string]string{"Owner": "payments"}}
	bare := Charge{Scope: account}
	is := func(owner string) finding.Ownership { return finding.Ownership{Owner: owner} }
	not := func(why providers.Reason) finding.Ownership { return finding.Ownership{Unknown: why} }
	for name, c := range map[string]struct {
		rules  string
		charge Charge
		want   finding.Ownership
		rule   string // that could not be told, as it begins
	}{
		"a tag":                       {"- tag: [owner, team]", own, is("payments"), ""},
		"no tag":                      {"- tag: [owner, team]", bare, is(""), ""},
		"a tag that is not told":      {"- tag: [owner, team]", Charge{Scope: account, Untold: map[string]providers.Reason{"owner": providers.Disabled}}, not(providers.Disabled), "tag owner"},
		"a later tag is not told":     {"- tag: [owner, team]", Charge{Scope: account, Tags: own.Tags, Untold: map[string]providers.Reason{"team": providers.Uncollected}}, is("payments"), ""},
		"a value of nobody":           {"- tag: [owner, team]", Charge{Scope: account, Tags: map[string]string{"Owner": "unowned"}, Untold: map[string]providers.Reason{"team": providers.Uncollected}}, not(providers.Uncollected), "tag owner"},
		"an account":                  {"- account: prod\n    owner: a", bare, is("a"), ""},
		"an account by its id":        {"- account: \"2*\"\n    owner: a", Charge{Scope: unlisted}, is("a"), ""},
		"an account without its name": {"- account: prod\n    owner: a", Charge{Scope: unlisted}, not(providers.Uncollected), "account prod"},
		"a unit":                      {"- organizational_unit: /Workloads*\n    owner: a", bare, is("a"), ""},
		"a unit that was not read":    {"- organizational_unit: /Workloads*\n    owner: a", Charge{Scope: unlisted}, not(providers.Uncollected), "organizational_unit"},
		"a resource":                  {"- resource: \"*-tmp\"\n    owner: a\n  - tag: owner", own, not(providers.Unsupported), "resource *-tmp"},
		"any resource":                {"- resource: \"*\"\n    owner: a\n  - tag: owner", own, is("a"), ""},
		"a resource elsewhere":        {"- resource: \"*-tmp\"\n    account: other\n    owner: a\n  - tag: owner", own, is("payments"), ""},
		"a type":                      {"- type: aws_s3_*\n    owner: a\n  - tag: owner", own, not(providers.Unsupported), "type aws_s3_*"},
		"all types of the cloud":      {"- type: aws_*\n    owner: a\n  - tag: owner", own, is("a"), ""},
		"types of another cloud":      {"- type: google_*\n    owner: a\n  - tag: owner", own, is("payments"), ""},
		"a region":                    {"- region: \"*\"\n    owner: a", own, not(providers.Unsupported), "region"},
		"a path that nothing has":     {"- path: net/*\n    owner: a\n  - tag: owner", own, is("payments"), ""},
		"a path":                      {"- path: net/*\n    owner: a\n  - tag: owner", Charge{Scope: account, Tags: own.Tags, Located: true}, not(providers.Unsupported), "path net/*"},
		"a file of owners":            {"- codeowners: CODEOWNERS\n  - tag: owner", Charge{Scope: account, Tags: own.Tags, Located: true}, not(providers.Unsupported), "codeowners"},
		"a file that nothing has":     {"- codeowners: CODEOWNERS\n  - tag: owner", own, is("payments"), ""},
		"a project":                   {"- project: shop\n    owner: a\n  - project_label: owner\n  - tag: owner", own, is("payments"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := ParseOwners([]byte("rules:\n  "+c.rules+"\n"), "owners.yaml", func(string) ([]byte, error) { return []byte("* @acme/a\n"), nil })
			if err != nil {
				t.Fatal(err)
			}
			got := o.OfCharge(c.charge)
			if diff := cmp.Diff(c.want, got.Ownership); diff != "" {
				t.Errorf("owner (-want +got):\n%s", diff)
			}
			if !strings.HasPrefix(got.Rule.Text, c.rule) || (c.rule == "") != (got.Rule.Text == "") {
				t.Errorf("the rule is %q", got.Rule.Text)
			}
		})
	}
}
