package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/store"
)

// evidence is a saved run and everything that was saved with it.
type evidence struct {
	info      store.RunInfo
	run       finding.Run
	inputs    []store.Input
	inventory string
}

// demoEvidence saves a demonstration that is judged by every kind of file that there is.
func demoEvidence(t *testing.T, dir string) evidence {
	t.Helper()
	write(t, filepath.Join(dir, "metsuke.yaml"), "policies: {directories: [mine], params: {min_days: 10}, overrides: {'github-*': {warn_until: 2026-12-31}}}\n")
	write(t, filepath.Join(dir, "owners.yaml"), "rules:\n  - {tag: owner}\n")
	write(t, filepath.Join(dir, "tags.yaml"), "keys:\n  - {key: Owner, required: true}\nplaceholders: [tbd]\n")
	write(t, filepath.Join(dir, "waivers.yaml"), `waivers:
  - policy: aws-ebs-snapshot-public
    resource: "*"
    reason: published on purpose
    approver: ciso
    ticket: GOV-1
    expires: 2026-12-31
`)
	if err := os.Mkdir(filepath.Join(dir, "mine"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "mine", "named.rego"), minePolicy)
	st := filepath.Join(dir, "runs.db")
	args := []string{"demo", "-c", filepath.Join(dir, "metsuke.yaml"), "--store", st, "--provider", "aws,github"}
	p, _, stderr := testProcess(nil)
	report := filepath.Join(dir, "known.json")
	if code := run(t.Context(), p, append(args, "-o", report, "--policy", "aws-s3-*")); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	baseline := filepath.Join(dir, "baseline.json")
	if code := run(t.Context(), p, []string{"baseline", "write", report, "-o", baseline}); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	if code := run(t.Context(), p, append(args, "--save", "--baseline", baseline)); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	return openEvidence(t, st)
}

const minePolicy = `# METADATA
# title: Repositories have a name
# description: A repository without a name is nobody's.
# scope: package
# custom:
#   severity: low
#   category: operations
#   types: [github_repository]
#   remediation: Name it.
package metsuke.acme.named

deny contains {"message": "its name is long", "path": "name"} if {
    count(input.resource.name) > 3
}
`

func openEvidence(t *testing.T, file string) (e evidence) {
	t.Helper()
	ctx := t.Context()
	st, err := store.Open(ctx, file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = st.Close() }()
	if e.info, err = st.Resolve(ctx, "latest"); err != nil {
		t.Fatal(err)
	}
	if e.run, err = st.Run(ctx, e.info.ID); err != nil {
		t.Fatal(err)
	}
	if e.inputs, err = st.Inputs(ctx, e.info.ID); err != nil {
		t.Fatal(err)
	}
	lines, err := st.Inventory(ctx, e.info.ID)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(lines)
	if err != nil {
		t.Fatal(err)
	}
	_ = lines.Close()
	e.inventory = string(b)
	return e
}

