package plangen

import (
	"fmt"
	"math/rand/v2"
)

// place is where a resource stands: in the n-th set of one resource of each kind.
type place struct {
	rng          *rand.Rand
	n            int
	name, module string
	index        int
	existing     bool
}

// often is true in nine of ten cases: most of an estate is in order.
func (s place) often() bool { return s.rng.IntN(10) > 0 }

func (s place) one(of ...string) string { return of[s.rng.IntN(len(of))] }

// ref refers to the attribute of the resource of another type in the same set.
func (s place) ref(typ, attribute string) map[string]any {
	whole := typ + "." + s.name
	if s.module != "" {
		return map[string]any{"references": []string{whole, "count.index"}}
	}
	return map[string]any{"references": []string{whole + "." + attribute, whole}}
}

type kind struct {
	typ   string
	build func(s place) planned
}

type obj = map[string]any

func constant(v any) obj { return obj{"constant_value": v} }

func kinds() []kind {
	return []kind{
		{"aws_s3_bucket", s3Bucket},
		{"aws_s3_bucket_public_access_block", s3PublicAccessBlock},
		{"aws_s3_bucket_versioning", s3Versioning},
		{"aws_s3_bucket_server_side_encryption_configuration", s3Encryption},
		{"aws_sqs_queue", sqsQueue},
		{"aws_sqs_queue_policy", sqsPolicy},
		{"aws_security_group", securityGroup},
		{"aws_vpc_security_group_ingress_rule", ingressRule},
		{"aws_instance", instance},
		{"aws_ebs_volume", ebsVolume},
		{"aws_db_instance", dbInstance},
		{"aws_lambda_function", lambdaFunction},
		{"aws_iam_role", iamRole},
		{"aws_iam_role_policy_attachment", iamAttachment},
		{"aws_kms_key", kmsKey},
		{"aws_dynamodb_table", dynamoTable},
		{"aws_cloudwatch_log_group", logGroup},
		{"aws_lb", loadBalancer},
		{"google_storage_bucket", gcsBucket},
		{"google_compute_instance", gceInstance},
	}
}

// aws adds what every AWS resource has: tags, and an id and ARN that are known
// after the apply.
func (s place) aws(after, unknown, expressions obj) planned {
	tags := obj{"Name": s.name, "Stage": s.one("prod", "dev", "test")}
	if s.often() {
		tags["Owner"] = s.one("team-data", "team-web", "team-core", "team-mobile")
		tags["CostCenter"] = fmt.Sprintf("cc-%04d", s.rng.IntN(500))
	}
	after["tags"] = tags
	if unknown == nil {
		unknown = obj{}
	}
	all := obj{"ManagedBy": "terraform"}
	for k, v := range tags {
		all[k] = v
	}
	after["tags_all"] = all
	unknown["id"], unknown["arn"] = true, true
	expressions["tags"] = obj{"references": []string{"local.tags"}}
	return planned{after: after, unknown: unknown, sensitive: obj{"tags": obj{}, "tags_all": obj{}}, expressions: expressions}
}

// satellite is a resource without tags.
func satellite(after, expressions obj, ref string) planned {
	return planned{after: after, unknown: obj{"id": true, ref: true}, sensitive: obj{}, expressions: expressions}
}

func s3Bucket(s place) planned {
	name := fmt.Sprintf("corp-%s-%06d", s.one("logs", "data", "assets"), s.n)
	p := s.aws(obj{
		"bucket": name, "force_destroy": !s.often(), "region": "eu-central-1", "timeouts": nil,
	}, obj{
		"acceleration_status": true, "acl": true, "bucket_domain_name": true, "bucket_prefix": true, "bucket_regional_domain_name": true,
		"cors_rule": true, "grant": true, "hosted_zone_id": true, "lifecycle_rule": true, "logging": true, "object_lock_configuration": true,
		"object_lock_enabled": true, "policy": true, "replication_configuration": true, "request_payer": true,
		"server_side_encryption_configuration": true, "versioning": true, "website": true, "website_domain": true, "website_endpoint": true,
	}, obj{"bucket": constant(name)})
	if s.existing {
		for _, k := range []string{"cors_rule", "grant", "lifecycle_rule", "logging", "object_lock_configuration", "replication_configuration", "server_side_encryption_configuration", "versioning", "website"} {
			delete(p.unknown, k)
			p.after[k] = []any{}
		}
		delete(p.unknown, "object_lock_enabled")
		p.after["object_lock_enabled"] = false
		delete(p.unknown, "policy")
		p.after["policy"] = ""
	}
	return p
}

