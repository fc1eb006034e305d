package govern

import (
	"bytes"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// ownersOf reads a file of owners. Its CODEOWNERS file is always the same.
func ownersOf(t *testing.T, text string) *Owners {
	t.Helper()
	o, err := ParseOwners([]byte(text), "owners.yaml", codeownersFile)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func codeownersFile(name string) ([]byte, error) {
	switch name {
	case "CODEOWNERS":
		return []byte("\ufeff# who owns what\n* @acme/everyone\n/infra/ @acme/platform\ninfra/payments/ @acme/payments pay@acme.example\n/infra/payments/legacy.tf\n"), nil
	case "EMPTY":
		return []byte("# nothing\n"), nil
	case "HASH":
		return []byte("# fine\r\n/docs/c#/ @acme/docs # fine\r\n"), nil
	case "ESCAPED":
		return []byte("\\#x @acme/docs\n"), nil
	case "ROOT":
		return []byte("/ @acme/platform\n"), nil
	case "SLASHES":
		return []byte("a\\\\ @acme/platform\n"), nil
	case "HUGE":
		return bytes.Repeat([]byte("# long\n  "), 349526)[:3<<20], nil
	case "BAD":
		return []byte("*.tf @acme/platform\n!x.tf @acme/web\n"), nil
	}
	return nil, fmt.Errorf("open %s: %w", name, fs.ErrNotExist)
}

// bucket is a resource in account 111111111111, changed as wanted.
func ownedBucket(change func(*providers.Resource)) providers.Resource {
	r := providers.Resource{
		Scope: providers.Scope{Provider: "aws", ID: "111111111111", Name: "shop-prod", Labels: map[string]string{
			"organization_role": "member", "organizational_unit": "/Workloads/Prod", "organization_path": "o-1/r-1/ou-1-aa/ou-1-bb/111111111111/",
		}},
		Type: "aws_s3_bucket", ID: "arn:aws:s3:::logs", Name: "logs", Region: "eu-central-1", Tags: map[string]string{},
	}
	if change != nil {
		change(&r)
	}
	return r
}

func tagged(kv ...string) func(*providers.Resource) {
	return func(r *providers.Resource) {
		for i := 0; i < len(kv); i += 2 {
			r.Tags[kv[i]] = kv[i+1]
		}
	}
}

func written(s providers.Source) func(*providers.Resource) {
	return func(r *providers.Resource) { r.Source = &s }
}

func TestTheFirstRuleThatMatchesSaysWhoseAResourceIs(t *testing.T) {
	const file = `
owners:
  - name: payments
    aliases: [pay, checkout]
    contacts: {github: acme/payments, email: pay@acme.example}
  - name: platform
    contacts: {github: "@acme/platform"}
  - name: data
  - name: bi
    aliases: [data]
unowned:
  aliases: [none, tbd]
rules:
  - resource: "*-sandbox"
    owner: unowned
  - tag: [owner, team]
  - tag: cost-center
    values: {0042: payments, "9*": unowned}
  - path: infra/network/*
    owner: platform
  - codeowners: CODEOWNERS
  - organizational_unit: [/Sandbox*, ou-1-zz]
    owner: platform
  - account: ["222222222222", "*-audit"]
    type: aws_s3_*
    region: eu-*
    owner: platform
  - project_label: owner
  - folder: /Data*
    owner: bi
  - project: shop-*
    owner: payments
`
	google := func(labels map[string]string) func(*providers.Resource) {
		return func(r *providers.Resource) {
			if labels["folder"] != "" { // somebody asked
				labels["project_labels"] = "project shop"
			}
			r.Scope = providers.Scope{Provider: "gcp", ID: "organizations/1", Labels: labels}
		}
	}
	for name, c := range map[string]struct {
		change func(*providers.Resource)
		want   finding.Ownership
	}{
		"a tag names the owner":                      {tagged("Owner", "platform"), finding.Ownership{Owner: "platform"}},
		"whatever the case of the name":              {tagged("Owner", " Platform "), finding.Ownership{Owner: "platform"}},
		"an alias":                                   {tagged("OWNER", "Pay"), finding.Ownership{Owner: "payments"}},
		"an address":                                 {tagged("owner", "PAY@acme.example"), finding.Ownership{Owner: "payments"}},
		"an owner that is part of another":           {tagged("owner", "data"), finding.Ownership{Owner: "bi"}},
		"somebody who is not listed":                 {tagged("owner", "web"), finding.Ownership{Owner: "web"}},
		"the keys have an order":                     {tagged("team", "web", "owner", "pay"), finding.Ownership{Owner: "payments"}},
		"a value that is nobody is like none":        {tagged("owner", "TBD", "team", "web"), finding.Ownership{Owner: "web"}},
		"a value keeps its zeros":                    {tagged("CostCenter", "0042"), finding.Ownership{Owner: "payments"}},
		"a value may mean nobody for good":           {tagged("cost_center", "99", "other", "x"), finding.Ownership{}},
		"a value that is not listed decides nothing": {tagged("cost_center", "17"), finding.Ownership{}},
		"nobody's, before its tags are looked at":    {func(r *providers.Resource) { r.Name, r.Tags["owner"] = "x-sandbox", "pay" }, finding.Ownership{}},
		"tags that could not be read":                {func(r *providers.Resource) { r.Unknown = map[string]providers.Reason{"tags": "denied"} }, finding.Ownership{Unknown: "denied"}},
		"one tag that could not be read":             {func(r *providers.Resource) { r.Unknown = map[string]providers.Reason{"tags.Owner": "deferred"} }, finding.Ownership{Unknown: "deferred"}},
		"another tag that could not be read": {func(r *providers.Resource) {
			r.Unknown = map[string]providers.Reason{"tags.Name": "deferred"}
			r.Tags["team"] = "web"
		}, finding.Ownership{Owner: "web"}},
		"the file": {written(providers.Source{File: "infra/network/vpc.tf"}), finding.Ownership{Owner: "platform"}},
		"the last line of CODEOWNERS that matches": {written(providers.Source{File: "infra/payments/db.tf"}), finding.Ownership{Owner: "payments"}},
		"a line of CODEOWNERS without owners":      {written(providers.Source{File: "infra/payments/legacy.tf"}), finding.Ownership{}},
		"the file of the call in the root module":  {written(providers.Source{File: "modules/db/main.tf", Calls: []providers.Place{{File: "infra/payments/main.tf"}, {File: "modules/x/main.tf"}}}), finding.Ownership{Owner: "payments"}},
		"an account by its name":                   {func(r *providers.Resource) { r.Scope.Name = "corp-audit" }, finding.Ownership{Owner: "platform"}},
		"an account, but another type":             {func(r *providers.Resource) { r.Scope.Name, r.Type = "corp-audit", "aws_sqs_queue" }, finding.Ownership{}},
		"an organisational unit":                   {func(r *providers.Resource) { r.Scope.Labels["organizational_unit"] = "/Sandbox/Data" }, finding.Ownership{Owner: "platform"}},
		"an organisational unit by its id":         {func(r *providers.Resource) { r.Scope.Labels["organization_path"] = "o-1/r-1/ou-1-zz/1/" }, finding.Ownership{Owner: "platform"}},
		"an organisational unit that cannot be read": {func(r *providers.Resource) {
			r.Scope.Labels = map[string]string{"organization_role": "member", "organizational_unit.unknown": "denied"}
		}, finding.Ownership{Unknown: "denied"}},
		"an organisation that nobody asked about":       {func(r *providers.Resource) { r.Scope.Labels = map[string]string{"organization_role": "member"} }, finding.Ownership{Unknown: "uncollected"}},
		"an account of no organisation":                 {func(r *providers.Resource) { r.Scope.Labels = map[string]string{"organization_role": "standalone"} }, finding.Ownership{}},
		"a label of the project":                        {google(map[string]string{"folder": "/", "project_label.owner": "pay"}), finding.Ownership{Owner: "payments"}},
		"a label of the project that is called unknown": {google(map[string]string{"folder": "/", "project_label.owner": "pay", "project_label.unknown": "x"}), finding.Ownership{Owner: "payments"}},
		"labels of the project that cannot be read":     {google(map[string]string{"folder": "/", "project_labels.unknown": "failed"}), finding.Ownership{Unknown: "failed"}},
		"a folder":                          {google(map[string]string{"folder": "/Data/Lake", "project": "shop-x"}), finding.Ownership{Owner: "bi"}},
		"a project":                         {google(map[string]string{"folder": "/", "project": "shop-x"}), finding.Ownership{Owner: "payments"}},
		"no project":                        {google(map[string]string{"folder": "/"}), finding.Ownership{}},
		"a project that nobody asked about": {google(nil), finding.Ownership{Unknown: "uncollected"}},
		"no rule that matches":              {nil, finding.Ownership{}},
		"the Terraform address, without instance key": {written(providers.Source{Address: `module.a["x"].aws_s3_bucket.b-sandbox[0]`}), finding.Ownership{}},
	} {
		if diff := cmp.Diff(c.want, ownersOf(t, file).Of(ownedBucket(c.change), nil)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	by := &finding.ManagedBy{Tool: finding.Terraform, Source: &providers.Source{File: "infra/payments/db.tf"}}
	if got := ownersOf(t, file).Of(ownedBucket(nil), by); got.Owner != "payments" {
		t.Errorf("what keeps a live resource is written in a file of payments, and it is %v", got)
	}
}

func TestARuleThatRefersToAnotherKeepsItsConditions(t *testing.T) {
	for name, rules := range map[string]string{
		"an anchor":         "- &r\n    account: other\n    owner: a\n",
		"an alias":          "- &r\n    account: other\n    owner: a\n  - *r\n",
		"a merge key":       "- &r\n    account: other\n    owner: a\n  - <<: *r\n    region: x\n",
		"an alias of texts": "- account: &r [other]\n    owner: a\n  - account: *r\n    region: x\n    owner: a\n",
	} {
		o := ownersOf(t, "rules:\n  "+rules)
		if diff := cmp.Diff(finding.Ownership{}, o.Of(ownedBucket(nil), nil)); diff != "" {
			t.Errorf("%s: a bucket of another account (-want +got):\n%s", name, diff)
		}
	}
}

func TestAnAddressOfSeveralOwnersMeansNoneOfThem(t *testing.T) {
	o := ownersOf(t, `
owners:
  - {name: network, contacts: {email: cloud@acme.example, github: acme/net}}
  - {name: orders, contacts: {email: [Cloud@acme.example, orders@acme.example]}}
  - {name: shop, aliases: [acme/net], contacts: {email: orders@acme.example, github: acme/shop}}
  - {name: sales, aliases: [shop]}
  - {name: desk, contacts: {github: acme/shop}}
rules:
  - tag: owner
  - {type: '*', owner: desk}
`)
	got := map[string]string{}
	for _, value := range []string{"cloud@acme.example", "acme/net", "orders@acme.example", "acme/shop", "shop", "SHOP", "a\u00a0b"} {
		got[value] = o.Of(ownedBucket(tagged("owner", value)), nil).Owner
	}
	want := map[string]string{
		"cloud@acme.example": "desk", "orders@acme.example": "desk", "acme/shop": "desk", // by the second rule
		"acme/net": "sales", "shop": "sales", "SHOP": "sales", "a\u00a0b": "a\u00a0b",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSpacesAndCaseOfANameDoNotMatter(t *testing.T) {
	o := ownersOf(t, "owners: [{name: Web Shop, aliases: [the shop]}]\nrules: [{tag: owner, values: {big  ones: web shop}}, {tag: owner}]\n")
	for _, value := range []string{"web shop", " Web\tSHOP ", "The  Shop", "BIG ONES", "@Web Shop"} {
		if got := o.Of(ownedBucket(tagged("owner", value)), nil).Owner; got != "Web Shop" {
			t.Errorf("%q is %q", value, got)
		}
	}
}

func TestOnlyThoseListedAreOwnersWhereThatIsSaid(t *testing.T) {
	o := ownersOf(t, "only_listed: true\nowners: [{name: payments}]\nrules: [{tag: [owner, team]}]\n")
	if got := o.Of(ownedBucket(tagged("owner", "paymnets", "team", "payments")), nil); got.Owner != "payments" {
		t.Errorf("%v", got)
	}
}

func TestWhyAResourceIsSomebodysIsExplained(t *testing.T) {
	o := ownersOf(t, `
owners: [{name: payments, contacts: {slack: "#pay"}}]
rules:
  - account: "*-audit"
    owner: payments
  - tag: [owner, team]
  - path: infra/*
    owner: payments
  - type: aws_*
    tag: cost-center
    values: {"42": payments}
`)
	rule := func(text string, line int) OwnerRule { return OwnerRule{Text: text, File: "owners.yaml", Line: line} }
	want := Explanation{Owner: "payments", Contacts: Contacts{Slack: []string{"#pay"}}, Tried: []Trial{
		{rule("account *-audit: payments", 4), Passed, "account is 111111111111, shop-prod"},
		{rule("tag owner, team", 6), Passed, "there is no tag owner, team"},
		{rule("path infra/*: payments", 7), Passed, "the resource has no path that is known"},
		{rule("tag cost-center, type aws_*", 9), Matched, `type is aws_s3_bucket; the tag CostCenter is "42"`},
	}}
	if diff := cmp.Diff(want, o.Explain(ownedBucket(tagged("CostCenter", "42")), nil)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	denied := ownedBucket(func(r *providers.Resource) { r.Unknown = map[string]providers.Reason{"tags": "denied"} })
	want = Explanation{Unknown: "denied", Tried: []Trial{want.Tried[0], {rule("tag owner, team", 6), Unsure, "the tag owner could not be read: denied"}}}
	if diff := cmp.Diff(want, o.Explain(denied, nil)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMistakesInAFileOfOwnersAreNamedWithTheirPlaces(t *testing.T) {
	for text, want := range map[string]string{
		"rules: [{tga: owner}]":                `owners.yaml:1:10: there is no key "tga": did you mean tag?`,
		"rules: [{account: x}]":                `owners.yaml:1:9: the rule says who the owner is by one of owner, tag, account_tag, project_label, github_team and codeowners`,
		"rules: [{owner: a, tag: b}]":          `owners.yaml:1:9: the rule says who the owner is by one of owner, tag, account_tag, project_label, github_team and codeowners; it has owner, tag`,
		"rules: [{owner: a, account: []}]":     `owners.yaml:1:29: account is empty, which no resource matches`,
		"rules: [{owner: a, account: ''}]":     `owners.yaml:1:29: account is empty, which no resource matches`,
		"rules: [{owner: a, values: {x: y}}]":  `owners.yaml:1:28: values go with tag, account_tag, project_label or github_team`,
		"rules: [{tag: a, values: [x]}]":       `owners.yaml:1:26: values is a section of keys: the value of a tag or a team, and the owner that it means`,
		"rules: [{codeowners: MISSING}]":       `owners.yaml:1:22: read the CODEOWNERS file: open MISSING: file does not exist`,
		"rules: [{codeowners: BAD}]":           `owners.yaml:1:22: BAD: line 2: unexpected character '!' at position 1`,
		"rules: [{codeowners: HASH}]":          `owners.yaml:1:22: HASH: line 2: a # begins a comment, also within a pattern or a name, and cannot be escaped; a comment stands behind a space`,
		"rules: [{codeowners: ESCAPED}]":       `owners.yaml:1:22: ESCAPED: line 1: a # begins a comment, also within a pattern or a name, and cannot be escaped; a comment stands behind a space`,
		"rules: [{codeowners: ROOT}]":          `owners.yaml:1:22: ROOT: line 1: / is for no file; write * for all`,
		"rules: [{codeowners: SLASHES}]":       `owners.yaml:1:22: SLASHES: line 1: two backslashes in a row cannot be read; write ? for the one that is meant`,
		"rules: [{codeowners: HUGE}]":          `owners.yaml:1:22: HUGE: it has 3145728 bytes, and GitHub reads none of 3 MB or more`,
		"rules: [{tag: a, values: {}}]":        `owners.yaml:1:26: values is empty, so that no value decides; without it the value is the owner's name`,
		"rules: [{tag: a, values: }]":          `owners.yaml:1:25: values is empty, so that no value decides; without it the value is the owner's name`,
		"rules: [{tag: a, values: {'': b}}]":   `owners.yaml:1:26: a value is empty, which no tag is`,
		"rules: [{tag: a, values: {' @': b}}]": `owners.yaml:1:26: a value is empty, which no tag is`,
		"rules: [{owner: '', tag: b}]":         `owners.yaml:1:9: the rule says who the owner is by one of owner, tag, account_tag, project_label, github_team and codeowners; it has owner, tag`,
		"rules: [{owner: }]":                   `owners.yaml:1:16: the owner has no name; nobody is called unowned`,
		"rules: [{codeowners: ' '}]":           `owners.yaml:1:22: codeowners names no file`,
		"rules: [{tag: []}]":                   `owners.yaml:1:15: tag is empty, which no resource has`,
		"owners: [{name: a, aliases: [b, ~]}]": `owners.yaml:1:33: this is empty, where a string belongs`,
		"owners: [{name: a, contacts: {email: x@y}}, {name: b, contacts: {email: x@y}}]\nrules: [{owner: x@y}]": `owners.yaml:2:17: x@y is a contact of several owners: name one of them`,
		"owners: [{name: a}]\nrules: [{owner: b}]":                                                              `owners.yaml:2:17: the owner b is not listed in owners`,
		"owners: [{name: web}]\nrules: [{owner: wbe}]":                                                          `owners.yaml:2:17: the owner wbe is not listed in owners: did you mean web?`,
		"owners: [{aliases: a}]":                                                                                `owners.yaml:1:10: the owner has no name`,
		"owners: [{name: unowned}]":                                                                             `owners.yaml:1:17: unowned is nobody: say what is to be known of it in the section unowned`,
		"owners: [{name: a}, {name: A}]":                                                                        `owners.yaml:1:28: there is another owner A at owners.yaml:1:17`,
		"owners: [{name: a, aliases: [x]}, {name: b, aliases: [X]}]":                                            `owners.yaml:1:55: X is an alias at owners.yaml:1:30 too: it cannot mean two owners`,
		"owners: [{name: a, aliases: a}]":                                                                       `owners.yaml:1:29: a is an alias of itself`,
		"owners: [{name: a, aliases: unowned}]":                                                                 `owners.yaml:1:29: unowned stands for nobody`,
		"owners: [{name: a, aliases: b}, {name: b, aliases: a}]":                                                "owners.yaml:1:52: the aliases are circular: a is part of b is part of a",
	} {
		_, err := ParseOwners([]byte(text), "owners.yaml", codeownersFile)
		if err == nil || err.Error() != want {
			t.Errorf("%s\ngot  %v\nwant %s", text, err, want)
		}
	}
}

func TestARuleThatCanNeverMatchIsSaid(t *testing.T) {
	for name, c := range map[string]struct{ rules, want string }{
		"behind one that takes everything":     {"[{resource: '*', owner: a}, {tag: owner}]", "3: it can never match: the rule at owners.yaml:2 takes everything that it would"},
		"behind the same tags":                 {"[{tag: [owner, team]}, {tag: Team}]", "3: it can never match: the rule at owners.yaml:2 takes everything that it would"},
		"behind a wider pattern":               {"[{account: '1*', owner: a}, {account: ['111111111111', '1?2*'], type: aws_s3_bucket, owner: b}]", "3: it can never match: the rule at owners.yaml:2 takes everything that it would"},
		"behind the same values":               {"[{tag: cc, values: {'4*': a}}, {tag: cc, values: {42: b}}]", "3: it can never match: the rule at owners.yaml:2 takes everything that it would"},
		"a value behind a wider one":           {"[{tag: cc, values: {'4*': a, 42: b}}]", "2: the value 42 never decides: 4* comes before it and takes it"},
		"of two clouds":                        {"[{organizational_unit: /A, folder: /B, owner: a}]", "2: it can never match: organizational_unit is of AWS, folder is of Google Cloud"},
		"a type of another cloud":              {"[{folder: /B, type: aws_*, owner: a}]", "2: it can never match: nothing of the type aws_* has a folder"},
		"what is no type":                      {"[{type: 'AWS::S3::Bucket', owner: a}]", "2: it can never match: AWS::S3::Bucket is no type such as aws_s3_bucket"},
		"a path that is not counted from here": {"[{path: /infra/*, owner: a}]", "2: it can never match: paths are counted from the repository or the working directory, as reports show them, so that none is like /infra/*"},
		"teams of something else":              {"[{github_team: admin, type: aws_*}]", "2: it can never match: nothing of the type aws_* has a github_team"},
		"teams of other things of GitHub":      {"[{github_team: admin, type: github_membership}]", "2: it can never match: nothing of the type github_membership has a github_team"},
		"teams in a folder":                    {"[{github_team: admin, folder: /B}]", "2: it can never match: folder is of Google Cloud, github_team is of GitHub"},
		"teams in a region":                    {"[{github_team: admin, region: eu-*}]", "2: it can never match: repositories of GitHub have no region"},
		"behind the same roles":                {"[{github_team: [push, admin]}, {github_team: [write, admin]}]", "3: it can never match: the rule at owners.yaml:2 takes everything that it would"},
		"behind the same teams":                {"[{github_team: [admin, write], values: {'a*': x}}, {github_team: admin, values: {ab: x}}]", "3: it can never match: the rule at owners.yaml:2 takes everything that it would"},
		"other roles first":                    {"[{github_team: [admin, write]}, {github_team: write}]", ""},
		"teams that break a tie":               {"[{github_team: admin}, {github_team: admin, values: {a: x}}]", ""},
		"teams of repositories":                {"[{github_team: admin, type: github_*}]", ""},
		"an empty CODEOWNERS file":             {"[{codeowners: EMPTY}]", "2: it can never match: EMPTY has no lines"},

		"a path of several that is not":         {"[{path: [/infra/*, infra/*], owner: a}]", "2: one of its patterns of path matches nothing: paths are counted from the repository or the working directory, as reports show them, so that none is like /infra/*"},
		"a type of several of another cloud":    {"[{folder: /B, type: [google_*, aws_*], owner: a}]", "2: one of its patterns of type matches nothing: nothing of the type aws_* has a folder"},
		"only what is listed, and nothing is":   {"[{tag: owner}, only_listed]", "2: it can never match: only those listed are owners, and nobody is listed"},
		"a file of which nobody is listed":      {"[{codeowners: CODEOWNERS}, only_listed]", "2: it can never match: nobody whom CODEOWNERS names is an owner"},
		"values, where only what is listed is":  {"[{tag: owner, values: {a: unowned}}, only_listed]", ""},
		"an earlier rule with another key":      {"[{tag: owner}, {tag: team}]", ""},
		"an earlier rule for some":              {"[{account: '1*', type: aws_s3_bucket, owner: a}, {account: '11*', owner: b}]", ""},
		"an earlier rule for names":             {"[{tag: owner}, {tag: owner, values: {none: a}}]", ""},
		"a narrower pattern first":              {"[{account: '11*', owner: a}, {account: '1*', owner: b}]", ""},
		"one character is less than any":        {"[{account: '1?', owner: a}, {account: '1*', owner: b}]", ""},
		"an earlier rule for all with a region": {"[{region: '*', owner: a}, {tag: owner}]", ""},
		"types of the cloud of the condition":   {"[{folder: /B, type: 'goo*', owner: a}]", ""},
	} {
		var text strings.Builder
		text.WriteString("rules:\n")
		for _, rule := range strings.SplitAfter(strings.Trim(c.rules, "[]"), "}, ") {
			if rule == "only_listed" {
				text.WriteString("only_listed: true\n")
				continue
			}
			text.WriteString("  - " + strings.TrimSuffix(rule, ", ") + "\n")
		}
		var got []string
		for _, i := range ownersOf(t, text.String()).Check() {
			got = append(got, fmt.Sprintf("%d: %s", i.Rule.Line, i.Message))
		}
		if strings.Join(got, "\n") != c.want {
			t.Errorf("%s\n%s\ngot  %s\nwant %s", name, text.String(), strings.Join(got, "\n"), c.want)
		}
	}
}

func TestThePatternThatCoversAnotherMatchesWhateverThatMatches(t *testing.T) {
	parts := []string{"", "a", "b", "*", "?"}
	var patterns, texts []string
	for _, x := range parts {
		for _, y := range parts {
			for _, z := range parts {
				patterns = append(patterns, x+y+z)
				if !strings.ContainsAny(x+y+z, "*?") {
					texts = append(texts, x+y+z, x+y+z+x+y)
				}
			}
		}
	}
	for _, p := range patterns {
		for _, q := range patterns {
			if !compile(p).covers(compile(q)) {
				continue
			}
			for _, s := range texts {
				if compile(q).match(s) && !compile(p).match(s) {
					t.Fatalf("%q covers %q, and only the latter matches %q", p, q, s)
				}
			}
		}
	}
}

func FuzzParseOwners(f *testing.F) {
	f.Add("owners: [{name: a, aliases: [b]}]\nrules: [{tag: [owner], values: {x: a}}, {codeowners: CODEOWNERS}]\n")
	f.Add("rules:\n  - account: '*'\n    owner: unowned\n")
	f.Fuzz(func(t *testing.T, text string) {
		o, err := ParseOwners([]byte(text), "owners.yaml", codeownersFile)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "owners.yaml") {
				t.Errorf("%q gives %v, which does not say where", text, err)
			}
			return
		}
		_ = o.Check()
		_ = o.Of(ownedBucket(nil), nil)
	})
}
