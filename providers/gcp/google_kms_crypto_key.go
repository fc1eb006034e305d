package gcp

import "strings"

func kmsCryptoKey() kind {
	const asset = "cloudkms.googleapis.com/CryptoKey"
	return kind{
		typ:     "google_kms_crypto_key",
		assets:  []string{asset},
		labels:  topLabels,
		created: "createTime",
		name:    lastStep,
		read: func(d document) map[string]any {
			return map[string]any{
				"project":            d.project(),
				"key_ring":           strings.TrimPrefix(keyRing(d), "//cloudkms.googleapis.com/"),
				"purpose":            d.data.textOr("", "purpose"),
				"rotation_period":    d.data.text("rotationPeriod"),
				"next_rotation_time": d.data.text("nextRotationTime"),
				"import_only":        d.data.flag("importOnly"),
				"primary":            keyPrimary(d.data),
				"version_template":   keyTemplate(d.data),
			}
		},
		policies: append(own(asset), policy{
			attribute: "key_ring_iam_bindings",
			asset:     "cloudkms.googleapis.com/KeyRing",
			of:        keyRing,
		}),
	}
}

// keyRing returns the full resource name of the ring that holds the key.
func keyRing(d document) string {
	ring, _, _ := strings.Cut(d.name, "/cryptoKeys/")
	return ring
}

func keyPrimary(data object) any {
	if data.object("primary") == nil {
		return nil
	}
	return map[string]any{"state": data.textOr("CRYPTO_KEY_VERSION_STATE_UNSPECIFIED", "primary", "state")}
}

func keyTemplate(data object) any {
	if data.object("versionTemplate") == nil {
		return nil
	}
	return map[string]any{
		"algorithm":        data.text("versionTemplate", "algorithm"),
		"protection_level": data.textOr("SOFTWARE", "versionTemplate", "protectionLevel"),
	}
}
