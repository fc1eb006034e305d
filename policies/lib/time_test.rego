package metsuke.lib.time_test

import data.metsuke.lib.time

now := "2026-07-01T00:00:00Z"

test_age_counts_whole_days if {
	time.age_days("2026-06-30T00:00:01Z", now) == 0
	time.age_days("2026-06-30T00:00:00Z", now) == 1
	time.age_days("2026-04-01T23:00:00Z", now) == 90
	time.age_days("2026-07-01T02:00:00+02:00", now) == 0
	time.age_days("2026-07-01T00:00:01Z", now) == -1
}

test_days_until_counts_whole_days if {
	time.days_until("2026-07-01T23:59:59Z", now) == 0
	time.days_until("2026-07-31T00:00:00Z", now) == 30
	time.days_until("2026-06-30T23:59:59Z", now) == -1
}

test_older_than_days_is_exact_to_the_second if {
	time.older_than_days("2026-04-01T23:00:00Z", 90, now)
	not time.older_than_days("2026-04-02T00:00:00Z", 90, now)
	not time.older_than_days("2026-08-01T00:00:00Z", 90, now)
}

test_within_days_includes_the_past if {
	time.within_days("2026-09-29T00:00:00Z", 90, now)
	time.within_days("2020-01-01T00:00:00Z", 90, now)
	not time.within_days("2026-09-29T00:00:01Z", 90, now)
}

test_before_and_after_look_at_the_instant_not_at_the_text if {
	time.is_before("2026-07-01T01:00:00+02:00", now)
	time.is_after("2026-07-01T00:00:00-02:00", now)
	not time.is_before(now, now)
	not time.is_after(now, now)
}

test_durations_take_days_and_weeks if {
	time.duration_ns("72h") == time.duration_ns("3d")
	time.duration_ns("1d12h") == time.duration_ns("36h")
	time.duration_ns("2w") == time.duration_ns("14D")
	time.duration_ns("90m") == 5400 * 1000000000
	time.duration_ns("08s") == 8 * 1000000000
}

test_what_is_no_duration if {
	every text in ["", "h", "14", "14 d", "1.5h", "-1d", "14d!", "14days"] {
		not time.is_duration(text)
	}
}

test_adding_a_duration if time.add("2026-02-27T12:00:00Z", "2d") == "2026-03-01T12:00:00Z"

test_a_date_is_over_when_the_next_one_begins if time.date_end("2028-02-29") == "2028-03-01T00:00:00Z"

test_what_is_a_date if {
	every text in ["2026-01-31", "2028-02-29", "2000-02-29", "2026-12-09"] {
		time.is_date(text)
	}
}

test_what_is_no_date if {
	every text in ["2026-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "2026-1-1", "01.02.2026", "never", "2026-01-01T00:00:00Z", "9999-12-31"] {
		not time.is_date(text)
	}
}

test_what_is_a_timestamp if {
	every text in ["2026-07-01T00:00:00Z", "2026-07-01T23:59:59.123456789+05:30"] {
		time.is_timestamp(text)
	}
}

test_what_is_no_timestamp if {
	every text in ["2026-07-01", "2026-07-01T24:00:00Z", "2026-02-30T00:00:00Z", "2026-07-01T00:00:00", "2026-07-01 00:00:00Z"] {
		not time.is_timestamp(text)
	}
}
