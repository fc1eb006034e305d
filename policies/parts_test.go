package policies_test

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/metsuke-dev/metsuke/policies"
)

// A message that lists things tells of a fault that can come to have more of them. It
// counts as grown only where the finding names them as its defects.
func TestAPolicyThatListsWhatIsWrongNamesTheParts(t *testing.T) {
	// What is listed here is no part of the fault.
	listed := map[string]string{
		"aws/elb/no_targets.rego":         "what lacks targets is the load balancer",
		"common/tags/allowed_values.rego": "what is allowed",
	}
	lists := regexp.MustCompile(`concat\("[^"]+", (\S+)`)
	seen := 0
	err := fs.WalkDir(policies.Files, ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".rego") || strings.HasSuffix(path, "_test.rego") || strings.HasPrefix(path, "lib/") {
			return err
		}
		text, err := policies.Files.ReadFile(path)
		if err != nil {
			return err
		}
		for _, found := range lists.FindAllStringSubmatch(string(text), -1) {
			if strings.HasPrefix(found[1], "input.params.") {
				continue // what the organisation asks for
			}
			seen++
			if !strings.Contains(string(text), `"defects": `) && listed[path] == "" {
				t.Errorf("%s lists %s in its message and names no defects", path, found[1])
			}
		}
		return nil
	})
	if err != nil || seen == 0 {
		t.Fatalf("%d policies list what is wrong: %v", seen, err)
	}
}

// What a statement of a resource policy lets everybody do can become more while the
// statement stays.
func TestAPolicyOnStatementsNamesWhatTheyAllow(t *testing.T) {
	err := fs.WalkDir(policies.Files, ".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".rego") || strings.HasSuffix(path, "_test.rego") {
			return err
		}
		text, err := policies.Files.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.Contains(string(text), "iam.addresses_everybody(") && strings.Contains(string(text), "iam.label(") && !strings.Contains(string(text), `"defects": `) {
			t.Errorf("%s finds statements and names no defects", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
