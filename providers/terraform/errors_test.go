package terraform

import (
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf16"
)

const smallPlan = `{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{},"resource_changes":[
{"address":"aws_sqs_queue.q","mode":"managed","type":"aws_sqs_queue","name":"q","change":{"actions":["create"],"before":null,"after":{"name":"q"},"after_unknown":{}}}
],"configuration":{"root_module":{}},"complete":true,"errored":false}`

func utf16le(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		b.WriteByte(byte(u))
		b.WriteByte(byte(u >> 8))
	}
	return b.String()
}

func TestWhatIsNoWholePlanIsRefusedWithThePlaceAndTheCure(t *testing.T) {
	beforeComplete, _, _ := strings.Cut(smallPlan, `,"complete"`)
	for _, tt := range []struct {
		name, plan string
		kind       Kind
		line       int
		says       string
	}{
		{"an empty file", "", Empty, 0, "terraform show -json"},
		{"white space only", " \n\t\n", Empty, 0, "empty"},
		{"a plan that ends in a string", smallPlan[:120], Truncated, 2, "truncated"},
		{"a plan that ends between members", beforeComplete, Truncated, 3, "truncated"},
		{"a plan that lacks its last brace", smallPlan[:len(smallPlan)-1], Truncated, 3, "truncated"},
		{"text", "Terraform will perform the following actions:", Syntax, 1, `found 'T'`},
		{"a list", "[]", Syntax, 1, "not a plan"},
		{"a plan below the command that a wrapper wrote", "[command]/opt/terraform-bin show -json p\n" + smallPlan, NotPlan, 1, "terraform_wrapper"},
		{"a missing colon", `{"format_version" "1.2"}`, Syntax, 1, "':'"},
		{"a missing comma", "{\"format_version\":\"1.2\"\n\"planned_values\":{}}", Syntax, 2, "','"},
		{"a trailing comma", `{"planned_values":{"a":1,}}`, Syntax, 1, "not JSON"},
		{"a bare word", `{"planned_values":nil}`, Syntax, 1, "nil"},
		{"a number that is none", `{"planned_values":1-2}`, Syntax, 1, "no number"},
		{"an unknown escape", `{"planned_values":"\x"}`, Syntax, 1, "escape"},
		{"a member twice", `{"resource_changes":[],"resource_changes":[]}`, Syntax, 1, "twice"},
		{"nesting without end", `{"planned_values":` + strings.Repeat("[", 5000), Syntax, 1, "nested"},
		{"modules in modules without end", `{"configuration":{"root_module":` + strings.Repeat(`{"module_calls":{"m":{"module":`, 5000), Syntax, 1, "nested more than 1000 levels deep"},
		{"two plans", smallPlan + "\n" + smallPlan, Concatenated, 4, "several plans"},
		{"a plan and a log line", smallPlan + "\nReleasing state lock", Concatenated, 4, "something else ('R') follows the plan"},
		{"UTF-16 with a mark", "\xff\xfe" + utf16le(smallPlan), Encoding, 1, "UTF-16"},
		{"UTF-16 without a mark", utf16le(smallPlan), Encoding, 1, "UTF-16"},
		{"Latin-1", strings.Replace(smallPlan, `"name":"q"`, "\"name\":\"caf\xe9\"", 1), Encoding, 2, "UTF-8"},
		{"a saved plan", "PK\x03\x04\x14\x00\x08\x00", NotPlan, 1, "Terraform's own format"},
		{"other JSON", `{"hello":"world"}`, NotPlan, 0, "not a plan"},
		{"a plan's shape without a version", `{"planned_values":{},"resource_changes":[]}`, NotPlan, 0, "format_version"},
		{"the log of terraform plan -json", "{\"@level\":\"info\",\"@message\":\"Terraform 1.11\"}\n{\"@level\":\"info\"}\n", NotPlan, 2, "log"},
		{"one line of the log", `{"@level":"info","@message":"Terraform 1.11"}`, NotPlan, 0, "log"},
		{"a state file", `{"version":4,"terraform_version":"1.11.4","serial":3,"lineage":"x","resources":[]}`, State, 0, "state"},
		{"a shown state", `{"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{}}}`, State, 0, "state"},
		{"a plan that OpenTofu encrypted", `{"meta":{"key_provider.pbkdf2.k":"e30="},"encrypted_data":"SIK=","encryption_version":"v0"}`, NotPlan, 0, "encrypted"},
		{"a state that OpenTofu encrypted", `{"serial":1,"lineage":"x","meta":{},"encrypted_data":"SIK=","encryption_version":"v0"}`, NotPlan, 0, "encrypted"},
		{"a version to come", strings.Replace(smallPlan, `"1.2"`, `"2.0"`, 1), Version, 0, `"2.0"`},
		{"an errored run", strings.Replace(smallPlan, `"errored":false`, `"errored":true`, 1), FailedRun, 0, "failed"},
		{"an incomplete plan", strings.Replace(smallPlan, `"complete":true`, `"complete":false`, 1), Incomplete, 0, "-target"},
		{"deferred changes", strings.Replace(smallPlan, `"complete":true`, `"deferred_changes":[{"reason":"x"}]`, 1), Incomplete, 0, "another run"},
		{"a change without a type", strings.Replace(smallPlan, `"type":"aws_sqs_queue",`, "", 1), NotPlan, 2, "lacks"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Open(strings.NewReader(tt.plan), int64(len(tt.plan)), Options{Name: "plan.json", Schemas: schemas(t)})
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if e.Kind != tt.kind || e.Line != tt.line || !strings.Contains(e.Error(), tt.says) || e.Fix == "" {
				t.Errorf("got kind %s, line %d, %q; want %s, line %d and %q in it", e.Kind, e.Line, e.Error(), tt.kind, tt.line, tt.says)
			}
		})
	}
}

