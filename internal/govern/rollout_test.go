package govern

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

func TestAStageWarnsUntilItsDayAndBlocksAfter(t *testing.T) {
	f := bucket("aws-s3-versioning", "logs", finding.Fail)
	for name, c := range map[string]struct {
		stages []Stage
		now    time.Time
		want   string
	}{
		"before its day":                  {[]Stage{{"aws-s3-versioning", "2026-12-31"}}, now, "2026-12-31"},
		"on its day":                      {[]Stage{{"aws-s3-versioning", "2026-07-01"}}, now, "2026-07-01"},
		"in the last second of its day":   {[]Stage{{"aws-s3-versioning", "2026-07-01"}}, time.Date(2026, 7, 1, 23, 59, 59, 0, time.UTC), "2026-07-01"},
		"when its day is over":            {[]Stage{{"aws-s3-versioning", "2026-07-01"}}, time.Date(2026, 7, 2, 0, 0, 0, 0, time.UTC), ""},
		"by a former id":                  {[]Stage{{"aws-s3-bucket-versioning", "2026-12-31"}}, now, "2026-12-31"},
		"by a pattern":                    {[]Stage{{"aws-*", "2026-12-31"}}, now, "2026-12-31"},
		"not by another pattern":          {[]Stage{{"github-*", "2026-12-31"}}, now, ""},
		"its own id before a pattern":     {[]Stage{{"aws-s3-versioning", "2026-08-01"}, {"aws-s3-versioning*", "2026-12-31"}}, now, "2026-08-01"},
		"its own id, though it is over":   {[]Stage{{"aws-s3-versioning", "2026-06-01"}, {"*", "2026-12-31"}}, now, ""},
		"the longer of two patterns":      {[]Stage{{"aws-s3-*", "2026-08-01"}, {"*", "2026-12-31"}}, now, "2026-08-01"},
		"the longer one, the other order": {[]Stage{{"*", "2026-12-31"}, {"aws-s3-*", "2026-08-01"}}, now, "2026-08-01"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := NewRollout(c.stages, names, c.now)
			if err != nil {
				t.Fatal(err)
			}
			want := f
			want.WarnUntil = c.want
			if diff := cmp.Diff([]finding.Finding{want}, r.Warn([]finding.Finding{f})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := r.Warn([]finding.Finding{f})[0].Counts(); got != (c.want == "") {
				t.Errorf("it counts: %v", got)
			}
		})
	}
}

func TestAStageWithoutADayIsAnError(t *testing.T) {
	if _, err := NewRollout([]Stage{{"aws-*", "soon"}}, names, now); err == nil || err.Error() != `aws-*: "soon" is no day such as 2026-12-31` {
		t.Error(err)
	}
}

func TestOnlyWhatFailsIsWarnedOf(t *testing.T) {
	r := Rollout{"aws-s3-versioning": "2026-12-31"}
	findings := []finding.Finding{bucket("aws-s3-versioning", "a", finding.Unknown), bucket("aws-s3-versioning", "b", finding.Pass)}
	if diff := cmp.Diff(findings, r.Warn(findings)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
