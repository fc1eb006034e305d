package github

import "strings"

// AppPermissions turns the permissions that a Description names into those of a
// GitHub App, under the keys of the App manifest:
// "organization:members:read" becomes "members": "read". Permissions that only an
// enterprise can grant are left out: no App of an organisation can have them.
func AppPermissions(permissions []string) map[string]string {
	out := map[string]string{}
	for _, p := range permissions {
		parts := strings.Split(p, ":")
		if len(parts) != 3 {
			continue
		}
		grantor, name, access := parts[0], parts[1], parts[2]
		switch {
		case grantor == "organization" && name == "members":
			// The one organisation permission without the prefix in its key.
		case grantor == "organization":
			name = "organization_" + name
		case grantor != "repository":
			continue
		}
		if out[name] != "write" { // write includes read
			out[name] = access
		}
	}
	return out
}
