package notify

import (
	stdcmp "cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// received is a request that a server of a test had.
type received struct {
	path   string
	header http.Header
	body   string
}

// server answers requests and keeps them.
func server(t *testing.T, answer func(n int, w http.ResponseWriter)) (url string, got *[]received) {
	t.Helper()
	got = &[]received{}
	var mu sync.Mutex // a request that is never answered overlaps the next
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		*got = append(*got, received{r.URL.Path, r.Header, string(body)})
		n := len(*got)
		mu.Unlock()
		answer(n, w)
	}))
	t.Cleanup(s.Close)
	return s.URL, got
}

func clock() time.Time { return now }

func everything(to string) []Receiver { return []Receiver{{Everything: true, To: to}} }

// composed returns the only envelope of the night for a channel.
func composed(t *testing.T, c Channel) Envelope {
	t.Helper()
	return composedOf(t, c, night())
}

func composedOf(t *testing.T, c Channel, run finding.Run) Envelope {
	t.Helper()
	es, err := c.Compose(News{Run: run, Digests: Digests(run, nil, nil, finding.Low, deadlines(), "https://reports.example.com/latest?a=1&b=2")})
	if err != nil || len(es) != 1 {
		t.Fatalf("%d envelopes, %v", len(es), err)
	}
	return es[0]
}

func TestEveryReceiverHasAMessageWithAKeyOfItsOwn(t *testing.T) {
	c := Slack{Name: "chat", Token: "xoxb", Receivers: []Receiver{{Everything: true, To: "#ccoe"}, {Owner: "shop", To: "#shop"}, {Owner: "pay", To: "#pay"}, {Owner: "", To: "#ccoe"}}}.Channel()
	digests := Digests(night(), nil, nil, finding.Low, deadlines(), "")
	first, err := c.Compose(News{Run: night(), Digests: digests})
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.Compose(News{Run: night(), Digests: digests})
	if diff := cmp.Diff(first, again); diff != "" || err != nil {
		t.Errorf("composed twice, the messages differ: %v\n%s", err, diff)
	}
	keys := map[string]string{}
	for _, e := range first {
		keys[e.Key] = e.To
		if e.Run != night().ID || e.Channel != "chat" || !strings.HasPrefix(e.Key, "chat/20261122-020000-bbbbbbbb/") {
			t.Errorf("an envelope is %+v", e)
		}
	}
	if len(keys) != 3 { // for pay nothing changed
		t.Errorf("the keys are %v", keys)
	}
}

func TestSlackIsToldInBlocksThatItTakes(t *testing.T) {
	run := night()
	run.Findings[0].Message = "<!channel> <https://evil.example|click> & *bold*"
	for n := range 40 {
		f := failure("shop", strings.Repeat("very-long-name-", 20)+strconv.Itoa(n), finding.High, finding.StatusNew, now)
		f.Title, f.Message = strings.Repeat("title ", 100), strings.Repeat("message ", 500)
		run.Findings = append(run.Findings, f)
	}
	url, got := server(t, func(_ int, w http.ResponseWriter) { _, _ = io.WriteString(w, `{"ok":true}`) })
	c := Slack{Name: "chat", Token: "xoxb-secret", API: url, Receivers: everything("#ccoe"), Client: http.DefaultClient, Now: clock}.Channel()
	if err := c.Send(t.Context(), composedOf(t, c, run)); err != nil {
		t.Fatal(err)
	}
	r := (*got)[0]
	if r.path != "/chat.postMessage" || r.header.Get("Authorization") != "Bearer xoxb-secret" {
		t.Errorf("%s with %q", r.path, r.header.Get("Authorization"))
	}
	var m slackMessage
	if err := json.Unmarshal([]byte(r.body), &m); err != nil {
		t.Fatal(err)
	}
	if m.Channel != "#ccoe" || !strings.HasPrefix(m.Text, "metsuke: Everything: 43 new, 1 reopened, 1 overdue, 1 fixed, 1 gone") || len(m.Blocks) > 50 {
		t.Errorf("channel %s, text %q, %d blocks", m.Channel, m.Text, len(m.Blocks))
	}
	for _, b := range m.Blocks {
		for _, e := range append(b.Elements, *orEmpty(b.Text)) {
			if e.Type == "mrkdwn" != e.Verbatim { // anything else makes a mention of @here
				t.Errorf("a text is %s, verbatim %v", e.Type, e.Verbatim)
			}
		}
		if b.Text == nil {
			continue
		}
		if limit := map[string]int{"header": 150, "section": 3000}[b.Type]; len([]rune(b.Text.Text)) > limit || b.Text.Text == "" {
			t.Errorf("a %s has %d characters", b.Type, len(b.Text.Text))
		}
	}
	if strings.Contains(r.body, "<!channel>") || strings.Contains(r.body, "<https://evil") {
		t.Error("what an account says became a mention or a link")
	}
	if !strings.Contains(m.Blocks[len(m.Blocks)-1].Elements[0].Text, "<https://reports.example.com/latest?a=1&amp;b=2|report>") {
		t.Errorf("the foot is %q", m.Blocks[len(m.Blocks)-1].Elements[0].Text)
	}
}

