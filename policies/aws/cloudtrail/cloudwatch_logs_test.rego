package metsuke.aws.cloudtrail.cloudwatch_logs_test

import data.metsuke.aws.cloudtrail.cloudwatch_logs

trail(group, latest, error) := {
	"now": "2026-07-01T00:00:00Z",
	"params": {"max_hours": 24, "accept_event_data_store": false},
	"resource": {"attributes": {
		"cloud_watch_logs_group_arn": group,
		"latest_cloud_watch_logs_delivery_time": latest,
		"latest_cloud_watch_logs_delivery_error": error,
	}},
}

group := "arn:aws:logs:eu-central-1:111111111111:log-group:trail:*"

test_fails_without_a_log_group if {
	cloudwatch_logs.deny == {{"message": "events are not delivered to CloudWatch Logs", "path": "cloud_watch_logs_group_arn"}} with input as trail(null, null, null)
}

test_passes_with_a_recent_delivery if {
	cloudwatch_logs.deny == set() with input as trail(group, "2026-06-30T00:00:01Z", null)
}

test_passes_before_the_first_delivery if {
	cloudwatch_logs.deny == set() with input as trail(group, null, null)
}

test_fails_when_the_last_delivery_is_long_ago if {
	cloudwatch_logs.deny == {{"message": "the last delivery to CloudWatch Logs was 25 hours ago", "path": "latest_cloud_watch_logs_delivery_time"}} with input as trail(group, "2026-06-29T22:30:00Z", "AccessDenied")
}

test_fails_when_nothing_was_ever_delivered_for_an_error if {
	cloudwatch_logs.deny == {{"message": "events have never been delivered to CloudWatch Logs: the delivery fails", "path": "latest_cloud_watch_logs_delivery_error"}} with input as trail(group, null, "AccessDenied")
}

test_says_nothing_where_events_are_searched_elsewhere if {
	cloudwatch_logs.applicable with input as trail(null, null, null)
	not cloudwatch_logs.applicable with input as {"params": {"accept_event_data_store": true}}
}
