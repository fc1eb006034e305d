package terraform

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func kmsKey(after, unknown, config obj) res {
	for k, v := range (obj{"customer_master_key_spec": "SYMMETRIC_DEFAULT", "enable_key_rotation": false, "is_enabled": true, "key_usage": "ENCRYPT_DECRYPT", "custom_key_store_id": nil, "xks_key_id": nil}) {
		if _, set := after[k]; !set && unknown[k] == nil {
			after[k] = v
		}
	}
	for _, k := range []string{"id", "arn", "key_id"} {
		unknown[k] = true
	}
	return res{address: "aws_kms_key.k", after: after, unknown: unknown, config: config}
}

func TestANewKMSKeyHasTheDefaultsThatAreCertain(t *testing.T) {
	computed := func() obj { return obj{"policy": true, "rotation_period_in_days": true, "multi_region": true} }
	plain := obj{
		"customer_master_key_spec": "SYMMETRIC_DEFAULT", "enable_key_rotation": false, "is_enabled": true, "key_usage": "ENCRYPT_DECRYPT",
		"origin": "AWS_KMS", "policy": nil, "primary_key_arn": nil, "rotation_period_in_days": nil,
	}
	with := func(changes obj) obj {
		out := obj{}
		for _, m := range []obj{plain, changes} {
			for k, v := range m {
				out[k] = v
			}
		}
		return out
	}
	for _, c := range []struct {
		about string
		key   res
		want  obj
	}{
		{"nothing is set", kmsKey(obj{}, computed(), obj{}), plain},
		{"it rotates", kmsKey(obj{"enable_key_rotation": true}, computed(), obj{"enable_key_rotation": true}), with(obj{"enable_key_rotation": true, "rotation_period_in_days": int64(365)})},
		{
			"it rotates as a variable says that only the apply tells",
			kmsKey(obj{"enable_key_rotation": true}, computed(), obj{"enable_key_rotation": true, "rotation_period_in_days": "=random_integer.r.result"}),
			func() obj {
				w := with(obj{"enable_key_rotation": true, "? rotation_period_in_days": "deferred"})
				delete(w, "rotation_period_in_days")
				return w
			}(),
		},
		{"its usage is computed", kmsKey(obj{}, joined(computed(), obj{"key_usage": true}), obj{}), plain},
		{
			"a signing key cannot rotate",
			kmsKey(obj{"customer_master_key_spec": "RSA_2048", "key_usage": "SIGN_VERIFY"}, computed(), obj{"customer_master_key_spec": "RSA_2048"}),
			with(obj{"customer_master_key_spec": "RSA_2048", "key_usage": "SIGN_VERIFY", "enable_key_rotation": nil}),
		},
		{
			"a key in a CloudHSM cluster that is made with it",
			kmsKey(obj{}, obj{"custom_key_store_id": true, "policy": true, "rotation_period_in_days": true}, obj{"custom_key_store_id": "=aws_kms_custom_key_store.s.id"}),
			with(obj{"origin": "AWS_CLOUDHSM", "enable_key_rotation": nil}),
		},
		{
			"a key outside of AWS",
			kmsKey(obj{"custom_key_store_id": "cks-1", "xks_key_id": "x"}, computed(), obj{"custom_key_store_id": "cks-1"}),
			with(obj{"origin": "EXTERNAL_KEY_STORE", "enable_key_rotation": nil}),
		},
	} {
		if diff := cmp.Diff(c.want, attributes(t, c.key.address, c.key)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.about, diff)
		}
	}
}

func TestKeysOfOtherTypesAreKeys(t *testing.T) {
	external := res{
		address: "aws_kms_external_key.k", after: obj{"enabled": nil, "key_material_base64": nil},
		unknown: obj{"id": true, "arn": true, "enabled": true, "key_usage": true, "policy": true, "multi_region": true}, config: obj{},
	}
	want := obj{
		"customer_master_key_spec": "SYMMETRIC_DEFAULT", "enable_key_rotation": nil, "? is_enabled": "deferred", "? key_usage": "deferred",
		"origin": "EXTERNAL", "policy": nil, "primary_key_arn": nil, "rotation_period_in_days": nil,
	}
	if diff := cmp.Diff(want, attributes(t, external.address, external)); diff != "" {
		t.Errorf("imported material (-want +got):\n%s", diff)
	}
	replica := res{
		address: "aws_kms_replica_key.k", after: obj{"enabled": true},
		unknown: obj{"id": true, "arn": true, "key_spec": true, "key_usage": true, "key_rotation_enabled": true, "policy": true, "primary_key_arn": true},
		config:  obj{"primary_key_arn": "=aws_kms_key.k.arn"},
	}
	want = obj{
		"? customer_master_key_spec": "deferred", "? enable_key_rotation": "deferred", "is_enabled": true, "? key_usage": "deferred",
		"origin": "AWS_KMS", "policy": nil, "primary_key_arn": "(known after apply)", "? rotation_period_in_days": "deferred",
	}
	if diff := cmp.Diff(want, attributes(t, replica.address, replica)); diff != "" {
		t.Errorf("a replica (-want +got):\n%s", diff)
	}
}

func TestAKeyPolicyOfItsOwnIsTheKeysPolicy(t *testing.T) {
	policy := res{
		address: "aws_kms_key_policy.p", after: obj{"policy": `{"Statement": []}`}, unknown: obj{"id": true, "key_id": true},
		config: obj{"key_id": "=aws_kms_key.k.id,aws_kms_key.k", "policy": "{}"},
	}
	key := kmsKey(obj{}, obj{"policy": true, "rotation_period_in_days": true}, obj{})
	got := attributes(t, key.address, key, policy)["policy"]
	if diff := cmp.Diff(any(obj{"statements": []any{}}), got); diff != "" {
		t.Errorf("with the key in the plan (-want +got):\n%s", diff)
	}
	// Without it the policy is judged all the same, and nothing else is known.
	policy.after["key_id"], policy.unknown = "k", obj{"id": true}
	want := obj{
		"? customer_master_key_spec": "outside", "? enable_key_rotation": "outside", "? is_enabled": "outside", "? key_usage": "outside",
		"? origin": "outside", "policy": obj{"statements": []any{}}, "? primary_key_arn": "outside", "? rotation_period_in_days": "outside",
	}
	if diff := cmp.Diff(want, attributes(t, policy.address, policy)); diff != "" {
		t.Errorf("without the key (-want +got):\n%s", diff)
	}
}
