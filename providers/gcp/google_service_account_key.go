package gcp

import (
	"regexp"
	"strings"
)

func serviceAccountKey() kind {
	return kind{
		typ:     "google_service_account_key",
		assets:  []string{"iam.googleapis.com/ServiceAccountKey"},
		created: "validAfterTime",
		name:    keyName,
		read: func(d document) map[string]any {
			return map[string]any{
				"project":               d.project(),
				"service_account_email": keyOwner(d),
				"key_type":              keyType(d.data),
				"key_algorithm":         d.data.text("keyAlgorithm"),
				"disabled":              d.data.flag("disabled"),
				"valid_after":           d.data.text("validAfterTime"),
				"valid_before":          d.data.text("validBeforeTime"),
			}
		},
	}
}

var accountInName = regexp.MustCompile(`serviceAccounts/([^/]+)/keys/`)

// keyOwner returns the service account's address from the key's name; the
// asset's own name has its number there, the name in the data the address.
func keyOwner(d document) any {
	for _, name := range []string{d.data.textOr("", "name"), d.name} {
		if m := accountInName.FindStringSubmatch(name); m != nil && strings.Contains(m[1], "@") {
			return m[1]
		}
	}
	return nil
}

// keyName says whose key it is.
func keyName(d document) string {
	if account, ok := keyOwner(d).(string); ok {
		return account + "/" + lastStep(d)
	}
	return lastStep(d)
}

// keyType does not guess: a key that Google manages is no risk, one that a user
// manages is.
func keyType(data object) any {
	if t := data.textOr("KEY_TYPE_UNSPECIFIED", "keyType"); t != "KEY_TYPE_UNSPECIFIED" {
		return t
	}
	return missing("the inventory does not say who manages the key")
}
