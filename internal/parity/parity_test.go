// Package parity holds the shipped policies to one promise: the same defect gives
// the same verdict from the live account and from the Terraform plan. It has tests
// only.
package parity

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/api/option"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/scan"
	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/internal/simcloud/gcpsim"
	"github.com/metsuke-dev/metsuke/internal/simcloud/githubsim"
	"github.com/metsuke-dev/metsuke/policies"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws"
	"github.com/metsuke-dev/metsuke/providers/gcp"
	"github.com/metsuke-dev/metsuke/providers/github"
	"github.com/metsuke-dev/metsuke/providers/terraform"
)

// fixture is one entry of a _parity.yaml file; docs/writing-a-policy.md describes it.
type fixture struct {
	Name    string          `yaml:"name"`
	Verdict finding.Verdict `yaml:"verdict"`
	Params  map[string]any  `yaml:"params"`
	Live    struct {
		AWS    map[string]map[string]any `yaml:"aws"`
		GCP    map[string]any            `yaml:"gcp"`
		GitHub map[string]any            `yaml:"github"`
	} `yaml:"live"`
	Plan map[string]any `yaml:"plan"`
}

func now() time.Time { return awssim.Now() }

func load(t *testing.T) *engine.Engine {
	t.Helper()
	e, err := engine.Load(engine.Source{FS: policies.Files, Builtin: true})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func fixtureFile(p *engine.Policy) string {
	return strings.TrimSuffix(p.File, ".rego") + "_parity.yaml"
}

func TestEveryPolicyThatJudgesPlansHasAParityFixture(t *testing.T) {
	for _, p := range load(t).Policies() {
		if p.Plan == "" {
			t.Errorf("%s: custom.plan does not say whether the policy can judge a plan", p.ID)
		}
		if p.Plan != "yes" {
			continue
		}
		if _, err := fs.Stat(policies.Files, fixtureFile(p)); err != nil {
			t.Errorf("%s judges plans and has no %s", p.ID, fixtureFile(p))
		}
	}
}

func TestTheLiveAccountAndThePlanGiveTheSameVerdict(t *testing.T) {
	e := load(t)
	for _, p := range e.Policies() {
		text, err := fs.ReadFile(policies.Files, fixtureFile(p))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Run(p.ID, func(t *testing.T) {
			var fixtures []fixture
			if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&fixtures); err != nil && !errors.Is(err, io.EOF) {
				t.Fatalf("%s: %s", fixtureFile(p), yaml.FormatError(err, false, true))
			}
			verdicts := map[finding.Verdict]bool{}
			for _, f := range fixtures {
				verdicts[f.Verdict] = true
				t.Run(f.Name, func(t *testing.T) { f.compare(t, e, p) })
			}
			if !verdicts[finding.Fail] || !verdicts[finding.Pass] {
				t.Errorf("%s needs a fixture that fails and its good twin that passes", fixtureFile(p))
			}
		})
	}
}

// seen is what of a finding must be the same from both sources. The ids, and with
// them the messages, are not.
type seen struct {
	Verdict  finding.Verdict
	Severity finding.Severity
	Path     string
}

func (f fixture) compare(t *testing.T, e *engine.Engine, p *engine.Policy) {
	live := f.judge(t, e, p, f.liveProvider(t))
	plan := f.judge(t, e, p, f.planProvider(t))
	if diff := cmp.Diff(live, plan); diff != "" {
		t.Errorf("live and plan differ (-live +plan):\n%s", diff)
	}
	for name, got := range map[string][]seen{"live": live, "plan": plan} {
		if len(got) == 0 {
			t.Errorf("%s: nothing was judged", name)
		}
		for _, s := range got {
			if s.Verdict != f.Verdict {
				t.Errorf("%s: the verdict is %s (%s), want %s", name, s.Verdict, s.Path, f.Verdict)
			}
		}
	}
}

func (f fixture) judge(t *testing.T, e *engine.Engine, p *engine.Policy, prov providers.Provider) []seen {
	t.Helper()
	s, err := e.NewSession(engine.Config{Policies: []string{p.ID}, PolicyParams: map[string]map[string]any{p.ID: f.Params}, Now: now()})
	if err != nil {
		t.Fatal(err)
	}
	run, err := scan.Run(t.Context(), scan.Input{Mode: "scan", Now: now(), Providers: []providers.Provider{prov}, Session: s, Passes: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range run.Coverage.Gaps {
		t.Logf("gap: %s %s %s %s: %s", g.Type, g.ID, g.Path, g.Call, g.Err)
	}
	var out []seen
	for _, fd := range run.Findings {
		if fd.Verdict == finding.Unknown {
			t.Logf("%s: %s", fd.Resource.ID, fd.Message)
		}
		// What the policy has nothing to say about is not what the fixture is about.
		if fd.Verdict == finding.NotApplicable && f.Verdict != finding.NotApplicable {
			continue
		}
		out = append(out, seen{fd.Verdict, fd.Severity, fd.Path})
	}
	slices.SortFunc(out, func(a, b seen) int { return strings.Compare(a.Path, b.Path) })
	return out
}

func (f fixture) liveProvider(t *testing.T) providers.Provider {
	t.Helper()
	switch {
	case f.Live.AWS != nil:
		files := fstest.MapFS{}
		for name, docs := range f.Live.AWS {
			files[awssim.Accounts()[0]+"/"+name] = &fstest.MapFile{Data: encode(t, docs)}
		}
		cfg := awssim.New(files, awssim.Ops()...).Config(awssim.Accounts()[0], "us-east-1", awssim.Faults{})
		return aws.New(aws.Config{Base: cfg, Regions: []string{"us-east-1"}, Clock: now, Limits: aws.Limits{NewRetryer: func() awssdk.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = 1 })
		}}})
	case f.Live.GCP != nil:
		estate := map[string]any{
			"organizations": []any{map[string]any{"name": "organizations/1", "displayName": "example.com", "state": "ACTIVE"}},
			"projects":      []any{map[string]any{"name": "projects/1", "parent": "organizations/1", "projectId": "p", "state": "ACTIVE", "displayName": "P"}},
		}
		for k, v := range f.Live.GCP {
			estate[k] = v
		}
		cloud, err := gcpsim.New(gcpsim.Config{Estate: encode(t, estate), Now: now()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cloud.Close() })
		return gcp.New(gcp.Config{
			Scopes: []string{"organizations/1"}, AssetOptions: cloud.AssetOptions(),
			RESTOptions: append(cloud.RESTOptions(), option.WithoutAuthentication()),
			Retry:       gcp.Retry{Attempts: 1},
		})
	default:
		api, err := githubsim.New(fstest.MapFS{"live.json": &fstest.MapFile{Data: encode(t, f.Live.GitHub)}}, githubsim.Faults{})
		if err != nil {
			t.Fatal(err)
		}
		return github.New(github.Config{Token: githubsim.Token, HTTPClient: &http.Client{Transport: api}, Now: now})
	}
}

func (f fixture) planProvider(t *testing.T) providers.Provider {
	t.Helper()
	doc := map[string]any{
		"format_version": "1.2", "terraform_version": "1.11.4", "planned_values": map[string]any{}, "resource_changes": []any{},
		"configuration": map[string]any{}, "complete": true, "errored": false, "applyable": true,
	}
	for k, v := range f.Plan {
		doc[k] = v
	}
	b := encode(t, doc)
	schemas, err := fs.Sub(policies.Files, "schemas")
	if err != nil {
		t.Fatal(err)
	}
	p, err := terraform.Open(bytes.NewReader(b), int64(len(b)), terraform.Options{Name: "plan.json", Schemas: schemas})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
