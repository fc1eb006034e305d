package comment

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// note is a comment as both services write it; GitHub names the author user.
type note struct {
	ID     int64   `json:"id,omitempty"`
	Body   string  `json:"body"`
	User   *person `json:"user,omitempty"`
	Author *person `json:"author,omitempty"`
	System bool    `json:"system,omitempty"` // GitLab's own: "added 1 commit"
}

type person struct {
	ID   int64  `json:"id"`
	Type string `json:"type"` // GitHub: User, Bot
}

// session is one service and one change: where its comments are and how to ask.
//
// GitHub: https://docs.github.com/rest/issues/comments (a pull request's comments are
// those of its issue). GitLab: https://docs.gitlab.com/api/notes/#merge-requests.
type session struct {
	client Client
	place  Place
	list   string // GET lists the comments, POST adds one
	update string // method that replaces one
	header http.Header
	user   string // tells whose token it is
	// me is whose token it is, asked for once.
	asked bool
	me    *person
}

func newSession(c Client, p Place) (*session, error) {
	base, err := url.Parse(p.API)
	if err != nil || base.Scheme != "https" && base.Scheme != "http" || base.Host == "" || base.User != nil {
		return nil, fmt.Errorf("the address of the API is no web address such as https://api.github.com")
	}
	root := strings.TrimSuffix(p.API, "/")
	s := &session{client: c, place: p, user: root + "/user", header: http.Header{"User-Agent": {"metsuke"}}}
	own := *c.HTTP
	own.CheckRedirect = sameHost
	s.client.HTTP = &own
	switch p.Service {
	case GitHub:
		owner, name, ok := strings.Cut(p.Repository, "/")
		if !ok || owner == "" || name == "" || strings.Contains(name, "/") {
			return nil, fmt.Errorf("the repository %q is not written owner/name", p.Repository)
		}
		s.list = fmt.Sprintf("%s/repos/%s/%s/issues/%d/comments", root, url.PathEscape(owner), url.PathEscape(name), p.Number)
		s.update = http.MethodPatch
		s.header.Set("Accept", "application/vnd.github+json")
		s.header.Set("X-GitHub-Api-Version", "2022-11-28")
		s.header.Set("Authorization", "Bearer "+p.Token)
	case GitLab:
		s.list = fmt.Sprintf("%s/projects/%s/merge_requests/%d/notes", root, url.PathEscape(p.Repository), p.Number)
		s.update = http.MethodPut
		s.header.Set("Accept", "application/json")
		if p.JobToken {
			s.header.Set("Job-Token", p.Token)
		} else {
			s.header.Set("Private-Token", p.Token)
		}
	default:
		return nil, fmt.Errorf("there is no service %q", p.Service)
	}
	return s, nil
}

// sameHost follows no redirect to where the token does not belong, and none after which the
// client asks with GET, as it does after a 302: the comment would be lost, and whatever
// answered taken for a success.
func sameHost(req *http.Request, via []*http.Request) error {
	first := via[0]
	if req.URL.Host != first.URL.Host || req.URL.Scheme != first.URL.Scheme || req.Method != first.Method || len(via) >= 5 {
		return http.ErrUseLastResponse
	}
	return nil
}

// one is the address of a comment.
func (s *session) one(id int64) string {
	if s.place.Service == GitHub {
		// It hangs on the repository, not on the pull request.
		issues := s.list[:strings.LastIndex(s.list, "/issues/")]
		return issues + "/issues/comments/" + strconv.FormatInt(id, 10)
	}
	return s.list + "/" + strconv.FormatInt(id, 10)
}

// page lists the comments of a page and reports whether another follows. The address of
// the next one is not taken from the answer: the token goes nowhere else.
func (s *session) page(ctx context.Context, page int, to *[]note) (more bool, err error) {
	query := url.Values{"per_page": {"100"}, "page": {strconv.Itoa(page)}}
	if s.place.Service == GitLab {
		query.Set("sort", "asc")
		query.Set("order_by", "created_at")
	}
	header, err := s.do(ctx, http.MethodGet, s.list+"?"+query.Encode(), nil, to)
	if err != nil {
		return false, err
	}
	return header.Get("X-Next-Page") != "" || strings.Contains(header.Get("Link"), `rel="next"`), nil
}

// whoAmI returns whose token it is; nil where the service does not tell, which GitHub
// does not tell the token of a job or of an App.
func (s *session) whoAmI(ctx context.Context) (*person, error) {
	if s.asked {
		return s.me, nil
	}
	var me person
	err := s.call(ctx, http.MethodGet, s.user, nil, &me)
	var r *refusal
	if errors.As(err, &r) && (r.status == http.StatusForbidden || r.status == http.StatusNotFound) && !retryable(err) {
		s.asked = true
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	s.asked, s.me = true, &me
	return s.me, nil
}

// wrote reports whether the comment is of the token's owner. Where that is not known, it
// is a bot, and so are the comments that are believed.
func (s *session) wrote(me *person, n note) bool {
	author := n.User
	if s.place.Service == GitLab {
		author = n.Author
	}
	switch {
	case author == nil:
		return false
	case me != nil:
		return author.ID == me.ID
	default:
		return author.Type == "Bot"
	}
}

// explain adds to an error what was tried and what to do, and takes the token out.
func (s *session) explain(err error) error {
	text := err.Error()
	var r *refusal
	if errors.As(err, &r) {
		if advice := s.advice(r.status); advice != "" && !retryable(err) {
			text += ": " + advice
		}
	}
	text = fmt.Sprintf("comment on %s: %s", s.place, text)
	if s.place.Token != "" {
		text = strings.ReplaceAll(text, s.place.Token, "***")
	}
	return errors.New(text)
}

func (s *session) advice(status int) string {
	gitlab := s.place.Service == GitLab
	switch {
	case gitlab && s.place.JobToken && (status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusNotFound):
		return "CI_JOB_TOKEN may read the comments of a merge request and not write them; set GITLAB_TOKEN to a project access token with the scope api"
	case gitlab && status == http.StatusUnauthorized:
		return "GITLAB_TOKEN is not valid or has expired; it wants a project access token with the scope api"
	case gitlab && status == http.StatusForbidden:
		return "the token may not write comments; it needs the scope api and the role Reporter or a higher one"
	case gitlab && status == http.StatusNotFound:
		return "there is no such merge request, or the token does not see the project"
	case status == http.StatusUnauthorized:
		return "the token is not valid or has expired; give the step GITHUB_TOKEN: ${{ github.token }}"
	case status == http.StatusForbidden:
		return "the token may not write comments; give the job the permission pull-requests: write. The token of a pull request from a fork only reads"
	case status == http.StatusNotFound:
		return "there is no such pull request, or the token does not see the repository"
	}
	return ""
}
