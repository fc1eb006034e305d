package github

import (
	"context"
	"strings"

	gh "github.com/google/go-github/v88/github"

	"github.com/metsuke-dev/metsuke/providers"
)

// samlPage is a SAML identity provider as GraphQL shows it, with one page of its
// identities when they were asked for.
type samlPage struct {
	Issuer             *string `json:"issuer"`
	SSOURL             *string `json:"ssoUrl"`
	ExternalIdentities struct {
		PageInfo struct {
			HasNextPage bool   `json:"hasNextPage"`
			EndCursor   string `json:"endCursor"`
		} `json:"pageInfo"`
		Nodes []*struct {
			User *struct {
				Login string `json:"login"`
			} `json:"user"` // null while nobody has claimed the identity
			SAMLIdentity *struct {
				NameID *string `json:"nameId"`
			} `json:"samlIdentity"`
			SCIMIdentity *struct {
				Username *string `json:"username"`
			} `json:"scimIdentity"`
		} `json:"nodes"`
	} `json:"externalIdentities"`
}

// samlQuery asks for a SAML identity provider: that of the organisation or, when it
// has none, that of its enterprise.
type samlQuery struct {
	name                     string
	organization, enterprise providers.Call
	parameter, fields        string
}

func samlSettings() samlQuery {
	return samlQuery{
		name: "SAML", organization: querySAML(), enterprise: queryEnterpriseSAML(),
		fields: "issuer ssoUrl",
	}
}

func samlIdentities() samlQuery {
	return samlQuery{
		name: "Identities", organization: queryIdentities(), enterprise: queryEnterpriseIdentities(),
		parameter: ", $after: String",
		fields: "issuer ssoUrl externalIdentities(first: 100, after: $after) { pageInfo { hasNextPage endCursor }" +
			" nodes { user { login } samlIdentity { nameId } scimIdentity { username } } }",
	}
}

// each hands over every page of the identity provider and returns the level that it
// is configured at: "organization", "enterprise", or "" when there certainly is none.
func (q samlQuery) each(ctx context.Context, r *run, org *gh.Organization, use func(*samlPage)) (string, *failure) {
	level, next := "organization", q.organizationPage
	page, f := next(ctx, r, nil)
	if page == nil && f == nil && !withoutEnterprise(org) {
		level, next = "enterprise", q.enterprisePage
		page, f = next(ctx, r, nil)
	}
	for page != nil && f == nil {
		use(page)
		info := page.ExternalIdentities.PageInfo
		if !info.HasNextPage {
			return level, nil
		}
		page, f = next(ctx, r, &info.EndCursor)
	}
	return "", f
}

func (q samlQuery) organizationPage(ctx context.Context, r *run, after *string) (*samlPage, *failure) {
	var answer struct {
		Organization *struct {
			ViewerCanAdminister  bool      `json:"viewerCanAdminister"`
			SAMLIdentityProvider *samlPage `json:"samlIdentityProvider"`
		} `json:"organization"`
	}
	text := "query organization" + q.name + "($org: String!" + q.parameter + ") { organization(login: $org)" +
		" { viewerCanAdminister samlIdentityProvider { " + q.fields + " } } }"
	vars := q.variables("org", r.scope.ID, after)
	if err := r.api.queryAll(ctx, q.organization, "organization"+q.name, text, vars, &answer); err != nil {
		return nil, asFailure(q.organization, err)
	}
	o := answer.Organization
	if o == nil {
		return nil, denied(q.organization, "GitHub shows no such organisation")
	}
	// Without a provider, or with one that the credential may not see, there is null:
	// GitHub shows it to owners and to Apps that may read members.
	if o.SAMLIdentityProvider == nil && !o.ViewerCanAdminister {
		if f := r.appReadsMembers(ctx, q.organization); f != nil {
			return nil, f
		}
	}
	return o.SAMLIdentityProvider, nil
}

func (q samlQuery) enterprisePage(ctx context.Context, r *run, after *string) (*samlPage, *failure) {
	if r.cfg.Enterprise == "" {
		return nil, denied(q.enterprise, "the organisation has no identity provider of its own, and the enterprise that may have one is not configured")
	}
	var answer struct {
		Enterprise *struct {
			OwnerInfo *struct {
				SAMLIdentityProvider *samlPage `json:"samlIdentityProvider"`
			} `json:"ownerInfo"`
		} `json:"enterprise"`
	}
	text := "query enterprise" + q.name + "($enterprise: String!" + q.parameter + ") { enterprise(slug: $enterprise)" +
		" { ownerInfo { samlIdentityProvider { " + q.fields + " } } } }"
	vars := q.variables("enterprise", r.cfg.Enterprise, after)
	if err := r.api.queryAll(ctx, q.enterprise, "enterprise"+q.name, text, vars, &answer); err != nil {
		return nil, asFailure(q.enterprise, err)
	}
	if answer.Enterprise == nil || answer.Enterprise.OwnerInfo == nil {
		return nil, denied(q.enterprise, "GitHub shows the identity provider of an enterprise to its owners only")
	}
	return answer.Enterprise.OwnerInfo.SAMLIdentityProvider, nil
}

func (q samlQuery) variables(name, value string, after *string) map[string]any {
	v := map[string]any{name: value}
	if q.parameter != "" {
		v["after"] = after
	}
	return v
}

func samlProvider(ctx context.Context, r *run, org *gh.Organization, d *draft) {
	var provider map[string]any
	level, f := samlSettings().each(ctx, r, org, func(p *samlPage) {
		provider = map[string]any{"issuer": orNull(p.Issuer), "sso_url": orNull(p.SSOURL)}
	})
	switch {
	case f != nil:
		d.unknown(f, "saml_identity_provider")
	case level == "":
		d.set("saml_identity_provider", nil)
	default:
		provider["level"] = level
		d.set("saml_identity_provider", provider)
	}
}

// linkedIdentities returns the identity that each login, in lower case, is linked
// to, and whether there is an identity provider at all.
func linkedIdentities(ctx context.Context, r *run, org *gh.Organization) (map[string]map[string]any, bool, *failure) {
	out := map[string]map[string]any{}
	level, f := samlIdentities().each(ctx, r, org, func(p *samlPage) {
		for _, n := range p.ExternalIdentities.Nodes {
			if n == nil || n.User == nil {
				continue
			}
			id := map[string]any{"name_id": nil, "user_name": nil}
			if n.SAMLIdentity != nil {
				id["name_id"] = orNull(n.SAMLIdentity.NameID)
			}
			if n.SCIMIdentity != nil {
				id["user_name"] = orNull(n.SCIMIdentity.Username)
			}
			out[strings.ToLower(n.User.Login)] = id
		}
	})
	return out, level != "", f
}
