package github

import (
	"context"
	"fmt"
	"sync"

	gh "github.com/google/go-github/v88/github"

	"github.com/metsuke-dev/metsuke/providers"
)

// run is one organisation while it is being read. Several types need the
// organisation itself; it is read once.
type run struct {
	cfg   Config
	api   *client
	scope providers.Scope

	once sync.Once
	org  *gh.Organization
	err  error
}

// organization returns the organisation as GET /orgs/{org} shows it.
func (r *run) organization(ctx context.Context) (*gh.Organization, *failure) {
	r.once.Do(func() {
		r.org = &gh.Organization{}
		_, r.err = r.api.get(ctx, getOrganization(), "orgs/"+r.scope.ID, nil, r.org)
	})
	if r.err != nil {
		return nil, asFailure(getOrganization(), r.err)
	}
	return r.org, nil
}

// withoutEnterprise reports whether the plan is certainly below Enterprise, which
// the audit log and SAML single sign-on need.
func withoutEnterprise(org *gh.Organization) bool {
	switch org.GetPlan().GetName() {
	case "free", "team":
		return true
	}
	return false
}

// appReadsMembers returns nil when the credential is an App that may read members,
// and otherwise why the empty answer of the call is none: message says it to people.
func (r *run) appReadsMembers(ctx context.Context, call providers.Call, message string) *failure {
	hidden := denied(call, message)
	if r.cfg.App == nil {
		return hidden
	}
	var in gh.Installation
	path := fmt.Sprintf("app/installations/%d", r.cfg.App.InstallationID)
	if _, err := r.api.getAsApp(ctx, getInstallation(), path, &in); err != nil {
		return asFailure(getInstallation(), err)
	}
	if in.GetPermissions().GetMembers() == "" {
		return hidden
	}
	return nil
}
