package terraform

import (
	"slices"
	"strings"
)

const (
	gcsACL   = "google_storage_bucket_acl"
	gcsEntry = "google_storage_bucket_access_control"
)

func googleStorageBucket() mapping {
	by := []string{"name", "id", "self_link"}
	return mapping{
		typ: "google_storage_bucket",
		satellites: append(iamSatellites("google_storage_bucket", "bucket", by...),
			satellite{typ: gcsACL, ref: "bucket", by: by, affects: []string{"iam_bindings"}},
			satellite{typ: gcsEntry, ref: "bucket", by: by, affects: []string{"iam_bindings"}},
		),
		settled: []string{"autoclass", "public_access_prevention", "uniform_bucket_level_access"},
		attributes: map[string]func(n *node) any{
			"autoclass": func(n *node) any {
				return sinceIntroduced(n, "autoclass", n.at("autoclass"))
			},
			"project":       googleProject,
			"storage_class": func(n *node) any { return unset(n, "STANDARD", "storage_class") },
			"uniform_bucket_level_access": func(n *node) any {
				return sinceIntroduced(n, "uniform_bucket_level_access", unset(n, false, "uniform_bucket_level_access"))
			},
			"public_access_prevention": func(n *node) any {
				v := sinceIntroduced(n, "public_access_prevention", unset(n, "inherited", "public_access_prevention"))
				return then(v, func(v any) any {
					if v == "enforced" {
						return v
					}
					return "inherited"
				})
			},
			"public_access_prevention_constraint": null,
			"versioning": func(n *node) any {
				return map[string]any{"enabled": unset(n, false, "versioning", 0, "enabled")}
			},
			"lifecycle_rule": func(n *node) any { return each(n.at("lifecycle_rule"), gcsRule) },
			"kms_key_name":   func(n *node) any { return n.at("encryption", 0, "default_kms_key_name") },
			"iam_bindings":   gcsBindings,
		},
	}
}

func gcsRule(r any) any {
	condition := at(r, "condition", 0)
	state := at(condition, "with_state")
	if state == "ANY" || isUnknown(state) { // the provider's default is not to ask for a state
		state = nil
	}
	return map[string]any{
		"action": at(r, "action", 0),
		"condition": map[string]any{
			"age":                        positive(at(condition, "age")),
			"created_before":             at(condition, "created_before"),
			"with_state":                 state,
			"num_newer_versions":         positive(at(condition, "num_newer_versions")),
			"days_since_noncurrent_time": positive(at(condition, "days_since_noncurrent_time")),
		},
	}
}

// gcsBindings returns the IAM bindings and the grants of the ACL, which Cloud
// Storage shows as bindings of the legacy bucket roles.
func gcsBindings(n *node) any {
	bindings := iamBindings("google_storage_bucket")(n)
	out, ok := bindings.([]any)
	if !ok {
		return bindings
	}
	for _, s := range n.all(gcsEntry) {
		out = append(out, gcsGrant(s.at("role"), s.at("entity")))
	}
	for _, s := range n.all(gcsACL) {
		if predefined, _ := s.at("predefined_acl").(string); predefined != "" {
			out = append(out, gcsPredefined(predefined)...)
			continue
		}
		entries := unset(s, []any{}, "role_entity")
		l, ok := entries.([]any)
		if !ok {
			return entries
		}
		for _, e := range l {
			text, ok := e.(string)
			if !ok {
				return e // an unknown
			}
			role, entity, _ := strings.Cut(text, ":")
			out = append(out, gcsGrant(role, entity))
		}
	}
	return out
}

// gcsPredefined is whom a predefined ACL lets in beside the project's own people.
func gcsPredefined(acl string) []any {
	switch acl {
	case "publicRead":
		return []any{gcsGrant("READER", "allUsers")}
	case "publicReadWrite":
		return []any{gcsGrant("WRITER", "allUsers")}
	case "authenticatedRead":
		return []any{gcsGrant("READER", "allAuthenticatedUsers")}
	}
	return nil
}

// gcsGrant writes an entry of an ACL as a binding.
func gcsGrant(role, entity any) any {
	return map[string]any{
		"role": then(role, func(v any) any {
			switch v {
			case "OWNER":
				return "roles/storage.legacyBucketOwner"
			case "WRITER":
				return "roles/storage.legacyBucketWriter"
			}
			return "roles/storage.legacyBucketReader"
		}),
		"members": []any{then(entity, func(v any) any {
			s, _ := v.(string)
			kind, id, ok := strings.Cut(s, "-")
			if ok && slices.Contains([]string{"user", "group", "domain"}, kind) {
				return kind + ":" + id
			}
			return s
		})},
		"condition": nil,
	}
}
