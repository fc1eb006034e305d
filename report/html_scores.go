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
	b := &htmlBlock{Note: scoresNote()}
	for _, card := range cards {
		head := heads(strings.ToUpper(card.of[:1])+card.of[1:], "#Passing", "", "#Unknown", "#Pass", "#Fail", "#Not judged")
		b.Tables = append(b.Tables, htmlTitled{Title: "By " + card.of, Table: tableOf("Scores by "+card.of, head, len(card.scores), func(i int) []htmlCell {
			s := card.scores[i]
			bar := htmlCell{Class: "barcell"}
			if s.share() >= 0 {
				bar.Bar = &htmlShare{"good", s.share()}
			}
			return []htmlCell{
				{Text: clean(card.show(s.name)), Link: where(card.of, s.name)},
				{Class: "num", Text: percentText(s.share())},
				bar,
				{Class: "num", Text: percentText(s.unknownShare())},
				figure(s.Pass), figure(s.Fail), figure(s.Unknown),
			}
		})})
	}
	return b
}
