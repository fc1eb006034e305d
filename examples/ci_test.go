package examples_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

// planned is a directory with a plan in which a finding blocks and the files that it is a
// plan of.
func planned(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range []string{"main.tf", "plan.json"} {
		write(t, filepath.Join(dir, file), read(t, filepath.Join("github-actions-gate", file)))
	}
	return dir
}

// ciFiles are the files of services that run jobs, which are YAML.
func ciFiles() []string {
	return []string{
		"../action.yml", "../.pre-commit-hooks.yaml", "ci/atlantis/atlantis.yaml", "ci/atlantis/repos.yaml", "ci/azure-pipelines.yml",
		"ci/bitbucket-pipelines.yml", "ci/github-actions.yaml", "ci/gitlab-ci.yml", "ci/pre-commit-config.yaml",
	}
}

// scripts returns every text in a YAML document that has a metsuke command on a line.
func scripts(v any) []string {
	var out []string
	switch v := v.(type) {
	case map[string]any:
		for _, k := range sortedKeys(v) {
			out = append(out, scripts(v[k])...)
		}
	case []any:
		for _, e := range v {
			out = append(out, scripts(e)...)
		}
	case string:
		if command.MatchString(v) {
			out = append(out, v)
		}
	}
	return out
}

var command = regexp.MustCompile(`(?m)^\s*metsuke [a-z]`)

func sortedKeys(m map[string]any) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// commandsOf returns the lines of scripts that run metsuke.
func commandsOf(texts []string) []string {
	var out []string
	for _, text := range texts {
		for _, l := range strings.Split(text, "\n") {
			if command.MatchString(l) {
				out = append(out, strings.TrimSpace(l))
			}
		}
	}
	return out
}

func parsed(t *testing.T, file string) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(read(t, file)), &v); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return v
}

func TestEveryFileForCIIsWellFormedAndItsCommandsExist(t *testing.T) {
	found := 0
	for _, file := range ciFiles() {
		for _, line := range commandsOf(scripts(parsed(t, file))) {
			found++
			checkCommand(t, file, line)
		}
	}
	for _, line := range jenkinsCommands(t) {
		found++
		checkCommand(t, "ci/Jenkinsfile", line)
	}
	if found < 7 {
		t.Errorf("only %d commands were found", found)
	}
	for _, file := range glob(t, "ci/*") {
		if name := filepath.Base(file); name != "README.md" && name != "Jenkinsfile" && name != "atlantis" && !slices.Contains(ciFiles(), file) {
			t.Errorf("%s is not looked at", file)
		}
	}
}

// jenkinsCommands returns the metsuke commands of the Jenkinsfile, whose blocks are closed.
func jenkinsCommands(t *testing.T) []string {
	t.Helper()
	text := read(t, "ci/Jenkinsfile")
	var texts []string
	for _, m := range regexp.MustCompile(`(?s)sh '''(.*?)'''|sh '([^'\n]*)'`).FindAllStringSubmatch(text, -1) {
		texts = append(texts, m[1]+m[2])
	}
	code := regexp.MustCompile(`(?s)'''.*?'''|'[^'\n]*'|"[^"\n]*"|//[^\n]*`).ReplaceAllString(text, "")
	depth := 0
	for _, r := range code {
		switch r {
		case '{':
			depth++
		case '}':
			depth--
		}
		if depth < 0 {
			t.Fatal("Jenkinsfile: a block ends that never began")
		}
	}
	if depth != 0 || !regexp.MustCompile(`(?m)^pipeline \{$`).MatchString(code) || strings.ContainsAny(code, "'\"") {
		t.Fatalf("Jenkinsfile: %d blocks stay open, or it is no declarative pipeline", depth)
	}
	return commandsOf(texts)
}

