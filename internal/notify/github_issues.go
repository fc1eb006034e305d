package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// GitHubIssues keeps issues in a repository of GitHub: one for the failures of a policy in
// an account that an owner answers for. It is closed when all of them are gone, and opened
// again when one comes back.
//
// Source: docs.github.com, "REST API endpoints for issues" (a body has 65,536 characters).
type GitHubIssues struct {
	Name       string
	Repository string // owner/name
	Token      string // with issues: write
	API        string // "" is https://api.github.com
	Labels     []string
	Least      finding.Severity // less severe ones have no issue
	Owns       func(owner string) bool
	Link       string
	Memory     Memory
	Client     *http.Client
	Now        func() time.Time

	listing *githubListing
}

// githubListing is which issue has which mark, as it was listed. Its search is of no use: an
// issue is found there late. To list all issues for each that is to be made takes more
// requests than GitHub allows.
type githubListing struct {
	mu    sync.Mutex
	at    time.Time // zero: it is to be listed anew
	marks map[string]int
}

// listedFor is how long a listing is good. What a process made that died meanwhile is in it:
// its messages are held for longer than that.
const listedFor = time.Minute

// Channel makes a Channel of it.
func (g GitHubIssues) Channel() Channel {
	g.listing = &githubListing{}
	return issues{name: g.Name, least: g.Least, owns: g.Owns, link: g.Link, memory: g.Memory, tracker: g}
}

// githubLabel is on every issue, so that they can be listed.
const githubLabel = "metsuke"

// An issue lists so many resources, in so many bytes: a code span grows with the backticks
// that it holds.
const (
	githubListed = 100
	githubRoom   = 48_000
)

type githubIssue struct {
	Number      int             `json:"number"`
	Body        string          `json:"body"`
	State       string          `json:"state"`
	PullRequest json.RawMessage `json:"pull_request"`
}

func githubMark(t Topic) string { return "<!-- metsuke:" + t.ID + " -->" }

// githubBody writes the issue. What comes from accounts stands in code spans, in which
// nothing is a mention, a link or a picture.
func githubBody(t Topic) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n`%s` finds %d in %s.\n\n", githubMark(t), t.Policy, len(t.Failing), code(t.Account))
	lines, more := t.resources(githubListed, githubRoom, code)
	for _, l := range lines {
		fmt.Fprintf(&b, "- %s\n", l)
	}
	if more > 0 {
		fmt.Fprintf(&b, "- and %d more\n", more)
	}
	if n := len(t.Hidden); n > 0 {
		fmt.Fprintf(&b, "\n%d could not be looked at in the last scan, and count until they are.\n", n)
	}
	if t.Mending != "" {
		fmt.Fprintf(&b, "\n## What to do\n\n%s\n", cut(t.Mending, 8000))
	}
	fmt.Fprintf(&b, "\nOwner: %s. Scan of %s.", code(cmp.Or(t.Owner, Unowned)), t.Run.Time.UTC().Format("2006-01-02 15:04 UTC"))
	if t.Link != "" {
		fmt.Fprintf(&b, " [Report](%s)", t.Link)
	}
	b.WriteString("\n\nThis issue is closed by itself when a scan finds nothing of it any more. To except a resource, grant it a waiver.\n")
	return b.String()
}

// code is a code span that holds any text.
func code(s string) string {
	s = oneLine(s)
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	return fence + " " + s + " " + fence
}

// place is that of references such as owner/name#7.
func (g GitHubIssues) place() string {
	if g.API == "" {
		return g.Repository + "#"
	}
	return strings.TrimSuffix(g.API, "/") + "/" + g.Repository + "#"
}

func (g GitHubIssues) call(ctx context.Context, method, path string, in, out any) (int, error) {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return 0, fmt.Errorf("%w: %w", ErrPermanent, err)
		}
	}
	a, err := call(ctx, g.Client, request{
		method: method, url: cmp.Or(strings.TrimSuffix(g.API, "/"), "https://api.github.com") + "/repos/" + g.Repository + "/issues" + path, body: body,
		header: map[string]string{
			"Authorization": "Bearer " + g.Token, "Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28", "Content-Type": "application/json",
		},
	}, g.Now())
	if err != nil {
		return a.status, err
	}
	if out == nil {
		return a.status, nil
	}
	if err := json.Unmarshal(a.body, out); err != nil {
		return a.status, errors.New("the answer of GitHub cannot be read")
	}
	return a.status, nil
}

func (g GitHubIssues) find(ctx context.Context, t Topic) (string, error) {
	l := g.listing
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.at.IsZero() || g.Now().Sub(l.at) > listedFor {
		at := g.Now()
		marks, err := g.list(ctx)
		if err != nil {
			return "", err
		}
		l.at, l.marks = at, marks
	}
	if n, ok := l.marks[githubMark(t)]; ok {
		return strconv.Itoa(n), nil
	}
	return "", nil
}

// githubMarks finds the marks of issues.
var githubMarks = regexp.MustCompile(`<!-- metsuke:[0-9a-f]+ -->`)

// list returns the numbers of all issues by their marks, that of the newest one where
// somebody copied a mark.
func (g GitHubIssues) list(ctx context.Context) (map[string]int, error) {
	const perPage = 100
	out := map[string]int{}
	for page := 1; ; page++ {
		var list []githubIssue
		query := url.Values{"state": {"all"}, "labels": {githubLabel}, "per_page": {strconv.Itoa(perPage)}, "page": {strconv.Itoa(page)}}
		if _, err := g.call(ctx, http.MethodGet, "?"+query.Encode(), nil, &list); err != nil {
			return nil, err
		}
		for _, i := range list {
			mark := githubMarks.FindString(i.Body)
			if _, known := out[mark]; mark != "" && !known && i.PullRequest == nil {
				out[mark] = i.Number
			}
		}
		if len(list) < perPage {
			return out, nil
		}
	}
}

func (g GitHubIssues) create(ctx context.Context, t Topic) (string, error) {
	l := g.listing
	l.mu.Lock()
	defer l.mu.Unlock()
	var made githubIssue
	_, err := g.call(ctx, http.MethodPost, "", map[string]any{"title": t.headline(), "body": githubBody(t), "labels": append([]string{githubLabel}, g.Labels...)}, &made)
	if err == nil && made.Number == 0 {
		err = errors.New("the answer of GitHub names no issue")
	}
	if err != nil {
		l.at = time.Time{} // it may have been made
		return "", err
	}
	if l.marks != nil { // should nobody be able to remember it
		l.marks[githubMark(t)] = made.Number
	}
	return strconv.Itoa(made.Number), nil
}

func (g GitHubIssues) update(ctx context.Context, ref string, t Topic) (bool, error) {
	change := map[string]any{"title": t.headline(), "body": githubBody(t), "state": "open"}
	if !t.Open() {
		change["state"], change["state_reason"] = "closed", "completed"
		delete(change, "title") // it says how bad it was
	}
	if t.Policy == "" {
		delete(change, "body")
	}
	status, err := g.call(ctx, http.MethodPatch, "/"+ref, change, nil)
	// Moved to another repository (301), or deleted.
	if status == http.StatusMovedPermanently || status == http.StatusNotFound || status == http.StatusGone {
		return false, nil
	}
	return true, err
}
