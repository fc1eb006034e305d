package notify

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// Jira keeps issues in a project of Jira, Cloud or Data Center, as GitHubIssues does.
//
// Sources: developer.atlassian.com, REST API v2 of both ("Issues", "Issue search": Cloud
// has /search/jql and no /search any more, Data Center has /search), "Wiki style renderer".
type Jira struct {
	Name    string
	URL     string // https://example.atlassian.net
	User    string // of Cloud, an address of mail; "" is Data Center with a personal access token
	Token   string // API token of Cloud, personal access token of Data Center
	Project string // its key, where an owner has none
	// ProjectOf is the key of an owner's own project; "" is that they have none. Nil is nobody.
	ProjectOf func(owner string) string
	Type      string // of the issues; "" is Task
	Labels    []string
	Least     finding.Severity
	Owns      func(owner string) bool
	Link      string
	Memory    Memory
	Client    *http.Client
	Now       func() time.Time
}

// Channel makes a Channel of it.
func (j Jira) Channel() Channel {
	return issues{name: j.Name, least: j.Least, owns: j.Owns, link: j.Link, memory: j.Memory, tracker: j}
}

// An issue lists so many resources, in so many bytes: a description has 32,767 characters,
// of which some count twice.
const (
	jiraListed = 40
	jiraRoom   = 18_000
)

func jiraLabel(t Topic) string { return "metsuke-" + t.ID }

func (j Jira) project(t Topic) string {
	if j.ProjectOf != nil {
		return cmp.Or(j.ProjectOf(t.Owner), j.Project)
	}
	return j.Project
}

// jiraText writes the description in Jira's wiki markup. What comes from accounts stands
// where markup means nothing.
func jiraText(t Topic) string {
	var b strings.Builder
	fmt.Fprintf(&b, "The policy %s finds %d in %s.\n", t.Policy, len(t.Failing), jiraPlain(t.Account))
	lines, more := t.resources(jiraListed, jiraRoom, jiraVerbatim)
	if len(lines) > 0 {
		b.WriteString("{noformat}\n")
		for _, l := range lines {
			fmt.Fprintln(&b, l)
		}
		if more > 0 {
			fmt.Fprintf(&b, "and %d more\n", more)
		}
		b.WriteString("{noformat}\n")
	}
	if n := len(t.Hidden); n > 0 {
		fmt.Fprintf(&b, "\n%d could not be looked at in the last scan, and count until they are.\n", n)
	}
	if t.Mending != "" {
		fmt.Fprintf(&b, "\nh3. What to do\n{noformat}\n%s\n{noformat}\n", jiraVerbatim(cut(t.Mending, 6000)))
	}
	fmt.Fprintf(&b, "\nOwner: %s. Scan of %s.", jiraPlain(cmp.Or(t.Owner, Unowned)), t.Run.Time.UTC().Format("2006-01-02 15:04 UTC"))
	if t.Link != "" {
		fmt.Fprintf(&b, " [Report|%s]", t.Link)
	}
	b.WriteString("\nThis issue is closed by itself when a scan finds nothing of it any more. To except a resource, grant it a waiver.\n")
	return b.String()
}

// jiraVerbatim is what may stand between two {noformat}.
func jiraVerbatim(s string) string { return strings.ReplaceAll(s, "{noformat}", "{ noformat}") }

