package gcp

import "slices"

func sqlDatabaseInstance() kind {
	return kind{
		typ:     "google_sql_database_instance",
		assets:  []string{"sqladmin.googleapis.com/Instance"},
		labels:  func(o object) object { return o.object("settings", "userLabels") },
		created: "createTime",
		name:    nameField,
		read: func(d document) map[string]any {
			return map[string]any{
				"project":             d.project(),
				"region":              d.data.textOr("", "region"),
				"database_version":    d.data.textOr("", "databaseVersion"),
				"instance_type":       d.data.textOr("CLOUD_SQL_INSTANCE", "instanceType"),
				"state":               d.data.text("state"),
				"create_time":         d.data.text("createTime"),
				"encryption_key_name": d.data.text("diskEncryptionConfiguration", "kmsKeyName"),
				"ip_address": each(d.data.objects("ipAddresses"), func(o object) any {
					return map[string]any{"type": o.textOr("", "type"), "ip_address": o.text("ipAddress")}
				}),
				"settings": sqlSettings(d.data),
			}
		},
		advice: []advice{{
			attribute:   "idle_recommendation",
			recommender: "google.cloudsql.instance.IdleRecommender",
			permission:  "recommender.cloudsqlIdleInstanceRecommendations.list",
			location:    func(d document) string { return d.data.textOr("", "region") },
		}},
	}
}

func sqlSettings(data object) any {
	s := data.object("settings")
	if s == nil {
		return nil
	}
	return map[string]any{
		"tier":                        s.textOr("", "tier"),
		"edition":                     s.text("edition"),
		"activation_policy":           s.text("activationPolicy"),
		"availability_type":           s.text("availabilityType"),
		"deletion_protection_enabled": s.flag("deletionProtectionEnabled"),
		"backup_configuration":        sqlBackups(s.object("backupConfiguration")),
		"ip_configuration":            sqlNetwork(s.object("ipConfiguration"), data.objects("ipAddresses")),
	}
}

func sqlBackups(o object) any {
	if o == nil {
		return nil
	}
	return map[string]any{
		"enabled":                        o.flag("enabled"),
		"point_in_time_recovery_enabled": o.maybe("pointInTimeRecoveryEnabled"),
		"binary_log_enabled":             o.maybe("binaryLogEnabled"),
	}
}

// sqlNetwork reads the network settings. Where these do not say whether there is
// a public address, the addresses that the instance has do.
func sqlNetwork(o object, addresses []object) any {
	if o == nil {
		return nil
	}
	public := o.maybe("ipv4Enabled")
	if public == nil {
		public = slices.ContainsFunc(addresses, func(a object) bool { return a.textOr("", "type") == "PRIMARY" })
	}
	return map[string]any{
		"ipv4_enabled":    public,
		"private_network": o.text("privateNetwork"),
		"ssl_mode":        sslMode(o),
		"require_ssl":     o.maybe("requireSsl"),
		"authorized_networks": each(o.objects("authorizedNetworks"), func(a object) any {
			return map[string]any{
				"name":            a.text("name"),
				"value":           a.textOr("", "value"),
				"expiration_time": a.text("expirationTime"),
			}
		}),
	}
}

func sslMode(o object) any {
	if o.textOr("", "sslMode") == "SSL_MODE_UNSPECIFIED" {
		return nil
	}
	return o.text("sslMode")
}
