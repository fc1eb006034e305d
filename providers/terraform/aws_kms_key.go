package terraform

const kmsKeyPolicy = "aws_kms_key_policy"

// awsKMSKey reads all four ways to make a key. Imported material, key stores and
// replicas follow from the type of the resource: the API has them as attributes.
func awsKMSKey() mapping {
	return mapping{
		typ:  "aws_kms_key",
		also: []string{"aws_kms_external_key", "aws_kms_replica_external_key", "aws_kms_replica_key"},
		satellites: []satellite{
			{typ: kmsKeyPolicy, ref: "key_id", by: []string{"arn", "id", "key_id"}, affects: []string{"policy"}, alone: true},
		},
		settled: []string{"customer_master_key_spec", "enable_key_rotation", "is_enabled", "key_usage", "policy", "rotation_period_in_days"},
		attributes: map[string]func(n *node) any{
			"customer_master_key_spec": func(n *node) any {
				switch n.typ {
				case "aws_kms_key":
					return or(n.at("customer_master_key_spec"), "SYMMETRIC_DEFAULT")
				case "aws_kms_external_key":
					if !n.configured("key_spec") {
						return "SYMMETRIC_DEFAULT"
					}
				}
				return or(n.at("key_spec"), unknown{deferred})
			},
			"enable_key_rotation": func(n *node) any {
				switch {
				case kmsOrigin(n) == "EXTERNAL":
					return nil
				case n.typ == "aws_kms_replica_key":
					return or(n.at("key_rotation_enabled"), unknown{deferred}) // its primary key decides
				}
				// The provider calls EnableKeyRotation or nothing, also for keys that cannot rotate.
				rotates := then(n.at("customer_master_key_spec"), func(v any) any { return or(v, "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT" })
				return then(rotates, func(v any) any {
					return then(kmsOrigin(n), func(origin any) any {
						if v != true || origin != "AWS_KMS" {
							return nil
						}
						return or(n.at("enable_key_rotation"), false)
					})
				})
			},
			"is_enabled": func(n *node) any {
				if n.typ == "aws_kms_key" {
					return or(n.at("is_enabled"), true)
				}
				return or(n.at("enabled"), unknown{deferred})
			},
			"key_usage": func(n *node) any {
				if n.typ == "aws_kms_key" {
					return newDefault(n, "key_usage", "ENCRYPT_DECRYPT")
				}
				return or(n.at("key_usage"), unknown{deferred})
			},
			"origin": kmsOrigin,
			"policy": func(n *node) any {
				if s := n.only(kmsKeyPolicy); s != nil {
					return s.document("policy")
				}
				return n.inlineDocument(kmsKeyPolicy)
			},
			"primary_key_arn": func(n *node) any {
				if n.typ == "aws_kms_key" || n.typ == "aws_kms_external_key" {
					return nil
				}
				// That it is a replica is certain, of whichever key.
				if id := n.at("primary_key_arn"); !isUnknown(id) {
					return id
				}
				return "(known after apply)"
			},
			"rotation_period_in_days": func(n *node) any {
				switch {
				case kmsOrigin(n) == "EXTERNAL":
					return nil
				case n.typ != "aws_kms_key":
					return unknown{deferred}
				}
				return then(n.at("enable_key_rotation"), func(on any) any {
					if on != true {
						return nil
					}
					period := n.at("rotation_period_in_days")
					if n.isNew() && !n.configured("rotation_period_in_days") {
						return int64(365) // EnableKeyRotation, "RotationPeriodInDays"
					}
					return or(positive(period), unknown{deferred})
				})
			},
		},
	}
}

// kmsOrigin is where the key material comes from, as CreateKey is told it.
func kmsOrigin(n *node) any {
	switch n.typ {
	case "aws_kms_external_key", "aws_kms_replica_external_key":
		return "EXTERNAL"
	case "aws_kms_replica_key":
		return "AWS_KMS"
	}
	if n.outside() {
		return unknown{deferred}
	}
	// Neither is computed: unknown is a value that somebody set.
	switch {
	case n.at("xks_key_id") != nil && n.at("xks_key_id") != "":
		return "EXTERNAL_KEY_STORE"
	case n.at("custom_key_store_id") != nil && n.at("custom_key_store_id") != "":
		return "AWS_CLOUDHSM"
	}
	return "AWS_KMS"
}
