package terraform

import (
	"crypto/x509"
	"encoding/pem"
	"slices"
	"time"

	"github.com/metsuke-dev/metsuke/providers"
)

// iamAttachment attaches one policy to users, groups and roles by name.
const iamAttachment = "aws_iam_policy_attachment"

// iamPrincipal is a user, group or role with the policies that are attached to it or
// part of it. Kind is user, group or role.
func iamPrincipal(kind string) mapping {
	typ := "aws_iam_" + kind
	by := []string{"id", "name"}
	managed, inline := []string{"managed_policy_arns"}, []string{"inline_policy"}
	return mapping{
		typ: providers.Type(typ),
		satellites: []satellite{
			{typ: typ + "_policy_attachment", ref: kind, by: by, affects: managed, alone: true},
			{typ: typ + "_policy_attachments_exclusive", ref: kind + "_name", by: by, affects: managed, alone: true},
			{typ: iamAttachment, ref: kind + "s", by: by, affects: managed, alone: true},
			{typ: typ + "_policy", ref: kind, by: by, affects: inline, alone: kind == "user"},
		},
		region:  global,
		settled: []string{"inline_policy", "managed_policy_arns"},
		without: map[string]func(live, planned []any) []any{"inline_policy": withoutNamed},
		attributes: map[string]func(n *node) any{
			"inline_policy":       iamInline,
			"managed_policy_arns": iamManaged,
			"path":                func(n *node) any { return or(n.at("path"), "/") },
		},
	}
}

func awsIAMGroup() mapping { return iamPrincipal("group") }
func awsIAMUser() mapping  { return iamPrincipal("user") }

func awsIAMRole() mapping {
	m := iamPrincipal("role")
	m.attributes["assume_role_policy"] = func(n *node) any { return n.document("assume_role_policy") }
	return m
}

// iamManaged lists the attached policies: those that a role's own argument names and
// those of attachments in the plan. An existing role shows what else is attached,
// less what the plan takes away; of an existing user or group that is not known.
func iamManaged(n *node) any {
	const own = "managed_policy_arns"
	attachment, exclusive := n.typ+"_policy_attachment", n.typ+"_policy_attachments_exclusive"
	list := []any{}
	switch {
	case n.outside(): // nothing of its own is known
	case n.has(own) && !isUnknown(n.at(own)):
		list = append(list, listIn(n.at(own))...)
	case n.configured(own) && n.has(own):
		return n.at(own)
	}
	for _, s := range slices.Concat(n.gone[attachment], n.gone[iamAttachment], n.gone[exclusive]) {
		list = slices.DeleteFunc(list, func(arn any) bool {
			return arn == s.at("policy_arn") || slices.Contains(listIn(s.at("policy_arns")), arn)
		})
	}
	for _, s := range slices.Concat(n.all(attachment), n.all(iamAttachment)) {
		list = append(list, iamPolicy(s, "policy_arn"))
	}
	// These say everything that is attached, and the provider takes the rest away.
	if s := n.only(exclusive); s != nil {
		if l, ok := s.at("policy_arns").([]any); ok && !slices.ContainsFunc(l, isUnknown) {
			return l
		}
		return unknown{deferred}
	}
	if n.outside() {
		list = append(list, unknown{providers.Outside}) // there may be more
	} else if !n.isNew() && !n.has(own) {
		list = append(list, unknown{deferred})
	}
	return distinct(list)
}

// iamPolicy is the ARN of the policy that an attribute names. One that the plan
// makes has no ARN yet: it is named by its address, which no other policy has.
func iamPolicy(s *node, attribute string) any {
	arn := s.at(attribute)
	if !isUnknown(arn) {
		return arn
	}
	if to, exact := s.refs(attribute); exact && len(to) == 1 && to[0].typ == "aws_iam_policy" {
		return to[0].address
	}
	return arn
}

