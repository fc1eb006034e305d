package terraform

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestACommentBelongsToTheBlockThatItIsAboveOfOrIn(t *testing.T) {
	main := `# note: of the file

# note: above, first
// note: above, second
resource "aws_sqs_queue" "q" { # note: on the first line
  # note: in the body
  name = "q" # note: behind an argument
  tags = {
    # note: in a value
    a = "b"
  }
  redrive {
    # note: in a nested block
  }
  /* note: of another kind */
  # another prefix
  policy = <<EOT
# note: text, no comment
EOT
  //note: without a space
} # note: behind the end
# note: above the call
module "a" {
  source = "./a"
}
variable "v" {} # note: of a variable
resource "aws_sqs_queue" "below_the_variable" {}

locals {
  # note: of a local value
}
`
	files := fstest.MapFS{
		"live/main.tf":      {Data: []byte(main)},
		"live/more.tf.json": {Data: []byte(`{"//": "# note: JSON has none"}`)},
		"live/a/q.tofu":     {Data: []byte("resource \"aws_sqs_queue\" \"q\" {\r\n  # note: Windows\r\n}\r\n")},
	}
	p := open(t, fixture(t, res{address: "aws_sqs_queue.q"}, res{address: `module.a["x"].aws_sqs_queue.q`}), Options{Sources: files, SourceDir: "live"})
	want := []Comment{
		{"note: Windows", "a/q.tofu", 2, "module.a.aws_sqs_queue.q", 1, 3},
		{"note: of the file", "main.tf", 1, "", 0, 0},
		{"note: above, first", "main.tf", 3, "aws_sqs_queue.q", 5, 21},
		{"note: above, second", "main.tf", 4, "aws_sqs_queue.q", 5, 21},
		{"note: on the first line", "main.tf", 5, "aws_sqs_queue.q", 5, 21},
		{"note: in the body", "main.tf", 6, "aws_sqs_queue.q", 5, 21},
		{"note: behind an argument", "main.tf", 7, "aws_sqs_queue.q", 5, 21},
		{"note: in a value", "main.tf", 9, "", 0, 0},
		{"note: in a nested block", "main.tf", 13, "", 0, 0},
		{"note: without a space", "main.tf", 20, "aws_sqs_queue.q", 5, 21},
		{"note: behind the end", "main.tf", 21, "aws_sqs_queue.q", 5, 21},
		{"note: above the call", "main.tf", 22, "module.a", 23, 25},
		{"note: of a variable", "main.tf", 26, "", 0, 0},
		{"note: of a local value", "main.tf", 30, "", 0, 0},
	}
	if diff := cmp.Diff(want, p.Comments("note:")); diff != "" {
		t.Errorf("comments (-want +got):\n%s", diff)
	}
}

func TestACommentInAModuleThatIsCalledTwiceCountsForBothCalls(t *testing.T) {
	files := fstest.MapFS{
		"main.tf":                         {Data: []byte("module \"a\" {\n  source = \"./m\"\n}\nmodule \"b\" {\n  source = \"./m\"\n}\n")},
		"m/main.tf":                       {Data: []byte("# note: of nothing\n\nresource \"aws_sqs_queue\" \"q\" {\n  # note: of the queue\n}\n")},
		".terraform/modules/modules.json": {Data: []byte(`{"Modules":[{"Key":"a","Dir":"m"},{"Key":"b","Dir":"m"}]}`)},
	}
	p := open(t, fixture(t, res{address: "module.a.aws_sqs_queue.q"}, res{address: "module.b.aws_sqs_queue.q"}), Options{Sources: files})
	want := []Comment{
		{"note: of nothing", "m/main.tf", 1, "", 0, 0},
		{"note: of the queue", "m/main.tf", 4, "module.a.aws_sqs_queue.q", 3, 5},
		{"note: of the queue", "m/main.tf", 4, "module.b.aws_sqs_queue.q", 3, 5},
	}
	if diff := cmp.Diff(want, p.Comments("note:")); diff != "" {
		t.Errorf("comments (-want +got):\n%s", diff)
	}
}

func TestTheCommentsOfFetchedModulesDoNotCount(t *testing.T) {
	files := fstest.MapFS{
		"main.tf":                         {Data: []byte("module \"a\" {\n  source = \"corp/a/aws\"\n}\n")},
		".terraform/modules/modules.json": {Data: []byte(`{"Modules":[{"Key":"a","Dir":".terraform/modules/a"}]}`)},
		".terraform/modules/a/main.tf":    {Data: []byte("# note: theirs\nresource \"aws_sqs_queue\" \"q\" {}\n")},
	}
	p := open(t, fixture(t, res{address: "module.a.aws_sqs_queue.q"}), Options{Sources: files})
	if got := p.Comments("note:"); len(got) > 0 {
		t.Errorf("got %+v", got)
	}
	if got := open(t, fixture(t), Options{}).Comments("note:"); len(got) > 0 {
		t.Errorf("without sources: %+v", got)
	}
}
