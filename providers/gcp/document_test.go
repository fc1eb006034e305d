package gcp

import (
	"testing"
	"time"

	"cloud.google.com/go/asset/apiv1/assetpb"
	"github.com/google/go-cmp/cmp"
)

func TestAnAssetIsNamedByItsProjectsIDWhicheverWayTheInventoryNamesIt(t *testing.T) {
	ids := map[string]string{"42": "shop"}
	for _, c := range []struct{ name, ancestor, id, project string }{
		{"//compute.googleapis.com/projects/shop/zones/z/instances/i", "projects/42", "//compute.googleapis.com/projects/shop/zones/z/instances/i", "shop"},
		{"//compute.googleapis.com/projects/42/zones/z/instances/i", "projects/42", "//compute.googleapis.com/projects/shop/zones/z/instances/i", "shop"},
		{"//storage.googleapis.com/bucket", "projects/42", "//storage.googleapis.com/bucket", "shop"},
		{"//cloudresourcemanager.googleapis.com/projects/42", "projects/42", "//cloudresourcemanager.googleapis.com/projects/42", "shop"},
	} {
		d := newDocument(&assetpb.Asset{Name: c.name, Ancestors: []string{c.ancestor, "organizations/1"}}, ids)
		if d.id != c.id || d.project() != c.project {
			t.Errorf("%s: the id is %s in %v, want %s in %s", c.name, d.id, d.project(), c.id, c.project)
		}
	}
	if d := newDocument(&assetpb.Asset{Name: "//storage.googleapis.com/b", Ancestors: []string{"projects/7"}}, ids); d.project() == "7" {
		t.Error("a number is taken for a project's ID")
	}
}

func TestValuesOfAnAPI(t *testing.T) {
	o := object{
		"text": "x", "empty": "", "number": 3.0, "wide": "12", "yes": true, "odd": []any{1.0, "a"},
		"in": map[string]any{"side": "y"}, "list": []any{map[string]any{"a": "b"}, "c"},
	}
	got := []any{
		o.text("text"), o.text("empty"), o.text("number"), o.text("none"), o.text("in", "side"), o.text("text", "side"),
		o.number("number"), o.number("wide"), o.number("text"), o.flag("yes"), o.flag("text"), o.maybe("yes"), o.maybe("none"),
		o.strings("odd"), o.strings("none"), len(o.objects("list")), o.base("in", "side"), o.base("none"),
	}
	want := []any{
		"x", nil, "3", nil, "y", nil,
		3.0, 12.0, nil, true, false, true, nil,
		[]any{"a"},
		[]any{},
		1, "y", nil,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTimesAndRegions(t *testing.T) {
	at := time.Date(2026, 7, 1, 10, 0, 0, 0, time.UTC)
	for _, v := range []any{"2026-07-01T10:00:00Z", "2026-07-01T12:00:00.000+02:00", "1782900000000"} {
		if got := instant(v); !got.Equal(at) {
			t.Errorf("%v is %v", v, got)
		}
	}
	for _, v := range []any{nil, "", "yesterday"} {
		if got := instant(v); !got.IsZero() {
			t.Errorf("%v is %v", v, got)
		}
	}
	for location, region := range map[string]string{"europe-west3-a": "europe-west3", "europe-west3": "europe-west3", "EU": "eu", "global": "", "": "", "northamerica-northeast1-c": "northamerica-northeast1"} {
		if got := (document{location: location}).region(); got != region {
			t.Errorf("%q is in %q, want %q", location, got, region)
		}
	}
}
