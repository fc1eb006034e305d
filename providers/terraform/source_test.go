package terraform

import (
	"io/fs"
	"os"
	"slices"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/providers"
)

func TestWithTheSourcesLocalValuesAreKnown(t *testing.T) {
	p := open(t, referencesPlan(t), Options{Sources: os.DirFS("testdata"), SourceDir: "references"})
	want := wantReferences()
	want["module.local.aws_sqs_queue.this"] = "module.local.aws_sqs_queue_policy.this"
	want["module.local.aws_sqs_queue.other"] = nil
	delete(want, "module.local.aws_sqs_queue_policy.this")
	if diff := cmp.Diff(want, policiesOf(t, collect(t, p))); diff != "" {
		t.Errorf("policies (-want +got):\n%s", diff)
	}
	if len(p.Notes()) > 0 {
		t.Errorf("notes: %q", p.Notes())
	}
}

func TestAResourceHasTheFileAndLineOfItsBlock(t *testing.T) {
	for _, opt := range []Options{
		{Sources: os.DirFS("testdata/references")},
		{Sources: os.DirFS("."), SourceDir: "testdata/references"},
	} {
		got := collect(t, open(t, referencesPlan(t), opt)).byID()
		for id, want := range map[string]providers.Source{
			"aws_sqs_queue.single":                    {File: "main.tf", Line: 6},
			`aws_sqs_queue.keyed["a"]`:                {File: "main.tf", Line: 15},
			`module.queue["b"].aws_sqs_queue.this[0]`: {Module: `module.queue["b"]`, File: "queue/main.tf", Line: 1, Calls: []providers.Place{{Address: "module.queue", File: "main.tf", Line: 86}}},
		} {
			want.Address, want.Action = id, "create"
			if diff := cmp.Diff(&want, got[id].Source); diff != "" {
				t.Errorf("%s (-want +got):\n%s", id, diff)
			}
		}
	}
}

// moduleQueue is a queue two modules deep.
func moduleQueue() res {
	return res{address: `module.a["x"].module.b.aws_sqs_queue.q`, after: obj{"name": "q"}, unknown: obj{"id": true}}
}

func TestAResourceOfAModuleThatIsNotThereHasTheLineOfTheCall(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files fstest.MapFS
		file  string
		line  int
	}{
		{"the root calls it", fstest.MapFS{"main.tf": {Data: []byte("\nmodule \"a\" {\n  source = \"./a\"\n}\n")}}, "main.tf", 2},
		{
			"a module calls it", fstest.MapFS{
				"main.tf":     {Data: []byte("module \"a\" {\n  source = \"./a\"\n}\n")},
				"a/b.tf.json": {Data: []byte("{\n\"module\": {\n\"b\": {\n\"source\": \"./b\"}}}")},
			}, "a/b.tf.json", 3,
		},
		{
			"it is a copy that terraform init made", fstest.MapFS{
				"main.tf":                         {Data: []byte("module \"a\" {\n  source = \"corp/a/aws\"\n}\n")},
				".terraform/modules/modules.json": {Data: []byte(`{"Modules":[{"Key":"","Dir":"."},{"Key":"a","Dir":".terraform/modules/a"},{"Key":"a.b","Dir":".terraform/modules/a/b"}]}`)},
				".terraform/modules/a/b/q.tofu":   {Data: []byte("resource \"aws_sqs_queue\" \"q\" {}\n")},
			}, "main.tf", 1,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := collect(t, open(t, fixture(t, moduleQueue()), Options{Sources: tt.files})).resources[0].Source
			if got.File != tt.file || got.Line != tt.line {
				t.Errorf("got %s:%d, want %s:%d", got.File, got.Line, tt.file, tt.line)
			}
		})
	}
}

func TestSourcesThatDoNotFitGiveANoteAndNoPosition(t *testing.T) {
	plan := fixture(t, res{address: "aws_sqs_queue.q", after: obj{"name": "q"}, unknown: obj{"id": true}, config: obj{"name": "q"}})
	for _, tt := range []struct {
		name  string
		files fs.FS
		notes []string
	}{
		{"another configuration", fstest.MapFS{"main.tf": {Data: []byte("resource \"aws_sqs_queue\" \"other\" {}\n")}}, []string{"the sources of the root module do not fit the plan, so findings there have no lines: they lack aws_sqs_queue.q; the plan lacks aws_sqs_queue.other"}},
		{"another version of the resource", fstest.MapFS{"main.tf": {Data: []byte("resource \"aws_sqs_queue\" \"q\" {\n  delay_seconds = 1\n}\n")}}, []string{"the sources of the root module differ from the plan, so findings have no lines there: aws_sqs_queue.q"}},
		{"a file that is not HCL", fstest.MapFS{"main.tf": {Data: []byte("resource {{{")}}, []string{
			"the sources cannot be read in full: main.tf:1: Argument or block definition required",
			"the sources of the root module do not fit the plan, so findings there have no lines: they lack aws_sqs_queue.q",
		}},
		{"an empty directory", fstest.MapFS{}, []string{"the sources have no configuration files of the root module, so findings have no lines"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := open(t, plan, Options{Sources: tt.files})
			got := collect(t, p).resources[0].Source
			if got.File != "" || got.Line != 0 || !slices.Equal(p.Notes(), tt.notes) {
				t.Errorf("got %+v with the notes %q", got, p.Notes())
			}
		})
	}
}

func TestSourcesOfAnotherStateOfTheConfigurationDecideNothing(t *testing.T) {
	// The local of these files names the wrong queue, but they declare a queue that
	// the plan does not have.
	files := fstest.MapFS{
		"main.tf":     {Data: []byte("module \"local\" {\n  source = \"./two\"\n}\n")},
		"two/main.tf": {Data: []byte("locals {\n  url = aws_sqs_queue.other.id\n}\nresource \"aws_sqs_queue\" \"this\" {}\nresource \"aws_sqs_queue\" \"other\" {}\nresource \"aws_sqs_queue\" \"third\" {}\nresource \"aws_sqs_queue_policy\" \"this\" {\n  queue_url = local.url\n}\n")},
	}
	got := policiesOf(t, collect(t, open(t, referencesPlan(t), Options{Sources: files})))
	if got["module.local.aws_sqs_queue.this"] != "?" || got["module.local.aws_sqs_queue.other"] != "?" {
		t.Errorf("got %v and %v", got["module.local.aws_sqs_queue.this"], got["module.local.aws_sqs_queue.other"])
	}
}
