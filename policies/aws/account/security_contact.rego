# METADATA
# title: The account has a security alternate contact
# description: >-
#   AWS writes to the security contact when it sees a leaked key or abuse that starts in the account. Without one
#   the message goes to the address of the root user, which nobody may read in time.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_account
# custom:
#   severity: medium
#   category: security
#   types: [aws_account]
#   plan: "no"
#   frameworks:
#     cis-aws-3.0: ["1.2"]
#     cis-aws-5.0: ["1.2"]
#     cis-aws-7.0: ["2.3"]
#     fsbp: ["Account.1"]
#   remediation: >-
#     Set a security contact with an address and a telephone number that are watched. In Terraform:
#     aws_account_alternate_contact with alternate_contact_type SECURITY.
package metsuke.aws.account.security_contact

deny contains {"message": "the account has no security contact", "path": "security_contact"} if {
	input.resource.attributes.security_contact == null
}

deny contains {"message": message, "path": path, "key": field} if {
	contact := input.resource.attributes.security_contact
	contact != null
	some field, name in {"email_address": "e-mail address", "phone_number": "telephone number"}
	blank(contact[field])
	message := sprintf("the security contact has no %s", [name])
	path := sprintf("security_contact.%s", [field])
}

blank(null)

blank(text) if {
	text != null
	trim_space(text) == ""
}
