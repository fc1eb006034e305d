package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// filePlace returns the file and line of a resource for services that know a finding
// by its file. A resource without one gets a path made of what it is, on line 1:
// aws/111111111111/eu-central-1/aws_s3_bucket/logs.
func filePlace(r finding.Resource) (file string, line int) {
	if r.Source == nil || r.Source.File == "" {
		return path(r.Provider, r.Scope, cmp.Or(r.Region, "global"), string(r.Type), cmp.Or(r.Name, r.ID)), 1
	}
	var steps []string
	for _, step := range strings.Split(r.Source.File, "/") {
		switch step = clean(step); step {
		case "", ".":
			continue
		case "..":
			step = "_.." // nothing outside the repository can be shown
		}
		steps = append(steps, step)
	}
	return cmp.Or(strings.Join(steps, "/"), "unknown"), max(1, r.Source.Line)
}

// identities hands out fingerprints that occur once in a report: services that know a
// finding by its fingerprint drop the second one.
type identities map[string]bool

// of returns the finding's fingerprint, another one where it is unknown: that a
// resource can be judged again is news.
func (seen identities) of(f finding.Finding) string {
	id := cmp.Or(f.Fingerprint, finding.Fingerprint(f.Policy, f.Resource, f.Key))
	if f.Verdict == finding.Unknown {
		id = digest(id, "unknown")
	}
	for seen[id] {
		id = digest(id, "again")
	}
	seen[id] = true
	return id
}

// digest returns 32 hexadecimal digits that stand for the texts.
func digest(texts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(texts, "\x00")))
	return hex.EncodeToString(sum[:])[:32]
}
