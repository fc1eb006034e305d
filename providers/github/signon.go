package github

import (
	"context"
	"strings"

	gh "github.com/google/go-github/v88/github"

	"github.com/metsuke-dev/metsuke/providers"
)

// signOnPage is an identity provider as GraphQL shows it, with one page of its
// identities when they were asked for.
type signOnPage struct {
	protocol           string
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

// signOnQuery asks for an identity provider: that of the organisation or, when it
// has none, that of its enterprise, which may speak OpenID Connect instead of SAML.
type signOnQuery struct {
	name                     string
	organization, enterprise providers.Call
	parameter, identities    string
}

func signOnSettings() signOnQuery {
	return signOnQuery{
		name: "SAML", organization: querySAML(), enterprise: queryEnterpriseSAML(),
	}
}

func signOnIdentities() signOnQuery {
	return signOnQuery{
		name: "Identities", organization: queryIdentities(), enterprise: queryEnterpriseIdentities(),
		parameter: ", $after: String",
		identities: " externalIdentities(first: 100, after: $after) { pageInfo { hasNextPage endCursor }" +
			" nodes { user { login } samlIdentity { nameId } scimIdentity { username } } }",
	}
}

// each hands over every page of the identity provider and returns the level that it
// is configured at: "organization", "enterprise", or "" when there certainly is none.
func (q signOnQuery) each(ctx context.Context, r *run, org *gh.Organization, use func(*signOnPage)) (string, *failure) {
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

func (q signOnQuery) organizationPage(ctx context.Context, r *run, after *string) (*signOnPage, *failure) {
	var answer struct {
		Organization *struct {
			ViewerCanAdminister  bool        `json:"viewerCanAdminister"`
			SAMLIdentityProvider *signOnPage `json:"samlIdentityProvider"`
		} `json:"organization"`
	}
	text := "query organization" + q.name + "($org: String!" + q.parameter + ") { organization(login: $org)" +
		" { viewerCanAdminister samlIdentityProvider { issuer ssoUrl" + q.identities + " } } }"
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
		if f := r.appReadsMembers(ctx, q.organization, "GitHub shows the identity provider to owners and to Apps that may read members"); f != nil {
			return nil, f
		}
	}
	return o.SAMLIdentityProvider.speaks("saml"), nil
}

// speaks notes the protocol of an identity provider, if it is one.
func (p *signOnPage) speaks(protocol string) *signOnPage {
	if p != nil {
		p.protocol = protocol
	}
	return p
}

func (q signOnQuery) enterprisePage(ctx context.Context, r *run, after *string) (*signOnPage, *failure) {
	if r.cfg.Enterprise == "" {
		return nil, denied(q.enterprise, "the organisation has no identity provider of its own, and the enterprise that may have one is not configured")
	}
	var answer struct {
		Enterprise *struct {
			OwnerInfo *struct {
				SAMLIdentityProvider *signOnPage `json:"samlIdentityProvider"`
				OIDCProvider         *signOnPage `json:"oidcProvider"`
			} `json:"ownerInfo"`
		} `json:"enterprise"`
	}
	text := "query enterprise" + q.name + "($enterprise: String!" + q.parameter + ") { enterprise(slug: $enterprise)" +
		" { ownerInfo { samlIdentityProvider { issuer ssoUrl" + q.identities + " } oidcProvider { id" + q.identities + " } } } }"
	vars := q.variables("enterprise", r.cfg.Enterprise, after)
	if err := r.api.queryAll(ctx, q.enterprise, "enterprise"+q.name, text, vars, &answer); err != nil {
		return nil, asFailure(q.enterprise, err)
	}
	if answer.Enterprise == nil || answer.Enterprise.OwnerInfo == nil {
		return nil, denied(q.enterprise, "GitHub shows the identity provider of an enterprise to its owners only")
	}
	info := answer.Enterprise.OwnerInfo
	if info.SAMLIdentityProvider == nil {
		return info.OIDCProvider.speaks("oidc"), nil
	}
	return info.SAMLIdentityProvider.speaks("saml"), nil
}

func (q signOnQuery) variables(name, value string, after *string) map[string]any {
	v := map[string]any{name: value}
	if q.parameter != "" {
		v["after"] = after
	}
	return v
}

func identityProvider(ctx context.Context, r *run, org *gh.Organization, d *draft) {
	var provider map[string]any
	level, f := signOnSettings().each(ctx, r, org, func(p *signOnPage) {
		provider = map[string]any{"protocol": p.protocol, "issuer": orNull(p.Issuer), "sso_url": orNull(p.SSOURL)}
	})
	switch {
	case f != nil:
		d.unknown(f, "identity_provider")
	case level == "":
		d.set("identity_provider", nil)
	default:
		provider["level"] = level
		d.set("identity_provider", provider)
	}
}

// linkedIdentities returns the identity that each login, in lower case, is linked
// to, and whether there is an identity provider at all.
func linkedIdentities(ctx context.Context, r *run, org *gh.Organization) (map[string]map[string]any, bool, *failure) {
	out := map[string]map[string]any{}
	level, f := signOnIdentities().each(ctx, r, org, func(p *signOnPage) {
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
