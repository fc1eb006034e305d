package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/open-policy-agent/opa/v1/topdown"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/nearest"
	"github.com/metsuke-dev/metsuke/providers"
)

// testCase is one entry of a _cases.yaml file: a resource as a provider would give
// it, unknown parts included, and the whole verdict of the policy beside the file.
type testCase struct {
	Name     string                            `yaml:"name"`
	Resource caseResource                      `yaml:"resource"`
	Related  map[providers.Type][]caseResource `yaml:"related"`
	// Unlisted are joined types that could not be listed, and why.
	Unlisted map[providers.Type]providers.Reason `yaml:"unlisted"`
	Params   map[string]any                      `yaml:"params"`
	Now      time.Time                           `yaml:"now"`
	Inherit  []caseInherit                       `yaml:"inherit"` // see Config
	Verdict  finding.Verdict                     `yaml:"verdict"`
	Findings []caseFinding                       `yaml:"findings"` // of a failing verdict
	Unknown  string                              `yaml:"unknown"`  // of an unknown one: the path that could not be read
}

type caseResource struct {
	Type       providers.Type              `yaml:"type"` // default: the policy's only type
	ID         string                      `yaml:"id"`
	Name       string                      `yaml:"name"`
	Region     string                      `yaml:"region"`
	Scope      providers.Scope             `yaml:"scope"`
	Created    time.Time                   `yaml:"created"`
	Tags       map[string]string           `yaml:"tags"`
	Attributes map[string]any              `yaml:"attributes"`
	Unknown    map[string]providers.Reason `yaml:"unknown"`
	Holder     *caseHolder                 `yaml:"holder"` // of the account or project; nil is that nobody asked
}

type caseInherit struct {
	Key   string             `yaml:"key"`
	Names []string           `yaml:"names"`
	From  []providers.Holder `yaml:"from"`
}

// caseHolder are the tags of the account or project.
type caseHolder struct {
	Of      string            `yaml:"of"`
	Tags    map[string]string `yaml:"tags"`
	Unknown providers.Reason  `yaml:"unknown"`
}

type caseFinding struct {
	Message     string           `yaml:"message"`
	Path        string           `yaml:"path"`
	Key         string           `yaml:"key"`
	Defects     []string         `yaml:"defects"`
	Severity    finding.Severity `yaml:"severity"`
	MonthlyCost float64          `yaml:"monthly_cost_usd"`
	AtLeast     string           `yaml:"at_least"`
}

// caseNow is input.now of a case that does not say.
func caseNow() time.Time { return time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC) }

func (e *Engine) runCases(ctx context.Context, fsys fs.FS, file, name string, tracer topdown.QueryTracer) ([]TestResult, error) {
	b, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, err
	}
	var cases []testCase
	dec := yaml.NewDecoder(bytes.NewReader(b), yaml.Strict())
	if err := dec.Decode(&cases); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %s", name, yaml.FormatError(err, false, true))
	}
	policyFile := strings.TrimSuffix(name, "_cases.yaml") + ".rego"
	i := slices.IndexFunc(e.policies, func(p *Policy) bool { return p.File == policyFile })
	if i < 0 {
		return nil, fmt.Errorf("%s: there is no policy %s beside it", name, policyFile)
	}
	var out []TestResult
	for _, c := range cases {
		res := TestResult{File: name, Name: c.Name}
		if err := e.runCase(ctx, e.policies[i], c, tracer); err != nil {
			res.Message = err.Error()
		}
		res.Pass = res.Message == ""
		out = append(out, res)
	}
	return out, nil
}

func (e *Engine) runCase(ctx context.Context, p *Policy, c testCase, tracer topdown.QueryTracer) error {
	if c.Now.IsZero() {
		c.Now = caseNow()
	}
	cfg := Config{Policies: []string{p.ID}, PolicyParams: map[string]map[string]any{p.ID: c.Params}, Now: c.Now}
	for _, in := range c.Inherit {
		cfg.Inherit = append(cfg.Inherit, Inherit(in))
	}
	s, err := e.NewSession(cfg)
	if err != nil {
		return err
	}
	r, err := e.resourceOf(c.Resource, p.Types)
	if err != nil {
		return err
	}
	rel := NewRelated()
	for _, t := range slices.Sorted(maps.Keys(c.Related)) {
		for _, cr := range c.Related[t] {
			other, err := e.resourceOf(cr, []providers.Type{t})
			if err != nil {
				return fmt.Errorf("related %s: %w", t, err)
			}
			rel.Add(other)
		}
	}
	for t, why := range c.Unlisted {
		rel.Miss(t, why)
	}
	results, err := s.Evaluate(ctx, r, rel)
	if err != nil {
		return err
	}
	if tracer != nil { // again, for what it sees: programs are not traced
		traced, err := e.NewSession(cfg)
		if err != nil {
			return err
		}
		traced.tracer = tracer
		if _, err := traced.Evaluate(ctx, r, rel); err != nil {
			return err
		}
	}
	if len(results) != 1 {
		return fmt.Errorf("the policy does not judge the type %s", r.Type)
	}
	got, want := results[0], Result{Verdict: c.Verdict, Path: c.Unknown}
	for _, f := range c.Findings {
		want.Denies = append(want.Denies, Deny(f))
	}
	if want.Denies != nil {
		want.Denies = failed(p, want.Denies).Denies
	}
	message := got.Message
	got.Policy, got.Message, got.Reason = nil, "", ""
	if got.Verdict == finding.Unknown && c.Unknown == "" {
		got.Path = ""
	}
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("the verdict differs (-want +got): %s\n%s", message, diff)
	}
	return nil
}

func (e *Engine) resourceOf(c caseResource, types []providers.Type) (providers.Resource, error) {
	r := providers.Resource{
		Scope: c.Scope, Type: c.Type, ID: c.ID, Name: c.Name, Region: c.Region, Created: c.Created,
		Tags: c.Tags, Attributes: c.Attributes, Unknown: c.Unknown,
	}
	if r.Type == "" && len(types) == 1 {
		r.Type = types[0]
	}
	if c.Holder != nil {
		r.Scope = r.Scope.WithTags(providers.HolderOf(r.Type), providers.HolderTags{Of: c.Holder.Of, Tags: c.Holder.Tags, Unknown: c.Holder.Unknown})
	}
	if !e.schemas.has(r.Type) {
		return r, fmt.Errorf("resource.type is %q, which has no schema%s", r.Type, e.schemas.suggest(r.Type))
	}
	if r.ID == "" {
		r.ID = "test"
	}
	if r.Tags == nil {
		r.Tags = map[string]string{}
	}
	if r.Attributes == nil {
		r.Attributes = map[string]any{}
	}
	for a := range r.Attributes {
		if names := e.schemas.attributes(r.Type); !slices.Contains(names, a) {
			return r, fmt.Errorf("%s has no attribute %s%s", r.Type, a, nearest.Hint(a, names))
		}
	}
	return r, nil
}
