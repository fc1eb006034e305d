package iam

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstest"
	"github.com/metsuke-dev/metsuke/providers/providertest"
)

func TestTheCollectorsKeepTheContract(t *testing.T) {
	awstest.Conform(t, nil, Collectors()...)
}

// estate returns documents of the management account; report is the credential report.
func estate(t *testing.T, docs map[string]any) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	if report, ok := docs["report"].(string); ok {
		out["111111111111/global/credential_report.csv"] = &fstest.MapFile{Data: []byte(report)}
		delete(docs, "report")
	}
	b, err := json.Marshal(docs)
	if err != nil {
		t.Fatal(err)
	}
	out["111111111111/global/iam.json"] = &fstest.MapFile{Data: b}
	return out
}

func collect(t *testing.T, docs map[string]any, c awskit.Collector) ([]providers.Resource, []providers.Gap) {
	t.Helper()
	return awstest.Collect(t, estate(t, docs), awssim.Faults{}, c)
}

var account = providers.Scope{Provider: "aws", ID: "111111111111", Name: "management", Labels: map[string]string{"organization_role": "management"}}

const (
	header = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active," +
		"access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service," +
		"access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service," +
		"cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated\n"
	ann = "ann,arn:aws:iam::111111111111:user/ann,2023-02-20T09:12:31+00:00,true,no_information,2025-09-30T07:10:00+00:00,N/A,false," +
		"true,2024-01-01T00:00:00+00:00,2026-06-01T00:00:00+00:00,us-east-1,s3,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\n"
)

func withReport(content string) map[string]any {
	return map[string]any{
		"GetAccountAuthorizationDetails/User": map[string]any{"UserDetailList": []any{map[string]any{
			"UserName": "ann", "Arn": "arn:aws:iam::111111111111:user/ann", "Path": "/", "CreateDate": "2023-02-20T09:12:31Z",
		}}},
		"GenerateCredentialReport": map[string]any{"State": "COMPLETE"},
		"report":                   content,
	}
}

func TestAUserHasTheCredentialsOfItsRow(t *testing.T) {
	resources, gaps := collect(t, withReport(header+ann), user())
	want := []providers.Resource{{
		Scope: account, Type: "aws_iam_user", ID: "arn:aws:iam::111111111111:user/ann", Name: "ann",
		Tags: map[string]string{}, Created: time.Date(2023, 2, 20, 9, 12, 31, 0, time.UTC),
		Attributes: map[string]any{
			"access_keys": []any{map[string]any{
				"slot": int64(1), "active": true, "last_rotated": "2024-01-01T00:00:00Z", "last_used": "2026-06-01T00:00:00Z",
			}},
			"inline_policy": []any{}, "managed_policy_arns": []any{}, "mfa_active": false, "password_enabled": true,
			"password_last_changed": "2025-09-30T07:10:00Z", "password_last_used": nil, "path": "/",
		},
	}}
	if diff := cmp.Diff(want, resources); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	if len(gaps) > 0 {
		t.Errorf("gaps: %+v", gaps)
	}
}

func TestCredentialsThatTheReportDoesNotTellAreUnknown(t *testing.T) {
	for name, tc := range map[string]struct{ report, err string }{
		"the user is not in it":             {header, "does not know the user"},
		"it tells of a former user":         {header + strings.Replace(ann, "2023-02-20", "2022-02-20", 1), "does not know the user"},
		"a column is missing":               {strings.Replace(header, "mfa_active", "mfa", 1) + ann, "column mfa_active is missing"},
		"a truth value is something else":   {header + strings.Replace(ann, ",false,true,2024", ",maybe,true,2024", 1), `column mfa_active is "maybe", neither true nor false`},
		"a point in time is something else": {header + strings.Replace(ann, "2024-01-01T00:00:00+00:00", "yesterday", 1), `column access_key_1_last_rotated is "yesterday", no point in time`},
		"a user is there twice":             {header + ann + ann, "user ann is there twice"},
		"a line is short":                   {header + "ann,arn\n", "wrong number of fields"},
		"it is empty":                       {"", "it is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			resources, gaps := collect(t, withReport(tc.report), user())
			if len(resources) != 1 || len(gaps) != 1 {
				t.Fatalf("resources %+v, gaps %+v", resources, gaps)
			}
			unknown := map[string]providers.Reason{}
			for _, a := range []string{"access_keys", "mfa_active", "password_enabled", "password_last_changed", "password_last_used"} {
				unknown[a] = providers.Failed
			}
			if diff := cmp.Diff(unknown, resources[0].Unknown); diff != "" {
				t.Errorf("unknown (-want +got):\n%s", diff)
			}
			if g := gaps[0]; !strings.Contains(g.Err, tc.err) || g.Call != "IAM.GetCredentialReport" || g.Reason != providers.Failed {
				t.Errorf("the gap is %+v, want %q in its error", g, tc.err)
			}
		})
	}
}

func TestAReportIsAwaited(t *testing.T) {
	e := awssim.New(estate(t, withReport(header+ann)), awssim.Ops()...)
	states := []types.ReportStateType{types.ReportStateTypeStarted, types.ReportStateTypeInprogress, types.ReportStateTypeComplete}
	asked := 0
	e.Handle("IAM.GenerateCredentialReport", func(string, string, any) (any, error) {
		asked++
		return &iam.GenerateCredentialReportOutput{State: states[asked-1]}, nil
	})
	p := awstest.Provider(e, awssim.Faults{}, user())
	resources, gaps := providertest.Collect(t, p, p.Describe().Everything())
	if len(resources) != 1 || len(resources[0].Unknown) > 0 || len(gaps) > 0 || asked != len(states) {
		t.Errorf("asked %d times, got %+v and the gaps %+v", asked, resources, gaps)
	}
}

