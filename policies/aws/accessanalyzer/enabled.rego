# METADATA
# title: An external-access analyzer is active in every enabled Region
# description: >-
#   IAM Access Analyzer proves which buckets, roles, keys and queues can be reached from outside the account or the
#   organisation, continuously and at no charge, but only in regions that have an analyzer of external access.
#   Analyzers of unused or internal access do not count. There is a finding per region. An analyzer of the
#   organisation counts for its members; it is seen only where the scan goes through the management account or the
#   delegated administrator.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_account
# custom:
#   severity: medium
#   category: security
#   types: [aws_account]
#   plan: "no"
#   params:
#     accept_org_analyzer: {type: boolean, default: true, description: Whether an analyzer of the organisation counts for its members.}
#   frameworks:
#     cis-aws-3.0: ["1.20"]
#     cis-aws-5.0: ["1.19"]
#     cis-aws-7.0: ["2.18"]
#   remediation: >-
#     Create an analyzer in every region, once for the organisation. In Terraform: aws_accessanalyzer_analyzer with
#     type ORGANIZATION (or ACCOUNT) per region.
package metsuke.aws.accessanalyzer.enabled

deny contains {"message": message, "path": path, "key": entry.region} if {
	some i, entry in input.resource.attributes.access_analyzers
	not own(entry.analyzers)
	not covered(entry.region)
	message := sprintf("no active analyzer of external access in %s", [entry.region])
	path := sprintf("access_analyzers.%d", [i])
}

own(analyzers) if {
	some analyzer in analyzers
	analyzer.type in {"ACCOUNT", "ORGANIZATION"}
	analyzer.status == "ACTIVE"
}

covered(region) if {
	input.params.accept_org_analyzer == true
	region in input.resource.attributes.organization_analyzer_regions
}
