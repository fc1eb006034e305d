package comment_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/comment"
)

const stamp = "<!-- metsuke:comment:default -->"

// client notes how long it was told to wait, and does not.
func client(waited *[]time.Duration) comment.Client {
	return comment.Client{HTTP: &http.Client{}, Wait: func(ctx context.Context, d time.Duration) error {
		if waited != nil {
			*waited = append(*waited, d)
		}
		return ctx.Err()
	}}
}

// say writes the text with the mark.
func say(text string) comment.Text {
	return func(string, int) (string, error) { return text + stamp, nil }
}

func each(t *testing.T, test func(*testing.T, comment.Service)) {
	t.Helper()
	for _, kind := range comment.Services() {
		t.Run(string(kind), func(t *testing.T) { test(t, kind) })
	}
}

func TestTheFirstRunWritesACommentAndTheNextReplacesIt(t *testing.T) {
	each(t, func(t *testing.T, kind comment.Service) {
		s := newService(t, kind, stored{ID: 1, Author: 2, Body: "looks good"})
		replaced, err := client(nil).Post(t.Context(), s.place(), stamp, say("one"))
		if err != nil || replaced {
			t.Fatalf("replaced %v, error %v", replaced, err)
		}
		var before string
		replaced, err = client(nil).Post(t.Context(), s.place(), stamp, func(old string, most int) (string, error) {
			before = fmt.Sprint(old, " ", most)
			return "two" + stamp, nil
		})
		if err != nil || !replaced {
			t.Fatalf("replaced %v, error %v", replaced, err)
		}
		if want := "one" + stamp + " 65000"; before != want {
			t.Errorf("the writer was told %q, want %q", before, want)
		}
		if diff := cmp.Diff([]string{"looks good", "two" + stamp}, s.bodies()); diff != "" {
			t.Errorf("comments (-want +got):\n%s", diff)
		}
		want := map[comment.Service][]string{
			comment.GitHub: {
				"GET /user", "GET /repos/acme/shop/issues/12/comments?page=1&per_page=100", "POST /repos/acme/shop/issues/12/comments",
				"GET /repos/acme/shop/issues/12/comments?page=1&per_page=100",
				"GET /user", "GET /repos/acme/shop/issues/12/comments?page=1&per_page=100", "PATCH /repos/acme/shop/issues/comments/9001",
			},
			comment.GitLab: {
				"GET /api/v4/user", "GET /api/v4/projects/acme%2Fplatform%2Fshop/merge_requests/12/notes?order_by=created_at&page=1&per_page=100&sort=asc",
				"POST /api/v4/projects/acme%2Fplatform%2Fshop/merge_requests/12/notes",
				"GET /api/v4/projects/acme%2Fplatform%2Fshop/merge_requests/12/notes?order_by=created_at&page=1&per_page=100&sort=asc",
				"GET /api/v4/user", "GET /api/v4/projects/acme%2Fplatform%2Fshop/merge_requests/12/notes?order_by=created_at&page=1&per_page=100&sort=asc",
				"PUT /api/v4/projects/acme%2Fplatform%2Fshop/merge_requests/12/notes/9001",
			},
		}[kind]
		if diff := cmp.Diff(want, s.requests()); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
	})
}

func TestTheCommentIsFoundOnALaterPage(t *testing.T) {
	each(t, func(t *testing.T, kind comment.Service) {
		var comments []stored
		for i := range 250 {
			comments = append(comments, stored{ID: int64(i + 1), Author: 2, Body: "talk"})
		}
		comments[201] = stored{ID: 202, Author: 1, Body: "old" + stamp}
		s := newService(t, kind, comments...)
		replaced, err := client(nil).Post(t.Context(), s.place(), stamp, say("new"))
		if err != nil || !replaced {
			t.Fatalf("replaced %v, error %v", replaced, err)
		}
		if got := s.bodies(); len(got) != 250 || got[201] != "new"+stamp {
			t.Errorf("%d comments, the 202nd is %q", len(got), got[201])
		}
	})
}

func TestEachKeyHasItsOwnComment(t *testing.T) {
	each(t, func(t *testing.T, kind comment.Service) {
		other := "<!-- metsuke:comment:default-2 -->"
		s := newService(t, kind, stored{ID: 1, Author: 1, Body: "the other" + other})
		if _, err := client(nil).Post(t.Context(), s.place(), stamp, say("mine")); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"the other" + other, "mine" + stamp}, s.bodies()); diff != "" {
			t.Errorf("comments (-want +got):\n%s", diff)
		}
	})
}

