package main

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws"
	"github.com/metsuke-dev/metsuke/providers/gcp"
	"github.com/metsuke-dev/metsuke/providers/github"
)

func newProvidersPermissions(p *process) *cobra.Command {
	var s setup
	var format string
	var organization bool
	cmd := &cobra.Command{
		Use:   "permissions PROVIDER",
		Short: "Print the least privilege that the selected policies need",
		Long: `Print what a credential must be allowed so that every selected policy can judge, and
the rules of owners.yaml can say whose everything is, and no more:

  aws      an IAM policy; with --organization, or an organisation in the
           configuration, it may also assume the role in the member accounts
  gcp      the smallest predefined roles, and the permissions
  github   the permissions of a GitHub App

The output does not depend on the time or on any account.`,
		Example: `  metsuke providers permissions aws > metsuke-policy.json
  metsuke providers permissions aws --policies 'aws-s3-*' --organization
  metsuke providers permissions gcp --category security
  metsuke providers permissions github --format json`,
		Args:              arguments(cobra.ExactArgs(1)),
		ValidArgsFunction: providerNames(p),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			d, err := one(p, args[0])
			if err != nil {
				return err
			}
			if d.Name == planProvider {
				return fmt.Errorf("a Terraform plan is a file: it needs no permissions")
			}
			e, err := s.load(cmd)
			if err != nil {
				return err
			}
			permissions, err := s.permissions(p, e, d)
			if err != nil {
				return err
			}
			switch d.Name {
			case "aws":
				role := ""
				if a := s.config.Providers.AWS; a != nil && a.Organization != nil {
					organization, role = true, a.Organization.Role
				}
				return printIAM(p, permissions, organization, cmp.Or(role, "OrganizationAccountAccessRole"))
			case "gcp":
				if g := s.config.Providers.GCP; g == nil || len(g.Scopes) == 0 {
					permissions = append(permissions, gcpDiscovery()...)
					slices.Sort(permissions)
					permissions = slices.Compact(permissions)
				}
				return printGCP(p, permissions, format)
			case "github":
				return printGitHub(p, permissions, format)
			}
			for _, perm := range permissions {
				fmt.Fprintln(p.stdout, perm)
			}
			return nil
		},
	}
	exits(cmd, "0  the permissions were printed", "2  there is no such provider, the selection leaves no policy of it, or a usage error")
	s.sel.addPolicyFlags(cmd)
	addFormatFlag(cmd, &format, "text", "json")
	flags(cmd, "AWS", func(f *pflag.FlagSet) {
		f.BoolVar(&organization, "organization", false, "include what reading the member accounts of an organisation takes")
	})
	s.owners.addFlag(cmd)
	s.addLoadFlags(cmd)
	flags(cmd, "General", s.tags.addFlag)
	return cmd
}

// permissions returns what the selected policies and the rules of owners need of a
// provider, sorted.
func (s *setup) permissions(p *process, e *engine.Engine, d providers.Description) ([]string, error) {
	ids, err := s.choose(e, []providers.Description{d})
	if err != nil {
		return nil, err
	}
	session, _, err := s.session(p, e, ids)
	if err != nil {
		return nil, err
	}
	want, err := wants(session, d, newFound(s.sel).typ)
	if err != nil {
		return nil, err
	}
	want = providers.Merge(s.owners.extend(d, want), s.alsoSpend("scan", d))
	permissions := append(d.Permissions(want), s.owners.permissions(d)...)
	inherits, err := session.Inherits()
	if err != nil {
		return nil, err
	}
	if inherits && d.Name == "aws" {
		permissions = append(permissions, aws.HolderTagsCall().Permissions...)
	}
	slices.Sort(permissions)
	return slices.Compact(permissions), nil
}

// statement is one of an IAM policy.
type statement struct {
	Sid      string
	Effect   string
	Action   []string
	Resource string
}

// awsDiscovery is what finding the account, its name, its organisation and its regions
// takes.
func awsDiscovery() []string {
	return []string{"ec2:DescribeRegions", "iam:ListAccountAliases", "organizations:DescribeOrganization", "sts:GetCallerIdentity"}
}

