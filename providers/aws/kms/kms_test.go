package kms

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstest"
	"github.com/metsuke-dev/metsuke/providers/providertest"
)

func TestTheCollectorsKeepTheContract(t *testing.T) {
	awstest.Conform(t, nil, Collectors()...)
}

const (
	arn    = "arn:aws:kms:us-east-1:111111111111:key/"
	listed = `"ListKeys": {"Keys": [{"KeyId": "k", "KeyArn": "` + arn + `k"}]}`
	policy = `"GetKeyPolicy": {"Policy": "{\"Statement\":[]}", "PolicyName": "default"}`
)

// collect reads what the documents of KMS in one region say.
func collect(t *testing.T, docs ...string) ([]providers.Resource, []providers.Gap) {
	t.Helper()
	files := fstest.MapFS{"111111111111/us-east-1/kms.json": {Data: []byte("{" + strings.Join(docs, ",") + "}")}}
	return awstest.Collect(t, files, awssim.Faults{}, Collectors()...)
}

func describing(more string) string {
	return `"DescribeKey": {"KeyMetadata": {"KeyId": "k", "Arn": "` + arn + `k", "CreationDate": "2023-01-01T10:00:00Z", "KeyManager": "CUSTOMER", "Enabled": true, ` + more + `}}`
}

const symmetric = `"KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT", "Origin": "AWS_KMS"`

func TestAKeyHasItsStateAndItsPolicy(t *testing.T) {
	resources, gaps := collect(t, listed, policy, describing(symmetric), `"GetKeyRotationStatus": {"KeyRotationEnabled": true, "RotationPeriodInDays": 180}`)
	want := []providers.Resource{{
		Scope:   providers.Scope{Provider: "aws", ID: "111111111111", Name: "management", Labels: map[string]string{"organization_role": "management"}},
		Type:    "aws_kms_key",
		ID:      arn + "k",
		Name:    "k",
		Region:  "us-east-1",
		Tags:    map[string]string{},
		Created: time.Date(2023, 1, 1, 10, 0, 0, 0, time.UTC),
		Attributes: map[string]any{
			"customer_master_key_spec": "SYMMETRIC_DEFAULT", "enable_key_rotation": true, "is_enabled": true, "key_usage": "ENCRYPT_DECRYPT",
			"origin": "AWS_KMS", "policy": map[string]any{"statements": []any{}}, "primary_key_arn": nil, "rotation_period_in_days": int64(180),
		},
	}}
	if diff := cmp.Diff(want, resources); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	if len(gaps) > 0 {
		t.Errorf("gaps: %+v", gaps)
	}
}

func TestRotationIsReadOfKeysThatCanRotate(t *testing.T) {
	for _, c := range []struct {
		about, metadata, answer string
		rotation, period        any
	}{
		{"a key without a period of its own", symmetric, `{"KeyRotationEnabled": true}`, true, int64(365)},
		{"a key that does not rotate", symmetric, `{"KeyRotationEnabled": false}`, false, nil},
		{"a key whose kind the API refuses", symmetric, `{"__error__": "UnsupportedOperationException"}`, nil, nil},
		{"an asymmetric key is not asked for", `"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY", "Origin": "AWS_KMS"`, `{"__error__": "ValidationException"}`, nil, nil},
		{"neither is one with imported material", `"KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT", "Origin": "EXTERNAL"`, `{"__error__": "KMSInvalidStateException"}`, nil, nil},
	} {
		resources, gaps := collect(t, listed, policy, describing(c.metadata), `"GetKeyRotationStatus": `+c.answer)
		if len(resources) != 1 || len(gaps) > 0 {
			t.Fatalf("%s: got %d resources and the gaps %+v", c.about, len(resources), gaps)
		}
		a := resources[0].Attributes
		if a["enable_key_rotation"] != c.rotation || a["rotation_period_in_days"] != c.period {
			t.Errorf("%s: rotation is %v, period %v, want %v and %v", c.about, a["enable_key_rotation"], a["rotation_period_in_days"], c.rotation, c.period)
		}
	}
}

func TestAReplicaNamesItsPrimaryKey(t *testing.T) {
	multi := func(kind string) string {
		return symmetric + `, "MultiRegion": true, "MultiRegionConfiguration": {"MultiRegionKeyType": "` + kind + `", "PrimaryKey": {"Arn": "arn:p", "Region": "eu-west-1"}}`
	}
	for kind, want := range map[string]any{"REPLICA": "arn:p", "PRIMARY": nil} {
		resources, _ := collect(t, listed, policy, describing(multi(kind)), `"GetKeyRotationStatus": {"KeyRotationEnabled": false}`)
		if got := resources[0].Attributes["primary_key_arn"]; got != want {
			t.Errorf("%s: the primary key is %v, want %v", kind, got, want)
		}
	}
}