func orEmpty(t *slackText) *slackText { return stdcmp.Or(t, &slackText{}) }

func TestAnAnswerOfSlackSaysWhetherToTryAgain(t *testing.T) {
	for name, c := range map[string]struct {
		status    int
		retry     string
		body      string
		permanent bool
		after     time.Duration
		want      string
	}{
		"no such channel":    {200, "", `{"ok":false,"error":"channel_not_found"}`, true, 0, "it is of no use to try again: slack answered channel_not_found"},
		"a limit":            {429, "30", `{"ok":false,"error":"ratelimited"}`, false, 30 * time.Second, `answered 429 Too Many Requests: {"ok":false,"error":"ratelimited"}`},
		"a limit with 200":   {200, "7", `{"ok":false,"error":"ratelimited"}`, false, 7 * time.Second, "slack answered ratelimited"},
		"trouble over there": {503, "", "down", false, 0, "answered 503 Service Unavailable: down"},
		"a limit of no time": {429, "", "", false, time.Minute, "answered 429 Too Many Requests"},
		"a page of a proxy":  {200, "", "<html>", false, 0, "is no JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			url, _ := server(t, func(_ int, w http.ResponseWriter) {
				w.Header().Set("Retry-After", c.retry)
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			ch := Slack{Name: "chat", Token: "xoxb-secret", API: url, Receivers: everything("#ccoe"), Client: http.DefaultClient, Now: clock}.Channel()
			expectError(t, ch.Send(t.Context(), composed(t, ch)), c.permanent, c.after, c.want)
		})
	}
}

// expectError looks at what a Postman goes by, and for secrets.
func expectError(t *testing.T, err error, permanent bool, after time.Duration, want string) {
	t.Helper()
	var busy *Busy
	var got time.Duration
	if errors.As(err, &busy) {
		got = busy.After
	}
	if err == nil || errors.Is(err, ErrPermanent) != permanent || got != after || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v (permanent %v, after %s)\nwant %s (%v, %s)", err, errors.Is(err, ErrPermanent), got, want, permanent, after)
	}
	if err != nil && strings.Contains(err.Error(), "secret") {
		t.Errorf("a secret is in %v", err)
	}
}

func TestAServerThatHangsIsGivenUpWithTheContextAndNoSecretIsTold(t *testing.T) {
	release := make(chan struct{})
	url, _ := server(t, func(int, http.ResponseWriter) { <-release })
	t.Cleanup(func() { close(release) })
	for name, c := range map[string]Channel{
		"slack":   Slack{Name: "x", Webhook: Fixed(url + "/services/secret"), Receivers: everything(""), Client: http.DefaultClient, Now: clock}.Channel(),
		"teams":   Teams{Name: "x", Webhook: Fixed(url + "/workflows/secret"), Receivers: everything(""), Client: http.DefaultClient, Now: clock}.Channel(),
		"webhook": Webhook{Name: "x", URL: url + "/secret", Receivers: everything(""), Client: http.DefaultClient, Now: clock}.Channel(),
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			expectError(t, c.Send(ctx, composed(t, c)), false, 0, "could not be reached: context deadline exceeded")
		})
	}
}

// A POST that is redirected becomes a GET in most clients: the page that it leads to
// answers 200, and nobody was told.
func TestAPlaceThatSendsElsewhereWasNotTold(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		asked := 0
		url, _ := server(t, func(_ int, w http.ResponseWriter) {
			asked++
			w.Header().Set("Location", "https://elsewhere.example.com/secret")
			w.WriteHeader(status)
		})
		c := Webhook{Name: "x", URL: url + "/secret", Receivers: everything(""), Client: http.DefaultClient, Now: clock}.Channel()
		expectError(t, c.Send(t.Context(), composed(t, c)), true, 0, "it sends elsewhere, to elsewhere.example.com, and the configuration has to name that")
		if asked != 1 {
			t.Errorf("%d: asked %d times", status, asked)
		}
	}
}

