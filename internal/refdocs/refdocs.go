// Package refdocs renders the reference documentation from what the program itself
// knows: the schemas of the resource types, the METADATA of the policies and the
// descriptions of the providers. It reads and writes no files; its test keeps
// docs/reference equal to what it renders.
package refdocs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/providers"
)

// Source is what the reference is rendered from.
type Source struct {
	Engine *engine.Engine
	// Live are the providers of live accounts, in the order in which they are shown.
	Live []providers.Description
	// Plan is the provider of Terraform plans.
	Plan providers.Description
}

// Render returns the text of every page by its path below docs/reference.
func Render(src Source) (map[string]string, error) {
	b, err := newBook(src)
	if err != nil {
		return nil, err
	}
	pages := map[string]string{
		"README.md":      b.contents(),
		"policies.md":    b.policyIndex(),
		"types.md":       b.typeIndex(),
		"permissions.md": b.permissions(),
		"frameworks.md":  b.frameworks(),
	}
	for _, f := range b.families {
		pages["policies/"+f.name+".md"] = b.policyPage(f)
	}
	for _, t := range src.Engine.Types() {
		pages["types/"+string(t)+".md"] = b.typePage(t)
	}
	return pages, nil
}

// book is what several pages need.
type book struct {
	Source
	families []family
	needs    map[string][]need              // by policy id
	reads    map[string][]string            // by policy id: attributes, and "tags"
	judging  map[providers.Type][]string    // ids of the policies that judge a type
	joining  map[providers.Type][]string    // ids of the policies that join it
	home     map[providers.Type]description // which live provider reads a type, and how
}

// description is a type as a provider reads it.
type description struct {
	provider providers.Description
	info     providers.TypeInfo
}

// family is the policies whose ids begin with the same word: a provider's, or common.
type family struct {
	name, title string
	policies    []*engine.Policy
}

// need is a call that a policy takes.
type need struct {
	provider string
	call     providers.Call
}

func newBook(src Source) (*book, error) {
	b := &book{
		Source: src, needs: map[string][]need{}, reads: map[string][]string{},
		judging: map[providers.Type][]string{}, joining: map[providers.Type][]string{}, home: map[providers.Type]description{},
	}
	for _, d := range src.Live {
		for _, t := range d.Types {
			b.home[t.Type] = description{d, t}
		}
	}
	byName := map[string][]*engine.Policy{}
	for _, p := range src.Engine.Policies() {
		name, _, _ := strings.Cut(p.ID, "-")
		byName[name] = append(byName[name], p)
		for _, t := range p.Types {
			b.judging[t] = append(b.judging[t], p.ID)
		}
		for t := range p.Uses {
			b.joining[t] = append(b.joining[t], p.ID)
		}
		if err := b.analyse(p); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		b.families = append(b.families, family{name, b.title(name), byName[name]})
	}
	return b, nil
}

// analyse finds out what a policy reads and which calls that takes.
func (b *book) analyse(p *engine.Policy) error {
	s, err := b.Engine.NewSession(engine.Config{Policies: []string{p.ID}, Now: time.Time{}})
	if err != nil {
		return fmt.Errorf("session of %s: %w", p.ID, err)
	}
	want, err := s.Wants(p.Types)
	if err != nil {
		return fmt.Errorf("wants of %s: %w", p.ID, err)
	}
	reads := map[string]bool{}
	seen := map[string]bool{}
	for _, w := range want {
		if slices.Contains(p.Types, w.Type) {
			for _, a := range w.Attributes {
				reads[a] = true
			}
		}
		h, ok := b.home[w.Type]
		if !ok {
			continue
		}
		for _, c := range h.info.CallsFor(w.Attributes) {
			if key := h.provider.Name + " " + c.Operation; !seen[key] {
				seen[key] = true
				b.needs[p.ID] = append(b.needs[p.ID], need{h.provider.Name, c})
			}
		}
	}
	b.reads[p.ID] = slices.Sorted(maps.Keys(reads))
	return nil
}

func (b *book) title(family string) string {
	for _, d := range b.Live {
		if d.Name == family {
			return d.Title
		}
	}
	return "Every provider"
}

func (b *book) contents() string {
	var p page
	p.heading(1, "Reference")
	p.text("Rendered from the schemas in `policies/schemas`, the METADATA of the policies and the descriptions of the providers. " +
		"`make generate` writes it; a test fails when it is out of date.")
	p.list([]string{
		"[Policies](policies.md): what is judged, how severely, and whether a Terraform plan tells.",
		"[Resource types](types.md): every attribute, what it means, and the call and permission that give it.",
		"[Permissions](permissions.md): what a credential needs, and which policies need it.",
		"[Frameworks](frameworks.md): which policies serve which control.",
	})
	return p.String()
}
