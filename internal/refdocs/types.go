package refdocs

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/metsuke-dev/metsuke/providers"
)

func typeLink(up string, t providers.Type) string {
	return fmt.Sprintf("[%s](%stypes/%s.md)", t, up, t)
}

func (b *book) typeIndex() string {
	var p page
	types := b.Engine.Types()
	p.heading(1, "Resource types")
	p.text(fmt.Sprintf("metsuke knows %s of resources. Names are those of the Terraform providers. "+
		"An attribute is always there: null when nothing is configured, and named as unknown when it could not be read.", count(len(types), "type", "types")))
	for _, d := range b.Live {
		var rows [][]string
		for _, t := range d.Types {
			rows = append(rows, b.typeRow(t.Type))
		}
		p.heading(2, d.Title)
		p.table(typeHead(), rows)
	}
	var rows [][]string
	for _, t := range types {
		if _, ok := b.home[t]; !ok {
			rows = append(rows, b.typeRow(t))
		}
	}
	if len(rows) > 0 {
		p.heading(2, "Read by no live provider")
		p.table(typeHead(), rows)
	}
	return p.String()
}

func typeHead() []string {
	return []string{"Type", "What it is", "Listed per", "Tags", "Plan", "Policies"}
}

func (b *book) typeRow(t providers.Type) []string {
	schema, _ := b.Engine.Schema(t)
	return []string{
		typeLink("", t), plain(text(schema, "title")), b.per(t), yesNo(schema["taggable"] == true), yesNo(b.planned(t)), number(len(b.judging[t])),
	}
}

func (b *book) per(t providers.Type) string {
	h, ok := b.home[t]
	switch {
	case !ok:
		return ""
	case h.info.Global:
		return scopeWord(h.provider.Name)
	default:
		return "region"
	}
}

