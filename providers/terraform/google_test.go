package terraform

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/providers"
)

// google is a new resource of which the provider plans the project.
func google(address string, after, unknown, config obj) res {
	a := obj{"project": "shop"}
	for k, v := range after {
		a[k] = v
	}
	u := obj{"id": true, "self_link": true}
	for k, v := range unknown {
		u[k] = v
	}
	if config == nil {
		config = obj{}
	}
	return res{address: address, after: a, unknown: u, config: config}
}

// grants are the IAM resources of a type in all three forms, set on one resource.
func grants(prefix, ref, target string, more obj) []res {
	part := func(kind string, after obj) res {
		config := obj{ref: "=" + target}
		for k, v := range more {
			after[k] = v
		}
		return res{address: prefix + "_iam_" + kind + ".g", after: after, unknown: obj{"id": true, ref: true}, config: config}
	}
	return []res{
		part("member", obj{"role": "roles/viewer", "member": "allUsers", "condition": []any{}}),
		part("binding", obj{
			"role": "roles/editor", "members": []any{"user:ann@example.com", "group:ops@example.com"},
			"condition": []any{obj{"title": "soon", "expression": "request.time < x", "description": ""}},
		}),
		part("policy", obj{"policy_data": `{"bindings":[{"role":"roles/browser","members":["domain:example.com"]}]}`}),
	}
}

// granted are the bindings of grants.
func granted() []any {
	return []any{
		obj{"role": "roles/viewer", "members": []any{"allUsers"}, "condition": nil},
		obj{
			"role": "roles/editor", "members": []any{"user:ann@example.com", "group:ops@example.com"},
			"condition": obj{"title": "soon", "expression": "request.time < x"},
		},
		obj{"role": "roles/browser", "members": []any{"domain:example.com"}, "condition": nil},
	}
}

