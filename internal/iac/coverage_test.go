package iac

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

func read(provider, scope, region string, t providers.Type) providers.Cell {
	return providers.Cell{Scope: providers.Scope{Provider: provider, ID: scope}, Region: region, Type: t}
}

func TestCoverageCountsByAccountAndOwner(t *testing.T) {
	c := NewCoverage(NewIndex(states(t), false), func(r providers.Resource) finding.Ownership { return finding.Ownership{Owner: r.Tags["owner"]} })
	database := live("aws", "111111111111", "aws_db_instance", "arn:aws:rds:eu-central-1:111111111111:db:d", "d", map[string]string{"owner": "shop"})
	queue := live("aws", "2", "aws_sqs_queue", "arn:aws:sqs:eu-central-1:2:q", "q", nil)
	stack := live("aws", "2", "aws_sqs_queue", "arn:aws:sqs:eu-central-1:2:s", "s", map[string]string{"owner": "shop", "aws:cloudformation:stack-name": "s"})
	for _, r := range []providers.Resource{database, queue, stack, live("aws", "2", "aws_account", "arn:aws:account::2:account", "", nil)} {
		c.Seen(r)
	}
	given := []finding.State{{Name: "raw", Resources: 4}}
	got := c.Result(given)
	got.Gone, got.NotLookedFor = nil, 0
	want := &finding.IaC{
		States:  given,
		Managed: finding.Managed{Terraform: 1, CloudFormation: 1, None: 1},
		ByAccount: []finding.ManagedGroup{
			{Name: "aws 111111111111", Managed: finding.Managed{Terraform: 1}}, {Name: "aws 2", Managed: finding.Managed{CloudFormation: 1, None: 1}},
		},
		ByOwner: []finding.ManagedGroup{
			{Name: "", Managed: finding.Managed{None: 1}}, {Name: "shop", Managed: finding.Managed{Terraform: 1, CloudFormation: 1}},
		},
		Unmanaged: []finding.Resource{{
			Provider: "aws", Scope: "2", Type: "aws_sqs_queue", ID: queue.ID, Name: "q", ManagedBy: &finding.ManagedBy{Tool: finding.Unmanaged},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("coverage (-want +got):\n%s", diff)
	}
}

func TestAnEntryIsGoneOnlyWhereItWouldHaveBeenFound(t *testing.T) {
	for _, tt := range []struct {
		name string
		read []providers.Cell
		seen []providers.Resource
		gone []string
	}{
		{"nothing was read", nil, nil, nil},
		{"its cell was read", []providers.Cell{read("aws", "111111111111", "eu-central-1", "aws_db_instance")}, nil, []string{"aws_db_instance.d"}},
		{"it was read for the whole account", []providers.Cell{read("aws", "111111111111", "", "aws_db_instance")}, nil, []string{"aws_db_instance.d"}},
		{"another region was read", []providers.Cell{read("aws", "111111111111", "us-east-1", "aws_db_instance")}, nil, nil},
		{"another account was read", []providers.Cell{read("aws", "222222222222", "eu-central-1", "aws_db_instance")}, nil, nil},
		{"a bucket can be in any account", []providers.Cell{read("aws", "111111111111", "", "aws_s3_bucket")}, nil, nil},
		{
			"it is there",
			[]providers.Cell{read("aws", "111111111111", "eu-central-1", "aws_db_instance")},
			[]providers.Resource{live("aws", "111111111111", "aws_db_instance", "arn:aws:rds:eu-central-1:111111111111:db:d", "d", nil)},
			nil,
		},
		{"a project that nobody saw", []providers.Cell{read("gcp", "organizations/1", "", "google_compute_disk")}, nil, nil},
		{
			"a project that was seen",
			[]providers.Cell{read("gcp", "organizations/1", "", "google_compute_disk"), read("gcp", "organizations/1", "", "google_project")},
			[]providers.Resource{
				live("gcp", "organizations/1", "google_compute_disk", "//compute.googleapis.com/projects/p/zones/z/disks/other", "other", nil),
				live("gcp", "organizations/1", "google_storage_bucket", "//storage.googleapis.com/other", "other", nil),
			},
			[]string{"module.a.google_compute_disk.d[0]"},
		},
		{"an organisation's repositories", []providers.Cell{read("github", "acme", "", "github_repository")}, nil, []string{"github_repository.r"}},
	} {
		c := NewCoverage(NewIndex(states(t), false), func(providers.Resource) finding.Ownership { return finding.Ownership{} })
		for _, r := range tt.seen {
			c.Seen(r)
		}
		for _, cell := range tt.read {
			c.Read(cell)
		}
		var gone []string
		for _, e := range c.Result(nil).Gone {
			gone = append(gone, e.Address)
		}
		if diff := cmp.Diff(tt.gone, gone); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestAResourceThatTwoStatesHaveIsGoneFromNeither(t *testing.T) {
	const id = "arn:aws:rds:eu-central-1:111111111111:db:d"
	database := Entry{Address: "aws_db_instance.d", Type: "aws_db_instance", Keys: []string{"aws_db_instance " + id}}
	copied := []State{{Name: "a.tfstate", Entries: []Entry{database}}, {Name: "copy.tfstate", Entries: []Entry{database}}}
	nobody := func(providers.Resource) finding.Ownership { return finding.Ownership{} }
	c := NewCoverage(NewIndex(copied, false), nobody)
	c.Read(read("aws", "111111111111", "eu-central-1", "aws_db_instance"))
	c.Seen(live("aws", "111111111111", "aws_db_instance", id, "d", nil))
	if got := c.Result(nil); len(got.Gone) > 0 || got.NotLookedFor > 0 {
		t.Errorf("gone: %v, not looked for: %d", got.Gone, got.NotLookedFor)
	}
	c = NewCoverage(NewIndex(copied, false), nobody)
	c.Read(read("aws", "111111111111", "eu-central-1", "aws_db_instance"))
	want := []finding.StateEntry{{State: "a.tfstate", Address: "aws_db_instance.d", Type: "aws_db_instance"}, {State: "copy.tfstate", Address: "aws_db_instance.d", Type: "aws_db_instance"}}
	if diff := cmp.Diff(want, c.Result(nil).Gone); diff != "" {
		t.Errorf("gone (-want +got):\n%s", diff)
	}
}
