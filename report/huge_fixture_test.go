package report

import (
	"fmt"
	"slices"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// huge is a run with n findings such as a large organisation has: 120 accounts, 150
// policies, two findings on a resource, every eighth verdict unknown.
func huge(n int) finding.Run {
	run := rich()
	run.Policies, run.Findings, run.Interrupted = nil, make([]finding.Finding, 0, n), false
	for i := range 150 {
		severity := finding.Severities()[i%4]
		run.Policies = append(run.Policies, finding.Policy{
			ID: fmt.Sprintf("aws-service%02d-rule-%03d", i%30, i), Title: fmt.Sprintf("Resources of service %d follow rule %d", i%30, i), Severity: severity,
			Category: finding.Categories()[i%5], Types: []providers.Type{providers.Type(fmt.Sprintf("aws_service%02d_thing", i%30))},
			Description: "What goes wrong where it is not so, said in two or three sentences of the usual length.",
			Remediation: "What to do about it, and where.", Terraform: "resource \"aws_thing\" \"example\" {\n  encrypted = true\n}",
			Counts: finding.Counts{Pass: 3 * n / 150, Fail: n * 7 / 8 / 150, Unknown: n / 8 / 150},
		})
	}
	regions := []string{"eu-central-1", "eu-west-1", "us-east-1", "us-west-2", "ap-northeast-1", ""}
	for i := range n {
		p := run.Policies[i*7919%150]
		account := i * 31 % 120
		scope := providers.Scope{Provider: "aws", ID: fmt.Sprintf("%012d", 100000000000+account*7654321), Name: fmt.Sprintf("team-%02d-prod", account)}
		name := fmt.Sprintf("%s-%08x", []string{"orders", "billing", "events", "archive", "exports"}[i%5], uint32(i/2)*2654435761)
		f := live(p, finding.Fail, scope, regions[i*17%6], name, fmt.Sprintf("team-%02d", account%60), fmt.Sprintf("setting %d of %s is off", i%40, name), fmt.Sprintf("settings.%d", i%40))
		if i%8 == 0 {
			f.Verdict, f.Reason, f.Permission, f.Message = finding.Unknown, providers.Denied, fmt.Sprintf("service%02d:GetThing", i%30), fmt.Sprintf("settings.%d could not be read", i%40)
		}
		run.Findings = append(run.Findings, f)
	}
	slices.SortFunc(run.Findings, finding.Compare)
	return run
}
