# METADATA
# title: IAM grants go only to identities in approved domains
# description: >-
#   Private accounts and accounts of other companies are not switched off when somebody leaves,
#   and no second factor is enforced on them. Without a list of domains only consumer accounts
#   of Google are reported.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_bigquery_dataset
# custom:
#   severity: high
#   category: security
#   plan: partial
#   types:
#     - google_bigquery_dataset
#     - google_compute_disk
#     - google_compute_instance
#     - google_folder
#     - google_kms_crypto_key
#     - google_organization
#     - google_project
#     - google_project_iam_member
#     - google_service_account
#     - google_storage_bucket
#   frameworks: {cis-gcp-3.0: ["1.1"], cis-gcp-4.0: ["1.1"], cis-gcp-5.0: ["1.2"]}
#   params:
#     allowed_domains:
#       type: list
#       default: []
#       description: >-
#         Domains, in lower case, whose people and groups may hold roles.
#   remediation: >-
#     Grant the role to an identity of the organisation's own domain, and name the domains that
#     are meant to have access in allowed_domains.
#   terraform: |
#     resource "google_project_iam_member" "example" {
#       project = "example"
#       role    = "roles/bigquery.dataViewer"
#       member  = "group:analysts@example.com"
#     }
package metsuke.gcp.iam.no_external_identities

import data.metsuke.lib.gcp_iam as iam

deny contains {
	"message": sprintf("%s holds %s and is not of an approved domain", [member, binding.role]),
	"path": "iam_bindings",
	"key": sprintf("%s %s", [binding.role, member]),
} if {
	some binding in input.resource.attributes.iam_bindings
	some member in binding.members
	outside(iam.domain(member))
}

outside(domain) if {
	count(input.params.allowed_domains) == 0
	domain in {"gmail.com", "googlemail.com"}
}

outside(domain) if {
	count(input.params.allowed_domains) > 0
	not domain in input.params.allowed_domains
}
