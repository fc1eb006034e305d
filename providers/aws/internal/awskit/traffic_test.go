package awskit

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/metsuke-dev/metsuke/providers"
)

// transport answers requests.
type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func TestEveryTryOfACallIsCountedAndWhetherItWasRefusedForRate(t *testing.T) {
	answers := []struct {
		status int
		body   string
	}{
		{503, `<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>`},
		{500, `<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>`},
		{200, `<ListAllMyBucketsResult><Buckets></Buckets></ListAllMyBucketsResult>`},
	}
	cfg := aws.Config{
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
		HTTPClient: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
			a := answers[0]
			answers = answers[1:]
			return &http.Response{StatusCode: a.status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
		})},
	}
	var traffic providers.Traffic
	account := NewAccount(providers.Scope{Provider: "aws", ID: "111111111111"}, "aws", "us-east-1", nil, cfg, Limits{Traffic: &traffic, MaxBackoff: 1})
	if _, err := Client(cellOf(account, ""), s3.NewFromConfig).ListBuckets(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if traffic.Calls() != 3 || traffic.Throttled() != 1 {
		t.Errorf("%d requests counted, %d of them refused for rate; there were 3 and 1", traffic.Calls(), traffic.Throttled())
	}
}