// gcpDiscovery is what finding the organisations and projects takes, unless the
// configuration names them.
func gcpDiscovery() []string {
	return []string{"resourcemanager.organizations.get", "resourcemanager.projects.get"}
}

// maxManagedPolicy is how many characters besides white space a managed IAM policy may
// have (IAM and STS quotas).
const maxManagedPolicy = 6144

func iamStatements(permissions []string, organization bool, role string) []statement {
	discovery := awsDiscovery()
	var members []statement
	if organization {
		discovery = append(discovery, "organizations:ListAccounts")
		members = []statement{{"AssumeRoleInMembers", "Allow", []string{"sts:AssumeRole"}, "arn:aws:iam::*:role/" + role}}
	}
	slices.Sort(discovery)
	out := append([]statement{{"Discover", "Allow", discovery, "*"}}, members...)
	byService := map[string][]string{}
	for _, p := range permissions {
		if service, _, ok := strings.Cut(p, ":"); ok && !slices.Contains(discovery, p) {
			byService[service] = append(byService[service], p)
		}
	}
	for _, service := range sortedKeys(byService) {
		// A Sid is made of letters and digits.
		sid := "Read" + strings.ToUpper(service[:1]) + strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, service[1:])
		out = append(out, statement{sid, "Allow", slices.Compact(slices.Sorted(slices.Values(byService[service]))), "*"})
	}
	return out
}

func printIAM(p *process, permissions []string, organization bool, role string) error {
	var b bytes.Buffer
	if err := writeJSON(&b, struct {
		Version   string
		Statement []statement
	}{"2012-10-17", iamStatements(permissions, organization, role)}); err != nil {
		return err
	}
	if _, err := p.stdout.Write(b.Bytes()); err != nil {
		return err
	}
	if n := len(strings.Join(strings.Fields(b.String()), "")); n > maxManagedPolicy {
		p.say("the policy has %d characters and a managed policy at most %d: select fewer policies, or split it by statement", n, maxManagedPolicy)
	}
	if organization {
		p.say("this is for the credentials that metsuke runs with; the role %s in each member account needs all of it but AssumeRoleInMembers", role)
	}
	return nil
}

func printGCP(p *process, permissions []string, format string) error {
	roles, ungranted := gcp.Roles(permissions)
	if format == "json" {
		return writeJSON(p.stdout, map[string][]string{
			"roles": append([]string{}, roles...), "permissions": append([]string{}, permissions...), "ungranted": append([]string{}, ungranted...),
		})
	}
	var b bytes.Buffer
	b.WriteString("Roles, granted on the organisation, the folders or the projects to scan\n")
	for _, r := range roles {
		fmt.Fprintf(&b, "  %s\n", r)
	}
	b.WriteString("\nPermissions, for a role of your own\n")
	for _, perm := range permissions {
		fmt.Fprintf(&b, "  %s\n", perm)
	}
	if len(ungranted) > 0 {
		fmt.Fprintf(&b, "\nIn none of these roles: %s\n", strings.Join(ungranted, ", "))
	}
	_, err := p.stdout.Write(b.Bytes())
	return err
}

func printGitHub(p *process, permissions []string, format string) error {
	app := github.AppPermissions(permissions)
	var beyond []string // what no App of an organisation can have
	for _, perm := range permissions {
		if len(github.AppPermissions([]string{perm})) == 0 {
			beyond = append(beyond, perm)
		}
	}
	if format == "json" {
		return writeJSON(p.stdout, map[string]any{"default_permissions": app, "beyond_an_app": append([]string{}, beyond...)})
	}
	var b bytes.Buffer
	b.WriteString("Permissions of the GitHub App\n")
	for _, name := range sortedKeys(app) {
		fmt.Fprintf(&b, "  %s: %s\n", name, app[name])
	}
	if len(beyond) > 0 {
		fmt.Fprintf(&b, "\nNot for an App: %s\n", strings.Join(beyond, ", "))
	}
	_, err := p.stdout.Write(b.Bytes())
	return err
}