func TestTeamsIsToldInACardThatIsNotTooLong(t *testing.T) {
	run := night()
	for n := range 40 {
		f := failure("shop", strings.Repeat("ö", 300)+strconv.Itoa(n), finding.High, finding.StatusNew, now)
		f.Title, f.Message = strings.Repeat("title ", 100), "[click](https://evil.example) "+strings.Repeat("message ", 500)
		run.Findings = append(run.Findings, f)
	}
	url, got := server(t, func(_ int, w http.ResponseWriter) { w.WriteHeader(http.StatusAccepted) })
	c := Teams{Name: "teams", Webhook: Fixed(url), Receivers: everything(""), Client: http.DefaultClient, Now: clock}.Channel()
	if err := c.Send(t.Context(), composedOf(t, c, run)); err != nil {
		t.Fatal(err)
	}
	body := (*got)[0].body
	var m teamsMessage
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		t.Fatal(err)
	}
	if len(body) > 28_000 || m.Type != "message" || len(m.Attachments) != 1 || m.Attachments[0].ContentType != "application/vnd.microsoft.card.adaptive" {
		t.Errorf("%d bytes, %s, %d attachments", len(body), m.Type, len(m.Attachments))
	}
	for _, e := range m.Attachments[0].Content.Body {
		if e.Type != "RichTextBlock" { // anything else shows Markdown as such, and so the links of others
			t.Errorf("an element is a %s", e.Type)
		}
	}
	if !strings.Contains(body, `"New (43)"`) || !strings.Contains(body, "more") || m.Attachments[0].Content.Actions[0].URL != "https://reports.example.com/latest?a=1&b=2" {
		t.Errorf("the card is %s", body)
	}
}

func TestAFailureThatTeamsTellsAsASuccessIsAFailure(t *testing.T) {
	for text, permanent := range map[string]bool{
		"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 413 with ContextId x": true,
		"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x": false,
		"Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 502 with ContextId x": false,
	} {
		url, _ := server(t, func(_ int, w http.ResponseWriter) { _, _ = io.WriteString(w, text) })
		c := Teams{Name: "teams", Webhook: Fixed(url), Receivers: everything(""), Client: http.DefaultClient, Now: clock}.Channel()
		expectError(t, c.Send(t.Context(), composed(t, c)), permanent, 0, "Webhook message delivery failed")
	}
}

