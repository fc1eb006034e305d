package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/metsuke-dev/metsuke/internal/demo"
)

func TestFindingsAreImportedInARequestSignedForSecurityHub(t *testing.T) {
	var got *http.Request
	var body string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got, body = r, string(b)
		_, _ = io.WriteString(w, `{"FailedCount":0,"SuccessCount":1,"FailedFindings":[]}`)
	}))
	t.Cleanup(s.Close)
	cfg := awssdk.Config{Region: "eu-central-1", BaseEndpoint: &s.URL, Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", "token")}
	status, answer, err := importFindings(t.Context(), cfg, http.DefaultClient, []byte(`{"Findings":[]}`), demo.Now())
	if err != nil || status != http.StatusOK || !strings.Contains(string(answer), `"SuccessCount":1`) {
		t.Fatal(status, string(answer), err)
	}
	scope := "Credential=AKIDEXAMPLE/" + demo.Now().UTC().Format("20060102") + "/eu-central-1/securityhub/aws4_request"
	if a := got.Header.Get("Authorization"); got.Method != http.MethodPost || got.URL.Path != "/findings/import" || body != `{"Findings":[]}` ||
		!strings.HasPrefix(a, "AWS4-HMAC-SHA256 ") || !strings.Contains(a, scope) || got.Header.Get("X-Amz-Security-Token") != "token" {
		t.Errorf("%s %s\n%s\n%s", got.Method, got.URL.Path, a, body)
	}
}