func TestEveryPrefixOfAPlanIsRefused(t *testing.T) {
	for i := range smallPlan {
		if _, err := Open(strings.NewReader(smallPlan[:i]), int64(i), Options{Name: "plan.json", Schemas: schemas(t)}); err == nil {
			t.Fatalf("the first %d of %d bytes were taken for a plan", i, len(smallPlan))
		}
	}
}

func TestWhatIsAPlanIsRead(t *testing.T) {
	for _, tt := range []struct{ name, plan string }{
		{"as it is", smallPlan},
		{"with a UTF-8 mark", "\xef\xbb\xbf" + smallPlan},
		{"with white space around it", "\r\n " + smallPlan + "\n\n"},
		{"format 0.1", strings.Replace(smallPlan, `"1.2"`, `"0.1"`, 1)},
		{"format 0.2", strings.Replace(smallPlan, `"1.2"`, `"0.2"`, 1)},
		{"format 1.9", strings.Replace(smallPlan, `"1.2"`, `"1.9"`, 1)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := collect(t, open(t, tt.plan, Options{})).resources; len(got) != 1 || got[0].ID != "aws_sqs_queue.q" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestAPlanWithoutChangesIsRead(t *testing.T) {
	p := open(t, `{"format_version":"1.2","planned_values":{"root_module":{}},"configuration":{"root_module":{}}}`, Options{})
	got := collect(t, p)
	if len(got.resources)+len(got.planned) > 0 || len(p.Types()) > 0 || len(p.Summary().Actions) > 0 {
		t.Errorf("got %+v, %v, %+v", got, p.Types(), p.Summary())
	}
}

func TestAnIncompletePlanLeavesOpenWhatMayConfigureAResource(t *testing.T) {
	plan := strings.Replace(smallPlan, `"complete":true`, `"complete":false`, 1)
	plan = strings.Replace(plan, `"after":{`, `"after":{"policy":"","kms_master_key_id":"k",`, 1)
	r := collect(t, open(t, plan, Options{AllowIncomplete: true})).resources[0]
	if r.Unknown["policy"] != deferred || r.Attributes["kms_master_key_id"] != "k" {
		t.Errorf("got %+v", r)
	}
}

// failing is a file that cannot be read to its end.
type failing struct{ io.ReaderAt }

var errDisk = errors.New("disk on fire")

func (f failing) ReadAt(b []byte, off int64) (int, error) {
	if off+int64(len(b)) > 200 {
		b = b[:max(0, 200-off)]
		n, _ := f.ReaderAt.ReadAt(b, off)
		return n, errDisk
	}
	return f.ReaderAt.ReadAt(b, off)
}

func TestAFileThatCannotBeReadIsNoTruncatedPlan(t *testing.T) {
	_, err := Open(failing{strings.NewReader(smallPlan)}, int64(len(smallPlan)), Options{Name: "plan.json", Schemas: schemas(t)})
	var e *Error
	if !errors.As(err, &e) || e.Kind != Unreadable || !errors.Is(err, errDisk) {
		t.Errorf("got %v", err)
	}
}