func (b *book) planned(t providers.Type) bool {
	_, ok := b.Plan.Type(t)
	return ok
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func text(schema map[string]any, key string) string {
	s, _ := schema[key].(string)
	return s
}

func (b *book) typePage(t providers.Type) string {
	var p page
	schema, _ := b.Engine.Schema(t)
	p.heading(1, string(t))
	p.text(fmt.Sprintf("**%s.** %s", plain(text(schema, "title")), plain(text(schema, "description"))))
	b.facts(&p, t, schema)
	b.calls(&p, t)
	p.heading(2, "Attributes")
	p.table([]string{"Attribute", "Type", "Meaning"}, attributeRows(nil, "", schema))
	if ids := b.judging[t]; len(ids) > 0 {
		p.heading(2, "Policies")
		p.text(policyLinks("../", ids))
	}
	if ids := b.joining[t]; len(ids) > 0 {
		p.heading(2, "Joined by")
		p.text(policyLinks("../", ids))
	}
	return p.String()
}

func (b *book) facts(p *page, t providers.Type, schema map[string]any) {
	h, live := b.home[t]
	var facts []string
	switch {
	case !live:
		facts = append(facts, "No provider of live accounts reads it.")
	case h.info.Global:
		facts = append(facts, fmt.Sprintf("Read by `%s`, once for every %s.", h.provider.Name, scopeWord(h.provider.Name)))
	default:
		facts = append(facts, fmt.Sprintf("Read by `%s`, in every region of every %s.", h.provider.Name, scopeWord(h.provider.Name)))
	}
	switch {
	case schema["taggable"] != true:
		facts = append(facts, "Policies about tags leave it out.")
	case h.provider.Name == "gcp":
		facts = append(facts, "Taggable: its `tags` are labels.")
	case h.provider.Name == "github":
		facts = append(facts, "Taggable: its `tags` are custom properties.")
	default:
		facts = append(facts, "Taggable.")
	}
	if b.planned(t) {
		facts = append(facts, "Read from Terraform plans; what a plan does not tell is unknown there unless the attribute says otherwise.")
	} else {
		facts = append(facts, "Not read from Terraform plans.")
	}
	p.list(facts)
}

func scopeWord(provider string) string {
	switch provider {
	case "aws":
		return "account"
	case "github":
		return "organisation"
	default:
		return "scope"
	}
}

// calls tells which call gives what. Calls for details are made only when a selected
// policy reads one of the attributes.
func (b *book) calls(p *page, t providers.Type) {
	h, ok := b.home[t]
	if !ok {
		return
	}
	p.heading(2, "How it is read")
	rows := [][]string{callRow("the resources themselves", h.info.Calls, h.info.Attributes)}
	for _, d := range h.info.Details {
		rows = append(rows, callRow("", d.Calls, d.Attributes))
	}
	p.table([]string{"Gives", "Calls", "Permissions"}, rows)
}

func callRow(what string, calls []providers.Call, attributes []string) []string {
	var ops, perms []string
	for _, c := range calls {
		ops = append(ops, c.Operation)
		for _, perm := range c.Permissions {
			if !slices.Contains(perms, perm) {
				perms = append(perms, perm)
			}
		}
	}
	var gives []string
	if what != "" {
		gives = append(gives, what)
	}
	if len(attributes) > 0 {
		gives = append(gives, codes(slices.Sorted(slices.Values(attributes))))
	}
	return []string{strings.Join(gives, ": "), codes(ops), codes(perms)}
}

// attributeRows lists the properties of a schema, those of their parts indented by
// their path: versioning.status, ingress[].from_port, entries.*.
func attributeRows(rows [][]string, path string, schema map[string]any) [][]string {
	for _, o := range options(schema) {
		props, _ := o["properties"].(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(props)) {
			sub, _ := props[name].(map[string]any)
			full := name
			if path != "" {
				full = path + "." + name
			}
			rows = append(rows, []string{code(full), typeOf(sub), meaning(sub)})
			rows = attributeRows(rows, full, sub)
		}
		if items, ok := o["items"].(map[string]any); ok {
			rows = attributeRows(rows, path+"[]", items)
		}
		if add, ok := o["additionalProperties"].(map[string]any); ok {
			rows = attributeRows(rows, path+".*", add)
		}
	}
	return rows
}

func meaning(schema map[string]any) string {
	out := plain(text(schema, "description"))
	add, _ := schema["additionalProperties"].(map[string]any)
	if d := text(add, "description"); d != "" {
		out += " Of each: " + plain(d)
	}
	return out
}

func options(schema map[string]any) []map[string]any {
	list, ok := schema["anyOf"].([]any)
	if !ok {
		return []map[string]any{schema}
	}
	var out []map[string]any
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			out = append(out, options(m)...)
		}
	}
	return out
}

// typeOf says in words which values a schema allows.
func typeOf(schema map[string]any) string {
	var words []string
	add := func(w string) {
		if !slices.Contains(words, w) {
			words = append(words, w)
		}
	}
	null := false
	for _, o := range options(schema) {
		for _, kind := range kinds(o) {
			switch kind {
			case "null":
				null = true
			case "array":
				items, _ := o["items"].(map[string]any)
				add("list of " + plural(typeOf(items)))
			case "object":
				if m, ok := o["additionalProperties"].(map[string]any); ok {
					add("map of " + plural(typeOf(m)))
					continue
				}
				add("object")
			default:
				add(kind)
			}
		}
		if enum, ok := o["enum"].([]any); ok {
			var values []string
			for _, v := range enum {
				if v != nil {
					values = append(values, code(fmt.Sprint(v)))
				}
			}
			words = []string{strings.Join(values, ", ")}
		}
	}
	if len(words) == 0 {
		add("any value")
	}
	if null {
		add("null")
	}
	return strings.Join(words, " or ")
}

func kinds(schema map[string]any) []string {
	switch t := schema["type"].(type) {
	case string:
		return []string{t}
	case []any:
		var out []string
		for _, k := range t {
			out = append(out, fmt.Sprint(k))
		}
		return out
	}
	return nil
}

func plural(s string) string {
	switch s {
	case "string", "number", "integer", "boolean", "object":
		return s + "s"
	}
	if rest, ok := strings.CutPrefix(s, "list of "); ok {
		return "lists of " + rest
	}
	return s
}
