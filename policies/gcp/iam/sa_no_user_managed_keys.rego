# METADATA
# title: Service accounts carry no user-managed keys
# description: >-
#   A key file is a password that does not expire by itself, works from anywhere and ends up in
#   repositories and on laptops. Attached service accounts and workload identity federation need
#   none.
# scope: package
# schemas:
#   - input.resource.attributes: schema.google_service_account_key
# custom:
#   severity: high
#   category: security
#   plan: "yes"
#   types: [google_service_account_key]
#   frameworks: {cis-gcp-3.0: ["1.4"], cis-gcp-4.0: ["1.4"], cis-gcp-5.0: ["1.5"]}
#   params:
#     exempt_emails:
#       type: list
#       default: []
#       description: >-
#         Service accounts that may have keys.
#   remediation: >-
#     Let workloads use an attached service account, and outside of Google Cloud workload
#     identity federation; then delete the key.
package metsuke.gcp.iam.sa_no_user_managed_keys

deny contains {"message": "is a key that people keep and distribute", "path": "key_type"} if {
	input.resource.attributes.key_type == "USER_MANAGED"
	not input.resource.attributes.disabled
	not input.resource.attributes.service_account_email in input.params.exempt_emails
}
