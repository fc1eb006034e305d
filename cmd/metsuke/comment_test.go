package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// changeServer keeps the comments of one change, for both services, as far as the
// command line needs it; internal/comment tests the rest.
type changeServer struct {
	mu       sync.Mutex
	paths    []string
	comments []map[string]any
	status   int // of everything, if set
}

const commentToken = "token-that-must-not-be-seen"

func newChangeServer(t *testing.T) (*changeServer, string) {
	t.Helper()
	s := &changeServer{}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server.URL
}

func (s *changeServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.URL.Path != "/user" {
		s.paths = append(s.paths, r.Method+" "+r.URL.EscapedPath())
	}
	author := map[string]any{"id": 1, "type": "User"}
	var out any
	switch {
	case s.status != 0:
		w.WriteHeader(s.status)
		out = map[string]any{"message": "refused to " + r.Header.Get("Authorization") + r.Header.Get("Private-Token")}
	case r.URL.Path == "/user":
		out = author
	case r.Method == http.MethodGet:
		out = s.comments
		if s.comments == nil {
			out = []any{}
		}
	default:
		comment := map[string]any{}
		if err := json.NewDecoder(r.Body).Decode(&comment); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		comment["id"], comment["user"], comment["author"] = 5, author, author
		s.comments = []map[string]any{comment}
		out = comment
	}
	if err := json.NewEncoder(w).Encode(out); err != nil {
		panic(err)
	}
}

// gatePlan writes plans of a log group: one that keeps events for ever, which a policy
// minds, and one that does not.
func gatePlan(t *testing.T) (bad, good string) {
	t.Helper()
	dir := t.TempDir()
	for name, days := range map[string]int{"bad.json": 0, "good.json": 30} {
		text := fmt.Sprintf(`{"format_version":"1.2","terraform_version":"1.9.0","resource_changes":[{"address":"aws_cloudwatch_log_group.orders","mode":"managed","type":"aws_cloudwatch_log_group","name":"orders","provider_name":"registry.terraform.io/hashicorp/aws","change":{"actions":["create"],"before":null,"after":{"name":"orders","log_group_class":"STANDARD","skip_destroy":false,"retention_in_days":%d,"tags_all":{"owner":"shop"}},"after_unknown":{"arn":true,"id":true}}}],"configuration":{"root_module":{}}}`, days)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "bad.json"), filepath.Join(dir, "good.json")
}

