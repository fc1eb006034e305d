package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/nearest"
	"github.com/metsuke-dev/metsuke/internal/scan"
	"github.com/metsuke-dev/metsuke/providers"
)

// againstOptions are the flags that say beside which live estate a plan is judged.
type againstOptions struct {
	file     string
	accounts []string
}

func (o *againstOptions) addFlags(cmd *cobra.Command) {
	flags(cmd, "Plan", func(f *pflag.FlagSet) {
		f.StringVar(&o.file, "against", "", "judge the plan beside a saved live inventory: a `FILE`, also .gz")
		f.StringSliceVar(&o.accounts, "against-account", nil, "the `ACCOUNT`, by id or name, of resources for which the plan names none; repeatable")
	})
}

// staleAfter is the age from which on a report says how old the inventory is that it
// rests on: a week of changes is in no plan.
const staleAfter = 7 * 24 * time.Hour

// against puts the live estate beside the plan.
func (s *setup) against(p *process, o againstOptions, t *target) error {
	if o.file == "" {
		if len(o.accounts) > 0 {
			return errors.New("--against-account needs --against: it says in which account of the inventory the plan is")
		}
		return nil
	}
	from, err := openSaved(p, o.file)
	if err != nil {
		return fmt.Errorf("--against: %w", err)
	}
	if err := checkScopes(from.Scopes(), o.accounts); err != nil {
		return err
	}
	if t.saved {
		digest, err := from.digest()
		if err != nil {
			return fmt.Errorf("--against: %w", err)
		}
		t.beside = &recordedAgainst{File: o.file, SHA256: digest, Accounts: o.accounts}
	}
	now := p.now()
	if given, err := time.Parse(time.RFC3339, s.now); err == nil {
		now = given
	}
	if age := now.Sub(from.Time()); age > staleAfter {
		t.notes = append(t.notes, fmt.Sprintf("the inventory %s is %d days old (%s): what has changed since is not in the verdicts",
			from.name, int(age.Hours()/24), from.Time().UTC().Format(time.DateOnly)))
	}
	if from.Interrupted() {
		t.notes = append(t.notes, "the inventory "+from.name+" was interrupted: it holds what had been read until then")
	}
	if regions := from.Regions(); len(regions) > 0 {
		t.notes = append(t.notes, fmt.Sprintf("the inventory %s was limited to the regions %s: what depends on resources that may be in others is unknown", from.name, strings.Join(regions, ", ")))
	}
	t.against = from.against(o.accounts)
	return nil
}

// against returns the inventory as the estate beside which plans are judged.
func (s saved) against(accounts []string) *scan.Against {
	return &scan.Against{Inventory: s.Providers(), Time: s.Time(), Accounts: accounts, Limited: len(s.Regions()) > 0}
}

// recordedAgainst is what is saved of the inventory beside which a plan was judged. It is
// not saved itself: it can be many times as large as the run.
type recordedAgainst struct {
	File     string   `json:"file"` // as it was given
	SHA256   string   `json:"sha256"`
	Accounts []string `json:"accounts,omitempty"`
}

// open opens the inventory again: the file, or else the one that was given then.
func (a *recordedAgainst) open(p *process, file string) (*scan.Against, error) {
	if file == "" && a.File == "-" {
		return nil, a.missing(errors.New("which was on standard input"))
	}
	from, err := openSaved(p, cmp.Or(file, a.File))
	if err != nil {
		return nil, a.missing(err)
	}
	digest, err := from.digest()
	if err != nil {
		return nil, err
	}
	if digest != a.SHA256 {
		return nil, a.missing(fmt.Errorf("that of %s is %s", from.name, digest))
	}
	return from.against(a.Accounts), nil
}

// missing says which inventory is wanted and why there is none.
func (a *recordedAgainst) missing(why error) error {
	return fmt.Errorf("its plan was judged beside the inventory %s, which is not saved with the run: give it with --against FILE; its SHA-256, when it is not compressed, is %s: %w", a.File, a.SHA256, why)
}

// checkScopes refuses accounts that the inventory does not hold.
func checkScopes(scopes []providers.Scope, accounts []string) error {
	var names []string
	for _, s := range scopes {
		names = append(names, s.ID)
		if s.Name != "" && s.Name != s.ID {
			names = append(names, s.Name)
		}
	}
	for _, a := range accounts {
		if !slices.ContainsFunc(names, func(n string) bool { return n == a || strings.HasSuffix(n, "/"+a) }) {
			return fmt.Errorf("--against-account %s is not in the inventory%s; found were %s", a, nearest.Hint(a, names), strings.Join(first(names, 12), ", "))
		}
	}
	return nil
}

// Selves implements scan.Planned. The same name of a provider configuration in two plans
// may be of two accounts.
func (ps planSet) Selves(ctx context.Context, types func(providers.Type) bool) ([]providers.Self, error) {
	var out []providers.Self
	for _, f := range ps {
		selves, err := f.Selves(ctx, types)
		if err != nil {
			return nil, err
		}
		for _, s := range selves {
			if s.Config != "" {
				s.Config = f.Name() + " " + s.Config
			}
			out = append(out, s)
		}
	}
	return out, nil
}

// Complete implements scan.Planned. A live resource does not tell what a planned one will
// be where another of the plans configures resources of the type.
func (ps planSet) Complete(r, live providers.Resource) (providers.Resource, bool) {
	in := slices.IndexFunc(ps, func(f planFile) bool { return f.Name() == r.Scope.ID })
	if in < 0 {
		return r, false
	}
	if !scan.StandsIn(r) {
		for i, f := range ps {
			if i != in && (f.Configures(r.Type) || f.Alters(r.Type)) {
				return r, false
			}
		}
	}
	return ps[in].Complete(r, live)
}
