package govern

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/metsuke-dev/metsuke/internal/nearest"
	"github.com/metsuke-dev/metsuke/internal/yamlfile"
)

// OwnerFile is owners.yaml.
type OwnerFile struct {
	Owners     []OwnerEntry     `yaml:"owners" json:"owners,omitempty" jsonschema_description:"Those who can own resources, and how they are reached. Whom a tag names is an owner without being listed, unless only_listed."`
	Unowned    UnownedEntry     `yaml:"unowned" json:"unowned,omitempty" jsonschema_description:"What stands for nobody, and who is told of what nobody owns."`
	OnlyListed bool             `yaml:"only_listed" json:"only_listed,omitempty" jsonschema_description:"Only those listed are owners: a tag that names somebody else decides nothing."`
	Rules      []OwnerRuleEntry `yaml:"rules" json:"rules,omitempty" jsonschema_description:"How a resource finds its owner. The first rule that matches decides."`
}

// OwnerEntry is an owner as the file lists it.
type OwnerEntry struct {
	Name     yamlfile.Text   `yaml:"name" json:"name" jsonschema_description:"What reports call the owner."`
	Aliases  yamlfile.Texts  `yaml:"aliases" json:"aliases,omitempty" jsonschema_description:"Other names that mean the owner, in whatever case. The name of another owner means that it has become part of this one."`
	Contacts ContactsEntries `yaml:"contacts" json:"contacts,omitempty" jsonschema_description:"How the owner is reached."`
}

// UnownedEntry says what is to be known of nobody.
type UnownedEntry struct {
	Aliases  yamlfile.Texts  `yaml:"aliases" json:"aliases,omitempty" jsonschema_description:"Values of tags that mean nobody, such as none or tbd."`
	Contacts ContactsEntries `yaml:"contacts" json:"contacts,omitempty" jsonschema_description:"Who is told of what nobody owns."`
}

// ContactsEntries are contacts as the file has them.
type ContactsEntries struct {
	Email  yamlfile.Texts `yaml:"email" json:"email,omitempty" jsonschema_description:"Addresses."`
	Slack  yamlfile.Texts `yaml:"slack" json:"slack,omitempty" jsonschema_description:"Slack channels, with or without #."`
	Teams  yamlfile.Texts `yaml:"teams" json:"teams,omitempty" jsonschema_description:"Microsoft Teams: channels."`
	Jira   yamlfile.Texts `yaml:"jira" json:"jira,omitempty" jsonschema_description:"Keys of Jira projects."`
	GitHub yamlfile.Texts `yaml:"github" json:"github,omitempty" jsonschema_description:"GitHub teams, as organisation/team, or logins. A CODEOWNERS file or a repository that names one means this owner."`
}

// OwnerRuleEntry is a rule as the file has it: conditions, and who the owner is.
type OwnerRuleEntry struct {
	Owner        yamlfile.Text  `yaml:"owner" json:"owner,omitempty" jsonschema_description:"The owner; unowned is nobody."`
	Tag          yamlfile.Texts `yaml:"tag" json:"tag,omitempty" jsonschema_description:"Keys of tags that name the owner; the first that a resource has. Case and separators do not matter."`
	AccountTag   yamlfile.Texts `yaml:"account_tag" json:"account_tag,omitempty" jsonschema_description:"Likewise, tags that the AWS account which holds the resource has in AWS Organizations."`
	ProjectLabel yamlfile.Texts `yaml:"project_label" json:"project_label,omitempty" jsonschema_description:"Likewise, labels of the Google Cloud project that holds the resource."`
	GitHubTeam   yamlfile.Texts `yaml:"github_team" json:"github_team,omitempty" jsonschema_description:"Of a GitHub repository: roles on it, such as admin, maintain or a custom one. The owner is the team that has the first of them."`
	Values       OwnerValues    `yaml:"values" json:"values,omitempty" jsonschema_description:"With tag, account_tag, project_label or github_team: which values, or teams, mean which owner, in order. * and ? are wildcards. Values that are not here decide nothing. Without it the value is the owner's name."`
	Codeowners   yamlfile.Text  `yaml:"codeowners" json:"codeowners,omitempty" jsonschema_description:"A CODEOWNERS file of GitHub, relative to this file: it says who owns the Terraform file in which the resource is written."`
	Directory    yamlfile.Text  `yaml:"directory" json:"directory,omitempty" jsonschema_description:"With codeowners: where in the reported paths its repository begins. Default: they are counted from the repository."`

	Account  yamlfile.Texts `yaml:"account" json:"account,omitempty" jsonschema_description:"Only in accounts whose id or name matches one of these patterns."`
	Unit     yamlfile.Texts `yaml:"organizational_unit" json:"organizational_unit,omitempty" jsonschema_description:"Only in accounts below an organisational unit of AWS: patterns of its path, /Workloads/Prod*, or of the ids on the way."`
	Folder   yamlfile.Texts `yaml:"folder" json:"folder,omitempty" jsonschema_description:"Only in projects below a folder of Google Cloud: patterns of its path, /Platform*."`
	Project  yamlfile.Texts `yaml:"project" json:"project,omitempty" jsonschema_description:"Only in projects of Google Cloud whose id matches one of these patterns."`
	Path     yamlfile.Texts `yaml:"path" json:"path,omitempty" jsonschema_description:"Only what is written in Terraform files whose path matches one of these patterns, infra/payments/*."`
	Resource yamlfile.Texts `yaml:"resource" json:"resource,omitempty" jsonschema_description:"Only resources whose id, name or Terraform address matches one of these patterns."`
	Type     yamlfile.Texts `yaml:"type" json:"type,omitempty" jsonschema_description:"Only resources of types that match one of these patterns."`
	Region   yamlfile.Texts `yaml:"region" json:"region,omitempty" jsonschema_description:"Only in regions that match one of these patterns."`
}