// iamInline lists the policies that are part of the principal itself, by the role's
// own blocks and by resources of their own. A policy that is named twice is one.
func iamInline(n *node) any {
	const own = "inline_policy"
	satellites := n.all(n.typ + "_policy")
	list := []any{}
	if v := n.at(own); n.has(own) && !isUnknown(v) {
		taken := map[any]bool{}
		for _, s := range slices.Concat(satellites, n.gone[n.typ+"_policy"]) {
			taken[s.at("name")] = true
		}
		for _, p := range listIn(v) {
			if name := at(p, "name"); !taken[name] && (name != nil || at(p, "policy") != nil) {
				list = append(list, map[string]any{"name": name, "policy": parseDocument(at(p, "policy"))})
			}
		}
	} else if isUnknown(v) && n.configured(own) && !n.outside() {
		return v
	}
	for _, s := range satellites {
		name := s.at("name")
		if isUnknown(name) && !s.configured("name") {
			name = nil
		}
		list = append(list, map[string]any{"name": name, "policy": s.document("policy")})
	}
	if n.outside() {
		list = append(list, unknown{providers.Outside})
	} else if !n.isNew() && !n.has(own) {
		list = append(list, unknown{deferred})
	}
	return list
}

// withoutNamed takes out the policies that planned ones replace or take away.
func withoutNamed(live, planned []any) []any {
	return slices.DeleteFunc(slices.Clone(live), func(l any) bool {
		return slices.ContainsFunc(planned, func(p any) bool { return at(p, "name") != nil && at(p, "name") == at(l, "name") })
	})
}

func listIn(v any) []any { l, _ := v.([]any); return l }

// distinct leaves out strings that were there before.
func distinct(list []any) []any {
	seen := map[string]bool{}
	return slices.DeleteFunc(list, func(v any) bool {
		s, ok := v.(string)
		again := ok && seen[s]
		seen[s] = true
		return again
	})
}

// awsIAMPolicy counts the attachments that the plan holds. Without any, others may
// still attach the policy.
func awsIAMPolicy() mapping {
	var satellites []satellite
	attachments := []string{iamAttachment, "aws_iam_group_policy_attachment", "aws_iam_role_policy_attachment", "aws_iam_user_policy_attachment"}
	for _, t := range attachments {
		// Most attach policies that AWS maintains.
		satellites = append(satellites, satellite{typ: t, ref: "policy_arn", by: []string{"arn", "id"}, affects: []string{"attachment_count"}, optional: true})
	}
	return mapping{
		typ:        "aws_iam_policy",
		satellites: satellites,
		region:     global,
		attributes: map[string]func(n *node) any{
			"attachment_count": func(n *node) any {
				total := 0
				for _, t := range attachments[1:] {
					total += len(n.all(t))
				}
				for _, s := range n.all(iamAttachment) {
					for _, a := range []string{"groups", "roles", "users"} {
						total += len(listIn(s.at(a)))
					}
				}
				if total == 0 {
					return unknown{deferred}
				}
				return int64(total)
			},
			"path":   func(n *node) any { return or(n.at("path"), "/") },
			"policy": func(n *node) any { return n.document("policy") },
		},
	}
}

// awsIAMAccountPasswordPolicy leaves null what nobody sets: the provider then sends
// no value, and IAM takes that for "not asked for".
func awsIAMAccountPasswordPolicy() mapping {
	m := mapping{typ: "aws_iam_account_password_policy", region: global, attributes: map[string]func(n *node) any{
		"allow_users_to_change_password": func(n *node) any { return or(n.at("allow_users_to_change_password"), true) },
		"minimum_password_length":        func(n *node) any { return or(n.at("minimum_password_length"), int64(6)) },
	}}
	for _, a := range []string{"max_password_age", "password_reuse_prevention"} {
		m.attributes[a] = func(n *node) any { return then(n.inline(a), zeroIsNull) }
	}
	for _, a := range []string{"require_lowercase_characters", "require_numbers", "require_symbols", "require_uppercase_characters"} {
		m.attributes[a] = func(n *node) any { return or(n.inline(a), false) }
	}
	return m
}

// awsIAMServerCertificate reads a new certificate's end from the certificate itself.
func awsIAMServerCertificate() mapping {
	return mapping{
		typ:    "aws_iam_server_certificate",
		region: global,
		attributes: map[string]func(n *node) any{
			"expiration": func(n *node) any {
				if v := n.at("expiration"); !isUnknown(v) && v != nil {
					return v
				}
				return then(n.at("certificate_body"), expiry)
			},
			"path": func(n *node) any { return or(n.at("path"), "/") },
		},
	}
}

func expiry(v any) any {
	text, _ := v.(string)
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return unknown{providers.Failed}
	}
	c, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return unknown{providers.Failed}
	}
	return c.NotAfter.UTC().Format(time.RFC3339)
}
