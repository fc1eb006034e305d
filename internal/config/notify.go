package config

import "github.com/metsuke-dev/metsuke/internal/yamlfile"

// Notify says whom a saved scan is told to.
type Notify struct {
	Link     string         `yaml:"link" json:"link,omitempty" jsonschema_description:"Where people find the report; it stands in every message."`
	Overdue  map[string]Age `yaml:"overdue" json:"overdue,omitempty" jsonschema_description:"How long a finding of a severity may stay open before it is called overdue: critical: 7d."`
	Channels []Channel      `yaml:"channels" json:"channels,omitempty" jsonschema_description:"Where messages go."`
}

// Channel is a place that messages go to. Exactly one of its kinds is set.
type Channel struct {
	Name        string        `yaml:"name" json:"name" jsonschema:"pattern=^[a-z0-9][a-z0-9_-]*$" jsonschema_description:"What it is called. Messages that wait are sent through the channel of this name."`
	For         yamlfile.List `yaml:"for" json:"for,omitempty" jsonschema_description:"Who is told: everything (all findings together), owners (every owner, by the contacts in owners.yaml), or names of owners. Default: everything; for issues, every owner."`
	MinSeverity string        `yaml:"min_severity" json:"min_severity,omitempty" jsonschema_description:"Less severe findings are left out. Default: low; for issues, high."`

	Slack   *Slack   `yaml:"slack" json:"slack,omitempty" jsonschema_description:"Slack, by a webhook or a bot."`
	Teams   *Teams   `yaml:"teams" json:"teams,omitempty" jsonschema_description:"Microsoft Teams, by webhooks."`
	Email   *Email   `yaml:"email" json:"email,omitempty" jsonschema_description:"Mail, over an encrypted connection."`
	Webhook *Webhook `yaml:"webhook" json:"webhook,omitempty" jsonschema_description:"Signed JSON to an address."`
	Jira    *Jira    `yaml:"jira" json:"jira,omitempty" jsonschema_description:"Issues in Jira: one for the failures of a policy in an account."`
	GitHub  *Issues  `yaml:"github" json:"github,omitempty" jsonschema_description:"Issues in a repository of GitHub, likewise."`

	SecurityHub   *SecurityHub   `yaml:"security_hub" json:"security_hub,omitempty" jsonschema_description:"Findings in the AWS Security Hub of their accounts."`
	CommandCenter *CommandCenter `yaml:"command_center" json:"command_center,omitempty" jsonschema_description:"Findings in Google's Security Command Center."`
}

// Slack is a channel of Slack. Secrets are read from the environment.
type Slack struct {
	WebhookEnv string `yaml:"webhook_env" json:"webhook_env,omitempty" jsonschema_description:"Environment variable with the address of an incoming webhook, which has one channel."`
	TokenEnv   string `yaml:"token_env" json:"token_env,omitempty" jsonschema_description:"Environment variable with the token of a bot that may chat:write."`
	Channel    string `yaml:"channel" json:"channel,omitempty" jsonschema_description:"Where the bot tells everything: #governance or the id of a channel."`
	API        string `yaml:"api" json:"api,omitempty" jsonschema_description:"Address of the API. Default: https://slack.com/api."`
}

// Teams is a channel of Microsoft Teams.
type Teams struct {
	WebhookEnv string `yaml:"webhook_env" json:"webhook_env,omitempty" jsonschema_description:"Environment variable with the address of the webhook for everything."`
	// Contacts are keyed by what owners.yaml has as contact.
	Contacts map[string]string `yaml:"contacts" json:"contacts,omitempty" jsonschema_description:"Environment variables with the addresses of the webhooks of owners, by their teams contact."`
}

// Email is a mail server.
type Email struct {
	Host        string        `yaml:"host" json:"host" jsonschema_description:"Name of the server."`
	Port        Whole         `yaml:"port" json:"port,omitempty" jsonschema_description:"Default: 587, and 465 with tls."`
	TLS         bool          `yaml:"tls" json:"tls,omitempty" jsonschema_description:"Encrypted from the start instead of by STARTTLS."`
	Username    string        `yaml:"username" json:"username,omitempty" jsonschema_description:"Without it nobody is authenticated."`
	PasswordEnv string        `yaml:"password_env" json:"password_env,omitempty" jsonschema_description:"Environment variable with the password."`
	CAFile      string        `yaml:"ca_file" json:"ca_file,omitempty" jsonschema_description:"PEM file of certificates to trust besides those of the system."`
	From        string        `yaml:"from" json:"from" jsonschema_description:"Sender: metsuke@example.com, or Name <address>."`
	To          yamlfile.List `yaml:"to" json:"to,omitempty" jsonschema_description:"Who is told everything."`
}

// Webhook is an address that takes JSON.
type Webhook struct {
	URL       string `yaml:"url" json:"url,omitempty" jsonschema_description:"The address, where it is no secret."`
	URLEnv    string `yaml:"url_env" json:"url_env,omitempty" jsonschema_description:"Environment variable with the address."`
	SecretEnv string `yaml:"secret_env" json:"secret_env,omitempty" jsonschema_description:"Environment variable with the secret by which messages are signed."`
}

// Jira is a project of Jira.
type Jira struct {
	URL      string        `yaml:"url" json:"url" jsonschema_description:"https://example.atlassian.net"`
	User     string        `yaml:"user" json:"user,omitempty" jsonschema_description:"Address of mail of the account in Jira Cloud. Without it: Data Center, with a personal access token."`
	TokenEnv string        `yaml:"token_env" json:"token_env" jsonschema_description:"Environment variable with the token."`
	Project  string        `yaml:"project" json:"project" jsonschema_description:"Key of the project, for owners that have no jira contact."`
	Type     string        `yaml:"type" json:"type,omitempty" jsonschema_description:"Type of the issues. Default: Task."`
	Labels   yamlfile.List `yaml:"labels" json:"labels,omitempty" jsonschema_description:"Further labels of the issues."`
}

// Issues is a repository of GitHub.
type Issues struct {
	Repository string        `yaml:"repository" json:"repository" jsonschema:"pattern=^[^/]+/[^/]+$" jsonschema_description:"owner/name"`
	TokenEnv   string        `yaml:"token_env" json:"token_env" jsonschema_description:"Environment variable with a token that may write issues."`
	API        string        `yaml:"api" json:"api,omitempty" jsonschema_description:"Address of the API. Default: https://api.github.com."`
	Labels     yamlfile.List `yaml:"labels" json:"labels,omitempty" jsonschema_description:"Further labels of the issues."`
}

// SecurityHub is AWS Security Hub, by the AWS default chain of credentials.
type SecurityHub struct {
	Region string `yaml:"region" json:"region" jsonschema_description:"Region in which findings are imported."`
	Role   string `yaml:"role" json:"role,omitempty" jsonschema_description:"Role to assume in the account of a finding, which may securityhub:BatchImportFindings. Without it, findings of the credentials' own account only can be imported."`
}

// CommandCenter is Security Command Center, by application default credentials.
type CommandCenter struct {
	Source string `yaml:"source" json:"source" jsonschema:"pattern=^organizations/[0-9]+/sources/[0-9]+$" jsonschema_description:"organizations/ORGANIZATION/sources/SOURCE: the source was made for metsuke, and the account has securitycenter.findingsEditor."`
	API    string `yaml:"api" json:"api,omitempty" jsonschema_description:"Address of the API. Default: https://securitycenter.googleapis.com."`
}