// OwnerValues say whom a value means, in the order of the file.
type OwnerValues []OwnerValue

// OwnerValue is one of them.
type OwnerValue struct{ Value, Owner string }

// UnmarshalYAML reads a section of keys in its order.
func (v *OwnerValues) UnmarshalYAML(n ast.Node) error {
	m, ok := n.(*ast.MappingNode)
	if !ok {
		return yamlfile.Wrong(n, "values is a section of keys: the value of a tag or a team, and the owner that it means")
	}
	for _, kv := range m.Values {
		var key, owner yamlfile.Text
		if k, isNode := kv.Key.(ast.Node); !isNode || key.UnmarshalYAML(k) != nil {
			return yamlfile.Wrong(kv, "the value of a tag is a text")
		}
		if err := owner.UnmarshalYAML(kv.Value); err != nil {
			return err
		}
		*v = append(*v, OwnerValue{plain(key), plain(owner)})
	}
	return nil
}

// ParseOwners reads an owner file. name stands in errors, which begin with
// name:line:column. read reads the CODEOWNERS files, as they are named.
func ParseOwners(text []byte, name string, read func(file string) ([]byte, error)) (*Owners, error) {
	var doc OwnerFile
	file, err := yamlfile.Read(text, name, &doc)
	if err != nil {
		return nil, err
	}
	p := ownerParser{
		name: name, file: file, doc: doc, read: read,
		out: &Owners{names: map[string]int{}, strict: doc.OnlyListed},
	}
	p.list()
	for i := range doc.Rules {
		p.rule(i)
	}
	return p.out, errors.Join(p.errs...)
}

// ownerParser reads one file. It goes on after a mistake, so that all are told.
type ownerParser struct {
	name string
	file yamlfile.File
	doc  OwnerFile
	read func(string) ([]byte, error)
	out  *Owners
	errs []error
}

func (p *ownerParser) wrong(key, format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf("%s: %s", p.file.At(key), fmt.Sprintf(format, args...)))
}

