package metsuke.aws.account.contact_details_test

import data.metsuke.aws.account.contact_details

of(contact) := {
	"resource": {"attributes": {"contact_information": contact}},
	"params": {"shared_contact": true, "personal_contacts": ["Ann Other"]},
}

full := {"full_name": "Cloud Platform", "phone_number": "+49 30 1", "address_line_1": "Street 1", "city": "Berlin", "postal_code": "10115", "country_code": "DE"}

test_fails_without_a_contact if {
	contact_details.deny == {{"message": "the account has no primary contact", "path": "contact_information"}} with input as of(null)
}

test_fails_for_what_is_blank if {
	contact_details.deny == {
		{"message": "the primary contact has no postal code", "path": "contact_information.postal_code", "key": "postal_code"},
		{"message": "the primary contact has no city", "path": "contact_information.city", "key": "city"},
	} with input as of(object.union(full, {"postal_code": "", "city": null}))
}

test_fails_for_a_private_person if {
	contact := object.union(full, {"full_name": "Ann Other"})
	contact_details.deny == {{
		"message": "the full name of the primary contact is a private person's",
		"path": "contact_information.full_name", "key": "personal full_name",
	}} with input as of(contact)
	contact_details.deny == set() with input as json.patch(of(contact), [{"op": "replace", "path": "/params/shared_contact", "value": false}])
}

test_passes_when_complete if contact_details.deny == set() with input as of(full)
