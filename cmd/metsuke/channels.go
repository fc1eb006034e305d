package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/config"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/internal/nearest"
	"github.com/metsuke-dev/metsuke/internal/notify"
)

// Whom a channel is for, besides names of owners.
const (
	forEverything = "everything"
	forOwners     = "owners"
)

// post is a channel of the configuration, ready to be used.
type post struct {
	name  string
	least finding.Severity
	// open returns the channel for runs in which these owners have something.
	open func(owners []string) notify.Channel
}

// channelBuilder makes channels of what the configuration says.
type channelBuilder struct {
	p      *process
	c      config.Config
	file   string // of the configuration
	owners *govern.Owners
	memory notify.Memory // nil: no issue can be kept
	client *http.Client
}

// identifier is what a channel or a schedule may be called.
var identifier = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)

// posts returns the channels of the configuration, in its order. A mistake is an error
// with its place; so is a secret that the environment does not have.
func (b channelBuilder) posts() ([]post, error) {
	var out []post
	seen := map[string]bool{}
	for i, ch := range b.c.Notify.Channels {
		key := fmt.Sprintf("notify.channels[%d]", i)
		fail := func(below, format string, args ...any) ([]post, error) {
			return nil, fmt.Errorf("%s: %s: %w", b.c.At(key+below), strings.TrimSuffix("notify.channels"+below, "."), fmt.Errorf(format, args...))
		}
		switch {
		case !identifier.MatchString(ch.Name):
			return fail(".name", "%q is no name of small letters, digits, - and _", ch.Name)
		case seen[ch.Name]:
			return fail(".name", "there are two channels %s", ch.Name)
		}
		seen[ch.Name] = true
		least, err := b.least(ch)
		if err != nil {
			return fail(".min_severity", "%w", err)
		}
		open, err := b.open(ch, least)
		if err != nil {
			return fail("", "channel %s: %w", ch.Name, err)
		}
		out = append(out, post{ch.Name, least, open})
	}
	return out, nil
}

func (b channelBuilder) least(ch config.Channel) (finding.Severity, error) {
	if ch.MinSeverity == "" {
		if ch.Jira != nil || ch.GitHub != nil {
			return finding.High, nil
		}
		return finding.Low, nil
	}
	var known []string
	for _, s := range finding.Severities() {
		known = append(known, string(s))
	}
	if !slices.Contains(known, ch.MinSeverity) {
		return "", fmt.Errorf("%s is not one of %s%s", ch.MinSeverity, strings.Join(known, ", "), nearest.Hint(ch.MinSeverity, known))
	}
	return finding.Severity(ch.MinSeverity), nil
}

// open returns what makes the channel, of whichever kind it is.
func (b channelBuilder) open(ch config.Channel, least finding.Severity) (func([]string) notify.Channel, error) {
	var kinds []func([]string) notify.Channel
	var errs []error
	add := func(open func([]string) notify.Channel, err error) {
		kinds, errs = append(kinds, open), append(errs, err)
	}
	if ch.Slack != nil {
		add(b.slack(ch, *ch.Slack))
	}
	if ch.Teams != nil {
		add(b.teams(ch, *ch.Teams))
	}
	if ch.Email != nil {
		add(b.email(ch, *ch.Email))
	}
	if ch.Webhook != nil {
		add(b.webhook(ch, *ch.Webhook))
	}
	if ch.Jira != nil {
		add(b.jira(ch, least, *ch.Jira))
	}
	if ch.GitHub != nil {
		add(b.github(ch, least, *ch.GitHub))
	}
	if ch.SecurityHub != nil {
		add(b.securityHub(ch, least, *ch.SecurityHub))
	}
	if ch.CommandCenter != nil {
		add(b.commandCenter(ch, least, *ch.CommandCenter))
	}
	if len(kinds) != 1 {
		return nil, errors.New("give exactly one of slack, teams, email, webhook, jira, github, security_hub and command_center")
	}
	return kinds[0], errs[0]
}

