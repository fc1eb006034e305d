# METADATA
# title: BigQuery datasets are not open to the public
# description: >-
#   An entry for allUsers or allAuthenticatedUsers lets anybody, or anybody with a Google
#   account, query the dataset and copy it away.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_bigquery_dataset
# custom:
#   severity: critical
#   category: security
#   plan: "yes"
#   types: [google_bigquery_dataset]
#   frameworks: {cis-gcp-3.0: ["7.1"], cis-gcp-4.0: ["7.1"], cis-gcp-5.0: ["7.1"]}
#   params:
#     flag_domain:
#       type: boolean
#       default: false
#       description: >-
#         Whether an entry for a whole domain is a finding as well.
#   remediation: >-
#     Remove the entry from the dataset's access list or the member from its IAM policy, and
#     name the groups that need the data.
#   terraform: |
#     resource "google_bigquery_dataset" "example" {
#       dataset_id = "example"
#       location   = "EU"
#
#       access {
#         role          = "OWNER"
#         special_group = "projectOwners"
#       }
#
#       access {
#         role           = "READER"
#         group_by_email = "analysts@example.com"
#       }
#     }
package metsuke.gcp.bigquery.dataset_not_public

import data.metsuke.lib.gcp_iam as iam

deny contains {
	"message": sprintf("is open to %s", [who]),
	"path": "access",
	"key": who,
} if some who in listed

deny contains {
	"message": sprintf("is open to %s", [who]),
	"path": "iam_bindings",
	"key": who,
} if {
	some binding in input.resource.attributes.iam_bindings
	some who in binding.members
	iam.is_public(who)
	not who in listed
}

listed contains entry.special_group if {
	some entry in input.resource.attributes.access
	entry.special_group == "allAuthenticatedUsers"
}

listed contains entry.iam_member if {
	some entry in input.resource.attributes.access
	entry.iam_member != null
	iam.is_public(entry.iam_member)
}

listed contains who if {
	input.params.flag_domain
	some entry in input.resource.attributes.access
	entry.domain != null
	who := sprintf("the domain %s", [entry.domain])
}
