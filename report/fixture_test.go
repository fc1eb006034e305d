package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// hostile is what somebody who wants to be seen elsewhere names a resource.
const hostile = "=cmd|'/c calc'!A1\x1b[31m<img src=x onerror=alert(1)>`@security-team` #1 [x](javascript:alert(1)) |\u202egnp.exe\u202c\u200b ##[stop-commands]\n::error::x%0A & ]]> \xff --><!-- $x$"

func scopes() []providers.Scope {
	return []providers.Scope{
		{Provider: "aws", ID: "111111111111", Name: "acme-prod", Labels: map[string]string{"organization_role": "management"}},
		{Provider: "aws", ID: "222222222222", Name: "acme-dev"},
		{Provider: "github", ID: "acme"},
	}
}

// live is a finding about a resource of an account.
func live(policy finding.Policy, v finding.Verdict, s providers.Scope, region, name, owner, message, path string) finding.Finding {
	kind := policy.Types[0]
	r := finding.Resource{Provider: s.Provider, Scope: s.ID, ScopeName: s.Name, Type: kind, Region: region, Name: name}
	switch s.Provider {
	case "aws":
		service := strings.Split(string(kind), "_")[1]
		r.ID = fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, region, s.ID, name)
	default:
		r.ID = "https://github.com/" + s.ID + "/" + name
	}
	return finding.Finding{
		Fingerprint: finding.Fingerprint(policy.ID, r, path), Policy: policy.ID, Title: policy.Title, Category: policy.Category,
		Severity: policy.Severity, Verdict: v, Resource: r, Owner: owner, Message: message, Path: path, Key: path,
	}
}

func testPolicies() map[string]finding.Policy {
	out := map[string]finding.Policy{}
	for _, p := range []finding.Policy{
		{
			ID: "aws-s3-public-access-block", Title: "S3 buckets block public access", Severity: finding.High, Category: finding.Security,
			Types: []providers.Type{"aws_s3_bucket"}, Frameworks: map[string][]string{"cis-aws-5.0": {"2.1.4"}, "fsbp": {"S3.8"}},
			Description: "A bucket that anyone can read is how most data leaks from S3 begin.",
			Remediation: "Switch all four settings on, for the bucket or the whole account:\n\n```hcl\nresource \"aws_s3_bucket_public_access_block\" \"this\" {\n  bucket                  = aws_s3_bucket.this.id\n  block_public_acls       = true\n}\n```\nThen check that nothing relied on public access.",
			Counts:      finding.Counts{Pass: 310, Fail: 2, Unknown: 2},
		},
		{
			ID: "aws-iam-root-access-key", Title: "The root user has no access key", Severity: finding.Critical, Category: finding.Security,
			Types: []providers.Type{"aws_iam_account_summary"}, Frameworks: map[string][]string{"cis-aws-5.0": {"1.3"}},
			Remediation: "Delete the key; use a role.", Counts: finding.Counts{Pass: 1, Fail: 1},
		},
		{
			ID: "aws-ec2-idle-volume", Title: "EBS volumes are attached", Severity: finding.Low, Category: finding.Cost,
			Types: []providers.Type{"aws_ebs_volume"}, Remediation: "Snapshot the volume and delete it.", Counts: finding.Counts{Pass: 40, Fail: 2, NotApplicable: 3},
		},
		{
			ID: "common-required-tags", Title: "Resources carry the required tags", Severity: finding.Medium, Category: finding.Tagging,
			Types: []providers.Type{"aws_sqs_queue", "aws_s3_bucket"}, Counts: finding.Counts{Pass: 800, Fail: 2, Unknown: 1},
		},
		{
			ID: "github-repository-branch-protection", Title: "Default branches are protected", Severity: finding.High, Category: finding.Security,
			Types: []providers.Type{"github_repository"}, Remediation: "Protect the branch.", Counts: finding.Counts{Pass: 12, Fail: 1, Unknown: 1},
		},
		{
			ID: "aws-rds-deletion-protection", Title: "RDS instances cannot be deleted by accident", Severity: finding.Medium, Category: finding.Reliability,
			Types: []providers.Type{"aws_db_instance"}, Deprecated: true,
		},
		{
			ID: "aws-kms-rotation", Title: "KMS keys rotate", Severity: finding.Medium, Category: finding.Security,
			Types: []providers.Type{"aws_kms_key"}, Counts: finding.Counts{Pass: 17},
		},
	} {
		out[p.ID] = p
	}
	return out
}

