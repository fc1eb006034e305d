package terraform

import "strings"

func googleServiceAccountKey() mapping {
	return mapping{
		typ:    "google_service_account_key",
		region: global,
		attributes: map[string]func(n *node) any{
			"project":               func(n *node) any { return projectIn(n.at("service_account_id")) },
			"service_account_email": keyAccount,
			"key_type":              func(*node) any { return "USER_MANAGED" },
			"disabled":              func(*node) any { return false },
			"valid_after":           func(n *node) any { return later(n, nil, "valid_after") },
			"valid_before":          func(n *node) any { return later(n, nil, "valid_before") },
		},
	}
}

// keyAccount returns the address in the service account's name; null where the
// name has its number instead.
func keyAccount(n *node) any {
	return then(lastStep(n.at("service_account_id")), func(v any) any {
		if s, _ := v.(string); strings.Contains(s, "@") {
			return s
		}
		return nil
	})
}
