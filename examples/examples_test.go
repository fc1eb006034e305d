// Package examples_test runs the examples, and what the documents show: every
// configuration is read, every policy tested, every command exists, and output that
// is shown is what comes out today. With -update it writes what is generated.
package examples_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"

	"github.com/metsuke-dev/metsuke/internal/config"
)

var (
	update  = flag.Bool("update", false, "rewrite the output that the documents show, and what is generated for the examples")
	binary  string // the metsuke that the tests run
	scratch string
)

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	var err error
	if scratch, err = os.MkdirTemp("", "metsuke-examples-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	binary = filepath.Join(scratch, "bin", "metsuke")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", binary, "../cmd/metsuke")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build metsuke: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

func TestEveryConfigurationIsReadAndSelectsPolicies(t *testing.T) {
	for _, file := range glob(t, "*/metsuke.yaml") {
		if _, err := config.Parse([]byte(read(t, file)), file); err != nil {
			t.Error(err)
		}
		stdout, stderr, code := metsuke(t, ".", "policies", "list", "--config", file)
		if code != 0 || stdout == "" {
			t.Errorf("policies list --config %s: exit code %d\n%s", file, code, stderr)
		}
	}
}

func TestEveryTerraformFileIsWellFormed(t *testing.T) {
	for _, file := range glob(t, "*/*.tf") {
		if _, diags := hclparse.NewParser().ParseHCLFile(file); diags.HasErrors() {
			t.Error(diags)
		}
	}
}

func TestTheRoleInTheAWSOrganisationMayDoWhatThePoliciesNeedAndNoMore(t *testing.T) {
	const file = "aws-organization/metsuke-policy.json"
	want, stderr, code := metsuke(t, ".", "providers", "permissions", "aws", "--config", "aws-organization/metsuke.yaml")
	if code != 0 {
		t.Fatal(stderr)
	}
	if *update {
		write(t, file, want)
	}
	if diff := cmp.Diff(want, read(t, file)); diff != "" {
		t.Errorf("%s is out of date: make generate writes it (-want +got)\n%s", file, diff)
	}
	// The limit of all inline policies of a role (IAM and STS quotas), white space aside.
	if n := len(strings.Join(strings.Fields(want), "")); n > 10240 {
		t.Errorf("the policy has %d characters, too many for an inline policy of a role", n)
	}
}

func TestTheServiceAccountInTheGoogleOrganisationHasTheRolesThatThePoliciesNeed(t *testing.T) {
	out, stderr, code := metsuke(t, ".", "providers", "permissions", "gcp", "--config", "gcp-organization/metsuke.yaml", "--format", "json")
	if code != 0 {
		t.Fatal(stderr)
	}
	var want struct {
		Roles     []string `json:"roles"`
		Ungranted []string `json:"ungranted"`
	}
	if err := json.Unmarshal([]byte(out), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Roles, listOf(t, "gcp-organization/main.tf", "roles")); diff != "" {
		t.Errorf("locals.roles of gcp-organization/main.tf (-want +got):\n%s", diff)
	}
	if len(want.Ungranted) > 0 {
		t.Errorf("no role grants %v", want.Ungranted)
	}
}

// listOf returns a list of strings among the local values of a Terraform file.
func listOf(t *testing.T, file, name string) []string {
	t.Helper()
	f, diags := hclparse.NewParser().ParseHCLFile(file)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	content, _, diags := f.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "locals"}}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var out []string
	for _, b := range content.Blocks {
		attrs, diags := b.Body.JustAttributes()
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		if attrs[name] == nil {
			continue
		}
		v, diags := attrs[name].Expr.Value(nil)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		for _, e := range v.AsValueSlice() {
			out = append(out, e.AsString())
		}
	}
	return out
}