func s3PublicAccessBlock(s place) planned {
	after, e := obj{"region": "eu-central-1"}, obj{"bucket": s.ref("aws_s3_bucket", "id")}
	for _, k := range []string{"block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"} {
		v := s.often()
		after[k], e[k] = v, constant(v)
	}
	return satellite(after, e, "bucket")
}

func s3Versioning(s place) planned {
	status := "Enabled"
	if !s.often() {
		status = "Suspended"
	}
	p := satellite(obj{
		"expected_bucket_owner": "", "mfa": nil, "region": "eu-central-1", "versioning_configuration": []any{obj{"status": status}},
	}, obj{"bucket": s.ref("aws_s3_bucket", "id"), "versioning_configuration": []any{obj{"status": constant(status)}}}, "bucket")
	if !s.existing {
		p.unknown["versioning_configuration"] = []any{obj{"mfa_delete": true}}
	}
	return p
}

func s3Encryption(s place) planned {
	return satellite(obj{
		"expected_bucket_owner": "", "region": "eu-central-1",
		"rule": []any{obj{"apply_server_side_encryption_by_default": []any{obj{"kms_master_key_id": "", "sse_algorithm": s.one("AES256", "aws:kms")}}, "bucket_key_enabled": s.often()}},
	}, obj{
		"bucket": s.ref("aws_s3_bucket", "id"),
		"rule":   []any{obj{"apply_server_side_encryption_by_default": []any{obj{"sse_algorithm": obj{"references": []string{"var.sse"}}}}}},
	}, "bucket")
}

func sqsQueue(s place) planned {
	var key any
	if s.often() {
		key = "alias/queues"
	}
	return s.aws(obj{
		"content_based_deduplication": false, "delay_seconds": 0, "fifo_queue": false, "kms_master_key_id": key, "max_message_size": 262144,
		"message_retention_seconds": 345600, "name": "queue-" + s.name, "receive_wait_time_seconds": s.rng.IntN(20), "region": "eu-central-1",
		"timeouts": nil, "visibility_timeout_seconds": 30,
	}, obj{
		"deduplication_scope": true, "fifo_throughput_limit": true, "kms_data_key_reuse_period_seconds": true, "name_prefix": true, "policy": true,
		"redrive_allow_policy": true, "redrive_policy": true, "sqs_managed_sse_enabled": true, "url": true,
	}, obj{"name": constant("queue-" + s.name), "kms_master_key_id": constant(key)})
}

func sqsPolicy(s place) planned {
	principal := `{"AWS":"arn:aws:iam::111111111111:root"}`
	if !s.often() {
		principal = `"*"`
	}
	return satellite(obj{
		"region": "eu-central-1",
		"policy": `{"Version":"2012-10-17","Statement":[{"Sid":"Send","Effect":"Allow","Principal":` + principal + `,"Action":"sqs:SendMessage","Resource":"*"}]}`,
	}, obj{"policy": obj{}, "queue_url": s.ref("aws_sqs_queue", "id")}, "queue_url")
}

func securityGroup(s place) planned {
	return s.aws(obj{
		"description": "Managed by Terraform", "name": "sg-" + s.name, "region": "eu-central-1", "revoke_rules_on_delete": false, "timeouts": nil,
		"vpc_id": fmt.Sprintf("vpc-%08x", s.rng.Uint32()),
		"egress": []any{obj{
			"cidr_blocks": []any{"0.0.0.0/0"}, "description": "", "from_port": 0, "ipv6_cidr_blocks": []any{}, "prefix_list_ids": []any{},
			"protocol": "-1", "security_groups": []any{}, "self": false, "to_port": 0,
		}},
	}, obj{"ingress": true, "name_prefix": true, "owner_id": true}, obj{
		"name": constant("sg-" + s.name), "vpc_id": obj{"references": []string{"var.vpc_id"}},
		"egress": []any{obj{"cidr_blocks": constant([]any{"0.0.0.0/0"}), "from_port": constant(0), "protocol": constant("-1"), "to_port": constant(0)}},
	})
}

