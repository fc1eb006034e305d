package terraform

import (
	"slices"
)

const (
	s3ACL        = "aws_s3_bucket_acl"
	s3Encryption = "aws_s3_bucket_server_side_encryption_configuration"
	s3Lifecycle  = "aws_s3_bucket_lifecycle_configuration"
	s3Logging    = "aws_s3_bucket_logging"
	s3Ownership  = "aws_s3_bucket_ownership_controls"
	s3Policy     = "aws_s3_bucket_policy"
	s3Public     = "aws_s3_bucket_public_access_block"
	s3Versioning = "aws_s3_bucket_versioning"
)

func awsS3Bucket() mapping {
	part := func(typ, attribute string) satellite {
		// What opens a bucket is judged even when the bucket is not in the plan.
		alone := typ == s3Policy || typ == s3ACL || typ == s3Public
		return satellite{typ: typ, ref: "bucket", by: []string{"bucket", "id"}, affects: []string{attribute}, alone: alone}
	}
	return mapping{
		typ:  "aws_s3_bucket",
		name: "bucket",
		satellites: []satellite{
			part(s3ACL, "grant"),
			part(s3Encryption, "server_side_encryption_configuration"),
			part(s3Lifecycle, "lifecycle_rule"),
			part(s3Logging, "logging"),
			part(s3Ownership, "object_ownership"),
			part(s3Policy, "policy"),
			part(s3Public, "public_access_block"),
			part(s3Versioning, "versioning"),
		},
		assumed: []string{"account_public_access_block"},
		settled: []string{"account_public_access_block", "grant", "lifecycle_rule", "logging", "object_ownership", "policy", "public_access_block", "server_side_encryption_configuration", "versioning"},
		attributes: map[string]func(n *node) any{
			"account_public_access_block": func(n *node) any {
				switch l := n.beside("aws_s3_account_public_access_block"); {
				case len(l) == 0:
					return nil
				case len(l) == 1 && !n.manyAccounts():
					return publicAccessBlock(l[0])
				default:
					return unknown{deferred} // accounts that the plan does not tell apart
				}
			},
			"grant": s3Grants,
			"lifecycle_rule": func(n *node) any {
				if s := n.only(s3Lifecycle); s != nil {
					return each(s.at("rule"), lifecycleRule)
				}
				return none(each(n.inline("lifecycle_rule", s3Lifecycle), inlineLifecycleRule))
			},
			"logging": func(n *node) any {
				if s := n.only(s3Logging); s != nil {
					return map[string]any{"target_bucket": s.at("target_bucket"), "target_prefix": s.at("target_prefix")}
				}
				return n.inline("logging", s3Logging)
			},
			"object_ownership": func(n *node) any {
				if s := n.only(s3Ownership); s != nil {
					return s.at("rule", 0, "object_ownership")
				}
				return unconfigured(n, s3Ownership, "BucketOwnerEnforced")
			},
			"policy": func(n *node) any {
				if s := n.only(s3Policy); s != nil {
					return s.document("policy")
				}
				return n.inlineDocument(s3Policy)
			},
			"policy_is_public": func(*node) any { return nil },
			"public_access_block": func(n *node) any {
				if s := n.only(s3Public); s != nil {
					return publicAccessBlock(s)
				}
				return unconfigured(n, s3Public, map[string]any{
					"block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true, "restrict_public_buckets": true,
				})
			},
			"server_side_encryption_configuration": func(n *node) any {
				if s := n.only(s3Encryption); s != nil {
					return encryption(s.at("rule", 0))
				}
				return encryption(at(n.inline("server_side_encryption_configuration", s3Encryption), 0, "rule", 0))
			},
			"versioning": s3VersioningOf,
		},
	}
}

// unconfigured is what a bucket has where the plan holds no satellite of the type: what
// S3 gives every new bucket since April 2023 ("Default settings for new S3 buckets FAQ",
// S3 User Guide), nothing where the plan takes the satellite away. Of other buckets only
// the live one tells: the bucket's own state has neither of these settings.
func unconfigured(n *node, satellite string, fresh any) any {
	switch {
	case n.isNew():
		return fresh
	case n.removed(satellite):
		return nil
	}
	return unknown{deferred}
}