func TestOfSeveralCommentsOnlyTheOldestStays(t *testing.T) {
	each(t, func(t *testing.T, kind comment.Service) {
		s := newService(t, kind, stored{ID: 7, Author: 1, Body: "b" + stamp}, stored{ID: 5, Author: 1, Body: "a" + stamp}, stored{ID: 9, Author: 1, Body: "c" + stamp})
		if _, err := client(nil).Post(t.Context(), s.place(), stamp, say("new")); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"new" + stamp}, s.bodies()); diff != "" {
			t.Errorf("comments (-want +got):\n%s", diff)
		}
	})
}

// Whoever quotes the mark could otherwise have the verdict written into a comment that
// is theirs to change afterwards.
func TestTwoJobsThatFoundNoCommentEndWithOne(t *testing.T) {
	each(t, func(t *testing.T, kind comment.Service) {
		for name, other := range map[string]stored{
			"the other one is older": {ID: 5, Author: 1, Body: "other" + stamp},
			"the other one is newer": {ID: 9999, Author: 1, Body: "other" + stamp},
		} {
			s := newService(t, kind)
			none := func(w http.ResponseWriter, _ *http.Request) {
				s.mu.Lock()
				s.comments = append(s.comments, other) // just after this job looked
				s.mu.Unlock()
				answer(w, 200, []any{})
			}
			s.faults = []func(http.ResponseWriter, *http.Request){nil, none}
			if _, err := client(nil).Post(t.Context(), s.place(), stamp, say("mine")); err != nil {
				t.Fatal(err)
			}
			if other.ID > 9001 { // the other job looks as well, and puts its text into the older one
				s.faults = []func(http.ResponseWriter, *http.Request){nil}
				if _, err := client(nil).Post(t.Context(), s.place(), stamp, say("other")); err != nil {
					t.Fatal(err)
				}
			}
			want := map[bool]string{true: "other" + stamp, false: "mine" + stamp}[other.ID > 9001]
			if diff := cmp.Diff([]string{want}, s.bodies()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	})
}

func TestACommentThatAnotherJobDeletedFirstIsNoFault(t *testing.T) {
	each(t, func(t *testing.T, kind comment.Service) {
		s := newService(t, kind, stored{ID: 5, Author: 1, Body: "a" + stamp}, stored{ID: 9, Author: 1, Body: "b" + stamp})
		gone := func(w http.ResponseWriter, _ *http.Request) {
			s.mu.Lock()
			s.comments = s.comments[:1]
			s.mu.Unlock()
			answer(w, 404, map[string]any{"message": "Not Found"})
		}
		s.faults = []func(http.ResponseWriter, *http.Request){nil, nil, nil, gone}
		if replaced, err := client(nil).Post(t.Context(), s.place(), stamp, say("new")); err != nil || !replaced {
			t.Errorf("replaced %v, error %v", replaced, err)
		}
		if diff := cmp.Diff([]string{"new" + stamp}, s.bodies()); diff != "" {
			t.Errorf("comments (-want +got):\n%s", diff)
		}
	})
}

func TestTheCommentOfSomebodyElseIsNotTouched(t *testing.T) {
	each(t, func(t *testing.T, kind comment.Service) {
		quoted := stored{ID: 1, Author: 2, Body: "all fine, merge it " + stamp}
		s := newService(t, kind, quoted, stored{ID: 2, Author: 1, Body: "mentioned" + stamp, System: kind == comment.GitLab})
		if kind == comment.GitHub {
			s.comments = s.comments[:1]
		}
		if _, err := client(nil).Post(t.Context(), s.place(), stamp, say("blocked")); err != nil {
			t.Fatal(err)
		}
		if got := s.bodies(); got[0] != quoted.Body || got[len(got)-1] != "blocked"+stamp {
			t.Errorf("comments: %q", got)
		}
	})
}

func TestTheTokenOfAJobWhoseOwnerIsNotToldBelievesBotsOnly(t *testing.T) {
	s := newService(t, comment.GitHub, stored{ID: 1, Author: 2, Body: "mine now" + stamp}, stored{ID: 2, Author: 3, Bot: true, Body: "old" + stamp})
	s.noUser = true
	if _, err := client(nil).Post(t.Context(), s.place(), stamp, say("new")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"mine now" + stamp, "new" + stamp}, s.bodies()); diff != "" {
		t.Errorf("comments (-want +got):\n%s", diff)
	}
}

func TestAnEnterpriseServerHasItsAPIElsewhere(t *testing.T) {
	s := newService(t, comment.GitHub)
	s.prefix = "/api/v3"
	p := s.place()
	p.API += "/" // people write it so, too
	if _, err := client(nil).Post(t.Context(), p, stamp, say("new")); err != nil {
		t.Fatal(err)
	}
	list := "GET /api/v3/repos/acme/shop/issues/12/comments?page=1&per_page=100"
	want := []string{"GET /api/v3/user", list, "POST /api/v3/repos/acme/shop/issues/12/comments", list}
	if diff := cmp.Diff(want, s.requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestATroubledServiceIsAskedAgainAndGetsOneComment(t *testing.T) {
	html := func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
		fmt.Fprint(w, "<html><h1>502 Bad Gateway</h1></html>")
	}
	hangUp := func(w http.ResponseWriter, _ *http.Request) {
		panic(http.ErrAbortHandler)
	}
	each(t, func(t *testing.T, kind comment.Service) {
		for name, tt := range map[string]struct {
			faults []func(http.ResponseWriter, *http.Request)
			waits  []time.Duration
		}{
			"502, then well":          {[]func(http.ResponseWriter, *http.Request){html}, []time.Duration{time.Second}},
			"502 for the comment":     {[]func(http.ResponseWriter, *http.Request){nil, nil, html}, []time.Duration{time.Second}},
			"503 thrice":              {[]func(http.ResponseWriter, *http.Request){refuse(503, ""), refuse(503, ""), refuse(503, "")}, []time.Duration{1e9, 2e9, 4e9}},
			"no answer":               {[]func(http.ResponseWriter, *http.Request){hangUp}, []time.Duration{time.Second}},
			"429 with a time to wait": {[]func(http.ResponseWriter, *http.Request){refuse(429, "slow down", "Retry-After", "7")}, []time.Duration{7 * time.Second}},
			"a secondary rate limit":  {[]func(http.ResponseWriter, *http.Request){nil, nil, refuse(403, "You have exceeded a secondary rate limit. Please wait a few minutes")}, []time.Duration{time.Second}},
		} {
			t.Run(name, func(t *testing.T) {
				s := newService(t, kind)
				s.faults = tt.faults
				var waited []time.Duration
				if _, err := client(&waited).Post(t.Context(), s.place(), stamp, say("new")); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.waits, waited); diff != "" {
					t.Errorf("waited (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff([]string{"new" + stamp}, s.bodies()); diff != "" {
					t.Errorf("comments (-want +got):\n%s", diff)
				}
			})
		}
	})
}

func TestACommentWhoseAnswerGotLostIsNotWrittenTwice(t *testing.T) {
	each(t, func(t *testing.T, kind comment.Service) {
		s := newService(t, kind)
		s.faults = []func(http.ResponseWriter, *http.Request){nil, nil, func(w http.ResponseWriter, r *http.Request) {
			s.mu.Lock()
			s.comments = append(s.comments, stored{ID: 1, Author: 1, Body: s.read(r)})
			s.mu.Unlock()
			w.WriteHeader(http.StatusGatewayTimeout)
		}}
		replaced, err := client(nil).Post(t.Context(), s.place(), stamp, say("new"))
		if err != nil || !replaced {
			t.Errorf("replaced %v, error %v", replaced, err)
		}
		if diff := cmp.Diff([]string{"new" + stamp}, s.bodies()); diff != "" {
			t.Errorf("comments (-want +got):\n%s", diff)
		}
	})
}

func TestATextThatIsTooLongIsWrittenShorter(t *testing.T) {
	for kind, tooLong := range map[comment.Service]func(http.ResponseWriter, *http.Request){
		comment.GitHub: func(w http.ResponseWriter, _ *http.Request) {
			answer(w, 422, map[string]any{"message": "Validation Failed", "errors": []any{map[string]any{
				"resource": "IssueComment", "code": "unprocessable", "field": "data", "message": "Body is too long (maximum is 65536 characters)",
			}}})
		},
		comment.GitLab: refuse(400, "400 Bad request - Note is too long (maximum is 1000000 characters)"),
	} {
		t.Run(string(kind), func(t *testing.T) {
			s := newService(t, kind)
			s.faults = []func(http.ResponseWriter, *http.Request){nil, nil, tooLong}
			var rooms []int
			_, err := client(nil).Post(t.Context(), s.place(), stamp, func(_ string, most int) (string, error) {
				rooms = append(rooms, most)
				return stamp, nil
			})
			if diff := cmp.Diff([]int{65000, 32500}, rooms); diff != "" || err != nil {
				t.Errorf("error %v, rooms (-want +got):\n%s", err, diff)
			}
			s.faults = []func(http.ResponseWriter, *http.Request){nil, nil, tooLong, nil, tooLong}
			if _, err = client(nil).Post(t.Context(), s.place(), stamp, say("")); err == nil || !strings.Contains(err.Error(), "too long") {
				t.Errorf("too long twice: %v", err)
			}
		})
	}
}

func TestARefusalSaysWhichRightIsMissing(t *testing.T) {
	for name, tt := range map[string]struct {
		kind   comment.Service
		job    bool
		faults []func(http.ResponseWriter, *http.Request)
		want   string
	}{
		"GitHub, a bad token": {
			comment.GitHub, false,
			[]func(http.ResponseWriter, *http.Request){refuse(401, "Bad credentials")},
			"comment on acme/shop#12: GET was answered with 401 Unauthorized (Bad credentials): the token is not valid or has expired; give the step GITHUB_TOKEN: ${{ github.token }}",
		},
		"GitHub, a token that reads": {
			comment.GitHub, false,
			[]func(http.ResponseWriter, *http.Request){nil, nil, refuse(403, "Resource not accessible by integration")},
			"comment on acme/shop#12: POST was answered with 403 Forbidden (Resource not accessible by integration): the token may not write comments; give the job the permission pull-requests: write. The token of a pull request from a fork only reads",
		},
		"GitHub, no such pull request": {
			comment.GitHub, false,
			[]func(http.ResponseWriter, *http.Request){nil, refuse(404, "Not Found")},
			"comment on acme/shop#12: GET was answered with 404 Not Found (Not Found): there is no such pull request, or the token does not see the repository",
		},
		"GitHub, invalid": {
			comment.GitHub, false,
			[]func(http.ResponseWriter, *http.Request){nil, nil, refuse(422, "Validation Failed")},
			"comment on acme/shop#12: POST was answered with 422 Unprocessable Entity (Validation Failed)",
		},
		"GitHub, a long limit": {
			comment.GitHub, false,
			[]func(http.ResponseWriter, *http.Request){refuse(403, "API rate limit exceeded", "Retry-After", "3600")},
			"comment on acme/shop#12: GET was answered with 403 Forbidden (API rate limit exceeded); it asks to wait for 1h0m0s",
		},
		"GitLab, a bad token": {
			comment.GitLab, false,
			[]func(http.ResponseWriter, *http.Request){refuse(401, "401 Unauthorized")},
			"comment on acme/platform/shop!12: GET was answered with 401 Unauthorized (401 Unauthorized): GITLAB_TOKEN is not valid or has expired; it wants a project access token with the scope api",
		},
		"GitLab, a token that reads": {
			comment.GitLab, false,
			[]func(http.ResponseWriter, *http.Request){nil, nil, refuse(403, "403 Forbidden")},
			"comment on acme/platform/shop!12: POST was answered with 403 Forbidden (403 Forbidden): the token may not write comments; it needs the scope api and the role Reporter or a higher one",
		},
		"GitLab, no such merge request": {
			comment.GitLab, false,
			[]func(http.ResponseWriter, *http.Request){nil, refuse(404, "404 Not found")},
			"comment on acme/platform/shop!12: GET was answered with 404 Not Found (404 Not found): there is no such merge request, or the token does not see the project",
		},
		"GitLab, the token of a job": {
			comment.GitLab, true, nil,
			"comment on acme/platform/shop!12: GET was answered with 401 Unauthorized (Bad credentials): CI_JOB_TOKEN may read the comments of a merge request and not write them; set GITLAB_TOKEN to a project access token with the scope api",
		},
		"an answer with the token in it": {
			comment.GitHub, false,
			[]func(http.ResponseWriter, *http.Request){nil, refuse(400, "bad \x1b[31m token\n"+token)},
			"comment on acme/shop#12: GET was answered with 400 Bad Request (bad [31m token ***)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t, tt.kind)
			s.faults = tt.faults
			p := s.place()
			p.JobToken = tt.job
			_, err := client(nil).Post(t.Context(), p, stamp, say("new"))
			if err == nil || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
			if len(s.bodies()) > 0 {
				t.Errorf("comments: %q", s.bodies())
			}
			if tt.job && s.headers.Get("Job-Token") != token {
				t.Error("the token of the job was not sent as one")
			}
		})
	}
}

func TestAServiceThatIsDownForLongIsGivenUp(t *testing.T) {
	s := newService(t, comment.GitHub)
	for range 20 {
		s.faults = append(s.faults, refuse(502, "Bad Gateway"))
	}
	var waited []time.Duration
	_, err := client(&waited).Post(t.Context(), s.place(), stamp, say("new"))
	if want := "comment on acme/shop#12: GET was answered with 502 Bad Gateway (Bad Gateway)"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if len(waited) != 3 || len(s.requests()) != 4 {
		t.Errorf("%d requests, waited %v", len(s.requests()), waited)
	}
}

func TestAServiceThatHangsEndsWithTheDeadline(t *testing.T) {
	each(t, func(t *testing.T, kind comment.Service) {
		s := newService(t, kind)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s.faults = []func(http.ResponseWriter, *http.Request){nil, func(_ http.ResponseWriter, r *http.Request) {
			cancel()
			<-r.Context().Done()
		}}
		_, err := client(nil).Post(ctx, s.place(), stamp, say("new"))
		want := fmt.Sprintf("comment on %s: context canceled; the service did not answer in time", s.place())
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}

func TestTheTokenFollowsNoRedirectToAnotherHost(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("the other host got %s with %v", r.URL, r.Header)
		answer(w, 200, map[string]any{})
	}))
	defer other.Close()
	each(t, func(t *testing.T, kind comment.Service) {
		s := newService(t, kind)
		for range 4 {
			s.faults = append(s.faults, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) })
		}
		if _, err := client(nil).Post(t.Context(), s.place(), stamp, say("new")); err == nil || !strings.Contains(err.Error(), "302 Found") {
			t.Errorf("error %v", err)
		}
	})
}

