package main

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/policies"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/terraform"
)

// planProvider is the name of the provider that reads Terraform plans.
const planProvider = "terraform"

// described returns what the selected providers can read, Terraform plans included,
// without any credentials.
func described(p *process, sel selection) ([]providers.Description, error) {
	all := []providers.Description{}
	for _, l := range p.live {
		all = append(all, l.describe())
	}
	d, err := describePlan()
	if err != nil {
		return nil, err
	}
	all = append(all, d)
	var names []string
	for _, d := range all {
		names = append(names, d.Name)
	}
	if err := known("--provider", sel.providers, names); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(d providers.Description) bool { return !pick(sel.providers, d.Name) }), nil
}

// describePlan returns what can be read of a plan. It takes one to ask: the smallest.
func describePlan() (providers.Description, error) {
	schemas, err := fs.Sub(policies.Files, "schemas")
	if err != nil {
		return providers.Description{}, err
	}
	const empty = `{"format_version":"1.2","terraform_version":"1.9.0","resource_changes":[],"configuration":{}}`
	plan, err := terraform.Open(strings.NewReader(empty), int64(len(empty)), terraform.Options{Name: "plan", Schemas: schemas})
	if err != nil {
		return providers.Description{}, err
	}
	return plan.Describe(), nil
}

// wants returns what the session's policies need of what the provider has, as a scan
// of it would ask for.
func wants(s *engine.Session, d providers.Description, types func(providers.Type) bool) ([]providers.Want, error) {
	var ts []providers.Type
	for _, t := range s.Types() {
		if _, ok := d.Type(t); ok && types(t) {
			ts = append(ts, t)
		}
	}
	all, err := s.Wants(ts)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(w providers.Want) bool { _, ok := d.Type(w.Type); return !ok }), nil
}