func publicAccessBlock(s *node) any {
	out := map[string]any{}
	for _, k := range []string{"block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"} {
		out[k] = or(s.at(k), false)
	}
	return out
}

func encryption(rule any) any {
	return then(rule, func(rule any) any {
		if rule == nil {
			return nil
		}
		by := at(rule, "apply_server_side_encryption_by_default")
		return map[string]any{
			"sse_algorithm": at(by, 0, "sse_algorithm"), "kms_master_key_id": at(by, 0, "kms_master_key_id"),
			"bucket_key_enabled": or(at(rule, "bucket_key_enabled"), false),
		}
	})
}

// s3VersioningOf reads a bucket whose versioning the plan does not configure as one
// on which it was never turned on.
func s3VersioningOf(n *node) any {
	if s := n.only(s3Versioning); s != nil {
		mfa := s.at("versioning_configuration", 0, "mfa_delete")
		if isUnknown(mfa) && n.isNew() && !s.configured("versioning_configuration", 0, "mfa_delete") {
			mfa = "Disabled"
		}
		return map[string]any{
			"status":     s.at("versioning_configuration", 0, "status"),
			"mfa_delete": then(mfa, func(v any) any { return v == "Enabled" }),
		}
	}
	inline := n.inline("versioning", s3Versioning)
	return map[string]any{
		"status": then(at(inline, 0, "enabled"), func(v any) any {
			if v == true {
				return "Enabled"
			}
			return "Disabled"
		}),
		"mfa_delete": or(at(inline, 0, "mfa_delete"), false),
	}
}

const (
	allUsers           = "http://acs.amazonaws.com/groups/global/AllUsers"
	authenticatedUsers = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
	logDelivery        = "http://acs.amazonaws.com/groups/s3/LogDelivery"
)

// s3Grants returns the grants of the bucket's ACL. Deleting an aws_s3_bucket_acl
// leaves the ACL as it is, so that what was read back from the bucket stands.
func s3Grants(n *node) any {
	acl, grants := n.inline("acl"), n.inline("grant")
	if s := n.only(s3ACL); s != nil {
		acl, grants = s.inline("acl"), unknown{deferred}
		if policy := s.inline("access_control_policy"); !isUnknown(policy) {
			grants = each(at(policy, 0, "grant"), func(g any) any {
				who := at(g, "grantee", 0)
				return map[string]any{"type": at(who, "type"), "id": at(who, "id"), "uri": at(who, "uri"), "permissions": []any{at(g, "permission")}}
			})
		}
	}
	if u, ok := acl.(unknown); ok {
		return u
	}
	if canned, _ := acl.(string); canned != "" {
		return cannedGrants(canned)
	}
	return then(grants, byGrantee)
}

// cannedGrants is what a canned ACL grants beside the owner: "Canned ACL" in the
// S3 User Guide. On buckets, the two bucket-owner ACLs have no effect.
func cannedGrants(acl string) any {
	group := func(uri string, permissions ...any) any {
		return []any{map[string]any{"type": "Group", "id": nil, "uri": uri, "permissions": permissions}}
	}
	switch acl {
	case "private", "bucket-owner-read", "bucket-owner-full-control":
		return []any{}
	case "public-read":
		return group(allUsers, "READ")
	case "public-read-write":
		return group(allUsers, "READ", "WRITE")
	case "authenticated-read":
		return group(authenticatedUsers, "READ")
	case "log-delivery-write":
		return group(logDelivery, "READ_ACP", "WRITE")
	case "aws-exec-read": // Amazon EC2, a user of its own
		return []any{map[string]any{"type": "CanonicalUser", "id": nil, "uri": nil, "permissions": []any{"READ"}}}
	}
	return unknown{deferred}
}

