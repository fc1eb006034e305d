package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/comment"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/report"
)

// commenting holds the flags that make a gate comment on the change that it judges.
type commenting struct {
	service string
	on      string
	key     string
}

// commentTime is how long posting may take in all.
const commentTime = time.Minute

func (c *commenting) addFlags(cmd *cobra.Command) {
	flags(cmd, "Comment", func(f *pflag.FlagSet) {
		f.StringVar(&c.service, "comment", "", "write the markdown report as a comment on the pull request or merge request that the CI job is for, and keep it up to date; `SERVICE` is github or gitlab")
		f.StringVar(&c.on, "comment-on", "", "the `CHANGE` to comment on, OWNER/REPOSITORY#12 or PROJECT!12, where the CI job does not say")
		f.StringVar(&c.key, "comment-key", "default", "`NAME` of the comment: each of several gates on one change keeps its own")
	})
	complete(cmd, "comment", services()...)
}

func services() []string {
	var out []string
	for _, s := range comment.Services() {
		out = append(out, string(s))
	}
	return out
}

// check refuses bad values before anything is judged.
func (c *commenting) check() error {
	if c.service == "" {
		return nil
	}
	if err := oneOf("comment", c.service, services()...); err != nil {
		return err
	}
	if !report.CommentKey(c.key) {
		return fmt.Errorf("--comment-key %q: it is up to 100 letters, digits and . _ / -, with no two - in a row", c.key)
	}
	if c.on != "" {
		if _, _, ok := splitChange(c.on); !ok {
			return fmt.Errorf("--comment-on %s: write OWNER/REPOSITORY#12 for a pull request, PROJECT!12 for a merge request", c.on)
		}
	}
	return nil
}

// splitChange reads acme/shop#12 and acme/shop!12.
func splitChange(s string) (repository string, number int, ok bool) {
	i := strings.LastIndexAny(s, "#!")
	if i <= 0 {
		return "", 0, false
	}
	n, err := strconv.Atoi(s[i+1:])
	return s[:i], n, err == nil && n > 0
}

// post writes the comment. A comment that cannot be written is no reason to let the gate
// fail, nor to let it pass: that is said, and the exit code stays what it is.
func (c *commenting) post(ctx context.Context, p *process, o *outputs, run finding.Run) {
	if c.service == "" {
		return
	}
	if run.Interrupted {
		p.say("interrupted: no comment is written")
		return
	}
	place, err := c.place(p)
	if err != nil {
		p.say("no comment is written: %v", err)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, commentTime)
	defer cancel()
	client := comment.Client{HTTP: &http.Client{}, Wait: wait}
	replaced, err := client.Post(ctx, place, report.CommentMark(c.key), func(before string, most int) (string, error) {
		options := o.options(report.Options{MaxBytes: most, CommentKey: c.key, CommentBefore: report.ReadCommentState(before)}, run)
		rep, err := report.New("markdown", options)
		if err != nil {
			return "", err
		}
		var b strings.Builder
		err = rep.Report(&b, run)
		return b.String(), err
	})
	if err != nil {
		p.say("the comment is not written: %v; the gate's verdict stands without it", err)
		return
	}
	p.log.Info("comment", "change", place.String(), "key", c.key, "replaced", replaced)
}

// wait returns after the duration or when the context ends.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// place finds out from the CI job what is commented on and with which token.
func (c *commenting) place(p *process) (comment.Place, error) {
	if c.service == string(comment.GitLab) {
		return c.gitlab(p)
	}
	return c.github(p)
}

// github reads the environment of GitHub Actions:
// https://docs.github.com/actions/reference/workflows-and-actions/variables.
func (c *commenting) github(p *process) (comment.Place, error) {
	place := comment.Place{
		Service: comment.GitHub, API: cmp.Or(p.getenv("GITHUB_API_URL"), "https://api.github.com"),
		Repository: p.getenv("GITHUB_REPOSITORY"), Token: cmp.Or(p.getenv("GITHUB_TOKEN"), p.getenv("GH_TOKEN")),
	}
	switch {
	case c.on != "":
		place.Repository, place.Number, _ = splitChange(c.on)
	default:
		place.Number = pullRequest(p.getenv("GITHUB_REF"), p.getenv("GITHUB_EVENT_PATH"))
	}
	switch {
	case place.Number == 0:
		return place, fmt.Errorf("the job is for no pull request: GITHUB_REF is %q and the event names none; --comment-on OWNER/REPOSITORY#12 names one", p.getenv("GITHUB_REF"))
	case place.Repository == "":
		return place, fmt.Errorf("GITHUB_REPOSITORY is not set; --comment-on OWNER/REPOSITORY#12 names the pull request")
	case place.Token == "":
		return place, fmt.Errorf("GITHUB_TOKEN is not set; give the step GITHUB_TOKEN: ${{ github.token }}, and the job the permission pull-requests: write")
	}
	return place, nil
}

// pullRequest finds the number of the pull request: in the event that started the job,
// or else in the ref, refs/pull/12/merge. 0 is none.
func pullRequest(ref, eventFile string) int {
	var event struct {
		PullRequest struct {
			Number int `json:"number"`
		} `json:"pull_request"`
		Issue struct {
			Number      int             `json:"number"`
			PullRequest json.RawMessage `json:"pull_request"`
		} `json:"issue"`
	}
	// Without a readable event the ref has to do.
	if b, err := os.ReadFile(eventFile); err == nil && json.Unmarshal(b, &event) == nil {
		if event.PullRequest.Number > 0 {
			return event.PullRequest.Number
		}
		if event.Issue.PullRequest != nil && event.Issue.Number > 0 { // a comment on one
			return event.Issue.Number
		}
	}
	if m := regexp.MustCompile(`^refs/pull/([0-9]{1,9})/(?:merge|head)$`).FindStringSubmatch(ref); m != nil {
		n, err := strconv.Atoi(m[1])
		if err == nil {
			return n
		}
	}
	return 0
}

// gitlab reads the environment of GitLab CI:
// https://docs.gitlab.com/ci/variables/predefined_variables/.
func (c *commenting) gitlab(p *process) (comment.Place, error) {
	place := comment.Place{
		Service: comment.GitLab, API: cmp.Or(p.getenv("CI_API_V4_URL"), "https://gitlab.com/api/v4"),
		Repository: p.getenv("CI_PROJECT_ID"), Token: p.getenv("GITLAB_TOKEN"),
	}
	if place.Token == "" {
		place.Token, place.JobToken = p.getenv("CI_JOB_TOKEN"), true
	}
	if c.on != "" {
		place.Repository, place.Number, _ = splitChange(c.on)
	} else if n, err := strconv.Atoi(p.getenv("CI_MERGE_REQUEST_IID")); err == nil {
		place.Number = n
	}
	switch {
	case place.Number <= 0:
		return place, fmt.Errorf("the job is for no merge request: CI_MERGE_REQUEST_IID is not set, as in a pipeline for a branch; run the job in merge request pipelines, or name one with --comment-on PROJECT!12")
	case place.Repository == "":
		return place, fmt.Errorf("CI_PROJECT_ID is not set; --comment-on PROJECT!12 names the merge request")
	case place.Token == "":
		return place, fmt.Errorf("GITLAB_TOKEN is not set; it is a project access token with the scope api")
	}
	return place, nil
}
