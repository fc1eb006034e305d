package terraform

const bqAccess = "google_bigquery_dataset_access"

func googleBigQueryDataset() mapping {
	by := []string{"dataset_id", "id"}
	return mapping{
		typ:  "google_bigquery_dataset",
		name: "dataset_id",
		satellites: append(iamSatellites("google_bigquery_dataset", "dataset_id", by...),
			satellite{typ: bqAccess, ref: "dataset_id", by: by, affects: []string{"access"}}),
		attributes: map[string]func(n *node) any{
			"project":                     googleProject,
			"location":                    func(n *node) any { return unset(n, "US", "location") },
			"access":                      bqEntries,
			"default_table_expiration_ms": func(n *node) any { return positive(unset(n, nil, "default_table_expiration_ms")) },
			"kms_key_name":                func(n *node) any { return n.at("default_encryption_configuration", 0, "kms_key_name") },
			"iam_bindings":                iamBindings("google_bigquery_dataset"),
		},
	}
}

// bqEntries returns the access list. A new dataset without one gets entries for the
// project's own people.
func bqEntries(n *node) any {
	entries := unset(n, []any{}, "access")
	out, ok := entries.([]any)
	if !ok {
		return entries
	}
	for _, s := range n.all(bqAccess) {
		entry := map[string]any{}
		for _, a := range []string{"role", "special_group", "iam_member", "domain", "user_by_email", "group_by_email"} {
			entry[a] = unset(s, nil, a)
		}
		out = append(out, entry)
	}
	return out
}