func ingressRule(s place) planned {
	cidr := "10.0.0.0/8"
	if !s.often() {
		cidr = "0.0.0.0/0"
	}
	port := []int{22, 80, 443, 3306, 5432, 8080}[s.rng.IntN(6)]
	return satellite(obj{
		"cidr_ipv4": cidr, "cidr_ipv6": nil, "description": "from the network", "from_port": port, "ip_protocol": "tcp", "prefix_list_id": nil,
		"referenced_security_group_id": nil, "region": "eu-central-1", "tags": nil, "tags_all": obj{"ManagedBy": "terraform"}, "to_port": port,
	}, obj{
		"cidr_ipv4": constant(cidr), "from_port": constant(port), "ip_protocol": constant("tcp"), "to_port": constant(port),
		"security_group_id": s.ref("aws_security_group", "id"),
	}, "security_group_id")
}

func instance(s place) planned {
	tokens := "required"
	if !s.often() {
		tokens = "optional"
	}
	return s.aws(obj{
		"ami": "ami-0abcdef1234567890", "credit_specification": []any{}, "ebs_block_device": []any{}, "ebs_optimized": true, "get_password_data": false,
		"hibernation": nil, "iam_instance_profile": "app", "instance_type": s.one("t3.micro", "m5.large", "c6i.xlarge", "m7g.large"),
		"launch_template": []any{}, "maintenance_options": []any{}, "monitoring": s.often(), "region": "eu-central-1", "source_dest_check": true, "timeouts": nil,
		"metadata_options":  []any{obj{"http_endpoint": "enabled", "http_put_response_hop_limit": 1, "http_tokens": tokens, "instance_metadata_tags": "disabled"}},
		"root_block_device": []any{obj{"delete_on_termination": true, "encrypted": s.often(), "volume_size": 20, "volume_type": "gp3"}},
		"user_data":         "IyEvYmluL3NoCmVjaG8gaGVsbG8K", "volume_tags": nil, "subnet_id": fmt.Sprintf("subnet-%08x", s.rng.Uint32()),
	}, obj{
		"associate_public_ip_address": true, "availability_zone": true, "cpu_core_count": true, "disable_api_stop": true, "disable_api_termination": true,
		"host_id": true, "instance_initiated_shutdown_behavior": true, "instance_state": true, "ipv6_addresses": true, "key_name": true, "placement_group": true,
		"primary_network_interface_id": true, "private_dns": true, "private_ip": true, "public_dns": true, "public_ip": true, "security_groups": true,
		"tenancy": true, "vpc_security_group_ids": true,
	}, obj{
		"ami": obj{"references": []string{"data.aws_ami.app.id", "data.aws_ami.app"}}, "instance_type": obj{"references": []string{"var.size"}},
		"metadata_options": []any{obj{"http_tokens": constant(tokens)}}, "vpc_security_group_ids": s.ref("aws_security_group", "id"),
	})
}

func ebsVolume(s place) planned {
	return s.aws(obj{
		"availability_zone": "eu-central-1a", "encrypted": s.often(), "final_snapshot": false, "multi_attach_enabled": nil, "outpost_arn": nil,
		"region": "eu-central-1", "size": 20 + s.rng.IntN(500), "timeouts": nil, "type": s.one("gp3", "gp2", "io2"),
	}, obj{"create_time": true, "iops": true, "kms_key_id": true, "snapshot_id": true, "throughput": true},
		obj{"availability_zone": constant("eu-central-1a"), "encrypted": obj{"references": []string{"var.encrypt"}}})
}

func dbInstance(s place) planned {
	p := s.aws(obj{
		"allocated_storage": 100, "apply_immediately": false, "auto_minor_version_upgrade": s.often(), "backup_retention_period": 7, "copy_tags_to_snapshot": true,
		"deletion_protection": s.often(), "engine": "postgres", "engine_version": "16.3", "iam_database_authentication_enabled": true,
		"instance_class": s.one("db.t4g.micro", "db.m6g.large"), "max_allocated_storage": 500, "multi_az": s.often(), "password": "not-a-real-password",
		"performance_insights_enabled": true, "publicly_accessible": !s.often(), "region": "eu-central-1", "skip_final_snapshot": false, "storage_encrypted": s.often(),
		"username": "app", "enabled_cloudwatch_logs_exports": []any{"postgresql"},
	}, obj{
		"address": true, "availability_zone": true, "backup_window": true, "ca_cert_identifier": true, "endpoint": true, "hosted_zone_id": true, "kms_key_id": true,
		"latest_restorable_time": true, "monitoring_role_arn": true, "port": true, "resource_id": true, "status": true, "vpc_security_group_ids": true,
	}, obj{"engine": constant("postgres"), "password": obj{"references": []string{"var.password"}}})
	p.sensitive["password"] = true
	return p
}

