package metsuke.aws.account.security_contact_test

import data.metsuke.aws.account.security_contact

of(contact) := {"resource": {"attributes": {"security_contact": contact}}}

test_fails_without_a_contact if {
	security_contact.deny == {{"message": "the account has no security contact", "path": "security_contact"}} with input as of(null)
}

test_fails_for_what_is_blank if {
	security_contact.deny == {
		{"message": "the security contact has no e-mail address", "path": "security_contact.email_address", "key": "email_address"},
		{"message": "the security contact has no telephone number", "path": "security_contact.phone_number", "key": "phone_number"},
	} with input as of({"email_address": null, "phone_number": " ", "name": "SOC", "title": "SOC"})
}

test_passes_with_both if {
	security_contact.deny == set() with input as of({"email_address": "soc@example.com", "phone_number": "+49 30 1", "name": null, "title": null})
}
