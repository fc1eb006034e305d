package metsuke.gcp.compute.no_default_sa_test

import data.metsuke.gcp.compute.no_default_sa

vm(account, labels) := {"resource": {"tags": labels, "tag_keys": sort(object.keys(labels)), "attributes": {"service_account": account}}}

found := {{"message": "runs as the Compute Engine default service account", "path": "service_account.email"}}

test_the_default_account_fails if {
	no_default_sa.deny == found with input as vm({"email": "123456-compute@developer.gserviceaccount.com", "scopes": []}, {})
}

test_an_account_that_is_not_named_is_the_default if {
	no_default_sa.deny == found with input as vm({"email": null, "scopes": []}, {})
}

test_a_dedicated_account_passes if {
	no_default_sa.deny == set() with input as vm({"email": "web@shop.iam.gserviceaccount.com", "scopes": []}, {})
}

test_no_account_passes if {
	no_default_sa.deny == set() with input as vm(null, {})
}

test_nodes_of_a_cluster_are_not_judged if {
	no_default_sa.applicable with input as vm(null, {})
	not no_default_sa.applicable with input as vm(null, {"goog-gke-node": ""})
}