// The command of each service is run on a plan in which something blocks.
func TestTheGateOfEveryServiceFailsForWhatBlocksAndReportsIt(t *testing.T) {
	const policy = "aws-vpc-sg-admin-ports-ipv4"
	for name, tt := range map[string]struct {
		commands []string
		env      []string
		code     int
		stdout   string            // what standard output holds
		files    map[string]string // and what the files hold
	}{
		"GitLab": {
			commandsOf(scripts(parsed(t, "ci/gitlab-ci.yml"))), nil, 1, policy,
			map[string]string{"gl-code-quality-report.json": `"check_name": "` + policy + `"`, "gl-sast-report.json": `"version": "15.0.7"`},
		},
		"Atlantis": {commandsOf(scripts(parsed(t, "ci/atlantis/repos.yaml"))), []string{"SHOWFILE=plan.json"}, 0, "FAIL: 1 failure. 1 finding blocks.\n- high ", nil},
		"Jenkins":  {jenkinsCommands(t), nil, 1, policy, map[string]string{"metsuke.xml": "<failure", "metsuke.sarif": policy}},
		"Azure": {
			commandsOf(scripts(parsed(t, "ci/azure-pipelines.yml"))), nil, 1, "##vso[task.logissue type=error;sourcepath=main.tf;linenumber=37;code=" + policy + "]",
			map[string]string{"metsuke.md": "blocked by 1 finding", "metsuke.xml": "<testsuites"},
		},
		"Bitbucket":  {commandsOf(scripts(parsed(t, "ci/bitbucket-pipelines.yml"))), nil, 1, policy, map[string]string{"insights.json": `"result": "FAILED"`}},
		"pre-commit": {[]string{hook(t, "metsuke-gate")}, nil, 1, policy, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if len(tt.commands) != 1 {
				t.Fatalf("commands: %q", tt.commands)
			}
			dir := planned(t)
			stdout, stderr, code := script(t, dir, tt.commands[0], tt.env...)
			if code != tt.code || !strings.Contains(stdout, tt.stdout) {
				t.Errorf("%s: exit code %d, want %d with %q\n%s%s", tt.commands[0], code, tt.code, tt.stdout, stdout, stderr)
			}
			for file, want := range tt.files {
				text := read(t, filepath.Join(dir, file))
				if !strings.Contains(text, want) {
					t.Errorf("%s does not hold %s", file, want)
				}
				if strings.Contains(text, "a-password-of-a-test") {
					t.Errorf("%s holds the database's password", file)
				}
			}
		})
	}
}

// hook joins what a hook of the repository runs and what its example passes.
func hook(t *testing.T, id string) string {
	t.Helper()
	var hooks []struct {
		ID    string `yaml:"id"`
		Entry string `yaml:"entry"`
	}
	var config struct {
		Repos []struct {
			Hooks []struct {
				ID   string   `yaml:"id"`
				Args []string `yaml:"args"`
			} `yaml:"hooks"`
		} `yaml:"repos"`
	}
	for file, to := range map[string]any{"../.pre-commit-hooks.yaml": &hooks, "ci/pre-commit-config.yaml": &config} {
		if err := yaml.Unmarshal([]byte(read(t, file)), to); err != nil {
			t.Fatal(err)
		}
	}
	for _, h := range hooks {
		for _, used := range config.Repos[0].Hooks {
			if h.ID == id && used.ID == id {
				return h.Entry + " " + strings.Join(used.Args, " ")
			}
		}
	}
	t.Fatalf("there is no hook %s", id)
	return ""
}

func TestTheHookRunsTheTestsOfPolicies(t *testing.T) {
	dir := filepath.Join(copyOf(t), "custom-policy")
	if stdout, stderr, code := script(t, dir, hook(t, "metsuke-policies-test")); code != 0 {
		t.Errorf("exit code %d\n%s%s", code, stdout, stderr)
	}
}

