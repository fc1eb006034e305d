package terraform

import (
	"cmp"
	"strings"
	"testing"
	"testing/fstest"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/providers"
)

// lineOf returns the number of the first line with the text.
func lineOf(t *testing.T, text, with string) int {
	t.Helper()
	before, _, ok := strings.Cut(text, with)
	if !ok {
		t.Fatalf("no line with %q", with)
	}
	return strings.Count(before, "\n") + 1
}

func TestAFindingHasTheLineOfTheAttributeThatItIsAbout(t *testing.T) {
	main := `
resource "aws_s3_bucket" "b" { # the bucket
  bucket = "b"
  tags = {
    Owner       = "" # the owner
    cost-center = "1"
  }
}
resource "aws_s3_bucket_versioning" "v" { # the versioning
  bucket = aws_s3_bucket.b.id
  versioning_configuration { # its configuration
    status = "Suspended" # the status
  }
}
resource "aws_s3_bucket_public_access_block" "p" { # the public access block
  bucket            = aws_s3_bucket.b.id
  block_public_acls = false # whether ACLs
}
resource "aws_s3_bucket_acl" "a" {
  bucket = aws_s3_bucket.b.id
  acl    = "public-read" # the ACL
}
resource "aws_s3_bucket_lifecycle_configuration" "l" { # the lifecycle
  bucket = aws_s3_bucket.b.id
  dynamic "rule" { # the rules
    for_each = []
    content {
      status = "Enabled"
    }
  }
}
resource "aws_security_group" "one" { # the group
  name = "one"
}
resource "aws_vpc_security_group_ingress_rule" "ssh" { # the rule for SSH
  security_group_id = aws_security_group.one.id
  ip_protocol       = "tcp"
  from_port         = 22
}
resource "aws_vpc_security_group_ingress_rule" "web" { # the rule for the web
  for_each          = toset(["80", "443"])
  security_group_id = aws_security_group.one.id
  ip_protocol       = "tcp"
  from_port         = 22
}
resource "aws_security_group" "inline" {
  ingress { # the inline rule for the web
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  ingress { # the inline rule for SSH
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_security_group" "computed" {
  ingress {
    from_port = 443
    to_port   = var.port
    protocol  = "tcp"
  }
  ingress { # the rule for SSH beside a computed one
    from_port = 22
    to_port   = 22
    protocol  = "tcp"
  }
}
`
	rule := func(name, key string, port int) res {
		address := "aws_vpc_security_group_ingress_rule." + name
		if key != "" {
			address += `["` + key + `"]`
		}
		return res{
			address: address, after: obj{"ip_protocol": "tcp", "from_port": port, "to_port": port, "cidr_ipv4": "0.0.0.0/0"}, unknown: obj{"id": true, "security_group_id": true},
			config: obj{"security_group_id": "=aws_security_group.one.id", "ip_protocol": "tcp", "from_port": 22},
		}
	}
	inline := func(name string) res {
		block := func(port int) obj {
			return obj{"from_port": port, "to_port": port, "protocol": "tcp", "cidr_blocks": []any{"0.0.0.0/0"}}
		}
		return res{
			address: "aws_security_group." + name, after: obj{"ingress": []any{block(22), block(443)}}, unknown: obj{"id": true},
			config: obj{"ingress": []any{obj{"from_port": 22}, obj{"from_port": 443}}},
		}
	}
	plan := fixture(
		t,
		res{address: "aws_s3_bucket.b", after: obj{"bucket": "b", "tags": obj{"Owner": ""}}, unknown: obj{"id": true}, config: obj{"bucket": "b", "tags": "=var.tags"}},
		res{
			address: "aws_s3_bucket_versioning.v", after: obj{"bucket": "b", "versioning_configuration": []any{obj{"status": "Suspended"}}}, unknown: obj{"id": true},
			config: obj{"bucket": "=aws_s3_bucket.b.id", "versioning_configuration": []any{obj{"status": "Suspended"}}},
		},
		res{address: "aws_s3_bucket_public_access_block.p", after: obj{"bucket": "b", "block_public_acls": false}, config: obj{"bucket": "=aws_s3_bucket.b.id", "block_public_acls": false}},
		res{address: "aws_s3_bucket_acl.a", after: obj{"bucket": "b", "acl": "public-read"}, config: obj{"bucket": "=aws_s3_bucket.b.id", "acl": "public-read"}},
		res{address: "aws_s3_bucket_lifecycle_configuration.l", after: obj{"bucket": "b", "rule": []any{}}, config: obj{"bucket": "=aws_s3_bucket.b.id", "rule": "=var.rules"}},
		res{address: "aws_security_group.one", after: obj{"name": "one"}, unknown: obj{"id": true, "ingress": true}, config: obj{"name": "one"}},
		rule("ssh", "", 22), rule("web", "80", 80), rule("web", "443", 443), inline("inline"), inline("computed"),
	)
	p := open(t, plan, Options{Sources: fstest.MapFS{"main.tf": {Data: []byte(main)}}})
	sent := collect(t, p).byID()
	if len(p.Notes()) > 0 {
		t.Fatalf("notes: %q", p.Notes())
	}
	for _, tt := range []struct{ id, path, key, line string }{
		{"aws_s3_bucket.b", "", "", "# the bucket"},
		{"aws_s3_bucket.b", "tags", "Owner", "# the owner"},
		{"aws_s3_bucket.b", "tags", "Team", "tags = {"},
		{"aws_s3_bucket.b", "tags.Owner", "", "# the owner"},
		{"aws_s3_bucket.b", "versioning.status", "", "# the status"},
		{"aws_s3_bucket.b", "versioning.mfa_delete", "", "# its configuration"},
		{"aws_s3_bucket.b", "public_access_block.block_public_acls", "", "# whether ACLs"},
		{"aws_s3_bucket.b", "public_access_block.block_public_policy", "", "# the public access block"},
		{"aws_s3_bucket.b", "grant", "http://acs.amazonaws.com/groups/global/AllUsers", "# the ACL"},
		{"aws_s3_bucket.b", "lifecycle_rule", "", "# the rules"},
		{"aws_s3_bucket.b", "server_side_encryption_configuration", "", "# the bucket"},
		{"aws_s3_bucket.b", "related.aws_account", "", "# the bucket"},
		{"aws_security_group.one", "ingress", "tcp/22-22", "# the rule for SSH"},
		{"aws_security_group.one", "ingress.1.cidr_blocks", "tcp/443-443", "# the rule for the web"},
		{"aws_security_group.one", "ingress", "", "# the group"},
		{"aws_security_group.inline", "ingress", "tcp/22-22", "# the inline rule for SSH"},
		{"aws_security_group.computed", "ingress", "tcp/22-22", "# the rule for SSH beside a computed one"},
	} {
		r, ok := sent[tt.id]
		if !ok {
			t.Fatalf("no %s", tt.id)
		}
		got := cmp.Or(p.Locate(r, tt.path, tt.key), r.Source)
		if want := lineOf(t, main, tt.line); got.File != "main.tf" || got.Line != want {
			t.Errorf("%s %s %s: got %s:%d, want line %d, %s", tt.id, tt.path, tt.key, got.File, got.Line, want, tt.line)
		}
	}
}

