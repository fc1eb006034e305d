package account

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstest"
	"github.com/metsuke-dev/metsuke/providers/providertest"
)

func TestTheCollectorsKeepTheContract(t *testing.T) {
	awstest.Conform(t, map[string]string{"IAM.ListOrganizationsFeatures": "only members are asked about"}, Collectors()...)
}

func TestTheCollectorsKeepTheContractInAMember(t *testing.T) {
	providertest.Run(t, providertest.Config{
		New: func(_ *testing.T, f providertest.Faults) providers.Provider {
			return awstest.Member(awssim.Demo(), awssim.Faults(f), "222222222222", true, Collectors()...)
		},
		Schemas: awstest.Schemas(),
		Unexercised: map[string]string{
			"CostExplorer.GetAnomalyMonitors":     "the management account pays",
			"CostExplorer.GetCostAndUsage":        "the management account pays",
			"CostExplorer.ListCostAllocationTags": "the management account pays",
		},
	})
}

// read collects attributes of the one account of a provider.
func read(t *testing.T, p *awskit.Provider, attributes ...string) (providers.Resource, []providers.Gap) {
	t.Helper()
	resources, gaps := providertest.Collect(t, p, []providers.Want{{Type: "aws_account", Attributes: attributes}})
	if len(resources) != 1 {
		t.Fatalf("got %d resources", len(resources))
	}
	return resources[0], gaps
}

