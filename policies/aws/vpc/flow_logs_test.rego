package metsuke.aws.vpc.flow_logs_test

import data.metsuke.aws.vpc.flow_logs

entry(status, traffic, delivery) := {"status": status, "traffic_type": traffic, "deliver_logs_status": delivery}

of(logs, changes) := {
	"resource": {"attributes": object.union({"flow_logs": logs, "is_default": false, "network_interface_count": 3}, changes)},
	"params": {"traffic_types": ["REJECT", "ALL"], "skip_empty_default_vpc": true},
}

test_fails_without_a_flow_log if {
	flow_logs.applicable with input as of([], {})
	flow_logs.deny == {{"message": "the VPC has no flow log", "path": "flow_logs"}} with input as of([], {})
}

test_fails_where_none_records_what_counts if {
	every log in [
		entry("ACTIVE", "ACCEPT", "SUCCESS"),
		entry("INACTIVE", "ALL", "SUCCESS"),
		entry("ACTIVE", "ALL", "FAILED"),
	] {
		flow_logs.deny == {{
			"message": "no flow log records REJECT or ALL and is delivered",
			"path": "flow_logs",
		}} with input as of([log], {})
	}
}

test_passes_where_one_of_them_does if {
	logs := [entry("ACTIVE", "ACCEPT", "SUCCESS"), entry("ACTIVE", "REJECT", "SUCCESS")]
	flow_logs.deny == set() with input as of(logs, {})
	flow_logs.deny == set() with input as of([entry("ACTIVE", "ALL", null)], {}) # nothing to deliver yet
}

test_empty_default_vpcs_are_judged_on_request if {
	empty := of([], {"is_default": true, "network_interface_count": 0})
	not flow_logs.applicable with input as empty
	flow_logs.applicable with input as object.union(empty, {"params": {"skip_empty_default_vpc": false}})
	flow_logs.applicable with input as of([], {"is_default": true})
	flow_logs.applicable with input as of([], {"network_interface_count": 0})
}
