package awskit

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3control"

	"github.com/metsuke-dev/metsuke/providers"
)

func TestAnEndpointThatIsAnAddressGetsNoPrefix(t *testing.T) {
	var host string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host = r.Host
		w.WriteHeader(http.StatusForbidden)
	}))
	defer server.Close()
	cfg := aws.Config{Region: "us-east-1", BaseEndpoint: aws.String(server.URL), Credentials: credentials.NewStaticCredentialsProvider("k", "s", "")}
	account := NewAccount(providers.Scope{Provider: "aws", ID: "111111111111"}, "aws", "us-east-1", []string{"us-east-1"}, cfg, Limits{Attempts: 1})
	cell := &Cell{Account: account, service: "s3"}
	_, err := Client(cell, s3control.NewFromConfig).GetPublicAccessBlock(t.Context(), &s3control.GetPublicAccessBlockInput{AccountId: aws.String("111111111111")})
	if err == nil {
		t.Fatal("a refused call gave no error")
	}
	if want := server.Listener.Addr().String(); host != want {
		t.Errorf("the call went to %q (%v), want %q", host, err, want)
	}
}
