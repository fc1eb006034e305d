package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jonboulle/clockwork"

	"github.com/metsuke-dev/metsuke/internal/config"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/internal/store"
	"github.com/metsuke-dev/metsuke/providers"
)

// nightOf is the time of a night's scan.
func nightOf(n int) time.Time { return time.Date(2026, 7, 1, 2, 0, 0, 0, time.UTC).AddDate(0, 0, n) }

// savedScan saves a scan of a night that finds these buckets open.
func savedScan(t *testing.T, st *store.Store, night int, buckets ...string) store.RunInfo {
	t.Helper()
	return savedScanOf(t, st, night, false, buckets...)
}

// savedScanOf saves one in which they are waived or not.
func savedScanOf(t *testing.T, st *store.Store, night int, waived bool, buckets ...string) store.RunInfo {
	t.Helper()
	run := finding.Run{Mode: "scan", Version: "test", Time: nightOf(night), Coverage: finding.Coverage{CellsPlanned: 1, CellsRead: 1}}
	for _, name := range buckets {
		r := finding.Resource{Provider: "aws", Scope: "111111111111", Type: "aws_s3_bucket", ID: "arn:aws:s3:::" + name, Name: name}
		run.Findings = append(run.Findings, finding.Finding{
			Fingerprint: finding.Fingerprint("aws-s3-public", r, ""), Policy: "aws-s3-public", Title: "Buckets are not public", Category: finding.Security, Severity: finding.High,
			Verdict: finding.Fail, Resource: r, Message: fmt.Sprintf("%s is public for %d days", name, night),
		})
		if waived {
			run.Findings[len(run.Findings)-1].Waiver = &finding.Waiver{Reason: "a website"}
		}
	}
	tracked, err := st.Tracked(t.Context(), "scan")
	if err != nil {
		t.Fatal(err)
	}
	watch := govern.NewWatch(store.Subjects(tracked))
	watch.Read(providers.Cell{Scope: providers.Scope{Provider: "aws", ID: "111111111111"}, Type: "aws_s3_bucket"})
	s, err := st.Save(t.Context(), store.Record{Series: "scan", Run: run, Watch: watch, Started: run.Time, Ended: run.Time.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	return s.Run
}

// herald is one as a process that starts in the morning after a night has it. It announces
// and sends when it is told to.
func (w *world) herald(st *store.Store, night int) (h *herald, log *quiet) {
	w.t.Helper()
	text, err := os.ReadFile(w.file("metsuke.yaml"))
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := config.Parse(text, w.file("metsuke.yaml"))
	if err != nil {
		w.t.Fatal(err)
	}
	clock := clockwork.NewFakeClockAt(nightOf(night).Add(6 * time.Hour))
	p, _, log := w.process()
	p.now = clock.Now
	a, err := newAnnouncer(p, c, w.file("metsuke.yaml"), nil, st)
	if err != nil {
		w.t.Fatal(err)
	}
	return newHerald(a, clock), log
}

// put are the runs of which there is something in the outbox, in its order.
func put(t *testing.T, st *store.Store) []string {
	t.Helper()
	list, err := st.Messages(t.Context(), 100)
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, m := range list {
		out = append([]string{m.Run}, out...)
	}
	return out
}

func sameRuns(t *testing.T, when string, got []string, want ...store.RunInfo) {
	t.Helper()
	ids := []string{}
	for _, r := range want {
		ids = append(ids, r.ID)
	}
	if diff := cmp.Diff(ids, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", when, diff)
	}
}

func TestRunsThatEndAtOnceAreAnnouncedOnceEach(t *testing.T) {
	w := newWorld(t, scheduled)
	st := w.store()
	h, log := w.herald(st, 3)
	first := savedScan(t, st, 0, "a")
	h.tell(first.ID)
	h.announce(t.Context())
	runs := []store.RunInfo{savedScan(t, st, 1, "a", "b"), savedScan(t, st, 2, "a", "b", "c"), savedScan(t, st, 3, "a", "b", "c", "d")}
	var all sync.WaitGroup
	for _, r := range []store.RunInfo{runs[2], runs[0], runs[1]} {
		all.Go(func() { h.tell(r.ID); h.announce(context.WithoutCancel(t.Context())) })
	}
	all.Wait()
	sameRuns(t, "the outbox", put(t, st), append([]store.RunInfo{first}, runs...)...)
	if sent, left, err := h.announcer.postman().Deliver(t.Context()); sent != 4 || left != 0 || err != nil {
		t.Errorf("%d sent, %d left, %v\n%s", sent, left, err, log)
	}
	want := []string{"Everything: first scan, 1 open", "Everything: 1 new", "Everything: 1 new", "Everything: 1 new"}
	if diff := cmp.Diff(want, w.told()); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

func TestAStoreThatIsAwayDelaysAnAnnouncementAndLosesNone(t *testing.T) {
	w := newWorld(t, scheduled)
	st := w.store()
	run := savedScan(t, st, 0, "a")
	h, log := w.herald(st, 0)
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if h.missed(t.Context()) {
		t.Error("the last run was looked up in a store that is away")
	}
	h.tell(run.ID)
	h.announce(t.Context())
	h.announce(t.Context())
	if n := strings.Count(log.String(), "the run is not announced yet, and is tried again"); n != 2 {
		t.Errorf("it is said %d times\n%s", n, log)
	}
	st = w.store()
	h.announcer.store = st
	for range 3 {
		h.announce(t.Context())
	}
	sameRuns(t, "the outbox", put(t, st), run)
}

func TestAProcessThatDiesBeforeItTellsIsMadeUpForByTheNextOne(t *testing.T) {
	w := newWorld(t, scheduled)
	st := w.store()
	first := savedScan(t, st, 0, "a")
	start := func(night int) {
		t.Helper()
		h, log := w.herald(st, night)
		if !h.missed(t.Context()) {
			t.Error(log)
		}
		h.announce(t.Context())
	}
	start(0)
	// Two runs are saved, and the process is killed.
	second, third := savedScan(t, st, 1, "a", "b"), savedScan(t, st, 2, "a", "b", "c")
	for range 3 {
		start(2)
	}
	sameRuns(t, "the outbox", put(t, st), first, second, third)
}

func TestOfAStoreThatNobodyWasToldOfTheLastRunIsNewsAndNoOlderOne(t *testing.T) {
	for name, c := range map[string]struct {
		morning int
		told    bool
	}{"a week later": {8, false}, "in the morning": {1, true}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, scheduled)
			st := w.store()
			savedScan(t, st, 0, "a")
			want := []store.RunInfo{savedScan(t, st, 1, "a", "b")}
			if !c.told {
				want = nil
			}
			h, _ := w.herald(st, c.morning)
			h.missed(t.Context())
			h.announce(t.Context())
			sameRuns(t, "the outbox", put(t, st), want...)
		})
	}
}