// stateEvidence saves a scan that Terraform states and their configuration decide with.
func stateEvidence(t *testing.T) evidence {
	t.Helper()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write(t, at("kept.tfstate"), `{"version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "x", "outputs": {"p": {"value": "`+canary+`", "type": "string"}}, "resources": [
 {"module": "module.partner[\"a\"]", "mode": "managed", "type": "aws_s3_bucket", "name": "this", "instances": [{"index_key": 0, "attributes": {"id": "payments-partner-uploads", "arn": "arn:aws:s3:::payments-partner-uploads", "policy": "`+canary+`"}}]},
 {"mode": "managed", "type": "random_password", "name": "p", "instances": [{"attributes": {"id": "`+canary+`", "arn": "`+canary+`", "self_link": "projects/`+canary+`", "result": "`+canary+`"}}]},
 {"mode": "managed", "type": "aws_db_instance", "name": "gone", "instances": [{"attributes": {"id": "db-1", "arn": "arn:aws:rds:eu-central-1:111111111111:db:gone", "password": "`+canary+`"}}]}]}`)
	write(t, at("encrypted.tfstate"), `{"serial": 1, "lineage": "x", "meta": {}, "encrypted_data": "`+canary+`", "encryption_version": "v0"}`)
	for _, d := range []string{"live", "live/partner", "other"} {
		if err := os.Mkdir(at(d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, at("live/main.tf"), `module "partner" {
  # metsuke:ignore aws-s3-bucket-public-access-block until=2026-12-31 reason="partners read from it"
  source   = "./partner"
  for_each = toset(["a"])
}
resource "aws_db_instance" "gone" {}
resource "random_password" "p" {}
`)
	write(t, at("other/main.tf"), "resource \"aws_sns_topic\" \"t\" {}\n")
	write(t, at("live/partner/main.tf"), "\nresource \"aws_s3_bucket\" \"this\" {\n  count = 1\n}\n")
	write(t, at("owners.yaml"), `rules: [{path: "**/partner/**", owner: partners}]`)
	write(t, at("metsuke.yaml"), "waivers: {comments: allow}\n")
	p, _, stderr := testProcess(nil)
	do := func(args ...string) {
		t.Helper()
		if code := run(t.Context(), p, args); code != exitOK {
			t.Fatalf("exit code %d\n%s", code, stderr)
		}
	}
	do("inventory", "--demo", "-o", at("estate.ndjson"))
	do("scan", "-c", at("metsuke.yaml"), "--from", at("estate.ndjson"), "--provider", "aws", "--policy", "aws-s3-*,aws-rds-*", "--save", "--store", at("runs.db"),
		"--state", at("kept.tfstate"), "--terraform-dir", at("live"), "--state", at("encrypted.tfstate"), "--terraform-dir", at("other"))
	return openEvidence(t, at("runs.db"))
}

func TestAScanWithStatesVerifiesWithoutThem(t *testing.T) {
	whole := stateEvidence(t)
	if iac := whole.run.IaC; iac == nil || len(iac.Gone) != 1 || iac.Terraform != 1 || len(iac.States) != 2 {
		t.Fatalf("the evidence says of infrastructure as code %+v", iac)
	}
	for _, in := range whole.inputs {
		leaks(t, string(in.Text), canary)
	}
	code := slices.IndexFunc(whole.inputs, func(in store.Input) bool { return in.Name == inputCode })
	if code < 0 {
		t.Fatal("nothing is saved of infrastructure as code")
	}
	whole.tamper(t, code, map[string]tampering{
		"nothing":            {"", "", exitOK, "judged again, it gives the same report, byte for byte"},
		"what is gone":       {"aws_s3_bucket.this[0]", "aws_s3_bucket.that[0]", exitFindings, "does not verify"},
		"where it lies":      {`"line":2`, `"line":3`, exitFindings, "does not verify"},
		"what it is":         {"payments-partner-uploads", "payments-partner-downloads", exitFindings, "does not verify"},
		"a comment":          {"partners read from it", "nobody reads from it", exitFindings, "the waivers differ"},
		"why it is not read": {"the state is encrypted", "the state is empty", exitFindings, `"iac" of the report differs`},
		"everything":         {"{", "[", exitError, "what was saved of infrastructure as code"},
	})
}

// tampering is another text in an input, and what verifying says of it.
type tampering struct {
	old, changed string // "" changes nothing
	code         int
	says         string
}

// tamper verifies the evidence with one thing changed in an input, for each of them.
func (e evidence) tamper(t *testing.T, input int, all map[string]tampering) {
	t.Helper()
	for name, c := range all {
		t.Run(name, func(t *testing.T) {
			if got, out := e.changed(t, input, c.old, c.changed).verified(t); got != c.code || !strings.Contains(out, c.says) {
				t.Errorf("exit code %d, want %d; want to hear %q, and heard:\n%s", got, c.code, c.says, out)
			}
		})
	}
}

// changed returns the evidence with another text in an input; "" changes nothing.
func (e evidence) changed(t *testing.T, input int, old, changed string) evidence {
	t.Helper()
	e.inputs = slices.Clone(e.inputs)
	text := string(e.inputs[input].Text)
	e.inputs[input].Text = []byte(strings.Replace(text, old, changed, 1))
	if old != "" && string(e.inputs[input].Text) == text {
		t.Fatalf("there is no %q in\n%s", old, text)
	}
	return e
}

// verified saves the evidence as if it had always been so, and verifies it.
func (e evidence) verified(t *testing.T, args ...string) (int, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "runs.db")
	st, err := store.Open(t.Context(), file, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rec := store.Record{
		Series: e.info.Series, Run: withoutHistory(e.run), Inputs: e.inputs, Started: e.info.Started, Ended: e.info.Ended,
		Digest: func(finding.Run) (string, error) { return e.info.ReportDigest, nil },
	}
	if e.inventory != "" {
		rec.Inventory = strings.NewReader(e.inventory)
	}
	if _, err := st.Save(t.Context(), rec); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	p, stdout, stderr := testProcess(nil)
	code := run(t.Context(), p, append([]string{"verify", "latest", "--store", file}, args...))
	return code, stdout.String() + stderr.String()
}

func TestARunVerifiesUntilSomethingOfItIsTamperedWith(t *testing.T) {
	whole := demoEvidence(t, t.TempDir())
	text := func(ending, old, changed string) func(*evidence) {
		return func(e *evidence) {
			for i, in := range e.inputs {
				if strings.HasSuffix(in.Name, ending) {
					e.inputs[i].Text = bytes.Replace(in.Text, []byte(old), []byte(changed), 1)
					if bytes.Equal(e.inputs[i].Text, in.Text) {
						t.Errorf("%s holds no %q:\n%s", in.Name, old, in.Text)
					}
					return
				}
			}
			t.Errorf("nothing that is called %s was saved", ending)
		}
	}
	for name, c := range map[string]struct {
		tamper func(*evidence)
		code   int
		says   string
	}{
		"nothing":           {func(*evidence) {}, exitOK, "judged again, it gives the same report, byte for byte"},
		"a parameter":       {text("metsuke.yaml", "min_days: 10", "min_days: 9"), exitFindings, "the parameters differ"},
		"the rollout":       {text("metsuke.yaml", "2026-12-31", "2026-12-30"), exitFindings, "rollout differ"},
		"a waiver":          {text("waivers.yaml", "ciso", "cfo"), exitFindings, "the waivers differ"},
		"the owners":        {text("owners.yaml", "tag: owner", "tag: team"), exitFindings, "the owners differ"},
		"the tags":          {text("tags.yaml", "tbd", "abc"), exitFindings, "differ"},
		"the baseline":      {text("baseline.json", `"fingerprint": "`, `"fingerprint": "0`), exitError, "what was saved with the run does not load any more"},
		"a policy":          {text("named.rego", "> 3", "> 4"), exitFindings, "the policies are other ones"},
		"a policy of fewer": {text("named.rego", "metsuke.acme.named", "metsuke.acme.other"), exitFindings, "there is no acme-named any more"},
		"the call":          {text(inputCall, `"providers":["aws","github"]`, `"providers":["aws"]`), exitFindings, "does not verify"},
		"the inventory": {func(e *evidence) {
			e.inventory = strings.Replace(e.inventory, `"name":"grafana-test"`, `"name":"grafana-best"`, 1)
		}, exitFindings, "the contents of the inventory differ"},
		"a finding of the report": {func(e *evidence) { e.run.Findings = e.run.Findings[1:] }, exitFindings, "the saved report is not the one that was saved"},
		"no inventory":            {func(e *evidence) { e.inventory = "" }, exitError, "what it read was not kept"},
		"a file that is missing":  {func(e *evidence) { e.inputs = e.inputs[1:] }, exitError, "how it was called was not saved"},
	} {
		t.Run(name, func(t *testing.T) {
			e := whole
			e.inputs = append([]store.Input{}, whole.inputs...)
			c.tamper(&e)
			code, out := e.verified(t)
			if code != c.code || !strings.Contains(out, c.says) {
				t.Errorf("exit code %d, want %d; want to hear %q, and heard:\n%s", code, c.code, c.says, out)
			}
		})
	}
}

func TestNoSecretOfAPlanOrAScanIsSaved(t *testing.T) {
	dir := t.TempDir()
	plan := filepath.Join(dir, "plan.json")
	write(t, plan, canaryPlan())
	write(t, filepath.Join(dir, "main.tf"), canarySources())
	for name, c := range map[string]struct {
		args    []string
		looked  string // shows that the place of the secret was read
		secrets []string
	}{
		"a gate": {[]string{"gate", plan, "--terraform-dir", dir}, "aws_instance", []string{canary}},
		"a scan": {[]string{"demo"}, "i-0a330000000000002", estateSecrets()},
	} {
		t.Run(name, func(t *testing.T) {
			st := filepath.Join(t.TempDir(), "runs.db")
			p, _, stderr := testProcess(nil)
			if code := run(t.Context(), p, append(c.args, "--save", "--store", st)); code != exitOK && code != exitFindings {
				t.Fatalf("exit code %d\n%s", code, stderr)
			}
			e := openEvidence(t, st)
			all := e.inventory + textOf(e.run) + textOf(e.info)
			for _, in := range e.inputs {
				all += string(in.Text)
			}
			if !strings.Contains(e.inventory, c.looked) {
				t.Errorf("%s is not in the inventory: the secret was not near", c.looked)
			}
			leaks(t, all, c.secrets...)
		})
	}
}