func lambdaFunction(s place) planned {
	return s.aws(obj{
		"architectures": []any{"arm64"}, "dead_letter_config": []any{}, "function_name": "fn-" + s.name, "handler": "index.handler", "memory_size": 256,
		"environment":                    []any{obj{"variables": obj{"STAGE": "prod", "TABLE": "t", "LOG_LEVEL": "info"}}},
		"package_type":                   "Zip",
		"publish":                        false,
		"region":                         "eu-central-1",
		"reserved_concurrent_executions": -1, "runtime": s.one("python3.12", "nodejs20.x", "python3.8"), "s3_bucket": "artefacts", "s3_key": "fn.zip",
		"timeout": 30, "tracing_config": []any{obj{"mode": "Active"}}, "vpc_config": []any{},
	}, obj{
		"ephemeral_storage": true, "invoke_arn": true, "last_modified": true, "logging_config": true, "qualified_arn": true, "role": true,
		"signing_job_arn": true, "source_code_hash": true, "version": true,
	}, obj{"role": s.ref("aws_iam_role", "arn"), "runtime": obj{"references": []string{"var.runtime"}}})
}

func iamRole(s place) planned {
	return s.aws(obj{
		"assume_role_policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`,
		"description":        "runs the function", "force_detach_policies": false, "max_session_duration": 3600, "name": "role-" + s.name, "path": "/", "permissions_boundary": nil,
	}, obj{"create_date": true, "inline_policy": true, "managed_policy_arns": true, "name_prefix": true, "unique_id": true},
		obj{"name": constant("role-" + s.name), "assume_role_policy": obj{"references": []string{"data.aws_iam_policy_document.lambda.json", "data.aws_iam_policy_document.lambda"}}})
}

func iamAttachment(s place) planned {
	policy := "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
	if !s.often() {
		policy = "arn:aws:iam::aws:policy/AdministratorAccess"
	}
	p := satellite(obj{"policy_arn": policy, "role": "role-" + s.name}, obj{"policy_arn": constant(policy), "role": s.ref("aws_iam_role", "name")}, "id")
	return p
}

func kmsKey(s place) planned {
	return s.aws(obj{
		"bypass_policy_lockout_safety_check": false, "custom_key_store_id": nil, "customer_master_key_spec": "SYMMETRIC_DEFAULT", "deletion_window_in_days": 30,
		"description": "key of " + s.name, "enable_key_rotation": s.often(), "is_enabled": true, "key_usage": "ENCRYPT_DECRYPT", "region": "eu-central-1", "timeouts": nil, "xks_key_id": nil,
	}, obj{"key_id": true, "multi_region": true, "policy": true, "rotation_period_in_days": true}, obj{"enable_key_rotation": constant(true)})
}

func dynamoTable(s place) planned {
	return s.aws(obj{
		"attribute": []any{obj{"name": "pk", "type": "S"}, obj{"name": "sk", "type": "S"}}, "billing_mode": s.one("PAY_PER_REQUEST", "PROVISIONED"),
		"deletion_protection_enabled": s.often(), "global_secondary_index": []any{}, "hash_key": "pk", "import_table": []any{}, "local_secondary_index": []any{},
		"name": "table-" + s.name, "point_in_time_recovery": []any{obj{"enabled": s.often()}}, "range_key": "sk", "region": "eu-central-1", "replica": []any{},
		"server_side_encryption": []any{}, "stream_enabled": nil, "table_class": nil, "timeouts": nil, "ttl": []any{},
	}, obj{"read_capacity": true, "stream_arn": true, "stream_label": true, "stream_view_type": true, "write_capacity": true},
		obj{"name": constant("table-" + s.name), "hash_key": constant("pk"), "point_in_time_recovery": []any{obj{"enabled": constant(true)}}})
}

func logGroup(s place) planned {
	return s.aws(obj{
		"kms_key_id": nil, "name": "/app/" + s.name, "region": "eu-central-1", "retention_in_days": []int{0, 14, 30, 365}[s.rng.IntN(4)], "skip_destroy": false,
	}, obj{"log_group_class": true, "name_prefix": true}, obj{"name": constant("/app/" + s.name), "retention_in_days": obj{"references": []string{"var.retention"}}})
}

