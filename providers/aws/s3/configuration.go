package s3

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

// readACL puts the grants together by grantee, as Terraform's grant blocks are.
func readACL(ctx context.Context, client *s3.Client, name *string, d *awskit.Draft) error {
	out, err := client.GetBucketAcl(ctx, &s3.GetBucketAclInput{Bucket: name})
	if err != nil {
		return err
	}
	type grantee struct{ kind, id, uri string }
	var order []grantee
	permissions := map[grantee][]string{}
	for _, g := range out.Grants {
		var who grantee
		if g.Grantee != nil {
			who = grantee{string(g.Grantee.Type), aws.ToString(g.Grantee.ID), aws.ToString(g.Grantee.URI)}
		}
		if permissions[who] == nil {
			order = append(order, who)
		}
		permissions[who] = append(permissions[who], string(g.Permission))
	}
	grants := make([]any, 0, len(order))
	for _, who := range order {
		grants = append(grants, map[string]any{
			"type": who.kind, "id": orNull(who.id), "uri": orNull(who.uri), "permissions": slices.Sorted(slices.Values(permissions[who])),
		})
	}
	d.Set("grant", grants)
	return nil
}

func readLifecycle(ctx context.Context, client *s3.Client, name *string, d *awskit.Draft) error {
	out, err := client.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: name})
	if awskit.Is(err, "NoSuchLifecycleConfiguration") {
		d.Set("lifecycle_rule", nil)
		return nil
	}
	if err != nil {
		return err
	}
	rules := make([]any, 0, len(out.Rules))
	for _, r := range out.Rules {
		rules = append(rules, lifecycleRule(r))
	}
	d.Set("lifecycle_rule", rules)
	return nil
}

func lifecycleRule(r types.LifecycleRule) map[string]any {
	prefix := aws.ToString(r.Prefix) //nolint:staticcheck // rules of the older form have a prefix and no filter
	tags := map[string]any{}
	var larger, smaller *int64
	if f := r.Filter; f != nil {
		larger, smaller = f.ObjectSizeGreaterThan, f.ObjectSizeLessThan
		tag := func(t types.Tag) { tags[aws.ToString(t.Key)] = aws.ToString(t.Value) }
		if f.Prefix != nil {
			prefix = *f.Prefix
		}
		if f.Tag != nil {
			tag(*f.Tag)
		}
		if a := f.And; a != nil {
			prefix, larger, smaller = aws.ToString(a.Prefix), a.ObjectSizeGreaterThan, a.ObjectSizeLessThan
			for _, t := range a.Tags {
				tag(t)
			}
		}
	}
	rule := map[string]any{
		"id": r.ID, "status": r.Status, "prefix": prefix, "tags": tags,
		"object_size_greater_than": larger, "object_size_less_than": smaller,
		"abort_incomplete_multipart_upload": nil, "expiration": nil, "noncurrent_version_expiration": nil,
	}
	if a := r.AbortIncompleteMultipartUpload; a != nil {
		rule["abort_incomplete_multipart_upload"] = map[string]any{"days_after_initiation": a.DaysAfterInitiation}
	}
	if e := r.Expiration; e != nil {
		rule["expiration"] = map[string]any{"days": e.Days, "date": e.Date, "expired_object_delete_marker": e.ExpiredObjectDeleteMarker}
	}
	if n := r.NoncurrentVersionExpiration; n != nil {
		rule["noncurrent_version_expiration"] = map[string]any{"noncurrent_days": n.NoncurrentDays, "newer_noncurrent_versions": n.NewerNoncurrentVersions}
	}
	transitions := []any{}
	for _, t := range r.Transitions {
		transitions = append(transitions, map[string]any{"days": t.Days, "date": t.Date, "storage_class": t.StorageClass})
	}
	rule["transition"] = transitions
	return rule
}

func readLogging(ctx context.Context, client *s3.Client, name *string, d *awskit.Draft) error {
	out, err := client.GetBucketLogging(ctx, &s3.GetBucketLoggingInput{Bucket: name})
	if err != nil {
		return err
	}
	if l := out.LoggingEnabled; l != nil {
		d.Set("logging", map[string]any{"target_bucket": l.TargetBucket, "target_prefix": l.TargetPrefix})
	} else {
		d.Set("logging", nil)
	}
	return nil
}

func readOwnership(ctx context.Context, client *s3.Client, name *string, d *awskit.Draft) error {
	out, err := client.GetBucketOwnershipControls(ctx, &s3.GetBucketOwnershipControlsInput{Bucket: name})
	if awskit.Is(err, "OwnershipControlsNotFoundError") {
		d.Set("object_ownership", nil)
		return nil
	}
	if err != nil {
		return err
	}
	var ownership any
	if o := out.OwnershipControls; o != nil && len(o.Rules) > 0 { // at most one rule
		ownership = o.Rules[0].ObjectOwnership
	}
	d.Set("object_ownership", ownership)
	return nil
}

func readEncryption(ctx context.Context, client *s3.Client, name *string, d *awskit.Draft) error {
	out, err := client.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: name})
	if awskit.Is(err, "ServerSideEncryptionConfigurationNotFoundError") {
		d.Set("server_side_encryption_configuration", nil)
		return nil
	}
	if err != nil {
		return err
	}
	var encryption any
	if c := out.ServerSideEncryptionConfiguration; c != nil {
		for _, r := range c.Rules { // at most one rule
			if by := r.ApplyServerSideEncryptionByDefault; by != nil {
				encryption = map[string]any{"sse_algorithm": by.SSEAlgorithm, "kms_master_key_id": by.KMSMasterKeyID, "bucket_key_enabled": aws.ToBool(r.BucketKeyEnabled)}
			}
		}
	}
	d.Set("server_side_encryption_configuration", encryption)
	return nil
}

// readVersioning: the API leaves out what was never set, and Terraform calls a
// bucket on which versioning was never turned on "Disabled".
func readVersioning(ctx context.Context, client *s3.Client, name *string, d *awskit.Draft) error {
	out, err := client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: name})
	if err != nil {
		return err
	}
	status := string(out.Status)
	if status == "" {
		status = "Disabled"
	}
	d.Set("versioning", map[string]any{"status": status, "mfa_delete": out.MFADelete == types.MFADeleteStatusEnabled})
	return nil
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