func TestAMemberByItselfCannotTellWhatItsManagementAccountKnows(t *testing.T) {
	p := awstest.Member(awssim.Demo(), awssim.Faults{}, "333333333333", false, Collectors()...)
	r, gaps := read(t, p, "access_analyzers", "anomaly_monitors", "cost_allocation_tags", "organization_analyzer_regions", "payer_budgets", "root_credentials_managed")
	want := map[string]any{
		"access_analyzers": []any{
			map[string]any{"region": "eu-central-1", "analyzers": []any{}},
			map[string]any{"region": "us-east-1", "analyzers": []any{}},
		},
		"anomaly_monitors": nil, "cost_allocation_tags": nil,
	}
	if diff := cmp.Diff(want, r.Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	unknown := map[string]providers.Reason{
		"organization_analyzer_regions": providers.Unsupported,
		"payer_budgets":                 providers.Unsupported,
		"root_credentials_managed":      providers.Unsupported,
	}
	if diff := cmp.Diff(unknown, r.Unknown); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
	if len(gaps) != 3 || !strings.Contains(gaps[0].Err, "only the management account 111111111111 can tell") {
		t.Errorf("gaps: %+v", gaps)
	}
}

func TestAMemberReachedThroughItsManagementAccountTellsAll(t *testing.T) {
	p := awstest.Member(awssim.Demo(), awssim.Faults{}, "333333333333", true, Collectors()...)
	r, gaps := read(t, p, "organization_analyzer_regions", "payer_budgets", "root_credentials_managed")
	want := map[string]any{
		"organization_analyzer_regions": []any{"eu-central-1"},
		"payer_budgets":                 []any{}, "root_credentials_managed": true,
	}
	if diff := cmp.Diff(want, r.Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if len(gaps)+len(r.Unknown) > 0 {
		t.Errorf("unknown %v, gaps %+v", r.Unknown, gaps)
	}
}

func TestADelegatedAdministratorOutOfReachLeavesItOpen(t *testing.T) {
	docs := fstest.MapFS{
		"111111111111/global/organizations.json": {Data: []byte(`{
			"DescribeOrganization": {"Organization": {"Id": "o-7kq2m4x9pd", "MasterAccountId": "111111111111", "FeatureSet": "ALL"}},
			"ListDelegatedAdministrators/access-analyzer.amazonaws.com": {"DelegatedAdministrators": [{"Id": "222222222222"}]}
		}`)},
		"111111111111/us-east-1/accessanalyzer.json": {Data: []byte(`{"ListAnalyzers": {"Analyzers": [
			{"Name": "o", "Type": "ORGANIZATION", "Status": "ACTIVE"}, {"Name": "u", "Type": "ORGANIZATION_UNUSED_ACCESS", "Status": "ACTIVE"}
		]}}`)},
	}
	r, gaps := read(t, awstest.Provider(awssim.New(docs, awssim.Ops()...), awssim.Faults{}, Collectors()...), "access_analyzers", "organization_analyzer_regions")
	want := map[string]any{"access_analyzers": []any{
		map[string]any{"region": "eu-central-1", "analyzers": []any{}},
		map[string]any{"region": "us-east-1", "analyzers": []any{
			map[string]any{"analyzer_name": "o", "type": "ORGANIZATION", "status": "ACTIVE"},
			map[string]any{"analyzer_name": "u", "type": "ORGANIZATION_UNUSED_ACCESS", "status": "ACTIVE"},
		}},
	}}
	if diff := cmp.Diff(want, r.Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if len(gaps) != 1 || gaps[0].Path != "organization_analyzer_regions" || !strings.Contains(gaps[0].Err, "only account 222222222222") {
		t.Errorf("gaps: %+v", gaps)
	}
}

// standalone returns documents of an account in no organisation.
func standalone(docs map[string]string) fstest.MapFS {
	out := fstest.MapFS{"111111111111/global/organizations.json": {Data: []byte(
		`{"DescribeOrganization": {"__error__": "AWSOrganizationsNotInUseException", "message": "Your account is not a member of an organization."}}`,
	)}}
	for name, text := range docs {
		out["111111111111/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

func TestWhatIsNotConfiguredIsNull(t *testing.T) {
	none := `{"__error__": "ResourceNotFoundException", "message": "No contact of the inputted alternate contact type found."}`
	docs := standalone(map[string]string{
		"global/account.json":      `{"GetAlternateContact/SECURITY": ` + none + `, "GetContactInformation": ` + none + `}`,
		"global/s3.json":           `{"ListBuckets": {"Buckets": [{"Name": "b", "BucketRegion": "us-east-1"}, {"Name": "c", "BucketRegion": "ap-south-1"}]}}`,
		"us-east-1/macie2.json":    `{"GetMacieSession": {"__error__": "AccessDeniedException", "message": "Macie is not enabled."}}`,
		"global/costexplorer.json": `{"GetAnomalyMonitors": {"AnomalyMonitors": [{"MonitorName": "m", "MonitorType": "CUSTOM"}]}}`,
	})
	r, gaps := read(t, awstest.Provider(awssim.New(docs, awssim.Ops()...), awssim.Faults{}, Collectors()...),
		"access_analyzers", "anomaly_monitors", "budgets", "contact_information", "cost_allocation_tags", "identity_center_instances",
		"macie", "organization", "organization_analyzer_regions", "payer_budgets", "root_credentials_managed", "root_virtual_mfa", "saml_providers", "security_contact", "support_access")
	want := map[string]any{
		"access_analyzers": []any{
			map[string]any{"region": "eu-central-1", "analyzers": []any{}},
			map[string]any{"region": "us-east-1", "analyzers": []any{}},
		},
		"anomaly_monitors": []any{map[string]any{"monitor_name": "m", "monitor_type": "CUSTOM", "monitor_dimension": nil}},
		"budgets":          []any{}, "contact_information": nil, "cost_allocation_tags": []any{}, "identity_center_instances": []any{},
		"macie":        []any{map[string]any{"region": "us-east-1", "status": nil, "automated_discovery": false, "jobs": []any{}}},
		"organization": nil, "organization_analyzer_regions": []any{}, "payer_budgets": []any{}, "root_credentials_managed": false, "root_virtual_mfa": false,
		"saml_providers": []any{}, "security_contact": nil, "support_access": []any{},
	}
	if diff := cmp.Diff(want, r.Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if len(gaps)+len(r.Unknown) > 0 {
		t.Errorf("unknown %v, gaps %+v", r.Unknown, gaps)
	}
}

func TestMacieThatMayNotBeReadIsUnknownAndNotOff(t *testing.T) {
	e := awssim.Demo()
	e.Handle("Macie2.GetMacieSession", func(_, region string, _ any) (any, error) {
		if region == "us-east-1" {
			return nil, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "User: x is not authorized to perform: macie2:GetMacieSession"}
		}
		return nil, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "Macie is not enabled."}
	})
	r, gaps := read(t, awstest.Provider(e, awssim.Faults{}, Collectors()...), "macie")
	want := map[string]any{"macie": []any{
		map[string]any{"region": "eu-central-1", "status": nil, "automated_discovery": false, "jobs": []any{}}, nil,
	}}
	if diff := cmp.Diff(want, r.Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]providers.Reason{"macie.1": providers.Denied}, r.Unknown); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
	if len(gaps) != 1 || gaps[0].Permission != "macie2:GetMacieSession" {
		t.Errorf("gaps: %+v", gaps)
	}
}

func TestABudgetBelongsToTheAccountsItIsFilteredTo(t *testing.T) {
	budgets := []any{
		map[string]any{"BudgetName": "all", "BudgetType": "COST", "TimeUnit": "MONTHLY"},
		map[string]any{"BudgetName": "other", "BudgetType": "COST", "TimeUnit": "MONTHLY", "CostFilters": map[string]any{"LinkedAccount": []string{"222222222222"}}},
		map[string]any{"BudgetName": "own", "BudgetType": "COST", "TimeUnit": "ANNUALLY", "FilterExpression": map[string]any{"And": []any{
			map[string]any{"Dimensions": map[string]any{"Key": "LINKED_ACCOUNT", "Values": []string{"111111111111"}}},
		}}},
		map[string]any{"BudgetName": "theirs", "BudgetType": "COST", "TimeUnit": "MONTHLY", "FilterExpression": map[string]any{
			"Dimensions": map[string]any{"Key": "LINKED_ACCOUNT", "Values": []string{"222222222222"}},
		}},
	}
	b, err := json.Marshal(map[string]any{"DescribeBudgets/111111111111": map[string]any{"Budgets": budgets}})
	if err != nil {
		t.Fatal(err)
	}
	organization := []byte(`{"DescribeOrganization": {"Organization": {"Id": "o-7kq2m4x9pd", "MasterAccountId": "111111111111", "FeatureSet": "ALL"}}}`)
	e := awssim.New(fstest.MapFS{
		"111111111111/global/budgets.json":       {Data: b},
		"111111111111/global/organizations.json": {Data: organization},
		"222222222222/global/organizations.json": {Data: organization},
	}, awssim.Ops()...)
	names := func(r providers.Resource, attribute string) string {
		var out []string
		for _, b := range r.Attributes[attribute].([]any) {
			out = append(out, b.(map[string]any)["name"].(string))
		}
		return strings.Join(out, " ")
	}
	own, _ := read(t, awstest.Provider(e, awssim.Faults{}, Collectors()...), "budgets", "payer_budgets")
	if got := names(own, "budgets") + "/" + names(own, "payer_budgets"); got != "all own/" {
		t.Errorf("the management account has %s", got)
	}
	member, _ := read(t, awstest.Member(e, awssim.Faults{}, "222222222222", true, Collectors()...), "budgets", "payer_budgets")
	if got := names(member, "budgets") + "/" + names(member, "payer_budgets"); got != "/other theirs" {
		t.Errorf("the member has %s", got)
	}
}
