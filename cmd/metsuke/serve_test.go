package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/demo"
	"github.com/metsuke-dev/metsuke/internal/serve"
	"github.com/metsuke-dev/metsuke/internal/store"
)

// quiet is a buffer that several may write to.
type quiet struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (q *quiet) Write(b []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.b.Write(b)
}

func (q *quiet) String() string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.b.String()
}

// world is a simulated estate, a directory for the configuration and the store, and a place
// that takes messages.
type world struct {
	t      *testing.T
	dir    string
	faults demo.Faults
	env    map[string]string
	now    func() time.Time // nil: the time of the estate

	mu       sync.Mutex
	messages []string // titles
	refuse   atomic.Bool
}

func newWorld(t *testing.T, config string) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), env: map[string]string{}}
	hook := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		var m struct {
			Title string `json:"title"`
		}
		_ = json.NewDecoder(r.Body).Decode(&m)
		if w.refuse.Load() {
			out.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.messages = append(w.messages, m.Title)
	}))
	t.Cleanup(hook.Close)
	w.env["HOOK"] = hook.URL + "/services/s3cret"
	write(t, w.file("metsuke.yaml"), config)
	return w
}

func (w *world) file(name string) string { return filepath.Join(w.dir, name) }

func (w *world) told() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]string{}, w.messages...)
}

// process is one in front of the estate.
func (w *world) process() (p *process, stdout, stderr *quiet) {
	w.t.Helper()
	sim, err := demo.New(w.faults)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = sim.Close() })
	stdout, stderr = &quiet{}, &quiet{}
	p = &process{stdin: strings.NewReader(""), stdout: stdout, stderr: stderr, getenv: func(k string) string { return w.env[k] }, now: demo.Now, faults: w.faults}
	if w.now != nil {
		p.now = w.now
	}
	p.live = simulatedLive(sim, w.faults, nil)
	p.setLog(0)
	return p, stdout, stderr
}

// run runs a command and returns what it wrote and its exit code.
func (w *world) run(args ...string) (stdout, stderr string, code int) {
	w.t.Helper()
	p, out, complaint := w.process()
	code = run(w.t.Context(), p, append(args, "--config", w.file("metsuke.yaml")))
	return out.String(), complaint.String(), code
}

func (w *world) store() *store.Store {
	w.t.Helper()
	st, err := store.Open(w.t.Context(), w.file("metsuke.db"), store.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = st.Close() })
	return st
}

// due makes the schedule due since so long ago: a server that starts makes up for it.
func (w *world) due(schedule, timetable string, ago time.Duration) {
	w.t.Helper()
	if err := w.store().Adopt(w.t.Context(), schedule, timetable, time.Now().Add(-ago)); err != nil {
		w.t.Fatal(err)
	}
}

// serving runs `metsuke serve` until the function is called, which returns its exit code.
func (w *world) serving() (address string, log *quiet, stop func() int) {
	w.t.Helper()
	p, _, stderr := w.process()
	ctx, cancel := context.WithCancel(w.t.Context())
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, p, []string{"serve", "--config", w.file("metsuke.yaml"), "--listen", "127.0.0.1:0", "--log-level", "info"})
	}()
	listening := regexp.MustCompile(`listening on (http://\S+)`)
	w.until("it listens", func() bool { return listening.MatchString(stderr.String()) || len(ended) > 0 })
	m := listening.FindStringSubmatch(stderr.String())
	if m == nil {
		w.t.Fatalf("it does not listen\n%s", stderr)
	}
	return m[1], stderr, func() int {
		cancel()
		return <-ended
	}
}

// until waits for a condition.
func (w *world) until(what string, holds func() bool) {
	w.t.Helper()
	for end := time.Now().Add(2 * time.Minute); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("in vain: %s", what)
		}
	}
}

const scheduled = `
policies: {select: ["aws-s3-*"]}
store: {url: metsuke.db}
notify:
  channels:
    - name: hook
      webhook: {url_env: HOOK}
serve:
  drain: 0s
  schedules:
    - {name: nightly, cron: "0 2 * * *", providers: [aws]}
`

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

