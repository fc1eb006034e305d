// Package plangen writes Terraform plans of any size as terraform show -json does:
// for benchmarks and load tests of what reads them. The plans are synthetic but have
// the shape of real ones: 20 types with the attributes of their providers, satellites
// that refer to resources that do not exist yet, modules with for_each, unknown and
// sensitive values. It does not check that Terraform would accept the configuration.
package plangen

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
)

// Options says which plan to write. The same options give the same bytes.
type Options struct {
	Resources int // resource changes, satellites included; each takes about 2.5 KB of the file
	Seed      uint64
	// Large makes resources as those of a large company: tagged by a standard, with
	// documents, scripts and settings of some length, and with the state from before. Each
	// takes about 4 KB of the file.
	Large bool
}

// instances is how many instances the module has. Three resources in ten are in it.
const instances = 10

// planned is one resource instance with all that the plan says of it.
type planned struct {
	typ, name, module string
	index             any
	provider          string // "aws" or "google"
	action            string
	after             map[string]any
	unknown           map[string]any
	sensitive         map[string]any
	expressions       map[string]any
}

func (p planned) address() string {
	a := p.typ + "." + p.name
	if p.index != nil {
		a = fmt.Sprintf("%s[%v]", a, p.index)
	}
	if p.module != "" {
		a = p.module + "." + a
	}
	return a
}

// Write writes a plan.
func Write(w io.Writer, opt Options) error {
	g := &generator{w: bufio.NewWriterSize(w, 1<<20), opt: opt}
	g.enc = json.NewEncoder(g.w)
	g.plan()
	if g.err != nil {
		return fmt.Errorf("write plan: %w", g.err)
	}
	if err := g.w.Flush(); err != nil {
		return fmt.Errorf("write plan: %w", err)
	}
	return nil
}

type generator struct {
	w   *bufio.Writer
	enc *json.Encoder
	opt Options
	err error
}

func (g *generator) text(s string) {
	if _, err := g.w.WriteString(s); err != nil && g.err == nil {
		g.err = err
	}
}

// value writes v and, after the first one of a list, a comma before it.
func (g *generator) value(first *bool, v any) {
	if !*first {
		g.text(",")
	}
	*first = false
	if err := g.enc.Encode(v); err != nil && g.err == nil {
		g.err = err
	}
}

// at returns the i-th resource of the plan. Resources are made again each time they
// are needed, so that a plan of any size takes no memory.
func (g *generator) at(i int) planned {
	kinds := kinds()
	set := i / len(kinds)
	// A satellite belongs to the resource of the same set, so both draw from it.
	rng := rand.New(rand.NewPCG(g.opt.Seed, uint64(set)))
	s := place{rng: rng, existing: rng.IntN(2) == 0, n: set, name: fmt.Sprintf("r%06d", set)}
	if set%10 >= 7 {
		s.module = fmt.Sprintf("module.team[%q]", fmt.Sprintf("t%02d", set/10%instances))
		s.index = set/10/instances*3 + set%10 - 7
		s.name = "this"
	}
	k := kinds[i%len(kinds)]
	rng = rand.New(rand.NewPCG(g.opt.Seed^0x9e3779b97f4a7c15, uint64(i)))
	s.rng = rng
	p := k.build(s)
	p.typ, p.name, p.module, p.index = k.typ, s.name, s.module, nil
	if s.index >= 0 && s.module != "" {
		p.index = s.index
	}
	p.provider = "aws"
	if len(k.typ) > 6 && k.typ[:6] == "google" {
		p.provider = "google"
	}
	p.action = "create"
	if s.existing {
		p.action = "no-op"
		if rng.IntN(4) == 0 {
			p.action = "update"
		}
		known(p.after, p.unknown, s)
	}
	if g.opt.Large {
		enlarge(&p, s)
	}
	return p
}

// known turns what is known after the apply into values of a resource that exists.
func known(after, unknown map[string]any, s place) {
	for k := range unknown {
		delete(unknown, k)
		switch k {
		case "tags_all":
			after[k] = after["tags"]
		case "arn":
			after[k] = fmt.Sprintf("arn:aws:service:eu-central-1:111111111111:thing/%s-%d", s.name, s.n)
		default:
			after[k] = fmt.Sprintf("%s-%08x", k, s.n)
		}
	}
}

func (g *generator) plan() {
	g.text(`{"format_version":"1.2","terraform_version":"1.11.4","variables":{"region":{"value":"eu-central-1"},"stage":{"value":"prod"}},"planned_values":{"root_module":{"resources":[` + "\n")
	first := true
	for i := range g.opt.Resources {
		g.value(&first, values(g.at(i)))
	}
	g.text(`]}},"resource_changes":[` + "\n")
	first = true
	for i := range g.opt.Resources {
		p := g.at(i)
		var before any
		if p.action != "create" {
			before = p.after
		}
		v := map[string]any{
			"address": p.address(), "mode": "managed", "type": p.typ, "name": p.name, "provider_name": source(p),
			"change": map[string]any{
				"actions": []string{p.action}, "before": before, "after": p.after, "after_unknown": p.unknown,
				"before_sensitive": p.sensitive, "after_sensitive": p.sensitive,
			},
		}
		if p.module != "" {
			v["module_address"] = p.module
		}
		if p.index != nil {
			v["index"] = p.index
		}
		g.value(&first, v)
	}
	g.text(`],`)
	if g.opt.Large {
		g.priorState()
	}
	g.text(`"configuration":{"provider_config":{` +
		`"aws":{"name":"aws","full_name":"registry.terraform.io/hashicorp/aws","expressions":{"region":{"references":["var.region"]},"default_tags":[{"tags":{"constant_value":{"ManagedBy":"terraform"}}}]}},` +
		`"google":{"name":"google","full_name":"registry.terraform.io/hashicorp/google","expressions":{"project":{"constant_value":"metsuke-demo"},"region":{"constant_value":"europe-west3"}}}},` +
		`"root_module":{"resources":[` + "\n")
	first = true
	for i := range g.opt.Resources {
		if p := g.at(i); p.module == "" {
			g.value(&first, block(p))
		}
	}
	g.text(`],"module_calls":{"team":{"source":"./team","for_each_expression":{"references":["var.teams"]},"module":{"resources":[` + "\n")
	first = true
	seen := map[string]bool{}
	for i := 0; i < g.opt.Resources && len(seen) < len(kinds()); i++ {
		if p := g.at(i); p.module != "" && !seen[p.typ] {
			seen[p.typ] = true
			b := block(p)
			b["count_expression"] = map[string]any{"references": []string{"var.size"}}
			g.value(&first, b)
		}
	}
	g.text(`]}}}}},"relevant_attributes":[],"timestamp":"2026-01-02T03:04:05Z","applyable":true,"complete":true,"errored":false}` + "\n")
}

// values is what planned values and a state say of a resource.
func values(p planned) map[string]any {
	return map[string]any{
		"address": p.address(), "mode": "managed", "type": p.typ, "name": p.name, "provider_name": source(p), "schema_version": 0,
		"values": p.after, "sensitive_values": p.sensitive,
	}
}

func source(p planned) string { return "registry.terraform.io/hashicorp/" + p.provider }

func block(p planned) map[string]any {
	return map[string]any{
		"address": p.typ + "." + p.name, "mode": "managed", "type": p.typ, "name": p.name,
		"provider_config_key": p.provider, "expressions": p.expressions, "schema_version": 0,
	}
}
