package report

import (
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// scoresOf shows the scorecards; nil where there are none.
func scoresOf(run finding.Run) *htmlBlock {
	cards := scorecards(run)
	if len(cards) == 0 {
		return nil
	}
	b := &htmlBlock{Note: scoresNote(), Trend: trendOf(run)}
	if b.Trend != nil {
		b.Note += " Change is in points, since the first run of the last 90 days that judged the same."
	}
	for _, card := range cards {
		b.Tables = append(b.Tables, htmlTitled{Title: "By " + card.of, Table: card.table(run)})
	}
	spend := htmlSpend(run)
	b.Tables = append(b.Tables, spend...)
	if said := spendLines(run); len(spend) == 0 && len(said) > 0 {
		b.Note += " " + strings.Join(said, " ")
	}
	return b
}

func (card scorecard) table(run finding.Run) *htmlTable {
	head := heads(strings.ToUpper(card.of[:1])+card.of[1:], "#Passing", "", "#Unknown", "#Pass", "#Fail", "#Not judged")
	if len(card.trends) > 0 {
		head = append(head, heads("90 days", "#Change")...)
	}
	return tableOf("Scores by "+card.of, head, len(card.scores), func(i int) []htmlCell {
		s := card.scores[i]
		bar := htmlCell{Class: "barcell"}
		if s.share() >= 0 {
			bar.Bar = &htmlShare{"good", s.share()}
		}
		row := []htmlCell{
			{Text: clean(card.show(s.name)), Link: where(card.of, s.name)},
			{Class: "num", Text: percentText(s.share())},
			bar,
			{Class: "num", Text: percentText(s.unknownShare())},
			figure(s.Pass), figure(s.Fail), figure(s.Unknown),
		}
		if len(card.trends) == 0 {
			return row
		}
		points := card.trends[s.name]
		line, changed := htmlCell{Class: "linecell"}, htmlCell{Class: "num"}
		if by, _, ok := changeOf(points); ok {
			line.Line = &htmlLine{trendLine(thinned(points, 45, run.Time), passingOf, run.Time, 100, 20), clean(trendText("passing", points))}
			changed.Text = signed(by)
		}
		return append(row, line, changed)
	})
}

// htmlTrend draws how the shares of everything changed.
type htmlTrend struct {
	Label            string // the picture in words
	Passing, Unknown string // paths, 900 by 160
	From, To         string
	Table            *htmlTable
}

// trendOf draws the shares of all verdicts over 90 days; nil where there is no earlier run.
func trendOf(run finding.Run) *htmlTrend {
	points := trends(run, func(finding.Tally) string { return "" })[""]
	if _, _, ok := changeOf(points); !ok {
		return nil
	}
	day := func(back int) string { return run.Time.AddDate(0, 0, -back).UTC().Format("2 Jan 2006") }
	t := &htmlTrend{
		Label:   trendText("Passing", points),
		Passing: trendLine(points, passingOf, run.Time, 900, 160), Unknown: trendLine(points, unknownOf, run.Time, 900, 160),
		From: day(trendDays), To: day(0),
	}
	t.Table = tableOf("Passing and unknown over 90 days", heads("Run of", "#Passing", "#Unknown"), len(points), func(i int) []htmlCell {
		p := points[len(points)-1-i]
		return []htmlCell{words(p.time.UTC().Format("2006-01-02 15:04 UTC")), {Class: "num", Text: percentText(wholePercent(p.passing))}, {Class: "num", Text: unknownText(p.unknown)}}
	})
	return t
}
