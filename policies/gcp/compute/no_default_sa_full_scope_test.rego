package metsuke.gcp.compute.no_default_sa_full_scope_test

import data.metsuke.gcp.compute.no_default_sa_full_scope

vm(account) := {"resource": {"attributes": {"service_account": account}}}

full := ["https://www.googleapis.com/auth/cloud-platform"]

test_the_default_account_with_the_full_scope_fails if {
	no_default_sa_full_scope.deny == {{
		"message": "gives the Compute Engine default service account full access to every API",
		"path": "service_account.scopes",
	}} with input as vm({"email": "123456-compute@developer.gserviceaccount.com", "scopes": full})
}

test_the_default_account_with_few_scopes_passes if {
	no_default_sa_full_scope.deny == set() with input as vm({"email": null, "scopes": ["https://www.googleapis.com/auth/devstorage.read_only"]})
}

test_a_dedicated_account_passes if {
	no_default_sa_full_scope.deny == set() with input as vm({"email": "web@shop.iam.gserviceaccount.com", "scopes": full})
}

test_no_account_passes if {
	no_default_sa_full_scope.deny == set() with input as vm(null)
}
