# METADATA
# title: Cost anomaly detection monitors all services
# description: >-
#   Cost anomaly detection learns what each service usually costs and points out days that do not fit: a forgotten
#   cluster, a leaked key. It is free, but it watches nothing until a monitor is made. A monitor over all services
#   is asked for; in an organisation one over all accounts, tag values or cost categories does as well. Judged where
#   the bill is paid.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_account
# custom:
#   severity: medium
#   category: cost
#   types: [aws_account]
#   plan: "no"
#   remediation: >-
#     Create a monitor over all AWS services. In Terraform: aws_ce_anomaly_monitor with monitor_type DIMENSIONAL and
#     monitor_dimension SERVICE.
package metsuke.aws.ce.anomaly_monitor_missing

applicable if input.resource.attributes.anomaly_monitors != null

deny contains {"message": "no monitor of cost anomalies covers all services", "path": "anomaly_monitors"} if not watched

watched if {
	some monitor in input.resource.attributes.anomaly_monitors
	monitor.monitor_type == "DIMENSIONAL"
	monitor.monitor_dimension == "SERVICE"
}

watched if {
	some monitor in input.resource.attributes.anomaly_monitors
	monitor.monitor_type == "DIMENSIONAL"
	monitor.monitor_dimension in {"LINKED_ACCOUNT", "TAG", "COST_CATEGORY"}
	input.resource.attributes.organization != null
}
