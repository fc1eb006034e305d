package gcp

func folder() kind {
	return kind{
		typ:     "google_folder",
		assets:  []string{folderAsset},
		created: "createTime",
		name:    func(d document) string { return d.data.textOr("", "displayName") },
		read: func(d document) map[string]any {
			return map[string]any{
				"folder_id":       orNull(baseName(d.name)),
				"display_name":    d.data.textOr("", "displayName"),
				"parent":          d.data.textOr("", "parent"),
				"lifecycle_state": lifecycleState(d.data),
			}
		},
		policies: own(folderAsset),
	}
}
