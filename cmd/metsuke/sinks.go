package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"

	"github.com/metsuke-dev/metsuke/internal/config"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/notify"
)

// securityHub signs its requests itself: the service's SDK is large, and one call is made.
func (b channelBuilder) securityHub(ch config.Channel, least finding.Severity, s config.SecurityHub) (func([]string) notify.Channel, error) {
	if len(ch.For) > 0 {
		return nil, errors.New("security_hub: it is for the accounts of the findings; take away for")
	}
	if s.Region == "" {
		return nil, errors.New("security_hub: it takes a region")
	}
	var mu sync.Mutex
	accounts := map[string]awssdk.Config{} // a batch has a hundred findings: some have many batches
	of := func(ctx context.Context, account string) (awssdk.Config, error) {
		mu.Lock()
		defer mu.Unlock()
		if cfg, ok := accounts[account]; ok {
			return cfg, nil
		}
		cfg, err := b.awsOf(ctx, s, account)
		if err == nil {
			accounts[account] = cfg
		}
		return cfg, err
	}
	return func([]string) notify.Channel {
		return notify.SecurityHub{Name: ch.Name, Region: s.Region, Least: least, Link: b.c.Notify.Link, Import: func(ctx context.Context, account string, body []byte) (int, []byte, error) {
			cfg, err := of(ctx, account)
			if err != nil {
				return 0, nil, err
			}
			return importFindings(ctx, cfg, b.client, body, b.p.now())
		}}.Channel()
	}, nil
}

// awsOf returns the configuration for calls in an account.
func (b channelBuilder) awsOf(ctx context.Context, s config.SecurityHub, account string) (awssdk.Config, error) {
	var opts []func(*awsconfig.LoadOptions) error
	if aws := b.c.Providers.AWS; aws != nil && aws.Profile != "" {
		opts = append(opts, awsconfig.WithSharedConfigProfile(aws.Profile))
	}
	cfg, err := awsconfig.LoadDefaultConfig(ctx, append(opts, awsconfig.WithRegion(s.Region))...)
	if err != nil {
		return cfg, fmt.Errorf("load the AWS configuration: %w", err)
	}
	client := sts.NewFromConfig(cfg)
	me, err := client.GetCallerIdentity(ctx, nil)
	if err != nil {
		return cfg, fmt.Errorf("no AWS credentials: %s", lastCause(err))
	}
	if awssdk.ToString(me.Account) == account {
		return cfg, nil
	}
	if s.Role == "" {
		return cfg, fmt.Errorf("%w: the credentials are those of account %s, and security_hub.role names no role to assume", notify.ErrPermanent, awssdk.ToString(me.Account))
	}
	partition := "aws"
	if parts := strings.Split(awssdk.ToString(me.Arn), ":"); len(parts) > 1 {
		partition = parts[1]
	}
	cfg.Credentials = awssdk.NewCredentialsCache(stscreds.NewAssumeRoleProvider(client, fmt.Sprintf("arn:%s:iam::%s:role/%s", partition, account, s.Role),
		func(o *stscreds.AssumeRoleOptions) { o.RoleSessionName = "metsuke" }))
	return cfg, nil
}

// importFindings calls BatchImportFindings.
func importFindings(ctx context.Context, cfg awssdk.Config, client *http.Client, body []byte, now time.Time) (status int, answer []byte, err error) {
	creds, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		return 0, nil, errors.New(lastCause(err))
	}
	address := fmt.Sprintf("https://securityhub.%s.amazonaws.com", cfg.Region)
	if strings.HasPrefix(cfg.Region, "cn-") {
		address += ".cn"
	}
	if cfg.BaseEndpoint != nil {
		address = strings.TrimSuffix(*cfg.BaseEndpoint, "/")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/findings/import", bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, creds, req, hex.EncodeToString(sum[:]), "securityhub", cfg.Region, now); err != nil {
		return 0, nil, fmt.Errorf("sign the request: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	const limit = 1 << 20
	answer, err = io.ReadAll(io.LimitReader(resp.Body, limit))
	return resp.StatusCode, answer, err
}

var commandCenterSource = regexp.MustCompile(`^organizations/[0-9]+/sources/[0-9]+$`)

func (b channelBuilder) commandCenter(ch config.Channel, least finding.Severity, s config.CommandCenter) (func([]string) notify.Channel, error) {
	if len(ch.For) > 0 {
		return nil, errors.New("command_center: it is for the organisation; take away for")
	}
	if !commandCenterSource.MatchString(s.Source) {
		return nil, errors.New("command_center: the source is written organizations/ORGANIZATION/sources/SOURCE, in numbers")
	}
	if err := checkAPI(s.API); err != nil {
		return nil, fmt.Errorf("command_center: %w", err)
	}
	token := func(ctx context.Context) (string, error) {
		type answer struct {
			token *oauth2.Token
			err   error
		}
		asked := make(chan answer, 1)
		go func() { // not every source heeds the context
			source, err := google.DefaultTokenSource(ctx, "https://www.googleapis.com/auth/cloud-platform")
			if err != nil {
				asked <- answer{nil, errors.New("no Google application default credentials")}
				return
			}
			t, err := source.Token()
			if err != nil {
				err = fmt.Errorf("the Google application default credentials give no token (%s)", firstLine(err))
			}
			asked <- answer{t, err}
		}()
		select {
		case a := <-asked:
			if a.err != nil {
				return "", a.err
			}
			return a.token.AccessToken, nil
		case <-ctx.Done():
			return "", fmt.Errorf("the Google application default credentials give no token (%w)", ctx.Err())
		}
	}
	return func([]string) notify.Channel {
		return notify.CommandCenter{Name: ch.Name, Source: s.Source, API: s.API, Least: least, Link: b.c.Notify.Link, Token: token, Client: b.client, Now: b.p.now}.Channel()
	}, nil
}
