package gcpsim

import (
	"context"
	"slices"
	"strconv"

	"cloud.google.com/go/asset/apiv1/assetpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// assetServer answers ListAssets.
type assetServer struct {
	assetpb.UnimplementedAssetServiceServer
	cloud *Cloud
}

// ListAssets lists the assets under the parent that have the content asked for.
func (s assetServer) ListAssets(_ context.Context, r *assetpb.ListAssetsRequest) (*assetpb.ListAssetsResponse, error) {
	permission := "cloudasset.assets.listResource"
	if r.GetContentType() == assetpb.ContentType_IAM_POLICY {
		permission = "cloudasset.assets.listIamPolicy"
	}
	o := operation{
		name:       "cloudasset.ListAssets/" + r.GetContentType().String(),
		service:    "cloudasset.googleapis.com",
		title:      "Cloud Asset API",
		permission: permission,
		resource:   r.GetParent(),
	}
	if refused := s.cloud.refuse(o); refused != nil {
		return nil, refused.Err()
	}
	var all []*assetpb.Asset
	for _, a := range s.cloud.estate.assets {
		if !slices.Contains(r.GetAssetTypes(), a.GetAssetType()) || !s.cloud.under(a, r.GetParent()) {
			continue
		}
		out := &assetpb.Asset{Name: a.GetName(), AssetType: a.GetAssetType(), Ancestors: a.GetAncestors()}
		switch r.GetContentType() {
		case assetpb.ContentType_RESOURCE:
			out.Resource = a.GetResource()
		case assetpb.ContentType_IAM_POLICY:
			out.IamPolicy = a.GetIamPolicy()
		default:
			return nil, status.Errorf(codes.Unimplemented, "the simulation has no %s", r.GetContentType())
		}
		if out.GetResource() != nil || out.GetIamPolicy() != nil {
			all = append(all, out)
		}
	}
	size := int(r.GetPageSize())
	if size == 0 {
		size = 100
	}
	page, next, err := cut(all, s.cloud.config.PageSize, size, r.GetPageToken())
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return &assetpb.ListAssetsResponse{Assets: page, NextPageToken: next}, nil
}

// under reports whether the asset lies in the organisation, folder or project,
// which may be named by its number or its ID.
func (c *Cloud) under(a *assetpb.Asset, parent string) bool {
	for _, p := range c.estate.Projects {
		if parent == "projects/"+p.ProjectID {
			parent = p.Name
		}
	}
	return slices.Contains(a.GetAncestors(), parent)
}

// cut takes the page of items that begins at the token.
func cut[T any](all []T, limit, size int, token string) (page []T, next string, err error) {
	if limit > 0 && limit < size {
		size = limit
	}
	start := 0
	if token != "" {
		if start, err = strconv.Atoi(token); err != nil || start > len(all) {
			return nil, "", status.Error(codes.InvalidArgument, "invalid page token")
		}
	}
	end := min(start+size, len(all))
	if end < len(all) {
		next = strconv.Itoa(end)
	}
	return all[start:end], next, nil
}
