# METADATA
# title: CloudTrail delivers to CloudWatch Logs
# description: >-
#   A log in a bucket tells later what happened; the same events in CloudWatch Logs can raise an alarm
#   within minutes. A trail that has a log group but has delivered nothing lately has usually lost the
#   permission to write to it, and everybody believes that the alarms work. In a plan only the log
#   group is judged. A trail that has not delivered yet and reports no error passes.
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_cloudtrail
# custom:
#   severity: medium
#   category: security
#   types: [aws_cloudtrail]
#   plan: "yes"
#   params:
#     max_hours:
#       type: number
#       default: 24
#       description: >-
#         Hours after which the last delivery is too long ago.
#     accept_event_data_store:
#       type: boolean
#       default: false
#       description: >-
#         Set it where events are searched in CloudTrail Lake or a SIEM instead: the policy then has
#         nothing to say.
#   frameworks:
#     fsbp: ["CloudTrail.5"]
#     pci-dss-4.0: ["10.4.1.1", "11.5.2", "11.6.1", "12.10.5"]
#   remediation: >-
#     Set cloud_watch_logs_group_arn and cloud_watch_logs_role_arn of the aws_cloudtrail, and give the
#     role logs:CreateLogStream and logs:PutLogEvents on the group.
#   terraform: |
#     resource "aws_cloudtrail" "example" {
#       name                       = "example"
#       s3_bucket_name             = aws_s3_bucket.example.id
#       cloud_watch_logs_group_arn = "${aws_cloudwatch_log_group.example.arn}:*"
#       cloud_watch_logs_role_arn  = aws_iam_role.example.arn
#     }
#
#     # The role lets cloudtrail.amazonaws.com assume it.
#     resource "aws_iam_role_policy" "example" {
#       role = aws_iam_role.example.id
#       policy = jsonencode({
#         Version = "2012-10-17"
#         Statement = [{
#           Effect   = "Allow"
#           Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
#           Resource = "${aws_cloudwatch_log_group.example.arn}:log-stream:*"
#         }]
#       })
#     }
package metsuke.aws.cloudtrail.cloudwatch_logs

import data.metsuke.lib.time

applicable if not input.params.accept_event_data_store

deny contains {"message": "events are not delivered to CloudWatch Logs", "path": "cloud_watch_logs_group_arn"} if {
	input.resource.attributes.cloud_watch_logs_group_arn == null
}

deny contains {"message": message, "path": "latest_cloud_watch_logs_delivery_time"} if {
	input.resource.attributes.cloud_watch_logs_group_arn != null
	latest := input.resource.attributes.latest_cloud_watch_logs_delivery_time
	latest != null
	hours := floor((time.ns(input.now) - time.ns(latest)) / time.duration_ns("1h"))
	hours >= input.params.max_hours
	message := sprintf("the last delivery to CloudWatch Logs was %d hours ago", [hours])
}

deny contains {"message": "events have never been delivered to CloudWatch Logs: the delivery fails", "path": "latest_cloud_watch_logs_delivery_error"} if {
	input.resource.attributes.cloud_watch_logs_group_arn != null
	input.resource.attributes.latest_cloud_watch_logs_delivery_time == null
	input.resource.attributes.latest_cloud_watch_logs_delivery_error != null
}
