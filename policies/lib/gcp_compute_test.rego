package metsuke.lib.gcp_compute_test

import data.metsuke.lib.gcp_compute

test_the_account_of_compute_engine_is_the_default if {
	gcp_compute.is_default_account("123456-compute@developer.gserviceaccount.com")
	gcp_compute.is_default_account(null)
}

test_other_accounts_are_not if {
	not gcp_compute.is_default_account("ci@shop.iam.gserviceaccount.com")
	not gcp_compute.is_default_account("123456@cloudservices.gserviceaccount.com")
}
