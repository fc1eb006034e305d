package terraform

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/providers"
)

func TestAConfigurationLocatesResourcesWithoutAPlan(t *testing.T) {
	c := OpenConfiguration(fstest.MapFS{
		"live/main.tf":             {Data: []byte("module \"a\" {\n  source = \"../modules/a\"\n}\nmodule \"far\" {\n  source = \"corp/far/aws\"\n}\nresource \"aws_sqs_queue\" \"q\" {}\n")},
		"modules/a/main.tf":        {Data: []byte("\nmodule \"b\" {\n  source = \"./b\"\n}\n")},
		"modules/a/b/main.tf.json": {Data: []byte("{\"resource\": {\"aws_sqs_queue\": {\n\"q\": {}}}}")},
	}, "live")
	got := map[string]*providers.Source{}
	for _, address := range []string{
		"aws_sqs_queue.q", `module.a["x.y"].module.b[0].aws_sqs_queue.q["k"]`, "module.far.aws_sqs_queue.q", "aws_sqs_queue.other", "module.none.aws_sqs_queue.q", "module.a", "",
	} {
		got[address] = c.Locate(address)
	}
	nested := `module.a["x.y"].module.b[0].aws_sqs_queue.q["k"]`
	want := map[string]*providers.Source{
		"aws_sqs_queue.q": {Address: "aws_sqs_queue.q", File: "main.tf", Line: 7},
		nested: {
			Address: nested, File: "../modules/a/b/main.tf.json", Line: 2,
			Calls: []providers.Place{{Address: "module.a", File: "main.tf", Line: 1}, {Address: "module.a.module.b", File: "../modules/a/main.tf", Line: 2}},
		},
		"module.far.aws_sqs_queue.q": {
			Address: "module.far.aws_sqs_queue.q", File: "main.tf", Line: 4, Calls: []providers.Place{{Address: "module.far", File: "main.tf", Line: 4}},
		},
		"aws_sqs_queue.other": nil, "module.none.aws_sqs_queue.q": nil, "module.a": nil, "": nil,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("places (-want +got):\n%s", diff)
	}
	missing := c.Missing([]string{"aws_sqs_queue.q", "module.far.x.y", "aws_sqs_queue.other[0]", "aws_sqs_queue.other[1]"})
	if diff := cmp.Diff([]string{"aws_sqs_queue.other"}, missing); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
}