func TestGoogleResourcesInAPlan(t *testing.T) {
	cases := []struct {
		name      string
		address   string
		resources []res
		want      obj
	}{
		{
			name: "a bucket that leaves everything to the API", address: "google_storage_bucket.b",
			resources: []res{google("google_storage_bucket.b", obj{"name": "b", "location": "EU", "storage_class": "STANDARD", "encryption": []any{}, "lifecycle_rule": []any{}},
				obj{"uniform_bucket_level_access": true, "public_access_prevention": true, "versioning": true}, nil)},
			want: obj{
				"project": "shop", "location": "EU", "storage_class": "STANDARD", "uniform_bucket_level_access": false,
				"public_access_prevention": "inherited", "public_access_prevention_constraint": nil, "versioning": obj{"enabled": false},
				"lifecycle_rule": []any{}, "autoclass": nil, "kms_key_name": nil, "iam_bindings": []any{},
			},
		},
		{
			name: "a bucket with everything, its grants and its access list", address: "google_storage_bucket.b",
			resources: append([]res{
				google("google_storage_bucket.b", obj{
					"name": "b", "location": "EU", "storage_class": "NEARLINE", "uniform_bucket_level_access": true, "public_access_prevention": "enforced",
					"versioning": []any{obj{"enabled": true}}, "encryption": []any{obj{"default_kms_key_name": "k"}}, "autoclass": []any{obj{"enabled": true}},
					"lifecycle_rule": []any{obj{
						"action":    []any{obj{"type": "Delete", "storage_class": ""}},
						"condition": []any{obj{"age": 30, "created_before": "", "num_newer_versions": 0, "days_since_noncurrent_time": 0}},
					}},
				}, obj{"lifecycle_rule": []any{obj{"condition": []any{obj{"with_state": true}}}}, "autoclass": []any{obj{"terminal_storage_class": true}}},
					obj{"versioning": []any{obj{"enabled": true}}}),
				{
					address: "google_storage_bucket_access_control.g", after: obj{"role": "WRITER", "entity": "group-ops@example.com"},
					unknown: obj{"bucket": true}, config: obj{"bucket": "=google_storage_bucket.b.name"},
				},
				{
					address: "google_storage_bucket_acl.g", after: obj{"predefined_acl": nil, "role_entity": []any{"READER:allUsers", "OWNER:project-owners-1"}},
					unknown: obj{"bucket": true}, config: obj{"bucket": "=google_storage_bucket.b.name"},
				},
			}, grants("google_storage_bucket", "bucket", "google_storage_bucket.b.name", nil)...),
			want: obj{
				"project": "shop", "location": "EU", "storage_class": "NEARLINE", "uniform_bucket_level_access": true,
				"public_access_prevention": "enforced", "public_access_prevention_constraint": nil, "versioning": obj{"enabled": true},
				"lifecycle_rule": []any{obj{
					"action":    obj{"type": "Delete", "storage_class": nil},
					"condition": obj{"age": int64(30), "created_before": nil, "with_state": nil, "num_newer_versions": nil, "days_since_noncurrent_time": nil},
				}},
				"autoclass": obj{"enabled": true}, "kms_key_name": "k",
				"iam_bindings": append(granted(),
					obj{"role": "roles/storage.legacyBucketWriter", "members": []any{"group:ops@example.com"}, "condition": nil},
					obj{"role": "roles/storage.legacyBucketReader", "members": []any{"allUsers"}, "condition": nil},
					obj{"role": "roles/storage.legacyBucketOwner", "members": []any{"project-owners-1"}, "condition": nil},
				),
			},
		},
		{
			name: "a VM with an external address and the default account", address: "google_compute_instance.vm",
			resources: append([]res{google("google_compute_instance.vm", obj{
				"name": "vm", "zone": "europe-west3-a", "machine_type": "zones/europe-west3-a/machineTypes/e2-small",
				"service_account":   []any{obj{"scopes": []any{"cloud-platform"}}},
				"network_interface": []any{obj{"network": "default", "access_config": []any{obj{}}, "ipv6_access_config": []any{}}},
				"boot_disk":         []any{obj{}}, "attached_disk": []any{}, "scratch_disk": []any{obj{"interface": "NVME"}},
			}, obj{
				"current_status": true, "creation_timestamp": true, "service_account": []any{obj{"email": true, "scopes": []any{false}}},
				"network_interface": []any{obj{"subnetwork": true, "access_config": []any{obj{"nat_ip": true}}}}, "boot_disk": []any{obj{"source": true}},
			}, obj{"service_account": []any{obj{"scopes": []any{"cloud-platform"}}}})}, grants("google_compute_instance", "instance_name", "google_compute_instance.vm.name", nil)...),
			want: obj{
				"project": "shop", "zone": "europe-west3-a", "status": nil, "machine_type": "e2-small",
				"service_account": obj{"email": nil, "scopes": []any{"https://www.googleapis.com/auth/cloud-platform"}},
				"network_interface": []any{obj{
					"network": "default", "subnetwork": nil, "access_config": []any{obj{"nat_ip": nil}}, "ipv6_access_config": []any{},
				}},
				"disk":               []any{obj{"source": nil, "type": "PERSISTENT", "boot": true}, obj{"source": nil, "type": "SCRATCH", "boot": false}},
				"creation_timestamp": nil, "last_stop_timestamp": nil, "last_suspended_timestamp": nil, "iam_bindings": granted(),
				"idle_recommendation": nil, "machine_type_recommendation": nil,
				"? network_interface.0.subnetwork": "deferred", "? disk.0.source": "deferred",
			},
		},
		{
			name: "a VM whose account is made in the same plan", address: "google_compute_instance.vm",
			resources: []res{google("google_compute_instance.vm", obj{"zone": "z", "machine_type": "e2-small", "service_account": []any{obj{"scopes": []any{}}}},
				obj{"service_account": []any{obj{"email": true}}}, obj{"service_account": []any{obj{"email": "=google_service_account.a.email"}}})},
			want: obj{
				"project": "shop", "zone": "z", "status": nil, "machine_type": "e2-small", "service_account": obj{"email": nil, "scopes": []any{}},
				"network_interface": []any{}, "disk": []any{}, "creation_timestamp": nil, "last_stop_timestamp": nil, "last_suspended_timestamp": nil,
				"iam_bindings": []any{}, "idle_recommendation": nil, "machine_type_recommendation": nil, "? service_account.email": "deferred",
			},
		},
		{
			name: "a new disk", address: "google_compute_disk.d",
			resources: append([]res{google("google_compute_disk.d", obj{"name": "d", "zone": "z", "type": "pd-ssd", "disk_encryption_key": []any{obj{"kms_key_self_link": "k"}}},
				obj{"size": true, "users": true, "creation_timestamp": true, "last_attach_timestamp": true, "last_detach_timestamp": true}, nil)},
				grants("google_compute_disk", "name", "google_compute_disk.d.name", nil)...),
			want: obj{
				"project": "shop", "zone": "z", "size": nil, "type": "pd-ssd", "users": []any{}, "kms_key_self_link": "k",
				"creation_timestamp": nil, "last_attach_timestamp": nil, "last_detach_timestamp": nil, "iam_bindings": granted(),
			},
		},
		{
			name: "a new global address", address: "google_compute_global_address.a",
			resources: []res{google("google_compute_global_address.a", obj{"name": "a", "address_type": nil}, obj{"address": true, "creation_timestamp": true}, nil)},
			want: obj{
				"project": "shop", "region": nil, "address_type": "EXTERNAL", "status": nil, "purpose": nil, "network_tier": nil,
				"users": []any{}, "creation_timestamp": nil, "? address": "deferred",
			},
		},
		{
			name: "a firewall rule that leaves much to the API", address: "google_compute_firewall.f",
			resources: []res{google("google_compute_firewall.f", obj{
				"name": "f", "network": "default", "priority": 1000, "source_ranges": []any{"0.0.0.0/0"}, "source_tags": nil, "target_tags": nil,
				"allow": []any{obj{"protocol": "TCP", "ports": []any{"22"}}, obj{"protocol": "icmp", "ports": nil}}, "deny": []any{},
			}, obj{"direction": true}, nil)},
			want: obj{
				"project": "shop", "network": "default", "direction": "INGRESS", "disabled": false, "priority": int64(1000),
				"source_ranges": []any{"0.0.0.0/0"}, "source_tags": []any{}, "target_tags": []any{},
				"allow": []any{obj{"protocol": "tcp", "ports": []any{"22"}}, obj{"protocol": "icmp", "ports": []any{}}}, "deny": []any{},
			},
		},
		{
			name: "a firewall rule with sources by tag alone", address: "google_compute_firewall.f",
			resources: []res{google("google_compute_firewall.f", obj{"name": "f", "network": "n", "direction": "INGRESS", "source_tags": []any{"web"}, "target_tags": nil, "deny": []any{obj{"protocol": "all"}}}, nil, nil)},
			want: obj{
				"project": "shop", "network": "n", "direction": "INGRESS", "disabled": false, "priority": int64(1000),
				"source_ranges": []any{}, "source_tags": []any{"web"}, "target_tags": []any{},
				"allow": []any{}, "deny": []any{obj{"protocol": "all", "ports": []any{}}},
			},
		},
		{
			name: "a firewall rule with sources by tag alone, of a provider that computes ranges", address: "google_compute_firewall.f",
			resources: []res{google("google_compute_firewall.f", obj{"name": "f", "network": "n", "source_tags": []any{"web"}, "target_tags": nil, "deny": []any{obj{"protocol": "all"}}}, obj{"direction": true, "source_ranges": true}, nil)},
			want: obj{
				"project": "shop", "network": "n", "direction": "INGRESS", "disabled": false, "priority": int64(1000),
				"source_ranges": []any{}, "source_tags": []any{"web"}, "target_tags": []any{},
				"allow": []any{}, "deny": []any{obj{"protocol": "all", "ports": []any{}}},
			},
		},
		{
			name: "a firewall rule without sources, of a provider that computes ranges", address: "google_compute_firewall.f",
			resources: []res{google("google_compute_firewall.f", obj{"name": "f", "network": "n", "source_tags": nil, "target_tags": nil, "deny": []any{obj{"protocol": "all"}}}, obj{"direction": true, "source_ranges": true}, nil)},
			want: obj{
				"project": "shop", "network": "n", "direction": "INGRESS", "disabled": false, "priority": int64(1000),
				"source_ranges": []any{"0.0.0.0/0"}, "source_tags": []any{}, "target_tags": []any{},
				"allow": []any{}, "deny": []any{obj{"protocol": "all", "ports": []any{}}},
			},
		},
		{
			name: "a database that leaves much to the API", address: "google_sql_database_instance.d",
			resources: []res{google("google_sql_database_instance.d", obj{
				"name": "d", "region": "europe-west3", "database_version": "POSTGRES_16",
				"settings": []any{obj{"tier": "db-f1-micro", "availability_type": "ZONAL", "deletion_protection_enabled": nil}},
			}, obj{
				"instance_type": true, "encryption_key_name": true, "ip_address": true,
				"settings": []any{obj{"activation_policy": true, "edition": true, "backup_configuration": true, "ip_configuration": true, "user_labels": true}},
			}, obj{"settings": []any{obj{"tier": "db-f1-micro"}}})},
			want: obj{
				"project": "shop", "region": "europe-west3", "database_version": "POSTGRES_16", "instance_type": "CLOUD_SQL_INSTANCE", "state": nil,
				"create_time": nil, "encryption_key_name": nil, "ip_address": []any{}, "idle_recommendation": nil,
				"settings": obj{
					"tier": "db-f1-micro", "edition": nil, "activation_policy": "ALWAYS", "availability_type": "ZONAL", "deletion_protection_enabled": false,
					"backup_configuration": nil, "ip_configuration": nil,
				},
			},
		},
		{
			name: "a replica with its settings", address: "google_sql_database_instance.d",
			resources: []res{google("google_sql_database_instance.d", obj{
				"name": "d", "region": "europe-west3", "database_version": "MYSQL_8_0", "encryption_key_name": "k",
				"settings": []any{obj{
					"tier": "db-f1-micro", "edition": "ENTERPRISE", "activation_policy": "ALWAYS", "availability_type": "ZONAL", "deletion_protection_enabled": true,
					"backup_configuration": []any{obj{"enabled": true, "binary_log_enabled": true, "point_in_time_recovery_enabled": nil}},
					"ip_configuration": []any{obj{
						"ipv4_enabled": true, "private_network": nil, "authorized_networks": []any{obj{"name": "", "value": "0.0.0.0/0", "expiration_time": ""}},
					}},
				}},
			}, obj{"instance_type": true, "settings": []any{obj{"ip_configuration": []any{obj{"ssl_mode": true}}}}},
				obj{"master_instance_name": "p", "settings": []any{obj{"ip_configuration": []any{obj{"ipv4_enabled": true}}, "backup_configuration": []any{obj{"enabled": true}}}}})},
			want: obj{
				"project": "shop", "region": "europe-west3", "database_version": "MYSQL_8_0", "instance_type": "READ_REPLICA_INSTANCE", "state": nil,
				"create_time": nil, "encryption_key_name": "k", "ip_address": []any{}, "idle_recommendation": nil,
				"settings": obj{
					"tier": "db-f1-micro", "edition": "ENTERPRISE", "activation_policy": "ALWAYS", "availability_type": "ZONAL", "deletion_protection_enabled": true,
					"backup_configuration": obj{"enabled": true, "binary_log_enabled": true, "point_in_time_recovery_enabled": nil},
					"ip_configuration": obj{
						"ipv4_enabled": true, "private_network": nil, "ssl_mode": nil, "require_ssl": nil,
						"authorized_networks": []any{obj{"name": nil, "value": "0.0.0.0/0", "expiration_time": nil}},
					},
				},
			},
		},
		{
			name: "a service account", address: "google_service_account.a",
			resources: append([]res{google("google_service_account.a", obj{"account_id": "a", "email": "a@shop.iam.gserviceaccount.com", "disabled": nil}, obj{"unique_id": true, "name": true}, nil)},
				grants("google_service_account", "service_account_id", "google_service_account.a.name", nil)...),
			want: obj{"project": "shop", "email": "a@shop.iam.gserviceaccount.com", "unique_id": nil, "disabled": false, "iam_bindings": granted()},
		},
		{
			name: "a service account key", address: "google_service_account_key.k",
			resources: []res{google("google_service_account_key.k", obj{"service_account_id": "projects/shop/serviceAccounts/a@shop.iam.gserviceaccount.com", "key_algorithm": "KEY_ALG_RSA_2048"},
				obj{"valid_after": true, "valid_before": true, "private_key": true}, nil)},
			want: obj{
				"project": "shop", "service_account_email": "a@shop.iam.gserviceaccount.com", "key_type": "USER_MANAGED", "key_algorithm": "KEY_ALG_RSA_2048",
				"disabled": false, "valid_after": nil, "valid_before": nil,
			},
		},
		{
			name: "a dataset with its access list in two places", address: "google_bigquery_dataset.d",
			resources: append([]res{
				google("google_bigquery_dataset.d", obj{"dataset_id": "d", "location": "EU", "default_table_expiration_ms": 3600000}, obj{"access": true}, nil),
				{
					address: "google_bigquery_dataset_access.a", after: obj{"role": "READER", "special_group": "allAuthenticatedUsers", "domain": ""},
					unknown: obj{"iam_member": true, "dataset_id": true}, config: obj{"dataset_id": "=google_bigquery_dataset.d.dataset_id"},
				},
			}, grants("google_bigquery_dataset", "dataset_id", "google_bigquery_dataset.d.dataset_id", nil)...),
			want: obj{
				"project": "shop", "dataset_id": "d", "location": "EU", "default_table_expiration_ms": int64(3600000), "kms_key_name": nil,
				"access": []any{obj{
					"role": "READER", "special_group": "allAuthenticatedUsers", "iam_member": nil, "domain": nil, "user_by_email": nil, "group_by_email": nil,
				}},
				"iam_bindings": granted(),
			},
		},
		{
			name: "a key, its grants and those of its ring", address: "google_kms_crypto_key.k",
			resources: append(append([]res{
				{address: "google_kms_key_ring.r", after: obj{"name": "r"}, unknown: obj{"id": true}, config: obj{"name": "r"}},
				{address: "google_kms_key_ring.other", after: obj{"name": "other"}, unknown: obj{"id": true}, config: obj{"name": "other"}},
				{
					address: "google_kms_key_ring_iam_member.other", after: obj{"role": "roles/owner", "member": "user:bob@example.com"},
					unknown: obj{"key_ring_id": true}, config: obj{"key_ring_id": "=google_kms_key_ring.other.id"},
				},
				{
					address: "google_kms_crypto_key.k", after: obj{"name": "k", "purpose": "ENCRYPT_DECRYPT", "rotation_period": "7776000s", "skip_initial_version_creation": nil},
					unknown: obj{"id": true, "key_ring": true, "primary": true, "import_only": true, "version_template": true}, config: obj{"key_ring": "=google_kms_key_ring.r.id"},
				},
			}, grants("google_kms_crypto_key", "crypto_key_id", "google_kms_crypto_key.k.id", nil)...),
				grants("google_kms_key_ring", "key_ring_id", "google_kms_key_ring.r.id", nil)...),
			want: obj{
				"purpose": "ENCRYPT_DECRYPT", "rotation_period": "7776000s", "next_rotation_time": nil, "import_only": false,
				"primary": obj{"state": "ENABLED"}, "version_template": nil, "iam_bindings": granted(), "key_ring_iam_bindings": granted(),
				"? project": "deferred", "? key_ring": "deferred",
			},
		},
		{
			name: "a key in a ring that exists", address: "google_kms_crypto_key.k",
			resources: []res{
				{address: "google_kms_crypto_key.k", after: obj{
					"name": "k", "key_ring": "projects/shop/locations/eu/keyRings/r", "purpose": "MAC", "rotation_period": nil, "import_only": true,
					"version_template": []any{obj{"algorithm": "HMAC_SHA256", "protection_level": "HSM"}},
				}, unknown: obj{"id": true, "primary": true}, config: obj{"import_only": true}},
				{address: "google_kms_key_ring_iam_member.g", after: obj{"key_ring_id": "shop/eu/r", "role": "roles/viewer", "member": "allUsers"}, config: obj{}},
				{address: "google_kms_key_ring_iam_member.h", after: obj{"key_ring_id": "shop/eu/other", "role": "roles/viewer", "member": "allUsers"}, config: obj{}},
			},
			want: obj{
				"project": "shop", "key_ring": "projects/shop/locations/eu/keyRings/r", "purpose": "MAC", "rotation_period": nil, "next_rotation_time": nil,
				"import_only": true, "primary": nil, "version_template": obj{"algorithm": "HMAC_SHA256", "protection_level": "HSM"}, "iam_bindings": []any{},
				"key_ring_iam_bindings": []any{obj{"role": "roles/viewer", "members": []any{"allUsers"}, "condition": nil}},
			},
		},
		{
			name: "a project", address: "google_project.p",
			resources: []res{{address: "google_project.p", after: obj{"project_id": "shop", "name": "Shop", "org_id": "", "folder_id": "42", "billing_account": "01-02-03"}, unknown: obj{"number": true}, config: obj{}}},
			want: obj{
				"project_id": "shop", "number": nil, "org_id": nil, "folder_id": "42", "lifecycle_state": "ACTIVE", "billing_account": "01-02-03",
				"billing_enabled": true, "iam_bindings": []any{}, "utilization_recommendation": nil,
			},
		},
		{
			name: "a folder", address: "google_folder.f",
			resources: []res{{address: "google_folder.f", after: obj{"display_name": "Shops", "parent": "organizations/42"}, unknown: obj{"folder_id": true, "lifecycle_state": true}, config: obj{}}},
			want:      obj{"folder_id": nil, "display_name": "Shops", "parent": "organizations/42", "lifecycle_state": "ACTIVE", "iam_bindings": []any{}},
		},
		{
			name: "a grant on a project that is not in the plan", address: "google_project_iam_member.g",
			resources: []res{{address: "google_project_iam_member.g", after: obj{"project": "shop", "role": "roles/owner", "member": "user:ann@example.com"}, config: obj{}}},
			want: obj{
				"level": "project", "parent": "shop",
				"iam_bindings": []any{obj{"role": "roles/owner", "members": []any{"user:ann@example.com"}, "condition": nil}},
			},
		},
		{
			name: "a grant on an organisation with a member that is not known yet", address: "google_organization_iam_binding.g",
			resources: []res{{address: "google_organization_iam_binding.g", after: obj{"org_id": "42", "role": "roles/owner", "members": []any{"user:ann@example.com", nil}}, unknown: obj{"members": []any{false, true}}, config: obj{}}},
			want: obj{
				"level": "organization", "parent": "42",
				"iam_bindings":               []any{obj{"role": "roles/owner", "members": []any{"user:ann@example.com", nil}, "condition": nil}},
				"? iam_bindings.0.members.1": "deferred",
			},
		},
		{
			name: "the whole policy of a folder, not known yet", address: "google_folder_iam_policy.g",
			resources: []res{{address: "google_folder_iam_policy.g", after: obj{"folder": "folders/42"}, unknown: obj{"policy_data": true}, config: obj{}}},
			want:      obj{"level": "folder", "parent": "folders/42", "? iam_bindings": "deferred"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := attributes(t, c.address, c.resources...)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGoogleTagsAndRegions(t *testing.T) {
	p := open(t, fixture(t,
		google("google_storage_bucket.b", obj{"name": "b", "location": "EUROPE-WEST3", "labels": obj{"owner": "a"}, "effective_labels": obj{"owner": "a", "goog-terraform-provisioned": "true"}}, nil, nil),
		google("google_sql_database_instance.d", obj{"name": "d", "region": "europe-west3", "settings": []any{obj{"tier": "t", "user_labels": obj{"owner": "b"}}}}, nil, nil),
		google("google_compute_firewall.f", obj{"name": "f"}, nil, nil),
		google("google_kms_crypto_key.k", obj{"name": "k", "key_ring": "projects/shop/locations/europe-west3/keyRings/r"}, nil, nil),
		google("google_kms_crypto_key.u", obj{"name": "u"}, obj{"key_ring": true}, obj{"key_ring": "=google_kms_key_ring.r.id"}),
		google("google_compute_disk.z", obj{"name": "z", "zone": "projects/shop/zones/europe-west3-a"}, nil, nil),
		google("google_compute_disk.u", obj{"name": "u"}, obj{"zone": true}, obj{"zone": "=data.google_compute_zones.z.names"}),
		google("google_compute_address.a", obj{"name": "a"}, obj{"region": true}, nil),
	), Options{})
	type about struct {
		Region string
		Untold bool
		Tags   map[string]string
	}
	got := map[string]about{}
	for id, r := range collect(t, p).byID() {
		got[id] = about{r.Region, r.Unknown["region"] == deferred, r.Tags}
	}
	want := map[string]about{
		"google_storage_bucket.b":        {"europe-west3", false, map[string]string{"owner": "a", "goog-terraform-provisioned": "true"}},
		"google_sql_database_instance.d": {"europe-west3", false, map[string]string{"owner": "b"}},
		"google_compute_firewall.f":      {"", false, map[string]string{}},
		"google_kms_crypto_key.k":        {"europe-west3", false, map[string]string{}},
		"google_kms_crypto_key.u":        {"", true, map[string]string{}},
		"google_compute_disk.z":          {"europe-west3", false, map[string]string{}},
		"google_compute_disk.u":          {"", true, map[string]string{}},
		"google_compute_address.a":       {"", true, map[string]string{}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAGrantOnABucketThatIsNotCertainIsUnknown(t *testing.T) {
	b := google("google_storage_bucket.b", obj{"name": "b", "location": "EU"}, nil, nil)
	g := res{
		address: "google_storage_bucket_iam_member.g", after: obj{"role": "roles/viewer", "member": "allUsers"},
		unknown: obj{"bucket": true}, config: obj{"bucket": "=local.bucket"},
	}
	got := attributes(t, "google_storage_bucket.b", b, g)
	if got["? iam_bindings"] != string(providers.Deferred) {
		t.Errorf("iam_bindings are %v, unknown %v", got["iam_bindings"], got["? iam_bindings"])
	}
}

func TestAPublicAddressThatAChangeTakesAwayIsGoneFromThePlan(t *testing.T) {
	instance := func(public bool) obj {
		return obj{
			"project": "shop", "name": "d", "database_version": "POSTGRES_16", "instance_type": "CLOUD_SQL_INSTANCE",
			"settings":   []any{obj{"tier": "t", "ip_configuration": []any{obj{"ipv4_enabled": public, "private_network": "n"}}}},
			"ip_address": []any{obj{"type": "PRIMARY", "ip_address": "203.0.113.7"}, obj{"type": "PRIVATE", "ip_address": "10.0.0.7"}},
		}
	}
	private := []any{obj{"type": "PRIVATE", "ip_address": "10.0.0.7"}}
	for action, want := range map[string]any{"update": private, "no-op": instance(false)["ip_address"]} {
		got := attributes(t, "google_sql_database_instance.d", res{
			address: "google_sql_database_instance.d", action: action, before: instance(action == "update"), after: instance(false),
			config: obj{"name": "d"},
		})
		if diff := cmp.Diff(want, got["ip_address"]); diff != "" {
			t.Errorf("%s: ip_address (-want +got):\n%s", action, diff)
		}
	}
}

// The state of an existing resource has only what the provider knew that wrote it.
func TestWhatTheProviderDidNotKnowYetIsUnknown(t *testing.T) {
	bucket := google("google_storage_bucket.b", obj{"name": "b", "location": "EU", "lifecycle_rule": []any{}}, nil, nil)
	database := google("google_sql_database_instance.d", obj{"name": "d", "settings": []any{obj{"tier": "t", "ip_configuration": []any{obj{"ipv4_enabled": true, "require_ssl": false}}}}}, nil, nil)
	encrypted := google("google_sql_database_instance.e", obj{"name": "e", "settings": []any{obj{"tier": "t", "ip_configuration": []any{obj{"ipv4_enabled": true, "require_ssl": true}}}}}, nil, nil)
	bucket.action, database.action, encrypted.action = "no-op", "no-op", "update"
	r := collect(t, open(t, fixture(t, bucket, database, encrypted), Options{})).byID()
	if why, open := r["google_sql_database_instance.e"].Unknown["settings.ip_configuration.ssl_mode"]; open {
		t.Errorf("require_ssl is on, and ssl_mode is unknown (%s)", why)
	}
	for _, c := range []struct{ id, path string }{
		{"google_storage_bucket.b", "autoclass"},
		{"google_storage_bucket.b", "public_access_prevention"},
		{"google_storage_bucket.b", "uniform_bucket_level_access"},
		{"google_sql_database_instance.d", "settings.deletion_protection_enabled"},
		{"google_sql_database_instance.d", "settings.ip_configuration.ssl_mode"},
	} {
		if got := r[c.id].Unknown[c.path]; got != providers.Deferred {
			t.Errorf("%s: %s is unknown because of %q, want %q", c.id, c.path, got, providers.Deferred)
		}
	}
}
