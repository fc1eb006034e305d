package serve

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// Timetable says when something is due: a cron expression on the clock of a place.
//
// A time of day is due once a day, whatever the clock does. When clocks go forward over
// it, it is due when they have; when they go back over it, it is due the first time. What
// is due every hour follows the hours that pass.
type Timetable struct {
	expression string
	zone       *time.Location
	spec       *cron.SpecSchedule // on a clock that never changes
	hourly     bool
}

// longest is how far apart two times of a timetable can be: 29 February, when a century
// does not leap.
const longest = 9 * 366 * 24 * time.Hour

// NewTimetable reads five fields (minute, hour, day of the month, month, day of the week)
// or @hourly, @daily, @weekly, @monthly, @yearly, and the name of a time zone of the IANA
// database; "" is UTC.
func NewTimetable(expression, zone string) (Timetable, error) {
	place, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		return Timetable{}, fmt.Errorf("there is no time zone %s: write a name such as Europe/Berlin or UTC", zone)
	}
	fail := func(why string) (Timetable, error) {
		return Timetable{}, fmt.Errorf("%q is no cron expression: %s; write minute, hour, day, month and weekday, such as \"30 2 * * *\" for half past two every night, or @daily", expression, why)
	}
	if strings.Contains(expression, "TZ=") {
		return fail("the time zone has a key of its own")
	}
	s, err := cron.ParseStandard(expression)
	if err != nil {
		return fail(strings.TrimPrefix(err.Error(), "cron: "))
	}
	spec, ok := s.(*cron.SpecSchedule)
	if !ok {
		return fail("it is no time of day")
	}
	spec.Location = time.UTC
	const hours = 1<<24 - 1
	t := Timetable{expression: expression, zone: place, spec: spec, hourly: spec.Hour&hours == hours}
	if spec.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
		return fail("no day is ever like that")
	}
	return t, nil
}

// String returns the expression and the zone, by which a timetable is known.
func (t Timetable) String() string { return t.expression + " " + t.zone.String() }

// Next returns the first time at which something is due after a time.
func (t Timetable) Next(after time.Time) time.Time {
	if t.hourly {
		spec := *t.spec
		spec.Location = t.zone
		return spec.Next(after.In(t.zone))
	}
	for wall := onTheWall(after.In(t.zone)); ; {
		if wall = t.spec.Next(wall); wall.IsZero() {
			return time.Time{}
		}
		if due := t.when(wall); due.After(after) {
			return due
		}
	}
}

// Shortest returns how far apart two of the next times are at least.
func (t Timetable) Shortest(from time.Time) time.Duration {
	const many = 100 // every day of a quarter
	shortest := longest
	for at, n := t.Next(from), 0; n < many && !at.IsZero(); n++ {
		next := t.Next(at)
		if !next.IsZero() {
			shortest = min(shortest, next.Sub(at))
		}
		at = next
	}
	return shortest
}

// Latest returns the last time at which something was due that is not after the time;
// zero is that there was none.
func (t Timetable) Latest(at time.Time) time.Time {
	for back := time.Hour; back < 24*longest; back *= 24 {
		due := t.Next(at.Add(-min(back, longest)))
		if due.IsZero() || due.After(at) {
			continue
		}
		for next := t.Next(due); !next.IsZero() && !next.After(at); next = t.Next(due) {
			due = next
		}
		return due
	}
	return time.Time{}
}

// onTheWall returns a clock that never changes and shows the same.
func onTheWall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// when returns the time at which the place's clock shows what the wall does: the first
// one of two, and where there is none the moment at which the clock is put forward.
func (t Timetable) when(wall time.Time) time.Time {
	at := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, t.zone)
	start, end := at.ZoneBounds()
	switch shown := onTheWall(at); {
	case shown.After(wall):
		return start
	case shown.Before(wall):
		return end
	case start.IsZero():
		return at
	}
	_, before := start.Add(-time.Nanosecond).Zone()
	if first := wall.Add(-time.Duration(before) * time.Second); first.Before(start) && onTheWall(first.In(t.zone)).Equal(wall) {
		return first.In(t.zone)
	}
	return at
}

var _ cronClock = (*gocronClock)(nil)

// cronClock is gocron's interface for a cron implementation.
type cronClock interface {
	IsValid(crontab string, location *time.Location, now time.Time) error
	Next(lastRun time.Time) time.Time
}

// gocronClock makes gocron go by a timetable.
type gocronClock struct{ Timetable }

// IsValid refuses a timetable on which nothing is due any more.
func (c gocronClock) IsValid(_ string, _ *time.Location, now time.Time) error {
	if c.Next(now).IsZero() {
		return errors.New("nothing is due on this timetable")
	}
	return nil
}
