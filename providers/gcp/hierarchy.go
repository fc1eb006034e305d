package gcp

import (
	"maps"
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
)

// folderAsset is the asset type of folders.
const folderAsset = "cloudresourcemanager.googleapis.com/Folder"

// The labels that say where below its scope a resource is. The folder is a path by names,
// "/Platform/Prod", and "/" where there is none between the organisation and the project;
// where a name is not known another label says so. folder_ids are those on the way, the
// outermost first.
const (
	labelProject       = "project"
	labelFolder        = "folder"
	labelFolderUnknown = "folder.unknown"
	labelFolderIDs     = "folder_ids"
)

// ReadHierarchy makes resources say in which project and folder they are, and which labels
// the project has. It takes no further call. It is called before Scopes.
func (p *Provider) ReadHierarchy() { p.where = true }

// ReadHolderTags makes resources say which labels their project has, as ReadHierarchy does.
func (p *Provider) ReadHolderTags() { p.where = true }

// hierarchy is what a scope holds resources in.
type hierarchy struct {
	folders map[string]string            // display names, by "folders/1"
	labels  map[string]map[string]string // of projects, by ID
	scopes  map[string]providers.Scope   // as resources have it, by where they are
}

func newHierarchy() *hierarchy {
	return &hierarchy{folders: map[string]string{}, labels: map[string]map[string]string{}, scopes: map[string]providers.Scope{}}
}

// add notes a folder or a project.
func (h *hierarchy) add(d document) {
	switch d.asset {
	case folderAsset:
		h.folders["folders/"+baseName(d.name)] = d.data.textOr("", "displayName")
	case projectAsset:
		labels := map[string]string{}
		for k, v := range topLabels(d.data) {
			if s, ok := v.(string); ok {
				labels[k] = s
			}
		}
		h.labels[d.holder] = labels
	}
}

// place returns the scope with what is known of where in it a document's resource is.
func (h *hierarchy) place(s providers.Scope, d document) providers.Scope {
	key := d.holder + " " + strings.Join(d.ancestors, " ")
	if known, ok := h.scopes[key]; ok {
		return known
	}
	labels := maps.Clone(s.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	path, ids := "", ""
	named := true
	for _, a := range d.ancestors { // the innermost first
		if !strings.HasPrefix(a, "folders/") {
			continue
		}
		name, known := h.folders[a]
		named = named && known
		path = "/" + name + path
		ids = strings.TrimSuffix(strings.TrimPrefix(a, "folders/")+"/"+ids, "/")
	}
	switch {
	case path == "":
		labels[labelFolder] = "/"
	case named:
		labels[labelFolder] = path
	default: // a folder above the one that is read, or one that is not in the listing
		labels[labelFolderUnknown] = string(providers.Failed)
	}
	if ids != "" {
		labels[labelFolderIDs] = ids
	}
	project := providers.HolderTags{Of: "no project", Tags: map[string]string{}}
	if d.holder != "" {
		labels[labelProject] = d.holder
		project.Of = "project " + d.holder
		var known bool
		if project.Tags, known = h.labels[d.holder]; !known {
			project.Unknown = providers.Failed
		}
	}
	s.Labels = labels
	s = s.WithTags(providers.Project, project)
	h.scopes[key] = s
	return s
}