func (b channelBuilder) slack(ch config.Channel, s config.Slack) (func([]string) notify.Channel, error) {
	out := notify.Slack{Name: ch.Name, API: s.API, Client: b.client, Now: b.p.now}
	if err := checkAPI(s.API); err != nil {
		return nil, fmt.Errorf("slack: %w", err)
	}
	switch {
	case (s.WebhookEnv == "") == (s.TokenEnv == ""):
		return nil, errors.New("slack: give either webhook_env or token_env")
	case s.WebhookEnv != "":
		if slices.ContainsFunc(ch.For, func(who string) bool { return who != forEverything }) {
			return nil, errors.New("slack: a webhook has one channel; owners are told by a bot, with token_env")
		}
		address, err := b.secretURL(s.WebhookEnv)
		if err != nil {
			return nil, err
		}
		out.Webhook = notify.Fixed(address)
	default:
		var err error
		if out.Token, err = b.secret(s.TokenEnv); err != nil {
			return nil, err
		}
		if b.tells(ch, forEverything) && s.Channel == "" {
			return nil, errors.New("slack: a bot needs the channel for everything")
		}
	}
	return func(owners []string) notify.Channel {
		out := out
		out.Receivers = b.receivers(ch, owners, []string{s.Channel}, func(c govern.Contacts) []string { return c.Slack })
		return out.Channel()
	}, nil
}

func (b channelBuilder) teams(ch config.Channel, t config.Teams) (func([]string) notify.Channel, error) {
	addresses := map[string]string{}
	if t.WebhookEnv != "" {
		address, err := b.secretURL(t.WebhookEnv)
		if err != nil {
			return nil, err
		}
		addresses[""] = address
	} else if b.tells(ch, forEverything) {
		return nil, errors.New("teams: everything needs a webhook_env")
	}
	for contact, env := range t.Contacts {
		address, err := b.secretURL(env)
		if err != nil {
			return nil, err
		}
		addresses[contact] = address
	}
	out := notify.Teams{Name: ch.Name, Client: b.client, Now: b.p.now, Webhook: func(to string) (string, error) {
		if address, ok := addresses[to]; ok {
			return address, nil
		}
		return "", fmt.Errorf("teams.contacts of the channel %s has no %q", ch.Name, to)
	}}
	return func(owners []string) notify.Channel {
		out := out
		out.Receivers = b.receivers(ch, owners, []string{""}, func(c govern.Contacts) []string { return c.Teams })
		return out.Channel()
	}, nil
}

func (b channelBuilder) email(ch config.Channel, e config.Email) (func([]string) notify.Channel, error) {
	if e.Host == "" || e.From == "" {
		return nil, errors.New("email: it takes host and from")
	}
	if b.tells(ch, forEverything) && len(e.To) == 0 {
		return nil, errors.New("email: everything needs to, a list of addresses")
	}
	if (e.Username == "") != (e.PasswordEnv == "") {
		return nil, errors.New("email: username and password_env belong together")
	}
	for _, address := range append([]string{e.From}, e.To...) {
		if _, err := mail.ParseAddress(address); err != nil {
			return nil, fmt.Errorf("email: %q is no address of mail", address)
		}
	}
	out := notify.Email{Name: ch.Name, Host: e.Host, Port: int(e.Port), TLS: e.TLS, Username: e.Username, From: e.From}
	var err error
	if e.PasswordEnv != "" {
		if out.Password, err = b.secret(e.PasswordEnv); err != nil {
			return nil, err
		}
	}
	if e.CAFile != "" {
		if out.TLSConfig, err = b.trust(e.CAFile, e.Host); err != nil {
			return nil, fmt.Errorf("email: ca_file: %w", err)
		}
	}
	return func(owners []string) notify.Channel {
		out := out
		out.Receivers = b.receivers(ch, owners, e.To, func(c govern.Contacts) []string { return c.Email })
		return out.Channel()
	}, nil
}

// trust is the system's trust and that in the certificates of a file.
func (b channelBuilder) trust(file, host string) (*tls.Config, error) {
	if !filepath.IsAbs(file) {
		file = filepath.Join(filepath.Dir(b.file), file)
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate in PEM form", file)
	}
	return &tls.Config{RootCAs: roots, ServerName: host, MinVersion: tls.VersionTLS12}, nil
}

