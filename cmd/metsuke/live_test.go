package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/config"
	"github.com/metsuke-dev/metsuke/internal/demo"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

// hangingProvider reads one resource and then waits for an answer that never comes.
type hangingProvider struct {
	waiting chan struct{}
	early   bool // even the accounts are not listed
}

func (hangingProvider) Describe() providers.Description {
	return providers.Description{Name: "aws", Title: "Hanging", Types: []providers.TypeInfo{{
		Type: "aws_sqs_queue", Calls: []providers.Call{{Operation: "SQS.ListQueues"}}, Attributes: []string{"sqs_managed_sse_enabled", "kms_master_key_id", "tags"},
	}}}
}

func (h hangingProvider) Scopes(ctx context.Context) ([]providers.Scope, error) {
	if h.early {
		close(h.waiting)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return []providers.Scope{{Provider: "aws", ID: "111111111111", Name: "hangs"}}, nil
}

func (h hangingProvider) Collect(ctx context.Context, s providers.Scope, _ []providers.Want, out providers.Sink) error {
	for _, region := range []string{"eu-central-1", "us-east-1"} {
		out.Plan(providers.Cell{Scope: s, Region: region, Type: "aws_sqs_queue"})
	}
	out.Resource(providers.Resource{
		Scope: s, Type: "aws_sqs_queue", ID: "arn:aws:sqs:eu-central-1:111111111111:orders", Name: "orders", Region: "eu-central-1",
		Attributes: map[string]any{"sqs_managed_sse_enabled": false, "kms_master_key_id": nil},
	})
	out.Done(providers.Cell{Scope: s, Region: "eu-central-1", Type: "aws_sqs_queue"})
	close(h.waiting)
	<-ctx.Done()
	return ctx.Err()
}

// ownPolicy writes a directory with one policy about queues.
func ownPolicy(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	text := `# METADATA
# title: Queues are encrypted
# scope: package
# schemas:
#   - input.resource.attributes: schema.aws_sqs_queue
# custom: {severity: high, category: security, types: [aws_sqs_queue]}
package metsuke.acme.sqs.encrypted

deny contains {"message": "the queue is not encrypted", "path": "sqs_managed_sse_enabled"} if {
	input.resource.attributes.sqs_managed_sse_enabled == false
}
`
	if err := os.WriteFile(filepath.Join(dir, "encrypted.rego"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// only is a process whose one live provider is the given one.
func only(prov providers.Provider) (*process, *bytes.Buffer, *bytes.Buffer) {
	p, stdout, stderr := testProcess(nil)
	p.live = []live{{
		name: prov.Describe().Name, describe: prov.Describe, configured: func(config.Config) bool { return false },
		open: func(context.Context, *process, config.Config, selection) (providers.Provider, string, error) {
			return prov, "test", nil
		},
	}}
	return p, stdout, stderr
}

func TestAProviderThatHangsEndsAtTheDeadlineWithWhatWasRead(t *testing.T) {
	for name, c := range map[string]struct {
		args     []string
		cancel   bool
		early    bool
		findings []string
		gaps     []providers.Gap
	}{
		"timeout": {
			args: []string{"--timeout", "50ms"}, findings: []string{"the queue is not encrypted"},
			gaps: []providers.Gap{{Region: "us-east-1", Type: "aws_sqs_queue", Reason: providers.Interrupted, Err: "the run ended before it was read"}},
		},
		"interrupt": {
			cancel: true, findings: []string{"the queue is not encrypted"},
			gaps: []providers.Gap{{Region: "us-east-1", Type: "aws_sqs_queue", Reason: providers.Interrupted, Err: "the run ended before it was read"}},
		},
		"interrupt before the accounts are known": {
			cancel: true, early: true,
			gaps: []providers.Gap{{Reason: providers.Interrupted, Err: "interrupted before every account was listed"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			h := hangingProvider{make(chan struct{}), c.early}
			p, _, stderr := only(h)
			go func() {
				<-h.waiting
				if c.cancel {
					cancel()
				}
			}()
			file := filepath.Join(t.TempDir(), "run.json")
			args := append([]string{"scan", "--policy-dir", ownPolicy(t), "--policy", "acme-*", "-o", file}, c.args...)
			if code := run(ctx, p, args); code != exitInterrupted {
				t.Fatalf("exit code %d, want %d\n%s", code, exitInterrupted, stderr)
			}
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := report.ReadJSON(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			if !got.Interrupted {
				t.Error("the report does not say that it was interrupted")
			}
			var findings []string
			for _, f := range got.Findings {
				findings = append(findings, f.Message)
			}
			for i := range got.Coverage.Gaps {
				got.Coverage.Gaps[i].Scope = providers.Scope{}
			}
			if diff := cmp.Diff(c.findings, findings); diff != "" {
				t.Errorf("findings -want +got:\n%s", diff)
			}
			if diff := cmp.Diff(c.gaps, got.Coverage.Gaps); diff != "" {
				t.Errorf("gaps -want +got:\n%s", diff)
			}
		})
	}
}

// canary is a secret that must not get out, wherever it was planted.
const canary = "CANARY0a1b2c3d4e5f6g7h8i9j"

func TestCredentialsThatHaveExpiredSayWhatToDo(t *testing.T) {
	aws := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message></Error><RequestId>00000000-0000-0000-0000-000000000000</RequestId></ErrorResponse>`)
	}))
	defer aws.Close()
	hub := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, `{"message":"Bad credentials","documentation_url":"https://docs.github.com/rest","status":"401"}`)
	}))
	defer hub.Close()
	// What the SDK reads from the environment itself.
	t.Setenv("HOME", t.TempDir())
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEEXAMPLE00")
	t.Setenv("AWS_SECRET_ACCESS_KEY", canary)
	t.Setenv("AWS_SESSION_TOKEN", canary)
	t.Setenv("AWS_ENDPOINT_URL", aws.URL)
	t.Setenv("AWS_REGION", "eu-central-1")
	t.Setenv("GITHUB_TOKEN", canary)
	t.Setenv("GITHUB_API_URL", hub.URL+"/")
	for provider, want := range map[string]string{"aws": "expired", "github": "Bad credentials"} {
		t.Run(provider, func(t *testing.T) {
			p, stdout, stderr := testProcess(nil)
			p.getenv, p.now = os.Getenv, time.Now
			if code := run(context.Background(), p, []string{"scan", "--provider", provider, "--log-level", "debug"}); code != exitError {
				t.Errorf("exit code %d, want %d", code, exitError)
			}
			if !strings.Contains(stderr.String(), want) || !strings.Contains(stderr.String(), "`metsuke doctor`") {
				t.Errorf("standard error does not say %q and what to do:\n%s", want, stderr)
			}
			if stdout.Len() > 0 {
				t.Errorf("nothing was scanned, but there is a report:\n%s", stdout)
			}
			if strings.Contains(stderr.String(), canary) {
				t.Errorf("the credential is shown:\n%s", stderr)
			}
		})
	}
}

func TestThePrintedPermissionsCoverEveryCallOfAScan(t *testing.T) {
	var mu sync.Mutex
	called := map[string]bool{}
	p, stdout, stderr := testProcess(nil)
	p.faults = demo.Faults{Observe: func(op string) {
		mu.Lock()
		defer mu.Unlock()
		called[op] = true
	}}
	if code := run(context.Background(), p, []string{"demo", "--provider", "aws", "-f", "json"}); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	stdout.Reset()
	config := filepath.Join(t.TempDir(), "metsuke.yaml") // the demonstration reads bills
	if err := os.WriteFile(config, []byte("providers:\n  aws:\n    spend: true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code := run(context.Background(), p, []string{"providers", "permissions", "aws", "--organization", "-c", config}); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	var policy struct {
		Statement []struct{ Action []string }
	}
	if err := json.Unmarshal(stdout.Bytes(), &policy); err != nil {
		t.Fatal(err)
	}
	var allowed []string
	for _, s := range policy.Statement {
		allowed = append(allowed, s.Action...)
	}
	needs := map[string][]string{ // of the discovery
		"STS.GetCallerIdentity": {"sts:GetCallerIdentity"}, "STS.AssumeRole": {"sts:AssumeRole"}, "EC2.DescribeRegions": {"ec2:DescribeRegions"},
		"Organizations.DescribeOrganization": {"organizations:DescribeOrganization"}, "Organizations.ListAccounts": {"organizations:ListAccounts"},
		"IAM.ListAccountAliases": {"iam:ListAccountAliases"},
	}
	for _, ti := range lives()[0].describe().Types {
		for _, c := range ti.CallsFor(ti.AllAttributes()) {
			needs[c.Operation] = c.Permissions
		}
	}
	if len(called) < 10 {
		t.Fatalf("only %d operations were called", len(called))
	}
	for op := range called {
		permissions, ok := needs[op]
		if !ok {
			t.Errorf("%s is called, but no description names it", op)
		}
		for _, perm := range permissions {
			if !slices.Contains(allowed, perm) {
				t.Errorf("%s is called, but %s is not in the printed policy", op, perm)
			}
		}
	}
}

func TestNewPoliciesOfEveryTypeLoadAndPass(t *testing.T) {
	p, stdout, stderr := testProcess(nil)
	dir := t.TempDir()
	e := shipped()
	n := 0
	for i, typ := range e.Types() {
		files, err := scaffold(e, fmt.Sprintf("acme-t%d-rule-%d", i, i), typ)
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range files {
			file := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		n += 5
	}
	if code := run(context.Background(), p, []string{"policies", "test", dir, "--min-coverage", "100"}); code != exitOK {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
	if !strings.Contains(stdout.String(), fmt.Sprintf("%d passed, 0 failed", n)) {
		t.Errorf("want %d tests: %s", n, stdout)
	}
}