func TestNobodyIsToldOfARunThatCameTooLate(t *testing.T) {
	w := newWorld(t, scheduled)
	st := w.store()
	savedScan(t, st, 1, "a")
	late := savedScan(t, st, 0, "b")
	h, log := w.herald(st, 1)
	h.tell(late.ID)
	h.announce(t.Context())
	h.announce(t.Context())
	sameRuns(t, "the outbox", put(t, st))
	if n := strings.Count(log.String(), "is older than one that was saved before it"); !late.Late || n > 1 {
		t.Errorf("late %v; said %d times\n%s", late.Late, n, log)
	}
}

func TestARunThatWasDeletedIsNotWaitedFor(t *testing.T) {
	w := newWorld(t, scheduled)
	st := w.store()
	run := savedScan(t, st, 0, "a")
	h, log := w.herald(st, 0)
	h.tell(run.ID)
	if err := st.Delete(t.Context(), run.ID); err != nil {
		t.Fatal(err)
	}
	h.announce(t.Context())
	if len(h.pending) != 0 || !strings.Contains(log.String(), "the run was deleted before it was announced") {
		t.Errorf("pending is %q\n%s", h.pending, log)
	}
}

func TestAStopWhileARunIsAnnouncedCutsNothingShortAndSendsNothingTwice(t *testing.T) {
	w := newWorld(t, scheduled)
	st := w.store()
	run := savedScan(t, st, 0, "a")
	ctx, stop := context.WithCancel(t.Context())
	stop()
	h, log := w.herald(st, 0)
	h.tell(run.ID)
	h.serve(ctx)
	sameRuns(t, "the outbox", put(t, st), run)
	if told := w.told(); len(told) != 0 || strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("after the stop, told is %q\n%s", told, log)
	}
	for range 2 { // the next process, and one more
		h, _ := w.herald(st, 0)
		ctx, stop := context.WithCancel(t.Context())
		served := make(chan struct{})
		go func() { defer close(served); h.serve(ctx) }()
		w.until("the message", func() bool { return len(w.told()) > 0 })
		stop()
		<-served
	}
	if diff := cmp.Diff([]string{"Everything: first scan, 1 open"}, w.told()); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

