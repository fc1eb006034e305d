package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/config"
	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/nearest"
	"github.com/metsuke-dev/metsuke/internal/scan"
	"github.com/metsuke-dev/metsuke/providers"
)

// setup is what the commands that load policies share: the configuration file, the
// policies and their parameters, and the clock.
type setup struct {
	file   string // --config
	dirs   []string
	params []string // NAME=JSON or POLICY:NAME=JSON
	now    string

	config  config.Config
	sel     selection
	excuses excuses
	owners  ownerFile
	tags    tagFile
	store   storing
	inputs  inputs
	given   selection // as the flags say, without the configuration
	flags   narrowing // what the flags leave
	flagged bool      // flags choose policies
	telling bool      // --notify
}

// defaultConfig is read when it is there and --config was not given.
const defaultConfig = "metsuke.yaml"

func (s *setup) addFlags(cmd *cobra.Command) {
	s.addLoadFlags(cmd)
	flags(cmd, "General", func(f *pflag.FlagSet) {
		s.tags.addFlag(f)
		f.StringArrayVar(&s.params, "param", nil, "parameter of policies, `NAME=VALUE` or POLICY:NAME=VALUE; the value is JSON or plain text")
		f.StringVar(&s.now, "now", "", "judge as of this `TIME` (RFC 3339) instead of the present")
	})
}

// addLoadFlags adds the flags that say which policies there are.
func (s *setup) addLoadFlags(cmd *cobra.Command) {
	flags(cmd, "General", func(f *pflag.FlagSet) {
		f.StringVarP(&s.file, "config", "c", defaultConfig, "configuration `FILE`; the default one may be absent")
		f.StringSliceVar(&s.dirs, "policy-dir", nil, "`DIRECTORY` of policies of your own, besides the shipped ones; repeatable")
	})
}

// loadConfig reads the configuration.
func (s *setup) loadConfig(cmd *cobra.Command) error {
	text, err := s.inputs.file(s.file)
	switch {
	case err == nil:
		if s.config, err = config.Parse(text, s.file); err != nil {
			return err
		}
	case cmd.Flags().Changed("config") || !os.IsNotExist(err):
		return fmt.Errorf("read configuration: %w; `metsuke init` writes one to start from", err)
	}
	return nil
}

// load reads the configuration and the policies.
func (s *setup) load(cmd *cobra.Command) (*engine.Engine, error) {
	if err := s.loadConfig(cmd); err != nil {
		return nil, err
	}
	srcs, err := sources(s.policyDirs())
	if err != nil {
		return nil, err
	}
	e, err := engine.Load(srcs...)
	if err != nil {
		return nil, err
	}
	return e, s.configure(e)
}

// policyDirs are the directories of the user's own policies.
func (s *setup) policyDirs() []string {
	dirs := slices.Clone(s.dirs)
	for _, d := range s.config.Policies.Directories {
		if !filepath.IsAbs(d) {
			d = filepath.Join(filepath.Dir(s.file), d)
		}
		dirs = append(dirs, d)
	}
	return dirs
}

// configure checks the configuration against the policies, and reads the files that it
// and the flags name.
func (s *setup) configure(e *engine.Engine) error {
	s.given, s.flags, s.flagged = s.sel, s.sel.narrowed(), s.sel.choosesPolicies()
	if err := checkParams(e, s.config); err != nil {
		return err
	}
	s.excuses.inputs = &s.inputs
	if err := s.excuses.read(s.config, s.file); err != nil {
		return err
	}
	s.owners.inputs = &s.inputs
	if err := s.owners.read(s.config, s.file); err != nil {
		return err
	}
	s.tags.inputs = &s.inputs
	if err := s.tags.read(e, s.config, s.file); err != nil {
		return err
	}
	if len(s.sel.policies) > 0 {
		return nil
	}
	s.sel.policies = s.config.Policies.Select
	for i, pattern := range s.sel.policies {
		key := fmt.Sprintf("policies.select[%d]", i)
		if err := known(s.config.At(key)+": policies.select:", []string{pattern}, policyNames(e)); err != nil {
			return err
		}
	}
	return nil
}

// checkParams refuses parameters of the configuration that no policy has, with their
// place. Whether their values fit is for the policies to say.
func checkParams(e *engine.Engine, c config.Config) error {
	declared := map[string]bool{}
	for _, p := range e.Policies() {
		for name := range p.Params {
			declared[name] = true
		}
	}
	for _, name := range sortedKeys(c.Policies.Params) {
		if !declared[name] {
			return fmt.Errorf("%s: policies.params: no policy has a parameter %s%s", c.At("policies.params."+name), name, nearest.Hint(name, sortedKeys(declared)))
		}
	}
	for _, id := range sortedKeys(c.Policies.Overrides) {
		at := fmt.Sprintf("policies.overrides.'%s'", id)
		if err := checkStage(e, c, at, id); err != nil {
			return err
		}
		p, ok := e.Policy(id)
		if !ok && isPattern(id) {
			continue
		}
		if !ok {
			return fmt.Errorf("%s: policies.overrides: there is no policy %s%s", c.At(at), id, nearest.Hint(id, policyNames(e)))
		}
		for _, name := range sortedKeys(c.Policies.Overrides[id].Params) {
			if _, ok := p.Params[name]; !ok {
				return fmt.Errorf("%s: policies.overrides: the policy %s has no parameter %s%s", c.At(at+".params."+name), id, name, nearest.Hint(name, sortedKeys(p.Params)))
			}
		}
	}
	return nil
}

