package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/metsuke-dev/metsuke/internal/config"
	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/scan"
	"github.com/metsuke-dev/metsuke/providers"
)

// setup is what the commands that load policies share: the configuration file, the
// policies and their parameters, and the clock.
type setup struct {
	file       string // --config
	dirs       []string
	params     []string // NAME=JSON or POLICY.NAME=JSON
	now        string
	explicitly bool // --config was given

	config config.Config
	sel    selection
}

// defaultConfig is read when it is there and --config was not given.
const defaultConfig = "metsuke.yaml"

func (s *setup) addFlags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVarP(&s.file, "config", "c", defaultConfig, "configuration file; the default one may be absent")
	f.StringSliceVar(&s.dirs, "policies", nil, "directories of your own policies, besides the shipped ones")
	f.StringArrayVar(&s.params, "param", nil, `parameter of policies, NAME=VALUE or POLICY:NAME=VALUE; the value is JSON or plain text`)
	f.StringVar(&s.now, "now", "", "judge as of this time (RFC 3339) instead of the present")
}

// load reads the configuration and the policies.
func (s *setup) load(cmd *cobra.Command) (*engine.Engine, error) {
	s.explicitly = cmd.Flags().Changed("config")
	dir := filepath.Dir(s.file)
	text, err := os.ReadFile(s.file)
	switch {
	case err == nil:
		if s.config, err = config.Parse(text, s.file); err != nil {
			return nil, err
		}
	case s.explicitly || !os.IsNotExist(err):
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	dirs := s.dirs
	for _, d := range s.config.Policies.Directories {
		if !filepath.IsAbs(d) {
			d = filepath.Join(dir, d)
		}
		dirs = append(dirs, d)
	}
	srcs, err := sources(dirs)
	if err != nil {
		return nil, err
	}
	if len(s.sel.policies) == 0 {
		s.sel.policies = s.config.Policies.Select
	}
	return engine.Load(srcs...)
}

// session selects policies and resolves their parameters.
func (s *setup) session(p *process, e *engine.Engine) (*engine.Session, time.Time, error) {
	now := p.now().UTC().Truncate(time.Second)
	if s.now != "" {
		t, err := time.Parse(time.RFC3339, s.now)
		if err != nil {
			return nil, now, fmt.Errorf("--now %s: it is no RFC 3339 time such as 2026-07-01T00:00:00Z", s.now)
		}
		now = t.UTC()
	}
	ids, err := s.sel.choose(e)
	if err != nil {
		return nil, now, err
	}
	cfg := engine.Config{Policies: ids, Params: map[string]any{}, PolicyParams: map[string]map[string]any{}, Now: now}
	for k, v := range s.config.Policies.Params {
		cfg.Params[k] = v
	}
	for id, o := range s.config.Policies.Overrides {
		cfg.PolicyParams[id] = o.Params
	}
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

// digests identify what a run depends on besides the inventory.
func digests(s *engine.Session) map[string]string {
	h := sha256.New()
	for _, pol := range s.Policies() {
		fmt.Fprintf(h, "%s\n%s\n", pol.ID, pol.Text())
	}
	return map[string]string{"policies": hex.EncodeToString(h.Sum(nil)), "parameters": s.ParamsDigest()}
}

// judge runs the pipeline and writes the reports.
func judge(ctx context.Context, p *process, in scan.Input, o *outputs) error {
	prog := newProgress(p)
	in.Progress = prog
	in.Version = version()
	run, err := scan.Run(ctx, in)
	prog.stop()
	if err != nil {
		return err
	}
	return finish(p, run, o)
}

func finish(p *process, run finding.Run, o *outputs) error {
	if err := o.write(p, run); err != nil {
		return err
	}
	return o.code(p, run)
}

// defaultOwnerTags name a resource's owner when the configuration does not say.
func defaultOwnerTags() []string { return []string{"owner", "team"} }

func (s *setup) input(mode string, now time.Time, session *engine.Session, ps []providers.Provider) scan.Input {
	owners := s.config.OwnerTags
	if len(owners) == 0 {
		owners = defaultOwnerTags()
	}
	return scan.Input{
		Mode: mode, Now: now, Providers: ps, Session: session, OwnerTags: owners, Digests: digests(session),
		Parallel: s.config.Scan.Parallel, Scope: s.sel.scope, Region: s.sel.region, Type: s.sel.typ,
	}
}
