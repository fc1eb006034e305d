package lambda

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/simcloud/awssim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/aws/internal/awstest"
)

func TestTheCollectorsKeepTheContract(t *testing.T) {
	awstest.Conform(t, nil, Collectors()...)
}

const noPolicy = `{"__error__": "ResourceNotFoundException", "message": "The resource you requested does not exist."}`

// collect reads one function of which the API says more than its name.
func collect(t *testing.T, more, policy string) ([]providers.Resource, []providers.Gap) {
	t.Helper()
	docs := fstest.MapFS{"111111111111/us-east-1/lambda.json": {Data: []byte(`{
		"ListFunctions": {"Functions": [{"FunctionName": "f", "FunctionArn": "arn:aws:lambda:us-east-1:111111111111:function:f"` + more + `}]},
		"GetPolicy": ` + policy + `
	}`)}}
	return awstest.Collect(t, docs, awssim.Faults{}, Collectors()...)
}

func TestAFunctionHasItsConfiguration(t *testing.T) {
	resources, gaps := collect(t, `, "PackageType": "Image", "Architectures": ["arm64"], "MemorySize": 512, "Timeout": 3, "Role": "arn:r", "KMSKeyArn": "arn:k"`, noPolicy)
	want := []providers.Resource{{
		Scope:  providers.Scope{Provider: "aws", ID: "111111111111", Name: "management", Labels: map[string]string{"organization_role": "management"}},
		Type:   "aws_lambda_function",
		ID:     "arn:aws:lambda:us-east-1:111111111111:function:f",
		Name:   "f",
		Region: "us-east-1",
		Tags:   map[string]string{},
		Attributes: map[string]any{
			"architectures": []any{"arm64"}, "environment": nil, "kms_key_arn": "arn:k", "memory_size": int64(512), "package_type": "Image",
			"policy": nil, "role": "arn:r", "runtime": nil, "timeout": int64(3),
		},
	}}
	if diff := cmp.Diff(want, resources); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
	if len(gaps) > 0 {
		t.Errorf("gaps: %+v", gaps)
	}
}

func TestWhatOldFunctionsLackHasItsDefault(t *testing.T) {
	resources, _ := collect(t, `, "Runtime": "python3.7", "Environment": {"Variables": {}}`, noPolicy)
	a := resources[0].Attributes
	got := map[string]any{"architectures": a["architectures"], "package_type": a["package_type"], "runtime": a["runtime"], "environment": a["environment"]}
	want := map[string]any{"architectures": []any{"x86_64"}, "package_type": "Zip", "runtime": "python3.7", "environment": nil}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

// The canaries are values of variables: none may come out of the collector.
func TestNoValueOfAVariableLeavesTheCollector(t *testing.T) {
	const word, token = "cAnAry-7Qx2mLp9", "ghp_" + "cAnAryK02mZqLx93PfjRtYw7VbNc4HsEuG1o"
	env := fmt.Sprintf(`{"DB_PASSWORD": %q, "SETTINGS": %q, "STAGE": %q, "EMPTY": "", "KEY_ARN": "arn:aws:kms:us-east-1:111111111111:key/canary", "DEBUG": "true", "URL": "https://canary.internal/v1"}`,
		word, token, "canary stage")
	for _, policy := range []string{noPolicy, `{"Policy": "{\"Statement\":[]}"}`, `{"__error__": "AccessDeniedException"}`} {
		resources, gaps := collect(t, `, "Environment": {"Variables": `+env+`}`, policy)
		if out := strings.ToLower(fmt.Sprintf("%+v %+v", resources, gaps)); strings.Contains(out, "canary") {
			t.Errorf("a value came out: %s", out)
		}
		want := map[string]any{"variables": []any{
			map[string]any{"name": "DB_PASSWORD", "form": "literal", "secret": "password"},
			map[string]any{"name": "DEBUG", "form": "switch", "secret": nil},
			map[string]any{"name": "EMPTY", "form": "empty", "secret": nil},
			map[string]any{"name": "KEY_ARN", "form": "arn", "secret": nil},
			map[string]any{"name": "SETTINGS", "form": "literal", "secret": "github token"},
			map[string]any{"name": "STAGE", "form": "literal", "secret": nil},
			map[string]any{"name": "URL", "form": "reference", "secret": nil},
		}}
		if diff := cmp.Diff(any(want), resources[0].Attributes["environment"]); diff != "" {
			t.Errorf("environment (-want +got):\n%s", diff)
		}
	}
}

// Without kms:Decrypt on the function's own key the listing has no variables, which
// is not the same as that there are none.
func TestAnEnvironmentThatLambdaCannotDecryptIsUnknown(t *testing.T) {
	for code, want := range map[string]providers.Gap{
		"AccessDeniedException":    {Reason: providers.Denied, Permission: "kms:Decrypt"},
		"KMSInvalidStateException": {Reason: providers.Failed},
		"InvalidKMSKeyException":   {Reason: providers.Failed},
		"KMSNotFoundException":     {Reason: providers.Failed},
	} {
		resources, gaps := collect(t, `, "KMSKeyArn": "arn:k", "Environment": {"Error": {"ErrorCode": "`+code+`", "Message": "not allowed"}}`, noPolicy)
		if len(resources) != 1 || len(gaps) != 1 {
			t.Fatalf("%s: got %d resources and the gaps %+v", code, len(resources), gaps)
		}
		if diff := cmp.Diff(map[string]providers.Reason{"environment": want.Reason}, resources[0].Unknown); diff != "" {
			t.Errorf("%s: unknown (-want +got):\n%s", code, diff)
		}
		want.Scope, want.Region, want.Type, want.ID, want.Path, want.Call = resources[0].Scope, "us-east-1", "aws_lambda_function", resources[0].ID, "environment", "KMS.Decrypt"
		want.Err = "Lambda cannot decrypt the environment for the caller: " + code + ": not allowed"
		if diff := cmp.Diff(want, gaps[0]); diff != "" {
			t.Errorf("%s: gap (-want +got):\n%s", code, diff)
		}
	}
}

func TestAFunctionThatIsDeletedMeanwhileIsLeftOut(t *testing.T) {
	resources, gaps := collect(t, "", `{"__error__": "ResourceNotFoundException", "message": "Function not found: arn:aws:lambda:us-east-1:111111111111:function:f"}`)
	if len(resources)+len(gaps) > 0 {
		t.Errorf("got %d resources and the gaps %+v, want none", len(resources), gaps)
	}
}

func TestAPolicyThatCannotBeReadIsUnknown(t *testing.T) {
	for answer, want := range map[string]providers.Reason{
		`{"__error__": "AccessDeniedException"}`: providers.Denied,
		`{"Policy": "{"}`:                        providers.Failed,
	} {
		resources, gaps := collect(t, "", answer)
		if len(resources) != 1 || len(gaps) != 1 {
			t.Fatalf("%s: got %d resources and the gaps %+v", answer, len(resources), gaps)
		}
		if diff := cmp.Diff(map[string]providers.Reason{"policy": want}, resources[0].Unknown); diff != "" {
			t.Errorf("%s: unknown (-want +got):\n%s", answer, diff)
		}
	}
}
