// Package aws inventories AWS accounts: one, or those of an organisation, each
// in the regions that are enabled there.
//
// It finds accounts and regions and wires the collectors of the services, which
// are in the packages below it; it reads no resource itself. It neither loads
// configuration nor looks at the environment: the caller hands over an SDK
// configuration, and every client is made from it, so that its endpoint
// (AWS_ENDPOINT_URL), proxy and retry settings hold everywhere.
package aws

import (
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"

	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

// Provider inventories AWS accounts.
type Provider = awskit.Provider

// Limits bound what a scan asks of each account.
type Limits = awskit.Limits

// Config says which accounts and regions to read, and as whom.
type Config struct {
	// Base is the SDK configuration, loaded by the caller. Its region is the one in
	// which global services are called; us-east-1 when it has none.
	Base awssdk.Config
	// Accounts select accounts by id or name. Each pattern may hold the wildcards
	// * and ?, and a leading ! takes away what it matches. Empty selects all; so do
	// patterns that only take away, except for what they take.
	Accounts []string
	// Regions select among the enabled regions likewise. Where every pattern that
	// selects is a plain name, the regions need not be listable.
	Regions []string
	// Organization makes the members of the credentials' organisation accounts to
	// read; nil reads the credentials' own account only.
	Organization *Organization
	// Limits bound rate and concurrency.
	Limits Limits
	// Clock tells the time, which metrics are asked for. Without it none are read,
	// and the attributes that rest on them are unknown.
	Clock func() time.Time
}

// Organization says how to reach the member accounts of an organisation.
type Organization struct {
	// RoleName is assumed in every account but the credentials' own;
	// OrganizationAccountAccessRole when empty.
	RoleName string
	// ExternalID is presented when the role is assumed, where its trust policy asks
	// for one.
	ExternalID string
	// SessionName names the sessions in the members' trails; metsuke when empty.
	SessionName string
}

// defaultRole is the role that Organizations creates in the accounts it creates.
const defaultRole = "OrganizationAccountAccessRole"

// New returns a provider for the accounts of c. It does no I/O.
func New(c Config) *Provider {
	if c.Base.Region == "" {
		c.Base.Region = "us-east-1"
	}
	if o := c.Organization; o != nil {
		filled := *o
		if filled.RoleName == "" {
			filled.RoleName = defaultRole
		}
		if filled.SessionName == "" {
			filled.SessionName = "metsuke"
		}
		c.Organization = &filled
	}
	d := &discovery{config: c, dialled: map[string]*dial{}}
	return &Provider{
		Collectors: collectors(), Discover: d.scopes, Dial: d.account, Clock: c.Clock,
		Hierarchy: func() { d.where = true }, HolderTags: func() { d.tagged = true }, Missing: gapsOf,
		Beside: d.reads,
	}
}
