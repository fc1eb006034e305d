package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
	name     string
	describe func() providers.Description
	// open returns the provider, and in words which credential it found. The error
	// says what is missing.
	open func(ctx context.Context, p *process, c config.Config, sel selection) (providers.Provider, string, error)
	// configured reports whether the configuration names the provider.
	configured func(config.Config) bool
}

// lives lists every provider of live accounts, alphabetical.
func lives() []live {
	return []live{
		{"aws", aws.New(aws.Config{}).Describe, openAWS, func(c config.Config) bool { return c.Providers.AWS != nil }},
		{"gcp", gcp.New(gcp.Config{}).Describe, openGCP, func(c config.Config) bool { return c.Providers.GCP != nil }},
		{"github", github.New(github.Config{}).Describe, openGitHub, func(c config.Config) bool { return c.Providers.GitHub != nil }},
	}
}

// credentialWait bounds how long looking for ambient credentials may take: a metadata
// service that does not answer is none.
const credentialWait = 6 * time.Second

// openLive opens the providers that the configuration names, or without any all
// those for which there are credentials. A configured provider without credentials
// is an error; an ambient one is skipped and says why.
func openLive(ctx context.Context, p *process, c config.Config, sel selection) ([]providers.Provider, []finding.ProviderStatus, error) {
	var names []string
	for _, l := range lives() {
		names = append(names, l.name)
	}
	if err := known("provider", sel.providers, names); err != nil {
		return nil, nil, err
	}
	var out []providers.Provider
	var statuses []finding.ProviderStatus
	for _, l := range lives() {
		switch {
		case !pick(sel.providers, l.name):
			statuses = append(statuses, finding.ProviderStatus{Name: l.name, Detail: "not selected"})
			continue
		case c.Providers.Configured() && !l.configured(c):
			statuses = append(statuses, finding.ProviderStatus{Name: l.name, Detail: "not in the configuration"})
			continue
		}
		wait, cancel := context.WithTimeout(ctx, credentialWait)
		prov, how, err := l.open(wait, p, c, sel)
		cancel()
		if err != nil {
			if l.configured(c) || ctx.Err() != nil {
				return nil, nil, fmt.Errorf("provider %s: %w", l.name, err)
			}
			statuses = append(statuses, finding.ProviderStatus{Name: l.name, Detail: "skipped: " + err.Error()})
			continue
		}
		out = append(out, prov)
		statuses = append(statuses, finding.ProviderStatus{Name: l.name, Used: true, Detail: how})
	}
	return out, statuses, nil
}

// tell says on standard error which providers take part and why others do not.
func tell(p *process, statuses []finding.ProviderStatus) {
	for _, s := range statuses {
		verb := "using"
		if !s.Used {
			verb = "not using"
		}
		fmt.Fprintf(p.stderr, "%s %s: %s\n", verb, s.Name, s.Detail)
	}
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
	base, err := awsconfig.LoadDefaultConfig(ctx, opts...)
	if err != nil {
		return nil, "", fmt.Errorf("load the AWS configuration: %w", err)
	}
	if base.Credentials == nil {
		return nil, "", errors.New("no AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role is attached")
	}
	creds, err := base.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, "", fmt.Errorf("no AWS credentials (environment, shared configuration, container and instance role were tried): set AWS_PROFILE or AWS_ACCESS_KEY_ID: %s", firstLine(err))
	}
	cfg := aws.Config{
		Base: base, Accounts: slices.Concat(section.Accounts, sel.accounts), Regions: slices.Concat(section.Regions, sel.regions), Clock: p.now,
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

func openGCP(ctx context.Context, _ *process, c config.Config, _ selection) (providers.Provider, string, error) {
	creds, err := google.FindDefaultCredentials(context.WithoutCancel(ctx), "https://www.googleapis.com/auth/cloud-platform")
	if err != nil {
		return nil, "", fmt.Errorf("no Google application default credentials: run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS: %s", firstLine(err))
	}
	cfg := gcp.Config{Project: creds.ProjectID, ClientOptions: []option.ClientOption{option.WithCredentials(creds)}}
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
	cfg := github.Config{Orgs: section.Organizations, Enterprise: section.Enterprise, BaseURL: section.URL, Now: p.now}
	if cfg.BaseURL == "" {
		cfg.BaseURL = p.getenv("GITHUB_API_URL")
	}
	if a := section.App; a != nil {
		key, err := os.ReadFile(filepath.Clean(a.PrivateKeyFile))
		if err != nil {
			return nil, "", fmt.Errorf("read the App's private key: %w", err)
		}
		cfg.App = &github.App{ID: a.ID, InstallationID: a.InstallationID, PrivateKeyPEM: key}
		return github.New(cfg), fmt.Sprintf("GitHub App %d", a.ID), nil
	}
	for _, name := range []string{"GITHUB_TOKEN", "GH_TOKEN"} {
		if cfg.Token = p.getenv(name); cfg.Token != "" {
			return github.New(cfg), "token from " + name, nil
		}
	}
	return nil, "", errors.New("no token: set GITHUB_TOKEN")
}

// firstLine keeps messages of one line out of errors that explain at length.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
