package terraform

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// newBucket is a bucket that does not exist yet, as provider 6 plans it.
func newBucket() res {
	unknown := obj{}
	for _, a := range []string{
		"id", "arn", "acl", "cors_rule", "grant", "lifecycle_rule", "logging", "object_lock_enabled", "policy", "server_side_encryption_configuration", "versioning",
	} {
		unknown[a] = true
	}
	return res{address: "aws_s3_bucket.b", after: obj{"bucket": "logs", "force_destroy": false}, unknown: unknown, config: obj{"bucket": "logs"}}
}

// oldBucket is one that exists, with what the provider read back from it.
func oldBucket(after obj) res {
	all := obj{
		"id": "logs", "bucket": "logs", "arn": "arn:aws:s3:::logs", "acl": nil, "grant": []any{}, "lifecycle_rule": []any{}, "logging": []any{}, "policy": "",
		"server_side_encryption_configuration": []any{}, "versioning": []any{},
	}
	for k, v := range after {
		all[k] = v
	}
	return res{address: "aws_s3_bucket.b", action: "no-op", after: all, config: obj{"bucket": "logs"}}
}

// bare is a bucket of which nobody configured anything.
func bare(more obj) obj {
	return joined(obj{
		"account_public_access_block": nil, "grant": []any{}, "lifecycle_rule": nil, "logging": nil, "policy": nil,
		"policy_is_public": nil, "server_side_encryption_configuration": nil, "versioning": obj{"status": "Disabled", "mfa_delete": false},
	}, more)
}

