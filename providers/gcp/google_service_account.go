package gcp

func serviceAccount() kind {
	const asset = "iam.googleapis.com/ServiceAccount"
	return kind{
		typ:    "google_service_account",
		assets: []string{asset},
		name:   func(d document) string { return d.data.textOr("", "email") },
		read: func(d document) map[string]any {
			return map[string]any{
				"project":   d.project(),
				"email":     d.data.textOr("", "email"),
				"unique_id": d.data.text("uniqueId"),
				"disabled":  d.data.flag("disabled"),
			}
		},
		policies: own(asset),
	}
}