func TestAMessageThatAPlaceRefusesIsSentWhenItsTimeHasCome(t *testing.T) {
	w := newWorld(t, scheduled)
	st := w.store()
	run := savedScan(t, st, 0, "a")
	h, _ := w.herald(st, 0)
	clock := h.clock.(*clockwork.FakeClock)
	ctx, stop := context.WithCancel(t.Context())
	w.refuse.Store(true)
	h.tell(run.ID)
	served := make(chan struct{})
	go func() { defer close(served); h.serve(ctx) }()
	tried := func() int {
		list, err := st.Messages(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			return 0
		}
		return list[0].Tries
	}
	w.until("the first try", func() bool { return tried() == 1 })
	w.refuse.Store(false)
	clock.Advance(deliverEvery)
	w.until("the message", func() bool { return len(w.told()) == 1 })
	stop()
	<-served
}

func TestARunIsAnnouncedAlsoWhereItsReportCannotBeWritten(t *testing.T) {
	w := newWorld(t, scheduled)
	reports := w.file("reports")
	write(t, w.file("metsuke.yaml"), scheduled+"outputs: [{format: json, path: "+filepath.Join(reports, "latest.json")+"}]\n")
	if err := os.Mkdir(reports, 0o700); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	w.faults.Observe = func(string) {
		once.Do(func() { _ = os.RemoveAll(reports); write(t, reports, "a file") })
	}
	w.due("nightly", "0 2 * * * UTC", 50*time.Hour)
	_, log, stop := w.serving()
	w.until("the message", func() bool { return len(w.told()) > 0 })
	w.until("the end", func() bool { return strings.Contains(log.String(), "outcome=failed") })
	if code := stop(); code != exitOK || !strings.Contains(log.String(), filepath.Join("reports", "latest.json")) {
		t.Errorf("exit code %d\n%s", code, log)
	}
}

func TestTwoSchedulesThatEndAtOnceAreAnnouncedOnceEach(t *testing.T) {
	w := newWorld(t, strings.Replace(scheduled, `["aws-s3-*"]`, `["aws-s3-*", "github-*"]`, 1)+`    - {name: repositories, cron: "0 2 * * *", providers: [github]}`+"\n")
	w.due("nightly", "0 2 * * * UTC", 50*time.Hour)
	w.due("repositories", "0 2 * * * UTC", 50*time.Hour)
	_, log, stop := w.serving()
	w.until("both ends", func() bool { return strings.Count(log.String(), "msg=\"scan ends\"") == 2 })
	w.until("both messages", func() bool { return len(w.told()) == 2 })
	if code := stop(); code != exitOK {
		t.Errorf("exit code %d\n%s", code, log)
	}
	st := w.store()
	runs, err := st.Runs(t.Context(), store.Filter{})
	if err != nil || len(runs) != 2 {
		t.Fatal(runs, err)
	}
	got := map[string]int{}
	for _, run := range put(t, st) {
		got[run]++
	}
	if diff := cmp.Diff(map[string]int{runs[0].ID: 1, runs[1].ID: 1}, got); diff != "" {
		t.Errorf("messages by run (-want +got):\n%s\n%s", diff, fmt.Sprint(w.told()))
	}
}

// An issue of the scans is none of a gate's: it would be closed.
func TestPeopleAreToldOfNothingButScans(t *testing.T) {
	w := newWorld(t, scheduled)
	st := w.store()
	savedScan(t, st, 0, "a")
	run := finding.Run{Mode: "gate", Version: "test", Time: nightOf(1)}
	s, err := st.Save(t.Context(), store.Record{Series: "gate", Run: run, Started: run.Time, Ended: run.Time})
	if err != nil {
		t.Fatal(err)
	}
	_, stderr, code := w.run("notify", "send", s.Run.ID)
	if code != exitError || !strings.Contains(stderr, s.Run.ID+" is a run of gate: people are told of scans") || len(put(t, st)) != 0 {
		t.Errorf("exit code %d, in the outbox %q\n%s", code, put(t, st), stderr)
	}
}

// tracker answers as GitHub does of issues, and counts the calls that change one.
func tracker(t *testing.T) (url string, changes func() []string) {
	t.Helper()
	var mu sync.Mutex
	calls := []string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, "[]")
			return
		}
		var m struct{ State string }
		_ = json.NewDecoder(r.Body).Decode(&m)
		mu.Lock()
		defer mu.Unlock()
		calls = append(calls, strings.TrimSpace(r.Method+" "+m.State))
		_, _ = io.WriteString(w, `{"number": 7}`)
	}))
	t.Cleanup(server.Close)
	return server.URL, func() []string {
		mu.Lock()
		defer mu.Unlock()
		out := calls
		calls = []string{}
		return out
	}
}

