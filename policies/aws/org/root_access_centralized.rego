# METADATA
# title: Root credentials of member accounts are managed centrally
# description: >-
#   With centralised root access the members of an organisation need no root password, keys or MFA device of their
#   own, so that none can be stolen, and new members are made without. Root sessions let the security team do the
#   few tasks that need root, for one task at a time.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_organizations_organization
# custom:
#   severity: high
#   category: security
#   types: [aws_organizations_organization]
#   plan: "no"
#   frameworks:
#     cis-aws-7.0: ["2.1.1"]
#   remediation: >-
#     Enable centralised root access in IAM, Root access management. In Terraform: aws_iam_organizations_features
#     with enabled_features RootCredentialsManagement and RootSessions.
package metsuke.aws.org.root_access_centralized

deny contains {"message": "root credentials of the members are not managed centrally", "path": "iam_features", "key": "RootCredentialsManagement"} if {
	not "RootCredentialsManagement" in input.resource.attributes.iam_features
}

deny contains {"message": "privileged root sessions are off: tasks that need root cannot be done centrally", "path": "iam_features", "severity": "low", "key": "RootSessions"} if {
	"RootCredentialsManagement" in input.resource.attributes.iam_features
	not "RootSessions" in input.resource.attributes.iam_features
}
