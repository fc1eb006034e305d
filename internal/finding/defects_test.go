package finding

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAFaultGrowsOnlyByWhatWasNotKnown(t *testing.T) {
	for name, c := range map[string]struct {
		known, now []string
		want       bool
	}{
		"the same":                              {[]string{"a", "b"}, []string{"a", "b"}, false},
		"one less":                              {[]string{"a", "b"}, []string{"b"}, false},
		"one more":                              {[]string{"a"}, []string{"a", "b"}, true},
		"what was not said":                     {nil, []string{"a"}, false},
		"what cannot be told any more":          {[]string{"a"}, nil, false},
		"one of many":                           {[]string{"s3:*"}, []string{"s3:getobject", "s3:put*"}, false},
		"all instead of one":                    {[]string{"s3:getobject"}, []string{"s3:*"}, true},
		"a part of a bucket":                    {[]string{"arn:aws:s3:::b/*"}, []string{"arn:aws:s3:::b/public/*"}, false},
		"the bucket instead of its objects":     {[]string{"arn:aws:s3:::b/*"}, []string{"arn:aws:s3:::b"}, true},
		"what begins and ends like it and ends": {[]string{"ab*ba"}, []string{"aba"}, true},
		"with more than one wildcard":           {[]string{"s3:*object*tag*"}, []string{"s3:getobjecttagging"}, false},
		"with them in another order":            {[]string{"s3:*tag*object*"}, []string{"s3:getobjecttagging"}, true},
		"everything":                            {[]string{"*"}, []string{"every action but s3:getobject"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := (Finding{Defects: c.now}).Outgrows(c.known); got != c.want {
				t.Errorf("from %q to %q it grows: %v, want %v", c.known, c.now, got, c.want)
			}
		})
	}
}

func TestWhatIsLeftOfADefectThatWasNarrowedIsTheNarrowOne(t *testing.T) {
	for name, c := range map[string]struct{ known, now, want []string }{
		"one is mended":     {[]string{"a", "b"}, []string{"b"}, []string{"b"}},
		"one came":          {[]string{"a"}, []string{"a", "b"}, []string{"a"}},
		"another":           {[]string{"a"}, []string{"b"}, nil},
		"narrowed":          {[]string{"s3:*"}, []string{"s3:putobject", "s3:getobject", "iam:*"}, []string{"s3:getobject", "s3:putobject"}},
		"as wide as before": {[]string{"s3:*", "sns:*"}, []string{"s3:*"}, []string{"s3:*"}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, StillThere(c.known, c.now)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTwoFindingsOfOneFingerprintAreAsBadAsTheWorse(t *testing.T) {
	a := Finding{Message: "a", Severity: Medium, Defects: []string{"b", "c"}}
	for name, c := range map[string]struct{ other, want Finding }{
		"a worse one":                {Finding{Severity: High, Defects: []string{"a", "b"}}, Finding{Message: "a", Severity: High, Defects: []string{"a", "b", "c"}}},
		"a milder one without parts": {Finding{Severity: Low}, Finding{Message: "a", Severity: Medium}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, a.Together(c.other)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
