package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/store"
)

// verifyingMain is metsuke that has every gate verified that the scripts run: the gate is
// run once more and saved, and the saved run is judged again. A gate that does not verify
// ends with exitUnverified.
func verifyingMain() {
	code := runMain(newProcess())
	if says := unverified(os.Args[1:], code); says != "" {
		fmt.Fprintf(os.Stderr, "the gate does not verify:\n%s", says)
		code = exitUnverified
	}
	os.Exit(code)
}

// exitUnverified is an exit code that no command has.
const exitUnverified = 99

// unverified returns what is said when the gate with the arguments is saved and verified;
// "" when it verifies, or when it is none that can be run a second time.
func unverified(args []string, code int) string {
	again := []string{"--help", "--save", "--comment", "--update-baseline", "-"} // or changes something, or is not there a second time
	if len(args) == 0 || args[0] != "gate" || code != exitOK && code != exitFindings ||
		slices.ContainsFunc(args, func(a string) bool { return slices.Contains(again, strings.SplitN(a, "=", 2)[0]) }) {
		return ""
	}
	dir, err := os.MkdirTemp("", "metsuke-verify-*")
	if err != nil {
		return err.Error()
	}
	defer func() { _ = os.RemoveAll(dir) }()
	st := filepath.Join(dir, "runs.db")
	var out bytes.Buffer
	quiet := newProcess()
	quiet.stdin, quiet.stdout, quiet.stderr = strings.NewReader(""), io.Discard, &out
	ctx := context.Background()
	if got := run(ctx, quiet, append(slices.Clone(args), "--save", "--store", st)); got != code {
		return fmt.Sprintf("saved, it has the exit code %d instead of %d\n%s", got, code, &out)
	}
	quiet.stdout = &out
	if run(ctx, quiet, []string{"verify", "latest", "--store", st}) == exitOK {
		return ""
	}
	return out.String()
}

// gateEvidence saves a gate with everything that a plan is asked for: what is introduced,
// there already and mended, a waiver in the sources, and a live estate beside it, which is
// in the file estate.
func gateEvidence(t *testing.T) (e evidence, estate string) {
	t.Helper()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	change := func(typ, name, actions, before, after string) string {
		return fmt.Sprintf(`{"address": "%[1]s.%[2]s", "mode": "managed", "type": "%[1]s", "name": "%[2]s", "provider_name": "registry.terraform.io/hashicorp/aws",
 "change": {"actions": [%[3]s], "before": %[4]s, "after": %[5]s, "after_unknown": {}, "before_sensitive": {}, "after_sensitive": {}}}`, typ, name, actions, before, after)
	}
	queue := func(name, tags string) string {
		return fmt.Sprintf(`{"id": "https://sqs.eu-central-1.amazonaws.com/111111111111/%[1]s", "arn": "arn:aws:sqs:eu-central-1:111111111111:%[1]s", "name": "%[1]s",
 "sqs_managed_sse_enabled": true, "kms_master_key_id": "", "policy": "", "redrive_policy": "", "tags": %[2]s, "tags_all": %[2]s}`, name, tags)
	}
	const none, all = "{}", `{"Owner": "web", "Environment": "prod", "CostCenter": "4711"}`
	bucket := `{"id": "nordwind-org-cloudtrail", "arn": "arn:aws:s3:::nordwind-org-cloudtrail", "bucket": "nordwind-org-cloudtrail", "region": "eu-central-1", "logging": [], "grant": [], "policy": "", "tags": {}, "tags_all": {}}`
	write(t, at("plan.json"), `{"format_version": "1.2", "terraform_version": "1.9.0", "resource_changes": [`+strings.Join([]string{
		change("aws_s3_bucket", "b", `"no-op"`, bucket, bucket),
		change("aws_s3_bucket_logging", "l", `"create"`, "null", `{"bucket": "nordwind-org-cloudtrail", "target_bucket": "nordwind-access-logs", "target_prefix": "x"}`),
		change("aws_sqs_queue", "mended", `"update"`, queue("mended", none), queue("mended", all)),
		change("aws_sqs_queue", "worse", `"update"`, queue("worse", all), queue("worse", none)),
		change("aws_sqs_queue", "gone", `"delete"`, queue("gone", none), "null"),
	}, ",\n")+`], "configuration": {"provider_config": {"aws": {"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws"}}, "root_module": {"resources": [
 {"address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b", "provider_config_key": "aws", "expressions": {"bucket": {"constant_value": "nordwind-org-cloudtrail"}}},
 {"address": "aws_s3_bucket_logging.l", "mode": "managed", "type": "aws_s3_bucket_logging", "name": "l", "provider_config_key": "aws", "expressions": {"bucket": {"constant_value": "nordwind-org-cloudtrail"}}},
 {"address": "aws_sqs_queue.mended", "mode": "managed", "type": "aws_sqs_queue", "name": "mended", "provider_config_key": "aws", "expressions": {"tags": {"constant_value": {}}}},
 {"address": "aws_sqs_queue.worse", "mode": "managed", "type": "aws_sqs_queue", "name": "worse", "provider_config_key": "aws", "expressions": {"tags": {"constant_value": {}}}}]}}}`)
	write(t, at("main.tf"), `resource "aws_s3_bucket" "b" {
  # metsuke:ignore aws-s3-lifecycle-missing until=2026-12-31 reason="logs are written once"
  bucket = "nordwind-org-cloudtrail"
}

resource "aws_sqs_queue" "worse" {
  tags = {}
}

resource "aws_sqs_queue" "mended" {}
resource "aws_s3_bucket_logging" "l" {}
`)
	write(t, at("metsuke.yaml"), "waivers: {comments: allow}\n")
	p, _, stderr := testProcess(nil)
	for _, args := range [][]string{
		{"inventory", "--demo", "--provider", "aws", "-o", at("estate.ndjson")},
		{"gate", at("plan.json"), "--terraform-dir", dir, "-c", at("metsuke.yaml"), "--against", at("estate.ndjson"), "--save", "--store", at("runs.db"), "--fail-on", "none"},
	} {
		if code := run(t.Context(), p, args); code != exitOK {
			t.Fatalf("exit code %d\n%s", code, stderr)
		}
	}
	return openEvidence(t, at("runs.db")), at("estate.ndjson")
}

