package terraform

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestAGrantToAServiceAccountOfThePlanIsKnownFromTheSources(t *testing.T) {
	account := google("google_service_account.a", obj{"account_id": "deploy", "project": "shop"}, obj{"email": true, "member": true, "id": true}, nil)
	block := func(argument string) fstest.MapFS {
		return fstest.MapFS{"main.tf": {Data: []byte(`
resource "google_service_account" "a" { account_id = "deploy" }
resource "google_project_iam_binding" "g" {
  role = "roles/viewer"
  ` + argument + "\n}\n")}}
	}
	grant := func(masked any) res {
		return google("google_project_iam_binding.g", obj{"role": "roles/viewer", "project": "shop", "condition": []any{}}, obj{"members": masked}, obj{"members": "=google_service_account.a.email,google_service_account.a.member,var.more"})
	}
	secret := grant(nil)
	secret.after["members"], secret.sensitive = []any{"user:a@example.com"}, obj{"members": true}
	for _, tt := range []struct {
		name, members string
		grant         res
		want          obj
	}{
		{
			"by its address and as a member", `members = ["serviceAccount:${google_service_account.a.email}", google_service_account.a.member, "user:a@example.com"]`, grant(true),
			obj{"members": []any{"serviceAccount:deploy@shop.iam.gserviceaccount.com", "serviceAccount:deploy@shop.iam.gserviceaccount.com", "user:a@example.com"}},
		},
		{
			"beside one that only the apply tells", `members = [google_service_account.a.member, var.more]`, grant(true),
			obj{"members": []any{"serviceAccount:deploy@shop.iam.gserviceaccount.com", nil}, "? iam_bindings.0.members.1": "deferred"},
		},
		{"by a function", `members = concat([google_service_account.a.member], var.more)`, grant(true), obj{"members": nil, "? iam_bindings.0.members": "deferred"}},
		{"a secret", `members = ["user:a@example.com"]`, secret, obj{"members": nil, "? iam_bindings.0.members": "sensitive"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := collect(t, open(t, fixture(t, account, tt.grant), Options{Sources: block(tt.members)})).byID()["google_project_iam_binding.g"]
			got := obj{"members": r.Attributes["iam_bindings"].([]any)[0].(map[string]any)["members"]}
			for path, why := range r.Unknown {
				if path != "region" {
					got["? "+path] = string(why)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