// rich is a run with everything in it: failures of every severity, unknowns,
// gaps of every shape, policies that matched nothing, places in files, money,
// an interruption and hostile strings.
func rich() finding.Run {
	p, s := testPolicies(), scopes()
	prod, dev, gh := s[0], s[1], s[2]
	fs := []finding.Finding{
		live(p["aws-iam-root-access-key"], finding.Fail, prod, "", "account", "platform", "the root user has an active access key", "root_access_keys"),
		live(p["aws-s3-public-access-block"], finding.Fail, prod, "eu-central-1", "acme-customer-exports", "data-platform", "block_public_acls is off", "public_access_block.block_public_acls"),
		live(p["aws-s3-public-access-block"], finding.Fail, dev, "eu-central-1", hostile, "web", "block_public_policy is off for bucket "+hostile, "public_access_block.block_public_policy"),
		live(p["github-repository-branch-protection"], finding.Fail, gh, "", "acme/terraform-modules-for-everybody-and-their-dog", "", "the default branch main accepts a push without a review, a status check or a signature, and force pushes are allowed", "branch_protection"),
		live(p["common-required-tags"], finding.Fail, dev, "us-east-1", "orders-dead-letter", "", "tags owner, cost-center are missing", "tags"),
		live(p["common-required-tags"], finding.Fail, dev, "us-east-1", "東京の注文", "web", "tag owner is missing", "tags"),
		live(p["aws-ec2-idle-volume"], finding.Fail, prod, "eu-central-1", "vol-0123456789abcdef0", "data-platform", "not attached since 2025-11-02", "attachments"),
		live(p["aws-ec2-idle-volume"], finding.Fail, prod, "us-east-1", "", "data-platform", "not attached since 2025-12-24", "attachments"),
		live(p["aws-s3-public-access-block"], finding.Unknown, prod, "eu-central-1", "acme-logs", "platform", "public_access_block could not be read", "public_access_block"),
		live(p["aws-s3-public-access-block"], finding.Unknown, prod, "eu-central-1", "acme-audit", "platform", "public_access_block could not be read", "public_access_block"),
		live(p["common-required-tags"], finding.Unknown, dev, "us-east-1", "billing", "", "tags could not be read", "tags"),
		live(p["github-repository-branch-protection"], finding.Unknown, gh, "", "acme/legacy", "", "branch_protection could not be read", "branch_protection"),
	}
	fs[2].Severity = finding.Critical // a policy may grade one finding differently
	fs[5].Resource.Type = "aws_s3_bucket"
	fs[6].MonthlyCost, fs[7].MonthlyCost = 1240.5, 8
	for i, u := range []struct {
		reason     providers.Reason
		permission string
	}{{providers.Denied, "s3:GetBucketPublicAccessBlock"}, {providers.Denied, "s3:GetBucketPublicAccessBlock"}, {providers.Throttled, ""}, {providers.Unsupported, ""}} {
		fs[8+i].Reason, fs[8+i].Permission = u.reason, u.permission
	}
	fs[3].OwnerUnknown, fs[10].OwnerUnknown = providers.Denied, providers.Throttled // the teams, and the tags
	slices.SortFunc(fs, finding.Compare)
	return finding.Run{
		Mode: "scan", Version: "1.4.0", Time: time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC), Interrupted: true,
		Providers: []finding.ProviderStatus{
			{Name: "aws", Used: true, Detail: "profile audit", Scopes: 2},
			{Name: "gcp", Detail: "no credentials"},
			{Name: "github", Used: true, Detail: "app 42", Scopes: 1},
		},
		Scopes: s, Policies: sortedPolicies(p), Findings: fs,
		Coverage: finding.Coverage{
			CellsPlanned: 4320, CellsRead: 4180, Resources: 1234,
			Gaps: []providers.Gap{
				{Scope: prod, Region: "eu-central-1", Type: "aws_s3_bucket", ID: "arn:aws:s3:::acme-audit", Path: "public_access_block", Call: "S3.GetPublicAccessBlock", Permission: "s3:GetBucketPublicAccessBlock", Reason: providers.Denied, Err: "AccessDenied"},
				{Scope: prod, Region: "eu-central-1", Type: "aws_s3_bucket", ID: "arn:aws:s3:::acme-logs", Path: "public_access_block", Call: "S3.GetPublicAccessBlock", Permission: "s3:GetBucketPublicAccessBlock", Reason: providers.Denied, Err: "AccessDenied"},
				{Scope: prod, Region: "eu-central-1", Type: "aws_db_instance", Call: "RDS.DescribeDBInstances", Permission: "rds:DescribeDBInstances", Reason: providers.Denied, Err: "AccessDenied"},
				{Scope: prod, Region: "us-east-1", Type: "aws_db_instance", Call: "RDS.DescribeDBInstances", Permission: "rds:DescribeDBInstances", Reason: providers.Denied, Err: "AccessDenied"},
				{Scope: dev, Region: "us-east-1", Type: "aws_db_instance", Call: "RDS.DescribeDBInstances", Permission: "rds:DescribeDBInstances", Reason: providers.Denied, Err: "AccessDenied"},
				{Scope: dev, Region: "us-east-1", Type: "aws_sqs_queue", ID: "arn:aws:sqs:us-east-1:222222222222:billing", Path: "tags", Call: "SQS.ListQueueTags", Reason: providers.Throttled, Err: "ThrottlingException: Rate exceeded"},
				{Scope: gh, Reason: providers.Failed, Err: "GET /orgs/acme: 502 " + hostile},
			},
			Cures: []finding.Cure{
				{Permission: "rds:DescribeDBInstances", Unknowns: 0, Cells: 3},
				{Permission: "s3:GetBucketPublicAccessBlock", Unknowns: 2},
				{Permission: "sqs:ListQueueTags", Unknowns: 1},
				{Permission: "kms:ListKeys", Cells: 1},
				{Permission: "organization:members:read", Owners: 1},
			},
		},
		Digests: map[string]string{"inventory": "9f86d081", "policies": "60303ae2", "parameters": "fd61a03a"},
		Notes:   []string{"the baseline of 2026-03-01 hides 14 findings", "note " + hostile},
	}
}

