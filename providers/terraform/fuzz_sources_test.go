package terraform

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/metsuke-dev/metsuke/providers"
)

// sourcePieces are what the seeds of FuzzSources are made of: what an HCL parser, and what
// follows expressions through modules, may stumble over.
func sourcePieces() []string {
	return []string{
		"resource \"aws_sqs_queue\" \"single\" {\n  name = local.name\n}\n",
		"# metsuke:ignore aws-sqs-* until=2026-12-31 reason=\"x\"\nresource \"aws_sqs_queue\" \"single\" {}\n",
		"locals {\n  a = local.b\n  b = local.a\n}\n",
		"module \"queue\" {\n  source = \"./queue\"\n  for_each = toset([for k, v in local.m : k])\n}\n",
		"module \"loop\" {\n  source = \".\"\n}\n",
		"output \"o\" {\n  value = <<-EOT\n    ${jsonencode({a = [1, \"${aws_sqs_queue.single[*].arn}\"]})}\n  EOT\n}\n",
		"resource \"aws_sqs_queue_policy\" \"single\" {\n  dynamic \"x\" {\n    for_each = [1]\n    content {\n      y = x.value\n    }\n  }\n  policy = data.aws_iam_policy_document.d.json\n}\n",
		`{"resource": {"aws_sqs_queue": {"single": {"name": "${local.name}"}}}}`,
		"\xef\xbb\xbfresource \"\xff\" {",
		strings.Repeat("a = [", 200),
	}
}

// FuzzSources reads a plan beside configuration files of any content: what they say about
// places and values must not upset the reading, whatever it is.
func FuzzSources(f *testing.F) {
	main, err := os.ReadFile("testdata/references/main.tf")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(main), "", false)
	pieces := sourcePieces()
	for i, p := range pieces {
		f.Add(p, pieces[(i+1)%len(pieces)], i%2 == 0)
	}
	plan := referencesPlan(f)
	f.Fuzz(func(t *testing.T, root, queue string, asJSON bool) {
		name := "main.tf"
		if asJSON {
			name = "main.tf.json"
		}
		files := fstest.MapFS{name: {Data: []byte(root)}, "queue/main.tf": {Data: []byte(queue)}, "override.tf": {Data: []byte(queue)}}
		p, err := Open(strings.NewReader(plan), int64(len(plan)), Options{Name: "plan.json", Schemas: schemas(t), Sources: files})
		if err != nil {
			t.Fatalf("the plan is sound: %v", err)
		}
		lines := map[string]int{name: strings.Count(root, "\n") + 1, "queue/main.tf": strings.Count(queue, "\n") + 1, "override.tf": strings.Count(queue, "\n") + 1}
		within := func(s *providers.Source) {
			if s == nil || s.File == "" {
				return
			}
			if most, ok := lines[s.File]; !ok || s.Line < 1 || s.Line > most {
				t.Errorf("%s is at line %d of %s, which has %d", s.Address, s.Line, s.File, most)
			}
		}
		for _, r := range collect(t, p).resources {
			within(r.Source)
			for _, a := range slices.Sorted(maps.Keys(r.Attributes)) {
				within(p.Locate(r, a, ""))
				within(p.Locate(r, a+".0.statements.1.sid", "x"))
			}
		}
		for _, c := range p.Comments("metsuke:ignore") {
			if most := lines[c.File]; c.Line < 1 || c.Line > most || c.First > c.Last {
				t.Errorf("a comment is at line %d of %s, for %d to %d", c.Line, c.File, c.First, c.Last)
			}
		}
		_, _ = SourceComments(files, ".", "metsuke:ignore")
		_ = OpenConfiguration(files, ".").Locate(`module.queue["a"].aws_sqs_queue.this[0]`)
	})
}

// FuzzState reads states of any text.
func FuzzState(f *testing.F) {
	f.Add(nestedState)
	f.Add(`{"format_version":"1.0","terraform_version":"1.11.4"}`)
	f.Add(`{"format_version":"1.0","values":{"root_module":{"child_modules":[{"child_modules":[{"address":"module.a[0]","resources":[{"type":"aws_sqs_queue","name":"q","index":"k\"]."}]}]}]}}}`)
	f.Add(`{"version":4,"resources":[]}`)
	f.Fuzz(func(t *testing.T, state string) {
		p, err := OpenState(strings.NewReader(state), int64(len(state)), Options{Name: "state.json", Schemas: schemas(t)})
		holdsOf(t, state, p, err)
	})
}

// FuzzComplete completes the resources of damaged plans from a live one, and checks that
// what the plan tells stays as it is.
func FuzzComplete(f *testing.F) {
	plans := []string{
		fixture(f, res{address: "aws_s3_bucket.logs", action: "update", before: bucketState(nil), after: bucketState(obj{"tags_all": obj{"a": "b"}})}, res{address: "aws_s3_bucket_logging.l", action: "update", after: obj{"bucket": "logs", "target_bucket": "x"}}),
		fixture(f, ingressRule("update", "a", "10.0.0.0/8", 22, obj{"cidr": "0.0.0.0/0", "port": 443}), ingressRule("delete", "b", "0.0.0.0/0", 80, nil)),
		fixture(f, res{address: "aws_iam_role_policy_attachment.a", after: obj{"role": "deploy", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}}),
	}
	lives := []providers.Resource{
		liveBucket(map[string]providers.Reason{"policy": providers.Denied, "versioning.mfa_delete": providers.Throttled}),
		liveGroup(saved(obj{"cidr_blocks": []any{"0.0.0.0/0"}, "from_port": 443, "to_port": 443})),
		{Type: "aws_iam_role", ID: "arn:aws:iam::111111111111:role/deploy", Attributes: obj{"managed_policy_arns": []any{"a", "b"}}, Unknown: map[string]providers.Reason{"managed_policy_arns.1": providers.Denied}},
	}
	for i := range plans {
		f.Add(uint8(i), []byte{})
		f.Add(uint8(i), []byte{3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3})
	}
	f.Fuzz(func(t *testing.T, sample uint8, choices []byte) {
		plan := damage(t, plans[int(sample)%len(plans)], choices)
		p, err := Open(strings.NewReader(plan), int64(len(plan)), Options{Name: "plan.json", Schemas: schemas(t)})
		if err != nil {
			return // that is what FuzzDamage is about
		}
		live := lives[int(sample)%len(lives)]
		for _, r := range collect(t, p).resources {
			for _, now := range append(lives, live) {
				now.Type = r.Type
				got, filled := p.Complete(r, now)
				if !filled && !reflect.DeepEqual(got, r) {
					t.Errorf("%s was changed without being completed", r.ID)
				}
				for a := range r.Attributes {
					if _, ok := got.Attributes[a]; !ok && got.Unknown[a] == "" {
						t.Errorf("%s: %s is neither there nor unknown", r.ID, a)
					}
				}
				for path := range got.Unknown {
					top, _, _ := strings.Cut(path, ".")
					if _, before := r.Attributes[top]; !before && r.Unknown[top] == "" && len(r.Unknown) > 0 && !strings.Contains(path, ".") {
						t.Errorf("%s: %s became unknown", r.ID, path)
					}
				}
			}
		}
	})
}