func TestAtlantisHearsOfABrokenGate(t *testing.T) {
	line := commandsOf(scripts(parsed(t, "ci/atlantis/repos.yaml")))[0]
	if _, stderr, code := script(t, planned(t), line, "SHOWFILE=nowhere.json"); code == 0 || !strings.Contains(stderr, "nowhere.json") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

// action is what the test looks at of action.yml.
type action struct {
	Inputs  map[string]map[string]any `yaml:"inputs"`
	Outputs map[string]struct {
		Value string `yaml:"value"`
	} `yaml:"outputs"`
	Runs struct {
		Steps []struct {
			Name string            `yaml:"name"`
			Uses string            `yaml:"uses"`
			Run  string            `yaml:"run"`
			Env  map[string]string `yaml:"env"`
		} `yaml:"steps"`
	} `yaml:"runs"`
}

func TestTheActionRunsTheGateAndHandsOnItsReports(t *testing.T) {
	var a action
	if err := yaml.Unmarshal([]byte(read(t, "../action.yml")), &a); err != nil {
		t.Fatal(err)
	}
	pinned := regexp.MustCompile(`^[\w-]+(/[\w-]+)+@[0-9a-f]{40}$`)
	steps := map[string]string{}
	env := map[string]string{}
	for _, s := range a.Runs.Steps {
		if s.Uses != "" && !pinned.MatchString(s.Uses) {
			t.Errorf("%s is not pinned to a commit", s.Uses)
		}
		if strings.Contains(s.Run, "${{") {
			t.Errorf("the step %s lets an expression into its script", s.Name)
		}
		steps[s.Name] = s.Run
		if s.Name == "Gate" {
			env = s.Env
		}
	}
	dir := planned(t)
	vars := []string{"RUNNER_TEMP=" + dir, "GITHUB_OUTPUT=" + dir + "/output", "GITHUB_STEP_SUMMARY=" + dir + "/summary", "GITHUB_REF=refs/heads/main"}
	input := regexp.MustCompile(`^\$\{\{ inputs\.([a-z-]+) \}\}$`)
	for _, name := range sortedNames(env) {
		m := input.FindStringSubmatch(env[name])
		if m == nil || a.Inputs[m[1]] == nil {
			t.Fatalf("%s is no input: %s", name, env[name])
		}
		value := fmt.Sprint(a.Inputs[m[1]]["default"])
		switch m[1] {
		case "plan":
			value = "plan.json"
		case "token":
			value = ""
		}
		vars = append(vars, name+"="+value)
	}
	stdout, stderr, code := script(t, dir, steps["Gate"], vars...)
	if code != 0 || !strings.Contains(stdout, "::error file=main.tf,line=37,") {
		t.Fatalf("exit code %d\n%s%s", code, stdout, stderr)
	}
	if !strings.Contains(stderr, "no comment is written: the job is for no pull request") {
		t.Errorf("the comment was not tried:\n%s", stderr)
	}
	outputs := map[string]string{}
	for _, l := range strings.Split(strings.TrimSpace(read(t, filepath.Join(dir, "output"))), "\n") {
		k, v, _ := strings.Cut(l, "=")
		outputs[k] = v
	}
	want := map[string]string{"exit-code": "1", "report": dir + "/metsuke/report.json", "sarif": dir + "/metsuke/metsuke.sarif"}
	if diff := cmp.Diff(want, outputs); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	for name, o := range a.Outputs {
		if o.Value != "${{ steps.gate.outputs."+name+" }}" || outputs[name] == "" {
			t.Errorf("the output %s is %s", name, o.Value)
		}
	}
	if got := findings(t, read(t, outputs["report"])); len(got) == 0 {
		t.Error("the report holds no findings")
	}
	if !strings.HasPrefix(read(t, filepath.Join(dir, "summary")), "## 🛑 metsuke: blocked by 1 finding") {
		t.Errorf("the summary:\n%.300s", read(t, filepath.Join(dir, "summary")))
	}
	if _, _, code := script(t, dir, steps["Verdict"], "CODE="+outputs["exit-code"]); code != 1 {
		t.Errorf("the job ends with %d", code)
	}
}

func sortedNames(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// The example divides the report as the requests of Bitbucket take it.
func TestTheReportForBitbucketHasThePartsThatTheExampleSends(t *testing.T) {
	dir := planned(t)
	script(t, dir, commandsOf(scripts(parsed(t, "ci/bitbucket-pipelines.yml")))[0])
	var doc struct {
		Report      map[string]any     `json:"report"`
		Annotations [][]map[string]any `json:"annotations"`
	}
	if err := json.Unmarshal([]byte(read(t, filepath.Join(dir, "insights.json"))), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Report) == 0 || len(doc.Annotations) != 1 || len(doc.Annotations[0]) == 0 || doc.Annotations[0][0]["path"] != "main.tf" {
		t.Errorf("%+v", doc)
	}
}

// script runs a script as a job does, with metsuke on its PATH.
func script(t *testing.T, dir, text string, vars ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-e", "-c", text)
	var out, complaint strings.Builder
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, append(environment(), vars...), &out, &complaint
	code = exitCode(t, cmd.Run())
	return out.String(), complaint.String(), code
}
