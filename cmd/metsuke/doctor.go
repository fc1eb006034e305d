package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/inventory"
	"github.com/metsuke-dev/metsuke/internal/spend"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/report"
)

func newDoctor(p *process) *cobra.Command {
	var s setup
	var format string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check the credentials, and what they lack for the selected policies",
		Long: `Check for every provider whether there are credentials, which accounts they reach,
and which of the selected policies could not judge, or rules of owners.yaml not decide,
because a permission is missing, an API is off or the plan tier does not offer it.

There is no way to ask for permissions that is complete, so doctor makes the calls that
a scan with the same selection makes, and keeps only what was refused. It reads, never
writes. In a large estate, give --account to look at a few accounts.`,
		Example: `  metsuke doctor
  metsuke doctor --provider aws --account 111111111111
  metsuke doctor --category security --format json`,
		Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := oneOf("format", format, "table", "json"); err != nil {
				return err
			}
			e, err := s.load(cmd)
			if err != nil {
				return err
			}
			if _, err := s.sel.choose(e); err != nil {
				return err
			}
			d, err := s.examine(cmd.Context(), p, e)
			if err != nil {
				return err
			}
			if format == "json" {
				err = writeJSON(p.stdout, d)
			} else {
				err = d.write(p)
			}
			switch {
			case err != nil:
				return err
			case d.Interrupted:
				return exitCode(exitInterrupted)
			case !slices.ContainsFunc(d.Providers, func(st finding.ProviderStatus) bool { return st.Used }):
				return exitCode(exitError)
			case len(d.Missing) > 0:
				return exitCode(exitIncomplete)
			}
			return nil
		},
	}
	exits(cmd, "0  every selected policy can judge everything that was found", "2  no credentials, or a usage or configuration error",
		"3  something cannot be read: the table says what, and what would cure it", "130  interrupted")
	s.sel.addPolicyFlags(cmd)
	s.sel.addScopeFlags(cmd, liveNames(p))
	addFormatFlag(cmd, &format, "table", "json")
	s.owners.addFlag(cmd)
	s.addFlags(cmd)
	return cmd
}

// diagnosis is what doctor found.
type diagnosis struct {
	Providers   []finding.ProviderStatus `json:"providers"`
	Scopes      []providers.Scope        `json:"scopes"`
	Policies    int                      `json:"policies"` // how many were looked after
	Missing     []lack                   `json:"missing"`
	Interrupted bool                     `json:"interrupted,omitempty"`
}

// lack is something that could not be read for one cause, and whom it concerns.
type lack struct {
	Provider   string           `json:"provider"`
	Reason     providers.Reason `json:"reason"`
	Call       string           `json:"call,omitempty"`
	Permission string           `json:"permission,omitempty"`
	Error      string           `json:"error,omitempty"` // of the first
	Accounts   []string         `json:"accounts"`
	Given      bool             `json:"given,omitempty"` // the credentials that were given lack it, which ask about the accounts
	Types      []providers.Type `json:"types"`
	Policies   []string         `json:"policies"`         // would be unknown
	Owners     bool             `json:"owners,omitempty"` // whose things are would be unknown by the rules of owners
	Spend      bool             `json:"spend,omitempty"`  // what was spent would be unknown, or whose it is
}

// examine opens the providers and makes the calls of a scan.
func (s *setup) examine(ctx context.Context, p *process, e *engine.Engine) (diagnosis, error) {
	d := diagnosis{Scopes: []providers.Scope{}, Missing: []lack{}}
	opened, statuses, err := openLive(ctx, p, s.config, s.sel)
	if err != nil {
		return d, err
	}
	d.Providers = statuses
	if len(opened) == 0 {
		return d, nil
	}
	ids, err := s.choose(e, descriptions(opened))
	if err != nil {
		return d, err
	}
	session, _, err := s.session(p, e, ids)
	if err != nil {
		return d, err
	}
	d.Policies = len(session.Policies())
	s.owners.prepare(opened)
	if err := s.tags.prepare(session, opened); err != nil {
		return d, err
	}
	sel := newFound(s.sel)
	sink := &gapSink{found: sel, progress: newProgress(p, sel)}
	g := errgroup.Group{}
	g.SetLimit(8)
	var all []providers.Scope
	for i, prov := range opened {
		name := prov.Describe().Name
		scopes, err := prov.Scopes(ctx)
		if err != nil && ctx.Err() == nil {
			sink.Gap(inventory.GapOf(providers.Scope{Provider: name}, err))
		}
		want, err := wants(session, prov.Describe(), sel.typ)
		if err != nil {
			return d, err
		}
		want = s.owners.extend(prov.Describe(), want)
		want = providers.Merge(want, s.alsoSpend("scan", prov.Describe()))
		all = append(all, scopes...)
		for _, sc := range scopes {
			if !sel.scope(sc) {
				continue
			}
			d.Scopes = append(d.Scopes, sc)
			d.Providers[slices.IndexFunc(statuses, func(st finding.ProviderStatus) bool { return st.Name == name })].Scopes++
			g.Go(func() error {
				if err := opened[i].Collect(ctx, sc, want, sink); err != nil && ctx.Err() == nil {
					sink.Gap(inventory.GapOf(sc, err))
				}
				return nil
			})
		}
	}
	_ = g.Wait() // what fails is a Gap
	sink.progress.stop()
	d.Interrupted = ctx.Err() != nil
	if !d.Interrupted {
		if err := sel.checkAccounts(all); err != nil {
			return d, err
		}
		if _, err := sel.checkRegions(sink.gaps); err != nil {
			return d, err
		}
	}
	d.Missing, err = s.lacks(session, descriptions(opened), sink.gaps)
	return d, err
}

