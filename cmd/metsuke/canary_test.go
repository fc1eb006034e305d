package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/metsuke-dev/metsuke/report"
)

// estateSecrets are what the simulated estate holds in user data, environments,
// metadata and alerts: the values, and the encoded forms that the APIs answer with.
func estateSecrets() []string {
	return []string{
		"v7X!kd93", "IyEvYmluL2Jhc2gK", // user data of EC2 instances
		"vR7qLm2xT9", "hackathon-key", // environments of Lambda functions
		"nq4ZsB8wGy",                // a startup script of a Compute Engine instance
		"canary-of-a-leaked-secret", // an alert of GitHub's secret scanning
	}
}

// everyFormat runs a command once with a file in every format and returns all that it
// wrote, logs included.
func everyFormat(t *testing.T, level string, formats []string, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	p, stdout, stderr := testProcess(nil)
	for _, format := range formats {
		args = append(args, "-o", format+"="+filepath.Join(dir, format))
	}
	if code := run(context.Background(), p, append(args, "--log-level", level)); code != exitOK && code != exitFindings {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	all := bytes.NewBuffer(append(stdout.Bytes(), stderr.Bytes()...))
	for _, format := range formats {
		b, err := os.ReadFile(filepath.Join(dir, format))
		if err != nil {
			t.Fatal(err)
		}
		all.Write(b)
	}
	return all.String()
}

// leaks fails where a secret, or what it is in base64, is in the output.
func leaks(t *testing.T, output string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		for _, form := range []string{secret, base64.StdEncoding.EncodeToString([]byte(secret))} {
			if i := strings.Index(output, form); i >= 0 {
				t.Errorf("a secret got out: ...%s...", output[max(0, i-200):min(len(output), i+200)])
			}
		}
	}
}

func TestSecretsReachNoOutputAndNoLog(t *testing.T) {
	dir := t.TempDir()
	plan := filepath.Join(dir, "plan.json")
	write(t, plan, canaryPlan())
	write(t, filepath.Join(dir, "main.tf"), canarySources())
	levels := []string{"error", "warn", "info", "debug"}
	for name, c := range map[string]struct {
		levels, formats, args []string
		looked                string // shows that the place of the secret was looked at
		secrets               []string
	}{
		"a plan":                  {levels, report.Formats(), []string{"gate", plan}, "aws_instance", []string{canary}},
		"a plan with its sources": {[]string{"debug"}, report.Formats(), []string{"gate", plan, "--terraform-dir", dir}, "main.tf", []string{canary}},
		"a scan":                  {[]string{"error", "debug"}, report.Formats(), []string{"demo"}, "i-0a330000000000002", estateSecrets()},
		"an inventory":            {[]string{"debug"}, report.InventoryFormats(), []string{"inventory", "--demo"}, "i-0a330000000000002", estateSecrets()},
	} {
		for _, level := range c.levels {
			t.Run(name+" at "+level, func(t *testing.T) {
				all := everyFormat(t, level, c.formats, c.args...)
				if !strings.Contains(all, c.looked) {
					t.Errorf("%s is not in the output: the secret was not near", c.looked)
				}
				leaks(t, all, c.secrets...)
			})
		}
	}
}

func TestARefusedPlanShowsNothingOfItsContent(t *testing.T) {
	whole := canaryPlan()
	at := strings.Index(whole, canary)
	for name, text := range map[string]string{
		"cut off within a secret": whole[:at+len(canary)],
		"broken after a secret":   strings.Replace(whole, canary+`"`, canary+`" "`, 1),
		"not JSON":                canary + " = " + canary,
		"a list":                  `["` + canary + `"]`,
		"a secret for changes":    strings.Replace(whole, `"resource_changes":[`, `"resource_changes":"`+canary+`","was":[`, 1),
		"state":                   `{"version":4,"terraform_version":"1.9.0","serial":1,"lineage":"x","outputs":{"o":{"value":"` + canary + `","type":"string","sensitive":true}},"resources":[]}`,
	} {
		t.Run(name, func(t *testing.T) {
			plan := filepath.Join(t.TempDir(), "plan.json")
			write(t, plan, text)
			p, stdout, stderr := testProcess(nil)
			if code := run(context.Background(), p, []string{"gate", plan, "--log-level", "debug"}); code != exitError {
				t.Errorf("exit code %d, want %d", code, exitError)
			}
			leaks(t, stdout.String()+stderr.String(), canary)
		})
	}
}

