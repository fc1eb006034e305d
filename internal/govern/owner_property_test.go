package govern

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// ownerDice makes files of owners and resources at random, of so few words that they meet.
type ownerDice struct {
	*rand.Rand
	live bool // no rules by what a plan calls differently: ids of resources, names of plans
}

func newOwnerDice(seed uint64) ownerDice { return ownerDice{Rand: rand.New(rand.NewPCG(seed, 1))} }

func (d ownerDice) of(words ...string) string { return words[d.IntN(len(words))] }

// some is a list of one to three words, as YAML.
func (d ownerDice) some(words ...string) string {
	var out []string
	for range 1 + d.IntN(3) {
		out = append(out, fmt.Sprintf("%q", d.of(words...)))
	}
	return "[" + strings.Join(out, ", ") + "]"
}

func (d ownerDice) file() string {
	var b strings.Builder
	if d.IntN(3) == 0 {
		b.WriteString("only_listed: true\n")
	}
	b.WriteString("owners: [{name: a, aliases: [x], contacts: {github: acme/payments}}, {name: b, contacts: {email: y@z}}]\nunowned: {aliases: [none]}\nrules:\n")
	for range 1 + d.IntN(6) {
		b.WriteString("  - {" + d.who())
		for _, c := range []struct{ key, is string }{
			{"account", d.some("*", "1", "1*", "?", "shop", "s*p", "p2.json")},
			{"organizational_unit", d.some("/", "/A", "/A*", "*", "ou-1")},
			{"folder", d.some("/", "/A", "/A*", "*", "folders/1")},
			{"project", d.some("p", "p*", "q")},
			{"path", d.some("infra/*", "infra/payments/*", "/infra/*", "*.tf")},
			{"resource", d.some("*", "n*", "?", "n1", "*.n1")},
			{"type", d.some("*", "aws_*", "aws_s3_bucket", "google_*", "github_*", "github_repository", "A")},
			{"region", d.some("*", "eu", "e*", "us")},
		} {
			if d.IntN(6) == 0 && (!d.live || c.key != "resource") {
				fmt.Fprintf(&b, ", %s: %s", c.key, c.is)
			}
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// who is what a rule says of the owner.
func (d ownerDice) who() string {
	values := ""
	if d.IntN(2) == 0 {
		var list []string
		for _, v := range []string{"x", "a*", "*", "none", "acme/pay*", "payments", "y?z"} {
			if d.IntN(3) == 0 {
				list = append(list, fmt.Sprintf("%q: %s", v, d.of("a", "b", "unowned")))
			}
		}
		d.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		if len(list) > 0 {
			values = ", values: {" + strings.Join(list, ", ") + "}"
		}
	}
	switch d.IntN(7) {
	case 0:
		return "tag: " + d.some("owner", "Team", "cost-center") + values
	case 1:
		return "account_tag: " + d.some("owner", "Team") + values
	case 2:
		return "project_label: " + d.some("owner", "Team") + values
	case 3:
		return "github_team: " + d.some("admin", "push", "write") + values
	case 4:
		return "codeowners: CODEOWNERS"
	}
	return "owner: " + d.of("a", "b", "unowned")
}

// resource is a live one, and what keeps it where that is known.
func (d ownerDice) resource() (providers.Resource, *finding.ManagedBy) {
	tags := func() map[string]string {
		out := map[string]string{}
		for _, k := range []string{"owner", "OWNER", "team", "CostCenter"} {
			if d.IntN(3) == 0 {
				out[k] = d.of("x", "a", "b", "c", "none", "y@z", "acme/payments", " X ", "@a", "")
			}
		}
		return out
	}
	scope := providers.Scope{ID: d.of("1", "2", "12"), Name: d.of("shop", "ship", ""), Labels: map[string]string{}}
	r := providers.Resource{ID: d.of("n1", "n2", "m"), Name: d.of("n", "n1", ""), Region: d.of("eu", "us", ""), Tags: tags()}
	switch d.IntN(3) {
	case 0:
		scope.Provider, r.Type = "aws", providers.Type(d.of("aws_s3_bucket", "aws_sqs_queue"))
		scope.Labels["organization_role"] = "member"
		scope.Labels[labelUnit], scope.Labels[labelUnitIDs] = d.of("/", "/A", "/A/B"), "o-1/r-1/"+d.of("ou-1", "ou-2")+"/1/"
		scope = scope.WithTags(providers.Account, providers.HolderTags{Of: "account", Tags: tags()})
	case 1:
		scope.Provider, r.Type = "gcp", providers.Type(d.of("google_storage_bucket", "google_project"))
		scope.Labels[labelFolder], scope.Labels[labelFolderIDs], scope.Labels[labelProject] = d.of("/", "/A", "/A/B"), d.of("", "1", "1/2"), d.of("p", "p2", "")
		scope = scope.WithTags(providers.Project, providers.HolderTags{Of: "project", Tags: tags()})
	default:
		scope.Provider, r.Type, r.Region = "github", providers.Type(d.of("github_repository", "github_membership")), ""
		list := []any{}
		for range d.IntN(3) {
			list = append(list, map[string]any{"organization": "acme", "slug": d.of("payments", "a", "none", "c"), "role": d.of("admin", "push", "pull")})
		}
		r.Attributes = map[string]any{attributeTeams: list}
	}
	r.Scope = scope
	var by *finding.ManagedBy
	if d.IntN(2) == 0 {
		file := d.of("infra/x.tf", "infra/payments/y.tf", "infra/payments/legacy.tf", "z.tf")
		by = &finding.ManagedBy{Tool: finding.Terraform, State: "s", Address: string(r.Type) + "." + d.of("n1", "n2"), Source: &providers.Source{File: file, Line: 1}}
	}
	return r, by
}

func TestWhatIsSaidNeverToMatchNeverDoes(t *testing.T) {
	said, files := 0, 800
	for seed := range uint64(files) {
		d := newOwnerDice(seed)
		text := d.file()
		o := ownersOf(t, text)
		var never []int
		for _, issue := range o.Check() {
			if strings.HasPrefix(issue.Message, "it can never match") {
				never = append(never, issue.Rule.Line)
			}
		}
		said += len(never)
		for range 50 {
			r, by := d.resource()
			tried := o.Explain(r, by).Tried
			if n := len(tried); n > 0 && tried[n-1].Outcome == Matched && slices.Contains(never, tried[n-1].Rule.Line) {
				t.Fatalf("seed %d: the rule on line %d is said never to match, and does\n%s\n%+v %+v", seed, tried[n-1].Rule.Line, text, r, by)
			}
		}
	}
	if said < files/4 {
		t.Errorf("only %d rules of %d files were said never to match: the dice are bad", said, files)
	}
}

func TestWhatCouldNotBeReadMakesNobodyElseTheOwner(t *testing.T) {
	unknown, told := 0, 0
	for seed := range uint64(800) {
		d := newOwnerDice(seed)
		text := d.file()
		o := ownersOf(t, text)
		for range 30 {
			r, by := d.resource()
			all := o.Of(r, by)
			less := d.denied(r)
			switch got := o.Of(less, by); {
			case got.Unknown != "":
				unknown++
			case got != all:
				t.Fatalf("seed %d: %+v becomes %+v\n%s\n%+v\n%+v %+v", seed, all, got, text, r, less, by)
			default:
				told++
			}
		}
	}
	if unknown < 500 || told < 500 {
		t.Errorf("%d owners unknown and %d told: the dice are bad", unknown, told)
	}
}

// inPlan is the resource as a plan has it: it does not say where the resource will be.
func inPlan(r providers.Resource, by *finding.ManagedBy) providers.Resource {
	r.Scope = providers.Scope{Provider: "terraform", ID: "p1.json", Name: "p1.json"}
	r.Source = &providers.Source{Address: string(r.Type) + ".x"}
	if by != nil {
		r.Source = &providers.Source{Address: by.Address, File: by.Source.File, Line: by.Source.Line}
	}
	r.ID = r.Source.Address
	if r.Region == "us" { // as the environment says
		r.Region, r.Unknown = "", map[string]providers.Reason{"region": "deferred"}
	}
	return r
}

func TestAPlanHasTheOwnerOfTheLiveResourceOrNoneThatIsCertain(t *testing.T) {
	unknown, same := 0, 0
	for seed := range uint64(800) {
		d := newOwnerDice(seed)
		d.live = true
		text := d.file()
		o := ownersOf(t, text)
		for range 30 {
			r, by := d.resource()
			live := o.Of(r, by)
			switch got := o.Of(inPlan(r, by), nil); {
			case got.Unknown != "":
				unknown++
			case got != live:
				t.Fatalf("seed %d: %+v live and %+v in the plan\n%s\n%+v %+v", seed, live, got, text, r, by)
			default:
				same++
			}
		}
	}
	if unknown < 500 || same < 500 {
		t.Errorf("%d owners unknown and %d the same: the dice are bad", unknown, same)
	}
}

// denied is the resource as it is where some of it could not be read.
func (d ownerDice) denied(r providers.Resource) providers.Resource {
	r.Unknown = map[string]providers.Reason{}
	labels := map[string]string{}
	for k, v := range r.Scope.Labels {
		labels[k] = v
	}
	r.Scope.Labels = labels
	hide := func(unknown string, known ...string) {
		if d.IntN(3) == 0 {
			labels[unknown] = "denied"
			for _, k := range known {
				delete(labels, k)
			}
		}
	}
	switch d.IntN(4) {
	case 0:
		r.Tags, r.Unknown["tags"] = map[string]string{}, "denied"
	case 1:
		tags := map[string]string{}
		for k, v := range r.Tags {
			if d.IntN(2) == 0 {
				r.Unknown["tags."+k] = "deferred"
			} else {
				tags[k] = v
			}
		}
		r.Tags = tags
	}
	switch r.Scope.Provider {
	case "aws":
		hide(labelUnit+unknownSuffix, labelUnit, labelUnitIDs)
		if d.IntN(3) == 0 {
			r.Scope = r.Scope.WithTags(providers.Account, providers.HolderTags{Of: "account", Unknown: "denied"})
		}
	case "gcp":
		hide(labelFolder+unknownSuffix, labelFolder, labelFolderIDs)
		hide(labelProject+unknownSuffix, labelProject)
		if d.IntN(3) == 0 {
			r.Scope = r.Scope.WithTags(providers.Project, providers.HolderTags{Of: "project", Unknown: "denied"})
		}
	default:
		if d.IntN(3) == 0 {
			r.Attributes, r.Unknown[attributeTeams] = map[string]any{}, "denied"
		}
	}
	return r
}
