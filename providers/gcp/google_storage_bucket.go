package gcp

func storageBucket() kind {
	const asset = "storage.googleapis.com/Bucket"
	return kind{
		typ:     "google_storage_bucket",
		assets:  []string{asset},
		labels:  topLabels,
		created: "timeCreated",
		name:    nameField,
		read: func(d document) map[string]any {
			return map[string]any{
				"project":                     d.project(),
				"location":                    d.data.textOr("", "location"),
				"storage_class":               d.data.textOr("STANDARD", "storageClass"),
				"uniform_bucket_level_access": d.data.flag("iamConfiguration", "uniformBucketLevelAccess", "enabled"),
				"public_access_prevention":    publicAccessPrevention(d.data),
				"versioning":                  map[string]any{"enabled": d.data.flag("versioning", "enabled")},
				"lifecycle_rule":              each(d.data.objects("lifecycle", "rule"), lifecycleRule),
				"autoclass":                   autoclass(d.data),
				"kms_key_name":                d.data.text("encryption", "defaultKmsKeyName"),
			}
		},
		policies: own(asset),
		constraints: []constraint{{
			attribute:  "public_access_prevention_constraint",
			constraint: "storage.publicAccessPrevention",
		}},
	}
}

// publicAccessPrevention reads the setting; "unspecified" is what the API once
// called "inherited".
func publicAccessPrevention(data object) string {
	if data.textOr("", "iamConfiguration", "publicAccessPrevention") == "enforced" {
		return "enforced"
	}
	return "inherited"
}

func autoclass(data object) any {
	if data.object("autoclass") == nil {
		return nil
	}
	return map[string]any{"enabled": data.flag("autoclass", "enabled")}
}

func lifecycleRule(o object) any {
	var state any
	switch o.maybe("condition", "isLive") {
	case true:
		state = "LIVE"
	case false:
		state = "ARCHIVED"
	}
	return map[string]any{
		"action": map[string]any{
			"type":          o.textOr("", "action", "type"),
			"storage_class": o.text("action", "storageClass"),
		},
		"condition": map[string]any{
			"age":                        o.number("condition", "age"),
			"created_before":             o.text("condition", "createdBefore"),
			"with_state":                 state,
			"num_newer_versions":         o.number("condition", "numNewerVersions"),
			"days_since_noncurrent_time": o.number("condition", "daysSinceNoncurrentTime"),
		},
	}
}
