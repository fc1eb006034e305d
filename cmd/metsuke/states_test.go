package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

const queueState = `{"version": 4, "resources": [{"mode": "managed", "type": "aws_sqs_queue", "name": "q", "instances": [{"attributes": {"id": "q", "arn": "arn:aws:sqs:eu-central-1:1:q"}}]}]}`

// storage answers as S3 and Cloud Storage do.
func storage(t *testing.T) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.EscapedPath() {
		// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
		case "/states/prod/network.tfstate":
			fmt.Fprint(w, queueState)
		case "/states/denied.tfstate":
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>`)
		// https://cloud.google.com/storage/docs/json_api/v1/objects/get
		case "/storage/v1/b/states/o/prod%2Fdefault.tfstate":
			if r.URL.Query().Get("alt") != "media" {
				t.Errorf("asked for %s, which is the metadata", r.URL)
			}
			fmt.Fprint(w, queueState)
		default:
			http.Error(w, `{"error": {"code": 403, "message": "no access"}}`, http.StatusForbidden)
		}
	}))
	t.Cleanup(srv.Close)
	return srv
}

func TestStatesAreReadFromBuckets(t *testing.T) {
	srv, none := storage(t), filepath.Join(t.TempDir(), "none")
	for k, v := range map[string]string{
		"AWS_ENDPOINT_URL": srv.URL, "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "example", "AWS_CONFIG_FILE": none,
		"AWS_SHARED_CREDENTIALS_FILE": none, "AWS_REGION": "", "AWS_DEFAULT_REGION": "", "AWS_MAX_ATTEMPTS": "1", "STORAGE_EMULATOR_HOST": srv.URL,
	} {
		t.Setenv(k, v)
	}
	p := &process{getenv: os.Getenv, log: slog.New(slog.DiscardHandler)}
	read, given, err := readStates(t.Context(), p, []string{
		"s3://states/prod/network.tfstate", "s3://states/denied.tfstate", "gs://states/prod/default.tfstate", "gs://other/default.tfstate", "s3://states/prod/network.tfstate",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []finding.State{
		{Name: "gs://other/default.tfstate", Error: "storage.objects.get: 403 Forbidden"},
		{Name: "gs://states/prod/default.tfstate", Resources: 1},
		{Name: "s3://states/denied.tfstate", Error: "S3.GetObject: api error AccessDenied: Access Denied"},
		{Name: "s3://states/prod/network.tfstate", Resources: 1},
	}
	if diff := cmp.Diff(want, given); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	var addresses []string
	for _, s := range read {
		for _, e := range s.Entries {
			addresses = append(addresses, s.Name+" "+e.Address)
		}
	}
	if diff := cmp.Diff([]string{"gs://states/prod/default.tfstate aws_sqs_queue.q", "s3://states/prod/network.tfstate aws_sqs_queue.q"}, addresses); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}
