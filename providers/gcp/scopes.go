package gcp

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	crm1 "google.golang.org/api/cloudresourcemanager/v1"
	crm "google.golang.org/api/cloudresourcemanager/v3"

	"github.com/metsuke-dev/metsuke/providers"
)

var scopeName = regexp.MustCompile(`^(organizations/[0-9]+|folders/[0-9]+|projects/[a-z0-9][a-z0-9.:-]*)$`)

// Scopes returns the configured scopes or, when there are none, the
// organisations whose assets the credential may list and the projects outside
// of them that it can see.
func (p *Provider) Scopes(ctx context.Context) ([]providers.Scope, error) {
	if len(p.config.Scopes) > 0 {
		var out []providers.Scope
		for _, s := range p.config.Scopes {
			if !scopeName.MatchString(s) {
				return nil, fmt.Errorf("gcp scope %q is not organizations/<number>, folders/<number> or projects/<id>", s)
			}
			out = append(out, scope(s, ""))
		}
		return out, nil
	}
	c, err := p.connect(ctx)
	if err != nil {
		return nil, err
	}
	out, err := discovery{p: p, c: c}.run(ctx)
	if len(out) == 0 && p.config.Project != "" {
		out = append(out, scope("projects/"+p.config.Project, ""))
	}
	if len(out) == 0 && err == nil {
		err = errors.New("the credential sees no organisation and no project: grant it roles/browser and roles/cloudasset.viewer, or configure scopes")
	}
	return out, err
}

func scope(id, name string) providers.Scope {
	return providers.Scope{Provider: Name, ID: id, Name: name}
}

// discovery finds what a credential reaches.
type discovery struct {
	p *Provider
	c *clients
}

func (d discovery) run(ctx context.Context) ([]providers.Scope, error) {
	var problems []error
	var out []providers.Scope
	read := map[string]bool{} // the organisations that are scopes
	orgs, err := d.organizations(ctx)
	if err != nil {
		problems = append(problems, fmt.Errorf("search organisations: %w", err))
	}
	for _, o := range orgs {
		ok, err := d.mayList(ctx, o.Name)
		switch {
		case err != nil:
			problems = append(problems, fmt.Errorf("test permissions on %s: %w", o.Name, err))
		case ok:
			out = append(out, scope(o.Name, o.DisplayName))
			read[o.Name] = true
		default:
			problems = append(problems, fmt.Errorf("%s (%s): %s is not granted on it, so only the projects that the credential sees are read",
				o.Name, o.DisplayName, listResources().permission))
		}
	}
	projects, err := d.projects(ctx)
	if err != nil {
		problems = append(problems, fmt.Errorf("search projects: %w", err))
	}
	root := map[string]string{} // parent -> organisation above it, "" when there is none
	for _, pr := range projects {
		top, known := root[pr.Parent]
		if !known && len(read) > 0 {
			if top, err = d.organizationOf(ctx, pr); err != nil {
				problems = append(problems, fmt.Errorf("ancestry of %s: %w", pr.ProjectId, err))
				continue // it may be inside an organisation that is read as a whole
			}
			root[pr.Parent] = top
		}
		if !read[top] {
			out = append(out, scope("projects/"+pr.ProjectId, pr.DisplayName))
		}
	}
	slices.SortFunc(out, func(a, b providers.Scope) int { return strings.Compare(a.ID, b.ID) })
	return out, errors.Join(problems...)
}

func (d discovery) organizations(ctx context.Context) ([]*crm.Organization, error) {
	var out []*crm.Organization
	for token := ""; ; {
		var page *crm.SearchOrganizationsResponse
		err := d.p.config.Retry.do(ctx, func() (err error) {
			page, err = d.c.resources.Organizations.Search().PageToken(token).Context(ctx).Do()
			return err
		})
		if err != nil {
			return out, err
		}
		for _, o := range page.Organizations {
			if o.State == "ACTIVE" {
				out = append(out, o)
			}
		}
		if token = page.NextPageToken; token == "" {
			return out, nil
		}
	}
}

func (d discovery) projects(ctx context.Context) ([]*crm.Project, error) {
	var out []*crm.Project
	for token := ""; ; {
		var page *crm.SearchProjectsResponse
		err := d.p.config.Retry.do(ctx, func() (err error) {
			page, err = d.c.resources.Projects.Search().Query("state:ACTIVE").PageToken(token).Context(ctx).Do()
			return err
		})
		if err != nil {
			return out, err
		}
		for _, pr := range page.Projects {
			if pr.State == "ACTIVE" {
				out = append(out, pr)
			}
		}
		if token = page.NextPageToken; token == "" {
			return out, nil
		}
	}
}

// mayList asks whether the credential may list the assets of an organisation.
// The question itself takes no permission.
func (d discovery) mayList(ctx context.Context, org string) (bool, error) {
	var answer *crm.TestIamPermissionsResponse
	err := d.p.config.Retry.do(ctx, func() (err error) {
		answer, err = d.c.resources.Organizations.TestIamPermissions(org,
			&crm.TestIamPermissionsRequest{Permissions: []string{listResources().permission}}).Context(ctx).Do()
		return err
	})
	if err != nil {
		return false, err
	}
	return slices.Contains(answer.Permissions, listResources().permission), nil
}

// organizationOf returns the organisation above a project, "" when there is none.
func (d discovery) organizationOf(ctx context.Context, pr *crm.Project) (string, error) {
	if pr.Parent == "" || strings.HasPrefix(pr.Parent, "organizations/") {
		return pr.Parent, nil
	}
	var answer *crm1.GetAncestryResponse
	err := d.p.config.Retry.do(ctx, func() (err error) {
		answer, err = d.c.resourcesOld.Projects.GetAncestry(pr.ProjectId, &crm1.GetAncestryRequest{}).Context(ctx).Do()
		return err
	})
	if err != nil {
		return "", err
	}
	for _, a := range answer.Ancestor {
		if a.ResourceId != nil && a.ResourceId.Type == "organization" {
			return "organizations/" + a.ResourceId.Id, nil
		}
	}
	return "", nil
}
