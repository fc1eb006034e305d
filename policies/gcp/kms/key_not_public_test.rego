package metsuke.gcp.kms.key_not_public_test

import data.metsuke.gcp.kms.key_not_public

key(own, ring) := {"resource": {"attributes": {"iam_bindings": own, "key_ring_iam_bindings": ring}}}

grant(members) := [{"role": "roles/cloudkms.cryptoKeyDecrypter", "members": members, "condition": null}]

test_a_public_key_fails if {
	key_not_public.deny == {{
		"message": "allUsers has roles/cloudkms.cryptoKeyDecrypter on the key",
		"path": "iam_bindings",
		"key": "iam_bindings roles/cloudkms.cryptoKeyDecrypter allUsers",
	}} with input as key(grant(["user:ann@example.com", "allUsers"]), [])
}

test_a_public_key_ring_fails if {
	key_not_public.deny == {{
		"message": "allAuthenticatedUsers has roles/cloudkms.cryptoKeyDecrypter on the key ring",
		"path": "key_ring_iam_bindings",
		"key": "key_ring_iam_bindings roles/cloudkms.cryptoKeyDecrypter allAuthenticatedUsers",
	}} with input as key([], grant(["allAuthenticatedUsers"]))
}

test_private_grants_pass if {
	key_not_public.deny == set() with input as key(grant(["user:ann@example.com"]), grant(["group:ops@example.com"]))
}

test_no_grants_pass if {
	key_not_public.deny == set() with input as key([], [])
}
