package iac

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

const secret = "hunter2-canary"

const raw = `{"version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "x", "outputs": {"p": {"value": "` + secret + `", "type": "string"}},
 "resources": [
  {"mode": "data", "type": "aws_caller_identity", "name": "me", "instances": [{"attributes": {"id": "111111111111"}}]},
  {"mode": "managed", "type": "aws_db_instance", "name": "d", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
   "instances": [{"schema_version": 2, "attributes": {"id": "db-X", "arn": "arn:aws:rds:eu-central-1:111111111111:db:d", "password": "` + secret + `"}}]},
  {"module": "module.logs[\"a.b\"]", "mode": "managed", "type": "aws_s3_bucket", "name": "this",
   "instances": [
    {"index_key": 0, "attributes": {"id": "one", "arn": "arn:aws:s3:::one"}},
    {"index_key": "k\"ey", "attributes": {"id": "two", "arn": "arn:aws:s3:::two"}}]},
  {"mode": "managed", "type": "aws_instance", "name": "m",
   "instances": [{"attributes": {"id": "i-0a110000000000001", "user_data": "` + secret + `", "root_block_device": [{"volume_id": "vol-0a110000000000001", "size": 8}]}}]}]}`

const shown = `{"format_version": "1.0", "terraform_version": "1.11.4", "values": {"outputs": {}, "root_module": {
 "resources": [
  {"address": "data.aws_region.r", "mode": "data", "type": "aws_region", "name": "r", "values": {"id": "eu-central-1"}},
  {"address": "google_storage_bucket.b", "mode": "managed", "type": "google_storage_bucket", "name": "b", "values": {"id": "exports", "self_link": "https://www.googleapis.com/storage/v1/b/exports"}}],
 "child_modules": [{"address": "module.a", "resources": [
  {"address": "module.a.google_compute_disk.d[0]", "mode": "managed", "type": "google_compute_disk", "name": "d", "index": 0,
   "values": {"id": "projects/p/zones/z/disks/d", "self_link": "https://www.googleapis.com/compute/v1/projects/p/zones/z/disks/d", "disk_encryption_key": [{"raw_key": "` + secret + `"}]}}]}]}}}`

// addresses are those of the entries, with what each is found by.
func addresses(s State) map[string][]string {
	out := map[string][]string{}
	for _, e := range s.Entries {
		out[e.Address] = append(out[e.Address], e.Keys...)
	}
	return out
}

func TestAStateGivesTheIdentitiesOfItsManagedResources(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		want       map[string][]string
	}{
		{"as it lies in a backend", raw, map[string][]string{
			"aws_db_instance.d":                              {"aws_db_instance arn:aws:rds:eu-central-1:111111111111:db:d"},
			`module.logs["a.b"].aws_s3_bucket.this[0]`:       {"aws_s3_bucket arn:aws:s3:::one"},
			`module.logs["a.b"].aws_s3_bucket.this["k\"ey"]`: {"aws_s3_bucket arn:aws:s3:::two"},
			"aws_instance.m":                                 {"aws_instance i-0a110000000000001", "aws_ebs_volume vol-0a110000000000001"},
		}},
		{"as terraform show writes it", "\xef\xbb\xbf" + shown, map[string][]string{
			"google_storage_bucket.b":           {"google_storage_bucket exports"},
			"module.a.google_compute_disk.d[0]": {"google_compute_disk projects/p/zones/z/disks/d"},
		}},
		{"without resources", `{"version": 4, "resources": []}`, map[string][]string{}},
		{"without values", `{"format_version": "1.0"}`, map[string][]string{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Parse([]byte(tt.text), "s")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, addresses(s)); diff != "" {
				t.Errorf("entries (-want +got):\n%s", diff)
			}
			if b, err := json.Marshal(s); err != nil || strings.Contains(string(b), secret) {
				t.Errorf("a secret is kept, or %v", err)
			}
		})
	}
}