func TestAWebhookIsSignedAndCanBeToldFromItsRepetition(t *testing.T) {
	url, got := server(t, func(n int, w http.ResponseWriter) {
		if n == 1 {
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	c := Webhook{Name: "hook", URL: url, Secret: []byte("s3cret"), Receivers: everything(""), Client: http.DefaultClient, Now: clock}.Channel()
	e := composed(t, c)
	if err := c.Send(t.Context(), e); err == nil {
		t.Error("502 is a success")
	}
	if err := c.Send(t.Context(), e); err != nil {
		t.Error(err)
	}
	one, two := (*got)[0], (*got)[1]
	if one.body != two.body || one.header.Get("Idempotency-Key") == "" || one.header.Get("Idempotency-Key") != two.header.Get("Idempotency-Key") {
		t.Errorf("the tries differ: %q and %q", one.header.Get("Idempotency-Key"), two.header.Get("Idempotency-Key"))
	}
	stamp := one.header.Get("X-Metsuke-Timestamp")
	if stamp != strconv.FormatInt(now.Unix(), 10) || one.header.Get("X-Metsuke-Signature") != "sha256="+signature([]byte("s3cret"), stamp, []byte(one.body)) {
		t.Errorf("signed %q at %q", one.header.Get("X-Metsuke-Signature"), stamp)
	}
	var m webhookMessage
	if err := json.Unmarshal([]byte(one.body), &m); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"new": 3, "reopened": 1, "fixed": 1, "gone": 1, "overdue": 1, "unwaived": 0}, m.Counts); diff != "" || m.Kind != "metsuke.digest" || m.New[0].Resource.Name != "fresh" {
		t.Errorf("%s, first new %s\n%s", m.Kind, m.New[0].Resource.Name, diff)
	}
}

func TestTheSignatureIsThatOfOtherPrograms(t *testing.T) {
	// printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac key
	const want = "a438e398bfafc57e4396bb7fc2304422f0f768e965d073ca313cb52e22e6ad03"
	if got := signature([]byte("key"), "1700000000", []byte(`{"a":1}`)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A reader sees by the id of the run that what Slack or Teams shows twice is one message.
func TestAMessageForPeopleNamesItsRun(t *testing.T) {
	for name, c := range map[string]Channel{
		"slack": Slack{Name: "x", Token: "xoxb", Receivers: everything("#ccoe")}.Channel(),
		"teams": Teams{Name: "x", Receivers: everything("")}.Channel(),
		"mail":  Email{Name: "x", Receivers: everything("a@example.com")}.Channel(),
	} {
		if e := composed(t, c); !strings.Contains(string(e.Body), "Scan of 2026-11-22 02:00 UTC, since that of 2026-11-21 02:00 UTC; run "+night().ID) {
			t.Errorf("%s: %s", name, e.Body)
		}
	}
}

// Servers repeat what they were asked for, and what they say is kept and shown.
func TestAnAnswerThatRepeatsASecretIsToldWithoutIt(t *testing.T) {
	answer := ""
	url, _ := server(t, func(_ int, w http.ResponseWriter) {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, answer)
	})
	const path, query = "/services/T0000/B0000/my-secret-part", "?code=another-secret"
	for name, c := range map[string]Channel{
		"slack":   Slack{Name: "x", Webhook: Fixed(url + path + query), Receivers: everything(""), Client: http.DefaultClient, Now: clock}.Channel(),
		"bot":     Slack{Name: "x", API: url, Token: "xoxb-secret", Receivers: everything(""), Client: http.DefaultClient, Now: clock}.Channel(),
		"teams":   Teams{Name: "x", Webhook: Fixed(url + path + query), Receivers: everything(""), Client: http.DefaultClient, Now: clock}.Channel(),
		"webhook": Webhook{Name: "x", URL: url + path + query, Receivers: everything(""), Client: http.DefaultClient, Now: clock}.Channel(),
	} {
		for _, answer = range []string{"Cannot POST " + path + query, "no my-secret-part here", "code another-secret is wrong", "Webhook message delivery failed for another-secret", "token xoxb-secret is wrong"} {
			if name != "bot" && strings.Contains(answer, "xoxb") || name == "bot" && !strings.Contains(answer, "xoxb") {
				continue
			}
			expectError(t, c.Send(t.Context(), composed(t, c)), true, 0, "***")
		}
	}
}

func TestALimitOfGitHubIsHeededAndADenialIsNone(t *testing.T) {
	for name, c := range map[string]struct {
		header    map[string]string
		body      string
		permanent bool
		after     time.Duration
	}{
		"the hour's requests are used up": {map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": strconv.FormatInt(now.Add(20*time.Minute).Unix(), 10)}, "API rate limit exceeded", false, 20 * time.Minute},
		"too much at once":                {nil, `{"message": "You have exceeded a secondary rate limit."}`, false, time.Minute},
		"too much at once, with a time":   {map[string]string{"Retry-After": "90", "X-RateLimit-Remaining": "4000"}, "", false, 90 * time.Second},
		"the token may not":               {map[string]string{"X-RateLimit-Remaining": "4000"}, `{"message": "Resource not accessible by personal access token"}`, true, 0},
	} {
		t.Run(name, func(t *testing.T) {
			url, _ := server(t, func(_ int, w http.ResponseWriter) {
				for k, v := range c.header {
					w.Header().Set(k, v)
				}
				w.WriteHeader(http.StatusForbidden)
				_, _ = io.WriteString(w, c.body)
			})
			ch := GitHubIssues{Name: "x", Repository: "acme/governance", API: url, Least: finding.Low, Owns: func(string) bool { return true }, Memory: newMemory(), Client: http.DefaultClient, Now: clock}.Channel()
			es, err := ch.Compose(state(true, []finding.Finding{failure("shop", "one", finding.High, finding.StatusNew, now)}, finding.Since{}))
			if err != nil || len(es) != 1 {
				t.Fatal(es, err)
			}
			expectError(t, ch.Send(t.Context(), es[0]), c.permanent, c.after, "answered 403 Forbidden")
		})
	}
}
