package serve

import (
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"
)

func timetable(t *testing.T, expression, zone string) Timetable {
	t.Helper()
	out, err := NewTimetable(expression, zone)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// dues returns what is due from a time on until another, in UTC.
func dues(tt Timetable, from, until string) []string {
	start, _ := time.Parse(time.RFC3339, from)
	end, _ := time.Parse(time.RFC3339, until)
	out := []string{}
	for at := tt.Next(start.Add(-time.Nanosecond)); !at.After(end); at = tt.Next(at) {
		out = append(out, at.UTC().Format("02T15:04"))
	}
	return out
}

func TestATimeOfDayIsDueOnceADayWhateverTheClockDoes(t *testing.T) {
	const forward, back = "2026-03-28T12:00:00Z", "2026-10-24T12:00:00Z" // the days before
	for name, c := range map[string]struct {
		expression, zone, from, until string
		want                          []string
	}{
		"clocks go forward over it":       {"30 2 * * *", "Europe/Berlin", forward, "2026-03-30T12:00:00Z", []string{"29T01:00", "30T00:30"}},
		"clocks go back over it":          {"30 2 * * *", "Europe/Berlin", back, "2026-10-26T12:00:00Z", []string{"25T00:30", "26T01:30"}},
		"clocks go forward before it":     {"0 4 * * *", "Europe/Berlin", forward, "2026-03-30T12:00:00Z", []string{"29T02:00", "30T02:00"}},
		"several, all of them left out":   {"*/20 2 * * *", "Europe/Berlin", forward, "2026-03-29T12:00:00Z", []string{"29T01:00"}},
		"several, all of them twice":      {"*/20 2 * * *", "Europe/Berlin", back, "2026-10-25T12:00:00Z", []string{"25T00:00", "25T00:20", "25T00:40"}},
		"every hour, forward":             {"5 * * * *", "Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-29T03:00:00Z", []string{"29T00:05", "29T01:05", "29T02:05"}},
		"every hour, back":                {"5 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z", "2026-10-25T03:00:00Z", []string{"25T00:05", "25T01:05", "25T02:05"}},
		"half an hour, forward over it":   {"15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", "2026-10-04T12:00:00Z", []string{"03T15:30"}},
		"half an hour, back over it":      {"45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00:00Z", "2026-04-05T12:00:00Z", []string{"04T14:45"}},
		"the day begins with the change":  {"0 0 * * *", "America/Santiago", "2026-09-05T12:00:00Z", "2026-09-07T12:00:00Z", []string{"06T04:00", "07T03:00"}},
		"a whole day is left out (Samoa)": {"0 12 * * *", "Pacific/Apia", "2011-12-29T00:00:00Z", "2011-12-31T12:00:00Z", []string{"29T22:00", "30T10:00", "30T22:00"}},
		"no change at all":                {"0 3 * * 1", "UTC", "2026-11-22T00:00:00Z", "2026-12-01T00:00:00Z", []string{"23T03:00", "30T03:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, dues(timetable(t, c.expression, c.zone), c.from, c.until)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestEveryDayOfManyYearsHasOneTimeInEveryZone asks for what the issue of a nightly scan
// is: no day without one, no day with two.
func TestEveryDayOfManyYearsHasOneTimeInEveryZone(t *testing.T) {
	for _, zone := range []string{"UTC", "Europe/Berlin", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Africa/Cairo", "Asia/Tehran", "America/Sao_Paulo", "Asia/Tokyo"} {
		for _, expression := range []string{"0 0 * * *", "30 0 * * *", "0 1 * * *", "30 1 * * *", "15 2 * * *", "30 2 * * *", "0 3 * * *", "59 23 * * *"} {
			tt := timetable(t, expression, zone)
			day := time.Date(2012, 6, 1, 12, 0, 0, 0, tt.zone)
			at := tt.Next(day)
			for range 6 * 365 {
				next := tt.Next(at)
				if gap := next.Sub(at); gap < 22*time.Hour || gap > 26*time.Hour {
					t.Fatalf("%s: after %s comes %s", tt, at, next)
				}
				if got := tt.Latest(next.Add(-time.Nanosecond)); !got.Equal(at) {
					t.Fatalf("%s: before %s the last one is said to be %s, not %s", tt, next, got, at)
				}
				at = next
			}
		}
	}
}

func TestTheShortestPauseIsThatBetweenTwoTimes(t *testing.T) {
	for expression, want := range map[string]time.Duration{
		"* * * * *":         time.Minute,
		"*/25 * * * *":      10 * time.Minute, // 50, 00
		"0 2 * * *":         23 * time.Hour,   // when the clocks go forward
		"0 2,3 * * *":       time.Hour,
		"0 0 * * MON":       7*24*time.Hour - time.Hour,
		"0 12 * * MON,TUE":  24 * time.Hour,
		"59 23 31 12 *":     365 * 24 * time.Hour,
		"0 0 29 2 *":        (4*365 + 1) * 24 * time.Hour,
		"0,1 2 28-31 2,3 *": time.Minute,
	} {
		if got := timetable(t, expression, "Europe/Berlin").Shortest(time.Date(2026, 12, 22, 12, 0, 0, 0, time.UTC)); got != want {
			t.Errorf("%s: %s, want %s", expression, got, want)
		}
	}
}

func TestTheLatestTimeIsFoundHoweverLongAgo(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for expression, want := range map[string]string{
		"* * * * *":       "2026-11-22T12:00:00Z",
		"*/7 11 * * *":    "2026-11-22T11:56:00Z",
		"0 12 * * *":      "2026-11-22T12:00:00Z",
		"1 12 * * *":      "2026-11-21T12:01:00Z",
		"@weekly":         "2026-11-22T00:00:00Z",
		"0 0 1 * *":       "2026-11-01T00:00:00Z",
		"0 0 31 12 *":     "2025-12-31T00:00:00Z",
		"0 0 29 2 *":      "2024-02-29T00:00:00Z",
		"30 23 * * MON-3": "2026-11-18T23:30:00Z",
	} {
		if got := timetable(t, expression, "").Latest(now).Format(time.RFC3339); got != want {
			t.Errorf("%s: %s, want %s", expression, got, want)
		}
	}
}

func TestNonsenseIsRefusedWithWhatToWrite(t *testing.T) {
	for name, c := range map[string]struct{ expression, zone, want string }{
		"words":              {"every night", "", `"every night" is no cron expression: expected exactly 5 fields, found 2`},
		"nothing":            {"", "", `"" is no cron expression: empty spec string`},
		"a minute too many":  {"60 2 * * *", "", `end of range (60) above maximum (59)`},
		"seconds":            {"0 30 2 * * *", "", "expected exactly 5 fields, found 6"},
		"a day that is none": {"0 0 31 2 *", "", "no day is ever like that"},
		"an interval":        {"@every 1h", "", "it is no time of day"},
		"a zone inside":      {"TZ=UTC 0 2 * * *", "", "the time zone has a key of its own"},
		"an unknown zone":    {"0 2 * * *", "Europe/Berln", "there is no time zone Europe/Berln: write a name such as Europe/Berlin or UTC"},
		"the machine's own":  {"0 2 * * *", "Local", "there is no time zone Local"},
		"a path for a zone":  {"0 2 * * *", "../../etc/passwd", "there is no time zone ../../etc/passwd"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := NewTimetable(c.expression, c.zone); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}