// configuredFailOn takes the threshold of the configuration unless the flag is given.
func (s *setup) configuredFailOn(cmd *cobra.Command, o *outputs, key, severity string) error {
	if severity == "" || cmd.Flags().Changed("fail-on") {
		return nil
	}
	if !slices.Contains(failOns(), severity) {
		return fmt.Errorf("%s: %s: %s is not one of %s%s", s.config.At(key), key, severity, strings.Join(failOns(), ", "), nearest.Hint(severity, failOns()))
	}
	o.failOn = severity
	return nil
}

// choose returns the ids of the selected policies. Policies that none of the
// providers could feed are left out.
func (s *setup) choose(e *engine.Engine, ds []providers.Description) ([]string, error) {
	ids, err := s.sel.choose(e)
	if err != nil {
		return nil, err
	}
	return s.sel.narrow(e, ids, ds)
}

// session resolves the parameters and makes the policies ready to judge.
func (s *setup) session(p *process, e *engine.Engine, ids []string) (*engine.Session, time.Time, error) {
	now, err := s.time(p)
	if err != nil {
		return nil, now, err
	}
	cfg := engine.Config{Policies: ids, Params: map[string]any{}, PolicyParams: map[string]map[string]any{}, Now: now}
	maps.Copy(cfg.Params, s.config.Policies.Params)
	for id, o := range s.config.Policies.Overrides {
		if len(o.Params) > 0 {
			cfg.PolicyParams[id] = maps.Clone(o.Params)
		}
	}
	s.tags.into(&cfg, e, s.params)
	for _, param := range s.params {
		name, text, ok := strings.Cut(param, "=")
		if !ok {
			return nil, now, fmt.Errorf("--param %s: write NAME=VALUE or POLICY:NAME=VALUE", param)
		}
		var v any
		if json.Unmarshal([]byte(text), &v) != nil {
			v = text
		}
		if id, own, ok := strings.Cut(name, ":"); ok {
			if cfg.PolicyParams[id] == nil {
				cfg.PolicyParams[id] = map[string]any{}
			}
			cfg.PolicyParams[id][own] = v
			continue
		}
		cfg.Params[name] = v
	}
	session, err := e.NewSession(cfg)
	return session, now, err
}

// time is the present, or what --now says.
func (s *setup) time(p *process) (time.Time, error) {
	now := p.now().UTC().Truncate(time.Second)
	if s.now == "" {
		return now, nil
	}
	t, err := time.Parse(time.RFC3339, s.now)
	if err != nil {
		return now, fmt.Errorf("--now %s: it is no RFC 3339 time such as 2026-07-01T00:00:00Z", s.now)
	}
	return t.UTC(), nil
}

// digests identify what a run depends on besides the inventory.
func digests(s *engine.Session) map[string]string {
	h := sha256.New()
	for _, pol := range s.Policies() {
		fmt.Fprintf(h, "%s\n%s\n", pol.ID, pol.Digest())
	}
	return map[string]string{"policies": hex.EncodeToString(h.Sum(nil)), "parameters": s.ParamsDigest()}
}

// target is what is judged: providers, and which of them are used and why.
type target struct {
	mode      string
	providers []providers.Provider
	statuses  []finding.ProviderStatus
	notes     []string // for the report
	code      *asCode  // what infrastructure as code keeps; nil is not asked
	save      string   // the file to which what is read is saved; "" is none
	saved     bool     // the run goes into the store
	live      bool     // it can be gone on with when it is killed
	told      []string // what providers had to say that are judged again
	version   string   // of metsuke, of a run that is judged again; "" is this one
	against   *scan.Against
	beside    *recordedAgainst // what is saved of that
	regions   []string         // patterns of those that the providers are limited to
}

// limits returns the patterns of regions that a run is limited to. The configuration
// limits AWS, which the flags replace.
func (s *setup) limits(t target) []string {
	out := slices.Concat(t.regions, s.sel.regions)
	if aws := s.config.Providers.AWS; len(out) == 0 && aws != nil && t.mode == "scan" {
		out = slices.Clone(aws.Regions)
	}
	return out
}

