package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// trendDays is how far back a trend goes.
const trendDays = 90

// trendPoint is what shares were in one run, in percent; -1 where nothing was judged.
type trendPoint struct {
	time             time.Time
	passing, unknown float64
}

func pointOf(at time.Time, s scored) trendPoint {
	p := trendPoint{at, -1, -1}
	if s.judged > 0 {
		p.passing = 100 * float64(s.pass) / float64(s.judged)
	}
	if all := s.judged + s.unknown; all > 0 {
		p.unknown = 100 * float64(s.unknown) / float64(all)
	}
	return p
}

// trends are the points of each name that the run has, the earliest first and the run as
// the last. There are none where there is no earlier run to compare with.
func trends(run finding.Run, name func(finding.Tally) string) map[string][]trendPoint {
	out := map[string][]trendPoint{}
	if len(run.Earlier) == 0 {
		return out
	}
	now := scoresBy(run.Tallies, name)
	for _, e := range append(run.Earlier[:len(run.Earlier):len(run.Earlier)], finding.Earlier{Time: run.Time, Tallies: run.Tallies}) {
		if run.Time.Sub(e.Time) > trendDays*24*time.Hour {
			continue
		}
		by := map[string]scored{}
		for _, s := range scoresBy(e.Tallies, name) {
			by[s.name] = s
		}
		for _, s := range now {
			out[s.name] = append(out[s.name], pointOf(e.Time, by[s.name]))
		}
	}
	return out
}

// thinned returns some n points: of each of n parts of the time until now the last one at
// which something was judged, if there is one.
func thinned(points []trendPoint, n int, now time.Time) []trendPoint {
	part := trendDays * 24 * time.Hour / time.Duration(n)
	var out []trendPoint
	for _, p := range points {
		last := len(out) - 1
		switch {
		case last < 0 || now.Sub(p.time)/part != now.Sub(out[last].time)/part:
			out = append(out, p)
		case p.passing >= 0 || out[last].passing < 0:
			out[last] = p
		}
	}
	return out
}

// trendLine draws shares as the path of an SVG with the size, 90 days wide. Where nothing
// was judged it has a gap; a point between gaps is a dot, with round ends of lines.
func trendLine(points []trendPoint, share func(trendPoint) float64, now time.Time, width, height float64) string {
	var b strings.Builder
	drawing := false
	for _, p := range points {
		v := share(p)
		if v < 0 {
			drawing = false
			continue
		}
		x := width * (1 - now.Sub(p.time).Hours()/24/trendDays)
		y := height * (1 - v/100)
		if drawing {
			b.WriteString("L" + coordinate(x) + " " + coordinate(y))
			continue
		}
		b.WriteString("M" + coordinate(x) + " " + coordinate(y) + "h0")
		drawing = true
	}
	return b.String()
}

func coordinate(v float64) string { return strconv.FormatFloat(math.Round(10*v)/10, 'f', -1, 64) }

func passingOf(p trendPoint) float64 { return p.passing }
func unknownOf(p trendPoint) float64 { return p.unknown }

// firstJudged is the earliest point at which something was judged, other than the last.
func firstJudged(points []trendPoint) (trendPoint, bool) {
	for i, p := range points {
		if p.passing >= 0 && i+1 < len(points) {
			return p, true
		}
	}
	return trendPoint{}, false
}

// changeOf is by how many points the share of what passes changed since the first point.
func changeOf(points []trendPoint) (by int, since time.Time, ok bool) {
	first, ok := firstJudged(points)
	if !ok || points[len(points)-1].passing < 0 {
		return 0, time.Time{}, false
	}
	return int(math.Round(points[len(points)-1].passing - first.passing)), first.time, true
}

// trendText says in words what a line shows.
func trendText(what string, points []trendPoint) string {
	by, since, ok := changeOf(points)
	if !ok {
		return what + ": no earlier run judged it"
	}
	first, _ := firstJudged(points)
	return fmt.Sprintf("%s: %s on %s, %s now (%s)", what, percentText(wholePercent(first.passing)), since.UTC().Format("2 January 2006"),
		percentText(wholePercent(points[len(points)-1].passing)), pointsText(by))
}

// wholePercent rounds down, as the tables do: only what is whole is 100.
func wholePercent(v float64) int { return int(math.Floor(v + 1e-9)) }

func pointsText(by int) string {
	switch by {
	case 0:
		return "no change"
	case 1, -1:
		return fmt.Sprintf("%+d point", by)
	}
	return fmt.Sprintf("%+d points", by)
}

// signed is a change in points, for a column.
func signed(by int) string {
	if by == 0 {
		return "0"
	}
	return fmt.Sprintf("%+d", by)
}

// unknownText is the share of what could not be told; none only where there is none.
func unknownText(v float64) string {
	switch {
	case v < 0:
		return "nothing judged"
	case v > 0 && v < 1:
		return percentText(1)
	}
	return percentText(wholePercent(v))
}
