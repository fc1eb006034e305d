# Points in time and lengths of time for policies. Timestamps are RFC 3339 strings,
# as in input.now, input.resource.created and every timestamp of a schema.
#
# The functions are strict: a timestamp that is none is an error of the evaluation
# and no verdict. Null has no age: test for it first. Only is_timestamp, is_date and
# is_duration take whatever a person may have typed, a tag's value for example.
#
# A file that imports data.metsuke.lib.time sees these functions under the name
# "time" and no longer the built-in ones.
package metsuke.lib.time

day_ns := ((24 * 60) * 60) * 1000000000

# age_days is the number of whole days that have passed between the timestamp and
# now: 0 on the first day, below 0 for a timestamp in the future.
age_days(timestamp, now) := whole_days(ns(now) - ns(timestamp))

# days_until is the number of whole days from now to the timestamp: 0 on the last
# day, below 0 once it has passed.
days_until(timestamp, now) := whole_days(ns(timestamp) - ns(now))

# whole_days rounds down, below zero too: the built-in floor of -0.5 is 0.
whole_days(n) := (n - (((n % day_ns) + day_ns) % day_ns)) / day_ns

# older_than_days says that more than so many days have passed, to the second:
# 90 days and one hour are more than 90 days, although age_days is still 90.
older_than_days(timestamp, days, now) if ns(now) - ns(timestamp) > days * day_ns

# within_days says that the timestamp is at most so many days ahead, or past.
within_days(timestamp, days, now) if ns(timestamp) - ns(now) <= days * day_ns

is_before(timestamp, other) if ns(timestamp) < ns(other)

is_after(timestamp, other) if ns(timestamp) > ns(other)

# add returns the timestamp that lies a length of time after another, in UTC.
add(timestamp, length) := time.format(ns(timestamp) + duration_ns(length))

# ns is the timestamp as nanoseconds since 1970.
ns(timestamp) := time.parse_rfc3339_ns(timestamp)

# duration_ns is a length of time in nanoseconds: a number and a unit, where s, m, h,
# d and w are seconds, minutes, hours, days and weeks, several in a row added up:
# "72h", "14d", "1d12h".
duration_ns(text) := total if {
	is_duration(text)
	total := sum([length |
		some part in regex.find_all_string_submatch_n(`([0-9]+)([smhdwSMHDW])`, text, -1)
		length := number(part[1]) * unit_ns[lower(part[2])]
	])
}

unit_ns := {
	"s": 1000000000,
	"m": 60 * 1000000000,
	"h": 3600 * 1000000000,
	"d": day_ns,
	"w": 7 * day_ns,
}

# is_duration says that duration_ns understands the text.
is_duration(text) if regex.match(`^([0-9]{1,9}[smhdwSMHDW]){1,5}$`, text)

# date_end is the timestamp at which a day written YYYY-MM-DD is over, in UTC.
date_end(date) := time.format(ns(sprintf("%sT00:00:00Z", [date])) + day_ns)

# is_date says that the text is a day of the calendar, written YYYY-MM-DD.
is_date(text) if {
	[parts] := regex.find_all_string_submatch_n(`^([0-9]{4})-([0-9]{2})-([0-9]{2})$`, text, -1)
	is_day(number(parts[1]), number(parts[2]), number(parts[3]))
}

# is_timestamp says that the text is an RFC 3339 timestamp.
is_timestamp(text) if {
	[parts] := regex.find_all_string_submatch_n(timestamp_pattern, text, -1)
	is_day(number(parts[1]), number(parts[2]), number(parts[3]))
}

timestamp_pattern := `^([0-9]{4})-([0-9]{2})-([0-9]{2})T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`

# Years that nanoseconds since 1970 in 64 bits can hold.
is_day(year, month, day) if {
	year >= 1700
	year <= 2200
	month >= 1
	month <= 12
	day >= 1
	day <= days_of(month, year)
}

# to_number keeps the text of a number, and 09 is not equal to 9.
number(digits) := to_number(digits) + 0

days_of(month, _) := 31 if month in {1, 3, 5, 7, 8, 10, 12}

days_of(month, _) := 30 if month in {4, 6, 9, 11}

days_of(2, year) := 29 if is_leap(year)

days_of(2, year) := 28 if not is_leap(year)

is_leap(year) if {
	year % 4 == 0
	year % 100 != 0
}

is_leap(year) if year % 400 == 0