func TestAnAccountWithoutAPasswordPolicyHasNulls(t *testing.T) {
	resources, gaps := collect(t, map[string]any{
		"GetAccountPasswordPolicy": map[string]any{"__error__": "NoSuchEntity", "message": "The Password Policy with domain name 111111111111 cannot be found."},
	}, passwordPolicy())
	want := []providers.Resource{{
		Scope: account, Type: "aws_iam_account_password_policy", ID: "arn:aws:iam::111111111111:account-password-policy", Name: "account-password-policy",
		Tags: map[string]string{},
		Attributes: map[string]any{
			"allow_users_to_change_password": nil, "max_password_age": nil, "minimum_password_length": nil, "password_reuse_prevention": nil,
			"require_lowercase_characters": nil, "require_numbers": nil, "require_symbols": nil, "require_uppercase_characters": nil,
		},
	}}
	if diff := cmp.Diff(want, resources); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	if len(gaps) > 0 {
		t.Errorf("gaps: %+v", gaps)
	}
}

func TestServiceLinkedRolesAreLeftOut(t *testing.T) {
	resources, gaps := collect(t, map[string]any{
		"GetAccountAuthorizationDetails/Role": map[string]any{"RoleDetailList": []any{
			map[string]any{"RoleName": "AWSServiceRoleForSupport", "Arn": "arn:aws:iam::111111111111:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport", "Path": "/aws-service-role/support.amazonaws.com/"},
			map[string]any{"RoleName": "r", "Arn": "arn:aws:iam::111111111111:role/r", "Path": "/"},
		}},
	}, role())
	if len(resources) != 1 || resources[0].Name != "r" || len(gaps) > 0 {
		t.Errorf("resources %+v, gaps %+v", resources, gaps)
	}
}

func TestADocumentThatCannotBeReadIsUnknownAlone(t *testing.T) {
	resources, gaps := collect(t, map[string]any{
		"GetAccountAuthorizationDetails/Role": map[string]any{"RoleDetailList": []any{map[string]any{
			"RoleName": "r", "Arn": "arn:aws:iam::111111111111:role/r", "Path": "/", "AssumeRolePolicyDocument": "{",
			"RolePolicyList": []any{
				map[string]any{"PolicyName": "good", "PolicyDocument": "%7B%22Statement%22%3A%5B%5D%7D"},
				map[string]any{"PolicyName": "bad", "PolicyDocument": "[]"},
			},
		}}},
	}, role())
	want := []providers.Resource{{
		Scope: account, Type: "aws_iam_role", ID: "arn:aws:iam::111111111111:role/r", Name: "r", Tags: map[string]string{},
		Attributes: map[string]any{
			"inline_policy": []any{
				map[string]any{"name": "good", "policy": map[string]any{"statements": []any{}}},
				map[string]any{"name": "bad", "policy": nil},
			},
			"managed_policy_arns": []any{}, "path": "/",
		},
		Unknown: map[string]providers.Reason{"assume_role_policy": providers.Failed, "inline_policy.1.policy": providers.Failed},
	}}
	if diff := cmp.Diff(want, resources); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	if len(gaps) != 2 {
		t.Errorf("gaps: %+v", gaps)
	}
}

func TestThePolicyIsTheDefaultVersion(t *testing.T) {
	resources, _ := collect(t, map[string]any{
		"GetAccountAuthorizationDetails/LocalManagedPolicy": map[string]any{"Policies": []any{map[string]any{
			"PolicyName": "p", "Arn": "arn:aws:iam::111111111111:policy/p", "Path": "/", "AttachmentCount": 3,
			"PolicyVersionList": []any{
				map[string]any{"VersionId": "v2", "IsDefaultVersion": false, "Document": `{"Statement": []}`},
				map[string]any{"VersionId": "v1", "IsDefaultVersion": true, "Document": `{"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}`},
			},
		}}},
	}, policy())
	want := map[string]any{
		"attachment_count": int64(3), "path": "/",
		"policy": map[string]any{"statements": []any{map[string]any{
			"sid": nil, "effect": "Deny", "principals": nil, "not_principals": nil, "actions": []any{"*"}, "not_actions": nil,
			"resources": []any{"*"}, "not_resources": nil, "conditions": []any{},
		}}},
	}
	if len(resources) != 1 {
		t.Fatalf("resources: %+v", resources)
	}
	if diff := cmp.Diff(want, resources[0].Attributes); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestADeletedPolicyIsLeftOut(t *testing.T) {
	resources, gaps := collect(t, map[string]any{
		"GetAccountAuthorizationDetails/LocalManagedPolicy": map[string]any{"Policies": []any{map[string]any{"PolicyName": "p", "Arn": "arn:aws:iam::111111111111:policy/p"}}},
		"ListPolicyTags": map[string]any{"__error__": "NoSuchEntity", "message": "Policy arn:aws:iam::111111111111:policy/p was not found."},
	}, policy())
	if len(resources)+len(gaps) > 0 {
		t.Errorf("resources %+v, gaps %+v", resources, gaps)
	}
}