// byGrantee puts the permissions of each grantee together.
func byGrantee(v any) any {
	l, _ := v.([]any)
	var out []any
next:
	for _, g := range l {
		if u, ok := anyUnknown(g); ok {
			return u
		}
		permissions, _ := at(g, "permissions").([]any)
		for _, o := range out {
			o := o.(map[string]any)
			if o["type"] == str(at(g, "type")) && o["id"] == str(at(g, "id")) && o["uri"] == str(at(g, "uri")) {
				o["permissions"] = slices.Concat(o["permissions"].([]any), permissions)
				continue next
			}
		}
		out = append(out, map[string]any{"type": str(at(g, "type")), "id": str(at(g, "id")), "uri": str(at(g, "uri")), "permissions": permissions})
	}
	for _, o := range out {
		sortTexts(o.(map[string]any)["permissions"].([]any))
	}
	if out == nil {
		return []any{}
	}
	return out
}

func lifecycleRule(r any) any {
	filter := at(r, "filter", 0)
	and := at(filter, "and", 0)
	tags := at(and, "tags")
	if tag := at(filter, "tag", 0); tag != nil {
		tags = unknown{deferred}
		if key, ok := at(tag, "key").(string); ok {
			tags = map[string]any{key: at(tag, "value")}
		}
	}
	return map[string]any{
		"id": at(r, "id"), "status": at(r, "status"),
		"prefix": firstSet(at(r, "prefix"), at(filter, "prefix"), at(and, "prefix"), ""),
		"tags":   tags,
		// 0 and "" are what the provider has for nothing.
		"object_size_greater_than":          positive(firstSet(at(filter, "object_size_greater_than"), at(and, "object_size_greater_than"))),
		"object_size_less_than":             positive(firstSet(at(filter, "object_size_less_than"), at(and, "object_size_less_than"))),
		"abort_incomplete_multipart_upload": at(r, "abort_incomplete_multipart_upload"),
		"expiration":                        expiration(at(r, "expiration", 0)),
		"noncurrent_version_expiration": then(at(r, "noncurrent_version_expiration", 0), func(e any) any {
			if e == nil {
				return nil
			}
			return map[string]any{"noncurrent_days": positive(at(e, "noncurrent_days")), "newer_noncurrent_versions": positive(at(e, "newer_noncurrent_versions"))}
		}),
		"transition": each(at(r, "transition"), transition),
	}
}

// inlineLifecycleRule reads the lifecycle_rule block of the bucket itself.
func inlineLifecycleRule(r any) any {
	return map[string]any{
		"id": at(r, "id"),
		"status": then(at(r, "enabled"), func(v any) any {
			if v == true {
				return "Enabled"
			}
			return "Disabled"
		}),
		"prefix": or(at(r, "prefix"), ""), "tags": at(r, "tags"),
		"object_size_greater_than": nil, "object_size_less_than": nil,
		"abort_incomplete_multipart_upload": then(positive(at(r, "abort_incomplete_multipart_upload_days")), func(v any) any {
			if v == nil {
				return nil
			}
			return map[string]any{"days_after_initiation": v}
		}),
		"expiration": expiration(at(r, "expiration", 0)),
		"noncurrent_version_expiration": then(at(r, "noncurrent_version_expiration", 0), func(e any) any {
			if e == nil {
				return nil
			}
			return map[string]any{"noncurrent_days": positive(at(e, "days")), "newer_noncurrent_versions": nil}
		}),
		"transition": each(at(r, "transition"), transition),
	}
}

func expiration(e any) any {
	return then(e, func(e any) any {
		if e == nil {
			return nil
		}
		return map[string]any{
			"days": positive(at(e, "days")), "date": at(e, "date"), "expired_object_delete_marker": at(e, "expired_object_delete_marker"),
		}
	})
}

func transition(t any) any {
	// Days that are 0 are a day unless there is a date.
	days := at(t, "days")
	if date := at(t, "date"); positive(days) == nil && (isUnknown(date) || str(date) != nil) {
		days = then(date, func(any) any { return nil })
	}
	return map[string]any{"days": days, "date": at(t, "date"), "storage_class": at(t, "storage_class")}
}
