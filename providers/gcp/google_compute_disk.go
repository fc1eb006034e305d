package gcp

func computeDisk() kind {
	const asset = "compute.googleapis.com/Disk"
	return kind{
		typ:     "google_compute_disk",
		assets:  []string{asset},
		labels:  topLabels,
		created: "creationTimestamp",
		name:    nameField,
		read: func(d document) map[string]any {
			return map[string]any{
				"project":               d.project(),
				"zone":                  d.data.baseOr("", "zone"),
				"size":                  d.data.number("sizeGb"),
				"type":                  d.data.baseOr("pd-standard", "type"),
				"users":                 resourceNames(d.data, "users"),
				"kms_key_self_link":     d.data.text("diskEncryptionKey", "kmsKeyName"),
				"creation_timestamp":    d.data.text("creationTimestamp"),
				"last_attach_timestamp": d.data.text("lastAttachTimestamp"),
				"last_detach_timestamp": d.data.text("lastDetachTimestamp"),
			}
		},
		policies: own(asset),
	}
}

// resourceNames returns a list of URLs as full resource names.
func resourceNames(data object, path ...string) []any {
	out := data.strings(path...)
	for i, v := range out {
		if url, ok := v.(string); ok {
			out[i] = resourceName(url)
		}
	}
	return out
}