func (b channelBuilder) webhook(ch config.Channel, w config.Webhook) (func([]string) notify.Channel, error) {
	out := notify.Webhook{Name: ch.Name, URL: w.URL, Client: b.client, Now: b.p.now}
	if (w.URL == "") == (w.URLEnv == "") {
		return nil, errors.New("webhook: give either url or url_env")
	}
	var err error
	if w.URLEnv != "" {
		if out.URL, err = b.secretURL(w.URLEnv); err != nil {
			return nil, err
		}
	} else if err := checkURL(w.URL); err != nil {
		return nil, fmt.Errorf("webhook: url: %w", err)
	}
	if w.SecretEnv != "" {
		secret, err := b.secret(w.SecretEnv)
		if err != nil {
			return nil, err
		}
		out.Secret = []byte(secret)
	}
	return func(owners []string) notify.Channel {
		out := out
		out.Receivers = b.receivers(ch, owners, []string{""}, func(govern.Contacts) []string { return []string{""} })
		return out.Channel()
	}, nil
}

func (b channelBuilder) jira(ch config.Channel, least finding.Severity, j config.Jira) (func([]string) notify.Channel, error) {
	if err := checkURL(j.URL); err != nil {
		return nil, fmt.Errorf("jira: url: %w", err)
	}
	if j.Project == "" {
		return nil, errors.New("jira: it takes the key of a project")
	}
	token, err := b.secret(j.TokenEnv)
	if err != nil {
		return nil, err
	}
	projectOf := func(owner string) string {
		if projects := b.owners.Contacts(owner).Jira; len(projects) > 0 {
			return projects[0]
		}
		return ""
	}
	return func([]string) notify.Channel {
		return notify.Jira{
			Name: ch.Name, URL: j.URL, User: j.User, Token: token, Project: j.Project, ProjectOf: projectOf, Type: j.Type, Labels: j.Labels,
			Least: least, Owns: b.owns(ch), Link: b.c.Notify.Link, Memory: b.memory, Client: b.client, Now: b.p.now,
		}.Channel()
	}, nil
}

func (b channelBuilder) github(ch config.Channel, least finding.Severity, g config.Issues) (func([]string) notify.Channel, error) {
	if strings.Count(g.Repository, "/") != 1 {
		return nil, errors.New("github: the repository is written owner/name")
	}
	if err := checkAPI(g.API); err != nil {
		return nil, fmt.Errorf("github: %w", err)
	}
	token, err := b.secret(g.TokenEnv)
	if err != nil {
		return nil, err
	}
	return func([]string) notify.Channel {
		return notify.GitHubIssues{
			Name: ch.Name, Repository: g.Repository, Token: token, API: g.API, Labels: g.Labels,
			Least: least, Owns: b.owns(ch), Link: b.c.Notify.Link, Memory: b.memory, Client: b.client, Now: b.p.now,
		}.Channel()
	}, nil
}

// tells reports whether the channel is for everything, for owners, or for an owner.
func (b channelBuilder) tells(ch config.Channel, who string) bool {
	if len(ch.For) == 0 {
		return who == forEverything
	}
	return slices.Contains(ch.For, who)
}

// owns returns which owners have their issues in the channel.
func (b channelBuilder) owns(ch config.Channel) func(string) bool {
	return func(owner string) bool {
		return len(ch.For) == 0 || b.tells(ch, forEverything) || b.tells(ch, forOwners) || b.tells(ch, ownerName(owner))
	}
}

// ownerName is what nobody is called in the configuration.
func ownerName(owner string) string {
	if owner == "" {
		return notify.Unowned
	}
	return owner
}

// receivers are who is told through the channel: everything at these places, and owners at
// theirs.
func (b channelBuilder) receivers(ch config.Channel, owners, places []string, contact func(govern.Contacts) []string) []notify.Receiver {
	var out []notify.Receiver
	if b.tells(ch, forEverything) {
		for _, to := range places {
			out = append(out, notify.Receiver{Everything: true, To: to})
		}
	}
	for _, o := range owners {
		if !b.tells(ch, forOwners) && !b.tells(ch, ownerName(o)) {
			continue
		}
		for _, to := range contact(b.owners.Contacts(o)) {
			out = append(out, notify.Receiver{Owner: o, To: to})
		}
	}
	return out
}

// messageTimeout bounds one request.
const messageTimeout = 30 * time.Second