func TestARuleThatNobodyWroteHasNoLineOfAnotherRule(t *testing.T) {
	main := "resource \"aws_security_group\" \"g\" {\n  name = \"g\"\n}\nresource \"aws_security_group_rule\" \"web\" {\n  type = \"ingress\"\n  from_port = 443\n}\n"
	block := func(port int) obj {
		return obj{"from_port": port, "to_port": port, "protocol": "tcp", "cidr_blocks": []any{"0.0.0.0/0"}}
	}
	plan := fixture(
		t,
		res{address: "aws_security_group.g", action: "no-op", after: obj{"id": "sg-1", "name": "g", "ingress": []any{block(22), block(443)}}, config: obj{"name": "g"}},
		res{
			address: "aws_security_group_rule.web", action: "no-op",
			after:  obj{"security_group_id": "sg-1", "type": "ingress", "from_port": 443, "to_port": 443, "protocol": "tcp", "cidr_blocks": []any{"0.0.0.0/0"}},
			config: obj{"type": "ingress"},
		},
	)
	p := open(t, plan, Options{Sources: fstest.MapFS{"main.tf": {Data: []byte(main)}}})
	r := collect(t, p).byID()["aws_security_group.g"]
	got := map[string]int{}
	for _, key := range []string{"tcp/22-22", "tcp/443-443"} {
		got[key] = cmp.Or(p.Locate(r, "ingress", key), r.Source).Line
	}
	if diff := gocmp.Diff(map[string]int{"tcp/22-22": 1, "tcp/443-443": 4}, got); diff != "" {
		t.Errorf("lines by key (-want +got):\n%s", diff)
	}
}

