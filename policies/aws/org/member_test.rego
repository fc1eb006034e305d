package metsuke.aws.org.member_test

import data.metsuke.aws.org.member

of(organization) := {"resource": {"attributes": {"organization": organization}}}

organization(features) := {"id": "o-1", "feature_set": features, "management_account_id": "1", "role": "member"}

test_fails_outside if {
	member.deny == {{"message": "the account is in no organisation", "path": "organization"}} with input as of(null)
}

test_fails_with_part_of_the_features if {
	member.deny == {{
		"message": "the organisation o-1 shares only the bill: its features are CONSOLIDATED_BILLING",
		"path": "organization.feature_set",
	}} with input as of(organization("CONSOLIDATED_BILLING"))
}

test_passes_with_all if member.deny == set() with input as of(organization("ALL"))