// list reads the owners, their aliases and what stands for nobody.
func (p *ownerParser) list() {
	claims := map[string]string{Unowned: "unowned"} // folded aliases -> the key of who has it
	index := map[string]int{}
	for i, e := range p.doc.Owners {
		key := fmt.Sprintf("owners[%d]", i)
		o := Owner{Name: plain(e.Name), Aliases: plainAll(e.Aliases), Contacts: e.Contacts.contacts()}
		p.out.owners = append(p.out.owners, o)
		at, twice := index[fold(o.Name)]
		switch {
		case o.Name == "":
			p.wrong(key, "the owner has no name")
		case fold(o.Name) == Unowned:
			p.wrong(key+".name", "%s is nobody: say what is to be known of it in the section unowned", o.Name)
		case twice:
			p.wrong(key+".name", "there is another owner %s at %s", o.Name, p.file.At(fmt.Sprintf("owners[%d].name", at)))
		default:
			index[fold(o.Name)] = i
		}
	}
	p.out.owners = append(p.out.owners, Owner{Aliases: plainAll(p.doc.Unowned.Aliases), Contacts: p.doc.Unowned.Contacts.contacts()})
	into := map[int]int{} // owners that have become part of others
	for i, o := range p.out.owners {
		for n, alias := range o.Aliases {
			key := fmt.Sprintf("owners[%d].aliases[%d]", i, n)
			if o.Name == "" {
				key = fmt.Sprintf("unowned.aliases[%d]", n)
			}
			if !p.file.Has(key) {
				key = strings.TrimSuffix(key, fmt.Sprintf("[%d]", n)) // one text and no list
			}
			other, claimed := claims[fold(alias)]
			listed, isOwner := index[fold(alias)]
			switch {
			case alias == "":
				p.wrong(key, "an alias is empty")
			case claimed && other == "unowned":
				p.wrong(key, "%s stands for nobody", alias)
			case claimed:
				p.wrong(key, "%s is an alias at %s too: it cannot mean two owners", alias, p.file.At(other))
			case isOwner && listed == i:
				p.wrong(key, "%s is an alias of itself", alias)
			case isOwner:
				into[listed] = i
				claims[fold(alias)] = key
			default:
				claims[fold(alias)] = key
				p.out.names[fold(alias)] = i
			}
		}
	}
	nobody := len(p.out.owners) - 1
	p.out.names[Unowned] = nobody
	circular := map[int]bool{} // owners of circles that were told of
	for i, o := range p.out.owners[:nobody] {
		end, ok := follow(into, i)
		if !ok {
			if !circular[i] {
				p.wrong(claims[fold(o.Name)], "the aliases are circular: %s", p.circle(into, i, circular))
			}
			continue
		}
		p.out.names[fold(o.Name)] = end
	}
	p.contacts(into)
	for alias, i := range p.out.names { // of owners that have become part of others
		if end, ok := follow(into, i); ok {
			p.out.names[alias] = end
		}
	}
}

// contacts makes the addresses and teams of owners mean them, unless they are names or
// aliases, or those of several owners.
func (p *ownerParser) contacts(into map[int]int) {
	own := map[string]int{}
	for i, o := range p.out.owners[:len(p.out.owners)-1] {
		end, ok := follow(into, i)
		for _, c := range slices.Concat(o.Contacts.GitHub, o.Contacts.Email) {
			other, taken := own[fold(c)]
			switch {
			case !ok: // an error that was told
			case taken && other != end:
				own[fold(c)] = shared
			default:
				own[fold(c)] = end
			}
		}
	}
	for c, i := range own {
		if _, named := p.out.names[c]; !named {
			p.out.names[c] = i
		}
	}
}

// follow goes from an owner to the one that it has become part of in the end; false in a
// circle.
func follow(into map[int]int, i int) (int, bool) {
	for range len(into) + 1 {
		next, more := into[i]
		if !more {
			return i, true
		}
		i = next
	}
	return 0, false
}

// circle names the owners on the way into and around a circle of aliases, and notes them.
func (p *ownerParser) circle(into map[int]int, i int, seen map[int]bool) string {
	out := []string{p.out.owners[i].Name}
	for next := i; !seen[next]; {
		seen[next] = true
		next = into[next]
		out = append(out, p.out.owners[next].Name)
	}
	return strings.Join(out, " is part of ")
}