func sortedPolicies(by map[string]finding.Policy) []finding.Policy {
	var out []finding.Policy
	for _, p := range by {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b finding.Policy) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// gate is a run over a Terraform plan.
func gate() finding.Run {
	p := testPolicies()
	scope := providers.Scope{Provider: "terraform", ID: "plan.json"}
	source := func(address, file string, line int) *providers.Source {
		return &providers.Source{Address: address, File: file, Line: line, Action: "create"}
	}
	bucket := finding.Resource{Provider: "terraform", Scope: scope.ID, Type: "aws_s3_bucket", ID: "aws_s3_bucket.exports", Source: source("aws_s3_bucket.exports", "storage/main.tf", 12)}
	queue := finding.Resource{Provider: "terraform", Scope: scope.ID, Type: "aws_sqs_queue", ID: `module.queues["a b"].aws_sqs_queue.this[0]`, Source: source(`module.queues["a b"].aws_sqs_queue.this[0]`, "modules/queue: x,y/main.tf", 3)}
	logs := finding.Resource{Provider: "terraform", Scope: scope.ID, Type: "aws_s3_bucket", ID: "aws_s3_bucket.logs", Source: source("aws_s3_bucket.logs", "", 0)}
	pab, tags := p["aws-s3-public-access-block"], p["common-required-tags"]
	pab.Counts = finding.Counts{Pass: 1, Fail: 1, Unknown: 1}
	tags.Counts = finding.Counts{Pass: 2, Fail: 1}
	of := func(p finding.Policy, r finding.Resource, v finding.Verdict, message, path string) finding.Finding {
		return finding.Finding{
			Fingerprint: finding.Fingerprint(p.ID, r, path), Policy: p.ID, Title: p.Title, Category: p.Category, Severity: p.Severity,
			Verdict: v, Resource: r, Message: message, Path: path, Key: path,
		}
	}
	fs := []finding.Finding{
		of(pab, bucket, finding.Fail, "block_public_acls is off", "public_access_block.block_public_acls"),
		of(tags, queue, finding.Fail, "tag owner is missing, 100% of \"it\"", "tags"),
		of(pab, logs, finding.Unknown, "public_access_block is known after apply", "public_access_block"),
		of(pab, queue, finding.Pass, "", ""),
		of(tags, logs, finding.NotApplicable, "", ""),
	}
	fs[0].Owner = "data-platform"
	fs[2].Reason = providers.Deferred
	slices.SortFunc(fs, finding.Compare)
	return finding.Run{
		Mode: "gate", Version: "1.4.0", Time: time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC),
		Providers: []finding.ProviderStatus{{Name: "terraform", Used: true, Scopes: 1}}, Scopes: []providers.Scope{scope},
		Policies: []finding.Policy{pab, tags}, Findings: fs,
		Coverage: finding.Coverage{CellsPlanned: 2, CellsRead: 2, Resources: 3, Gaps: []providers.Gap{}, Cures: []finding.Cure{}},
		Digests:  map[string]string{"policies": "60303ae2"},
	}
}