func loadBalancer(s place) planned {
	return s.aws(obj{
		"access_logs": []any{obj{"bucket": "lb-logs", "enabled": s.often(), "prefix": nil}}, "client_keep_alive": 3600, "connection_logs": []any{},
		"customer_owned_ipv4_pool": nil, "desync_mitigation_mode": "defensive", "drop_invalid_header_fields": s.often(), "enable_deletion_protection": s.often(),
		"enable_http2": true, "idle_timeout": 60, "internal": s.often(), "load_balancer_type": "application", "name": "lb-" + s.name,
		"preserve_host_header": false, "region": "eu-central-1", "subnets": []any{"subnet-1", "subnet-2"}, "timeouts": nil, "xff_header_processing_mode": "append",
	}, obj{"arn_suffix": true, "dns_name": true, "ip_address_type": true, "security_groups": true, "subnet_mapping": true, "vpc_id": true, "zone_id": true},
		obj{"name": constant("lb-" + s.name), "security_groups": s.ref("aws_security_group", "id")})
}

// google adds what every Google resource has: labels and computed links.
func (s place) google(after, unknown, expressions obj) planned {
	labels := obj{"stage": s.one("prod", "dev", "test")}
	if s.often() {
		labels["owner"] = s.one("team-data", "team-web", "team-core")
	}
	after["labels"], after["terraform_labels"] = labels, labels
	all := obj{"goog-terraform-provisioned": "true"}
	for k, v := range labels {
		all[k] = v
	}
	after["effective_labels"] = all
	unknown["id"], unknown["self_link"], unknown["project"] = true, true, true
	expressions["labels"] = constant(labels)
	return planned{after: after, unknown: unknown, sensitive: obj{"labels": obj{}, "effective_labels": obj{}, "terraform_labels": obj{}}, expressions: expressions}
}

func gcsBucket(s place) planned {
	name := fmt.Sprintf("corp-gcs-%06d", s.n)
	prevention := "enforced"
	if !s.often() {
		prevention = "inherited"
	}
	return s.google(obj{
		"autoclass": []any{}, "cors": []any{}, "custom_placement_config": []any{}, "default_event_based_hold": nil, "encryption": []any{}, "force_destroy": false,
		"lifecycle_rule": []any{obj{"action": []any{obj{"storage_class": "", "type": "Delete"}}, "condition": []any{obj{"age": 365, "with_state": "ANY"}}}},
		"location":       "EUROPE-WEST3", "logging": []any{}, "name": name, "requester_pays": nil, "retention_policy": []any{}, "storage_class": "STANDARD",
		"uniform_bucket_level_access": s.often(), "public_access_prevention": prevention, "versioning": []any{obj{"enabled": s.often()}}, "website": []any{}, "timeouts": nil,
	}, obj{"project_number": true, "rpo": true, "soft_delete_policy": true, "time_created": true, "url": true},
		obj{"name": constant(name), "location": constant("EUROPE-WEST3")})
}

func gceInstance(s place) planned {
	access := []any{}
	if !s.often() {
		access = []any{obj{"ipv6_public_ptr": "", "network_tier": "PREMIUM"}}
	}
	return s.google(obj{
		"allow_stopping_for_update": true, "boot_disk": []any{obj{"auto_delete": true, "initialize_params": []any{obj{"image": "debian-cloud/debian-12"}}, "mode": "READ_WRITE"}},
		"can_ip_forward": false, "deletion_protection": s.often(), "description": nil, "desired_status": nil, "enable_display": nil, "machine_type": s.one("e2-small", "n2-standard-4"),
		"metadata": obj{"enable-oslogin": "TRUE"}, "metadata_startup_script": nil, "name": "vm-" + s.name,
		"network_interface":        []any{obj{"access_config": access, "network": "default", "nic_type": nil, "queue_count": nil}},
		"resource_policies":        nil,
		"scratch_disk":             []any{},
		"service_account":          []any{obj{"email": "app@metsuke-demo.iam.gserviceaccount.com", "scopes": []any{"https://www.googleapis.com/auth/cloud-platform"}}},
		"shielded_instance_config": []any{obj{"enable_integrity_monitoring": true, "enable_secure_boot": s.often(), "enable_vtpm": true}},
		"tags":                     []any{"web"},
		"timeouts":                 nil,
		"zone":                     "europe-west3-a",
	}, obj{
		"cpu_platform": true, "current_status": true, "instance_id": true, "label_fingerprint": true, "metadata_fingerprint": true, "min_cpu_platform": true,
		"scheduling": true, "tags_fingerprint": true,
	}, obj{"name": constant("vm-" + s.name), "zone": constant("europe-west3-a"), "boot_disk": []any{obj{"initialize_params": []any{obj{"image": constant("debian-cloud/debian-12")}}}}})
}
