package terraform

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func sourceFiles(text map[string]string) fstest.MapFS {
	out := fstest.MapFS{}
	for name, s := range text {
		out[name] = &fstest.MapFile{Data: []byte(s)}
	}
	return out
}

func TestTheCommentsOfADirectoryAreThoseOfItsLocalModulesToo(t *testing.T) {
	files := sourceFiles(map[string]string{
		"infra/main.tf": `# note: a
resource "aws_s3_bucket" "logs" {}

module "one" { # note: b
  source = "../shared"
}
module "two" {
  source = "../shared"
}
module "far" {
  source = "terraform-aws-modules/vpc/aws"
}
`,
		"infra/extra.tofu":     "# note: c\n",
		"infra/.hidden.tf":     "# note: no\n",
		"infra/README.md":      "# note: no\n",
		"infra/vars.tf.json":   "{}",
		"shared/queues.tf":     "resource \"aws_sqs_queue\" \"q\" {\n  # note: d\n}\n",
		"shared/sub/other.tf":  "# note: no\n",
		"infra/deep/nobody.tf": "# note: no\n",
	})
	got, err := SourceComments(files, "infra", "note:")
	if err != nil {
		t.Fatal(err)
	}
	want := []Comment{
		{Text: "note: d", File: "../shared/queues.tf", Line: 2, Address: "module.one.aws_sqs_queue.q", First: 1, Last: 3},
		{Text: "note: d", File: "../shared/queues.tf", Line: 2, Address: "module.two.aws_sqs_queue.q", First: 1, Last: 3},
		{Text: "note: c", File: "extra.tofu", Line: 1},
		{Text: "note: a", File: "main.tf", Line: 1, Address: "aws_s3_bucket.logs", First: 2, Last: 2},
		{Text: "note: b", File: "main.tf", Line: 4, Address: "module.one", First: 4, Last: 6},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestADirectoryWhoseCommentsCannotBeReadIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"without a configuration":         {map[string]string{"README.md": ""}, ". holds no Terraform configuration"},
		"with a module that is not there": {map[string]string{"main.tf": `module "m" { source = "./m" }`}, "module m of main.tf: open m: file does not exist"},
		"with a module outside":           {map[string]string{"main.tf": `module "m" { source = "../m" }`}, "module m of main.tf: ../m is outside of the sources"},
		"with a module in a circle":       {map[string]string{"main.tf": `module "m" { source = "./m" }`, "m/main.tf": `module "n" { source = "../" }`}, "module m of main.tf: module n of m/main.tf: the module in . calls itself"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := SourceComments(sourceFiles(c.files), "", "note:")
			if err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestFilesThatAreNoHCLStillHaveTheCommentsThatCanBeRead(t *testing.T) {
	got, err := SourceComments(sourceFiles(map[string]string{"main.tf": "# note: a\nresource \"x\" {{{\n"}), "", "note:")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Comment{{Text: "note: a", File: "main.tf", Line: 1}}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
