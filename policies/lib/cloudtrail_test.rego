package metsuke.lib.cloudtrail_test

import data.metsuke.lib.cloudtrail

basic(kind, management, resources) := [{
	"read_write_type": kind, "include_management_events": management,
	"exclude_management_event_sources": [], "data_resource": resources,
}]

field(name, values) := {
	"field": name, "equals": values, "not_equals": [], "starts_with": [],
	"not_starts_with": [], "ends_with": [], "not_ends_with": [],
}

not_from(services) := object.union(field("eventSource", []), {"not_equals": services})

advanced(fields) := {"name": null, "field_selector": fields}

management := field("eventCategory", ["Management"])

s3_data := [field("eventCategory", ["Data"]), field("resources.type", ["AWS::S3::Object"])]

buckets(values) := [{"type": "AWS::S3::Object", "values": values}]

test_management_events_are_reads_and_writes if {
	cloudtrail.selects(basic("All", true, []), [], "management")
	not cloudtrail.selects(basic("WriteOnly", true, []), [], "management")
	not cloudtrail.selects(basic("All", false, []), [], "management")
	cloudtrail.selects(array.concat(basic("WriteOnly", true, []), basic("ReadOnly", true, [])), [], "management")
	not cloudtrail.selects([], [], "management")
}

test_an_advanced_selector_may_leave_noisy_services_out if {
	cloudtrail.selects([], [advanced([management])], "management")
	cloudtrail.selects([], [advanced([management, not_from(["kms.amazonaws.com", "rdsdata.amazonaws.com"])])], "management")
	not cloudtrail.selects([], [advanced([management, not_from(["iam.amazonaws.com"])])], "management")
	not cloudtrail.selects([], [advanced([management, field("eventSource", ["iam.amazonaws.com"])])], "management")
	not cloudtrail.selects([], [advanced([management, field("readOnly", ["false"])])], "management")
	not cloudtrail.selects([], [advanced([management, field("eventName", ["ConsoleLogin"])])], "management")
}

test_all_buckets_are_written_as_the_service_alone if {
	cloudtrail.selects(basic("All", true, buckets(["arn:aws:s3"])), [], "s3 writes")
	cloudtrail.selects(basic("ReadOnly", false, buckets(["arn:aws:s3:::"])), [], "s3 reads")
	not cloudtrail.selects(basic("ReadOnly", true, buckets(["arn:aws:s3"])), [], "s3 writes")
	not cloudtrail.selects(basic("All", true, buckets(["arn:aws:s3:::one/"])), [], "s3 writes")
	not cloudtrail.selects(basic("All", true, [{"type": "AWS::Lambda::Function", "values": ["arn:aws:lambda"]}]), [], "s3 writes")
	not cloudtrail.selects(basic("All", true, []), [], "s3 reads")
}

test_an_advanced_selector_counts_when_nothing_narrows_it if {
	cloudtrail.selects([], [advanced(s3_data)], "s3 reads")
	cloudtrail.selects([], [advanced(array.concat(s3_data, [field("readOnly", ["false"])]))], "s3 writes")
	not cloudtrail.selects([], [advanced(array.concat(s3_data, [field("readOnly", ["false"])]))], "s3 reads")
	not cloudtrail.selects([], [advanced(array.concat(s3_data, [field("resources.ARN", ["arn:aws:s3:::one/"])]))], "s3 writes")
	not cloudtrail.selects([], [advanced([field("eventCategory", ["Data"]), field("resources.type", ["AWS::Lambda::Function"])])], "s3 writes")
}

test_a_trail_must_log_and_cover_every_region if {
	trail := {
		"is_multi_region_trail": true, "enable_logging": true,
		"event_selector": basic("All", true, []), "advanced_event_selector": [],
	}
	cloudtrail.records(trail, "management")
	not cloudtrail.records(object.union(trail, {"is_multi_region_trail": false}), "management")
	not cloudtrail.records(object.union(trail, {"enable_logging": false}), "management")
	not cloudtrail.records(trail, "s3 writes")
}

test_what_is_not_selected_is_false if {
	cloudtrail.selected(basic("All", true, []), [], "management") == true
	cloudtrail.selected(basic("All", true, []), [], "s3 reads") == false
}
