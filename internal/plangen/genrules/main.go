// Command genrules writes Conftest rules as people write them for Terraform plans, to
// measure Conftest with as many rules as metsuke judges by (BENCHMARKS.md): every fifth
// looks for the resource that configures another one, the others look at attributes.
//
// Usage: genrules COUNT DIRECTORY writes COUNT rules, one a file.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "genrules:", err)
		os.Exit(2)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: genrules COUNT DIRECTORY")
	}
	count, err := strconv.Atoi(args[0])
	if err != nil {
		return fmt.Errorf("the count is %s, which is no number", args[0])
	}
	if err := os.MkdirAll(args[1], 0o755); err != nil {
		return err
	}
	for i := range count {
		text := attributeRule(i)
		if i%5 == 0 {
			text = joinRule(i, i/5)
		}
		if err := os.WriteFile(filepath.Join(args[1], fmt.Sprintf("rule%d.rego", i)), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// attributeRule looks at one attribute of one type.
func attributeRule(i int) string {
	checks := []struct{ typ, bad string }{
		{"aws_db_instance", "not r.change.after.storage_encrypted"},
		{"aws_db_instance", "r.change.after.publicly_accessible"},
		{"aws_db_instance", "r.change.after.backup_retention_period < 7"},
		{"aws_ebs_volume", "not r.change.after.encrypted"},
		{"aws_ebs_volume", `r.change.after.type == "gp2"`},
		{"aws_instance", `r.change.after.metadata_options[_].http_tokens != "required"`},
		{"aws_instance", `startswith(r.change.after.instance_type, "t2.")`},
		{"aws_instance", "not r.change.after.iam_instance_profile"},
		{"aws_cloudwatch_log_group", "r.change.after.retention_in_days == 0"},
		{"aws_kms_key", "not r.change.after.enable_key_rotation"},
		{"aws_lambda_function", `r.change.after.runtime in {"python3.8", "nodejs16.x", "go1.x"}`},
		{"aws_iam_role_policy_attachment", `endswith(r.change.after.policy_arn, "/AdministratorAccess")`},
		{"aws_iam_role", `some s in json.unmarshal(r.change.after.assume_role_policy).Statement; s.Principal == "*"`},
		{"aws_sqs_queue", "not r.change.after.kms_master_key_id"},
		{"aws_dynamodb_table", "not r.change.after.point_in_time_recovery[0].enabled"},
		{"aws_lb", "not r.change.after.drop_invalid_header_fields"},
		{"google_storage_bucket", "not r.change.after.uniform_bucket_level_access"},
		{"google_compute_instance", "count(r.change.after.network_interface[_].access_config) > 0"},
		{"aws_s3_bucket", fmt.Sprintf("not r.change.after.tags.Key%d", i)},
		{"aws_vpc_security_group_ingress_rule", `r.change.after.cidr_ipv4 == "0.0.0.0/0"`},
	}
	c := checks[i%len(checks)]
	return fmt.Sprintf(`package main

deny contains msg if {
	some r in input.resource_changes
	r.type == %q
	r.mode == "managed"
	%s
	msg := sprintf("%%s breaks rule %d", [r.address])
}
`, c.typ, c.bad, i)
}

// joinRule looks for a resource that configures another one as it should be. What it
// configures is not known before the apply: only the configuration says it.
func joinRule(i, n int) string {
	joins := []struct{ typ, by, ref, good string }{
		{"aws_s3_bucket", "aws_s3_bucket_public_access_block", "bucket", "block_public_acls"},
		{"aws_s3_bucket", "aws_s3_bucket_public_access_block", "bucket", "block_public_policy"},
		{"aws_s3_bucket", "aws_s3_bucket_public_access_block", "bucket", "ignore_public_acls"},
		{"aws_s3_bucket", "aws_s3_bucket_public_access_block", "bucket", "restrict_public_buckets"},
		{"aws_s3_bucket", "aws_s3_bucket_versioning", "bucket", `versioning_configuration[_].status == "Enabled"`},
		{"aws_s3_bucket", "aws_s3_bucket_server_side_encryption_configuration", "bucket", "rule[_].apply_server_side_encryption_by_default[_].sse_algorithm"},
		{"aws_sqs_queue", "aws_sqs_queue_policy", "queue_url", "policy"},
		{"aws_security_group", "aws_vpc_security_group_ingress_rule", "security_group_id", "from_port != 22"},
		{"aws_security_group", "aws_vpc_security_group_ingress_rule", "security_group_id", "from_port != 3389"},
		{"aws_iam_role", "aws_iam_role_policy_attachment", "role", "policy_arn"},
	}
	j := joins[n%len(joins)]
	return fmt.Sprintf(`package main

deny contains msg if {
	some r in input.resource_changes
	r.type == %q
	not configured_%d(r)
	msg := sprintf("%%s breaks rule %d", [r.address])
}

configured_%d(r) if {
	some c in input.configuration.root_module.resources
	c.type == %q
	sprintf("%%s.%%s", [r.type, r.name]) in c.expressions.%s.references
	some s in input.resource_changes
	s.address == c.address
	s.change.after.%s
}
`, j.typ, i, i, i, j.by, j.ref, j.good)
}