func TestWhatIsNoStateIsRefusedWithoutQuotingIt(t *testing.T) {
	for text, want := range map[string]string{
		"":                   "the state is empty",
		"\xff\xfe{\x00":      "it is in UTF-16, as PowerShell writes it; save it as UTF-8",
		"{\x00\"\x00":        "it is in UTF-16, as PowerShell writes it; save it as UTF-8",
		secret:               "it is no JSON of a state: byte 1 cannot be read",
		`{"` + secret:        "it is no JSON of a state: byte 16 cannot be read",
		`["` + secret + `"]`: "it is no JSON of a state: at byte 1 there is a array",
		`{"encrypted_data": "` + secret + `", "encryption_version": "v0", "serial": 1, "lineage": "x"}`: "the state is encrypted; give the output of `tofu show -json`",
		`{"version": 3, "modules": []}`:                     "it has version 3; version 4 is known, which Terraform 0.12 and later write",
		`{"name": "package"}`:                               "it is JSON, but no state: it has neither version nor format_version",
		`{"format_version": "1.2", "resource_changes": []}`: "it is a plan, not a state",
		`{"format_version": "2.0", "values": {}}`:           `its format version is "2.0"; 0.1, 0.2 and 1.x are known`,
	} {
		if _, err := Parse([]byte(text), "s"); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func live(provider, scope string, t providers.Type, id, name string, tags map[string]string) providers.Resource {
	return providers.Resource{Scope: providers.Scope{Provider: provider, ID: scope}, Type: t, ID: id, Name: name, Tags: tags}
}

func states(t *testing.T) []State {
	t.Helper()
	var out []State
	for name, text := range map[string]string{
		"raw": raw, "shown": shown,
		"more": `{"version": 4, "resources": [
		 {"mode": "managed", "type": "aws_sns_topic_policy", "name": "p", "instances": [{"attributes": {"id": "arn:aws:sns:eu-central-1:111111111111:t", "arn": "arn:aws:sns:eu-central-1:111111111111:t"}}]},
		 {"mode": "managed", "type": "aws_default_security_group", "name": "d", "instances": [{"attributes": {"id": "sg-0a110000000000000"}}]},
		 {"mode": "managed", "type": "aws_rds_cluster_instance", "name": "c", "instances": [{"attributes": {"id": "c-1", "arn": "arn:aws:rds:eu-central-1:333333333333:db:c-1"}}]},
		 {"mode": "managed", "type": "google_compute_global_address", "name": "a", "instances": [{"attributes": {"id": "projects/p/global/addresses/a", "self_link": "https://www.googleapis.com/compute/v1/projects/p/global/addresses/a"}}]},
		 {"mode": "managed", "type": "aws_cloudwatch_log_group", "name": "l", "instances": [{"attributes": {"id": "/l", "arn": "arn:aws:logs:eu-central-1:111111111111:log-group:/l:*"}}]},
		 {"mode": "managed", "type": "aws_iam_account_password_policy", "name": "p", "instances": [{"attributes": {"id": "iam-account-password-policy"}}]},
		 {"mode": "managed", "type": "google_project", "name": "p", "instances": [{"attributes": {"id": "projects/shop", "number": "1000"}}]},
		 {"mode": "managed", "type": "google_service_account", "name": "s", "instances": [{"attributes": {"id": "projects/p/serviceAccounts/ci@p.iam.gserviceaccount.com", "email": "ci@p.iam.gserviceaccount.com"}}]},
		 {"mode": "managed", "type": "github_repository", "name": "r", "instances": [{"attributes": {"id": "Shop", "full_name": "Acme/Shop"}}]},
		 {"mode": "managed", "type": "github_membership", "name": "m", "instances": [{"attributes": {"id": "acme:Alice"}}]}]}`,
	} {
		s, err := Parse([]byte(text), name)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func TestAnObjectThatWasReplacedAndIsStillThereIsToldApart(t *testing.T) {
	for name, text := range map[string]string{
		"as it lies in a backend": `{"version": 4, "resources": [{"mode": "managed", "type": "aws_sqs_queue", "name": "q", "instances": [
			{"attributes": {"arn": "arn:aws:sqs:eu-central-1:1:q"}}, {"deposed": "0a1b2c3d", "attributes": {"arn": "arn:aws:sqs:eu-central-1:1:old"}}]}]}`,
		"as terraform shows it": `{"format_version": "1.0", "values": {"root_module": {"resources": [
			{"address": "aws_sqs_queue.q", "mode": "managed", "type": "aws_sqs_queue", "values": {"arn": "arn:aws:sqs:eu-central-1:1:q"}},
			{"address": "aws_sqs_queue.q", "mode": "managed", "type": "aws_sqs_queue", "deposed_key": "0a1b2c3d", "values": {"arn": "arn:aws:sqs:eu-central-1:1:old"}}]}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Parse([]byte(text), "s")
			if err != nil {
				t.Fatal(err)
			}
			c := NewCoverage(NewIndex([]State{s}, false), func(providers.Resource) finding.Ownership { return finding.Ownership{} })
			c.Read(read("aws", "1", "eu-central-1", "aws_sqs_queue"))
			c.Seen(live("aws", "1", "aws_sqs_queue", "arn:aws:sqs:eu-central-1:1:q", "q", nil))
			want := []finding.StateEntry{{State: "s", Address: "aws_sqs_queue.q (deposed)", Type: "aws_sqs_queue"}}
			if diff := cmp.Diff(want, c.Result(nil).Gone); diff != "" {
				t.Errorf("gone (-want +got):\n%s", diff)
			}
		})
	}
}

func TestALiveResourceIsManagedByTheStateThatHasIt(t *testing.T) {
	ix := NewIndex(states(t), false)
	terraform := func(state, address string) *finding.ManagedBy {
		return &finding.ManagedBy{Tool: finding.Terraform, State: state, Address: address}
	}
	hidden := live("aws", "1", "aws_sqs_queue", "arn:aws:sqs:eu-central-1:1:q", "q", nil)
	hidden.Unknown = map[string]providers.Reason{"tags": providers.Denied}
	for _, tt := range []struct {
		name string
		r    providers.Resource
		want *finding.ManagedBy
	}{
		{"by its ARN", live("aws", "111111111111", "aws_db_instance", "arn:aws:rds:eu-central-1:111111111111:db:d", "d", nil), terraform("raw", "aws_db_instance.d")},
		{"by its id", live("aws", "111111111111", "aws_instance", "arn:aws:ec2:eu-central-1:111111111111:instance/i-0a110000000000001", "", nil), terraform("raw", "aws_instance.m")},
		{"as a part", live("aws", "111111111111", "aws_ebs_volume", "arn:aws:ec2:eu-central-1:111111111111:volume/vol-0a110000000000001", "", nil), terraform("raw", "aws_instance.m")},
		{"adopted", live("aws", "111111111111", "aws_security_group", "arn:aws:ec2:eu-central-1:111111111111:security-group/sg-0a110000000000000", "", nil), terraform("more", "aws_default_security_group.d")},
		{"in a cluster", live("aws", "333333333333", "aws_db_instance", "arn:aws:rds:eu-central-1:333333333333:db:c-1", "c-1", nil), terraform("more", "aws_rds_cluster_instance.c")},
		{"a global address", live("gcp", "organizations/1", "google_compute_address", "//compute.googleapis.com/projects/p/global/addresses/a", "a", nil), terraform("more", "google_compute_global_address.a")},
		{
			"of an Auto Scaling group",
			live("aws", "1", "aws_instance", "arn:aws:ec2:eu-central-1:1:instance/i-0b110000000000001", "", map[string]string{"aws:autoscaling:groupName": "g"}),
			&finding.ManagedBy{Tool: finding.UnknownTool},
		},
		{"by a former ARN", live("aws", "111111111111", "aws_cloudwatch_log_group", "arn:aws:logs:eu-central-1:111111111111:log-group:/l", "/l", nil), terraform("more", "aws_cloudwatch_log_group.l")},
		{"only its policy is", live("aws", "111111111111", "aws_sns_topic", "arn:aws:sns:eu-central-1:111111111111:t", "t", nil), &finding.ManagedBy{Tool: finding.Unmanaged}},
		{"a bucket of Google", live("gcp", "organizations/1", "google_storage_bucket", "//storage.googleapis.com/exports", "exports", nil), terraform("shown", "google_storage_bucket.b")},
		{"by its path", live("gcp", "organizations/1", "google_compute_disk", "//compute.googleapis.com/projects/p/zones/z/disks/d", "d", nil), terraform("shown", "module.a.google_compute_disk.d[0]")},
		{"a project", live("gcp", "organizations/1", "google_project", "//cloudresourcemanager.googleapis.com/projects/1000", "shop", nil), terraform("more", "google_project.p")},
		{"a service account", live("gcp", "organizations/1", "google_service_account", "//iam.googleapis.com/projects/p/serviceAccounts/17", "ci@p.iam.gserviceaccount.com", nil), terraform("more", "google_service_account.s")},
		{"a repository", live("github", "acme", "github_repository", "https://github.com/acme/shop", "shop", nil), terraform("more", "github_repository.r")},
		{"a member", live("github", "acme", "github_membership", "https://github.com/orgs/acme/people/alice", "alice", nil), terraform("more", "github_membership.m")},
		{"a stack", live("aws", "1", "aws_sqs_queue", "arn:aws:sqs:eu-central-1:1:q", "q", map[string]string{"aws:cloudformation:stack-name": "s"}), &finding.ManagedBy{Tool: finding.CloudFormation, Stack: "s"}},
		{"Config Connector", live("gcp", "1", "google_compute_disk", "//compute.googleapis.com/projects/p/zones/z/disks/e", "e", map[string]string{"managed-by-cnrm": "true"}), &finding.ManagedBy{Tool: finding.ConfigConnector}},
		{"another state", live("gcp", "1", "google_compute_disk", "//compute.googleapis.com/projects/p/zones/z/disks/e", "e", map[string]string{"goog-terraform-provisioned": "true"}), &finding.ManagedBy{Tool: finding.Terraform}},
		{"nobody", live("aws", "1", "aws_sqs_queue", "arn:aws:sqs:eu-central-1:1:q", "q", nil), &finding.ManagedBy{Tool: finding.Unmanaged}},
		{"its tags could not be read", hidden, &finding.ManagedBy{Tool: finding.UnknownTool}},
		{"a state has one without its account", live("aws", "1", "aws_iam_account_password_policy", "arn:aws:iam::1:account-password-policy", "", nil), &finding.ManagedBy{Tool: finding.UnknownTool}},
		{"an account", live("aws", "1", "aws_account", "arn:aws:account::1:account", "", nil), nil},
		{"a role of a service", live("aws", "1", "aws_iam_role", "arn:aws:iam::1:role/aws-service-role/x", "", nil), nil},
	} {
		if diff := cmp.Diff(tt.want, ix.ManagedBy(tt.r)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestNothingIsUnmanagedWhileAStateCouldNotBeRead(t *testing.T) {
	ix := NewIndex(states(t), true)
	queue := live("aws", "1", "aws_sqs_queue", "arn:aws:sqs:eu-central-1:1:q", "q", nil)
	if got := ix.ManagedBy(queue); got.Tool != finding.UnknownTool {
		t.Errorf("got %+v", got)
	}
	database := live("aws", "111111111111", "aws_db_instance", "arn:aws:rds:eu-central-1:111111111111:db:d", "d", nil)
	if got := ix.ManagedBy(database); got.Address != "aws_db_instance.d" {
		t.Errorf("got %+v", got)
	}
}

// FuzzParse reads states of any text: what is refused is not quoted, and what is read can
// be matched with live resources.
func FuzzParse(f *testing.F) {
	for _, text := range []string{raw, shown, "", "[]", `{"version": 4, "resources": [{"instances": [{"attributes": []}]}]}`, `{"format_version": "1.0", "values": {"root_module": {"child_modules": [{}]}}}`} {
		f.Add([]byte(text))
	}
	queue := live("aws", "111111111111", "aws_sqs_queue", "arn:aws:sqs:eu-central-1:111111111111:q", "q", nil)
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Parse(text, "s")
		if err != nil {
			if len(text) > 40 && strings.Contains(err.Error(), string(text)) {
				t.Errorf("the error quotes the state: %v", err)
			}
			return
		}
		if m := NewIndex([]State{s}, false).ManagedBy(queue); m == nil {
			t.Error("a live resource is kept by something or by nothing, and that is not said")
		}
	})
}
