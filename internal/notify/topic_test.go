package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/providers"
)

// memory is a Memory.
type memory struct {
	refs map[string]string
	open map[string]bool
	told map[string]string
}

func newMemory() *memory {
	return &memory{map[string]string{}, map[string]bool{}, map[string]string{}}
}

// lose forgets everything, as a database does that was deleted.
func (m *memory) lose() { clear(m.refs); clear(m.open); clear(m.told) }

func (m *memory) Recall(_ context.Context, _, topic string) (string, error) {
	return m.refs[topic], nil
}

func (m *memory) Remember(_ context.Context, _, topic, ref string, open bool) error {
	m.refs[topic], m.open[topic] = ref, open
	return nil
}

func (m *memory) topics() []string {
	var out []string
	for id, open := range m.open {
		if open {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// ticket is an issue of a simulated tracker.
type ticket struct {
	title, body string
	labels      []string
	open        bool
	gone        bool
}

// desk is a tracker on loopback that answers as GitHub or Jira does.
type desk struct {
	mu      sync.Mutex
	tickets []*ticket
	calls   []string
	// lost is how many answers to a creation get lost: the issue is made, and the answer
	// is an error.
	lost int
	// locked says that a closed ticket cannot be edited.
	locked bool
}

func (d *desk) start(t *testing.T, h func(w http.ResponseWriter, r *http.Request, body map[string]any)) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.calls = append(d.calls, r.Method+" "+r.URL.Path)
		var body map[string]any
		_ = json.NewDecoder(r.Body).Decode(&body)
		h(w, r, body)
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func (d *desk) make(w http.ResponseWriter, tk *ticket, answer any) {
	d.tickets = append(d.tickets, tk)
	if d.lost > 0 {
		d.lost--
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(answer)
}

// states are the tickets in a line each.
func (d *desk) states() []string {
	var out []string
	for _, tk := range d.tickets {
		if !tk.gone {
			out = append(out, fmt.Sprintf("%s, open %v", tk.title, tk.open))
		}
	}
	return out
}

func texts(v any) []string {
	var out []string
	list, _ := v.([]any)
	for _, e := range list {
		out = append(out, fmt.Sprint(e))
	}
	return out
}

// github answers as docs.github.com says of issues.
func (d *desk) github(t *testing.T) string {
	number := regexp.MustCompile(`^/repos/acme/governance/issues/(\d+)$`)
	return d.start(t, func(w http.ResponseWriter, r *http.Request, body map[string]any) {
		show := func(i int) map[string]any {
			state := map[bool]string{true: "open", false: "closed"}[d.tickets[i].open]
			return map[string]any{"number": i + 1, "body": d.tickets[i].body, "state": state}
		}
		switch m := number.FindStringSubmatch(r.URL.Path); {
		case r.Header.Get("Authorization") != "Bearer ghp_secret":
			w.WriteHeader(http.StatusUnauthorized)
		case r.Method == http.MethodGet && r.URL.Path == "/repos/acme/governance/issues" && r.URL.Query().Get("state") == "all" && r.URL.Query().Get("labels") == "metsuke":
			page, _ := strconv.Atoi(r.URL.Query().Get("page"))
			per, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
			list := []map[string]any{}
			for i := (page - 1) * per; i < min(page*per, len(d.tickets)); i++ {
				list = append(list, show(i))
			}
			_ = json.NewEncoder(w).Encode(list)
		case r.Method == http.MethodPost && r.URL.Path == "/repos/acme/governance/issues":
			d.make(w, &ticket{title: body["title"].(string), body: body["body"].(string), labels: texts(body["labels"]), open: true}, map[string]any{"number": len(d.tickets) + 1})
		case r.Method == http.MethodPatch && m != nil:
			n, _ := strconv.Atoi(m[1])
			tk := d.tickets[n-1]
			if tk.gone {
				w.WriteHeader(http.StatusGone)
				return
			}
			if v, ok := body["title"].(string); ok {
				tk.title = v
			}
			if v, ok := body["body"].(string); ok {
				tk.body = v
			}
			tk.open = body["state"] == "open"
			_ = json.NewEncoder(w).Encode(show(n - 1))
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	})
}

// jira answers as the REST API of Jira Cloud does.
func (d *desk) jira(t *testing.T) string {
	key := regexp.MustCompile(`^/rest/api/2/issue/GOV-(\d+)(/transitions)?$`)
	status := func(open bool) map[string]any {
		if open {
			return map[string]any{"name": "To Do", "statusCategory": map[string]string{"key": "new"}}
		}
		return map[string]any{"name": "Done", "statusCategory": map[string]string{"key": "done"}}
	}
	return d.start(t, func(w http.ResponseWriter, r *http.Request, body map[string]any) {
		fields, _ := body["fields"].(map[string]any)
		m := key.FindStringSubmatch(r.URL.Path)
		var tk *ticket
		if m != nil {
			n, _ := strconv.Atoi(m[1])
			tk = d.tickets[n-1]
		}
		user, token, _ := r.BasicAuth()
		switch {
		case user != "bot@example.com" || token != "secret":
			w.WriteHeader(http.StatusUnauthorized)
		case tk != nil && tk.gone:
			w.WriteHeader(http.StatusNotFound)
		case r.URL.Path == "/rest/api/2/search/jql":
			found := []map[string]string{}
			for i, tk := range d.tickets {
				for _, l := range tk.labels {
					if strings.Contains(r.URL.Query().Get("jql"), `labels = "`+l+`"`) && !tk.gone {
						found = append(found, map[string]string{"key": fmt.Sprintf("GOV-%d", i+1)})
					}
				}
			}
			_ = json.NewEncoder(w).Encode(map[string]any{"issues": found, "isLast": true})
		case r.Method == http.MethodPost && r.URL.Path == "/rest/api/2/issue":
			d.make(w, &ticket{title: fields["summary"].(string), body: fields["description"].(string), labels: texts(fields["labels"]), open: true}, map[string]string{"key": fmt.Sprintf("GOV-%d", len(d.tickets)+1)})
		case tk == nil:
			w.WriteHeader(http.StatusNotFound)
		case r.Method == http.MethodPut && d.locked && !tk.open:
			w.WriteHeader(http.StatusBadRequest)
		case r.Method == http.MethodPut:
			if v, ok := fields["summary"].(string); ok {
				tk.title = v
			}
			if v, ok := fields["description"].(string); ok {
				tk.body = v
			}
			w.WriteHeader(http.StatusNoContent)
		case r.Method == http.MethodGet && m[2] == "":
			_ = json.NewEncoder(w).Encode(map[string]any{"fields": map[string]any{"status": status(tk.open)}})
		case r.Method == http.MethodGet:
			_ = json.NewEncoder(w).Encode(map[string]any{"transitions": []map[string]any{{"id": "11", "to": status(true)}, {"id": "31", "to": status(false)}}})
		case r.Method == http.MethodPost && m[2] != "":
			tk.open = body["transition"].(map[string]any)["id"] == "11"
			w.WriteHeader(http.StatusNoContent)
		}
	})
}

// trackers are the two kinds over a desk.
func trackers(t *testing.T, d *desk, m Memory) map[string]Channel {
	t.Helper()
	all := func(string) bool { return true }
	return map[string]Channel{
		"github": GitHubIssues{Name: "issues", Repository: "acme/governance", Token: "ghp_secret", API: d.github(t), Least: finding.Medium, Owns: all, Memory: m, Client: http.DefaultClient, Now: clock}.Channel(),
		"jira":   Jira{Name: "issues", URL: d.jira(t), User: "bot@example.com", Token: "secret", Project: "GOV", Least: finding.Medium, Owns: all, Memory: m, Client: http.DefaultClient, Now: clock}.Channel(),
	}
}

// kinds runs a test with each kind of tracker.
func kinds(t *testing.T, f func(t *testing.T, d *desk, m *memory, tell func(n News))) {
	t.Helper()
	for _, kind := range []string{"github", "jira"} {
		t.Run(kind, func(t *testing.T) {
			d, m := &desk{}, newMemory()
			c := trackers(t, d, m)[kind]
			f(t, d, m, func(n News) {
				t.Helper()
				n.Open, n.Told = map[string][]string{"issues": m.topics()}, map[string]map[string]string{"issues": m.told}
				es, err := c.Compose(n)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range es {
					maps.Copy(m.told, e.Tells)
					for range 3 { // as a Postman does
						if err = c.Send(t.Context(), e); err == nil {
							break
						}
					}
					if err != nil {
						t.Fatal(err)
					}
				}
			})
		})
	}
}

// state is news of a run after which these failures are alive.
func state(first bool, alive []finding.Finding, s finding.Since) News {
	run := finding.Run{ID: "run", Time: now, Policies: []finding.Policy{{ID: "aws-s3-public", Title: "S3 buckets are not public", Remediation: "Switch on the public access block."}}}
	if !first {
		s.Run = before
		run.Since = &s
	}
	return News{Run: run, Alive: alive}
}

const shopTitle, payTitle = "[high] S3 buckets are not public in aws 111111111111, shop-prod", "[high] S3 buckets are not public in aws 111111111111, shop-prod"

func TestATopicHasOneIssueThatFollowsItsFailures(t *testing.T) {
	kinds(t, func(t *testing.T, d *desk, _ *memory, tell func(News)) {
		one, two := failure("shop", "one", finding.High, finding.StatusNew, now), failure("shop", "two", finding.High, finding.StatusNew, now)
		expect := func(when string, want ...string) {
			t.Helper()
			if diff := cmp.Diff(want, d.states()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", when, diff)
			}
		}
		small := failure("shop", "small", finding.Low, finding.StatusNew, now)
		tell(state(true, []finding.Finding{one, two, small}, finding.Since{}))
		expect("after the first run", shopTitle+", open true")
		if body := d.tickets[0].body; !strings.Contains(body, "one") || !strings.Contains(body, "two") || strings.Contains(body, "small") || !strings.Contains(body, "Switch on the public access block.") {
			t.Errorf("the issue says\n%s", body)
		}
		one.History.Status, two.History.Status = finding.StatusOpen, finding.StatusOpen
		calls := len(d.calls)
		tell(state(false, []finding.Finding{one, two}, finding.Since{}))
		if len(d.calls) != calls {
			t.Errorf("nothing changed, and there were calls: %q", d.calls[calls:])
		}
		tell(state(false, []finding.Finding{one}, finding.Since{Fixed: []finding.Finding{two}}))
		expect("when one is fixed", shopTitle+", open true")
		if body := d.tickets[0].body; strings.Contains(body, "two") {
			t.Errorf("the issue still says\n%s", body)
		}
		dark := one
		dark.History = &finding.History{Status: finding.StatusNotVisible}
		tell(state(false, []finding.Finding{dark}, finding.Since{NotVisible: []finding.Finding{dark}}))
		expect("when the other cannot be looked at", shopTitle+", open true")
		tell(state(false, nil, finding.Since{Gone: []finding.Finding{one}}))
		expect("when the other is gone", shopTitle+", open false")
		one.History.Status = finding.StatusReopened
		tell(state(false, []finding.Finding{one}, finding.Since{}))
		expect("when it is back", shopTitle+", open true")
		one.Waiver = &finding.Waiver{Reason: "x"}
		one.History.Status = finding.StatusWaived
		tell(state(false, []finding.Finding{one}, finding.Since{}))
		expect("when it is waived", shopTitle+", open false")
		calls = len(d.calls)
		tell(state(false, []finding.Finding{one}, finding.Since{}))
		if len(d.calls) != calls {
			t.Errorf("it is waived as before, and there were calls: %q", d.calls[calls:])
		}
		one.Waiver, one.History.Status = nil, finding.StatusOpen // as the store says when a waiver ends
		tell(state(false, []finding.Finding{one}, finding.Since{}))
		expect("when the waiver is over", shopTitle+", open true")
	})
}

func TestAnIssueSaysAgainWhatCanBeLookedAtAgain(t *testing.T) {
	kinds(t, func(t *testing.T, d *desk, _ *memory, tell func(News)) {
		one, two := failure("shop", "one", finding.High, finding.StatusNew, now), failure("shop", "two", finding.High, finding.StatusNew, now)
		tell(state(true, []finding.Finding{one, two}, finding.Since{}))
		two.History.Status = finding.StatusNotVisible
		tell(state(false, []finding.Finding{one, two}, finding.Since{NotVisible: []finding.Finding{two}}))
		if body := d.tickets[0].body; !strings.Contains(body, "1 could not be looked at") {
			t.Errorf("the issue says\n%s", body)
		}
		two.History.Status = finding.StatusOpen
		tell(state(false, []finding.Finding{one, two}, finding.Since{}))
		if body := d.tickets[0].body; strings.Contains(body, "could not be looked at") || !strings.Contains(body, "two") {
			t.Errorf("the issue still says\n%s", body)
		}
	})
}

func TestWhatFailedBeforeAChannelWasSetUpHasItsIssueToo(t *testing.T) {
	kinds(t, func(t *testing.T, d *desk, _ *memory, tell func(News)) {
		tell(state(false, []finding.Finding{failure("shop", "old", finding.High, finding.StatusOpen, now.AddDate(0, 0, -9))}, finding.Since{}))
		if diff := cmp.Diff([]string{shopTitle + ", open true"}, d.states()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// A failure that is over before its issue could be made must not leave one open.
func TestAnIssueThatIsStillToBeMadeIsClosedWhenItsFailuresAreOver(t *testing.T) {
	d, m := &desk{}, newMemory()
	for kind, c := range trackers(t, d, m) {
		one := failure("shop", "one", finding.High, finding.StatusNew, now)
		es, err := c.Compose(state(true, []finding.Finding{one}, finding.Since{}))
		if err != nil || len(es) != 1 {
			t.Fatal(es, err)
		}
		n := state(false, nil, finding.Since{Fixed: []finding.Finding{one}})
		n.Told = map[string]map[string]string{"issues": es[0].Tells}
		later, err := c.Compose(n)
		if err != nil || len(later) != 1 || later[0].To != es[0].To || !strings.Contains(string(later[0].Body), `"failing":[]`) {
			t.Errorf("%s: %+v, %v", kind, later, err)
		}
	}
}

// The number of an issue is a name in its repository only: in another one it is somebody
// else's issue.
func TestAnIssueOfAnotherPlaceIsNotTouched(t *testing.T) {
	kinds(t, func(t *testing.T, d *desk, m *memory, tell func(News)) {
		d.tickets = []*ticket{{title: "somebody else's", open: true}}
		one := failure("shop", "one", finding.High, finding.StatusNew, now)
		m.refs[topicID(one)], m.open[topicID(one)] = map[string]string{"github": "acme/old#1", "jira": "https://old.example.com/browse/GOV-1"}[t.Name()[strings.LastIndex(t.Name(), "/")+1:]], true
		tell(state(true, []finding.Finding{one}, finding.Since{}))
		tell(state(false, nil, finding.Since{Fixed: []finding.Finding{one}}))
		if diff := cmp.Diff([]string{"somebody else's, open true", shopTitle + ", open false"}, d.states()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

// In many workflows a closed issue cannot be edited.
func TestAClosedIssueOfJiraIsOpenedBeforeItIsWrittenAndClosedAfter(t *testing.T) {
	d, m := &desk{locked: true}, newMemory()
	c := trackers(t, d, m)["jira"]
	one := failure("shop", "one", finding.High, finding.StatusNew, now)
	for when, n := range []News{state(true, []finding.Finding{one}, finding.Since{}), state(false, nil, finding.Since{Fixed: []finding.Finding{one}}), state(true, []finding.Finding{one}, finding.Since{})} {
		n.Open = map[string][]string{"issues": m.topics()}
		es, err := c.Compose(n)
		if err != nil || len(es) != 1 {
			t.Fatal(when, es, err)
		}
		if err := c.Send(t.Context(), es[0]); err != nil {
			t.Error(when, err)
		}
	}
	if diff := cmp.Diff([]string{shopTitle + ", open true"}, d.states()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAnIssueIsNeverMadeTwice(t *testing.T) {
	kinds(t, func(t *testing.T, d *desk, m *memory, tell func(News)) {
		d.lost = 1
		one := failure("shop", "one", finding.High, finding.StatusNew, now)
		tell(state(true, []finding.Finding{one}, finding.Since{}))
		if diff := cmp.Diff([]string{shopTitle + ", open true"}, d.states()); diff != "" {
			t.Errorf("when the answer got lost (-want +got):\n%s", diff)
		}
		m.lose()
		tell(state(true, []finding.Finding{one}, finding.Since{}))
		if diff := cmp.Diff([]string{shopTitle + ", open true"}, d.states()); diff != "" {
			t.Errorf("when nobody remembers (-want +got):\n%s", diff)
		}
		d.tickets[0].gone, d.tickets[0].body, d.tickets[0].labels = true, "", nil
		two := failure("shop", "two", finding.High, finding.StatusNew, now)
		tell(state(false, []finding.Finding{one, two}, finding.Since{}))
		if diff := cmp.Diff([]string{shopTitle + ", open true"}, d.states()); diff != "" || len(d.tickets) != 2 {
			t.Errorf("when somebody deleted it (-want +got):\n%s", diff)
		}
	})
}

// What is told late of an issue must not be the last word: an outbox goes by the receiver.
func TestEveryIssueIsAReceiverOfItsOwn(t *testing.T) {
	n := state(true, []finding.Finding{failure("shop", "one", finding.High, finding.StatusNew, now), failure("pay", "two", finding.High, finding.StatusNew, now)}, finding.Since{})
	for kind, c := range trackers(t, &desk{}, newMemory()) {
		es, err := c.Compose(n)
		if err != nil || len(es) != 2 || es[0].To == "" || es[0].To == es[1].To {
			t.Errorf("%s: %+v, %v", kind, es, err)
		}
		n.Run.ID = "later"
		later, err := c.Compose(n)
		if err != nil || len(later) != 2 || later[0].To != es[0].To || later[0].Key == es[0].Key {
			t.Errorf("%s: of a later run %+v, %v", kind, later, err)
		}
		n.Run.ID = "run"
	}
}

func TestAnIssueThatWasMovedToAnotherRepositoryIsMadeAnew(t *testing.T) {
	d, m := &desk{}, newMemory()
	base := d.github(t)
	var calls []string
	moved := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls = append(calls, r.Method)
		if r.Method == http.MethodPatch {
			w.Header().Set("Location", base+"/repositories/7/issues/1")
			w.WriteHeader(http.StatusMovedPermanently)
			return
		}
		if r.Method == http.MethodGet {
			_, _ = w.Write([]byte(`[]`))
			return
		}
		_, _ = w.Write([]byte(`{"number": 8}`))
	}))
	t.Cleanup(moved.Close)
	c := GitHubIssues{Name: "issues", Repository: "acme/governance", API: moved.URL, Least: finding.Medium, Owns: func(string) bool { return true }, Memory: m, Client: http.DefaultClient, Now: clock}.Channel()
	es, err := c.Compose(state(true, []finding.Finding{failure("shop", "one", finding.High, finding.StatusNew, now)}, finding.Since{}))
	if err != nil || len(es) != 1 {
		t.Fatal(es, err)
	}
	m.refs[es[0].To] = moved.URL + "/acme/governance#1"
	if err := c.Send(t.Context(), es[0]); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"PATCH", "GET", "POST"}, calls); diff != "" || m.refs[es[0].To] != moved.URL+"/acme/governance#8" {
		t.Errorf("remembered is %q (-want +got):\n%s", m.refs[es[0].To], diff)
	}
}

func TestAnIssueIsClosedWhenItsResourcesGetAnotherOwner(t *testing.T) {
	kinds(t, func(t *testing.T, d *desk, _ *memory, tell func(News)) {
		tell(state(true, []finding.Finding{failure("shop", "one", finding.High, finding.StatusNew, now)}, finding.Since{}))
		moved := failure("pay", "one", finding.High, finding.StatusOpen, now)
		other := failure("pay", "two", finding.High, finding.StatusNew, now)
		tell(state(false, []finding.Finding{moved, other}, finding.Since{}))
		if diff := cmp.Diff([]string{shopTitle + ", open false", payTitle + ", open true"}, d.states()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func TestNoIssueIsClosedWhileNobodyKnowsWhoseTheFailuresAre(t *testing.T) {
	kinds(t, func(t *testing.T, d *desk, _ *memory, tell func(News)) {
		one := failure("shop", "one", finding.High, finding.StatusNew, now)
		two := failure("shop", "two", finding.High, finding.StatusNew, now)
		tell(state(true, []finding.Finding{one, two}, finding.Since{}))
		lost := failure("", "one", finding.High, finding.StatusOpen, now)
		lost.OwnerUnknown = providers.Denied
		tell(state(false, []finding.Finding{lost}, finding.Since{}))
		tell(state(false, []finding.Finding{lost}, finding.Since{Fixed: []finding.Finding{two}}))
		if diff := cmp.Diff([]string{shopTitle + ", open true"}, d.states()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		tell(state(false, nil, finding.Since{Fixed: []finding.Finding{one}}))
		if diff := cmp.Diff([]string{shopTitle + ", open false"}, d.states()); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
	})
}

func TestWhatAccountsSayIsNoMarkupInAnIssue(t *testing.T) {
	f := failure("@all", "x", finding.High, finding.StatusNew, now)
	f.Message = "@everyone ![](https://evil.example/x.png) ``` `code` {noformat} [~admin] <img src=x>"
	f.Resource.ScopeName = "@acme/admins\r\nof two lines"
	ts := topics(state(true, []finding.Finding{f}, finding.Since{}), "issues", finding.Low, func(string) bool { return true }, "")
	if title := ts[0].headline(); strings.ContainsAny(title, "\r\n") {
		t.Errorf("the title is %q", title)
	}
	github := githubBody(ts[0])
	outside := withoutCode(github)
	if strings.Contains(outside, "@") || strings.Contains(outside, "evil") || strings.Contains(outside, "<img") {
		t.Errorf("outside of code stands\n%s", outside)
	}
	jira := jiraText(ts[0])
	if n := strings.Count(jira, "{noformat}"); n != 4 || strings.Contains(regexp.MustCompile(`(?s)\{noformat\}.*?\{noformat\}`).ReplaceAllString(jira, ""), "evil") {
		t.Errorf("%d fences in\n%s", n, jira)
	}
}

// withoutCode takes the code spans out of Markdown: what stands between a run of backticks
// and the next run of just as many (CommonMark, "Code spans"). In them nothing is markup.
func withoutCode(text string) string {
	runs := regexp.MustCompile("`+").FindAllStringIndex(text, -1)
	var b strings.Builder
	at := 0
	for i := 0; i < len(runs); i++ {
		for j := i + 1; j < len(runs); j++ {
			if runs[j][1]-runs[j][0] == runs[i][1]-runs[i][0] {
				b.WriteString(text[at:runs[i][0]])
				at, i = runs[j][1], j
				break
			}
		}
	}
	return b.String() + text[at:]
}

func TestManyIssuesAreSearchedPageByPage(t *testing.T) {
	d, m := &desk{}, newMemory()
	c := trackers(t, d, m)["github"]
	for range 250 {
		d.tickets = append(d.tickets, &ticket{title: "other", open: true})
	}
	one := failure("shop", "one", finding.High, finding.StatusNew, now)
	es, err := c.Compose(state(true, []finding.Finding{one}, finding.Since{}))
	if err != nil || len(es) != 1 {
		t.Fatal(err, len(es))
	}
	for range 2 {
		if err := c.Send(t.Context(), es[0]); err != nil {
			t.Fatal(err)
		}
		clear(m.refs)
	}
	if len(d.tickets) != 251 {
		t.Errorf("%d issues, want 251", len(d.tickets))
	}
}

// GitHub allows 5,000 requests in an hour.
func TestTheIssuesOfGitHubAreListedOnceForManyThatAreMade(t *testing.T) {
	d, m := &desk{}, newMemory()
	at := now
	c := GitHubIssues{
		Name: "issues", Repository: "acme/governance", Token: "ghp_secret", API: d.github(t), Least: finding.Medium, Owns: func(string) bool { return true },
		Memory: m, Client: http.DefaultClient, Now: func() time.Time { return at },
	}.Channel()
	send := func(names ...string) {
		t.Helper()
		var alive []finding.Finding
		for _, owner := range names {
			alive = append(alive, failure(owner, "one", finding.High, finding.StatusNew, now))
		}
		es, err := c.Compose(state(true, alive, finding.Since{}))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range es {
			if err := c.Send(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
	}
	lists := func() (n int) {
		for _, call := range d.calls {
			if strings.HasPrefix(call, "GET") {
				n++
			}
		}
		d.calls = nil
		return n
	}
	send("a", "b", "c")
	if n := lists(); n != 1 || len(d.tickets) != 3 {
		t.Errorf("listed %d times, %d issues", n, len(d.tickets))
	}
	m.lose() // as when the store could not be reached after they were made
	send("a", "b", "c")
	if n := lists(); n != 0 || len(d.tickets) != 3 {
		t.Errorf("listed %d times, %d issues", n, len(d.tickets))
	}
	d.tickets = append(d.tickets, &ticket{title: "of another process", body: githubMark(Topic{ID: topicID(failure("d", "one", finding.High, finding.StatusNew, now))}), open: true})
	at = at.Add(listedFor + time.Second)
	send("d")
	if n := lists(); n != 1 || len(d.tickets) != 4 {
		t.Errorf("listed %d times, %d issues", n, len(d.tickets))
	}
}

func TestAnAnswerThatNamesNoIssueIsNoIssue(t *testing.T) {
	url, _ := server(t, func(_ int, w http.ResponseWriter) { _, _ = w.Write([]byte(`{}`)) })
	all, m := func(string) bool { return true }, newMemory()
	c := Jira{Name: "issues", URL: url, Token: "secret", Project: "GOV", Least: finding.Low, Owns: all, Memory: m, Client: http.DefaultClient, Now: clock}.Channel()
	es, err := c.Compose(state(true, []finding.Finding{failure("shop", "one", finding.High, finding.StatusNew, now)}, finding.Since{}))
	if err != nil || len(es) != 1 {
		t.Fatal(es, err)
	}
	expectError(t, c.Send(t.Context(), es[0]), false, 0, "the answer of Jira names no issue")
	if len(m.refs) > 0 {
		t.Errorf("remembered is %q", m.refs)
	}
}

// GitHub says of what a token does not see that it is not there.
func TestAnIssueThatATokenDoesNotSeeAnyMoreIsNotDoneWith(t *testing.T) {
	url, _ := server(t, func(_ int, w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) })
	one, m := failure("shop", "one", finding.High, finding.StatusNew, now), newMemory()
	m.refs[topicID(one)], m.open[topicID(one)] = url+"/acme/governance#1", true
	c := GitHubIssues{Name: "issues", Repository: "acme/governance", API: url, Least: finding.Low, Owns: func(string) bool { return true }, Memory: m, Client: http.DefaultClient, Now: clock}.Channel()
	n := state(false, nil, finding.Since{Fixed: []finding.Finding{one}})
	n.Open = map[string][]string{"issues": m.topics()}
	es, err := c.Compose(n)
	if err != nil || len(es) != 1 {
		t.Fatal(es, err)
	}
	expectError(t, c.Send(t.Context(), es[0]), true, 0, "answered 404 Not Found")
	if len(m.topics()) != 1 {
		t.Error("it counts as closed")
	}
}

// GitHub and Jira refuse a text that is too long: whoever names resources could keep an issue
// from being made.
func TestAnIssueIsNeverTooLong(t *testing.T) {
	for _, name := range []string{"a", "`", "😀", "{noformat}", "支払い", "\\", "*", "[x](y)"} {
		var alive []finding.Finding
		for n := range 300 {
			f := failure("shop", fmt.Sprint(n, strings.Repeat(name, 2000)), finding.High, finding.StatusNew, now)
			f.Message, f.Resource.ScopeName = strings.Repeat(name, 2000), strings.Repeat(name, 100)
			alive = append(alive, f)
		}
		news := state(true, alive, finding.Since{})
		news.Run.Policies[0].Remediation = strings.Repeat(name, 20000)
		for _, topic := range topics(news, "issues", finding.Low, func(string) bool { return true }, "https://reports.example.com") {
			for place, c := range map[string]struct {
				text string
				most int
			}{"GitHub": {githubBody(topic), 65_536}, "Jira": {jiraText(topic), 32_767}, "a title": {topic.headline(), 255}} {
				if n := len(utf16.Encode([]rune(c.text))); n > c.most || n < 100 {
					t.Errorf("of %q, %s has %d characters, and takes %d", name, place, n, c.most)
				}
			}
		}
	}
}
