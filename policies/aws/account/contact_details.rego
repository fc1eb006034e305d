# METADATA
# title: The account has complete primary contact details
# description: >-
#   AWS reaches out through the primary contact about bills, abuse and the closing of the account. Blank fields mean
#   that it cannot, and a private person's name or number means that it reaches somebody who may have left. Whether
#   the data is still right nobody can read from it: a pass says that it is complete.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_account
# custom:
#   severity: medium
#   category: operations
#   types: [aws_account]
#   plan: "no"
#   params:
#     shared_contact: {type: boolean, default: true, description: Whether the contact has to be a shared one.}
#     personal_contacts: {type: list, default: [], description: Names and telephone numbers of private persons that must not be the contact.}
#   frameworks:
#     cis-aws-3.0: ["1.1"]
#     cis-aws-5.0: ["1.1"]
#     cis-aws-7.0: ["2.2"]
#   remediation: >-
#     Complete the contact with a shared name and number. In Terraform: aws_account_primary_contact.
package metsuke.aws.account.contact_details

deny contains {"message": "the account has no primary contact", "path": "contact_information"} if {
	input.resource.attributes.contact_information == null
}

deny contains {"message": message, "path": path, "key": field} if {
	contact := input.resource.attributes.contact_information
	contact != null
	some field in ["full_name", "phone_number", "address_line_1", "city", "postal_code", "country_code"]
	blank(contact[field])
	message := sprintf("the primary contact has no %s", [replace(field, "_", " ")])
	path := sprintf("contact_information.%s", [field])
}

deny contains {"message": message, "path": path, "key": sprintf("personal %s", [field])} if {
	input.params.shared_contact == true
	contact := input.resource.attributes.contact_information
	contact != null
	some field in ["full_name", "phone_number"]
	contact[field] in input.params.personal_contacts
	message := sprintf("the %s of the primary contact is a private person's", [replace(field, "_", " ")])
	path := sprintf("contact_information.%s", [field])
}

blank(null)

blank(text) if {
	text != null
	trim_space(text) == ""
}