func TestAnIssueIsWrittenWhenItIsToSaySomethingElse(t *testing.T) {
	url, changes := tracker(t)
	w := newWorld(t, "notify: {channels: [{name: issues, github: {repository: acme/governance, token_env: TOKEN, api: "+url+"}}]}\n")
	w.env["TOKEN"] = "ghp"
	st := w.store()
	for night, c := range []struct {
		waived bool
		open   []string
		want   []string
	}{
		{false, []string{"a"}, []string{"POST"}},
		{false, []string{"a"}, []string{}},
		{true, []string{"a"}, []string{"PATCH closed"}},
		{true, []string{"a"}, []string{}},
		{true, []string{"a"}, []string{}},
		{false, []string{"a"}, []string{"PATCH open"}},
		{false, []string{"a", "b"}, []string{"PATCH open"}},
		{false, nil, []string{"PATCH closed"}},
		{false, nil, []string{}},
	} {
		run := savedScanOf(t, st, night, c.waived, c.open...)
		h, log := w.herald(st, night)
		h.tell(run.ID)
		h.announce(t.Context())
		if _, left, err := h.announcer.postman().Deliver(t.Context()); left != 0 || err != nil {
			t.Fatalf("night %d: %d left, %v\n%s", night, left, err, log)
		}
		if diff := cmp.Diff(c.want, changes()); diff != "" {
			t.Errorf("night %d (-want +got):\n%s", night, diff)
		}
	}
}

// The channel that sends is another one than that which composed, and may be of another
// process.
func TestAnIssueIsMadeInTheProjectOfItsOwner(t *testing.T) {
	var mu sync.Mutex
	projects := []string{}
	jira := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var m struct {
			Fields struct{ Project struct{ Key string } }
		}
		_ = json.NewDecoder(r.Body).Decode(&m)
		if r.Method != http.MethodPost {
			_, _ = io.WriteString(w, `{"issues": []}`)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		projects = append(projects, m.Fields.Project.Key)
		_, _ = io.WriteString(w, `{"key": "`+m.Fields.Project.Key+`-1"}`)
	}))
	t.Cleanup(jira.Close)
	w := newWorld(t, "store: {url: metsuke.db}\npolicies: {select: [\"aws-s3-*\"]}\nnotify: {channels: [{name: issues, min_severity: low, jira: {url: "+jira.URL+", token_env: TOKEN, project: GOV}}]}\n")
	w.env["TOKEN"] = "token"
	write(t, w.file("owners.yaml"), "owners:\n  - name: payments\n    contacts: {jira: PAY}\nrules:\n  - resource: \"*\"\n    owner: payments\n")
	if _, stderr, code := w.run("scan", "--provider", "aws", "--notify"); code != exitOK {
		t.Fatalf("exit code %d\n%s", code, stderr)
	}
	slices.Sort(projects)
	if diff := cmp.Diff([]string{"PAY"}, slices.Compact(projects)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAPlaceThatHangsKeepsNobodyFromBeingToldOfTheNextRun(t *testing.T) {
	free := make(chan struct{})
	hung := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-free }))
	t.Cleanup(hung.Close)
	w := newWorld(t, strings.Replace(scheduled, "    - name: hook\n", "    - {name: a-hung, webhook: {url: "+hung.URL+"}}\n    - name: hook\n", 1))
	st := w.store()
	h, log := w.herald(st, 1)
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan struct{})
	go func() { defer close(served); h.serve(ctx) }()
	for night, buckets := range [][]string{{"a"}, {"a", "b"}} {
		h.tell(savedScan(t, st, night, buckets...).ID)
		w.until("the message", func() bool { return len(w.told()) == night+1 })
	}
	close(free)
	w.until("what was held up", func() bool {
		list, err := st.Messages(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		return len(list) == 4 && !slices.ContainsFunc(list, func(m store.MessageInfo) bool { return m.Status != store.Sent })
	})
	stop()
	<-served
	if diff := cmp.Diff([]string{"Everything: first scan, 1 open", "Everything: 1 new"}, w.told()); diff != "" {
		t.Errorf("told (-want +got):\n%s\n%s", diff, log)
	}
}