func TestKeysThatAWSManagesAreLeftOut(t *testing.T) {
	resources, gaps := collect(t, listed, `"DescribeKey": {"KeyMetadata": {"KeyId": "k", "KeyManager": "AWS"}}`)
	if len(resources)+len(gaps) > 0 {
		t.Errorf("got %d resources and the gaps %+v, want none", len(resources), gaps)
	}
}

func TestAKeyThatIsDeletedMeanwhileIsLeftOut(t *testing.T) {
	if resources, gaps := collect(t, listed, `"DescribeKey": {"__error__": "NotFoundException"}`); len(resources)+len(gaps) > 0 {
		t.Errorf("got %d resources and the gaps %+v, want none", len(resources), gaps)
	}
}

func TestAKeyPolicyThatCannotBeReadIsUnknown(t *testing.T) {
	for answer, want := range map[string]providers.Reason{
		`{"__error__": "AccessDeniedException", "message": "no"}`: providers.Denied,
		// A key that was described is there: it does not vanish for days.
		`{"__error__": "NotFoundException"}`: providers.Failed,
		`{"Policy": "{\"Statement\":"}`:      providers.Failed,
		`{}`:                                 providers.Failed,
	} {
		resources, gaps := collect(t, listed, describing(symmetric), `"GetKeyPolicy": `+answer, `"GetKeyRotationStatus": {"KeyRotationEnabled": false}`)
		if len(resources) != 1 || len(gaps) != 1 {
			t.Fatalf("%s: got %d resources and the gaps %+v", answer, len(resources), gaps)
		}
		if diff := cmp.Diff(map[string]providers.Reason{"policy": want}, resources[0].Unknown); diff != "" {
			t.Errorf("%s: unknown (-want +got):\n%s", answer, diff)
		}
		if g := gaps[0]; g.ID != arn+"k" || g.Path != "policy" || g.Call != "KMS.GetKeyPolicy" || (want == providers.Denied) != (g.Permission == "kms:GetKeyPolicy") {
			t.Errorf("%s: the gap is %+v", answer, g)
		}
	}
}

// A key's own policy may keep the key from being described.
func TestAKeyThatRefusesToBeDescribedIsUnknown(t *testing.T) {
	estate := func(refusing ...string) *awssim.Estate {
		e := awssim.New(fstest.MapFS{"111111111111/us-east-1/kms.json": {Data: []byte(`{
			"ListKeys": {"Keys": [{"KeyId": "a", "KeyArn": "` + arn + `a"}, {"KeyId": "b", "KeyArn": "` + arn + `b"}]},
			"GetKeyPolicy": {"Policy": "{\"Statement\":[]}"}, "GetKeyRotationStatus": {}
		}`)}}, awssim.Ops()...)
		e.Handle("KMS.DescribeKey", func(_, _ string, input any) (any, error) {
			id := aws.ToString(input.(*kms.DescribeKeyInput).KeyId)
			for _, r := range refusing {
				if r == id {
					return nil, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not for " + id}
				}
			}
			return &kms.DescribeKeyOutput{KeyMetadata: &types.KeyMetadata{
				KeyId: &id, KeyManager: types.KeyManagerTypeCustomer, KeySpec: types.KeySpecSymmetricDefault, Origin: types.OriginTypeAwsKms, KeyUsage: types.KeyUsageTypeEncryptDecrypt,
			}}, nil
		})
		return e
	}
	summary := func(resources []providers.Resource, gaps []providers.Gap) string {
		var out []string
		for _, r := range resources {
			out = append(out, fmt.Sprintf("%s knows %d, lacks %d", r.Name, len(r.Attributes), len(r.Unknown)))
		}
		for _, g := range gaps {
			out = append(out, fmt.Sprintf("%s %s of %q: %s", g.Reason, g.Permission, strings.TrimPrefix(g.ID, arn), g.Path))
		}
		slices.Sort(out)
		return strings.Join(out, "\n")
	}
	p := awstest.Provider(estate("b"), awssim.Faults{}, Collectors()...)
	resources, gaps := providertest.Collect(t, p, p.Describe().Everything())
	want := `a knows 8, lacks 0
b knows 0, lacks 9
denied kms:DescribeKey of "": tags
denied kms:DescribeKey of "b": customer_master_key_spec,is_enabled,key_usage,origin,primary_key_arn
denied kms:DescribeKey of "b": enable_key_rotation,rotation_period_in_days
denied kms:DescribeKey of "b": policy`
	if diff := cmp.Diff(want, summary(resources, gaps)); diff != "" {
		t.Errorf("one key refuses (-want +got):\n%s", diff)
	}
	// Where all refuse, nobody can tell which are AWS's own.
	p = awstest.Provider(estate("a", "b"), awssim.Faults{}, Collectors()...)
	resources, gaps = providertest.Collect(t, p, p.Describe().Everything())
	if diff := cmp.Diff(`denied kms:DescribeKey of "": `, summary(resources, gaps)); diff != "" {
		t.Errorf("all keys refuse (-want +got):\n%s", diff)
	}
}