func TestTheFiguresSayWhatTheLastScanThatReadEveryBillFoundSpent(t *testing.T) {
	w := newWorld(t, "providers: {aws: {spend: true}, github: {}}\n"+scheduled+`    - {name: code, cron: "0 3 * * *", providers: [github]}`+"\n")
	w.due("nightly", "0 2 * * * UTC", 50*time.Hour)
	w.due("code", "0 3 * * * UTC", 49*time.Hour) // it reads no bill, and comes last
	address, log, stop := w.serving()
	w.until("the figures", func() bool {
		_, text := get(t, address+"/metrics")
		return strings.Contains(text, `{outcome="complete",schedule="nightly"} 1`) && strings.Contains(text, `schedule="code"} 1`)
	})
	_, text := get(t, address+"/metrics")
	var got []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "metsuke_bills") || strings.HasPrefix(line, "metsuke_spend{") && strings.Contains(line, `owner=""`) {
			got = append(got, strings.TrimSpace(line))
		}
	}
	want := []string{`metsuke_bills{state="read"} 1`, `metsuke_bills{state="unread"} 0`, `metsuke_spend{currency="USD",owner=""} 2944.9579425488`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if code := stop(); code != exitOK {
		t.Errorf("exit code %d\n%s", code, log)
	}
}

func TestTheServerMakesUpForAMissedNightAndTellsOfIt(t *testing.T) {
	w := newWorld(t, scheduled)
	w.due("nightly", "0 2 * * * UTC", 50*time.Hour)
	address, log, stop := w.serving()
	w.until("the message", func() bool { return len(w.told()) > 0 })
	if status, text := get(t, address+"/readyz"); status != http.StatusOK || text != "ok\n" {
		t.Errorf("/readyz: %d %s", status, text)
	}
	w.until("the figures", func() bool {
		_, text := get(t, address+"/metrics")
		return strings.Contains(text, `metsuke_scans_total{outcome="complete",schedule="nightly"} 1`)
	})
	_, text := get(t, address+"/metrics")
	for _, want := range []string{`metsuke_findings{category="security",owner="`, `metsuke_cells{state="read"} `, `metsuke_last_complete_run_timestamp_seconds{provider="aws"} `} {
		if !strings.Contains(text, want) {
			t.Errorf("/metrics has no %s\n%s", want, text)
		}
	}
	if code := stop(); code != exitOK {
		t.Errorf("exit code %d\n%s", code, log)
	}
	runs, err := w.store().Runs(t.Context(), store.Filter{})
	if err != nil || len(runs) != 1 || runs[0].Series != "scan" {
		t.Errorf("saved are %+v, %v", runs, err)
	}
	if told := w.told(); len(told) != 1 || !strings.HasPrefix(told[0], "Everything: first scan, ") {
		t.Errorf("told was %q", told)
	}
	// A second start finds nothing to do and nothing to tell.
	_, log, stop = w.serving()
	w.until("the start", func() bool { return strings.Contains(log.String(), "nightly: next at") })
	if code := stop(); code != exitOK || strings.Contains(log.String(), "scan begins") || len(w.told()) != 1 {
		t.Errorf("exit code %d, told %q\n%s", code, w.told(), log)
	}
	if strings.Contains(log.String(), "s3cret") {
		t.Error("the address of the webhook is in the log")
	}
}

