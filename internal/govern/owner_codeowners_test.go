package govern

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// TestCodeownersMeanWhatGitHubSaysTheyMean holds the file against what GitHub documents of
// it: https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
func TestCodeownersMeanWhatGitHubSaysTheyMean(t *testing.T) {
	const file = `# everything / but C:\\x#y
* @everyone # / and \\
*.js    @js # a comment behind
/build/logs/ @logs
docs/*  docs@example.com
apps/ @apps
**/secrets @acme/safe
/deploy/ @first @second
/deploy/free
/with\ space/ @spaces
/Upper/ @upper
/a/**/z.tf @between
`
	o, err := ParseOwners([]byte("rules: [{codeowners: F}]"), "owners.yaml", func(string) ([]byte, error) { return []byte(file), nil })
	if err != nil {
		t.Fatal(err)
	}
	got, want := map[string]string{}, map[string]string{
		"main.tf": "everyone", "x/main.tf": "everyone",
		"a.js": "js", "x/y/a.js": "js",
		"build/logs/a/b.tf": "logs", "x/build/logs/a.tf": "everyone", // only below the root
		"docs/a.md": "docs@example.com", "docs/x/a.md": "everyone", "x/docs/a.md": "everyone", // not further down
		"apps/a.tf": "apps", "x/apps/y/a.tf": "apps", // at any depth
		"secrets/a.tf": "acme/safe", "x/secrets/y/a.tf": "acme/safe",
		"deploy/a.tf": "first", "deploy/free/a.tf": "", "deploy/free.tf": "first", // the last line that matches
		"with space/a.tf": "spaces", "Upper/a.tf": "upper", "upper/a.tf": "everyone",
		"a/z.tf": "between", "a/b/c/z.tf": "between", "b/a/z.tf": "everyone",
		"apps/a.js": "apps",
	}
	for path := range want {
		got[path] = o.Of(ownedBucket(written(providers.Source{File: path})), nil).Owner
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzCodeowners(f *testing.F) {
	f.Add("* @a\n/x/ b@c # d\n\\#e @f\n", "x/y.tf")
	f.Add("a\\ b/**/*.tf @a\n", "a b/c/d.tf")
	f.Fuzz(func(t *testing.T, text, path string) {
		o, err := ParseOwners([]byte("rules: [{codeowners: F}]"), "owners.yaml", func(string) ([]byte, error) { return []byte(text), nil })
		if err != nil {
			return
		}
		of := o.Of(ownedBucket(written(providers.Source{File: path})), nil)
		for _, issue := range o.Check() {
			if of != (finding.Ownership{}) {
				t.Errorf("%q gives %q to %v, and %s", text, path, of, issue.Message)
			}
		}
	})
}
