package metsuke.lib.tags_test

import data.metsuke.lib.tags

test_separators_and_case_do_not_make_another_key if {
	every key in ["CostCenter", "cost-center", "COST_CENTER", "cost.center", "Cost Center"] {
		tags.normal(key) == "costcenter"
	}
}

test_keys_of_the_clouds_are_not_the_users if {
	tags.user_keys(["Owner", "aws:cloudformation:stack-name", "goog-gke-node"]) == {"Owner"}
}

test_keys_are_spelt_as_the_provider_writes_them if {
	tags.spelling("CostCenter", "aws_s3_bucket") == "CostCenter"
	tags.spelling("CostCenter", "google_storage_bucket") == "cost_center"
	tags.spelling("CostCenter", "github_repository") == "cost_center"
}

test_snake_case if {
	every key, want in {
		"Owner": "owner",
		"CostCenter": "cost_center",
		"cost-center": "cost_center",
		"Cost Center": "cost_center",
		"DBOwner": "db_owner",
		"BusinessUnitID": "business_unit_id",
		"s3Bucket2Delete": "s3_bucket2_delete",
		"already_snake": "already_snake",
	} {
		tags.snake(key) == want
	}
}

test_aws_keys_are_exact if {
	tags.carries(["CostCenter"], "CostCenter", {}, "aws_s3_bucket")
	not tags.carries(["costcenter"], "CostCenter", {}, "aws_s3_bucket")
	not tags.carries(["Env"], "Environment", {"Environment": ["env"]}, "aws_s3_bucket")
}

test_labels_carry_a_key_in_any_spelling_and_under_its_other_names if {
	every label in ["cost_center", "cost-center", "costcenter"] {
		tags.carries([label], "CostCenter", {}, "google_storage_bucket")
	}
	tags.carries(["env"], "Environment", {"Environment": ["env"]}, "google_storage_bucket")
	not tags.carries(["environ"], "Environment", {"Environment": ["env"]}, "google_storage_bucket")
}

test_carriers_keep_the_spelling_they_were_found_under if {
	tags.carriers(["cost-center", "owner"], "CostCenter", {}, "google_storage_bucket") == {"cost-center"}
	tags.carriers(["cost-center"], "CostCenter", {}, "aws_s3_bucket") == set()
	tags.spelt(["cost-center", "owner"], "CostCenter") == {"cost-center"}
}

test_an_environment_is_recognised_however_it_is_written if {
	tags.is(" DEV ", ["dev", "test"])
	not tags.is("prod", ["dev", "test"])
	not tags.is("", ["dev", "test"])
}

test_the_most_exact_entry_speaks_for_a_type if {
	by_type := {"google_*": ["a"], "google_compute_*": ["b"], "google_compute_disk": []}
	tags.for_type(by_type, ["g"], "google_compute_disk") == []
	tags.for_type(by_type, ["g"], "google_compute_address") == ["b"]
	tags.for_type(by_type, ["g"], "google_project") == ["a"]
	tags.for_type(by_type, ["g"], "aws_instance") == ["g"]
	tags.for_type({}, ["g"], "aws_instance") == ["g"]
}

test_types_are_selected_by_patterns if {
	tags.selected("aws_instance", ["*"], [])
	tags.selected("aws_instance", ["aws_*"], ["aws_eip"])
	not tags.selected("aws_eip", ["aws_*"], ["aws_eip"])
	not tags.selected("google_project", ["aws_*"], [])
}

test_what_a_service_made_for_itself if {
	tags.of_a_service("arn:aws:iam::111111111111:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS", [])
	tags.of_a_service("arn:aws:iam::111111111111:role/aws-reserved/sso.amazonaws.com/x", [])
	tags.of_a_service("i", ["aws:autoscaling:groupName"])
	tags.of_a_service("i", ["goog-gke-node", "team"])
}

test_what_people_deployed if {
	not tags.of_a_service("arn:aws:iam::111111111111:role/deploy", [])
	not tags.of_a_service("i", ["aws:cloudformation:stack-name"])
	not tags.of_a_service("i", ["aws:autoscaling:groupName", "Owner"])
}

test_providers_have_their_own_words_for_tags if {
	tags.nouns("aws_eip", 1) == "tag"
	tags.nouns("aws_eip", 2) == "tags"
	tags.nouns("google_project", 2) == "labels"
	tags.nouns("github_repository", 1) == "custom property"
	tags.nouns("github_repository", 2) == "custom properties"
}

test_what_came_with_the_account if {
	tags.came_with_the_account("aws_security_group", "default", [])
	tags.came_with_the_account("aws_vpc", "default", ["aws:x"])
	not tags.came_with_the_account("aws_vpc", "default", ["Name"])
	not tags.came_with_the_account("aws_vpc", "shared", [])
	not tags.came_with_the_account("aws_instance", "default", [])
}
