package metsuke.gcp.bigquery.dataset_not_public_test

import data.metsuke.gcp.bigquery.dataset_not_public

entry(fields) := object.union(
	{
		"role": "READER",
		"special_group": null,
		"iam_member": null,
		"domain": null,
		"user_by_email": null,
		"group_by_email": null,
	},
	fields,
)

dataset(access, bindings, flag_domain) := {
	"resource": {"attributes": {"access": access, "iam_bindings": bindings}},
	"params": {"flag_domain": flag_domain},
}

found(who, path) := {"message": sprintf("is open to %s", [who]), "path": path, "key": who}

binding := {"role": "roles/bigquery.dataViewer", "members": ["group:data@example.com", "allAuthenticatedUsers"], "condition": null}

test_public_entries_fail if {
	dataset_not_public.deny == {found("allAuthenticatedUsers", "access"), found("allUsers", "access")} with input as dataset(
		[
			entry({"special_group": "projectOwners"}),
			entry({"special_group": "allAuthenticatedUsers"}),
			entry({"iam_member": "allUsers"}),
		],
		[], false,
	)
}

test_a_public_binding_fails if {
	dataset_not_public.deny == {found("allAuthenticatedUsers", "iam_bindings")} with input as dataset([], [binding], false)
}

test_what_stands_in_both_is_one_finding if {
	dataset_not_public.deny == {found("allAuthenticatedUsers", "access")} with input as dataset([entry({"special_group": "allAuthenticatedUsers"})], [binding], false)
}

test_a_domain_fails_where_it_is_asked_for if {
	dataset_not_public.deny == {found("the domain example.com", "access")} with input as dataset([entry({"domain": "example.com"})], [], true)
	dataset_not_public.deny == set() with input as dataset([entry({"domain": "example.com"})], [], false)
}

test_named_readers_pass if {
	dataset_not_public.deny == set() with input as dataset(
		[
			entry({"group_by_email": "data@example.com"}),
			entry({"role": null}),
		],
		[{"role": "roles/bigquery.dataViewer", "members": ["group:data@example.com"], "condition": null}], false,
	)
}
