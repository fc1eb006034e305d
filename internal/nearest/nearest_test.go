package nearest

import "testing"

func TestNameFindsWhatWasMeant(t *testing.T) {
	for _, c := range []struct {
		typed string
		from  []string
		want  string
	}{
		{"asw", []string{"aws", "gcp", "github"}, "aws"},
		{"scna", []string{"demo", "scan", "gate"}, "scan"},
		{"hihg", []string{"critical", "high", "medium", "low"}, "high"},
		{"jsn", []string{"table", "json", "ndjson"}, "json"},
		{"JSON", []string{"table", "json"}, "json"},
		{"crit", []string{"critical", "high"}, "critical"},
		{"aws-s3-public-acess-blok", []string{"aws-s3-public-access-block", "aws-s3-versioning"}, "aws-s3-public-access-block"},
		{"", []string{"a", "ab"}, ""},
		{"x", []string{"aws", "gcp"}, ""},
		{"azure", []string{"aws", "gcp", "github"}, ""},
		{"anything", nil, ""},
	} {
		got, ok := Name(c.typed, c.from)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("Name(%q) = %q, %v, want %q", c.typed, got, ok, c.want)
		}
	}
}

func TestHintIsEmptyWhenNothingIsAlike(t *testing.T) {
	if got := Hint("azure", []string{"aws"}); got != "" {
		t.Errorf("Hint = %q", got)
	}
	if got := Hint("gpc", []string{"aws", "gcp"}); got != ": did you mean gcp?" {
		t.Errorf("Hint = %q", got)
	}
}
