package terraform

import "strings"

func googleKMSCryptoKey() mapping {
	return mapping{
		typ:        "google_kms_crypto_key",
		satellites: iamSatellites("google_kms_crypto_key", "crypto_key_id", "id", "self_link"),
		attributes: map[string]func(n *node) any{
			"project":               func(n *node) any { return projectIn(n.at("key_ring")) },
			"purpose":               func(n *node) any { return unset(n, "ENCRYPT_DECRYPT", "purpose") },
			"next_rotation_time":    null,
			"import_only":           func(n *node) any { return unset(n, false, "import_only") },
			"primary":               kmsPrimary,
			"version_template":      func(n *node) any { return none(unset(n, nil, "version_template")) },
			"iam_bindings":          iamBindings("google_kms_crypto_key"),
			"key_ring_iam_bindings": kmsRingBindings,
		},
		region: func(n *node) any {
			ring, ok := n.at("key_ring").(string)
			if !ok {
				return unknown{deferred}
			}
			if _, rest, ok := strings.Cut(ring, "/locations/"); ok {
				location, _, _ := strings.Cut(rest, "/")
				if location != "global" {
					return location
				}
			}
			return nil
		},
	}
}

// kmsPrimary knows that a new symmetric key is made with a first version, unless
// that is turned off.
func kmsPrimary(n *node) any {
	if !n.isNew() {
		return none(n.at("primary"))
	}
	return then(unset(n, "ENCRYPT_DECRYPT", "purpose"), func(purpose any) any {
		return then(unset(n, false, "skip_initial_version_creation"), func(skip any) any {
			if purpose != "ENCRYPT_DECRYPT" || skip == true {
				return nil
			}
			return map[string]any{"state": "ENABLED"}
		})
	})
}

// kmsRingBindings returns the bindings that the plan sets on the key's ring, which
// key and grant name each for itself.
func kmsRingBindings(n *node) any {
	var parts []*node
	for _, typ := range googleIAM("google_kms_key_ring") {
		for _, s := range n.beside(typ) {
			same, sure := sameRing(n, s)
			if !sure {
				return unknown{deferred}
			}
			if same {
				parts = append(parts, s)
			}
		}
	}
	return bindingsOf(parts)
}

func sameRing(key, grant *node) (same, sure bool) {
	a, known := key.at("key_ring").(string)
	if b, ok := grant.at("key_ring_id").(string); ok && known {
		return ringName(a) == ringName(b), true
	}
	from, exactly := key.refs("key_ring")
	to, too := grant.refs("key_ring_id")
	if !exactly || !too || len(from) != 1 || len(to) != 1 {
		return false, false
	}
	return from[0].address == to[0].address, true
}

// ringName takes the long form of a ring's name and the short one,
// project/location/ring.
func ringName(s string) string {
	return strings.NewReplacer("projects/", "", "locations/", "", "keyRings/", "").Replace(s)
}