// rule reads a rule.
func (p *ownerParser) rule(i int) {
	e, key := p.doc.Rules[i], fmt.Sprintf("rules[%d]", i)
	r := ownerRule{OwnerRule: OwnerRule{File: p.name, Line: p.file.Line(key)}}
	var says []string
	for _, name := range []string{"owner", "tag", "account_tag", "project_label", "github_team", "codeowners"} {
		if p.file.Has(key + "." + name) {
			says = append(says, name)
		}
	}
	if len(says) != 1 {
		p.wrong(key, "the rule says who the owner is by one of owner, tag, account_tag, project_label, github_team and codeowners%s", map[bool]string{true: "; it has " + strings.Join(says, ", ")}[len(says) > 1])
		return
	}
	switch says[0] {
	case "owner":
		r.owner = p.known(key+".owner", plain(e.Owner))
		r.Text = "owner " + plain(e.Owner)
	case "tag", "account_tag", "project_label", "github_team":
		plainer, what := plainKey, "key"
		switch says[0] {
		case "tag":
			r.by, r.keys = byTag, plainAll(e.Tag)
		case "account_tag":
			r.by, r.keys = byAccountTag, plainAll(e.AccountTag)
		case "project_label":
			r.by, r.keys = byProjectLabel, plainAll(e.ProjectLabel)
		default:
			r.by, r.keys, plainer, what = byTeam, plainAll(e.GitHubTeam), plainRole, "role"
		}
		if len(r.keys) == 0 {
			p.wrong(key+"."+says[0], "%s is empty, which no resource has", says[0])
		}
		for _, k := range r.keys {
			r.plain = append(r.plain, plainer(k))
			if plainer(k) == "" {
				p.wrong(key+"."+says[0], "a %s is empty", what)
			}
		}
		r.Text = says[0] + " " + strings.Join(r.keys, ", ")
		for _, v := range e.Values {
			if fold(v.Value) == "" {
				p.wrong(key+".values", "a value is empty, which no %s is", map[bool]string{true: "team", false: "tag"}[r.by == byTeam])
			}
			r.values = append(r.values, valueOwner{compile(fold(v.Value)), p.known(key+".values", v.Owner)})
		}
	case "codeowners":
		r.by, r.named = byCodeowners, path.Clean(plain(e.Codeowners))
		r.Text = "codeowners " + r.named
		r.dir = strings.Trim(plain(e.Directory), "/")
		if r.dir != "" {
			r.dir += "/"
		}
		if plain(e.Codeowners) == "" {
			p.wrong(key+".codeowners", "codeowners names no file")
			break
		}
		r.files = p.codeowners(key+".codeowners", r.named)
	}
	if p.file.Has(key+".values") && len(e.Values) == 0 {
		p.wrong(key+".values", "values is empty, so that no value decides; without it the value is the owner's name")
	}
	if len(e.Values) > 0 && (r.by == byName || r.by == byCodeowners) {
		p.wrong(key+".values", "values go with tag, account_tag, project_label or github_team")
	}
	if e.Directory != "" && r.by != byCodeowners {
		p.wrong(key+".directory", "directory goes with codeowners")
	}
	p.conditions(key, e, &r)
	p.out.rules = append(p.out.rules, r)
}

// conditions reads what a rule asks for.
func (p *ownerParser) conditions(key string, e OwnerRuleEntry, r *ownerRule) {
	given := map[string]yamlfile.Texts{
		"account": e.Account, "organizational_unit": e.Unit, "folder": e.Folder, "project": e.Project, "path": e.Path,
		"resource": e.Resource, "type": e.Type, "region": e.Region,
	}
	for _, c := range conditionFacts() {
		if !p.file.Has(key + "." + c.name) {
			continue
		}
		texts := plainAll(given[c.name])
		if len(texts) == 0 || slices.Contains(texts, "") {
			p.wrong(key+"."+c.name, "%s is empty, which no resource matches", c.name)
		}
		for _, t := range texts {
			c.patterns = append(c.patterns, compile(t))
		}
		r.conditions = append(r.conditions, c)
		r.Text += ", " + c.name + " " + strings.Join(texts, " or ")
	}
	if r.by == byName && len(r.conditions) > 0 {
		_, wanted, _ := strings.Cut(r.Text, ", ")
		r.Text = wanted + ": " + plain(e.Owner)
	}
}

// known returns the owner that a rule names. Where owners are listed it is one of them.
func (p *ownerParser) known(key, name string) string {
	i, ok := p.out.names[fold(name)]
	switch {
	case i == shared:
		p.wrong(key, "%s is a contact of several owners: name one of them", name)
		return name
	case ok:
		return p.out.owners[i].Name
	}
	if name == "" {
		p.wrong(key, "the owner has no name; nobody is called %s", Unowned)
	} else if len(p.doc.Owners) > 0 {
		var names []string
		for _, o := range p.out.owners {
			names = append(names, o.Name)
		}
		p.wrong(key, "the owner %s is not listed in owners%s", name, nearest.Hint(name, names))
	}
	return name
}

func (e ContactsEntries) contacts() Contacts {
	return Contacts{Email: plainAll(e.Email), Slack: plainAll(e.Slack), Teams: plainAll(e.Teams), Jira: plainAll(e.Jira), GitHub: plainAll(e.GitHub)}
}

func plainAll(in yamlfile.Texts) []string {
	var out []string
	for _, t := range in {
		out = append(out, plain(t))
	}
	return out
}
