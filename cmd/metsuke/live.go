package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"golang.org/x/oauth2/google"
	"google.golang.org/api/option"

	"github.com/metsuke-dev/metsuke/internal/config"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws"
	"github.com/metsuke-dev/metsuke/providers/gcp"
	"github.com/metsuke-dev/metsuke/providers/github"
)

// live is a provider of live accounts: how it finds credentials, and how it is
// described without any.
type live struct {
	name        string
	credentials string // in words: where they come from
	describe    func() providers.Description
	// open returns the provider, and in words which credential it found. The error
	// says what is missing.
	open func(ctx context.Context, p *process, c config.Config, sel selection) (providers.Provider, string, error)
	// configured reports whether the configuration names the provider.
	configured func(config.Config) bool
}

// lives lists every provider of live accounts, alphabetical.
func lives() []live {
	return []live{
		{"aws", "the AWS default chain: environment, shared configuration, role", aws.New(aws.Config{}).Describe, openAWS, func(c config.Config) bool { return c.Providers.AWS != nil }},
		{"gcp", "Google application default credentials", gcp.New(gcp.Config{}).Describe, openGCP, func(c config.Config) bool { return c.Providers.GCP != nil }},
		{"github", "GITHUB_TOKEN, or a GitHub App in the configuration", github.New(github.Config{}).Describe, openGitHub, func(c config.Config) bool { return c.Providers.GitHub != nil }},
	}
}

// credentialWait bounds how long looking for ambient credentials may take: a metadata
// service that does not answer is none.
const credentialWait = 6 * time.Second

// openLive opens the providers that the configuration names, or without any all
// those for which there are credentials, all at once. A configured provider without
// credentials is an error; an ambient one is skipped and says why.
func openLive(ctx context.Context, p *process, c config.Config, sel selection) ([]providers.Provider, []finding.ProviderStatus, error) {
	if err := known("--provider", sel.providers, liveNames(p)); err != nil {
		return nil, nil, err
	}
	type opened struct {
		provider providers.Provider
		how      string
		err      error
	}
	results := make([]chan opened, len(p.live))
	statuses := make([]finding.ProviderStatus, len(p.live))
	wait, cancel := context.WithTimeout(ctx, credentialWait)
	defer cancel()
	for i, l := range p.live {
		statuses[i].Name = l.name
		switch {
		case !pick(sel.providers, l.name):
			statuses[i].Detail = "not selected"
			continue
		case c.Providers.Configured() && !l.configured(c):
			statuses[i].Detail = "not in the configuration"
			continue
		}
		results[i] = make(chan opened, 1) // a library that does not heed the context writes into the void
		go func() {
			prov, how, err := l.open(wait, p, c, sel)
			results[i] <- opened{prov, how, err}
		}()
	}
	var out []providers.Provider
	for i, l := range p.live {
		if results[i] == nil {
			continue
		}
		var r opened
		select {
		case r = <-results[i]:
		case <-wait.Done():
			r.err = fmt.Errorf("no credentials found within %s", credentialWait)
		}
		switch {
		case ctx.Err() != nil:
			return nil, nil, ctx.Err()
		case r.err != nil && l.configured(c):
			return nil, nil, fmt.Errorf("provider %s: %w", l.name, r.err)
		case r.err != nil:
			statuses[i].Detail = r.err.Error()
		default:
			out = append(out, r.provider)
			statuses[i].Used, statuses[i].Detail = true, r.how
		}
		p.log.Info("credentials", "provider", l.name, "found", statuses[i].Used, "detail", statuses[i].Detail)
	}
	return out, statuses, nil
}

func liveNames(p *process) []string {
	var names []string
	for _, l := range p.live {
		names = append(names, l.name)
	}
	return names
}

// tell says on standard error which providers take part and why others do not.
func tell(p *process, statuses []finding.ProviderStatus) {
	for _, s := range statuses {
		verb := "using"
		if !s.Used {
			verb = "not using"
		}
		p.say("%s %s: %s", verb, s.Name, s.Detail)
	}
}

// nothingToScan says why no provider takes part and what to do.
func nothingToScan(statuses []finding.ProviderStatus) error {
	var why []string
	for _, s := range statuses {
		why = append(why, "  "+s.Name+": "+s.Detail)
	}
	return errors.New("there is nothing to scan\n" + strings.Join(why, "\n") +
		"\n`metsuke demo` shows a scan of a simulated estate; `metsuke init` writes a configuration to start from")
}