func TestTheCustomPolicyHoldsItsTestsAndJudgesThePlan(t *testing.T) {
	dir := filepath.Join(copyOf(t), "custom-policy")
	stdout, stderr, code := metsuke(t, dir, "policies", "test", "policies")
	if code != 0 {
		t.Errorf("policies test: exit code %d\n%s%s", code, stdout, stderr)
	}
	stdout, stderr, code = metsuke(t, dir, "gate", "plan.json", "--format", "json")
	if code != 1 {
		t.Fatalf("gate: exit code %d, want 1\n%s", code, stderr)
	}
	if diff := cmp.Diff([]string{"acme-rds-production-multi-az aws_db_instance.orders fail"}, findings(t, stdout)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// workflow is what the test looks at of a GitHub Actions workflow.
type workflow struct {
	Jobs map[string]struct {
		Steps []struct {
			Name string `yaml:"name"`
			Uses string `yaml:"uses"`
			Run  string `yaml:"run"`
		} `yaml:"steps"`
	} `yaml:"jobs"`
}

func TestTheWorkflowFailsThePullRequestAndReportsWhy(t *testing.T) {
	var w workflow
	if err := yaml.Unmarshal([]byte(read(t, "github-actions-gate/workflow.yaml")), &w); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(copyOf(t), "github-actions-gate")
	pinned := regexp.MustCompile(`^[\w-]+(/[\w-]+)+@[0-9a-f]{40}$`)
	gates := 0
	for _, step := range w.Jobs["gate"].Steps {
		if step.Uses != "" && !pinned.MatchString(step.Uses) {
			t.Errorf("%s is not pinned to a commit", step.Uses)
		}
		for _, line := range strings.Split(step.Run, "\n") {
			if words := strings.Fields(line); len(words) > 1 && words[0] == "metsuke" {
				checkCommand(t, "workflow.yaml", line)
			}
			if !strings.HasPrefix(strings.TrimSpace(line), "metsuke gate ") {
				continue
			}
			gates++
			out, code := shell(t, dir, line)
			if code != 1 {
				t.Errorf("%s: exit code %d, want 1\n%s", line, code, out)
			}
			if !strings.Contains(out, "::error file=main.tf,line=37,") {
				t.Errorf("%s: there is no annotation on the line of the open port:\n%s", line, out)
			}
		}
	}
	if gates != 1 {
		t.Fatalf("the job runs metsuke gate %d times", gates)
	}
	var sarif struct {
		Runs []struct {
			Results []struct {
				RuleID string `json:"ruleId"`
			} `json:"results"`
		} `json:"runs"`
	}
	if err := json.Unmarshal([]byte(read(t, filepath.Join(dir, "metsuke.sarif"))), &sarif); err != nil {
		t.Fatal(err)
	}
	if len(sarif.Runs) != 1 || len(sarif.Runs[0].Results) == 0 {
		t.Errorf("the SARIF file holds no results: %+v", sarif)
	}
	for _, file := range []string{"metsuke.sarif", "metsuke.md"} {
		if strings.Contains(read(t, filepath.Join(dir, file)), "a-password-of-a-test") {
			t.Errorf("%s holds the database's password", file)
		}
	}
}

// findings sums up a report: policy, resource and verdict.
func findings(t *testing.T, report string) []string {
	t.Helper()
	var run struct {
		Findings []struct {
			Policy   string `json:"policy"`
			Verdict  string `json:"verdict"`
			Resource struct {
				ID string `json:"id"`
			} `json:"resource"`
		} `json:"findings"`
	}
	if err := json.Unmarshal([]byte(report), &run); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range run.Findings {
		out = append(out, f.Policy+" "+f.Resource.ID+" "+f.Verdict)
	}
	return out
}

// metsuke runs the program without credentials.
func metsuke(t *testing.T, dir string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, args...)
	var out, complaint bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, environment(), &out, &complaint
	code = exitCode(t, cmd.Run())
	return out.String(), complaint.String(), code
}

// shell runs a line of a shell script and returns what it wrote.
func shell(t *testing.T, dir, line string) (string, int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", "-c", line)
	cmd.Dir, cmd.Env = dir, environment()
	out, err := cmd.CombinedOutput()
	return string(out), exitCode(t, err)
}

func exitCode(t *testing.T, err error) int {
	t.Helper()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	t.Fatal(err)
	return -1
}

// environment is that of a shell with metsuke on its PATH and nothing configured.
func environment() []string {
	return []string{
		"PATH=" + filepath.Dir(binary) + ":/usr/local/bin:/usr/bin:/bin", "HOME=" + scratch, "NO_COLOR=1", "TERM=xterm", "LANG=C.UTF-8",
		"AWS_EC2_METADATA_DISABLED=true",
	}
}

// copyOf returns a fresh copy of the examples.
func copyOf(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "examples")
	if err := os.CopyFS(dir, os.DirFS(".")); err != nil {
		t.Fatal(err)
	}
	return dir
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: no files (%v)", pattern, err)
	}
	slices.Sort(files)
	return files
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