// gapSink keeps gaps and forgets everything else.
type gapSink struct {
	found    *found
	progress *progress
	mu       sync.Mutex
	gaps     []providers.Gap
}

// Plan implements providers.Sink.
func (s *gapSink) Plan(cells ...providers.Cell) { s.progress.Planned(len(cells)) }

// Resource implements providers.Sink.
func (s *gapSink) Resource(providers.Resource) { s.progress.Resource() }

// Done implements providers.Sink.
func (s *gapSink) Done(c providers.Cell) { s.progress.Done(c) }

// Gap implements providers.Sink.
func (s *gapSink) Gap(g providers.Gap) {
	if !s.found.region(g.Region) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gaps = append(s.gaps, g)
}

// lacks compresses gaps to their causes, and names the policies that read what is
// missing, those with most policies first.
func (s *setup) lacks(session *engine.Session, ds []providers.Description, gaps []providers.Gap) ([]lack, error) {
	readers, err := readersOf(session)
	if err != nil {
		return nil, err
	}
	type key struct {
		provider         string
		reason           providers.Reason
		call, permission string
	}
	by := map[key]*lack{}
	policies := map[key]map[string]bool{}
	for _, g := range gaps {
		k := key{g.Scope.Provider, g.Reason, g.Call, g.Permission}
		if g.Permission == "" && g.Call == "" {
			k.call = g.Err // nothing else tells causes apart
		}
		l := by[k]
		if l == nil {
			l = &lack{Provider: g.Scope.Provider, Reason: g.Reason, Call: g.Call, Permission: g.Permission, Error: g.Err, Accounts: []string{}, Types: []providers.Type{}}
			by[k], policies[k] = l, map[string]bool{}
		}
		if name := cmp.Or(g.Scope.Name, g.Scope.ID); name != "" && !slices.Contains(l.Accounts, name) {
			l.Accounts = append(l.Accounts, name)
		}
		if g.Type != "" && !slices.Contains(l.Types, g.Type) {
			l.Types = append(l.Types, g.Type)
		}
		l.Spend = l.Spend || spend.Concerns(g)
		l.Given = l.Given || aboutAccount(g)
		for _, id := range readers.of(ds, g) {
			policies[k][id] = true
		}
		l.Owners = l.Owners || s.owners.needs(g)
	}
	out := []lack{}
	for k, l := range by {
		slices.Sort(l.Accounts)
		slices.Sort(l.Types)
		l.Policies = append([]string{}, slices.Sorted(maps.Keys(policies[k]))...)
		out = append(out, *l)
	}
	slices.SortFunc(out, func(a, b lack) int {
		return cmp.Or(cmp.Compare(len(b.Policies), len(a.Policies)), cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Permission, b.Permission),
			cmp.Compare(a.Call, b.Call), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Error, b.Error))
	})
	return out, nil
}

// readers says which policies read which attributes of a type, by themselves or
// through a join.
type readers map[providers.Type]map[string][]string // type -> policy -> attributes

func readersOf(s *engine.Session) (readers, error) {
	out := readers{}
	add := func(t providers.Type, id string, attributes []string) {
		if out[t] == nil {
			out[t] = map[string][]string{}
		}
		out[t][id] = append(out[t][id], attributes...)
	}
	for _, p := range s.Policies() {
		paths, err := s.Reads(p.ID)
		if err != nil {
			return nil, err
		}
		var attributes []string
		for _, path := range paths {
			steps := strings.Split(path, ".")
			switch {
			case len(steps) > 2 && steps[0] == "resource" && steps[1] == "attributes":
				attributes = append(attributes, steps[2])
			case len(steps) > 1 && steps[0] == "resource" && (steps[1] == "tags" || steps[1] == "tag_keys"):
				attributes = append(attributes, "tags")
			case len(steps) > 1 && steps[0] == "resource" && steps[1] == "inherited_tags":
				attributes = append(attributes, steps[1])
			}
		}
		for _, t := range p.Types {
			add(t, p.ID, attributes)
		}
		for t, as := range p.Uses {
			add(t, p.ID, as)
		}
	}
	return out, nil
}

