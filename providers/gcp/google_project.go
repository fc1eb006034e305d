package gcp

import "strings"

const (
	projectAsset = "cloudresourcemanager.googleapis.com/Project"
	billingAsset = "cloudbilling.googleapis.com/ProjectBillingInfo"
)

func project() kind {
	return kind{
		typ:     "google_project",
		assets:  []string{projectAsset},
		labels:  topLabels,
		created: "createTime",
		name:    func(d document) string { return d.data.textOr("", "projectId") },
		read: func(d document) map[string]any {
			parentType, parentID := projectParent(d.data)
			return map[string]any{
				"project_id":      d.data.textOr("", "projectId"),
				"number":          projectNumber(d),
				"org_id":          onlyIf(parentType == "organization", parentID),
				"folder_id":       onlyIf(parentType == "folder", parentID),
				"lifecycle_state": lifecycleState(d.data),
				"billing_account": d.billing.base("billingAccountName"),
				"billing_enabled": d.billing.flag("billingEnabled"),
			}
		},
		policies: own(projectAsset),
		advice: []advice{{
			attribute:   "utilization_recommendation",
			recommender: "google.resourcemanager.projectUtilization.Recommender",
			permission:  "recommender.resourcemanagerProjectUtilizationRecommendations.list",
			location:    func(document) string { return "global" },
			none:        func(d document) bool { return lifecycleState(d.data) != "ACTIVE" },
		}},
	}
}

// projectParent reads the parent in the form of version 1 of the API, an
// object, and in that of version 3, a path.
func projectParent(data object) (typ, id string) {
	if path := data.textOr("", "parent"); path != "" {
		kind, id, _ := strings.Cut(path, "/")
		return strings.TrimSuffix(kind, "s"), id
	}
	return data.textOr("", "parent", "type"), data.textOr("", "parent", "id")
}

// projectNumber returns the number, which is the last step of the asset's name too.
func projectNumber(d document) any {
	if n := d.data.text("projectNumber"); n != nil {
		return n
	}
	if n := baseName(d.name); digits.MatchString(n) {
		return n
	}
	return nil
}

// lifecycleState reads the state of a project or folder: of version 1 and of version 3 of the API.
func lifecycleState(data object) string {
	return data.textOr(data.textOr("ACTIVE", "state"), "lifecycleState")
}

func onlyIf(condition bool, s string) any {
	if condition {
		return orNull(s)
	}
	return nil
}

// orNull returns null for an empty string.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
