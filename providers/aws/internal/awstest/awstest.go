// Package awstest runs collectors against the simulated estate in tests.
package awstest

import (
	"context"
	"io/fs"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awskit"
	"github.com/metsuke-dev/metsuke/providers/providertest"
)

// Provider returns a provider with the collectors, in front of the estate's
// management account.
func Provider(e *awssim.Estate, f awssim.Faults, collectors ...awskit.Collector) *awskit.Provider {
	return ProviderOf(awssim.Accounts()[0], e, f, collectors...)
}

// ProviderOf is Provider in front of one account of the estate.
func ProviderOf(id string, e *awssim.Estate, f awssim.Faults, collectors ...awskit.Collector) *awskit.Provider {
	role := "member"
	if id == awssim.Accounts()[0] {
		role = "management"
	}
	scope := providers.Scope{Provider: "aws", ID: id, Name: role, Labels: map[string]string{"organization_role": role}}
	return &awskit.Provider{
		Collectors: collectors,
		Clock:      awssim.Now,
		BillTags:   []string{"owner", "team"},
		Discover:   func(context.Context) ([]providers.Scope, error) { return []providers.Scope{scope}, nil },
		Dial: func(_ context.Context, s providers.Scope) (*awskit.Account, error) {
			return awskit.NewAccount(s, "aws", "us-east-1", awssim.Regions(), e.Config(id, "us-east-1", f), Limits()), nil
		},
	}
}

// Member returns a provider with the collectors in front of a member account: with
// the management account's credentials, or with none but its own.
func Member(e *awssim.Estate, f awssim.Faults, id string, viaManagement bool, collectors ...awskit.Collector) *awskit.Provider {
	p := Provider(e, f, collectors...)
	scope := providers.Scope{Provider: "aws", ID: id, Name: "member", Labels: map[string]string{"organization_role": "member"}}
	p.Discover = func(context.Context) ([]providers.Scope, error) { return []providers.Scope{scope}, nil }
	p.Beside = func(string) bool { return viaManagement }
	p.Dial = func(_ context.Context, s providers.Scope) (*awskit.Account, error) {
		a := awskit.NewAccount(s, "aws", "us-east-1", awssim.Regions(), e.Config(id, "us-east-1", f), Limits())
		if viaManagement {
			m := awssim.Accounts()[0]
			a.Via = awskit.NewAccount(providers.Scope{Provider: "aws", ID: m}, "aws", "us-east-1", awssim.Regions(), e.Config(m, "us-east-1", f), Limits())
		}
		return a, nil
	}
	return p
}

// Limits are bounds with short waits.
func Limits() awskit.Limits {
	return awskit.Limits{NewRetryer: func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxBackoff = time.Millisecond
			o.RateLimiter = ratelimit.None
		})
	}}
}

// Schemas returns policies/schemas, seen from a package two folders below
// providers/ (providers/aws/<service>).
func Schemas() fs.FS { return os.DirFS("../../../policies/schemas") }

// Conform runs the conformance suite over the collectors with the demonstration
// estate. Unexercised says why a declared call is not made there.
func Conform(t *testing.T, unexercised map[string]string, collectors ...awskit.Collector) {
	t.Helper()
	ConformIn(t, awssim.Accounts()[0], unexercised, collectors...)
}

// ConformIn is Conform with another account of the estate, for types that the
// management account does not have.
func ConformIn(t *testing.T, account string, unexercised map[string]string, collectors ...awskit.Collector) {
	t.Helper()
	providertest.Run(t, providertest.Config{
		New: func(_ *testing.T, f providertest.Faults) providers.Provider {
			return ProviderOf(account, awssim.Demo(), awssim.Faults(f), collectors...)
		},
		Schemas:     Schemas(),
		Unexercised: unexercised,
	})
}

// Collect reads everything that the collectors can read of an estate with the
// documents, keyed as awssim.New says, with the faults.
func Collect(t *testing.T, docs fs.FS, f awssim.Faults, collectors ...awskit.Collector) ([]providers.Resource, []providers.Gap) {
	t.Helper()
	p := Provider(awssim.New(docs, awssim.Ops()...), f, collectors...)
	return providertest.Collect(t, p, p.Describe().Everything())
}
