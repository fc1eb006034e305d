package main

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/terraform"
)

// planSet is the plans of one change, such as those of Terragrunt's units: each is a
// scope, and policies join the resources of all of them.
type planSet []planFile

// planName is a plan to open.
type planName struct {
	file string // "-" is standard input
	// label tells the plan from others and is part of the fingerprints of its findings:
	// where it is below the directory that was given, or the file as it was given. "" is
	// the only plan, which needs none.
	label string
}

// openPlans opens the plans that the arguments name: files, standard input, and
// directories of plans.
func openPlans(ctx context.Context, p *process, args []string, o planOptions) (planSet, error) {
	names, err := planNames(args)
	if err != nil {
		return nil, err
	}
	var out planSet
	for _, n := range names {
		each := o
		if o.dir != "" && n.label != "" {
			// Terragrunt's units have directories of their own.
			if dir := filepath.Join(o.dir, filepath.Dir(filepath.FromSlash(n.label))); isDirectory(dir) {
				each.dir = dir
			}
		}
		f, err := openPlan(ctx, p, n.file, n.label, each)
		if err != nil && filepath.ToSlash(n.file) != n.label && n.label != "" {
			err = fmt.Errorf("%s: %w", n.file, err)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

func isDirectory(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// planNames returns the plans that the arguments name. A plan that several of them name
// is one plan.
func planNames(args []string) ([]planName, error) {
	var out []planName
	for _, a := range args {
		if !isDirectory(a) {
			n := planName{file: a}
			if len(args) > 1 {
				n.label = cmp.Or(map[string]string{"-": "standard input"}[a], path.Clean(filepath.ToSlash(a)))
			}
			out = append(out, n)
			continue
		}
		below, err := plansBelow(a)
		if err != nil {
			return nil, err
		}
		for _, name := range below {
			n := planName{file: filepath.Join(a, filepath.FromSlash(name)), label: name}
			if len(args) > 1 {
				n.label = path.Join(filepath.ToSlash(a), name)
			}
			out = append(out, n)
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(out, func(n planName) bool {
		file := filepath.Clean(n.file)
		twice := seen[file]
		seen[file] = true
		return twice
	}), nil
}

// plansBelow returns the plans in a directory and those below it, sorted, relative to
// it: every JSON file, and every binary plan (*.tfplan) that has not been converted to
// JSON beside it. So Terragrunt leaves them: UNIT/tfplan.json with --json-out-dir,
// UNIT/tfplan.tfplan with --out-dir. Hidden directories are left out, with them the one in
// which Terragrunt works and leaves plans that get neither flag.
func plansBelow(dir string) ([]string, error) {
	var out []string
	cached := false
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("look for plans in %s: %w", dir, err)
		case d.IsDir() && name != dir && strings.HasPrefix(d.Name(), "."):
			cached = cached || d.Name() == ".terragrunt-cache"
			return filepath.SkipDir
		case d.IsDir(), strings.HasPrefix(d.Name(), "."):
			return nil
		case filepath.Ext(name) == ".json":
		case filepath.Ext(name) == ".tfplan":
			if _, err := os.Stat(strings.TrimSuffix(name, ".tfplan") + ".json"); err == nil {
				return nil
			}
		default:
			return nil
		}
		rel, err := filepath.Rel(dir, name)
		out = append(out, filepath.ToSlash(rel))
		return err
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("there are no plans in %s: neither *.json nor *.tfplan", dir)
		if cached {
			err = fmt.Errorf("%w; plan with `terragrunt run --all plan --json-out-dir DIR` and give DIR", err)
		}
	}
	slices.Sort(out)
	return out, err
}

// several reports whether the plans are told apart.
func (ps planSet) several() bool { return len(ps) > 1 }

// judged returns the plans as what is judged: a single one as it is.
func (ps planSet) judged() judgedPlan {
	if ps.several() {
		return ps
	}
	return ps[0]
}

// detail says in words which plans they are.
func (ps planSet) detail(args []string) string {
	if ps.several() {
		return fmt.Sprintf("%d plans", len(ps))
	}
	return args[0]
}

// summarise says what of the plans is not going to be judged.
func (ps planSet) summarise(p *process) {
	changes, n := 0, 0
	skipped := map[string]int{}
	for _, f := range ps {
		sum := f.Summary()
		changes += sum.Actions["create"] + sum.Actions["update"] + sum.Actions["replace"] + sum.Actions["import"] + sum.Actions["delete"]
		for t, count := range sum.Skipped {
			skipped[t] += count
			n += count
		}
	}
	switch {
	case changes == 0 && ps.several():
		p.say("the plans change nothing")
	case changes == 0:
		p.say("the plan changes nothing")
	}
	saySkipped(p, n, skipped)
}

// saySkipped says of which types n resources are that nobody judges.
func saySkipped(p *process, n int, skipped map[string]int) {
	if n > 0 {
		p.say("not judged, because no policy knows their types: %d resources (%s)", n, strings.Join(first(sortedKeys(skipped), 8), ", "))
	}
}

// Describe implements providers.Provider. Plans differ in the types without a schema
// that they hold.
func (ps planSet) Describe() providers.Description {
	d := ps[0].Describe()
	for _, f := range ps[1:] {
		for _, t := range f.Describe().Types {
			if _, ok := d.Type(t.Type); !ok {
				d.Types = append(d.Types, t)
			}
		}
	}
	slices.SortFunc(d.Types, func(a, b providers.TypeInfo) int { return cmp.Compare(a.Type, b.Type) })
	return d
}

// Scopes implements providers.Provider.
func (ps planSet) Scopes(ctx context.Context) ([]providers.Scope, error) {
	var out []providers.Scope
	for _, f := range ps {
		s, err := f.Scopes(ctx)
		out = append(out, s...)
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// Collect implements providers.Provider.
func (ps planSet) Collect(ctx context.Context, s providers.Scope, want []providers.Want, out providers.Sink) error {
	for _, f := range ps {
		if f.Name() == s.ID {
			return f.Collect(ctx, s, want, out)
		}
	}
	return fmt.Errorf("collect: %s is none of the plans", s.ID)
}

// Joint implements scan.Joint.
func (ps planSet) Joint() bool { return true }

// Types returns the types that any of the plans holds.
func (ps planSet) Types() []providers.Type { return union(ps, planFile.Types) }

// Generic returns the types without a schema that any of the plans holds.
func (ps planSet) Generic() []providers.Type { return union(ps, planFile.Generic) }

func union(ps planSet, of func(planFile) []providers.Type) []providers.Type {
	var out []providers.Type
	for _, f := range ps {
		out = append(out, of(f)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Notes returns what there is to know of each plan.
func (ps planSet) Notes() []string {
	var out []string
	for _, f := range ps {
		for _, n := range f.Notes() {
			out = append(out, f.Name()+": "+n)
		}
	}
	return out
}

// Comments returns the comments in the sources of every plan, their addresses with the
// plan's label.
func (ps planSet) Comments(prefix string) []terraform.Comment {
	var out []terraform.Comment
	for _, f := range ps {
		for _, c := range f.Comments(prefix) {
			if c.Address != "" {
				c.Address = f.Name() + ":" + c.Address
			}
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b terraform.Comment) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return slices.Compact(out)
}

// Locate returns the place of an attribute of a resource.
func (ps planSet) Locate(r providers.Resource, at, key string) *providers.Source {
	for _, f := range ps {
		if f.Name() == r.Scope.ID {
			return f.Locate(r, at, key)
		}
	}
	return nil
}

// Touches implements scan.Changing.
func (ps planSet) Touches(t providers.Type, id string) bool {
	return slices.ContainsFunc(ps, func(f planFile) bool { return f.Touches(t, id) })
}

// Alters implements scan.Changing.
func (ps planSet) Alters(t providers.Type) bool {
	return slices.ContainsFunc(ps, func(f planFile) bool { return f.Alters(t) })
}

// Before implements scan.Changing.
func (ps planSet) Before(whole func(providers.Type) bool) providers.Provider {
	out := make(planSet, len(ps))
	for i, f := range ps {
		out[i] = f.before(whole)
	}
	return out
}
