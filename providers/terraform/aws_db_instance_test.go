package terraform

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// newInstance is an instance that does not exist yet, as provider 6 plans it, with
// more set.
func newInstance(more obj) res {
	mask := obj{}
	for _, a := range []string{
		"id", "arn", "availability_zone", "backup_retention_period", "ca_cert_identifier", "engine_lifecycle_support", "engine_version",
		"kms_key_id", "multi_az", "port", "snapshot_identifier", "status", "storage_type", "vpc_security_group_ids",
	} {
		mask[a] = true
	}
	after := obj{
		"identifier": "payments", "engine": "postgres", "instance_class": "db.m6g.large", "allocated_storage": 100,
		"auto_minor_version_upgrade": true, "copy_tags_to_snapshot": false, "deletion_protection": nil,
		"enabled_cloudwatch_logs_exports": nil, "iam_database_authentication_enabled": nil, "iops": nil,
		"max_allocated_storage": nil, "monitoring_interval": 0, "publicly_accessible": false, "replicate_source_db": nil,
		"storage_encrypted": nil, "restore_to_point_in_time": []any{}, "s3_import": []any{},
	}
	config := obj{"identifier": "payments", "engine": "postgres", "instance_class": "db.m6g.large", "allocated_storage": 100}
	for k, v := range more {
		config[k] = v
		if s, ok := v.(string); ok && len(s) > 0 && s[0] == '=' {
			delete(after, k)
			mask[k] = true
			continue
		}
		after[k] = v
		delete(mask, k)
	}
	return res{address: "aws_db_instance.db", after: after, unknown: mask, config: config}
}

// plainInstance is what is known of newInstance(nil).
func plainInstance() obj {
	return obj{
		"allocated_storage": int64(100), "auto_minor_version_upgrade": true, "backup_retention_period": int64(0), "cluster_identifier": nil,
		"copy_tags_to_snapshot": false, "deletion_protection": false, "enabled_cloudwatch_logs_exports": []any{}, "engine": "postgres",
		"iam_database_authentication_enabled": false, "instance_class": "db.m6g.large", "iops": nil, "max_allocated_storage": nil,
		"monitoring_interval": int64(0), "multi_az": false, "publicly_accessible": false, "replicate_source_db": nil, "status": nil,
		"storage_encrypted":   false,
		"? availability_zone": "deferred", "? ca_cert_identifier": "deferred", "? database_connections_daily": "deferred",
		"? engine_lifecycle_support": "deferred", "? engine_support": "deferred", "? engine_version": "deferred",
		"? ingress_from_anywhere": "deferred", "? internet_gateway_route": "deferred", "? kms_key_id": "deferred",
		"? port": "deferred", "? storage_type": "deferred", "? vpc_security_group_ids": "deferred",
	}
}

func TestANewInstanceHasTheDefaultsThatAreCertain(t *testing.T) {
	if diff := cmp.Diff(plainInstance(), attributes(t, "aws_db_instance.db", newInstance(nil))); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestAnInstanceHasWhatIsConfigured(t *testing.T) {
	want := plainInstance()
	configured := obj{
		"backup_retention_period": int64(14), "multi_az": true, "storage_encrypted": true, "storage_type": "gp3", "max_allocated_storage": int64(500),
		"publicly_accessible": true, "enabled_cloudwatch_logs_exports": []any{"postgresql"},
	}
	for k, v := range configured {
		want[k] = v
		delete(want, "? "+k)
	}
	got := attributes(t, "aws_db_instance.db", newInstance(obj{
		"backup_retention_period": 14, "multi_az": true, "storage_encrypted": true, "storage_type": "gp3", "max_allocated_storage": 500,
		"publicly_accessible": true, "enabled_cloudwatch_logs_exports": []any{"postgresql"},
	}))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestAnInstanceThatIsMadeFromSomethingElseTakesItsSettingsFromThere(t *testing.T) {
	for _, source := range []obj{
		{"snapshot_identifier": "rds:payments-2026-01-01"},
		{"snapshot_identifier": "=data.aws_db_snapshot.latest.id"},
		{"replicate_source_db": "=aws_db_instance.primary.identifier"},
	} {
		got := attributes(t, "aws_db_instance.db", newInstance(source))
		for _, a := range []string{"backup_retention_period", "iam_database_authentication_enabled", "multi_az", "storage_encrypted"} {
			if _, ok := got[a]; ok || got["? "+a] != "deferred" {
				t.Errorf("%v: %s is %v, want unknown", source, a, got[a])
			}
		}
	}
}

func TestAMemberOfAClusterIsOneBeforeTheClusterExists(t *testing.T) {
	member := res{
		address: "aws_rds_cluster_instance.a",
		after:   obj{"identifier": "a", "engine": "aurora-mysql", "instance_class": "db.r6g.large", "auto_minor_version_upgrade": true, "monitoring_interval": 0},
		unknown: obj{"id": true, "arn": true, "cluster_identifier": true, "publicly_accessible": true, "storage_encrypted": true},
		config:  obj{"identifier": "a", "cluster_identifier": "=aws_rds_cluster.orders.id"},
	}
	cluster := res{address: "aws_rds_cluster.orders", after: obj{"engine": "aurora-mysql"}, unknown: obj{"id": true}}
	got := attributes(t, "aws_rds_cluster_instance.a", member, cluster)
	wanted := obj{
		"cluster_identifier": "aws_rds_cluster.orders", "replicate_source_db": nil,
		"? publicly_accessible": "deferred", "? storage_encrypted": "deferred", "? multi_az": "deferred", "? backup_retention_period": "deferred",
	}
	for a, want := range wanted {
		v, ok := got[a]
		if !ok || v != want {
			t.Errorf("%s is %v, want %v", a, v, want)
		}
	}
}
