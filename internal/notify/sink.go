package notify

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// sighting is a finding as the security service of a cloud is to have it.
type sighting struct {
	finding.Finding
	Active bool `json:"active"` // it fails and nothing excuses it
	// says is a digest of what is told about it; "" is that it ended.
	says string
}

// refreshEvery is how often an open finding is told again: services forget what nobody
// has told them for long (Security Hub after 90 days).
const refreshEvery = 30 * 24 * time.Hour

// sightings returns the findings of a provider of which a channel's service was told
// something else, or nothing, or nothing for long, and those that ended. What could not be
// looked at is left as it is.
func sightings(news News, channel, provider string, least finding.Severity) []sighting {
	var out []sighting
	mine := func(f finding.Finding) bool {
		return f.Resource.Provider == provider && f.Severity.Rank() <= least.Rank() && f.History != nil
	}
	alive := map[string]bool{}
	for _, f := range news.Alive {
		if f.Verdict != finding.Fail || !mine(f) || !f.History.Status.Failing() {
			continue
		}
		alive[f.Fingerprint] = true
		one := sighting{Finding: f, Active: f.Counts()}
		if one.says = one.digest(news.Run.Time); !one.known(news.Told[channel][f.Fingerprint]) {
			out = append(out, one)
		}
	}
	if since := news.Run.Since; since != nil {
		for _, list := range [][]finding.Finding{since.Fixed, since.Gone} {
			for _, f := range list {
				if mine(f) && !alive[f.Fingerprint] { // a later run may have found it again
					out = append(out, sighting{Finding: f})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b sighting) int {
		return cmp.Or(cmp.Compare(a.Resource.Scope, b.Resource.Scope), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	return out
}

// digest sums up what is worth telling, and since when the finding is known, in periods:
// its state, and whose it is. A message that counts days is no news.
func (s sighting) digest(now time.Time) string {
	reason := ""
	if s.Waiver != nil {
		reason = s.Waiver.Reason
	}
	return digestOf(s.Active, s.Severity, s.Title, reason, now.Sub(s.History.FirstSeen)/refreshEvery) + " " + digestOf(s.Owner, s.OwnerUnknown)
}

// known reports whether the service was told so. An owner who cannot be told is no news:
// what it was told stands.
func (s sighting) known(told string) bool {
	if s.OwnerUnknown != "" {
		state, _, _ := strings.Cut(s.says, " ")
		return strings.HasPrefix(told, state+" ")
	}
	return told == s.says
}

// tells are what an envelope with these tells.
func tells(batch []sighting) map[string]string {
	out := make(map[string]string, len(batch))
	for _, s := range batch {
		out[s.Fingerprint] = s.says
	}
	return out
}

// digestOf is a digest of values, in few characters.
func digestOf(values ...any) string {
	sum := sha256.New()
	for _, v := range values {
		_, _ = fmt.Fprintf(sum, "%v\x00", v)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// batches divides a list by account and into parts of a size.
func batches(list []sighting, size int) [][]sighting {
	var out [][]sighting
	for _, s := range list {
		last := len(out) - 1
		if last < 0 || len(out[last]) == size || out[last][0].Resource.Scope != s.Resource.Scope {
			out = append(out, nil)
			last++
		}
		out[last] = append(out[last], s)
	}
	return out
}