// jiraPlain escapes what is markup.
func jiraPlain(s string) string {
	var b strings.Builder
	for _, r := range oneLine(s) {
		if strings.ContainsRune(`*_-+^~{}[]|!#@\?`, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// place is that of references that are the addresses of issues.
func (j Jira) place() string { return strings.TrimSuffix(j.URL, "/") + "/browse/" }

func (j Jira) call(ctx context.Context, method, path string, in, out any) (int, error) {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return 0, fmt.Errorf("%w: %w", ErrPermanent, err)
		}
	}
	authorization := "Bearer " + j.Token
	if j.User != "" {
		authorization = "Basic " + base64.StdEncoding.EncodeToString([]byte(j.User+":"+j.Token))
	}
	a, err := call(ctx, j.Client, request{
		method: method, url: strings.TrimSuffix(j.URL, "/") + "/rest/api/2" + path, body: body,
		header: map[string]string{"Authorization": authorization, "Accept": "application/json", "Content-Type": "application/json"},
	}, j.Now())
	if err != nil || out == nil {
		return a.status, err
	}
	if err := json.Unmarshal(a.body, out); err != nil {
		return a.status, errors.New("the answer of Jira cannot be read")
	}
	return a.status, nil
}

func (j Jira) find(ctx context.Context, t Topic) (string, error) {
	search := "/search/jql"
	if j.User == "" {
		search = "/search"
	}
	query := url.Values{"jql": {fmt.Sprintf("labels = %q ORDER BY created ASC", jiraLabel(t))}, "fields": {"status"}, "maxResults": {"1"}}
	var found struct {
		Issues []struct {
			Key string `json:"key"`
		} `json:"issues"`
	}
	if _, err := j.call(ctx, http.MethodGet, search+"?"+query.Encode(), nil, &found); err != nil || len(found.Issues) == 0 {
		return "", err
	}
	return found.Issues[0].Key, nil
}

func (j Jira) create(ctx context.Context, t Topic) (string, error) {
	var made struct {
		Key string `json:"key"`
	}
	_, err := j.call(ctx, http.MethodPost, "/issue", map[string]any{"fields": map[string]any{
		"project": map[string]string{"key": j.project(t)}, "issuetype": map[string]string{"name": cmp.Or(j.Type, "Task")},
		"summary": t.headline(), "description": jiraText(t), "labels": append([]string{"metsuke", jiraLabel(t)}, j.Labels...),
	}}, &made)
	if err == nil && made.Key == "" {
		err = errors.New("the answer of Jira names no issue")
	}
	return made.Key, err
}

// update opens before it writes and closes after: a workflow may forbid that a closed issue
// is edited.
func (j Jira) update(ctx context.Context, ref string, t Topic) (there bool, err error) {
	fields := map[string]any{}
	if t.Policy != "" {
		fields["description"] = jiraText(t)
	}
	if t.Open() {
		fields["summary"] = t.headline()
		if there, err := j.move(ctx, ref, true); !there || err != nil {
			return there, err
		}
	}
	if len(fields) > 0 {
		status, err := j.call(ctx, http.MethodPut, "/issue/"+url.PathEscape(ref), map[string]any{"fields": fields}, nil)
		if status == http.StatusNotFound {
			return false, nil
		}
		if err != nil {
			return true, err
		}
	}
	if t.Open() {
		return true, nil
	}
	return j.move(ctx, ref, false)
}

// move takes the issue to a status that is done, or out of it, unless it is there. It
// returns false when there is no such issue any more.
func (j Jira) move(ctx context.Context, ref string, open bool) (there bool, err error) {
	type status struct {
		Name     string `json:"name"`
		Category struct {
			Key string `json:"key"` // new, indeterminate, done
		} `json:"statusCategory"`
	}
	var issue struct {
		Fields struct {
			Status status `json:"status"`
		} `json:"fields"`
	}
	if code, err := j.call(ctx, http.MethodGet, "/issue/"+url.PathEscape(ref)+"?fields=status", nil, &issue); err != nil {
		if code == http.StatusNotFound {
			return false, nil
		}
		return true, err
	}
	if done := issue.Fields.Status.Category.Key == "done"; done != open {
		return true, nil
	}
	var ways struct {
		Transitions []struct {
			ID string `json:"id"`
			To status `json:"to"`
		} `json:"transitions"`
	}
	if _, err := j.call(ctx, http.MethodGet, "/issue/"+url.PathEscape(ref)+"/transitions", nil, &ways); err != nil {
		return true, err
	}
	for _, way := range ways.Transitions {
		if done := way.To.Category.Key == "done"; done != open {
			_, err := j.call(ctx, http.MethodPost, "/issue/"+url.PathEscape(ref)+"/transitions", map[string]any{"transition": map[string]string{"id": way.ID}}, nil)
			return true, err
		}
	}
	to := "closed"
	if open {
		to = "opened again"
	}
	return true, fmt.Errorf("%w: the workflow of %s does not let it be %s from the status %s", ErrPermanent, ref, to, issue.Fields.Status.Name)
}
