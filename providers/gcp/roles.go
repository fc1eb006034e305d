package gcp

import "slices"

// Roles returns the smallest predefined roles that grant the permissions,
// sorted, and the permissions that none of them grants.
//
// The table holds only what this provider asks for. It follows Google's "IAM
// basic and predefined roles reference".
func Roles(permissions []string) (roles, ungranted []string) {
	for _, p := range permissions {
		role := roleOf(p)
		switch {
		case role == "":
			ungranted = append(ungranted, p)
		case !slices.Contains(roles, role):
			roles = append(roles, role)
		}
	}
	slices.Sort(roles)
	slices.Sort(ungranted)
	return roles, ungranted
}

func roleOf(permission string) string {
	switch permission {
	case "cloudasset.assets.listIamPolicy", "cloudasset.assets.listResource":
		return "roles/cloudasset.viewer"
	case "orgpolicy.policy.get":
		return "roles/orgpolicy.policyViewer"
	case "recommender.cloudsqlIdleInstanceRecommendations.list":
		return "roles/recommender.cloudsqlViewer"
	case "recommender.computeInstanceIdleResourceRecommendations.list",
		"recommender.computeInstanceMachineTypeRecommendations.list":
		return "roles/recommender.computeViewer"
	case "recommender.resourcemanagerProjectUtilizationRecommendations.list":
		return "roles/recommender.projectUtilViewer"
	case "resourcemanager.organizations.get", "resourcemanager.projects.get":
		return "roles/browser"
	case useQuotaProject:
		return "roles/serviceusage.serviceUsageConsumer"
	}
	return ""
}
