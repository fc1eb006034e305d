package terraform

import (
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
)

// Types that no mapping is for are described all the same when their resources carry
// tags: what every resource has, its tags and its Region, is enough for some policies.
// They have no attributes.

// tagNames returns the attributes that hold the tags of a cloud's resources, by the
// first part of the Terraform type. Other providers keep lists under these names, or
// something else altogether, which a null value does not show.
func tagNames(cloud string) []string {
	switch cloud {
	case "aws":
		return []string{"tags_all", "tags", "tag"}
	case "google":
		return []string{"effective_labels", "terraform_labels", "labels", "resource_labels"}
	case "azurerm":
		return []string{"tags"}
	}
	return nil
}

// untagged reports whether what the type has under those names is no tag of a resource
// that people look after.
func untagged(typ string) bool {
	switch typ {
	case "aws_s3_object", "aws_s3_bucket_object", "aws_s3_object_copy": // content; cost reports do not know its tags
	case "aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule": // parts of a group
	case "google_monitoring_notification_channel", "google_monitoring_metric_descriptor", "google_cloud_identity_group": // settings named labels
	default:
		// What came with the account: it is adopted and not made.
		return strings.HasPrefix(typ, "aws_default_")
	}
	return true
}

// addGeneric describes the types of the plan that carry tags and have no mapping.
func (p *Provider) addGeneric(c *collector) error {
	for _, t := range p.ix.managed() {
		if p.byType[t] != nil || untagged(t) {
			continue
		}
		i := slices.IndexFunc(p.ix.byType[t], func(i int) bool { return p.ix.entries[i].judged(viewAfter) || p.ix.entries[i].judged(viewBefore) })
		if i < 0 {
			continue
		}
		n := c.load(p.ix.byType[t][i])
		if !slices.ContainsFunc(tagNames(n.cloud()), n.has) {
			continue
		}
		d := &described{mapping: mapping{typ: providers.Type(t), tags: genericTags, region: genericRegion}, generic: true}
		d.once.Do(func() { d.schema = &schema{} })
		p.types = append(p.types, d)
		p.byType[t] = d
	}
	slices.SortStableFunc(p.types, func(a, b *described) int { return strings.Compare(string(a.typ), string(b.typ)) })
	return c.err
}

// Generic returns the types that Describe names although they have no schema, sorted:
// of their resources nothing is told but tags and Region.
func (p *Provider) Generic() []providers.Type {
	var out []providers.Type
	for _, d := range p.types {
		if d.generic {
			out = append(out, d.typ)
		}
	}
	return out
}

// genericTags returns the tags of a resource whose type has no mapping.
func genericTags(n *node) any {
	switch n.cloud() {
	case "aws":
		if n.has("tag") {
			return blockTags(n)
		}
	case "google":
		if !n.has("labels") && n.has("resource_labels") && !n.has("effective_labels") {
			return withDefaults(n, nil, "resource_labels", n.provider("default_labels"))
		}
	}
	return tagTree(&mapping{}, n)
}

// blockTags returns the tags of an aws_autoscaling_group. They are blocks, or objects
// of a list; the provider's default tags do not reach them.
func blockTags(n *node) any {
	out := map[string]any{}
	for _, a := range []string{"tag", "tags"} {
		v := n.at(a)
		if isUnknown(v) && !n.configured(a) {
			continue
		}
		if isUnknown(v) {
			return v
		}
		l, _ := v.([]any)
		for _, t := range l {
			key := at(t, "key")
			if u, ok := key.(unknown); ok {
				return u
			}
			if s, ok := key.(string); ok {
				out[s] = at(t, "value")
			}
		}
	}
	return out
}

// genericRegion is regionOf for resources whose type has no mapping.
func genericRegion(n *node) any {
	switch n.cloud() {
	case "aws":
		if isGlobal(n) {
			return nil
		}
	case "azurerm":
		v := n.at("location")
		if s, ok := v.(string); ok {
			return strings.ToLower(strings.ReplaceAll(s, " ", "")) // "West Europe" is westeurope
		}
		return v
	}
	return regionOf(&mapping{}, n)
}

// isGlobal reports whether a resource belongs to a service of AWS that has no Regions.
// From its release 6 on the provider shows it: what is regional has a region.
func isGlobal(n *node) bool {
	if n.has("region") || strings.HasPrefix(n.typ, "aws_route53_resolver_") {
		return false
	}
	return slices.ContainsFunc([]string{
		"aws_account_", "aws_bcmdataexports_", "aws_budgets_", "aws_ce_", "aws_cloudfront_", "aws_cur_", "aws_ecrpublic_",
		"aws_globalaccelerator_", "aws_iam_", "aws_networkmanager_", "aws_organizations_", "aws_route53_", "aws_route53domains_",
		"aws_route53recovery", "aws_savingsplans_", "aws_shield_", "aws_waf_",
	}, func(prefix string) bool { return strings.HasPrefix(n.typ, prefix) })
}