// fresh is what S3 gives a new bucket, and untold what only the live one tells of others.
func fresh() obj {
	return obj{
		"object_ownership":    "BucketOwnerEnforced",
		"public_access_block": obj{"block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true, "restrict_public_buckets": true},
	}
}

func untold() obj { return obj{"? object_ownership": "deferred", "? public_access_block": "deferred"} }

func TestWhatNobodyConfiguresOnANewBucketIsAsS3MakesIt(t *testing.T) {
	if diff := cmp.Diff(bare(fresh()), attributes(t, "aws_s3_bucket.b", newBucket())); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func s3Satellites() []res {
	ref := "=aws_s3_bucket.b.id"
	part := func(typ string, after obj, config obj) res {
		if config == nil {
			config = obj{}
		}
		config["bucket"] = ref
		return res{address: typ + ".b", after: after, unknown: obj{"id": true, "bucket": true}, config: config}
	}
	versioning := part(s3Versioning, obj{"versioning_configuration": []any{obj{"status": "Enabled"}}}, obj{"versioning_configuration": []any{obj{"status": "Enabled"}}})
	versioning.unknown["versioning_configuration"] = []any{obj{"mfa_delete": true}}
	policy := part(s3Policy, obj{}, obj{"policy": "=data.aws_iam_policy_document.p.json"})
	policy.unknown["policy"] = true
	acl := part(s3ACL, obj{"acl": "public-read"}, obj{"acl": "public-read"})
	acl.unknown["access_control_policy"] = true
	return []res{
		newBucket(), versioning, policy, acl,
		{
			address: "data.aws_iam_policy_document.p", action: "read",
			after: obj{
				"override_policy_documents": nil, "source_policy_documents": nil,
				"statement": []any{obj{
					"sid": "TLS", "effect": "Deny", "actions": []any{"s3:*"}, "not_actions": []any{}, "not_resources": []any{}, "resources": []any{nil, nil},
					"principals":     []any{obj{"type": "*", "identifiers": []any{"*"}}},
					"not_principals": []any{},
					"condition":      []any{obj{"test": "Bool", "variable": "aws:SecureTransport", "values": []any{"false"}}},
				}},
			},
			unknown: obj{"id": true, "json": true, "statement": []any{obj{"resources": []any{true, true}, "principals": []any{obj{"identifiers": []any{false}}}}}},
		},
		part(s3Public, obj{"block_public_acls": true, "block_public_policy": true, "ignore_public_acls": nil, "restrict_public_buckets": false}, nil),
		part(s3Ownership, obj{"rule": []any{obj{"object_ownership": "BucketOwnerEnforced"}}}, nil),
		part(s3Encryption, obj{"rule": []any{obj{"apply_server_side_encryption_by_default": []any{obj{"sse_algorithm": "aws:kms", "kms_master_key_id": ""}}, "bucket_key_enabled": nil}}}, nil),
		part(s3Logging, obj{"target_bucket": "log-target", "target_prefix": ""}, nil),
		part(s3Lifecycle, obj{"rule": []any{
			obj{
				"id": "old", "status": "Enabled", "prefix": "", "filter": []any{obj{"prefix": "tmp/", "object_size_greater_than": "0", "tag": []any{}, "and": []any{}}},
				"abort_incomplete_multipart_upload": []any{obj{"days_after_initiation": 7}},
				"expiration":                        []any{obj{"days": 30, "date": nil, "expired_object_delete_marker": nil}},
				"noncurrent_version_expiration":     []any{obj{"noncurrent_days": 90, "newer_noncurrent_versions": "3"}},
				"transition":                        []any{obj{"days": 0, "date": nil, "storage_class": "GLACIER"}},
			},
			obj{
				"id": "and", "status": "Disabled", "prefix": "", "filter": []any{obj{"prefix": "", "tag": []any{}, "and": []any{obj{"prefix": "x/", "tags": obj{"k": "v"}, "object_size_less_than": 5}}}},
				"abort_incomplete_multipart_upload": []any{}, "expiration": []any{}, "noncurrent_version_expiration": []any{}, "transition": []any{},
			},
		}}, nil),
		{
			address: "aws_s3_account_public_access_block.a",
			after:   obj{"block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true, "restrict_public_buckets": true},
		},
	}
}

func TestABucketHasWhatItsSatellitesConfigure(t *testing.T) {
	on := obj{"block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true, "restrict_public_buckets": true}
	want := obj{
		"account_public_access_block": on,
		"grant":                       []any{obj{"type": "Group", "id": nil, "uri": allUsers, "permissions": []any{"READ"}}},
		"lifecycle_rule": []any{
			obj{
				"id": "old", "status": "Enabled", "prefix": "tmp/", "tags": obj{}, "object_size_greater_than": nil, "object_size_less_than": nil,
				"abort_incomplete_multipart_upload": obj{"days_after_initiation": int64(7)},
				"expiration":                        obj{"days": int64(30), "date": nil, "expired_object_delete_marker": nil},
				"noncurrent_version_expiration":     obj{"noncurrent_days": int64(90), "newer_noncurrent_versions": int64(3)},
				"transition":                        []any{obj{"days": int64(0), "date": nil, "storage_class": "GLACIER"}},
			},
			obj{
				"id": "and", "status": "Disabled", "prefix": "x/", "tags": obj{"k": "v"}, "object_size_greater_than": nil, "object_size_less_than": int64(5),
				"abort_incomplete_multipart_upload": nil, "expiration": nil, "noncurrent_version_expiration": nil, "transition": []any{},
			},
		},
		"logging":          obj{"target_bucket": "log-target", "target_prefix": nil},
		"object_ownership": "BucketOwnerEnforced",
		"policy": obj{"statements": []any{obj{
			"sid": "TLS", "effect": "Deny", "principals": []any{obj{"type": "AWS", "id": "*"}}, "not_principals": nil,
			"actions": []any{"s3:*"}, "not_actions": nil, "resources": []any{nil, nil}, "not_resources": nil,
			"conditions": []any{obj{"operator": "bool", "key": "aws:securetransport", "values": []any{"false"}}},
		}}},
		"? policy.statements.0.resources.0": "deferred",
		"? policy.statements.0.resources.1": "deferred",
		"policy_is_public":                  nil,
		"public_access_block":               obj{"block_public_acls": true, "block_public_policy": true, "ignore_public_acls": false, "restrict_public_buckets": false},
		"server_side_encryption_configuration": obj{
			"sse_algorithm": "aws:kms", "kms_master_key_id": nil, "bucket_key_enabled": false,
		},
		"versioning": obj{"status": "Enabled", "mfa_delete": false},
	}
	if diff := cmp.Diff(want, attributes(t, "aws_s3_bucket.b", s3Satellites()...)); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestABucketOfAnOldConfigurationHasItsInlineBlocks(t *testing.T) {
	want := bare(untold())
	want["grant"] = []any{obj{"type": "Group", "id": nil, "uri": allUsers, "permissions": []any{"READ", "WRITE"}}}
	want["lifecycle_rule"] = []any{obj{
		"id": "r", "status": "Enabled", "prefix": "", "tags": obj{}, "object_size_greater_than": nil, "object_size_less_than": nil,
		"abort_incomplete_multipart_upload": obj{"days_after_initiation": int64(3)}, "expiration": nil,
		"noncurrent_version_expiration": obj{"noncurrent_days": int64(5), "newer_noncurrent_versions": nil}, "transition": []any{},
	}}
	want["logging"] = obj{"target_bucket": "t", "target_prefix": nil}
	want["server_side_encryption_configuration"] = obj{"sse_algorithm": "AES256", "kms_master_key_id": nil, "bucket_key_enabled": true}
	want["versioning"] = obj{"status": "Enabled", "mfa_delete": true}
	got := attributes(t, "aws_s3_bucket.b", oldBucket(obj{
		"grant": []any{
			obj{"id": "", "type": "Group", "uri": allUsers, "permissions": []any{"WRITE"}},
			obj{"id": "", "type": "Group", "uri": allUsers, "permissions": []any{"READ"}},
		},
		"lifecycle_rule": []any{obj{
			"id": "r", "enabled": true, "prefix": "", "tags": nil, "abort_incomplete_multipart_upload_days": 3, "expiration": []any{},
			"noncurrent_version_expiration": []any{obj{"days": 5}}, "transition": []any{},
		}},
		"logging": []any{obj{"target_bucket": "t", "target_prefix": ""}},
		"server_side_encryption_configuration": []any{obj{"rule": []any{obj{
			"apply_server_side_encryption_by_default": []any{obj{"sse_algorithm": "AES256", "kms_master_key_id": ""}}, "bucket_key_enabled": true,
		}}}},
		"versioning": []any{obj{"enabled": true, "mfa_delete": true}},
	}))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestWhatThePlanTakesAwayFromABucketNoLongerCounts(t *testing.T) {
	bucket := oldBucket(obj{
		"versioning": []any{obj{"enabled": true, "mfa_delete": false}},
		"policy":     `{"Statement":[]}`,
	})
	gone := func(typ string) res { return res{address: typ + ".b", action: "delete", after: obj{"bucket": "logs"}} }
	got := attributes(t, "aws_s3_bucket.b", bucket, gone(s3Versioning), gone(s3Policy), gone(s3Public), gone(s3Ownership))
	if diff := cmp.Diff(bare(obj{"object_ownership": nil, "public_access_block": nil}), got); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestAForgottenBlockIsStillThere(t *testing.T) {
	block := obj{"block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true, "restrict_public_buckets": false}
	forgotten := res{address: s3Public + ".b", action: "forget", after: joined(obj{"bucket": "logs"}, block)}
	want := bare(obj{"? object_ownership": "deferred", "public_access_block": block})
	if diff := cmp.Diff(want, attributes(t, "aws_s3_bucket.b", oldBucket(nil), forgotten)); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestASatelliteOfAnotherBucketChangesNothing(t *testing.T) {
	other := res{address: s3Public + ".o", after: obj{"bucket": "not-in-the-plan", "block_public_acls": true}, unknown: obj{"id": true}, config: obj{"bucket": "not-in-the-plan"}}
	if diff := cmp.Diff(bare(fresh()), attributes(t, "aws_s3_bucket.b", newBucket(), other)); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestASatelliteWithoutACertainBucketLeavesOnlyItsOwnAttributeOpen(t *testing.T) {
	lost := res{address: s3Public + ".o", after: obj{"block_public_acls": true}, unknown: obj{"id": true, "bucket": true}, config: obj{"bucket": "=data.aws_s3_bucket.found.id"}}
	found := res{address: "data.aws_s3_bucket.found", action: "read", after: obj{"bucket": nil}, unknown: obj{"bucket": true, "id": true}}
	want := bare(obj{"object_ownership": "BucketOwnerEnforced", "? public_access_block": "deferred"})
	if diff := cmp.Diff(want, attributes(t, "aws_s3_bucket.b", newBucket(), lost, found)); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}
