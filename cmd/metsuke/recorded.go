package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/store"
	"github.com/metsuke-dev/metsuke/providers"
)

// recorded is how a saved run was called, as far as it decides the report: the flags, and
// what providers had to say. With the files it is what `metsuke verify` judges again by.
type recorded struct {
	Config    string   `json:"config"` // name of the file
	Dirs      []string `json:"policy_dirs,omitempty"`
	Params    []string `json:"params,omitempty"`
	Selection patterns `json:"selection"`
	Waivers   string   `json:"waivers,omitempty"`
	Baseline  string   `json:"baseline,omitempty"`
	Owners    string   `json:"owners,omitempty"`
	Tags      string   `json:"tags,omitempty"`
	Notes     []string `json:"notes,omitempty"` // of the command
	Told      []string `json:"told,omitempty"`  // by the providers
	// Plan says that the run rests on a plan or a state.
	Plan    bool             `json:"plan,omitempty"`
	Against *recordedAgainst `json:"against,omitempty"`
}

// The names of what is saved with a run: how it was called, and files.
const (
	inputCall = "call"
	inputFile = "file:"
)

// patterns is a selection as it is saved.
type patterns struct {
	Policies   []string `json:"policies,omitempty"`
	Categories []string `json:"categories,omitempty"`
	Severities []string `json:"severities,omitempty"`
	Frameworks []string `json:"frameworks,omitempty"`
	Providers  []string `json:"providers,omitempty"`
	Accounts   []string `json:"accounts,omitempty"`
	Regions    []string `json:"regions,omitempty"`
	Types      []string `json:"types,omitempty"`
}

func patternsOf(s selection) patterns {
	return patterns{s.policies, s.categories, s.severities, s.frameworks, s.providers, s.accounts, s.regions, s.types}
}

func (p patterns) selection() selection {
	return selection{p.Policies, p.Categories, p.Severities, p.Frameworks, p.Providers, p.Accounts, p.Regions, p.Types}
}

// record returns what is saved with a run for verifying it.
func (s *setup) record(t target) ([]store.Input, error) {
	rec := recorded{
		Config: s.file, Dirs: s.dirs, Params: s.params, Selection: patternsOf(s.given), Waivers: s.excuses.waivers, Baseline: s.excuses.baseline, Owners: s.owners.flag, Tags: s.tags.flag,
		Notes: t.notes, Told: told(t.providers),
		Plan: t.mode == "gate" || t.mode == "state", Against: t.beside,
	}
	text, err := json.Marshal(rec)
	if err != nil {
		return nil, fmt.Errorf("save how the run was called: %w", err)
	}
	for _, dir := range s.policyDirs() {
		if err := s.inputs.policies(dir); err != nil {
			return nil, fmt.Errorf("save the policies: %w", err)
		}
	}
	out := []store.Input{{Name: inputCall, Text: text}}
	if t.code != nil {
		kept, err := t.code.record()
		if err != nil {
			return nil, err
		}
		out = append(out, kept)
	}
	for _, prov := range t.providers {
		if plan, ok := prov.(recordingPlan); ok {
			kept, err := plan.record()
			if err != nil {
				return nil, err
			}
			out = append(out, kept)
		}
	}
	for _, name := range s.inputs.names() {
		out = append(out, store.Input{Name: inputFile + name, Text: s.withoutPassword(s.inputs.texts[name])})
	}
	return out, nil
}

// told is what the providers have to say of the run.
func told(ps []providers.Provider) []string {
	var out []string
	for _, prov := range ps {
		if told, ok := prov.(interface{ Notes() []string }); ok {
			out = append(out, told.Notes()...)
		}
	}
	return out
}

// withoutPassword takes the password of the store out of a text: it belongs into the
// environment, and a report does not depend on it.
func (s *setup) withoutPassword(text []byte) []byte {
	u, err := url.Parse(s.config.Store.URL)
	if err != nil || u.User == nil {
		return text
	}
	if _, ok := u.User.Password(); !ok {
		return text
	}
	_, rest, _ := strings.Cut(s.config.Store.URL, "://")
	written, _, _ := strings.Cut(rest, "@")
	_, password, _ := strings.Cut(written, ":")
	return []byte(strings.ReplaceAll(string(text), ":"+password+"@", ":...@"))
}
