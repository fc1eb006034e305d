package config

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestEveryMistakeIsNamedWithItsPlace(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"an unknown key":                  {"scan:\n  fial_on: high\n", `metsuke.yaml:2:3: there is no key "fial_on": did you mean fail_on?`},
		"an unknown key deep below":       {"providers:\n  aws:\n    account: [x]\n", `metsuke.yaml:3:5: there is no key "account": did you mean accounts?`},
		"an unknown key of a list's item": {"outputs:\n  - format: json\n    pathh: x\n", `metsuke.yaml:3:5: there is no key "pathh": did you mean path?`},
		"text for a number":               {"scan:\n  require_coverage: ninety\n", `metsuke.yaml:2:21: ninety is not a share in percent, 0 to 100`},
		"a share that is no number":       {"scan:\n  require_coverage: .nan\n", `metsuke.yaml:2:21: .nan is not a share in percent, 0 to 100`},
		"a share below nothing":           {"scan:\n  require_coverage: -0.5\n", `metsuke.yaml:2:21: -0.5 is not a share in percent, 0 to 100`},
		"a share of more than all":        {"scan:\n  require_coverage: 101\n", `metsuke.yaml:2:21: 101 is not a share in percent, 0 to 100`},
		"a fraction for a whole number":   {"scan:\n  parallel: 3.5\n", `metsuke.yaml:2:13: 3.5 is not a whole number of 0 or more`},
		"a negative number of accounts":   {"scan:\n  parallel: -1\n", `metsuke.yaml:2:13: -1 is not a whole number of 0 or more`},
		"a number for a section":          {"scan: 3\n", `metsuke.yaml:1:7: this is a number, where a section of keys belongs`},
		"a list for a section":            {"policies: [a]\n", `metsuke.yaml:1:11: this is a list, where a section of keys belongs`},
		"an empty item of a list":         {"owner_tags:\n  -\n", `metsuke.yaml:2:5: this is empty, where a string belongs`},
		"text for a list":                 {"owner_tags: owner\n", `metsuke.yaml:1:13: this is a string, where a list belongs`},
		"a bad duration":                  {"scan:\n  timeout: 5 minutes\n", `metsuke.yaml:2:12: 5 minutes is not a duration: write 90s, 30m or 2h`},
		"a duration without a unit":       {"scan:\n  timeout: 30\n", `metsuke.yaml:2:12: 30 is not a duration: write 90s, 30m or 2h`},
		"a negative duration":             {"scan:\n  timeout: -3m\n", `metsuke.yaml:2:12: -3m is not a duration: write 90s, 30m or 2h`},
		"a key twice":                     {"scan:\n  parallel: 1\n  parallel: 2\n", `metsuke.yaml:3:3: mapping key "parallel" already defined at [2:3]`},
		"two documents":                   {"scan:\n  parallel: 1\n---\ngate: {}\n", `metsuke.yaml:3:1: the file holds 2 YAML documents, separated by ---; it has to be one`},
		"a tab":                           {"scan:\n\tparallel: 1\n", "metsuke.yaml:2:1: found character '\t' that cannot start any token"},
		"a pattern without quotes":        {"policies:\n  select: [*]\n", `metsuke.yaml:2:12: a bare * refers to something that is defined with &; put a pattern into quotes: "*"`},
		"no mapping at all":               {"hello\n", `metsuke.yaml:1:1: this is a string, where a section of keys belongs`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(c.text), "metsuke.yaml")
			if err == nil || err.Error() != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	c, err := Parse([]byte(`
providers:
  aws:
    organization:
    billed_calls: false
  github: {organizations: [acme]}
policies:
  params: {min_days: 14}
  overrides: {aws-x-y: {params: {min_days: 30}}}
scan: {timeout: 90s, parallel: 4, require_coverage: 95}
`), "metsuke.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Providers: Providers{AWS: &AWS{Organization: &Organization{}, BilledCalls: new(bool)}, GitHub: &GitHub{Organizations: []string{"acme"}}},
		Policies: Policies{
			Params:    map[string]any{"min_days": uint64(14)},
			Overrides: map[string]Override{"aws-x-y": {Params: map[string]any{"min_days": uint64(30)}}},
		},
		Scan: Scan{Timeout: Duration(90 * time.Second), Parallel: 4, RequireCoverage: 95},
	}
	if diff := cmp.Diff(want, c, cmpopts.IgnoreUnexported(Config{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for key, want := range map[string]string{"scan.parallel": "metsuke.yaml:10:32", "gate.fail_on": "metsuke.yaml", "providers.github.organizations[0]": "metsuke.yaml:6:28"} {
		if got := c.At(key); got != want {
			t.Errorf("%s is at %s, want %s", key, got, want)
		}
	}
}

func TestIdsThatBeginWithAZeroKeepIt(t *testing.T) {
	c, err := Parse([]byte("providers: {aws: {accounts: [012345670123, '000000000001', 1e3]}}\nowner_tags: [0042, true]\n"), "metsuke.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Providers: Providers{AWS: &AWS{Accounts: []string{"012345670123", "000000000001", "1e3"}}},
		OwnerTags: []string{"0042", "true"},
	}
	if diff := cmp.Diff(want, c, cmpopts.IgnoreUnexported(Config{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnEmptyFileConfiguresNothing(t *testing.T) {
	for _, text := range []string{"", "\n", "# nothing\n", "---\n", "{}\n"} {
		c, err := Parse([]byte(text), "metsuke.yaml")
		if err != nil || c.Providers.Configured() {
			t.Errorf("%q: %v, %v", text, c, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("providers:\n  aws:\n")
	f.Add("scan: {timeout: 30m, parallel: 8}\noutputs: [{format: json}]\n")
	f.Add("a: &a\n  b: *a\n")
	f.Add("? [a]\n: b\n---\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse([]byte(text), "metsuke.yaml")
		if err != nil && !strings.HasPrefix(err.Error(), "metsuke.yaml:") {
			t.Errorf("%q gives %v, which does not say where", text, err)
		}
		_ = c.At("scan.timeout")
	})
}