func TestAStopWhileTheServerStartsIsAStop(t *testing.T) {
	w := newWorld(t, scheduled)
	p, _, stderr := w.process()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if code := run(ctx, p, []string{"serve", "--config", w.file("metsuke.yaml"), "--listen", "127.0.0.1:0"}); code != exitOK {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

func TestTheServerGoesOnWithAScanThatItsStopInterrupted(t *testing.T) {
	w := newWorld(t, scheduled)
	w.now = time.Now
	w.due("nightly", "0 2 * * * UTC", 30*time.Hour)
	begun, release := make(chan struct{}), make(chan struct{})
	var calls atomic.Int64
	w.faults.Observe = func(string) {
		if calls.Add(1) == 30 {
			close(begun)
		}
		if calls.Load() >= 30 {
			<-release
		}
	}
	_, log, stop := w.serving()
	<-begun
	go func() {
		w.until("the stop", func() bool { return strings.Contains(log.String(), "scans are interrupted") })
		close(release)
	}()
	if code := stop(); code != exitOK {
		t.Errorf("exit code %d\n%s", code, log)
	}
	if runs, err := w.store().Runs(t.Context(), store.Filter{}); err != nil || len(runs) != 0 {
		t.Errorf("an interrupted scan was saved: %+v, %v", runs, err)
	}
	w.faults.Observe = nil
	_, log, stop = w.serving()
	w.until("the message", func() bool { return len(w.told()) > 0 })
	w.until("the end", func() bool { return strings.Contains(log.String(), "outcome=complete") })
	if code := stop(); code != exitOK || !strings.Contains(log.String(), "resumed=true") || !strings.Contains(log.String(), "going on with the scan") {
		t.Errorf("exit code %d\n%s", code, log)
	}
	if runs, err := w.store().Runs(t.Context(), store.Filter{}); err != nil || len(runs) != 1 || runs[0].Interrupted {
		t.Errorf("saved are %+v, %v", runs, err)
	}
}

// nights are the last times of the schedule that are over, the latest first.
func nights(t *testing.T, n int) (out []time.Time) {
	t.Helper()
	when, err := serve.NewTimetable("0 2 * * *", "")
	if err != nil {
		t.Fatal(err)
	}
	for at := time.Now(); len(out) < n; at = out[len(out)-1].Add(-time.Second) {
		out = append(out, when.Latest(at))
	}
	return out
}

// claimed makes the schedule look as a process leaves it that is killed at the scan which
// was due last night.
func (w *world) claimed(due time.Time) {
	w.t.Helper()
	st := w.store()
	if err := st.Adopt(w.t.Context(), "nightly", "0 2 * * * UTC", due.Add(-24*time.Hour)); err != nil {
		w.t.Fatal(err)
	}
	if ok, err := st.Claim(w.t.Context(), "nightly", due, time.Now()); !ok || err != nil {
		w.t.Fatal(ok, err)
	}
}

func TestAScanThatWasSavedBeforeTheProcessWasKilledIsNotMadeAgain(t *testing.T) {
	w := newWorld(t, scheduled)
	w.now = time.Now
	w.claimed(nights(t, 1)[0])
	if _, stderr, code := w.run("scan", "--provider", "aws"); code != exitOK { // as the server would have
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	_, log, stop := w.serving()
	w.until("the end", func() bool { return strings.Contains(log.String(), "outcome=complete") })
	w.until("the message", func() bool { return len(w.told()) > 0 })
	if code := stop(); code != exitOK || !strings.Contains(log.String(), "the scan was saved before the process ended") {
		t.Errorf("exit code %d\n%s", code, log)
	}
	if runs, err := w.store().Runs(t.Context(), store.Filter{}); err != nil || len(runs) != 1 {
		t.Errorf("saved are %+v, %v", runs, err)
	}
	if due, err := w.store().Unfinished(t.Context(), "nightly"); err != nil || !due.IsZero() {
		t.Errorf("the scan of %s is not finished, %v", due, err)
	}
	if len(w.told()) != 1 {
		t.Errorf("told was %q", w.told())
	}
}

func TestWhatWasSavedForSomethingElseIsNotTheScanThatWasDue(t *testing.T) {
	w := newWorld(t, scheduled)
	w.now = time.Now
	last := nights(t, 2)
	w.now = func() time.Time { return last[1].Add(time.Hour) }
	if _, stderr, code := w.run("scan", "--provider", "aws"); code != exitOK { // of the night before
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	w.now = time.Now
	if _, stderr, code := w.run("scan", "--provider", "aws", "--account", "sandbox"); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	w.claimed(last[0])
	_, log, stop := w.serving()
	w.until("the end", func() bool { return strings.Contains(log.String(), "outcome=complete") })
	if code := stop(); code != exitOK {
		t.Errorf("exit code %d\n%s", code, log)
	}
	if runs, err := w.store().Runs(t.Context(), store.Filter{}); err != nil || len(runs) != 3 {
		t.Errorf("saved are %+v, %v", runs, err)
	}
}

func TestAScanOfAnEarlierNightIsNotGoneOnWith(t *testing.T) {
	w := newWorld(t, scheduled)
	last := nights(t, 1)[0]
	w.now = func() time.Time { return last.Add(-5 * time.Hour) } // somebody tried it in the evening
	w.cutShort(100, "scan", "--provider", "aws")
	w.now = time.Now
	w.claimed(last)
	_, log, stop := w.serving()
	w.until("the end", func() bool { return strings.Contains(log.String(), "outcome=complete") })
	if code := stop(); code != exitOK || strings.Contains(log.String(), "going on with the scan") {
		t.Errorf("exit code %d\n%s", code, log)
	}
	runs, err := w.store().Runs(t.Context(), store.Filter{})
	if err != nil || len(runs) != 1 || runs[0].Time.Before(last) {
		t.Errorf("saved are %+v, %v", runs, err)
	}
}

func TestWhatIsWrongWithSchedulesAndChannelsIsSaidAtTheStart(t *testing.T) {
	const channel = "store: {url: m.db}\nnotify:\n  channels:\n    - "
	for name, c := range map[string]struct{ config, want string }{
		"no schedule":                             {"scan: {}\n", "the configuration has no serve.schedules: there is nothing to do"},
		"nonsense for cron":                       {"serve:\n  schedules:\n    - {name: a, cron: every night}\n", "metsuke.yaml:3:23: serve.schedules.cron: \"every night\" is no cron expression: expected exactly 5 fields, found 2"},
		"an unknown time zone":                    {"serve:\n  schedules:\n    - name: a\n      cron: 0 2 * * *\n      time_zone: Europe/Berln\n", "metsuke.yaml:5:18: serve.schedules.time_zone: there is no time zone Europe/Berln"},
		"a name twice":                            {"serve:\n  schedules:\n    - {name: a, cron: \"@daily\"}\n    - {name: a, cron: \"@daily\"}\n", "metsuke.yaml:4:14: serve.schedules.name: there are two schedules a"},
		"no name":                                 {"serve:\n  schedules:\n    - {cron: \"@daily\"}\n", `serve.schedules.name: "" is no name`},
		"an unknown provider":                     {"serve:\n  schedules:\n    - {name: a, cron: \"@daily\", providers: [azure]}\n", "metsuke.yaml:3:44: serve.schedules.providers: azure is not one of"},
		"a provider that is not configured":       {"providers: {github: {organizations: [acme]}}\nserve:\n  schedules:\n    - {name: a, cron: \"@daily\", providers: [aws]}\n", "metsuke.yaml:4:44: serve.schedules.providers: none of aws is in the configuration: there is nothing to scan"},
		"a policy that is not there":              {"serve:\n  schedules:\n    - {name: a, cron: \"@daily\", policies: [aws-s3-nope]}\n", "metsuke.yaml:3:43: serve.schedules.policies: aws-s3-nope matches nothing"},
		"a policy that is not there for any scan": {"policies: {select: [nope]}\n" + schedulesText, "policies.select: nope matches nothing"},
		"waivers that are none":                   {"waivers: {file: nowhere.yaml}\n" + schedulesText, "nowhere.yaml"},
		"a parameter that is not":                 {"policies: {params: {nope: 1}}\n" + schedulesText, "policies.params: no policy has a parameter nope"},
		"a jitter beyond the next":                {"serve:\n  schedules:\n    - {name: a, cron: \"*/5 * * * *\", jitter: 5m}\n", "metsuke.yaml:3:46: serve.schedules.jitter: 5m0s is not less than the 5m0s from one time to the next"},
		"a channel of no kind":                    {channel + "{name: a}\n" + schedulesText, "metsuke.yaml:4:7: notify.channels: channel a: give exactly one of slack, teams, email, webhook, jira, github, security_hub and command_center"},
		"a secret that is not":                    {channel + "{name: a, slack: {webhook_env: NOWHERE}}\n" + schedulesText, "channel a: the environment variable NOWHERE is not set"},
		"a secret in the file":                    {channel + "{name: a, slack: {webhook: https://hooks.slack.com/x}}\n" + schedulesText, `metsuke.yaml:4:25: there is no key "webhook": did you mean webhook_env?`},
		"an open connection":                      {channel + "{name: a, webhook: {url: \"http://example.com/hook\"}}\n" + schedulesText, "webhook: url: http is open to everybody on the way; write https"},
		"owners without a bot":                    {channel + "{name: a, for: [owners], slack: {webhook_env: HOOK}}\n" + schedulesText, "slack: a webhook has one channel; owners are told by a bot, with token_env"},
		"a token in the open":                     {channel + "{name: a, slack: {token_env: HOOK, channel: x, api: \"http://slack.example.com\"}}\n" + schedulesText, "metsuke.yaml:4:7: notify.channels: channel a: slack: api: http is open to everybody on the way; write https"},
		"another one":                             {channel + "{name: a, github: {token_env: HOOK, repository: a/b, api: \"http://github.example.com\"}}\n" + schedulesText, "metsuke.yaml:4:7: notify.channels: channel a: github: api: http is open to everybody on the way; write https"},
		"half a login":                            {channel + "{name: a, email: {host: h, from: a@example.com, to: [b@example.com], username: u}}\n" + schedulesText, "metsuke.yaml:4:7: notify.channels: channel a: email: username and password_env belong together"},
		"no address of mail":                      {channel + "{name: a, email: {host: h, from: a@example.com, to: [b@example.com, nobody]}}\n" + schedulesText, "metsuke.yaml:4:7: notify.channels: channel a: email: \"nobody\" is no address of mail"},
		"an unknown severity":                     {channel + "{name: a, min_severity: hgih, slack: {webhook_env: HOOK}}\n" + schedulesText, "metsuke.yaml:4:31: notify.channels.min_severity: hgih is not one of critical, high, medium, low: did you mean high?"},
		"overdue of no severity":                  {"notify: {overdue: {severe: 7d}}\n" + schedulesText, "metsuke.yaml:1:28: notify.overdue: severe is not one of critical, high, medium, low"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.config)
			_, stderr, code := w.run("serve", "--listen", "127.0.0.1:0")
			if got := strings.ReplaceAll(stderr, w.dir+"/", ""); code != exitError || !strings.Contains(got, c.want) {
				t.Errorf("exit code %d, %s\nwant %s", code, got, c.want)
			}
		})
	}
}

const schedulesText = "serve: {schedules: [{name: a, cron: \"@daily\"}]}\n"

func TestAMessageThatCannotBeSentWaitsAndIsSentLater(t *testing.T) {
	w := newWorld(t, scheduled)
	w.refuse.Store(true)
	_, stderr, code := w.run("scan", "--provider", "aws", "--notify")
	if code != exitOK || !strings.Contains(stderr, "1 message could not be sent: `metsuke notify outbox` says why\nmetsuke: 1 message waits to be sent by the next `metsuke notify send`") || strings.Contains(stderr, "s3cret") {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	stdout, _, code := w.run("notify", "outbox")
	if code != exitOK || !regexp.MustCompile(`(?m)^waiting  hook .* 1  127\.0\.0\.1:\d+ answered 503 Service Unavailable$`).MatchString(stdout) {
		t.Errorf("exit code %d\n%s", code, stdout)
	}
	w.refuse.Store(false)
	later, out, _ := w.process()
	later.now = func() time.Time { return demo.Now().Add(time.Hour) }
	if code := run(t.Context(), later, []string{"notify", "send", "--config", w.file("metsuke.yaml")}); code != exitOK || len(w.told()) != 1 {
		t.Errorf("exit code %d, told %q\n%s", code, w.told(), out)
	}
	if _, stderr, code := w.run("notify", "send"); code != exitOK || len(w.told()) != 1 || !strings.Contains(stderr, "0 messages sent") {
		t.Errorf("exit code %d, told %q\n%s", code, w.told(), stderr)
	}
}

func TestAChannelCanBeTried(t *testing.T) {
	w := newWorld(t, scheduled)
	if _, stderr, code := w.run("notify", "test", "hook"); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	if diff := cmp.Diff([]string{"Everything: 1 new", "Everything: 1 fixed"}, w.told()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, stderr, code := w.run("notify", "test", "hok"); code != exitError || !strings.Contains(stderr, "notify test hok matches nothing: did you mean hook?") {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
}

func TestALeaseIsRenewedForAsLongAsItIsHeld(t *testing.T) {
	w := newWorld(t, scheduled)
	l := ledger{w.store()}
	first, ok, err := l.Hold(t.Context(), "scan aws")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if _, ok, err := l.Hold(t.Context(), "scan aws"); ok || err != nil {
		t.Errorf("it is held twice: %v, %v", ok, err)
	}
	first.Release()
	second, ok, err := l.Hold(t.Context(), "scan aws")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	second.Release()
}