func TestCredentialsInURLsReachNoOutputAndNoLog(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close() // nothing answers, so that the errors of the transport show
	secretURL := strings.Replace(gone.URL, "http://", "http://user:"+canary+"@", 1)
	t.Setenv("HOME", t.TempDir())
	t.Setenv("AWS_CONFIG_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", filepath.Join(t.TempDir(), "none"))
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLEEXAMPLE00")
	t.Setenv("AWS_SECRET_ACCESS_KEY", canary)
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	t.Setenv("AWS_REGION", "eu-central-1")
	t.Setenv("AWS_ENDPOINT_URL", secretURL+"/?token="+canary)
	t.Setenv("GITHUB_TOKEN", canary)
	t.Setenv("GITHUB_API_URL", secretURL+"/")
	for provider, says := range map[string]string{"aws": "127.0.0.1", "github": "no plain URL"} {
		for _, command := range []string{"scan", "doctor"} {
			t.Run(command+" "+provider, func(t *testing.T) {
				p, stdout, stderr := testProcess(nil)
				p.getenv, p.now = os.Getenv, time.Now
				if code := run(context.Background(), p, []string{command, "--provider", provider, "--log-level", "debug"}); code == exitOK {
					t.Errorf("exit code %d although nothing answers", code)
				}
				all := stdout.String() + stderr.String()
				if !strings.Contains(all, says) {
					t.Errorf("it does not say %q:\n%s", says, all)
				}
				leaks(t, all, canary)
			})
		}
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// canaryPlan is a plan with a secret in every place where people put them.
func canaryPlan() string {
	change := func(typ, after, sensitive string) string {
		provider := strings.Replace(strings.SplitN(typ, "_", 2)[0], "github", "integrations/github", 1)
		return fmt.Sprintf(`{"address":"%[1]s.x","mode":"managed","type":"%[1]s","name":"x","provider_name":"registry.terraform.io/hashicorp/%[4]s","change":{"actions":["create"],"before":null,"after":%[2]s,"after_unknown":{"id":true},"after_sensitive":%[3]s}}`, typ, after, sensitive, provider)
	}
	// was is a resource that is there already: what it holds must not get out either.
	was := func(typ, actions, before, sensitive, after string) string {
		return fmt.Sprintf(`{"address":"%[1]s.was","mode":"managed","type":"%[1]s","name":"was","provider_name":"registry.terraform.io/hashicorp/aws","change":{"actions":%[2]s,"before":%[3]s,"before_sensitive":%[4]s,"after":%[5]s,"after_unknown":{},"after_sensitive":{}}}`, typ, actions, before, sensitive, after)
	}
	encoded := base64.StdEncoding.EncodeToString([]byte("export DB_PASSWORD=" + canary))
	return `{"format_version":"1.2","terraform_version":"1.9.0","variables":{"password":{"value":"` + canary + `"}},` +
		`"planned_values":{"outputs":{"p":{"sensitive":true,"value":"` + canary + `"}},"root_module":{"resources":[{"address":"aws_db_instance.x","type":"aws_db_instance","values":{"password":"` + canary + `"}}]}},` +
		`"prior_state":{"format_version":"1.0","values":{"root_module":{"resources":[{"address":"aws_db_instance.x","type":"aws_db_instance","values":{"password":"` + canary + `"}}]}}},` +
		`"output_changes":{"p":{"actions":["create"],"before":null,"after":"` + canary + `","after_sensitive":true}},` +
		`"resource_drift":[` + was("aws_db_instance", `["update"]`, `{"identifier":"x","password":"`+canary+`"}`, `{"password":true}`, `{"identifier":"x","password":"`+canary+`"}`) + `],` +
		`"resource_changes":[` + strings.Join([]string{
		change("aws_instance", `{"instance_type":"t3.micro","user_data":"#!/bin/sh\nexport AWS_SECRET_ACCESS_KEY=`+canary+`/zzzzzzzzzzzzzz\ncurl https://`+canary+`@example.com\n","tags_all":{"Name":"x"}}`, `{}`),
		change("aws_launch_template", `{"name":"x","user_data":"`+encoded+`","tags_all":{}}`, `{}`),
		change("aws_db_instance", `{"identifier":"x","engine":"postgres","username":"app","password":"`+canary+`","tags_all":{}}`, `{"password":true}`),
		change("aws_lambda_function", `{"function_name":"x","package_type":"Image","image_uri":"https://user:`+canary+`@registry.example.com/x","environment":[{"variables":{"API_TOKEN":"`+canary+`","HOOK":"https://user:`+canary+`@example.com/?token=`+canary+`"}}],"tags_all":{}}`, `{}`),
		change("aws_ecs_task_definition", `{"family":"x","container_definitions":"[{\"name\":\"a\",\"environment\":[{\"name\":\"PASSWORD\",\"value\":\"`+canary+`\"}]}]","tags_all":{}}`, `{}`),
		change("aws_sqs_queue", `{"name":"x","policy":"{}","tags_all":{"secret":"`+canary+`"}}`, `{"tags_all":true}`),
		change("aws_s3_bucket", `{"bucket":"`+canary+`","tags_all":{}}`, `{"bucket":true}`),
		change("aws_ssm_parameter", `{"name":"x","type":"SecureString","value":"`+canary+`","tags_all":{}}`, `{"value":true}`),
		change("aws_codebuild_project", `{"name":"x","source":[{"type":"GITHUB","location":"https://`+canary+`@github.com/acme/x.git"}],"tags_all":{}}`, `{}`),
		change("google_compute_instance", `{"name":"x","metadata":{"password":"`+canary+`"},"metadata_startup_script":"export TOKEN=`+canary+`","labels":{}}`, `{}`),
		change("google_sql_database_instance", `{"name":"x","database_version":"POSTGRES_17","root_password":"`+canary+`"}`, `{"root_password":true}`),
		change("google_cloud_run_v2_service", `{"name":"x","template":[{"containers":[{"image":"x","env":[{"name":"API_KEY","value":"`+canary+`"}]}]}],"labels":{}}`, `{}`),
		change("github_actions_secret", `{"repository":"x","secret_name":"TOKEN","plaintext_value":"`+canary+`"}`, `{"plaintext_value":true}`),
		change("github_repository_webhook", `{"repository":"x","configuration":[{"url":"https://example.com/?token=`+canary+`","secret":"`+canary+`"}]}`, `{"configuration":[{"secret":true}]}`),
		was("aws_sns_topic", `["delete"]`, `{"name":"`+canary+`","policy":"`+canary+`","tags_all":{"secret":"`+canary+`"}}`, `{"name":true,"policy":true,"tags_all":true}`, `null`),
		was("aws_instance", `["update"]`, `{"instance_type":"t3.micro","user_data":"export TOKEN=`+canary+`","tags_all":{}}`, `{}`, `{"instance_type":"t3.micro","tags_all":{}}`),
	}, ",") + `],"configuration":{"root_module":{"variables":{"password":{"default":"` + canary + `"}},"resources":[` +
		`{"address":"aws_instance.x","mode":"managed","type":"aws_instance","name":"x","expressions":{"user_data":{"constant_value":"` + canary + `"}}},` +
		`{"address":"aws_db_instance.x","mode":"managed","type":"aws_db_instance","name":"x","expressions":{"password":{"constant_value":"` + canary + `"}}}` +
		`]}}}`
}

// canarySources are the configuration of canaryPlan.
func canarySources() string {
	return `# token: ` + canary + `
variable "password" {
  default = "` + canary + `"
}

resource "aws_instance" "x" {
  instance_type = "t3.micro"
  user_data     = "export AWS_SECRET_ACCESS_KEY=` + canary + `"
}

resource "aws_db_instance" "x" {
  identifier = "x"
  password   = "` + canary + `"
}
`
}
