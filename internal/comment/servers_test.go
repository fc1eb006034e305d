package comment_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/metsuke-dev/metsuke/internal/comment"
)

const token = "test-token-1f3870be274f6c49b3e31a0c6728957f"

// stored is a comment as a service keeps it.
type stored struct {
	ID     int64
	Author int64 // 1 is the token's owner
	Bot    bool
	Body   string
	System bool
}

// service is a loopback server that answers as the API of GitHub or of GitLab does:
// paths, status codes, pagination and errors after their references.
type service struct {
	t      *testing.T
	kind   comment.Service
	prefix string // /api/v3 of a GitHub Enterprise Server
	server *httptest.Server

	mu       sync.Mutex
	comments []stored
	nextID   int64
	asked    []string // method and path of every request
	headers  http.Header
	// faults answer instead, one request each, until they are used up; nil lets one through.
	faults []func(http.ResponseWriter, *http.Request)
	noUser bool // the token's owner is not told, as to a job
}

func newService(t *testing.T, kind comment.Service, comments ...stored) *service {
	t.Helper()
	s := &service{t: t, kind: kind, comments: comments, nextID: 9000}
	if kind == comment.GitLab {
		s.prefix = "/api/v4"
	}
	s.server = httptest.NewServer(s)
	t.Cleanup(s.server.Close)
	return s
}

func (s *service) place() comment.Place {
	p := comment.Place{Service: s.kind, API: s.server.URL + s.prefix, Repository: "acme/shop", Number: 12, Token: token}
	if s.kind == comment.GitLab {
		p.Repository = "acme/platform/shop"
	}
	return p
}

// bodies returns the comments as they are now.
func (s *service) bodies() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, c := range s.comments {
		out = append(out, c.Body)
	}
	return out
}

func (s *service) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if fault := s.arrive(r); fault != nil {
		fault(w, r) // without the lock: it may wait for the client
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	path, ok := strings.CutPrefix(r.URL.EscapedPath(), s.prefix)
	list, one := "/repos/acme/shop/issues/12/comments", "/repos/acme/shop/issues/comments/"
	if s.kind == comment.GitLab {
		list = "/projects/acme%2Fplatform%2Fshop/merge_requests/12/notes"
		one = list + "/"
	}
	switch {
	case !ok:
		s.answer(w, 404, map[string]any{"message": "Not Found"})
	case !s.authorised(r):
		s.answer(w, 401, map[string]any{"message": "Bad credentials"})
	case path == "/user" && s.noUser:
		s.answer(w, 403, map[string]any{"message": "Resource not accessible by integration", "documentation_url": "https://docs.github.com/rest"})
	case path == "/user":
		s.answer(w, 200, map[string]any{"id": 1, "login": "metsuke", "type": "User"})
	case path == list && r.Method == http.MethodGet:
		s.page(w, r, list)
	case path == list && r.Method == http.MethodPost:
		s.nextID++
		c := stored{ID: s.nextID, Author: 1, Bot: s.noUser, Body: s.read(r)}
		s.comments = append(s.comments, c)
		s.answer(w, 201, s.show(c))
	case strings.HasPrefix(path, one):
		s.change(w, r, strings.TrimPrefix(path, one))
	default:
		s.answer(w, 404, map[string]any{"message": "Not Found"})
	}
}

// arrive notes a request and returns the fault that is its turn.
func (s *service) arrive(r *http.Request) func(http.ResponseWriter, *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r.Method+" "+r.URL.EscapedPath()+mark(r.URL.RawQuery))
	s.headers = r.Header.Clone()
	if len(s.faults) == 0 {
		return nil
	}
	fault := s.faults[0]
	s.faults = s.faults[1:]
	return fault
}

// mark keeps of a query what tells pages apart.
func mark(query string) string {
	if query == "" {
		return ""
	}
	return "?" + query
}

func (s *service) authorised(r *http.Request) bool {
	if s.kind == comment.GitLab {
		return r.Header.Get("Private-Token") == token
	}
	return r.Header.Get("Authorization") == "Bearer "+token && r.Header.Get("Accept") == "application/vnd.github+json"
}

func (s *service) read(r *http.Request) string {
	var in map[string]string
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || len(in) != 1 || r.Header.Get("Content-Type") != "application/json" {
		s.t.Errorf("the body is not {\"body\": text}: %v %v", in, err)
	}
	return in["body"]
}

func (s *service) page(w http.ResponseWriter, r *http.Request, list string) {
	size, err := strconv.Atoi(r.URL.Query().Get("per_page"))
	if err != nil {
		size = 30
	}
	size = min(size, 100)
	page, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil {
		page = 1
	}
	from, to := min((page-1)*size, len(s.comments)), min(page*size, len(s.comments))
	if to < len(s.comments) {
		next := fmt.Sprintf("%s%s%s?per_page=%d&page=%d", s.server.URL, s.prefix, list, size, page+1)
		w.Header().Set("Link", fmt.Sprintf(`<%s>; rel="next", <%s>; rel="last"`, next, next))
	}
	if s.kind == comment.GitLab {
		w.Header().Set("X-Next-Page", "")
		if to < len(s.comments) {
			w.Header().Set("X-Next-Page", strconv.Itoa(page+1))
		}
	}
	out := []any{}
	for _, c := range s.comments[from:to] {
		out = append(out, s.show(c))
	}
	s.answer(w, 200, out)
}

func (s *service) change(w http.ResponseWriter, r *http.Request, id string) {
	update := map[comment.Service]string{comment.GitHub: http.MethodPatch, comment.GitLab: http.MethodPut}[s.kind]
	i := slices.IndexFunc(s.comments, func(c stored) bool { return strconv.FormatInt(c.ID, 10) == id })
	switch {
	case i < 0:
		s.answer(w, 404, map[string]any{"message": "Not Found"})
	case r.Method == update:
		s.comments[i].Body = s.read(r)
		s.answer(w, 200, s.show(s.comments[i]))
	case r.Method == http.MethodDelete:
		s.comments = slices.Delete(s.comments, i, i+1)
		w.WriteHeader(204)
	default:
		s.answer(w, 405, map[string]any{"error": "405 Not Allowed"})
	}
}

func (s *service) show(c stored) map[string]any {
	if s.kind == comment.GitLab {
		return map[string]any{"id": c.ID, "body": c.Body, "system": c.System, "author": map[string]any{"id": c.Author, "username": "u"}}
	}
	kind := "User"
	if c.Bot {
		kind = "Bot"
	}
	return map[string]any{"id": c.ID, "body": c.Body, "user": map[string]any{"id": c.Author, "login": "u", "type": kind}}
}

func (s *service) answer(w http.ResponseWriter, status int, v any) { answer(w, status, v) }

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	// A client that went away is no matter of the server's.
	_ = json.NewEncoder(w).Encode(v)
}

// refuse answers once with a status and what the service says.
func refuse(status int, message string, header ...string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		answer(w, status, map[string]any{"message": message})
	}
}
