package metsuke.gcp.iam.sa_no_user_managed_keys_test

import data.metsuke.gcp.iam.sa_no_user_managed_keys

key(attributes) := {
	"resource": {"attributes": object.union(
		{
			"key_type": "USER_MANAGED",
			"disabled": false,
			"service_account_email": "ci@shop.iam.gserviceaccount.com",
		},
		attributes,
	)},
	"params": {"exempt_emails": ["legacy@shop.iam.gserviceaccount.com"]},
}

found := {{"message": "is a key that people keep and distribute", "path": "key_type"}}

test_a_user_managed_key_fails if {
	sa_no_user_managed_keys.deny == found with input as key({})
	sa_no_user_managed_keys.deny == found with input as key({"service_account_email": null})
}

test_a_key_of_google_passes if {
	sa_no_user_managed_keys.deny == set() with input as key({"key_type": "SYSTEM_MANAGED"})
}

test_a_disabled_key_passes if {
	sa_no_user_managed_keys.deny == set() with input as key({"disabled": true})
}

test_an_exempt_account_passes if {
	sa_no_user_managed_keys.deny == set() with input as key({"service_account_email": "legacy@shop.iam.gserviceaccount.com"})
}
