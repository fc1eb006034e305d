package terraform

import "slices"

// dbMembers are the Terraform types of instances that are members of a cluster. The
// RDS API lists them with the instances that stand alone.
func dbMembers() []string {
	return []string{"aws_docdb_cluster_instance", "aws_neptune_cluster_instance", "aws_rds_cluster_instance"}
}

// awsDBInstance leaves the storage type open where nobody set it: RDS chose gp2 for
// long and gp3 by now, and io1 where there are provisioned IOPS.
func awsDBInstance() mapping {
	return mapping{
		typ:     "aws_db_instance",
		also:    dbMembers(),
		name:    "identifier",
		settled: []string{"backup_retention_period", "database_connections_daily", "engine_lifecycle_support", "engine_support", "iam_database_authentication_enabled", "multi_az", "storage_encrypted"},
		attributes: map[string]func(n *node) any{
			"auto_minor_version_upgrade": func(n *node) any { return or(n.at("auto_minor_version_upgrade"), true) },
			"backup_retention_period": func(n *node) any {
				// The provider sends 0 where nobody set anything: resourceInstanceCreate.
				return dbDefault(n, "backup_retention_period", int64(0))
			},
			"cluster_identifier": func(n *node) any {
				if !dbMember(n) {
					return nil
				}
				// That it is a member is certain, whichever cluster it will be.
				id := n.at("cluster_identifier")
				if !isUnknown(id) {
					return id
				}
				if to, exact := n.refs("cluster_identifier"); exact && len(to) == 1 {
					return to[0].address
				}
				return "(known after apply)"
			},
			"copy_tags_to_snapshot":               func(n *node) any { return or(n.at("copy_tags_to_snapshot"), false) },
			"deletion_protection":                 func(n *node) any { return or(n.at("deletion_protection"), false) },
			"enabled_cloudwatch_logs_exports":     func(n *node) any { return or(n.at("enabled_cloudwatch_logs_exports"), []any{}) },
			"iam_database_authentication_enabled": func(n *node) any { return dbDefault(n, "iam_database_authentication_enabled", false) },
			"max_allocated_storage":               func(n *node) any { return then(n.at("max_allocated_storage"), zeroIsNull) },
			"monitoring_interval":                 func(n *node) any { return or(n.at("monitoring_interval"), int64(0)) },
			"multi_az":                            func(n *node) any { return dbDefault(n, "multi_az", false) },
			// Members of an Aurora cluster take it from their subnets when it is not set.
			"publicly_accessible": func(n *node) any { return or(n.at("publicly_accessible"), false) },
			"replicate_source_db": func(n *node) any {
				if dbMember(n) {
					return nil
				}
				return or(n.at("replicate_source_db"), nil)
			},
			"status":            func(*node) any { return nil },
			"storage_encrypted": func(n *node) any { return dbDefault(n, "storage_encrypted", false) },
		},
	}
}

// zeroIsNull is for numbers of which Terraform writes 0 for "not set".
func zeroIsNull(v any) any {
	if v == int64(0) || v == float64(0) {
		return nil
	}
	return v
}

func dbMember(n *node) bool { return slices.Contains(dbMembers(), n.typ) }

// dbDefault returns an attribute of an instance, or what a new instance gets for it
// when nobody sets it. An instance that is made from something else takes it from there.
func dbDefault(n *node, attribute string, fallback any) any {
	v := n.at(attribute)
	if v != nil && !isUnknown(v) {
		return v
	}
	if !n.isNew() || dbMember(n) || isUnknown(v) && n.configured(attribute) {
		return unknown{deferred}
	}
	for _, source := range []string{"replicate_source_db", "restore_to_point_in_time", "s3_import", "snapshot_identifier"} {
		if n.configured(source) {
			return unknown{deferred}
		}
	}
	return fallback
}