func TestAnAttributeInAModuleHasTheCallsThatLeadToIt(t *testing.T) {
	files := fstest.MapFS{
		"live/main.tf":           {Data: []byte("module \"a\" {\n  source = \"../modules/a\"\n}\n")},
		"modules/a/main.tf":      {Data: []byte("\nmodule \"b\" {\n  source = \"./b\"\n}\n")},
		"modules/a/b/queue.tf":   {Data: []byte("resource \"aws_sqs_queue\" \"q\" {\n  name = \"q\"\n}\n")},
		"modules/a/b/policy.tf":  {Data: []byte("resource \"aws_sqs_queue_policy\" \"p\" {\n  queue_url = aws_sqs_queue.q.id\n  policy    = \"{}\"\n}\n")},
		"modules/a/b/README.md":  {Data: []byte("no configuration")},
		"modules/a/b/empty.tf":   {Data: nil},
		"modules/a/b/.hidden.tf": {Data: []byte("resource {{{")},
	}
	plan := fixture(
		t,
		res{address: `module.a["x"].module.b[0].aws_sqs_queue.q`, after: obj{"name": "q"}, unknown: obj{"id": true}, config: obj{"name": "q"}},
		res{
			address: `module.a["x"].module.b[0].aws_sqs_queue_policy.p`, after: obj{"policy": "{}"}, unknown: obj{"queue_url": true},
			config: obj{"queue_url": "=aws_sqs_queue.q.id", "policy": "{}"},
		},
	)
	// Terraform writes the source of a call as it stands in the configuration.
	plan = strings.Replace(plan, `"source":"./a"`, `"source":"../modules/a"`, 1)
	p := open(t, plan, Options{Sources: files, SourceDir: "live"})
	r := collect(t, p).byID()[`module.a["x"].module.b[0].aws_sqs_queue.q`]
	got := p.Locate(r, "policy.Statement", "")
	want := &providers.Source{
		Address: `module.a["x"].module.b[0].aws_sqs_queue.q`, Module: `module.a["x"].module.b[0]`, Action: "create", File: "../modules/a/b/policy.tf", Line: 3,
		Calls: []providers.Place{{Address: "module.a", File: "main.tf", Line: 1}, {Address: "module.a.module.b", File: "../modules/a/main.tf", Line: 2}},
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("source (-want +got):\n%s", diff)
	}
}

func TestAnAttributeInJSONSyntaxHasItsLine(t *testing.T) {
	main := `{
"//": "a comment",
"resource": {
"aws_s3_bucket": {"b": {
"bucket": "b"}},
"aws_s3_bucket_versioning": {"v": {
"bucket": "${aws_s3_bucket.b.id}",
"versioning_configuration": [{
"status": "Suspended"}]}}}}
`
	plan := fixture(
		t,
		res{address: "aws_s3_bucket.b", after: obj{"bucket": "b"}, unknown: obj{"id": true}, config: obj{"bucket": "b"}},
		res{
			address: "aws_s3_bucket_versioning.v", after: obj{"bucket": "b", "versioning_configuration": []any{obj{"status": "Suspended"}}},
			config: obj{"bucket": "=aws_s3_bucket.b.id", "versioning_configuration": []any{obj{"status": "Suspended"}}},
		},
	)
	p := open(t, plan, Options{Sources: fstest.MapFS{"main.tf.json": {Data: []byte(main)}}})
	r := collect(t, p).byID()["aws_s3_bucket.b"]
	if got := p.Locate(r, "versioning.status", ""); got.File != "main.tf.json" || got.Line != 9 {
		t.Errorf("got %s:%d with %q", got.File, got.Line, p.Notes())
	}
}

