package govern

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEveryMistakeInTheWaiverFileIsNamedWithItsPlace(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"an unknown key":               {"waivers:\n  - polcy: x\n", `waivers.yaml:2:5: there is no key "polcy": did you mean policy?`},
		"an unknown section":           {"waiver: []\n", `waivers.yaml:1:1: there is no key "waiver": did you mean waivers?`},
		"a list without a section":     {"- policy: x\n", `waivers.yaml:1:1: this is a list, where a section of keys belongs`},
		"text for a waiver":            {"waivers: [x]\n", `waivers.yaml:1:11: this is a string, where a section of keys belongs`},
		"a list for a text":            {"waivers:\n  - policy: [a, b]\n", `waivers.yaml:2:13: this is a list, where a string belongs`},
		"a section for a text":         {"waivers:\n  - reason: {a: b}\n", `waivers.yaml:2:13: this is a section of keys, where a string belongs`},
		"a pattern without quotes":     {"waivers:\n  - policy: *\n", `waivers.yaml:2:13: a bare * refers to something that is defined with &; put a pattern into quotes: "*"`},
		"a key twice":                  {"waivers:\n  - policy: a\n    policy: b\n", `waivers.yaml:3:5: mapping key "policy" already defined at [2:5]`},
		"two documents":                {"waivers: []\n---\nwaivers: []\n", `waivers.yaml:2:1: the file holds 2 YAML documents, separated by ---; it has to be one`},
		"a tab":                        {"waivers:\n\t- policy: a\n", "waivers.yaml:2:1: found character '\t' that cannot start any token"},
		"everything left out":          {"waivers:\n  - {}\n", "waivers.yaml:2:5: the waiver has no policy, no resource, no reason, no approver, no ticket, no expires; it takes policy, resource, reason, approver, ticket and expires"},
		"an empty waiver":              {"waivers:\n  -\n", "waivers.yaml:2:5: the waiver has no policy, no resource, no reason, no approver, no ticket, no expires; it takes policy, resource, reason, approver, ticket and expires"},
		"a blank reason, no ticket":    {"waivers:\n  - policy: a\n    resource: b\n    reason: \"  \"\n    approver: c\n    expires: 2026-12-31\n", "waivers.yaml:2:5: the waiver has no reason, no ticket; it takes policy, resource, reason, approver, ticket and expires"},
		"an account that says nothing": {"waivers:\n  - {policy: a, resource: b, reason: c, approver: d, ticket: e, expires: f,\n    account: }\n", "waivers.yaml:3:13: account is empty, and the waiver would hold without it: say what it narrows to, or leave it out"},
		"defects that are none":        {"waivers:\n  - {policy: a, resource: b, reason: c, approver: d, ticket: e, expires: f, only: []}\n", "waivers.yaml:2:83: only is empty, and the waiver would hold without it: say what it narrows to, or leave it out"},
		"an empty one of several":      {"waivers:\n  - {policy: a, resource: b, reason: c, approver: d, ticket: e, expires: f, only: [x, ' ']}\n", "waivers.yaml:2:83: only is empty, and the waiver would hold without it: say what it narrows to, or leave it out"},
		"all of several mistakes": {
			"waivers:\n  - {policy: a, resource: b, reason: c, ticket: d, expires: e}\n  - {policy: a, resource: b, reason: c, approver: d, ticket: e}\n",
			"waivers.yaml:2:5: the waiver has no approver; it takes policy, resource, reason, approver, ticket and expires\n" +
				"waivers.yaml:3:5: the waiver has no expires; it takes policy, resource, reason, approver, ticket and expires",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseWaivers([]byte(c.text), "waivers.yaml")
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestWaiversAreReadAsTheyAreWritten(t *testing.T) {
	got, err := ParseWaivers([]byte(`# exceptions
waivers:
  - policy: aws-s3-versioning
    resource: "scratch-*"
    account: 012345670123
    region: eu-*
    type: aws_s3_bucket
    only: [Owner, 4711]
    reason: >-
      Only scratch data,
      written again every night.
    approver: ann@example.com
    ticket: 4711
    expires: 2026-12-31
  - {policy: "*", resource: x, reason: r, approver: a, ticket: t, expires: 2026-07-01}
`), "conf/waivers.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := []Waiver{
		{
			Policy: "aws-s3-versioning", Resource: "scratch-*", Account: "012345670123", Region: "eu-*", Type: "aws_s3_bucket", Only: []string{"Owner", "4711"},
			Reason: "Only scratch data, written again every night.", Approver: "ann@example.com", Ticket: "4711", Expires: "2026-12-31",
			File: "conf/waivers.yaml", Line: 3,
		},
		{Policy: "*", Resource: "x", Reason: "r", Approver: "a", Ticket: "t", Expires: "2026-07-01", File: "conf/waivers.yaml", Line: 15},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAFileWithoutWaiversIsNoMistake(t *testing.T) {
	for _, text := range []string{"", "# none yet\n", "waivers:\n", "waivers: []\n", "---\nwaivers: []\n"} {
		if got, err := ParseWaivers([]byte(text), "waivers.yaml"); err != nil || len(got) > 0 {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}

func FuzzParseWaivers(f *testing.F) {
	f.Add("waivers:\n  - {policy: a, resource: b, reason: c, approver: d, ticket: e, expires: 2026-12-31}\n")
	f.Add("waivers:\n  - policy: *\n")
	f.Add("waivers: &a [*a]\n")
	f.Add("- a\n---\n? b\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ParseWaivers([]byte(text), "waivers.yaml")
		if err != nil {
			return
		}
		for _, w := range list {
			if len(w.missing()) > 0 || w.Line < 1 {
				t.Errorf("%q: accepted %+v", text, w)
			}
		}
		NewWaivers(list, Terms{Now: now, Policies: names}).Review()
	})
}