func TestAGateVerifiesUntilWhatItsPlanSaidIsTamperedWith(t *testing.T) {
	whole, _ := gateEvidence(t)
	counts := map[finding.Change]int{}
	for _, f := range slices.Concat(whole.run.Findings, whole.run.Fixed) {
		counts[f.Change]++
	}
	if counts[finding.Introduced] == 0 || counts[finding.Existing] == 0 || counts[finding.Fixed] == 0 || whole.run.Digests["waivers"] == "" {
		t.Fatalf("the evidence has the changes %v and the digests %v", counts, whole.run.Digests)
	}
	said := slices.IndexFunc(whole.inputs, func(in store.Input) bool { return in.Name == inputPlan })
	if said < 0 {
		t.Fatal("nothing is saved of the plan")
	}
	whole.tamper(t, said, map[string]tampering{
		"nothing":                {"", "", exitOK, "judged again, it gives the same report, byte for byte"},
		"what it touches":        {`"touched":[`, `"untouched":[`, exitFindings, "does not verify"},
		"what it alters":         {`"altered":[`, `"unaltered":[`, exitFindings, "does not verify"},
		"what was there":         {`"tags":{}`, `"tags":{"Owner":"web","Environment":"prod","CostCenter":"4711"}`, exitFindings, "does not verify"},
		"which live ones it has": {`"selves":[`, `"others":[`, exitFindings, "does not verify"},
		"what they complete":     {`"completed":[`, `"incomplete":[`, exitFindings, "does not verify"},
		"a line":                 {`"line":7`, `"line":8`, exitFindings, "reads otherwise"},
		"a comment":              {"logs are written once", "logs are written twice", exitFindings, "the waivers differ"},
		"everything":             {"{", "[", exitError, "what was saved of its plan"},
		"a resource":             {`"resource":{`, `"resource":["`, exitError, "what was saved of its plan"},
	})
	t.Run("all of it", func(t *testing.T) {
		e := whole
		e.inputs = slices.Delete(slices.Clone(whole.inputs), said, said+1)
		if got, out := e.verified(t); got != exitError || !strings.Contains(out, "what its plan says was not saved") {
			t.Errorf("exit code %d:\n%s", got, out)
		}
	})
}

func TestAGateBesideAnInventoryIsVerifiedBesideTheSameOne(t *testing.T) {
	whole, estate := gateEvidence(t)
	text, err := os.ReadFile(estate)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	moved, packed, other := filepath.Join(dir, "moved.ndjson"), filepath.Join(dir, "packed.ndjson.gz"), filepath.Join(dir, "other.ndjson")
	if err := os.Rename(estate, moved); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, packed, b.String())
	write(t, other, strings.Replace(string(text), "nordwind-org-cloudtrail", "nordwind-org-cloudtrial", 1))
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{nil, exitError, "its plan was judged beside the inventory " + estate + ", which is not saved with the run: give it with --against FILE"},
		{[]string{"--against", moved}, exitOK, "byte for byte"},
		{[]string{"--against", packed}, exitOK, "byte for byte"},
		{[]string{"--against", other}, exitError, "that of " + other + " is "},
		{[]string{"--against", filepath.Join(dir, "none")}, exitError, "no such file"},
	} {
		if got, out := whole.verified(t, c.args...); got != c.code || !strings.Contains(out, c.says) {
			t.Errorf("%v: exit code %d, want %d; want to hear %q, and heard:\n%s", c.args, got, c.code, c.says, out)
		}
	}
	demo := demoEvidence(t, t.TempDir())
	if got, out := demo.verified(t, "--against", moved); got != exitError || !strings.Contains(out, "the run is no gate that was judged beside an inventory") {
		t.Errorf("exit code %d:\n%s", got, out)
	}
}