func openAWS(ctx context.Context, p *process, c config.Config, sel selection) (providers.Provider, string, error) {
	section := config.AWS{}
	if c.Providers.AWS != nil {
		section = *c.Providers.AWS
	}
	var opts []func(*awsconfig.LoadOptions) error
	if section.Profile != "" {
		opts = append(opts, awsconfig.WithSharedConfigProfile(section.Profile))
	}
	base, err := awsconfig.LoadDefaultConfig(context.WithoutCancel(ctx), opts...)
	if err != nil {
		return nil, "", fmt.Errorf("load the AWS configuration: %w", err)
	}
	if base.Credentials == nil {
		return nil, "", errors.New("no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role is attached")
	}
	creds, err := base.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, "", fmt.Errorf("no AWS credentials in the environment, the shared configuration, or a role of this machine: set AWS_PROFILE or AWS_ACCESS_KEY_ID (%s)", lastCause(err))
	}
	cfg := aws.Config{
		Base: base, Accounts: section.Accounts, Regions: section.Regions, Clock: p.now,
	}
	// The flags replace what the configuration selects.
	if len(sel.accounts) > 0 {
		cfg.Accounts = nil // selected when the accounts are known
	}
	if len(sel.regions) > 0 {
		cfg.Regions = sel.regions
	}
	cfg.Limits.Traffic = p.traffic["aws"]
	if b := section.BilledCalls; b != nil {
		cfg.Limits.Unbilled = !*b
	}
	if o := section.Organization; o != nil {
		cfg.Organization = &aws.Organization{RoleName: o.Role, ExternalID: o.ExternalID}
	}
	return aws.New(cfg), "credentials from " + credentialSource(creds), nil
}

// credentialSource names where credentials come from in the words of people.
func credentialSource(c awssdk.Credentials) string {
	switch {
	case c.Source == "EnvConfigCredentials":
		return "the environment"
	case strings.HasPrefix(c.Source, "SharedConfigCredentials"):
		return "the shared AWS configuration"
	case c.Source == "EC2RoleProvider":
		return "the instance's role"
	case c.Source == "":
		return "the AWS configuration"
	}
	return c.Source
}

func openGCP(ctx context.Context, p *process, c config.Config, _ selection) (providers.Provider, string, error) {
	creds, err := google.FindDefaultCredentials(context.WithoutCancel(ctx), "https://www.googleapis.com/auth/cloud-platform")
	if file := p.getenv("GOOGLE_APPLICATION_CREDENTIALS"); err != nil && file != "" {
		return nil, "", fmt.Errorf("GOOGLE_APPLICATION_CREDENTIALS names %s, which holds no credentials (%s)", file, lastCause(err))
	}
	if err != nil {
		return nil, "", fmt.Errorf("no Google application default credentials: run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS")
	}
	if _, err := creds.TokenSource.Token(); err != nil {
		return nil, "", fmt.Errorf("the Google application default credentials give no token; run `gcloud auth application-default login` (%s)", firstLine(err))
	}
	cfg := gcp.Config{Project: creds.ProjectID, Retry: gcp.Retry{Traffic: p.traffic["gcp"]}, ClientOptions: []option.ClientOption{option.WithCredentials(creds)}}
	if c.Providers.GCP != nil {
		cfg.Scopes = c.Providers.GCP.Scopes
	}
	return gcp.New(cfg), "application default credentials", nil
}

func openGitHub(_ context.Context, p *process, c config.Config, _ selection) (providers.Provider, string, error) {
	section := config.GitHub{}
	if c.Providers.GitHub != nil {
		section = *c.Providers.GitHub
	}
	cfg := github.Config{Orgs: section.Organizations, Enterprise: section.Enterprise, BaseURL: section.URL, Now: p.now, Traffic: p.traffic["github"]}
	if cfg.BaseURL == "" {
		cfg.BaseURL = p.getenv("GITHUB_API_URL")
	}
	if u, err := url.Parse(cfg.BaseURL); err != nil || u.User != nil {
		return nil, "", errors.New("the address of the API is no plain URL: write https://HOST/api/v3, and put the token into GITHUB_TOKEN")
	}
	if a := section.App; a != nil {
		key, err := os.ReadFile(filepath.Clean(a.PrivateKeyFile))
		if err != nil {
			return nil, "", fmt.Errorf("read the App's private key: %w", err)
		}
		cfg.App = &github.App{ID: int64(a.ID), InstallationID: int64(a.InstallationID), PrivateKeyPEM: key}
		return github.New(cfg), fmt.Sprintf("GitHub App %d", a.ID), nil
	}
	for _, name := range []string{"GITHUB_TOKEN", "GH_TOKEN"} {
		if cfg.Token = p.getenv(name); cfg.Token != "" {
			return github.New(cfg), "token from " + name, nil
		}
	}
	return nil, "", errors.New("no token: set GITHUB_TOKEN, or configure a GitHub App")
}

// lastCause is what is at the bottom of an error, which the SDK wraps many times.
func lastCause(err error) string {
	for errors.Unwrap(err) != nil {
		err = errors.Unwrap(err)
	}
	return firstLine(err)
}

// firstLine keeps messages of one line out of errors that explain at length.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
