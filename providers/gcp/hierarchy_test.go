package gcp

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/providers"
)

func TestAResourceSaysWhereBelowItsScopeItIs(t *testing.T) {
	h := newHierarchy()
	h.add(document{asset: folderAsset, name: "//cloudresourcemanager.googleapis.com/folders/1", data: object{"displayName": "Platform"}})
	h.add(document{asset: folderAsset, name: "//cloudresourcemanager.googleapis.com/folders/2", data: object{"displayName": "Prod"}})
	h.add(document{asset: projectAsset, holder: "shop", data: object{"labels": map[string]any{"owner": "pay"}}})
	org := providers.Scope{Provider: "gcp", ID: "organizations/9"}
	for name, c := range map[string]struct {
		d    document
		want map[string]string
	}{
		"in a folder":        {document{holder: "shop", ancestors: []string{"projects/7", "folders/2", "folders/1", "organizations/9"}}, map[string]string{"project": "shop", "project_labels": "project shop", "project_label.owner": "pay", "folder": "/Platform/Prod", "folder_ids": "1/2"}},
		"in no folder":       {document{holder: "shop", ancestors: []string{"projects/7", "organizations/9"}}, map[string]string{"project": "shop", "project_labels": "project shop", "project_label.owner": "pay", "folder": "/"}},
		"an unknown folder":  {document{holder: "shop", ancestors: []string{"projects/7", "folders/3", "folders/1"}}, map[string]string{"project": "shop", "project_labels": "project shop", "project_label.owner": "pay", "folder.unknown": "failed", "folder_ids": "1/3"}},
		"an unknown project": {document{holder: "77", ancestors: []string{"projects/77"}}, map[string]string{"project": "77", "project_labels": "project 77", "project_labels.unknown": "failed", "folder": "/"}},
		"the organisation":   {document{ancestors: []string{"organizations/9"}}, map[string]string{"project_labels": "no project", "folder": "/"}},
	} {
		want := org
		want.Labels = c.want
		if diff := cmp.Diff(want, h.place(org, c.d)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if org.Labels != nil {
		t.Error("the scope itself was changed")
	}
}
