package gcp

func bigqueryDataset() kind {
	const asset = "bigquery.googleapis.com/Dataset"
	return kind{
		typ:     "google_bigquery_dataset",
		assets:  []string{asset},
		labels:  topLabels,
		created: "creationTime",
		name:    func(d document) string { return d.data.textOr("", "datasetReference", "datasetId") },
		read: func(d document) map[string]any {
			return map[string]any{
				"project":                     d.project(),
				"dataset_id":                  d.data.textOr("", "datasetReference", "datasetId"),
				"location":                    d.data.textOr("", "location"),
				"access":                      each(d.data.objects("access"), datasetAccess),
				"default_table_expiration_ms": d.data.number("defaultTableExpirationMs"),
				"kms_key_name":                d.data.text("defaultEncryptionConfiguration", "kmsKeyName"),
			}
		},
		policies: own(asset),
	}
}

func datasetAccess(o object) any {
	return map[string]any{
		"role":           o.text("role"),
		"special_group":  o.text("specialGroup"),
		"iam_member":     o.text("iamMember"),
		"domain":         o.text("domain"),
		"user_by_email":  o.text("userByEmail"),
		"group_by_email": o.text("groupByEmail"),
	}
}
