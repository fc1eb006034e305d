package s3

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstest"
	"github.com/metsuke-dev/metsuke/providers/providertest"
)

func TestTheCollectorsKeepTheContract(t *testing.T) {
	awstest.Conform(t, nil, Collectors()...)
}

func TestSelectingOnlyTagsMakesNoCallPerBucket(t *testing.T) {
	var mu sync.Mutex
	var made []string
	faults := awssim.Faults{Observe: func(op string) { mu.Lock(); made = append(made, op); mu.Unlock() }}
	p := awstest.Provider(awssim.Demo(), faults, Collectors()...)
	resources, gaps := providertest.Collect(t, p, []providers.Want{{Type: "aws_s3_bucket", Attributes: []string{"tags"}}})
	if len(resources) != 3 || len(gaps) > 0 {
		t.Fatalf("%d buckets, gaps %+v", len(resources), gaps)
	}
	slices.Sort(made)
	// Three buckets in two regions: one listing, and one look at the tags of each region.
	want := []string{"ResourceGroupsTaggingAPI.GetResources", "ResourceGroupsTaggingAPI.GetResources", "S3.ListBuckets"}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestTheAccountsBlockIsReadOnce(t *testing.T) {
	var mu sync.Mutex
	calls := 0
	faults := awssim.Faults{Observe: func(op string) {
		mu.Lock()
		defer mu.Unlock()
		if op == "S3Control.GetPublicAccessBlock" {
			calls++
		}
	}}
	p := awstest.Provider(awssim.Demo(), faults, Collectors()...)
	providertest.Collect(t, p, p.Describe().Everything())
	if calls != 1 {
		t.Errorf("%d calls", calls)
	}
}

// bare is a bucket on which nothing is configured, as the API answers for one from
// before 2023.
const bare = `
	"ListBuckets": {"Buckets": [{"Name": "old", "CreationDate": "2019-04-01T06:00:00Z", "BucketRegion": "eu-central-1"}]},
	"GetBucketAcl": {"Grants": []},
	"GetBucketEncryption": {"__error__": "ServerSideEncryptionConfigurationNotFoundError"},
	"GetBucketLifecycleConfiguration": {"__error__": "NoSuchLifecycleConfiguration"},
	"GetBucketLogging": {},
	"GetBucketOwnershipControls": {"__error__": "OwnershipControlsNotFoundError"},
	"GetBucketPolicy": {"__error__": "NoSuchBucketPolicy"},
	"GetBucketPolicyStatus": {"__error__": "NoSuchBucketPolicy"},
	"GetBucketVersioning": {},
	"GetPublicAccessBlock": {"__error__": "NoSuchPublicAccessBlockConfiguration"}`

// estate answers as for the bare bucket, except for the documents given.
func estate(extra string) fstest.MapFS {
	return fstest.MapFS{
		"111111111111/global/s3.json":                       {Data: []byte("{" + bare + extra + "}")},
		"111111111111/global/s3control.json":                {Data: []byte(`{"GetPublicAccessBlock": {"__error__": "NoSuchPublicAccessBlockConfiguration"}}`)},
		"111111111111/global/resourcegroupstaggingapi.json": {Data: []byte(`{"GetResources": {"ResourceTagMappingList": []}}`)},
	}
}

func TestWhatIsNotConfiguredIsNullAndNotUnknown(t *testing.T) {
	resources, gaps := awstest.Collect(t, estate(""), awssim.Faults{}, Collectors()...)
	want := []providers.Resource{{
		Scope:   providers.Scope{Provider: "aws", ID: "111111111111", Name: "management", Labels: map[string]string{"organization_role": "management"}},
		Type:    "aws_s3_bucket",
		ID:      "arn:aws:s3:::old",
		Name:    "old",
		Region:  "eu-central-1",
		Tags:    map[string]string{},
		Created: time.Date(2019, 4, 1, 6, 0, 0, 0, time.UTC),
		Attributes: map[string]any{
			"account_public_access_block": nil, "grant": []any{}, "lifecycle_rule": nil, "logging": nil, "object_ownership": nil,
			"policy": nil, "policy_is_public": nil, "public_access_block": nil, "server_side_encryption_configuration": nil,
			"versioning": map[string]any{"status": "Disabled", "mfa_delete": false},
		},
	}}
	if diff := cmp.Diff(want, resources); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	if len(gaps) > 0 {
		t.Errorf("gaps: %+v", gaps)
	}
}

func TestEveryFormOfALifecycleFilterBecomesOne(t *testing.T) {
	resources, gaps := awstest.Collect(t, estate(`, "GetBucketLifecycleConfiguration/old": {"Rules": [
		{"ID": "whole", "Status": "Enabled", "Filter": {"Prefix": ""}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 3}},
		{"ID": "ancient", "Status": "Disabled", "Prefix": "logs/", "Expiration": {"Date": "2027-01-01T00:00:00Z"}},
		{"ID": "tagged", "Status": "Enabled", "Filter": {"Tag": {"Key": "temp", "Value": "yes"}}, "Expiration": {"Days": 1}},
		{"ID": "both", "Status": "Enabled", "Filter": {"And": {"Prefix": "a/", "Tags": [{"Key": "k", "Value": "v"}], "ObjectSizeLessThan": 1024}},
			"Transitions": [{"Days": 30, "StorageClass": "GLACIER"}], "NoncurrentVersionExpiration": {"NoncurrentDays": 5, "NewerNoncurrentVersions": 2}}
	]}`), awssim.Faults{}, Collectors()...)
	rule := func(id, status, prefix string, set map[string]any) map[string]any {
		r := map[string]any{
			"id": id, "status": status, "prefix": prefix, "tags": map[string]any{},
			"object_size_greater_than": nil, "object_size_less_than": nil,
			"abort_incomplete_multipart_upload": nil, "expiration": nil, "noncurrent_version_expiration": nil, "transition": []any{},
		}
		for k, v := range set {
			r[k] = v
		}
		return r
	}
	want := []any{
		rule("whole", "Enabled", "", map[string]any{"abort_incomplete_multipart_upload": map[string]any{"days_after_initiation": int64(3)}}),
		rule("ancient", "Disabled", "logs/", map[string]any{"expiration": map[string]any{"days": nil, "date": "2027-01-01T00:00:00Z", "expired_object_delete_marker": nil}}),
		rule("tagged", "Enabled", "", map[string]any{"tags": map[string]any{"temp": "yes"}, "expiration": map[string]any{"days": int64(1), "date": nil, "expired_object_delete_marker": nil}}),
		rule("both", "Enabled", "a/", map[string]any{
			"tags": map[string]any{"k": "v"}, "object_size_less_than": int64(1024),
			"transition":                    []any{map[string]any{"days": int64(30), "date": nil, "storage_class": "GLACIER"}},
			"noncurrent_version_expiration": map[string]any{"noncurrent_days": int64(5), "newer_noncurrent_versions": int64(2)},
		}),
	}
	if diff := cmp.Diff(want, resources[0].Attributes["lifecycle_rule"]); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	if len(gaps) > 0 {
		t.Errorf("gaps: %+v", gaps)
	}
}

func TestGrantsArePutTogetherByGrantee(t *testing.T) {
	resources, _ := awstest.Collect(t, estate(`, "GetBucketAcl/old": {"Grants": [
		{"Grantee": {"Type": "CanonicalUser", "ID": "aa11"}, "Permission": "FULL_CONTROL"},
		{"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "WRITE"},
		{"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}, "Permission": "READ"}
	]}`), awssim.Faults{}, Collectors()...)
	want := []any{
		map[string]any{"type": "CanonicalUser", "id": "aa11", "uri": nil, "permissions": []any{"FULL_CONTROL"}},
		map[string]any{"type": "Group", "id": nil, "uri": "http://acs.amazonaws.com/groups/global/AllUsers", "permissions": []any{"READ", "WRITE"}},
	}
	if diff := cmp.Diff(want, resources[0].Attributes["grant"]); diff != "" {
		t.Errorf("grants (-want +got):\n%s", diff)
	}
}

func TestABucketDeletedMeanwhileIsLeftOut(t *testing.T) {
	resources, gaps := awstest.Collect(t, estate(`, "GetBucketVersioning/old": {"__error__": "NoSuchBucket"}`), awssim.Faults{}, Collectors()...)
	if len(resources)+len(gaps) > 0 {
		t.Errorf("got %+v, %+v", resources, gaps)
	}
}

func TestADeniedCallMakesItsAttributeUnknown(t *testing.T) {
	docs := estate(`, "GetBucketPolicy/old": {"__error__": "AccessDenied", "message": "with an explicit deny in a resource-based policy"}`)
	resources, gaps := awstest.Collect(t, docs, awssim.Faults{}, Collectors()...)
	if diff := cmp.Diff(map[string]providers.Reason{"policy": providers.Denied}, resources[0].Unknown); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
	if _, ok := resources[0].Attributes["policy"]; ok {
		t.Error("the policy has a value although it was not read")
	}
	if len(gaps) != 1 || gaps[0].Permission != "s3:GetBucketPolicy" || !strings.Contains(gaps[0].Err, "explicit deny") {
		t.Errorf("gaps: %+v", gaps)
	}
}

func TestAPolicyThatCannotBeUnderstoodIsUnknown(t *testing.T) {
	resources, gaps := awstest.Collect(t, estate(`, "GetBucketPolicy/old": {"Policy": "{\"Statement\": [{\"Effect\": \"Perhaps\"}]}"}`), awssim.Faults{}, Collectors()...)
	if diff := cmp.Diff(map[string]providers.Reason{"policy": providers.Failed}, resources[0].Unknown); diff != "" {
		t.Errorf("unknown (-want +got):\n%s", diff)
	}
	if len(gaps) != 1 {
		t.Errorf("gaps: %+v", gaps)
	}
}