func TestAGateCommentsOnTheChangeOfItsJob(t *testing.T) {
	bad, good := gatePlan(t)
	event := filepath.Join(t.TempDir(), "event.json")
	if err := os.WriteFile(event, []byte(`{"action":"synchronize","pull_request":{"number":12}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	github := map[string]string{"GITHUB_REPOSITORY": "acme/shop", "GITHUB_TOKEN": commentToken}
	gitlab := map[string]string{"CI_PROJECT_ID": "42", "CI_MERGE_REQUEST_IID": "12", "GITLAB_TOKEN": commentToken}
	for name, tt := range map[string]struct {
		env  map[string]string
		more map[string]string
		args []string
		want []string
	}{
		"GitHub, by the event": {
			github,
			map[string]string{"GITHUB_EVENT_PATH": event, "GITHUB_REF": "refs/heads/main"},
			[]string{"--comment", "github"},
			[]string{"GET /repos/acme/shop/issues/12/comments", "POST /repos/acme/shop/issues/12/comments", "GET /repos/acme/shop/issues/12/comments", "GET /repos/acme/shop/issues/12/comments", "PATCH /repos/acme/shop/issues/comments/5"},
		},
		"GitHub, by the ref": {
			github,
			map[string]string{"GITHUB_REF": "refs/pull/7/merge"},
			[]string{"--comment", "github"},
			[]string{"GET /repos/acme/shop/issues/7/comments", "POST /repos/acme/shop/issues/7/comments", "GET /repos/acme/shop/issues/7/comments", "GET /repos/acme/shop/issues/7/comments", "PATCH /repos/acme/shop/issues/comments/5"},
		},
		"GitHub, by the flag": {
			github, nil,
			[]string{"--comment", "github", "--comment-on", "acme/other#3"},
			[]string{"GET /repos/acme/other/issues/3/comments", "POST /repos/acme/other/issues/3/comments", "GET /repos/acme/other/issues/3/comments", "GET /repos/acme/other/issues/3/comments", "PATCH /repos/acme/other/issues/comments/5"},
		},
		"GitLab": {
			gitlab, nil,
			[]string{"--comment", "gitlab"},
			[]string{"GET /projects/42/merge_requests/12/notes", "POST /projects/42/merge_requests/12/notes", "GET /projects/42/merge_requests/12/notes", "GET /projects/42/merge_requests/12/notes", "PUT /projects/42/merge_requests/12/notes/5"},
		},
		"GitLab, by the flag": {
			gitlab, nil,
			[]string{"--comment", "gitlab", "--comment-on", "acme/shop!3"},
			[]string{"GET /projects/acme%2Fshop/merge_requests/3/notes", "POST /projects/acme%2Fshop/merge_requests/3/notes", "GET /projects/acme%2Fshop/merge_requests/3/notes", "GET /projects/acme%2Fshop/merge_requests/3/notes", "PUT /projects/acme%2Fshop/merge_requests/3/notes/5"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			server, address := newChangeServer(t)
			env := map[string]string{"GITHUB_API_URL": address, "CI_API_V4_URL": address}
			maps.Copy(env, tt.env)
			maps.Copy(env, tt.more)
			p, stdout, stderr := testProcess(env)
			if got := run(t.Context(), p, append([]string{"gate", bad, "--policy", "aws-logs-retention-unset", "--fail-on", "low"}, tt.args...)); got != exitFindings || stderr.Len() > 0 {
				t.Fatalf("exit code %d\n%s%s", got, stdout, stderr)
			}
			first := fmt.Sprint(server.comments[0]["body"])
			if !strings.HasPrefix(first, "## 🛑 metsuke: blocked by 1 finding") || strings.Contains(first, "Since the last push") {
				t.Errorf("the first comment:\n%s", first)
			}
			p, stdout, stderr = testProcess(env)
			if got := run(t.Context(), p, append([]string{"gate", good, "--policy", "aws-logs-retention-unset"}, tt.args...)); got != exitOK || stderr.Len() > 0 {
				t.Fatalf("exit code %d\n%s%s", got, stdout, stderr)
			}
			second := fmt.Sprint(server.comments[0]["body"])
			if !strings.HasPrefix(second, "## ✅ metsuke: nothing to mend\n\n**Since the last push: 0 new, 1 mended**\n") {
				t.Errorf("the second comment:\n%s", second)
			}
			if diff := cmp.Diff(tt.want, server.paths); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestACommentThatCannotBeWrittenChangesNoExitCode(t *testing.T) {
	bad, good := gatePlan(t)
	for name, tt := range map[string]struct {
		env    map[string]string
		status int
		args   []string
		want   string
	}{
		"a push": {
			map[string]string{"GITHUB_REF": "refs/heads/main", "GITHUB_REPOSITORY": "acme/shop"},
			0,
			[]string{"--comment", "github"},
			"metsuke: no comment is written: the job is for no pull request: GITHUB_REF is \"refs/heads/main\" and the event names none; --comment-on OWNER/REPOSITORY#12 names one\n",
		},
		"no token": {
			map[string]string{"GITHUB_REF": "refs/pull/7/merge", "GITHUB_REPOSITORY": "acme/shop"},
			0,
			[]string{"--comment", "github"},
			"metsuke: no comment is written: GITHUB_TOKEN is not set; give the step GITHUB_TOKEN: ${{ github.token }}, and the job the permission pull-requests: write\n",
		},
		"a token without the right": {
			map[string]string{"GITHUB_REF": "refs/pull/7/merge", "GITHUB_REPOSITORY": "acme/shop", "GITHUB_TOKEN": commentToken},
			404,
			[]string{"--comment", "github"},
			"metsuke: the comment is not written: comment on acme/shop#7: GET was answered with 404 Not Found (refused to Bearer ***): there is no such pull request, or the token does not see the repository; the gate's verdict stands without it\n",
		},
		"a branch of GitLab": {
			map[string]string{"CI_PROJECT_ID": "42", "GITLAB_TOKEN": commentToken},
			0,
			[]string{"--comment", "gitlab"},
			"metsuke: no comment is written: the job is for no merge request: CI_MERGE_REQUEST_IID is not set, as in a pipeline for a branch; run the job in merge request pipelines, or name one with --comment-on PROJECT!12\n",
		},
		"GitLab refuses": {
			map[string]string{"CI_PROJECT_ID": "42", "CI_MERGE_REQUEST_IID": "3", "CI_JOB_TOKEN": commentToken},
			401,
			[]string{"--comment", "gitlab"},
			"metsuke: the comment is not written: comment on 42!3: GET was answered with 401 Unauthorized (refused to): CI_JOB_TOKEN may read the comments of a merge request and not write them; set GITLAB_TOKEN to a project access token with the scope api; the gate's verdict stands without it\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			server, address := newChangeServer(t)
			server.status = tt.status
			env := map[string]string{"GITHUB_API_URL": address, "CI_API_V4_URL": address}
			maps.Copy(env, tt.env)
			for plan, code := range map[string]int{bad: exitFindings, good: exitOK} {
				p, stdout, stderr := testProcess(env)
				if got := run(t.Context(), p, append([]string{"gate", plan, "--policy", "aws-logs-retention-unset", "--fail-on", "low"}, tt.args...)); got != code {
					t.Errorf("exit code %d, want %d\n%s", got, code, stdout)
				}
				if diff := cmp.Diff(tt.want, stderr.String()); diff != "" {
					t.Errorf("standard error (-want +got):\n%s", diff)
				}
				if strings.Contains(stdout.String()+stderr.String(), commentToken) {
					t.Error("the token is in the output")
				}
			}
		})
	}
}

func TestASavedRunBecomesTheCommentOfAJobThatMayWriteOne(t *testing.T) {
	bad, _ := gatePlan(t)
	saved := filepath.Join(t.TempDir(), "gate.json")
	p, stdout, stderr := testProcess(nil)
	if got := run(t.Context(), p, []string{"gate", bad, "--policy", "aws-logs-retention-unset", "-o", saved}); got != exitOK {
		t.Fatalf("exit code %d\n%s%s", got, stdout, stderr)
	}
	server, address := newChangeServer(t)
	p, stdout, stderr = testProcess(map[string]string{"GITHUB_API_URL": address, "GITHUB_TOKEN": commentToken})
	if got := run(t.Context(), p, []string{"report", saved, "--fail-on", "medium", "--comment", "github", "--comment-on", "acme/shop#12"}); got != exitFindings || stderr.Len() > 0 {
		t.Fatalf("exit code %d\n%s%s", got, stdout, stderr)
	}
	if diff := cmp.Diff([]string{"GET /repos/acme/shop/issues/12/comments", "POST /repos/acme/shop/issues/12/comments", "GET /repos/acme/shop/issues/12/comments"}, server.paths); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if body := fmt.Sprint(server.comments[0]["body"]); !strings.HasPrefix(body, "## 🛑 metsuke: blocked by 1 finding: 1 medium\n") {
		t.Errorf("the comment:\n%s", body)
	}
}

func TestBadFlagsOfACommentEndBeforeAnythingIsJudged(t *testing.T) {
	for want, args := range map[string][]string{
		"--comment gitub: it is one of": {"--comment", "gitub"},
		"--comment-key \"a b\": it is up to 100 letters, digits and . _ / -, with no two - in a row": {"--comment", "github", "--comment-key", "a b"},
		"--comment-on 12: write OWNER/REPOSITORY#12 for a pull request, PROJECT!12 for a":            {"--comment", "gitlab", "--comment-on", "12"},
	} {
		p, stdout, stderr := testProcess(nil)
		if got := run(t.Context(), p, append([]string{"gate", "nowhere.json"}, args...)); got != exitError || !strings.Contains(stderr.String(), want) {
			t.Errorf("exit code %d, want %q\n%s%s", got, want, stdout, stderr)
		}
	}
}
