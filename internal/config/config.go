// Package config reads metsuke.yaml, strictly: an unknown key, a wrong type or a
// bad value is an error with file, line and column. It does not look at the
// environment and holds no credentials.
package config

import (
	"math"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/metsuke-dev/metsuke/internal/yamlfile"
)

// Config is metsuke.yaml.
type Config struct {
	Providers Providers     `yaml:"providers" json:"providers,omitempty" jsonschema_description:"What is scanned. Without this section every provider with ambient credentials is."`
	Policies  Policies      `yaml:"policies" json:"policies,omitempty" jsonschema_description:"Which policies judge and with which parameters."`
	OwnerTags yamlfile.List `yaml:"owner_tags" json:"owner_tags,omitempty" jsonschema_description:"Tag keys that name a resource's owner; the first that a resource has wins. Case and separators do not matter."`
	Owners    Owners        `yaml:"owners" json:"owners,omitempty" jsonschema_description:"How a resource finds its owner, where tags alone do not say."`
	Tags      Tags          `yaml:"tags" json:"tags,omitempty" jsonschema_description:"The tagging standard."`
	Scan      Scan          `yaml:"scan" json:"scan,omitempty" jsonschema_description:"How a scan runs."`
	Waivers   Waivers       `yaml:"waivers" json:"waivers,omitempty" jsonschema_description:"Exceptions that were granted."`
	Gate      Gate          `yaml:"gate" json:"gate,omitempty" jsonschema_description:"How a Terraform plan is judged."`
	Serve     Serve         `yaml:"serve" json:"serve,omitempty" jsonschema_description:"Scans on a schedule."`
	Store     Store         `yaml:"store" json:"store,omitempty" jsonschema_description:"Where runs are saved, and for how long."`
	Notify    Notify        `yaml:"notify" json:"notify,omitempty" jsonschema_description:"Whom a saved scan is told to."`
	Outputs   []Output      `yaml:"outputs" json:"outputs,omitempty" jsonschema_description:"Reports that every scan writes besides the one on standard output."`

	file yamlfile.File
}

// Providers says what is scanned. A section that is there switches its provider on.
type Providers struct {
	AWS    *AWS    `yaml:"aws" json:"aws,omitempty" jsonschema_description:"Amazon Web Services, by the AWS default chain of credentials."`
	GCP    *GCP    `yaml:"gcp" json:"gcp,omitempty" jsonschema_description:"Google Cloud, by application default credentials."`
	GitHub *GitHub `yaml:"github" json:"github,omitempty" jsonschema_description:"GitHub, by GITHUB_TOKEN or as a GitHub App."`
}

// Configured reports whether any provider is named.
func (p Providers) Configured() bool { return p.AWS != nil || p.GCP != nil || p.GitHub != nil }

// AWS says which accounts are scanned.
type AWS struct {
	Profile      string        `yaml:"profile" json:"profile,omitempty" jsonschema_description:"Profile of the shared AWS configuration."`
	Accounts     yamlfile.List `yaml:"accounts" json:"accounts,omitempty" jsonschema_description:"Account ids or names; * and ? are wildcards, a leading ! takes away."`
	Regions      yamlfile.List `yaml:"regions" json:"regions,omitempty" jsonschema_description:"Regions, likewise. Default: every enabled one."`
	Organization *Organization `yaml:"organization" json:"organization,omitempty" jsonschema_description:"Scan the member accounts of the organisation too."`
	BilledCalls  *bool         `yaml:"billed_calls" json:"billed_calls,omitempty" jsonschema_description:"Make the calls that AWS puts on the bill: Cost Explorer by the request, CloudWatch by the metric. Default: true. Without them, what they tell is unknown."`
	Spend        bool          `yaml:"spend" json:"spend,omitempty" jsonschema_description:"Read what was spent in the last full month, by owner and account, from Cost Explorer. Each request costs 0.01 USD: one for the list of cost allocation tags, and one for each of the owners' tags. Default: false."`
}

// Organization says how member accounts are reached.
type Organization struct {
	Role       string `yaml:"role" json:"role,omitempty" jsonschema_description:"Role to assume in every member account. Default: OrganizationAccountAccessRole."`
	ExternalID string `yaml:"external_id" json:"external_id,omitempty" jsonschema_description:"External id that the role's trust policy asks for."`
}

// GCP says which organisations, folders and projects are scanned.
type GCP struct {
	Scopes yamlfile.List `yaml:"scopes" json:"scopes,omitempty" jsonschema_description:"organizations/123, folders/123 or projects/id. Default: what the credentials reach."`
}

// GitHub says which organisations are scanned. The token comes from GITHUB_TOKEN.
type GitHub struct {
	Organizations yamlfile.List `yaml:"organizations" json:"organizations,omitempty" jsonschema_description:"Logins. Default: what the credentials reach."`
	Enterprise    string        `yaml:"enterprise" json:"enterprise,omitempty" jsonschema_description:"Slug of the enterprise account."`
	URL           string        `yaml:"url" json:"url,omitempty" jsonschema_description:"Address of the API of a GitHub Enterprise Server: https://HOST/api/v3."`
	App           *App          `yaml:"app" json:"app,omitempty" jsonschema_description:"Read as a GitHub App instead of with a token."`
}

// App is an installation of a GitHub App.
type App struct {
	ID             Whole  `yaml:"id" json:"id" jsonschema_description:"Number of the App."`
	InstallationID Whole  `yaml:"installation_id" json:"installation_id" jsonschema_description:"Number of its installation in the organisation."`
	PrivateKeyFile string `yaml:"private_key_file" json:"private_key_file" jsonschema_description:"PEM file with the App's private key."`
}

