# Which events the selectors of a CloudTrail trail record. Kind is "ReadOnly" or
# "WriteOnly". A trail has basic selectors or advanced ones; the other list is empty.
package metsuke.lib.cloudtrail

# records says that the trail records what is asked for, now and in every region.
records(trail, what) if {
	trail.is_multi_region_trail
	trail.enable_logging
	selects(trail.event_selector, trail.advanced_event_selector, what)
}

# selects says that all management events, or the read or write events of the objects
# in all S3 buckets, are among those that the selectors name.
selects(basic, advanced, "management") if {
	management(basic, advanced, "ReadOnly")
	management(basic, advanced, "WriteOnly")
}

selects(basic, advanced, "s3 reads") if objects(basic, advanced, "ReadOnly")

selects(basic, advanced, "s3 writes") if objects(basic, advanced, "WriteOnly")

# selected is selects as a value.
selected(basic, advanced, what) if selects(basic, advanced, what)

selected(basic, advanced, what) := false if not selects(basic, advanced, what)

management(basic, _, kind) if {
	some selector in basic
	selector.include_management_events
	selector.read_write_type in {"All", kind}
}

# The events of KMS and of the RDS data API may be left out: CloudTrail offers that
# for their number.
management(_, advanced, kind) if {
	some selector in advanced
	equals(selector, "eventCategory", "Management")
	of_kind(selector, kind)
	every field in selector.field_selector {
		leaves_no_service_out(field)
	}
}

leaves_no_service_out(field) if field.field in {"eventCategory", "readOnly"}

leaves_no_service_out(field) if {
	field.field == "eventSource"
	count(field.equals) + count(field.starts_with) + count(field.ends_with) == 0
	every service in array.concat(field.not_equals, array.concat(field.not_starts_with, field.not_ends_with)) {
		service in {"kms.amazonaws.com", "rdsdata.amazonaws.com"}
	}
}

objects(basic, _, kind) if {
	some selector in basic
	selector.read_write_type in {"All", kind}
	some resource in selector.data_resource
	resource.type == "AWS::S3::Object"
	some value in resource.values
	regex.match(`^arn:[a-z-]+:s3(:::)?$`, value)
}

# Any further field narrows the selector down to some objects or events.
objects(_, advanced, kind) if {
	some selector in advanced
	equals(selector, "eventCategory", "Data")
	equals(selector, "resources.type", "AWS::S3::Object")
	of_kind(selector, kind)
	every field in selector.field_selector {
		field.field in {"eventCategory", "readOnly", "resources.type"}
	}
}

equals(selector, name, value) if {
	some field in selector.field_selector
	field.field == name
	value in field.equals
}

of_kind(selector, kind) if {
	every field in selector.field_selector {
		admits(field, kind)
	}
}

admits(field, _) if field.field != "readOnly"

admits(field, "ReadOnly") if "true" in field.equals

admits(field, "WriteOnly") if "false" in field.equals
