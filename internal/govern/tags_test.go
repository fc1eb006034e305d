package govern

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/providers"
)

func TestTheStandardSaysTheParametersOfTheTaggingPolicies(t *testing.T) {
	s, err := ParseTags([]byte(`
keys:
  - key: Owner
    required: true
  - key: Environment
    required: true
    except: [github_*]
    values: [prod, Test]
    other_names: env
  - key: CostCenter
    required: [aws_*, github_repository]
    except: [aws_iam_*]
    pattern: '[0-9]{4}'
  - key: Data
key_pattern: '[A-Z][A-Za-z]+'
case_sensitive: false
placeholders: [tbd, test]
expiry: []
exclude_types: [aws_iam_role]
`), "tags.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"canonical_keys": []any{"Owner", "Environment", "CostCenter", "Data"},
		"required_tags":  []any{"Owner", "Environment"},
		"required_tags_by_type": map[string]any{
			"aws_*": []any{"Owner", "Environment", "CostCenter"}, "aws_iam_*": []any{"Owner", "Environment"},
			"github_*": []any{"Owner"}, "github_repository": []any{"Owner", "CostCenter"},
		},
		"allowed_values":     map[string]any{"Environment": []any{"prod", "Test"}, "CostCenter": "[0-9]{4}"},
		"other_names":        map[string]any{"Environment": []any{"env"}},
		"real_values":        map[string]any{"Environment": []any{"prod", "test"}},
		"key_pattern":        "[A-Z][A-Za-z]+",
		"case_sensitive":     false,
		"placeholder_values": []any{"tbd", "test"},
		"expiry_keys":        []any{},
		"exclude_types":      []any{"aws_iam_role"},
	}
	if diff := cmp.Diff(want, s.Params()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if at := s.At("key_pattern"); at != "tags.yaml:15:14" {
		t.Errorf("key_pattern is at %s", at)
	}
	notes := []string{"tags.yaml:11:15: no policy knows the type github_repository: did you mean github_repositori?"}
	if diff := cmp.Diff(notes, s.Notes([]string{"github_repositori", "aws_iam_role"})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheStandardSaysWhichKeysAreInheritedFromWhat(t *testing.T) {
	s, err := ParseTags([]byte(`
keys:
  - {key: Owner, inherit: [account, project]}
  - {key: Environment, other_names: [env], inherit: project}
  - {key: DataClass, inherit: []}
  - {key: Name}
`), "tags.yaml")
	want := []InheritedKey{
		{Key: "Owner", From: []providers.Holder{providers.Account, providers.Project}},
		{Key: "Environment", Names: []string{"env"}, From: []providers.Holder{providers.Project}},
	}
	if diff := cmp.Diff(want, s.Inherited()); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestAStandardThatSaysNothingChangesNothing(t *testing.T) {
	s, err := ParseTags(nil, "tags.yaml")
	if diff := cmp.Diff(map[string]any{}, s.Params()); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}

func TestMistakesInAStandardAreNamedWithTheirPlaces(t *testing.T) {
	for text, want := range map[string]string{
		"keys: [{kee: a}]":                              `tags.yaml:1:9: there is no key "kee": did you mean key?`,
		"keys: [{required: true}]":                      `tags.yaml:1:8: the key has no name`,
		"keys: [{key: CostCenter}, {key: cost-center}]": `tags.yaml:1:33: cost-center is the key at tags.yaml:1:14, written differently or again`,
		"keys: [{key: a, values: [b], pattern: c}]":     `tags.yaml:1:39: a has values and a pattern: it is one of the two`,
		"keys: [{key: a, pattern: '['}]":                "tags.yaml:1:26: [ is no regular expression: error parsing regexp: missing closing ]: `[`",
		"keys: [{key: a, except: [aws_*]}]":             `tags.yaml:1:25: a is required nowhere, so that nothing is an exception`,
		"keys: [{key: a, required: ['*_bucket']}]":      `tags.yaml:1:27: "*_bucket" is neither a type nor the beginning of one, such as aws_s3_*`,
		"keys: [{key: a, required: {b: c}}]":            `tags.yaml:1:27: this is a section of keys, where a string or a list of strings belongs`,
		"key_pattern: '('":                              "tags.yaml:1:14: ( is no regular expression: error parsing regexp: missing closing ): `(`",
		"keys: [{key: a, inherit: organization}]":       `tags.yaml:1:26: nothing inherits tags from "organization": it is account, project or both`,
		"keys: [{key: a, inherit: [account, account]}]": `tags.yaml:1:26: account is there twice`,
		"keys: [{key: a, inherit: true}]":               `tags.yaml:1:26: nothing inherits tags from "true": it is account, project or both`,
		"keys: [{key: a, pattern: 'a)|(b'}]":            "tags.yaml:1:26: a)|(b is no regular expression: error parsing regexp: unexpected ): `a)|(b`",
		`keys: [{key: a, pattern: '\Qa'}]`:              "tags.yaml:1:26: \\Qa is no regular expression: error parsing regexp: missing closing ): `^(?:\\Qa)$`",
		"exclude_types: ['']":                           `tags.yaml:1:16: "" is neither a type nor the beginning of one, such as aws_s3_*`,
	} {
		if _, err := ParseTags([]byte(text), "tags.yaml"); err == nil || err.Error() != want {
			t.Errorf("%s\ngot  %v\nwant %s", text, err, want)
		}
	}
}

func FuzzParseTags(f *testing.F) {
	f.Add("keys: [{key: a, required: [aws_*], except: [aws_iam_*], values: [x]}]\nexpiry: ttl\n")
	f.Fuzz(func(_ *testing.T, text string) {
		if s, err := ParseTags([]byte(text), "tags.yaml"); err == nil {
			_ = s.Params()
		}
	})
}
