package aws

import (
	"context"
	"fmt"
	"slices"
	"sync"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
)

// dial is an account that is being reached or has been.
type dial struct {
	mu      sync.Mutex
	account *awskit.Account
}

// account returns an account ready to be read: its credentials work and its
// regions are known or known not to be readable.
func (d *discovery) account(ctx context.Context, s providers.Scope) (*awskit.Account, error) {
	d.mu.Lock()
	e := d.dialled[s.ID]
	if e == nil {
		e = &dial{}
		d.dialled[s.ID] = e
	}
	d.mu.Unlock()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.account != nil {
		return e.account, nil
	}
	self, err := d.whoami(ctx)
	if err != nil {
		return nil, err
	}
	cfg := d.config.Base.Copy()
	if s.ID != self.id {
		if cfg.Credentials, err = d.assume(ctx, self, s.ID); err != nil {
			return nil, err
		}
	}
	a := awskit.NewAccount(s, self.partition, cfg.Region, nil, cfg, d.config.Limits)
	if s.ID != self.id {
		a.Via = self.account
	}
	a.Regions, a.Enabled, err = d.regions(ctx, a)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		a.Regions, a.Enabled, a.RegionsErr = nil, nil, err
		return a, nil // not kept: the next collection asks again
	}
	e.account = a
	return a, nil
}

// assume returns credentials of the configured role in a member account.
func (d *discovery) assume(ctx context.Context, self *identity, account string) (awssdk.CredentialsProvider, error) {
	o := d.config.Organization
	if o == nil {
		return nil, fmt.Errorf("the credentials belong to account %s, and no organisation is configured through which to reach another", self.id)
	}
	role := fmt.Sprintf("arn:%s:iam::%s:role/%s", self.partition, account, o.RoleName)
	creds := awssdk.NewCredentialsCache(stscreds.NewAssumeRoleProvider(sts.NewFromConfig(self.account.Config("sts", "")), role, func(opts *stscreds.AssumeRoleOptions) {
		opts.RoleSessionName = o.SessionName
		if o.ExternalID != "" {
			opts.ExternalID = &o.ExternalID
		}
	}))
	if _, err := creds.Retrieve(ctx); err != nil {
		return nil, awskit.Lacking("sts:AssumeRole", fmt.Errorf("assume %s: %w", role, withCure(err)))
	}
	return creds, nil
}

// regions lists the account's enabled regions, those that are selected and all.
// Where the list cannot be read, plain names in the configuration are taken at their
// word, and all are not known.
func (d *discovery) regions(ctx context.Context, a *awskit.Account) (selected, enabled []string, err error) {
	wanted := patterns(d.config.Regions)
	names, literal := wanted.literal()
	out, err := ec2.NewFromConfig(a.Config("ec2", "")).DescribeRegions(ctx, &ec2.DescribeRegionsInput{AllRegions: awssdk.Bool(true)})
	if err != nil {
		if literal {
			names = slices.DeleteFunc(names, func(n string) bool { return !wanted.match(n) })
			return slices.Compact(slices.Sorted(slices.Values(names))), nil, nil
		}
		return nil, nil, awskit.Lacking("ec2:DescribeRegions", withCure(err))
	}
	known := map[string]bool{}
	for _, r := range out.Regions {
		name := deref(r.RegionName)
		known[name] = true
		// The values of RegionOptInStatus in the EC2 API reference.
		if deref(r.OptInStatus) == "not-opted-in" {
			continue
		}
		enabled = append(enabled, name)
		if wanted.match(name) {
			selected = append(selected, name)
		}
	}
	for _, n := range names {
		if !known[n] {
			return nil, nil, fmt.Errorf("there is no region %q in the partition %s", n, a.Partition)
		}
	}
	slices.Sort(selected)
	slices.Sort(enabled)
	return selected, enabled, nil
}

// withCure says what to do where credentials have run out, which the SDK's errors
// do not.
func withCure(err error) error {
	if cure := awskit.Cure(err); cure != "" {
		return fmt.Errorf("%s: %w", cure, err)
	}
	return err
}
