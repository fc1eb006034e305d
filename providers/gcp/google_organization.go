package gcp

func organization() kind {
	const asset = "cloudresourcemanager.googleapis.com/Organization"
	return kind{
		typ:     "google_organization",
		assets:  []string{asset},
		created: "creationTime",
		name:    func(d document) string { return d.data.textOr("", "displayName") },
		read: func(d document) map[string]any {
			customer := d.data.text("owner", "directoryCustomerId") // version 1 of the API
			if customer == nil {
				customer = d.data.text("directoryCustomerId") // version 3
			}
			return map[string]any{
				"org_id":                baseName(d.name),
				"domain":                d.data.textOr("", "displayName"),
				"directory_customer_id": customer,
			}
		},
		policies: own(asset),
	}
}