// of returns the policies that a gap concerns.
func (r readers) of(ds []providers.Description, g providers.Gap) []string {
	var out []string
	for t, policies := range r {
		switch {
		case g.Type == t:
		case g.Type == "" && slices.ContainsFunc(ds, func(d providers.Description) bool {
			_, ok := d.Type(t)
			return ok && d.Name == g.Scope.Provider
		}):
		default:
			continue
		}
		for id, attributes := range policies {
			if g.Path == "" || slices.ContainsFunc(strings.Split(g.Path, ","), func(path string) bool {
				top, _, _ := strings.Cut(path, ".")
				return slices.Contains(attributes, top)
			}) {
				out = append(out, id)
			}
		}
	}
	return out
}

// write shows the diagnosis to a person.
func (d diagnosis) write(p *process) error {
	width := cmp.Or(p.width, 100)
	var b bytes.Buffer
	l := report.Listing{Head: []string{"PROVIDER", "CREDENTIALS", "ACCOUNTS"}, Least: []int{0, 30, 0}, Right: []int{2}}
	for _, st := range d.Providers {
		detail := st.Detail
		if !st.Used {
			detail = "none: " + detail
		}
		l.Rows = append(l.Rows, []string{st.Name, detail, fmt.Sprint(st.Scopes)})
	}
	if err := report.WriteListing(&b, p.page(), l); err != nil {
		return err
	}
	b.WriteByte('\n')
	for _, m := range d.Missing {
		what := cmp.Or(m.Permission, m.Call, "everything")
		head := fmt.Sprintf("%s %s: %s", m.Provider, m.Reason, what)
		if m.Permission != "" && m.Call != "" {
			head += " (" + m.Call + ")"
		}
		hanging(&b, "", head, width)
		if m.Permission == "" && m.Error != "" {
			hanging(&b, "  ", m.Error, width)
		}
		switch in := strings.Join(first(m.Accounts, 5), ", "); {
		case in == "":
		case m.Given: // to grant it in those accounts would not help
			hanging(&b, "  for the credentials that were given, about ", in, width)
		default:
			hanging(&b, "  in ", in, width)
		}
		switch n := len(m.Policies); {
		case n == 0 && (m.Owners || m.Spend):
		case n == 0:
			hanging(&b, "  ", "no selected policy depends on it", width)
		case n == d.Policies && n > 5:
			hanging(&b, "  ", fmt.Sprintf("all %d selected policies would be unknown", n), width)
		default:
			hanging(&b, "  would be unknown: ", strings.Join(first(m.Policies, 10), ", "), width)
		}
		if m.Owners {
			hanging(&b, "  ", "by the rules of owners it would be unknown whose resources are", width)
		}
		if m.Spend {
			hanging(&b, "  ", "what was spent would be unknown, or whose it is", width)
		}
	}
	concerned, owners, spent := map[string]bool{}, false, false
	for _, m := range d.Missing {
		spent = spent || m.Spend
		owners = owners || m.Owners
		for _, id := range m.Policies {
			concerned[id] = true
		}
	}
	if len(d.Missing) > 0 {
		b.WriteByte('\n')
	}
	switch used := slices.ContainsFunc(d.Providers, func(st finding.ProviderStatus) bool { return st.Used }); {
	case d.Interrupted:
		b.WriteString("Interrupted: this is what was found until then.\n")
	case !used:
		b.WriteString("There are no credentials: `metsuke scan` has nothing to scan. `metsuke demo` needs none.\n")
	case len(concerned) == 0 && owners:
		hanging(&b, "", "The selected policies can judge, but whose some resources are would be unknown. `metsuke providers permissions PROVIDER` prints what that needs.", width)
	case len(concerned) == 0 && spent:
		hanging(&b, "", "The selected policies can judge, but what was spent would be unknown, or whose it is. `metsuke providers permissions PROVIDER` prints what that needs.", width)
	case len(concerned) == 0 && len(d.Missing) > 0:
		hanging(&b, "", fmt.Sprintf("What could not be read concerns none of the %d selected policies.", d.Policies), width)
	case len(concerned) == 0:
		hanging(&b, "", fmt.Sprintf("Everything that the %d selected policies read could be read.", d.Policies), width)
	default:
		hanging(&b, "", fmt.Sprintf("%d of %d selected policies would be unknown somewhere. `metsuke providers permissions PROVIDER` prints what they need.", len(concerned), d.Policies), width)
	}
	_, err := p.stdout.Write(b.Bytes())
	return err
}
