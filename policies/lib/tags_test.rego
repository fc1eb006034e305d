package metsuke.lib.tags_test

import data.metsuke.lib.tags

test_separators_and_case_do_not_make_another_key if {
	every key in ["CostCenter", "cost-center", "COST_CENTER", "cost.center", "Cost Center"] {
		tags.normal(key) == "costcenter"
	}
}

test_keys_of_the_clouds_are_not_the_users if {
	tags.user_keys({"Owner": "a", "aws:cloudformation:stack-name": "s", "goog-gke-node": ""}) == {"Owner"}
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
	tags.carries({"CostCenter": "1"}, "CostCenter", {}, "aws_s3_bucket")
	not tags.carries({"costcenter": "1"}, "CostCenter", {}, "aws_s3_bucket")
	not tags.carries({"Env": "prod"}, "Environment", {"Environment": ["env"]}, "aws_s3_bucket")
}

test_labels_carry_a_key_in_any_spelling_and_under_its_other_names if {
	every label in ["cost_center", "cost-center", "costcenter"] {
		tags.carries({label: "1"}, "CostCenter", {}, "google_storage_bucket")
	}
	tags.carries({"env": "prod"}, "Environment", {"Environment": ["env"]}, "google_storage_bucket")
	not tags.carries({"environ": "prod"}, "Environment", {"Environment": ["env"]}, "google_storage_bucket")
}

test_values_keep_the_spelling_they_were_found_under if {
	tags.values({"cost-center": "1", "owner": "a"}, "CostCenter", {}, "google_storage_bucket") == {"cost-center": "1"}
	tags.values({"cost-center": "1"}, "CostCenter", {}, "aws_s3_bucket") == {}
}

test_an_environment_is_recognised_however_it_is_written if {
	tags.is({"environment": " DEV "}, "Environment", ["dev", "test"])
	not tags.is({"Environment": "prod"}, "Environment", ["dev", "test"])
	not tags.is({}, "Environment", ["dev", "test"])
}