// pardoned is a run in which some of what fails does not count, each for another reason.
func pardoned() finding.Run {
	run := gate()
	tags := run.Policies[1]
	queue := func(name string, change func(*finding.Finding)) {
		r := finding.Resource{
			Provider: "terraform", Scope: "plan.json", Type: "aws_sqs_queue", ID: "aws_sqs_queue." + name, Name: name,
			Source: &providers.Source{Address: "aws_sqs_queue." + name, File: "queues.tf", Line: 7},
		}
		f := finding.Finding{
			Fingerprint: finding.Fingerprint(tags.ID, r, "tags"), Policy: tags.ID, Title: tags.Title, Category: tags.Category, Severity: finding.High,
			Verdict: finding.Fail, Resource: r, Message: "tag owner is missing", Path: "tags", Key: "tags",
		}
		change(&f)
		run.Findings = append(run.Findings, f)
	}
	granted := finding.Waiver{Reason: "moved next quarter", Approver: "ann", Ticket: "GOV-7", Expires: "2026-12-31", File: "waivers.yaml", Line: 12}
	comment := finding.Waiver{Reason: hostile, Expires: "2026-06-30", InSource: true, File: "queues.tf", Line: 6}
	queue("by_file", func(f *finding.Finding) { f.Waiver = &granted })
	queue("by_comment", func(f *finding.Finding) { f.Waiver = &comment })
	queue("known", func(f *finding.Finding) { f.Baseline = true })
	queue("new_rule", func(f *finding.Finding) { f.WarnUntil = "2026-09-30" })
	queue("new_rule_low", func(f *finding.Finding) { f.WarnUntil, f.Severity = "2026-09-30", finding.Low })
	queue("all_at_once", func(f *finding.Finding) { f.Waiver, f.Baseline, f.WarnUntil = &granted, true, "2026-09-30" })
	queue("dark", func(f *finding.Finding) {
		f.Verdict, f.Reason, f.Waiver = finding.Unknown, providers.Deferred, &granted
	})
	run.Policies[1].Counts.Fail += 6
	run.Policies[1].Counts.Unknown++
	run.Notes = append(run.Notes, "waivers.yaml:30: the waiver of common-required-tags on x expired on 2026-01-31 and waives nothing; it was for 1 finding.")
	slices.SortFunc(run.Findings, finding.Compare)
	return run
}

// change is a gate's run with a finding of every kind: brought by the plan, there
// already, mended by it, waived, known, and of a policy that only warns yet.
func change() finding.Run {
	p := testPolicies()
	pab, tags, volume := p["aws-s3-public-access-block"], p["common-required-tags"], p["aws-ec2-idle-volume"]
	pab.Counts, tags.Counts, volume.Counts = finding.Counts{Pass: 4, Fail: 3, Unknown: 1}, finding.Counts{Fail: 2}, finding.Counts{Fail: 1}
	of := func(p finding.Policy, v finding.Verdict, change finding.Change, address, file string, line int, message, path string) finding.Finding {
		kind, _, _ := strings.Cut(address, ".")
		r := finding.Resource{
			Provider: "terraform", Scope: "plan.json", Type: providers.Type(kind), ID: address,
			Source: &providers.Source{Address: address, File: file, Line: line, Action: "update"},
		}
		return finding.Finding{
			Fingerprint: finding.Fingerprint(p.ID, r, path), Policy: p.ID, Title: p.Title, Category: p.Category, Severity: p.Severity,
			Verdict: v, Resource: r, Message: message, Path: path, Key: path, Change: change,
		}
	}
	fs := []finding.Finding{
		of(pab, finding.Fail, finding.Introduced, "aws_s3_bucket.exports", "storage/main.tf", 12, "block_public_acls is off", "public_access_block.block_public_acls"),
		of(pab, finding.Fail, finding.Existing, "aws_s3_bucket.archive", "storage/main.tf", 40, "block_public_policy is off", "public_access_block.block_public_policy"),
		of(pab, finding.Fail, finding.Introduced, "aws_s3_bucket.website", "web/main.tf", 3, "block_public_policy is off", "public_access_block.block_public_policy"),
		of(tags, finding.Fail, finding.Introduced, "aws_sqs_queue.orders", "queues.tf", 7, "tag owner is missing", "tags"),
		of(tags, finding.Fail, finding.Introduced, "aws_sqs_queue.failover", "queues.tf", 15, "tag owner is missing", "tags"),
		of(volume, finding.Fail, finding.Introduced, "aws_ebs_volume.scratch", "", 0, "not attached", "attachments"),
		of(pab, finding.Unknown, finding.Introduced, "aws_s3_bucket.logs", "storage/main.tf", 60, "public_access_block is known after apply", "public_access_block"),
	}
	fs[2].Waiver = &finding.Waiver{Reason: "a website is public", Approver: "jo", Ticket: "SEC-12", Expires: "2026-12-31", File: "waivers.yaml", Line: 4}
	fs[4].Baseline = true
	fs[5].WarnUntil = "2026-06-30"
	fs[6].Reason = providers.Deferred
	slices.SortFunc(fs, finding.Compare)
	run := gate()
	run.Policies, run.Findings = sortedPolicies(map[string]finding.Policy{"1": pab, "2": tags, "3": volume}), fs
	run.Fixed = []finding.Finding{
		of(tags, finding.Fail, finding.Fixed, "aws_sqs_queue.invoices", "queues.tf", 23, "tag owner is missing", "tags"),
	}
	return run
}

