package engine

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// shipped loads policies as the shipped ones are: with an index and plans.
func shipped(t *testing.T, files map[string]string) *Engine {
	t.Helper()
	example := strings.Replace(thingSchema, `"rules": {`, `"rules": {"examples": [[{"port": 22, "cidrs": ["0.0.0.0/0"], "peer": null}]], `, 1)
	fsys := fstest.MapFS{
		"schemas/test_thing.json": {Data: []byte(example)},
		"schemas/test_other.json": {Data: []byte(otherSchema)},
	}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	x, err := Index(fsys)
	if err != nil {
		t.Fatal(err)
	}
	pl, err := Plans(t.Context(), fsys)
	if err != nil {
		t.Fatal(err)
	}
	fsys[IndexFile], fsys[PlansFile] = &fstest.MapFile{Data: x}, &fstest.MapFile{Data: pl}
	e, err := Load(Source{FS: fsys, Builtin: true})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestPlainDoubtsNeedNoCompiler(t *testing.T) {
	joins := "#   uses: {test_other: [public, thing]}\n"
	for name, tc := range map[string]struct {
		custom, rules string
		unknown       string
		want          finding.Verdict
		argued        bool // it takes OPA to say
	}{
		"compared with a constant":         {"", `deny contains {"message": "m", "path": "kms_key"} if input.resource.attributes.kms_key == "alias/aws/s3"`, "kms_key", finding.Unknown, false},
		"compared with a number":           {"", `deny contains {"message": "m", "path": "retention"} if input.resource.attributes.retention < 30`, "retention", finding.Unknown, false},
		"whether there is any":             {"", `deny contains {"message": "m", "path": "kms_key"} if not input.resource.attributes.kms_key`, "kms_key", finding.Unknown, false},
		"a null in it":                     {"", `deny contains {"message": "m", "path": "versioning"} if input.resource.attributes.versioning.mfa == null`, "versioning", finding.Unknown, true},
		"an example of the schema":         {"", openRule, "rules", finding.Unknown, false},
		"a resource that it may name":      {joins, `deny contains {"message": "m", "path": "kms_key"} if input.related.test_other[input.resource.attributes.kms_key].attributes.public`, "kms_key", finding.Unknown, false},
		"beside a body that holds":         {"", "fine if input.resource.attributes.kms_key == \"x\"\nfine if input.resource.attributes.encrypted\n" + `deny contains {"message": "m", "path": "kms_key"} if not fine`, "kms_key", finding.Pass, false},
		"beside a body that does not hold": {"", "fine if input.resource.attributes.kms_key == \"x\"\nfine if not input.resource.attributes.encrypted\n" + `deny contains {"message": "m", "path": "kms_key"} if not fine`, "kms_key", finding.Unknown, false},
		"with no value at all":             {"", `deny contains {"message": "m", "path": "kms_key"} if { input.resource.attributes.kms_key == "x"; input.resource.attributes.retention > 100 }`, "kms_key", finding.Pass, true},
	} {
		t.Run(name, func(t *testing.T) {
			e := shipped(t, map[string]string{"p.rego": policy("p", tc.custom, tc.rules)})
			s := session(t, e)
			r := thing(nil)
			delete(r.Attributes, tc.unknown)
			r.Unknown = map[string]providers.Reason{tc.unknown: providers.Denied}
			rel := NewRelated()
			rel.Add(providers.Resource{Type: "test_other", ID: "other", Attributes: map[string]any{"public": true, "thing": "thing"}})
			got := judge(t, s, r, rel)["p"]
			if got.Verdict != tc.want {
				t.Errorf("the verdict is %s, want %s", got.Verdict, tc.want)
			}
			if diff := cmp.Diff(tc.argued, s.ready["test-p"].own != nil); diff != "" {
				t.Errorf("compiled (-want +got):\n%s", diff)
			}
		})
	}
}
