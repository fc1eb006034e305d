package main

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/demo"
	"github.com/metsuke-dev/metsuke/internal/serve"
)

// times returns the figures of a daemon that are times of scans.
func times(t *testing.T, d *daemon) []string {
	t.Helper()
	w := httptest.NewRecorder()
	serve.Handler(serve.New(serve.Config{}), d.metrics).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	out := []string{}
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "metsuke_last_") {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

func TestTheFiguresFollowScansThatOthersSaved(t *testing.T) {
	w := newWorld(t, "policies: {select: [\"aws-s3-*\", \"github-*\"]}\nstore: {url: metsuke.db}\n")
	p, _, _ := w.process()
	d := &daemon{p: p, s: &setup{}, store: w.store(), metrics: serve.NewMetrics("v1", nil)}
	scan := func(hour int, args ...string) {
		t.Helper()
		w.now = func() time.Time { return demo.Now().Add(time.Duration(hour) * time.Hour) }
		if _, stderr, code := w.run(append([]string{"scan"}, args...)...); code != exitOK {
			t.Fatalf("exit code %d\n%s", code, stderr)
		}
	}
	look := func(when string, want ...string) {
		t.Helper()
		if err := d.catchUp(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(append([]string{}, want...), times(t, d)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	const (
		last   = "metsuke_last_run_timestamp_seconds "
		aws    = `metsuke_last_complete_run_timestamp_seconds{provider="aws"} `
		github = `metsuke_last_complete_run_timestamp_seconds{provider="github"} `
	)
	at := func(hour int) string {
		return strconv.FormatFloat(float64(demo.Now().Add(time.Duration(hour)*time.Hour).Unix()), 'g', -1, 64)
	}
	look("before the first scan")
	scan(0, "--provider", "aws")
	look("after one of aws", aws+at(0), last+at(0))
	scan(1, "--provider", "github")
	look("one of github says nothing of aws", aws+at(0), github+at(1), last+at(1))
	scan(2, "--provider", "aws", "--account", "sandbox")
	look("nor does one of an account", aws+at(0), github+at(1), last+at(2))
	w.faults.Deny = denied("S3.ListBuckets")
	scan(3, "--provider", "aws")
	look("nor one that could not read everything", aws+at(0), github+at(1), last+at(3))
	w.faults.Deny = nil
	scan(4, "--provider", "aws,github")
	look("after one of both", aws+at(4), github+at(4), last+at(4))
}
