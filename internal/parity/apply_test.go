package parity

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
)

type object = map[string]any

// created is a resource that a plan creates.
type created struct {
	address string
	// written is what the configuration says and known before the apply. A value that
	// begins with = refers to another resource's attribute; it is known after the apply.
	written object
	// read is what the provider reads back after the apply, as AWS answers it.
	read object
}

// estate holds good and bad resources, as they are often written, with what AWS makes of
// them. The values that are read were compared with the documentation of the provider.
func estate() []created {
	arn := func(service, rest string) string {
		return "arn:aws:" + service + ":eu-central-1:111111111111:" + rest
	}
	bucket := func(name string) created {
		return created{"aws_s3_bucket." + name, object{"bucket": name, "force_destroy": false, "tags": object{"owner": "shop"}}, object{
			"id": name, "arn": "arn:aws:s3:::" + name, "region": "eu-central-1", "tags_all": object{"owner": "shop"}, "policy": "", "acl": nil,
			"grant":      []any{object{"id": "c0ffee", "type": "CanonicalUser", "permissions": []any{"FULL_CONTROL"}, "uri": ""}},
			"versioning": []any{object{"enabled": false, "mfa_delete": false}}, "logging": []any{}, "lifecycle_rule": []any{},
			"server_side_encryption_configuration": []any{object{"rule": []any{object{
				"apply_server_side_encryption_by_default": []any{object{"sse_algorithm": "AES256", "kms_master_key_id": ""}}, "bucket_key_enabled": false,
			}}}},
		}}
	}
	of := func(bucket string, more object) object {
		more["bucket"] = "=aws_s3_bucket." + bucket + ".id"
		return more
	}
	rule := func(name string, port int, from string) created {
		return created{
			"aws_vpc_security_group_ingress_rule." + name,
			object{
				"security_group_id": "=aws_security_group." + name + ".id", "cidr_ipv4": from, "from_port": port, "to_port": port, "ip_protocol": "tcp",
				"cidr_ipv6": nil, "description": nil, "prefix_list_id": nil, "referenced_security_group_id": nil,
			},
			object{"id": "sgr-" + name, "arn": arn("ec2", "security-group-rule/sgr-"+name)},
		}
	}
	group := func(name string) created {
		return created{"aws_security_group." + name, object{"name": name, "description": "x", "tags": nil}, object{
			"id": "sg-" + name, "arn": arn("ec2", "security-group/sg-"+name), "vpc_id": "vpc-1", "owner_id": "111111111111", "egress": []any{}, "ingress": []any{}, "tags_all": object{},
		}}
	}
	queue := func(name string, written object) created {
		written["name"] = name
		url := "https://sqs.eu-central-1.amazonaws.com/111111111111/" + name
		return created{"aws_sqs_queue." + name, written, object{
			"id": url, "url": url, "arn": arn("sqs", name), "policy": "", "tags_all": object{}, "kms_data_key_reuse_period_seconds": 300,
		}}
	}
	return []created{
		bucket("good"), bucket("bad"),
		{"aws_s3_bucket_public_access_block.good", of("good", object{"block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true, "restrict_public_buckets": true}), object{"id": "good"}},
		{"aws_s3_bucket_public_access_block.bad", of("bad", object{"block_public_acls": false, "block_public_policy": false, "ignore_public_acls": true, "restrict_public_buckets": false}), object{"id": "bad"}},
		{"aws_s3_bucket_versioning.good", of("good", object{"expected_bucket_owner": "", "mfa": nil, "versioning_configuration": []any{object{"status": "Enabled"}}}), object{"id": "good"}},
		{"aws_s3_bucket_policy.bad", of("bad", object{"policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bad/*"}]}`}), object{"id": "bad"}},
		group("open"), rule("open", 22, "0.0.0.0/0"),
		group("closed"), rule("closed", 22, "10.0.0.0/8"),
		queue("plain", object{"sqs_managed_sse_enabled": false, "kms_master_key_id": nil}),
		queue("keyed", object{"sqs_managed_sse_enabled": nil, "kms_master_key_id": "alias/aws/sqs"}),
		{"aws_kms_key.turning", object{"enable_key_rotation": true, "is_enabled": true, "customer_master_key_spec": "SYMMETRIC_DEFAULT", "key_usage": "ENCRYPT_DECRYPT", "custom_key_store_id": nil, "xks_key_id": nil}, object{
			"id": "k-1", "key_id": "k-1", "arn": arn("kms", "key/k-1"), "rotation_period_in_days": 365, "tags_all": object{}, "multi_region": false,
			"policy": `{"Statement":[{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"kms:*","Resource":"*"}],"Version":"2012-10-17"}`,
		}},
		{"aws_kms_key.still", object{"enable_key_rotation": false, "is_enabled": true, "customer_master_key_spec": "SYMMETRIC_DEFAULT", "key_usage": "ENCRYPT_DECRYPT", "custom_key_store_id": nil, "xks_key_id": nil}, object{
			"id": "k-2", "key_id": "k-2", "arn": arn("kms", "key/k-2"), "rotation_period_in_days": 0, "tags_all": object{}, "multi_region": false,
			"policy": `{"Statement":[{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"kms:*","Resource":"*"}],"Version":"2012-10-17"}`,
		}},
		{"aws_ebs_volume.plain", object{"availability_zone": "eu-central-1a", "size": 8, "type": "gp2", "encrypted": false, "snapshot_id": nil}, object{
			"id": "vol-1", "arn": arn("ec2", "volume/vol-1"), "kms_key_id": "", "iops": 100, "throughput": 0, "tags_all": object{}, "create_time": "2026-01-01T00:00:00Z",
		}},
		{"aws_db_instance.open", object{
			"identifier": "open", "engine": "postgres", "instance_class": "db.t3.micro", "publicly_accessible": true, "storage_encrypted": false, "deletion_protection": false,
			"multi_az": false, "backup_retention_period": 0, "auto_minor_version_upgrade": true, "copy_tags_to_snapshot": false, "iam_database_authentication_enabled": nil,
		}, object{
			"id": "db-1", "arn": arn("rds", "db:open"), "engine_version": "16.3", "engine_version_actual": "16.3", "kms_key_id": "", "tags_all": object{}, "storage_type": "gp2", "allocated_storage": 20,
		}},
		{"aws_cloudwatch_log_group.short", object{"name": "/app/short", "retention_in_days": 14, "kms_key_id": nil, "skip_destroy": false}, object{
			"id": "/app/short", "arn": arn("logs", "log-group:/app/short"), "log_group_class": "STANDARD", "tags_all": object{},
		}},
		{"aws_dynamodb_table.t", object{"name": "t", "hash_key": "pk", "billing_mode": "PAY_PER_REQUEST", "deletion_protection_enabled": nil, "point_in_time_recovery": []any{object{"enabled": true}}}, object{
			"id": "t", "arn": arn("dynamodb", "table/t"), "server_side_encryption": []any{}, "tags_all": object{}, "stream_enabled": false,
		}},
		{"aws_sns_topic.t", object{"name": "t", "kms_master_key_id": nil, "tags": nil}, object{
			"id": arn("sns", "t"), "arn": arn("sns", "t"), "tags_all": object{},
			"policy": `{"Id":"__default_policy_ID","Statement":[{"Action":["SNS:Publish"],"Condition":{"StringEquals":{"AWS:SourceOwner":"111111111111"}},"Effect":"Allow","Principal":{"AWS":"*"},"Resource":"` + arn("sns", "t") + `","Sid":"__default_statement_ID"}],"Version":"2008-10-17"}`,
		}},
		{"aws_iam_role.r", object{"name": "r", "path": "/", "max_session_duration": 3600, "assume_role_policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`}, object{
			"id": "r", "arn": "arn:aws:iam::111111111111:role/r", "create_date": "2026-01-01T00:00:00Z", "managed_policy_arns": []any{"arn:aws:iam::aws:policy/AdministratorAccess"}, "inline_policy": []any{}, "tags_all": object{}, "unique_id": "AROA",
		}},
		{"aws_iam_role_policy_attachment.r", object{"role": "=aws_iam_role.r.name", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}, object{"id": "r-1"}},
	}
}

// plans writes the plan that creates the resources, and the one that is made when they
// are there.
func plans(t *testing.T, resources []created) (before, after object) {
	t.Helper()
	values := map[string]object{}
	for _, r := range resources {
		values[r.address] = maps.Clone(r.read)
		maps.Copy(values[r.address], r.written)
	}
	var create, keep, blocks []any
	for _, r := range resources {
		typ, name, _ := strings.Cut(r.address, ".")
		known, unknown, expressions := object{}, object{}, object{}
		for k := range r.read {
			unknown[k] = true
		}
		for k, v := range r.written {
			ref, refers := v.(string)
			if refers = refers && strings.HasPrefix(ref, "=") && len(ref) > 1; !refers {
				known[k] = v
				if v != nil {
					expressions[k] = object{"constant_value": v}
				}
				continue
			}
			of := ref[1:strings.LastIndex(ref, ".")]
			attribute := ref[strings.LastIndex(ref, ".")+1:]
			expressions[k] = object{"references": []any{ref[1:], of}}
			if values[r.address][k] = values[of][attribute]; values[of][attribute] == nil {
				t.Fatalf("%s refers to %s, which is nothing", r.address, ref)
			}
			unknown[k] = true
		}
		entry := func(change object) object {
			return object{"address": r.address, "mode": "managed", "type": typ, "name": name, "provider_name": "registry.terraform.io/hashicorp/aws", "change": change}
		}
		create = append(create, entry(object{"actions": []any{"create"}, "before": nil, "after": known, "after_unknown": unknown, "after_sensitive": object{}}))
		keep = append(keep, entry(object{"actions": []any{"no-op"}, "before": values[r.address], "after": values[r.address], "after_unknown": object{}, "before_sensitive": object{}, "after_sensitive": object{}}))
		blocks = append(blocks, object{"address": r.address, "mode": "managed", "type": typ, "name": name, "provider_config_key": "aws", "expressions": expressions})
	}
	whole := func(changes []any) object {
		return object{"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": changes, "configuration": object{
			"provider_config": object{"aws": object{"name": "aws", "expressions": object{"region": object{"constant_value": "eu-central-1"}}}},
			"root_module":     object{"resources": blocks},
		}}
	}
	return whole(create), whole(keep)
}

func TestWhatAPlanIsSureOfIsTrueAfterItsApply(t *testing.T) {
	s, err := load(t).NewSession(engine.Config{Now: now()})
	if err != nil {
		t.Fatal(err)
	}
	first, second := plans(t, estate())
	before, after := judgePlan(t, s, first), judgePlan(t, s, second)
	certain := func(v finding.Verdict) bool { return v == finding.Pass || v == finding.Fail }
	sure := map[finding.Verdict]int{}
	for _, k := range slices.Sorted(maps.Keys(before)) {
		if !certain(before[k]) || !certain(after[k]) {
			continue
		}
		sure[before[k]]++
		if before[k] != after[k] {
			t.Errorf("%s is %s in the plan and %s after the apply", k, before[k], after[k])
		}
	}
	if sure[finding.Pass] < 40 || sure[finding.Fail] < 20 {
		t.Errorf("the plan is sure of %v, which shows little", sure)
	}
}
