package terraform

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	readOnly = "arn:aws:iam::aws:policy/ReadOnlyAccess"
	admin    = "arn:aws:iam::aws:policy/AdministratorAccess"
	trust    = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ecs-tasks.amazonaws.com"}}]}`
	anything = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
)

func newRole() res {
	return res{
		address: "aws_iam_role.app",
		after:   obj{"name": "app", "path": "/", "assume_role_policy": trust},
		unknown: obj{"id": true, "arn": true, "inline_policy": true, "managed_policy_arns": true},
		config:  obj{"name": "app", "assume_role_policy": trust},
	}
}

func TestARoleHasThePoliciesThatThePlanAttaches(t *testing.T) {
	statement := func(principals, resources any, action string) obj {
		return obj{"statements": []any{obj{
			"sid": nil, "effect": "Allow", "actions": []any{action}, "not_actions": nil, "resources": resources, "not_resources": nil,
			"principals": principals, "not_principals": nil, "conditions": []any{},
		}}}
	}
	got := attributes(t, "aws_iam_role.app", newRole(),
		res{
			address: "aws_iam_role_policy_attachment.managed", after: obj{"role": "app", "policy_arn": readOnly}, unknown: obj{"id": true},
			config: obj{"role": "=aws_iam_role.app.name", "policy_arn": readOnly},
		},
		res{
			address: "aws_iam_role_policy_attachment.own", after: obj{"role": "app"}, unknown: obj{"id": true, "policy_arn": true},
			config: obj{"role": "=aws_iam_role.app.name", "policy_arn": "=aws_iam_policy.own.arn"},
		},
		res{
			address: "aws_iam_policy.own", after: obj{"name": "own", "policy": anything}, unknown: obj{"arn": true, "id": true},
			config: obj{"name": "own", "policy": anything},
		},
		res{
			address: "aws_iam_policy_attachment.all", after: obj{"name": "all", "roles": []any{"app"}, "users": nil, "groups": nil, "policy_arn": admin}, unknown: obj{"id": true},
			config: obj{"name": "all", "roles": []any{"app"}, "policy_arn": admin},
		},
		res{
			address: "aws_iam_role_policy.inline", after: obj{"role": "app", "policy": anything}, unknown: obj{"id": true, "name": true},
			config: obj{"role": "=aws_iam_role.app.id", "policy": anything},
		},
	)
	want := obj{
		"assume_role_policy":  statement([]any{obj{"type": "Service", "id": "ecs-tasks.amazonaws.com"}}, nil, "sts:assumerole"),
		"inline_policy":       []any{obj{"name": nil, "policy": statement(nil, []any{"*"}, "*")}},
		"managed_policy_arns": []any{readOnly, "aws_iam_policy.own", admin},
		"path":                "/",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestANewRoleWithoutPoliciesHasNone(t *testing.T) {
	got := attributes(t, "aws_iam_role.app", newRole())
	if diff := cmp.Diff([]any{[]any{}, []any{}}, []any{got["managed_policy_arns"], got["inline_policy"]}); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
}

func TestAnExistingRoleShowsWhatElseIsAttachedLessWhatThePlanTakesAway(t *testing.T) {
	role := res{
		address: "aws_iam_role.app", action: "update",
		after: obj{"name": "app", "id": "app", "path": "/", "assume_role_policy": trust, "managed_policy_arns": []any{admin, readOnly}, "inline_policy": []any{
			obj{"name": "kept", "policy": anything}, obj{"name": "gone", "policy": anything},
		}},
		config: obj{"name": "app"},
	}
	got := attributes(t, "aws_iam_role.app", role,
		res{address: "aws_iam_role_policy_attachment.admin", action: "delete", after: obj{"id": "a", "role": "app", "policy_arn": admin}},
		res{address: "aws_iam_role_policy.gone", action: "delete", after: obj{"id": "app:gone", "role": "app", "name": "gone", "policy": anything}},
	)
	names := []any{}
	for _, p := range got["inline_policy"].([]any) {
		names = append(names, p.(obj)["name"])
	}
	if diff := cmp.Diff([]any{[]any{readOnly}, []any{"kept"}}, []any{got["managed_policy_arns"], names}); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
}

func TestWhatElseAnExistingUserHasIsNotKnown(t *testing.T) {
	user := res{address: "aws_iam_user.ann", action: "update", after: obj{"name": "ann", "id": "ann", "path": "/"}, config: obj{"name": "ann"}}
	attachment := res{
		address: "aws_iam_user_policy_attachment.a", after: obj{"user": "ann", "policy_arn": readOnly}, unknown: obj{"id": true},
		config: obj{"user": "=aws_iam_user.ann.name", "policy_arn": readOnly},
	}
	want := obj{
		"managed_policy_arns": []any{readOnly, nil}, "inline_policy": []any{nil}, "path": "/",
		"? managed_policy_arns.1": "deferred", "? inline_policy.0": "deferred",
		"? access_keys": "deferred", "? mfa_active": "deferred", "? password_enabled": "deferred",
		"? password_last_changed": "deferred", "? password_last_used": "deferred",
	}
	if diff := cmp.Diff(want, attributes(t, "aws_iam_user.ann", user, attachment)); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	user.action, user.unknown = "create", obj{"id": true}
	delete(user.after, "id")
	want["managed_policy_arns"], want["inline_policy"] = []any{readOnly}, []any{}
	delete(want, "? managed_policy_arns.1")
	delete(want, "? inline_policy.0")
	if diff := cmp.Diff(want, attributes(t, "aws_iam_user.ann", user, attachment)); diff != "" {
		t.Errorf("attributes of a new one (-want +got):\n%s", diff)
	}
}

func TestAnExclusiveListIsAllThatIsAttached(t *testing.T) {
	got := attributes(t, "aws_iam_role.app", newRole(), res{
		address: "aws_iam_role_policy_attachments_exclusive.x", after: obj{"role_name": "app", "policy_arns": []any{readOnly}},
		config: obj{"role_name": "=aws_iam_role.app.name", "policy_arns": []any{readOnly}},
	})
	if diff := cmp.Diff([]any{readOnly}, got["managed_policy_arns"]); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
}

func TestAnAttachmentToARoleOutsideThePlanStandsAlone(t *testing.T) {
	p := open(t, fixture(t, res{
		address: "aws_iam_policy_attachment.all", after: obj{"name": "all", "roles": []any{"app"}, "users": []any{}, "groups": nil, "policy_arn": admin}, unknown: obj{"id": true},
		config: obj{"name": "all", "roles": []any{"app"}, "policy_arn": admin},
	}), Options{})
	var got []string
	for _, r := range collect(t, p).resources {
		got = append(got, string(r.Type)+" "+r.ID)
	}
	if diff := cmp.Diff([]string{"aws_iam_role aws_iam_policy_attachment.all"}, got); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
}

func TestAPolicyIsAttachedAsOftenAsThePlanSays(t *testing.T) {
	policy := res{
		address: "aws_iam_policy.own", after: obj{"name": "own", "path": "/team/"}, unknown: obj{"arn": true, "id": true, "policy": true},
		config: obj{"name": "own", "policy": "=aws_s3_bucket.b.arn"},
	}
	attach := func(typ string, more obj) res {
		r := res{address: typ + ".a", after: more, unknown: obj{"id": true, "policy_arn": true}, config: obj{"policy_arn": "=aws_iam_policy.own.arn"}}
		for k, v := range more {
			r.config[k] = v
		}
		return r
	}
	want := obj{"path": "/team/", "? policy": "deferred", "? attachment_count": "deferred"}
	if diff := cmp.Diff(want, attributes(t, "aws_iam_policy.own", policy)); diff != "" {
		t.Errorf("attributes without attachments (-want +got):\n%s", diff)
	}
	want = obj{"path": "/team/", "? policy": "deferred", "attachment_count": int64(4)}
	got := attributes(t, "aws_iam_policy.own", policy,
		attach("aws_iam_role_policy_attachment", obj{"role": "r"}),
		attach("aws_iam_policy_attachment", obj{"name": "n", "users": []any{"u", "v"}, "groups": []any{"g"}, "roles": nil}),
	)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestAttachmentsOfPoliciesOutsideThePlanAreNoLoss(t *testing.T) {
	p := open(t, fixture(t, newRole(), res{
		address: "aws_iam_role_policy_attachment.managed", after: obj{"role": "app", "policy_arn": readOnly}, unknown: obj{"id": true},
		config: obj{"role": "=aws_iam_role.app.name", "policy_arn": readOnly},
	}), Options{})
	collect(t, p)
	if notes := p.Notes(); len(notes) > 0 {
		t.Errorf("notes: %v", notes)
	}
}

func TestAPasswordPolicyAsksForWhatIsSet(t *testing.T) {
	r := res{
		address: "aws_iam_account_password_policy.this",
		after:   obj{"allow_users_to_change_password": true, "minimum_password_length": 14, "require_numbers": true},
		unknown: obj{
			"id": true, "expire_passwords": true, "max_password_age": true, "password_reuse_prevention": true,
			"require_lowercase_characters": true, "require_symbols": true, "require_uppercase_characters": true,
		},
		config: obj{"minimum_password_length": 14, "require_numbers": true},
	}
	want := obj{
		"allow_users_to_change_password": true, "max_password_age": nil, "minimum_password_length": int64(14), "password_reuse_prevention": nil,
		"require_lowercase_characters": false, "require_numbers": true, "require_symbols": false, "require_uppercase_characters": false,
	}
	if diff := cmp.Diff(want, attributes(t, "aws_iam_account_password_policy.this", r)); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

func TestANewCertificateTellsItsEnd(t *testing.T) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	end := time.Date(2027, 1, 10, 23, 59, 59, 0, time.UTC)
	der, err := x509.CreateCertificate(nil, &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: end}, &x509.Certificate{}, public, private)
	if err != nil {
		t.Fatal(err)
	}
	of := func(body string) obj {
		return attributes(t, "aws_iam_server_certificate.c", res{
			address: "aws_iam_server_certificate.c", after: obj{"name": "c", "path": "/", "certificate_body": body},
			unknown: obj{"id": true, "arn": true, "expiration": true, "upload_date": true}, config: obj{"name": "c"},
		})
	}
	want := obj{"expiration": "2027-01-10T23:59:59Z", "path": "/", "? upload_date": "deferred"}
	if diff := cmp.Diff(want, of(string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	want = obj{"path": "/", "? expiration": "failed", "? upload_date": "deferred"}
	if diff := cmp.Diff(want, of("no certificate")); diff != "" {
		t.Errorf("attributes of what is none (-want +got):\n%s", diff)
	}
}

func TestAnAttachmentToNobodyStandsInForNobody(t *testing.T) {
	for name, users := range map[string]any{"no name": []any{""}, "none": []any{}, "null": nil} {
		t.Run(name, func(t *testing.T) {
			attachment := res{
				address: "aws_iam_policy_attachment.a", after: obj{"name": "a", "roles": []any{"app", ""}, "users": users, "groups": []any{nil}, "policy_arn": admin}, unknown: obj{"id": true},
				config: obj{"name": "a", "roles": "=var.roles", "users": "=var.users", "groups": "=var.groups", "policy_arn": admin},
			}
			var got []string
			for _, r := range collect(t, open(t, fixture(t, newRole(), attachment), Options{})).resources {
				got = append(got, r.ID)
			}
			if diff := cmp.Diff([]string{"aws_iam_role.app"}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
