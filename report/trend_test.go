package report

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

func TestATrendHasAGapWhereNothingWasJudged(t *testing.T) {
	now := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	at := func(days int, passing float64) trendPoint { return trendPoint{now.AddDate(0, 0, -days), passing, 0} }
	for want, points := range map[string][]trendPoint{
		"":                         nil,
		"M0 100h0L900 0":           {at(90, 0), at(0, 100)},
		"M800 50h0M880 25h0L900 0": {at(10, 50), at(9, -1), at(2, 75), at(0, 100)},
		"M890 66.7h0":              {at(5, -1), at(1, 100.0/3)},
	} {
		if diff := cmp.Diff(want, trendLine(points, passingOf, now, 900, 100)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestATrendIsThinnedToTheLastRunOfEachPartThatJudgedSomething(t *testing.T) {
	now := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	var points []trendPoint
	for hours := 60; hours >= 0; hours -= 12 {
		points = append(points, trendPoint{now.Add(-time.Duration(hours) * time.Hour), float64(hours), 0})
	}
	points[1].passing = -1 // 48 hours ago, the last one of the second day back
	var got []float64
	for _, p := range thinned(points, 90, now) {
		got = append(got, p.passing)
	}
	if diff := cmp.Diff([]float64{60, 24, 0}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestARunWithoutEarlierOnesHasNoTrend(t *testing.T) {
	run := watched()
	run.Earlier = nil
	if got := trendOf(run); got != nil {
		t.Errorf("it draws %+v", got)
	}
	run.Earlier = []finding.Earlier{{Time: run.Time.AddDate(0, 0, -91), Tallies: run.Tallies}} // too long ago
	if got := trendOf(run); got != nil {
		t.Errorf("it draws %+v", got)
	}
}
