package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// sinceLines say what changed since the run before; none where there is none.
func sinceLines(run finding.Run) []string {
	if run.Since == nil {
		return nil
	}
	return []string{sinceLine(*run.Since)}
}

// sinceLine says in one sentence what changed since an earlier run.
func sinceLine(s finding.Since) string {
	from := "run " + clean(s.Run.ID)
	if !s.Run.Time.IsZero() {
		from += " of " + s.Run.Time.UTC().Format("2006-01-02 15:04 UTC")
	}
	if s.Empty() {
		return "Nothing changed since " + from + "."
	}
	return fmt.Sprintf("Since %s: %s new, %s reopened, %s fixed, %s gone, %s not visible; %s gained, %s lost.", from,
		number(len(s.New)), number(len(s.Reopened)), number(len(s.Fixed)), number(len(s.Gone)), number(len(s.NotVisible)),
		count(len(s.CellsGained), "cell"), number(len(s.CellsLost)))
}

// madeSince returns the failures of the run with these fingerprints.
func madeSince(run finding.Run, prints []string) []finding.Finding {
	in := map[string]bool{}
	for _, p := range prints {
		in[p] = true
	}
	return those(run.Findings, func(f *finding.Finding) bool { return f.Verdict == finding.Fail && in[f.Fingerprint] })
}

// endedSince are the findings that earlier runs made and this one did not, under what
// became of them. What could not be looked at is apart from what is mended.
func endedSince(run finding.Run) []diffPart {
	s := run.Since
	if s == nil {
		return nil
	}
	return []diffPart{{words: "since_fixed", findings: s.Fixed}, {words: "since_gone", findings: s.Gone}, {words: "since_not_visible", findings: s.NotVisible}}
}

// statusText is a status as people write it.
func statusText(s finding.Status) string { return strings.ReplaceAll(string(s), "_", " ") }

// historyText says where a failing finding is in its life: "reopened, first seen on
// 2026-01-02". It is "" where no earlier run is known.
func historyText(f finding.Finding) string {
	h := f.History
	if h == nil {
		return ""
	}
	return fmt.Sprintf("%s, first seen on %s", statusText(h.Status), h.FirstSeen.UTC().Format(time.DateOnly))
}
