package terraform

func googleSQLDatabaseInstance() mapping {
	return mapping{
		typ:     "google_sql_database_instance",
		settled: []string{"settings"},
		attributes: map[string]func(n *node) any{
			"project":             googleProject,
			"database_version":    func(n *node) any { return n.at("database_version") },
			"instance_type":       sqlType,
			"state":               null,
			"create_time":         null,
			"encryption_key_name": func(n *node) any { return unset(n, nil, "encryption_key_name") },
			"ip_address":          sqlAddresses,
			"settings":            sqlSettings,
			"idle_recommendation": null,
		},
		tags: func(n *node) any { return unset(n, nil, "settings", 0, "user_labels") },
	}
}

// sqlAddresses leaves out the public address that a change takes away: the provider
// shows the addresses from before in the plan of an update.
func sqlAddresses(n *node) any {
	if n.isNew() {
		return []any{}
	}
	addresses, known := n.at("ip_address").([]any)
	if !known || n.action != "update" || n.at("settings", 0, "ip_configuration", 0, "ipv4_enabled") != false {
		return n.at("ip_address")
	}
	left := []any{}
	for _, a := range addresses {
		if at(a, "type") != "PRIMARY" {
			left = append(left, a)
		}
	}
	return left
}

// sqlType tells a replica by the primary that it names.
func sqlType(n *node) any {
	switch v := n.at("instance_type"); {
	case !isUnknown(v) && v != nil && v != "":
		return v
	case n.configured("instance_type"):
		return v
	case n.configured("master_instance_name"):
		return "READ_REPLICA_INSTANCE"
	}
	return "CLOUD_SQL_INSTANCE"
}

func sqlSettings(n *node) any {
	settings := n.at("settings", 0)
	if settings == nil || isUnknown(settings) {
		return settings // a clone has those of its original
	}
	protected := unset(n, false, "settings", 0, "deletion_protection_enabled")
	if known, _ := settings.(map[string]any); !n.isNew() && known != nil {
		if _, there := known["deletion_protection_enabled"]; !there {
			protected = unknown{deferred} // a provider from before there was the attribute
		}
	}
	return map[string]any{
		"tier":                        at(settings, "tier"),
		"edition":                     unset(n, nil, "settings", 0, "edition"),
		"activation_policy":           unset(n, "ALWAYS", "settings", 0, "activation_policy"),
		"availability_type":           at(settings, "availability_type"),
		"deletion_protection_enabled": protected,
		"backup_configuration":        sqlBackups(n),
		"ip_configuration":            sqlNetwork(n),
	}
}

func sqlBackups(n *node) any {
	block := none(unset(n, nil, "settings", 0, "backup_configuration"))
	return then(block, func(v any) any {
		if v == nil {
			return nil
		}
		part := func(name string, fallback any) any {
			return unset(n, fallback, "settings", 0, "backup_configuration", 0, name)
		}
		return map[string]any{
			"enabled":                        part("enabled", false),
			"point_in_time_recovery_enabled": part("point_in_time_recovery_enabled", nil),
			"binary_log_enabled":             part("binary_log_enabled", nil),
		}
	})
}

func sqlNetwork(n *node) any {
	block := none(unset(n, nil, "settings", 0, "ip_configuration"))
	return then(block, func(v any) any {
		if v == nil {
			return nil
		}
		part := func(name string, fallback any) any {
			return unset(n, fallback, "settings", 0, "ip_configuration", 0, name)
		}
		return map[string]any{
			"ipv4_enabled":        part("ipv4_enabled", true),
			"private_network":     part("private_network", nil),
			"ssl_mode":            sqlTLS(n, at(v, 0), part("ssl_mode", nil)),
			"require_ssl":         part("require_ssl", nil),
			"authorized_networks": part("authorized_networks", []any{}),
		}
	})
}

// sqlTLS is the ssl_mode of a block. The state of an existing instance that a provider from
// before there was the argument wrote does not have it: then only the live instance tells,
// unless require_ssl is on, which no mode takes back.
func sqlTLS(n *node, block, mode any) any {
	known, ok := block.(map[string]any)
	if _, there := known["ssl_mode"]; !ok || there || n.isNew() || known["require_ssl"] == true {
		return mode
	}
	return unknown{deferred}
}