// descriptions returns what the providers can read.
func descriptions(ps []providers.Provider) []providers.Description {
	var out []providers.Description
	for _, prov := range ps {
		out = append(out, prov.Describe())
	}
	return out
}

// withGeneric makes the engine judge the types that providers hold without a schema.
func withGeneric(e *engine.Engine, ps []providers.Provider) (*engine.Engine, error) {
	var types []providers.Type
	for _, prov := range ps {
		if g, ok := prov.(interface{ Generic() []providers.Type }); ok {
			types = append(types, g.Generic()...)
		}
	}
	return e.With(types...)
}

// judge selects the policies that the providers can feed, runs the pipeline, saves the
// run and writes the reports.
func (s *setup) judge(ctx context.Context, p *process, e *engine.Engine, t target, o *outputs) (err error) {
	keep, err := s.keeper(ctx, p, t)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, keep.close()) }()
	e, run, excused, err := s.run(ctx, p, e, t, keep)
	if err != nil {
		return err
	}
	if err := keep.inventory(run); err != nil {
		return err
	}
	keep.save(ctx, e, &run)
	if p.saved != nil && run.ID != "" {
		p.saved(run)
	}
	p.log.Info("judged", "resources", run.Coverage.Resources, "findings", len(run.Findings), "gaps", len(run.Coverage.Gaps))
	err = o.write(p, run)
	o.comment.post(ctx, p, o, run)
	s.tellPeople(ctx, p, keep.store, run.ID)
	if err := errors.Join(err, excused.shrink(p, run)); err != nil {
		return err
	}
	return o.code(p, run)
}

// run reads and judges, and excuses what is excused. It also returns the engine with the
// types that the providers have brought.
func (s *setup) run(ctx context.Context, p *process, e *engine.Engine, t target, keep *keeper) (_ *engine.Engine, out finding.Run, excused rules, err error) {
	fail := func(err error) (*engine.Engine, finding.Run, rules, error) {
		keep.failed()
		return e, finding.Run{}, rules{}, err
	}
	if e, err = withGeneric(e, t.providers); err != nil {
		return fail(err)
	}
	ids, err := s.choose(e, descriptions(t.providers))
	if err != nil {
		return fail(err)
	}
	if t.mode == "gate" || t.mode == "state" {
		var left int
		if ids, left = s.sel.planned(e, ids); left > 0 {
			t.notes = append(slices.Clone(t.notes), fmt.Sprintf("%d selected policies are about what only a live account tells and were left out; `metsuke scan` judges by them", left))
		}
	}
	session, now, err := s.session(p, e, ids)
	if err != nil {
		return fail(err)
	}
	if err := keep.begin(session, now); err != nil {
		return fail(err)
	}
	s.owners.prepare(t.providers)
	if err := s.tags.prepare(session, t.providers); err != nil {
		return fail(err)
	}
	ps, scopes, err := discover(ctx, p, keep.listing(t.providers))
	if err != nil {
		return fail(err)
	}
	sel := newFound(s.sel)
	if err := sel.checkAccounts(scopes); err != nil && ctx.Err() == nil {
		return fail(err)
	}
	keep.found(scopes)
	prog := newProgress(p, sel)
	if excused, err = s.excuses.rules(e, s.config, now, t); err != nil {
		return fail(err)
	}
	in := scan.Input{
		Mode: t.mode, Version: cmp.Or(t.version, version()), Now: now, Providers: keep.reading(ps), Session: session, Digests: digests(session),
		Owner: s.owners.of, Tags: s.owners.wantTags(), Besides: s.owners.wants(), Tallies: t.mode == "scan" || t.mode == "demo", // not of a gate, which is to be quick
		Parallel: int(s.config.Scan.Parallel), Scope: sel.scope, Region: sel.region, Type: sel.typ, Statuses: slices.Clone(t.statuses), Progress: prog,
		Watcher: scan.Watchers(excused.watcher(), keep.watcher()), Changes: t.mode == "gate", Against: t.against,
	}
	s.owners.sign(in.Digests)
	t.code.into(&in)
	var bills spending
	bills.into(s, t, &in)
	run, err := scan.Run(ctx, in)
	prog.stop()
	if err != nil {
		return fail(err)
	}
	if !run.Interrupted {
		idle, err := sel.checkRegions(run.Coverage.Gaps)
		if err != nil {
			return fail(err)
		}
		for _, r := range idle {
			p.say("--region %s matched no region", r)
		}
	}
	run.Notes = append(append(run.Notes, t.notes...), keep.notes(run)...)
	t.code.apply(&run)
	bills.apply(s, &run)
	run.Notes = append(run.Notes, slices.Concat(t.told, told(t.providers))...)
	run.Notes = append(append(run.Notes, s.owners.notes()...), s.tags.notes(e)...)
	excused.apply(&run, s.sel.wholeEstate())
	return e, run, excused, nil
}
