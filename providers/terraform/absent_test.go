package terraform

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// outlined is a plan of a bucket, with the other members of the plan and the resources of
// the configuration beside the bucket's.
func outlined(members, resources string) string {
	return `{"format_version":"1.2","terraform_version":"1.5.7",` + members + `
 "resource_changes":[{"address":"aws_s3_bucket.b","mode":"managed","type":"aws_s3_bucket","name":"b","change":{"actions":["create"],"before":null,"after":{"bucket":"b"},"after_unknown":{"id":true}}},
  {"address":"module.a.aws_sqs_queue.q","module_address":"module.a","mode":"managed","type":"aws_sqs_queue","name":"q","change":{"actions":["no-op"],"before":{"name":"q"},"after":{"name":"q"},"after_unknown":{}}}],
 "configuration":{"root_module":{"resources":[` + resources + `{"mode":"managed","type":"aws_s3_bucket","name":"b","expressions":{"bucket":{"constant_value":"b"}}}],
  "module_calls":{"a":{"module":{"resources":[{"mode":"managed","type":"aws_sqs_queue","name":"q"},{"mode":"managed","type":"aws_sqs_queue","name":"other"}]}},
   "none":{"for_each_expression":{},"module":{"resources":[{"mode":"managed","type":"aws_sqs_queue","name":"q"}]}}}}}}`
}

const versioning = `{"mode":"managed","type":"aws_s3_bucket_versioning","name":"v","expressions":{"bucket":{"references":["aws_s3_bucket.b.id","aws_s3_bucket.b"]}}},
 {"mode":"managed","type":"aws_s3_bucket","name":"some","count_expression":{"constant_value":0}},{"mode":"data","type":"aws_region","name":"r"},`

func TestWhatAPlanLeavesOutWithoutSayingSoIsNamed(t *testing.T) {
	const why = "the plan leaves out resources of its configuration, made with -target or -exclude perhaps, and they are not judged: "
	for _, tt := range []struct {
		name, plan string
		want       []string
	}{
		{"a plan that does not say whether it is complete", outlined("", versioning), []string{why + "aws_s3_bucket_versioning.v, module.a.aws_sqs_queue.other"}},
		{"a plan that says that it is", outlined(`"complete":true,`, versioning), nil},
		{
			"a plan to destroy",
			strings.NewReplacer(`"no-op"`, `"delete"`, `"create"`, `"delete"`).Replace(outlined("", versioning)),
			nil,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, open(t, tt.plan, Options{}).Notes()); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

// The bucket may be versioned already, by a resource of the same configuration.
func TestWhatALeftOutResourceConfiguresIsUnknown(t *testing.T) {
	for resources, want := range map[string]string{versioning: "deferred", "": ""} {
		r := collect(t, open(t, outlined("", resources), Options{})).byID()["aws_s3_bucket.b"]
		if got := string(r.Unknown["versioning"]); got != want {
			t.Errorf("with %q: versioning is unknown for %q, want %q", resources, got, want)
		}
	}
}

func TestAPlanWhoseConditionsWereNotMetFailedBeforeTerraformSaidSo(t *testing.T) {
	failed := `"checks":[{"address":{"kind":"resource","to_display":"aws_s3_bucket.c"},"status":"fail"}],`
	for _, tt := range []struct {
		name, members string
		refused       bool
	}{
		{"a condition of a resource", failed, true},
		{"a condition of an output", strings.Replace(failed, `"resource"`, `"output_value"`, 1), true},
		{"a check block", strings.Replace(failed, `"resource"`, `"check"`, 1), false},
		{"a condition that holds", strings.Replace(failed, `"fail"`, `"pass"`, 1), false},
		{"a plan that says that the run did not fail", failed + `"errored":false,`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			plan := outlined(tt.members, "")
			_, err := Open(strings.NewReader(plan), int64(len(plan)), Options{Name: "plan.json", Schemas: schemas(t)})
			if refused := err != nil && strings.Contains(err.Error(), "the plan comes from a run that failed"); refused != tt.refused || err != nil && !refused {
				t.Errorf("got %v, want it refused: %v", err, tt.refused)
			}
		})
	}
}
