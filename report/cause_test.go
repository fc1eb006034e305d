package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

func TestInstancesOfOneBlockWithOneFaultAreOneRow(t *testing.T) {
	planned := func(address, message string) finding.Finding {
		return finding.Finding{Policy: "p", Message: message, MonthlyCost: 1, Resource: finding.Resource{Provider: "terraform", Scope: "plan.json", Source: &providers.Source{Address: address}}}
	}
	live := func(address, state string) finding.Finding {
		return finding.Finding{Policy: "p", Message: "live", Resource: finding.Resource{Provider: "aws", Scope: "1", ManagedBy: &finding.ManagedBy{Tool: finding.Terraform, State: state, Address: address}}}
	}
	waived := planned(`module.bucket["w"].aws_s3_bucket.this`, "waived")
	waived.Waiver = &finding.Waiver{Reason: "r", Expires: "2026-12-31"}
	got := oneCause([]finding.Finding{
		planned(`module.bucket["a.b]\"["].aws_s3_bucket.this[0]`, "first"), planned(`module.bucket["b"].aws_s3_bucket.this[1]`, "second"),
		planned("module.one.aws_s3_bucket.this", "alone"), planned("module.one.aws_s3_bucket.this", "alone again"),
		planned(`module.other["w"].aws_s3_bucket.this`, "of another block"), waived,
		live("aws_s3_bucket.b[0]", "s1"), live("aws_s3_bucket.b[1]", "s1"), live("aws_s3_bucket.b[0]", "s2"),
		{Policy: "p", Message: "no address"},
		{Policy: "p", Message: "no address either"},
	})
	type row struct {
		Message string
		Cost    float64
	}
	var rows []row
	for _, f := range got {
		rows = append(rows, row{f.Message, f.MonthlyCost})
	}
	want := []row{
		{"first (and 1 more instance of module.bucket.aws_s3_bucket.this)", 2},
		{"alone", 1},
		{"alone again", 1},
		{"of another block", 1},
		{"waived", 1},
		{"live (and 1 more instance of aws_s3_bucket.b)", 0},
		{"live", 0},
		{"no address", 0},
		{"no address either", 0},
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}
