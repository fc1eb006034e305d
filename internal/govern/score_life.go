package govern

import (
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// Life is a failure over time, as the saved runs tell it.
type Life struct {
	Finding finding.Finding // as it was last seen
	Stages  []LifeStage     // all of them, the first one first
}

// LifeStage is a time in which a failure had one status. It ends where the next one begins.
type LifeStage struct {
	Status finding.Status
	Since  time.Time // time of the first run that gave it the status
}

// episode is a time from when a failure was found to when it was over.
type episode struct {
	begin  time.Time
	end    time.Time // zero while it lasts
	mended bool      // it was fixed, and not only gone
}

// episodes are the times in which there was a failure. While it could not be looked at, or
// was waived, it goes on.
func (l Life) episodes() []episode {
	var out []episode
	lasts := false
	for _, s := range l.Stages {
		switch {
		case s.Status.Failing() && !lasts:
			out = append(out, episode{begin: s.Since})
			lasts = true
		case (s.Status == finding.StatusFixed || s.Status == finding.StatusGone) && lasts:
			last := &out[len(out)-1]
			last.end, last.mended = s.Since, s.Status == finding.StatusFixed
			lasts = false
		}
	}
	return out
}

// beginnings say since when each failure that lasts is there, by fingerprint: it began
// anew when it came back.
func beginnings(lives []Life) map[string]time.Time {
	out := map[string]time.Time{}
	for _, l := range lives {
		if es := l.episodes(); len(es) > 0 && es[len(es)-1].end.IsZero() {
			out[l.Finding.Fingerprint] = es[len(es)-1].begin
		}
	}
	return out
}
