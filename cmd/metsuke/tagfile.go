package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/config"
	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/providers"
)

// tagFile is the file of the tagging standard.
type tagFile struct {
	wanted bool   // the command judges
	flag   string // --tags
	inputs *inputs

	file     string // that was read; "" is none
	standard govern.TagStandard
}

// defaultTags is read when it is beside the configuration and nothing else is named.
const defaultTags = "tags.yaml"

func (x *tagFile) addFlag(f *pflag.FlagSet) {
	x.wanted = true
	f.StringVar(&x.flag, "tags", "", "`FILE` of the tagging standard (default: tags.yaml beside the configuration, if it is there)")
}

// read reads the file of the flag, of the configuration, or the default one. config is
// the file of the configuration.
func (x *tagFile) read(e *engine.Engine, c config.Config, configFile string) error {
	if !x.wanted {
		return nil
	}
	name, text, err := x.inputs.beside("tagging standard", x.flag, c.Tags.File, configFile, defaultTags)
	if err != nil || name == "" {
		return err
	}
	x.file = name
	if x.standard, err = govern.ParseTags(text, name); err != nil {
		return err
	}
	return x.conflicts(e, c)
}

// conflicts refuses a configuration that says a parameter of the standard too: one of the
// two would be wrong, and nobody would know which one counts.
func (x *tagFile) conflicts(e *engine.Engine, c config.Config) error {
	params := x.standard.Params()
	for _, name := range sortedKeys(params) {
		if _, too := c.Policies.Params[name]; too && len(tagPolicies(e, name)) > 0 {
			return fmt.Errorf("%s: policies.params: %s says %s too, at %s; take it out of one of them", c.At("policies.params."+name), x.file, name, x.standard.At(name))
		}
		for _, id := range tagPolicies(e, name) {
			if _, too := c.Policies.Overrides[id].Params[name]; too {
				return fmt.Errorf("%s: policies.overrides: %s says %s too, at %s; take it out of one of them",
					c.At(fmt.Sprintf("policies.overrides.'%s'.params.%s", id, name)), x.file, name, x.standard.At(name))
			}
		}
	}
	return nil
}

// tagPolicies returns the ids of the tagging policies that have the parameter.
func tagPolicies(e *engine.Engine, param string) []string {
	var out []string
	for _, p := range e.Policies() {
		if _, ok := p.Params[param]; ok && strings.HasPrefix(p.ID, govern.TagPolicies) {
			out = append(out, p.ID)
		}
	}
	return out
}

// into gives the tagging policies their parameters, and the session the keys that resources
// inherit. given are those of --param, which win.
func (x *tagFile) into(cfg *engine.Config, e *engine.Engine, given []string) {
	wins := func(name string) bool {
		return slices.ContainsFunc(given, func(p string) bool { return strings.HasPrefix(p, name+"=") })
	}
	for _, in := range x.standard.Inherited() {
		cfg.Inherit = append(cfg.Inherit, engine.Inherit(in))
	}
	for name, v := range x.standard.Params() {
		// What is required of single types would hide what the flag requires of all.
		if wins(name) || name == "required_tags_by_type" && wins("required_tags") {
			continue
		}
		for _, id := range tagPolicies(e, name) {
			if cfg.PolicyParams[id] == nil {
				cfg.PolicyParams[id] = map[string]any{}
			}
			cfg.PolicyParams[id][name] = v
		}
	}
}

// prepare makes the providers say which tags accounts and projects have, if a selected
// policy looks at what resources inherit from them. It is called before they list their
// scopes.
func (x *tagFile) prepare(s *engine.Session, ps []providers.Provider) error {
	inherits, err := s.Inherits()
	if err != nil || !inherits {
		return err
	}
	readHolderTags(ps)
	return nil
}

// readHolderTags makes the providers say which tags accounts and projects have, those that
// can.
func readHolderTags(ps []providers.Provider) {
	for _, prov := range ps {
		if h, ok := prov.(interface{ ReadHolderTags() }); ok {
			h.ReadHolderTags()
		}
	}
}

// notes tells the readers of a run what looks like a mistake.
func (x *tagFile) notes(e *engine.Engine) []string {
	var types []string
	for _, t := range e.Types() {
		types = append(types, string(t))
	}
	return x.standard.Notes(types)
}