func TestOneOfSeveralBlocksIsToldByWhatThePlanSaysOfIt(t *testing.T) {
	rule := func(port int, source any) obj {
		return obj{"from_port": port, "to_port": port, "protocol": "tcp", "cidr_blocks": []any{source}, "description": ""}
	}
	for name, c := range map[string]struct {
		body    string // of the group, from line 2 on
		planned []any
		path    string
		line    int // 1 is the group
	}{
		"in another order than in the plan": {
			"ingress {\n  from_port = 443\n  cidr_blocks = var.a\n}\ningress {\n  from_port = 22\n  cidr_blocks = var.b\n}",
			[]any{rule(22, "0.0.0.0/0"), rule(443, "0.0.0.0/0")},
			"ingress", 6,
		},
		"beside blocks that are generated": {
			"ingress {\n  from_port = 22\n  to_port = 22\n}\ndynamic \"ingress\" {\n  for_each = var.rules\n  content {\n    from_port = 443\n    to_port = ingress.value\n  }\n}",
			[]any{rule(22, "0.0.0.0/0"), rule(443, "0.0.0.0/0")},
			"ingress", 2,
		},
		"generated": {
			"ingress {\n  from_port = 443\n  to_port = 443\n}\ndynamic \"ingress\" {\n  for_each = var.rules\n  content {\n    from_port = ingress.value\n    to_port = ingress.value\n  }\n}",
			[]any{rule(22, "0.0.0.0/0"), rule(443, "0.0.0.0/0")},
			"ingress", 6,
		},
		"by its place": {
			"ingress {\n  from_port = 443\n  cidr_blocks = var.a\n}\ningress {\n  from_port = 22\n  cidr_blocks = var.b\n}", []any{rule(22, "0.0.0.0/0"), rule(443, "0.0.0.0/0")}, "ingress.1", 2,
		},
		"none, where two may be it": {
			"ingress {\n  from_port = 22\n  cidr_blocks = var.a\n}\ningress {\n  from_port = 22\n  cidr_blocks = var.b\n}", []any{rule(22, "0.0.0.0/0"), rule(22, "10.0.0.0/8")}, "ingress", 1,
		},
		"none, where the provider writes a value in its own way": {
			"ingress {\n  from_port = 22\n  description = \"a\"\n  cidr_blocks = var.a\n}\ningress {\n  from_port = 443\n  cidr_blocks = var.b\n}",
			[]any{rule(22, "0.0.0.0/0"), rule(443, "0.0.0.0/0")},
			"ingress", 1,
		},
		"none, where the plan has fewer": {
			"ingress {\n  from_port = var.a\n}\ningress {\n  from_port = 22\n}", []any{rule(22, "0.0.0.0/0")}, "ingress", 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			main := "resource \"aws_security_group\" \"g\" {\n" + c.body + "\n}\n"
			key := "tcp/22-22"
			if c.path != "ingress" {
				key = ""
			}
			plan := fixture(t, res{address: "aws_security_group.g", after: obj{"name": "g", "ingress": c.planned}, unknown: obj{"id": true}, config: obj{"ingress": []any{obj{"from_port": 1}}}})
			p := open(t, plan, Options{Sources: fstest.MapFS{"main.tf": {Data: []byte(main)}}})
			r := collect(t, p).byID()["aws_security_group.g"]
			if got := cmp.Or(p.Locate(r, c.path, key), r.Source); got.Line != c.line || len(p.Notes()) > 0 {
				t.Errorf("line %d, want %d; notes %q\n%s", got.Line, c.line, p.Notes(), main)
			}
		})
	}
}

func TestBlocksOfAListAreToldByTheirPlace(t *testing.T) {
	main := "resource \"google_compute_instance\" \"vm\" {\n  network_interface {\n    network = var.a\n  }\n  network_interface {\n    network = var.b\n  }\n}\n"
	nic := obj{"network": "default", "access_config": []any{obj{}}, "ipv6_access_config": []any{}}
	plan := fixture(t, res{
		address: "google_compute_instance.vm", after: obj{"name": "vm", "network_interface": []any{nic, nic}}, unknown: obj{"id": true},
		config: obj{"network_interface": []any{obj{"network": "=var.a"}, obj{"network": "=var.b"}}},
	})
	p := open(t, plan, Options{Sources: fstest.MapFS{"main.tf": {Data: []byte(main)}}})
	r := collect(t, p).byID()["google_compute_instance.vm"]
	got := map[string]int{}
	for _, path := range []string{"network_interface.0", "network_interface.1", "network_interface"} {
		got[path] = cmp.Or(p.Locate(r, path, ""), r.Source).Line
	}
	if diff := gocmp.Diff(map[string]int{"network_interface.0": 2, "network_interface.1": 5, "network_interface": 1}, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}