// clear is a run in which everything was read and nothing fails.
func clear() finding.Run {
	p := testPolicies()["aws-kms-rotation"]
	return finding.Run{
		Mode: "scan", Version: "1.4.0", Time: time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC), Scopes: scopes()[:1],
		Policies: []finding.Policy{p}, Coverage: finding.Coverage{CellsPlanned: 17, CellsRead: 17, Resources: 17},
	}
}

// empty is a run that did nothing at all.
func empty() finding.Run { return finding.Run{} }

// blind is a run that found nothing to fail because it could not look.
func blind() finding.Run {
	run := clear()
	run.Coverage.CellsRead = 16
	run.Coverage.Gaps = []providers.Gap{{Scope: scopes()[0], Region: "us-east-1", Type: "aws_kms_key", Call: "KMS.ListKeys", Permission: "kms:ListKeys", Reason: providers.Denied}}
	run.Coverage.Cures = []finding.Cure{{Permission: "kms:ListKeys", Cells: 1}}
	return run
}

// large is a run with n failing findings with long messages.
func large(n int) finding.Run {
	run := rich()
	p := testPolicies()["aws-s3-public-access-block"]
	for i := range n {
		f := live(p, finding.Fail, scopes()[i%2], "eu-central-1", fmt.Sprintf("bucket-%05d", i), fmt.Sprintf("team-%02d", i%37),
			fmt.Sprintf("block_public_acls is off; %s %s", strings.Repeat("long story ", i%20), hostile), fmt.Sprintf("path.%d", i))
		f.Severity = finding.Severities()[i%4]
		run.Findings = append(run.Findings, f)
	}
	slices.SortFunc(run.Findings, finding.Compare)
	return run
}

// asCode is a run to which Terraform states were given.
func asCode() finding.Run {
	run := clear()
	run.IaC = &finding.IaC{
		States:  []finding.State{{Name: "s3://states/a.tfstate", Resources: 7}, {Name: "b.tfstate", Error: "the state is encrypted"}},
		Managed: finding.Managed{Terraform: 3, CloudFormation: 2, ConfigConnector: 1, None: 1, Unknown: 3},
		ByAccount: []finding.ManagedGroup{
			{Name: "aws 111111111111", Managed: finding.Managed{Terraform: 3, CloudFormation: 2, None: 1}}, {Name: "gcp organizations/1", Managed: finding.Managed{ConfigConnector: 1, Unknown: 3}},
		},
		ByOwner: []finding.ManagedGroup{{Managed: finding.Managed{None: 1, Unknown: 3}}, {Name: "shop", Managed: finding.Managed{Terraform: 3, CloudFormation: 2, ConfigConnector: 1}}},
		Unmanaged: []finding.Resource{{
			Provider: "aws", Scope: "111111111111", Type: "aws_sqs_queue", ID: "arn:aws:sqs:eu-central-1:111111111111:q", Name: "q", Region: "eu-central-1", ManagedBy: &finding.ManagedBy{Tool: finding.Unmanaged},
		}},
		Gone: []finding.StateEntry{{State: "s3://states/a.tfstate", Address: "aws_db_instance.d", Type: "aws_db_instance"}}, NotLookedFor: 2,
	}
	return run
}