// Policies says which policies judge.
type Policies struct {
	Directories yamlfile.List  `yaml:"directories" json:"directories,omitempty" jsonschema_description:"Directories of your own policies, relative to this file."`
	Select      yamlfile.List  `yaml:"select" json:"select,omitempty" jsonschema_description:"Ids to run; * is a wildcard, a leading ! takes away. Default: all."`
	Params      map[string]any `yaml:"params" json:"params,omitempty" jsonschema_description:"Parameters by name, for every policy that declares one of the name."`
	// Overrides are keyed by policy id.
	Overrides map[string]Override `yaml:"overrides" json:"overrides,omitempty" jsonschema_description:"Parameters of single policies, and how they are introduced, by id; a pattern of ids takes warn_until only."`
}

// Override adjusts one policy, or those that a pattern means.
type Override struct {
	Params    map[string]any `yaml:"params" json:"params,omitempty" jsonschema_description:"Values by the names that the policy declares."`
	WarnUntil string         `yaml:"warn_until" json:"warn_until,omitempty" jsonschema_description:"Until the end of this day, in UTC, its findings are shown and do not count: 2026-12-31."`
}

// Owners says where it is written how a resource finds its owner.
type Owners struct {
	File string `yaml:"file" json:"file,omitempty" jsonschema_description:"File of owners, relative to this file. Default: owners.yaml, which may be absent."`
}

// Tags says where the tagging standard is written.
type Tags struct {
	File string `yaml:"file" json:"file,omitempty" jsonschema_description:"File of the standard, relative to this file. Default: tags.yaml, which may be absent."`
}

// Waivers says where exceptions are written and what they are held to.
type Waivers struct {
	File     string `yaml:"file" json:"file,omitempty" jsonschema_description:"File of waivers, relative to this file. Default: waivers.yaml, which may be absent."`
	MaxDays  *Whole `yaml:"max_days" json:"max_days,omitempty" jsonschema_description:"How many days from now a waiver may hold at most; one that is to hold longer waives nothing. Default: 365."`
	Comments string `yaml:"comments" json:"comments,omitempty" jsonschema_description:"How comments in the Terraform sources are taken: allow, approved (they need an approver and a ticket, as in the file) or refuse. Default: allow."`
}

// Scan says how a scan runs.
type Scan struct {
	FailOn          string   `yaml:"fail_on" json:"fail_on,omitempty" jsonschema_description:"Smallest severity that makes the exit code 1: critical, high, medium, low or none. Default: none."`
	RequireCoverage Percent  `yaml:"require_coverage" json:"require_coverage,omitempty" jsonschema_description:"Smallest share of cells, in percent, that must be read; below it the exit code is 3."`
	Parallel        Whole    `yaml:"parallel" json:"parallel,omitempty" jsonschema_description:"How many accounts are read at once. Default: 8."`
	Timeout         Duration `yaml:"timeout" json:"timeout,omitempty" jsonschema_description:"The scan ends after this time and reports what it has: 30m. Default: no limit."`
}

// Gate says how a plan is judged.
type Gate struct {
	FailOn         string `yaml:"fail_on" json:"fail_on,omitempty" jsonschema_description:"Smallest severity that makes the exit code 1. Default: high."`
	FailOnExisting bool   `yaml:"fail_on_existing" json:"fail_on_existing,omitempty" jsonschema_description:"Count findings too that were there before the plan and that it leaves as they were. Default: only those that it introduces count."`
}

// Output is one report.
type Output struct {
	Format string `yaml:"format" json:"format" jsonschema_description:"What is written."`
	Path   string `yaml:"path" json:"path,omitempty" jsonschema_description:"File to write; - is standard output."`
}

// Duration is a time span as Go writes it: 90s, 30m, 2h.
type Duration time.Duration

// UnmarshalYAML reads a duration.
func (d *Duration) UnmarshalYAML(n ast.Node) error {
	s, ok := n.(*ast.StringNode)
	if ok {
		if v, err := time.ParseDuration(s.Value); err == nil && v >= 0 {
			*d = Duration(v)
			return nil
		}
	}
	return yamlfile.Wrong(n, "%s is not a duration: write 90s, 30m or 2h", n)
}

// Whole is a number without a fraction, 0 or more.
type Whole int64

// UnmarshalYAML reads a whole number.
func (w *Whole) UnmarshalYAML(n ast.Node) error {
	i, ok := n.(*ast.IntegerNode)
	if ok {
		if v, fits := i.Value.(uint64); fits && v <= math.MaxInt64 {
			*w = Whole(v)
			return nil
		}
	}
	return yamlfile.Wrong(n, "%s is not a whole number of 0 or more", n)
}

// Percent is a share, 0 to 100.
type Percent float64

// UnmarshalYAML reads a share.
func (p *Percent) UnmarshalYAML(n ast.Node) error {
	v := -1.0
	switch n := n.(type) {
	case *ast.IntegerNode:
		if i, ok := n.Value.(uint64); ok { // one below 0 is an int64
			v = float64(i)
		}
	case *ast.FloatNode:
		v = n.Value
	}
	if v < 0 || v > 100 {
		return yamlfile.Wrong(n, "%s is not a share in percent, 0 to 100", n)
	}
	*p = Percent(v)
	return nil
}
