package metsuke.gcp.labels.project_required_test

import data.metsuke.gcp.labels.project_required

project(state, id, labels) := {
	"resource": {"tags": labels, "tag_keys": sort(object.keys(labels)), "attributes": {"lifecycle_state": state, "project_id": id}},
	"params": {"required": ["cost_center", "env", "owner"]},
}

test_missing_labels_fail if {
	project_required.deny == {
		{"message": "has no label cost_center", "path": "tags", "key": "cost_center"},
		{"message": "has no label env", "path": "tags", "key": "env"},
	} with input as project("ACTIVE", "shop", {"owner": "team-shop"})
}

test_all_labels_pass if {
	project_required.deny == set() with input as project("ACTIVE", "shop", {"owner": "team-shop", "env": "prod", "cost_center": "4711", "more": ""})
}

test_only_living_projects_of_people_are_judged if {
	project_required.applicable with input as project("ACTIVE", "shop", {})
	not project_required.applicable with input as project("DELETE_REQUESTED", "shop", {})
	not project_required.applicable with input as project("ACTIVE", "sys-12345678901234567890", {})
}
