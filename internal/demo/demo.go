// Package demo puts the real providers in front of the simulated clouds: an AWS
// organisation of three accounts, a Google Cloud organisation, a GitHub
// organisation and a Terraform plan. The demonstration and the end-to-end tests
// run on it. It answers no calls itself and judges nothing.
package demo

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"google.golang.org/api/option"

	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/internal/simcloud/gcpsim"
	"github.com/metsuke-dev/metsuke/internal/simcloud/githubsim"
	"github.com/metsuke-dev/metsuke/policies"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws"
	"github.com/metsuke-dev/metsuke/providers/gcp"
	"github.com/metsuke-dev/metsuke/providers/github"
	"github.com/metsuke-dev/metsuke/providers/terraform"
)

//go:embed plan.json
var plan []byte

// Plan is the demonstration's Terraform plan, as terraform show -json prints one.
func Plan() []byte { return bytes.Clone(plan) }

// Now is the time at which the estate is judged: its dates are written for it.
func Now() time.Time { return awssim.Now() }

// Faults is how the simulated APIs misbehave.
type Faults struct {
	Deny     func(operation string) bool // operations as the providers' descriptions name them
	Throttle int
	PageSize int
	Observe  func(operation string)
}

// Estate is the providers and what has to be closed after use.
type Estate struct {
	Providers []providers.Provider
	cloud     *gcpsim.Cloud
}

// Close ends the simulation.
func (e *Estate) Close() error { return e.cloud.Close() }

// New returns the four providers in front of fresh simulated clouds.
func New(f Faults) (*Estate, error) {
	awsAPI := awssim.Demo()
	home := awssim.Accounts()[0]
	amazon := aws.New(aws.Config{
		Base:         awsAPI.Config(home, awssim.Regions()[1], awssim.Faults(f)),
		Organization: &aws.Organization{},
		Clock:        Now,
		Limits:       aws.Limits{NewRetryer: quickRetries},
	})
	cloud, err := gcpsim.New(gcpsim.Config{Now: Now(), Deny: f.Deny, Throttle: f.Throttle, PageSize: f.PageSize, Observe: f.Observe})
	if err != nil {
		return nil, err
	}
	google := gcp.New(gcp.Config{
		AssetOptions: cloud.AssetOptions(), RESTOptions: append(cloud.RESTOptions(), option.WithoutAuthentication()),
		Retry: gcp.Retry{Initial: time.Millisecond, Max: time.Millisecond},
	})
	hubAPI, err := githubsim.Demo(githubsim.Faults(f))
	if err != nil {
		return nil, err
	}
	hub := github.New(github.Config{
		Token: githubsim.Token, HTTPClient: &http.Client{Transport: hubAPI}, Now: Now,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	schemas, err := fs.Sub(policies.Files, "schemas")
	if err != nil {
		return nil, err
	}
	change, err := terraform.Open(bytes.NewReader(plan), int64(len(plan)), terraform.Options{Name: "checkout-service.tfplan.json", Schemas: schemas})
	if err != nil {
		return nil, fmt.Errorf("open the demonstration's plan: %w", err)
	}
	return &Estate{Providers: []providers.Provider{amazon, google, hub, change}, cloud: cloud}, nil
}

// quickRetries tries again without waiting long: the simulation has nothing to recover.
func quickRetries() awssdk.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxBackoff = time.Millisecond
		o.RateLimiter = ratelimit.None
	})
}
