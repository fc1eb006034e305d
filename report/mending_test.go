package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

func TestTheTerraformThatMendsStandsWithTheRemediation(t *testing.T) {
	run := finding.Run{
		Mode: "gate",
		Policies: []finding.Policy{{
			ID: "aws-x-y", Title: "X is Y", Severity: finding.High, Category: finding.Security, Remediation: "Switch it on.",
			Terraform: "resource \"aws_x\" \"example\" {\n  y = true\n}", Counts: finding.Counts{Fail: 1},
		}},
		Findings: []finding.Finding{{
			Policy: "aws-x-y", Title: "X is Y", Severity: finding.High, Category: finding.Security, Verdict: finding.Fail, Change: finding.Introduced,
			Resource: finding.Resource{Provider: "terraform", Scope: "plan.json", Type: "aws_x", ID: "aws_x.a"}, Message: "off",
		}},
	}
	for format, want := range map[string]string{
		"markdown": "Switch it on.\n\n```hcl\nresource \"aws_x\" \"example\" {\n  y = true\n}\n```",
		"atlantis": "    Switch it on.\n    resource \"aws_x\" \"example\" {\n      y = true\n    }",
		"junit":    "Switch it on.\n\nresource \"aws_x\" \"example\" {\n  y = true\n}",
		"sarif":    `Switch it on.\n\n` + "```hcl" + `\nresource \"aws_x\" \"example\" {\n  y = true\n}\n` + "```",
	} {
		rep, err := New(format, Options{Blocks: func(finding.Finding) bool { return true }})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := rep.Report(&b, run); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(b.String(), want) {
			t.Errorf("%s lacks\n%s\nin\n%s", format, want, b.String())
		}
	}
}
