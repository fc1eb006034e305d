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

func TestTheCauseOfAFindingIsTheBlockThatBringsIt(t *testing.T) {
	planned := func(address, file string, line int) finding.Finding {
		return finding.Finding{Verdict: finding.Fail, Resource: finding.Resource{Source: &providers.Source{Address: address, File: file, Line: line}}}
	}
	managed := finding.Finding{Verdict: finding.Fail, Resource: finding.Resource{ManagedBy: &finding.ManagedBy{
		Tool: finding.Terraform, State: "net.tfstate", Address: "aws_vpc.v[0]", Source: &providers.Source{File: "vpc.tf", Line: 3},
	}}}
	elsewhere := managed
	elsewhere.Resource.ManagedBy = &finding.ManagedBy{Tool: finding.CloudFormation, Stack: "s"}
	unknown := planned("aws_vpc.v", "vpc.tf", 3)
	unknown.Verdict = finding.Unknown
	for want, f := range map[string]finding.Finding{
		"module.bucket.aws_s3_bucket.this (bucket/main.tf:3)": planned(`module.bucket["a"].aws_s3_bucket.this[0]`, "bucket/main.tf", 3),
		"aws_s3_bucket.one":                 planned("aws_s3_bucket.one", "", 0),
		"net.tfstate: aws_vpc.v (vpc.tf:3)": managed,
	} {
		if diff := cmp.Diff(want, causeOf(f)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	for name, f := range map[string]finding.Finding{"another tool": elsewhere, "no failure": unknown, "no Terraform": {Verdict: finding.Fail}} {
		if got := causeOf(f); got != "" {
			t.Errorf("%s: the cause is %q", name, got)
		}
	}
}