func TestARedirectThatDropsTheTextIsNoSuccess(t *testing.T) {
	each(t, func(t *testing.T, kind comment.Service) {
		old := stored{ID: 1, Author: 1, Body: stamp + "old"}
		s := newService(t, kind, old)
		// After a 302, a client asks with GET, and a page of the service answers that.
		away := func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, s.prefix+"/user", http.StatusFound) }
		s.faults = []func(http.ResponseWriter, *http.Request){nil, nil, away}
		_, err := client(nil).Post(t.Context(), s.place(), stamp, say("new"))
		if err == nil || !strings.Contains(err.Error(), "302 Found") || s.comments[0].Body != old.Body {
			t.Errorf("error %v, the comment says %q", err, s.comments[0].Body)
		}
	})
}

func TestAnAddressThatIsNoAPIIsToldApart(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>Sign in</html>") }))
	defer page.Close()
	for name, tt := range map[string]struct {
		place comment.Place
		want  string
	}{
		"a web page":       {comment.Place{Service: comment.GitHub, API: page.URL, Repository: "a/b", Number: 1}, "the answer is not the JSON of this API; is the address of the API right?"},
		"no address":       {comment.Place{Service: comment.GitHub, API: "ghes.example", Repository: "a/b", Number: 1}, "the address of the API is no web address"},
		"with a password":  {comment.Place{Service: comment.GitLab, API: "https://u:p@gitlab.example", Repository: "1", Number: 1}, "the address of the API is no web address"},
		"no repository":    {comment.Place{Service: comment.GitHub, API: page.URL, Repository: "shop", Number: 1}, `the repository "shop" is not written owner/name`},
		"another service":  {comment.Place{Service: "gitea", API: page.URL, Repository: "a/b", Number: 1}, `there is no service "gitea"`},
		"too many slashes": {comment.Place{Service: comment.GitHub, API: page.URL, Repository: "a/b/../c", Number: 1}, `is not written owner/name`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := client(nil).Post(t.Context(), tt.place, stamp, say("x")); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestAWriterThatFailsWritesNothing(t *testing.T) {
	s := newService(t, comment.GitHub)
	for want, text := range map[string]comment.Text{
		"no room":                            func(string, int) (string, error) { return "", fmt.Errorf("no room") },
		"the comment does not hold its mark": func(string, int) (string, error) { return "unmarked", nil },
	} {
		if _, err := client(nil).Post(t.Context(), s.place(), stamp, text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if len(s.bodies()) > 0 {
		t.Errorf("comments: %q", s.bodies())
	}
}
