package store

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

func message(n int) Message {
	return Message{
		Key: fmt.Sprintf("slack/run-1/%d", n), Channel: "slack", Run: "run-1", To: fmt.Sprintf("#team-%d", n), Body: json.RawMessage(fmt.Sprintf(`{"n":%d}`, n)), Created: day(0),
	}
}

// take takes the message of Slack that is due at the time.
func take(t *testing.T, s *Store, at time.Time) (Message, bool) {
	t.Helper()
	return takeFrom(t, s, "slack", at)
}

func takeFrom(t *testing.T, s *Store, channel string, at time.Time) (Message, bool) {
	t.Helper()
	m, ok, err := s.Take(t.Context(), channel, at, at.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	return m, ok
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheMessagesOfARunArePutOnceAndTakenInTheirOrder(t *testing.T) {
	s := openTemp(t)
	if yes, err := s.Announced(t.Context(), "run-1"); yes || err != nil {
		t.Errorf("a run that nobody announced: %v, %v", yes, err)
	}
	ok(t, s.Put(t.Context(), "run-1", day(0), []Message{message(1), message(2)}))
	ok(t, s.Put(t.Context(), "run-1", day(0), []Message{message(3)})) // by a process that was started anew
	if yes, err := s.Announced(t.Context(), "run-1"); !yes || err != nil {
		t.Errorf("a run that was announced: %v, %v", yes, err)
	}
	for n := 1; n <= 2; n++ {
		m, found := take(t, s, day(1))
		if diff := cmp.Diff(message(n), m); diff != "" || !found {
			t.Errorf("message %d (-want +got):\n%s", n, diff)
		}
	}
	if m, found := take(t, s, day(1)); found {
		t.Errorf("%v was taken although it is held", m)
	}
}

func TestAMessageThatNobodyReportsBackOnIsTakenAgain(t *testing.T) {
	s := openTemp(t)
	ok(t, s.Put(t.Context(), "run-1", day(0), []Message{message(1)}))
	if _, found := take(t, s, day(0)); !found {
		t.Fatal("nothing to take")
	}
	if _, found := take(t, s, day(0).Add(59*time.Second)); found {
		t.Error("it was taken while it was held")
	}
	if _, found := take(t, s, day(0).Add(time.Minute)); !found {
		t.Error("it was not taken when the hold was over")
	}
}

func TestAMessageIsPutOffSentOrGivenUpAndThatCanBeLookedAt(t *testing.T) {
	s := openTemp(t)
	ok(t, s.Put(t.Context(), "run-1", day(0), []Message{message(1), message(2), message(3)}))
	ok(t, s.Sent(t.Context(), message(1).Key, day(0)))
	ok(t, s.Drop(t.Context(), message(2).Key, day(0), "the channel is archived"))
	ok(t, s.Again(t.Context(), message(3).Key, day(2), "connection refused"))
	if m, found := take(t, s, day(1)); found {
		t.Errorf("%v is not due", m)
	}
	info := func(n int, status MessageStatus, due, ended time.Time, tries int, why string) MessageInfo {
		m := message(n)
		m.Body, m.Tries = nil, tries
		return MessageInfo{Message: m, Status: status, Due: due, Ended: ended, Why: why}
	}
	got, err := s.Messages(t.Context(), 10)
	ok(t, err)
	if diff := cmp.Diff([]MessageInfo{
		info(3, Waiting, day(2), time.Time{}, 1, "connection refused"),
		info(2, Dropped, day(0), day(0), 1, "the channel is archived"),
		info(1, Sent, day(0), day(0), 0, ""),
	}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if m, found := take(t, s, day(2)); !found || m.Key != message(3).Key || m.Tries != 1 {
		t.Errorf("due is %v", m)
	}
	if n, err := s.Retry(t.Context(), day(3)); n != 1 || err != nil {
		t.Errorf("%d messages are tried again, %v", n, err)
	}
	ok(t, s.Sent(t.Context(), message(3).Key, day(3)))
	if m, found := take(t, s, day(3)); !found || m.Key != message(2).Key || m.Tries != 0 {
		t.Errorf("due is %v", m)
	}
}

func TestOldMessagesAreForgottenAndWaitingOnesAreNot(t *testing.T) {
	s := openTemp(t)
	ok(t, s.Put(t.Context(), "run-1", day(0), []Message{message(1), message(2)}))
	ok(t, s.Sent(t.Context(), message(1).Key, day(0)))
	later := message(3)
	later.Run = "run-2"
	ok(t, s.Put(t.Context(), "run-2", day(91), []Message{later}))
	got, err := s.Messages(t.Context(), 10)
	ok(t, err)
	if len(got) != 2 || got[0].Key != later.Key || got[1].Key != message(2).Key {
		t.Errorf("kept are %+v", got)
	}
}

func TestATopicIsRememberedByChannel(t *testing.T) {
	s := openTemp(t)
	ok(t, s.Remember(t.Context(), "jira", "a", "GOV-1", true))
	ok(t, s.Remember(t.Context(), "jira", "b", "GOV-3", true))
	ok(t, s.Remember(t.Context(), "jira", "a", "GOV-2", false))
	ok(t, s.Remember(t.Context(), "github", "c", "4", true))
	if got, err := s.OpenTopics(t.Context(), "jira"); err != nil || !slices.Equal(got, []string{"b"}) {
		t.Errorf("open are %v, %v", got, err)
	}
	for channel, want := range map[string]string{"jira": "GOV-2", "github": ""} {
		if got, err := s.Recall(t.Context(), channel, "a"); got != want || err != nil {
			t.Errorf("%s: %q, %v; want %q", channel, got, err, want)
		}
	}
}

func TestWhatIsDueIsClaimedOnceAndInOrder(t *testing.T) {
	s := openTemp(t)
	claim := func(n int, want bool) {
		t.Helper()
		if got, err := s.Claim(t.Context(), "nightly", day(n), day(9)); got != want || err != nil {
			t.Errorf("day %d: claimed %v, %v", n, got, err)
		}
	}
	unfinished := func(want time.Time) {
		t.Helper()
		if got, err := s.Unfinished(t.Context(), "nightly"); !got.Equal(want) || err != nil {
			t.Errorf("unfinished is %v, %v; want %v", got, err, want)
		}
	}
	claim(1, false) // nobody has heard of the schedule
	ok(t, s.Adopt(t.Context(), "nightly", "0 2 * * * UTC", day(1)))
	claim(1, false)
	unfinished(time.Time{})
	claim(2, true)
	claim(2, false)
	claim(1, false)
	unfinished(day(2))
	ok(t, s.Adopt(t.Context(), "nightly", "0 2 * * * UTC", day(5))) // a restart changes nothing
	unfinished(day(2))
	claim(3, true)
	ok(t, s.Finish(t.Context(), "nightly", day(2), "complete")) // too late: it is about another time
	unfinished(day(3))
	ok(t, s.Finish(t.Context(), "nightly", day(3), "incomplete"))
	unfinished(time.Time{})
	ok(t, s.Adopt(t.Context(), "nightly", "0 3 * * * UTC", day(7)))
	claim(6, false)
	claim(8, true)
}

func TestAMessageWaitsForEarlierOnesToTheSameReceiver(t *testing.T) {
	s := openTemp(t)
	list := []Message{message(1), message(2), message(1), message(1)}
	list[2].Key, list[3].Key, list[3].Channel = "slack/run-2/1", "mail/run-2/1", "mail"
	ok(t, s.Put(t.Context(), "run-1", day(0), list))
	if m, found := take(t, s, day(0)); !found || m.Key != message(1).Key {
		t.Fatalf("due is %v", m)
	}
	ok(t, s.Again(t.Context(), message(1).Key, day(2), "connection refused"))
	for channel, want := range map[string]string{"slack": message(2).Key, "mail": "mail/run-2/1"} { // another receiver, and another channel
		if m, found := takeFrom(t, s, channel, day(0)); !found || m.Key != want {
			t.Errorf("due is %v, want %s", m, want)
		}
		ok(t, s.Sent(t.Context(), want, day(0)))
	}
	if m, found := take(t, s, day(1)); found {
		t.Errorf("%s overtakes %s", m.Key, message(1).Key)
	}
	for _, want := range []string{message(1).Key, "slack/run-2/1"} {
		if m, found := take(t, s, day(2)); !found || m.Key != want {
			t.Errorf("due is %v, want %s", m, want)
		}
		ok(t, s.Drop(t.Context(), want, day(2), "the channel is archived")) // what is given up holds up nothing
	}
}

func TestAMessageWaitsSinceItWasPut(t *testing.T) {
	s := openTemp(t)
	ok(t, s.Put(t.Context(), "run-1", day(9), []Message{message(1)})) // about a run of day 0
	if m, found := take(t, s, day(9)); !found || !m.Created.Equal(day(9)) {
		t.Errorf("it waits since %s, want %s", m.Created, day(9))
	}
}

func TestRunsThatNobodyWasToldOfAreThoseAfterTheLastOneThatWasTold(t *testing.T) {
	s := openTemp(t)
	var runs []RunInfo
	for n := range 6 {
		runs = append(runs, scan{run: runOf(n)}.save(t, s).Run)
	}
	gate := Record{Series: "gate", Run: runOf(4), Started: day(4), Ended: day(4)}
	save(t, s, gate)
	scan{run: runOf(3)}.save(t, s) // too late: it has no place in the history
	untold := func(before RunInfo, since int, want ...RunInfo) {
		t.Helper()
		got, err := s.Untold(t.Context(), before, day(since))
		ok(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("before %s (-want +got):\n%s", before.ID, diff)
		}
	}
	untold(runs[5], 0) // nobody was told of any: what came before is nobody's news
	ok(t, s.Put(t.Context(), runs[1].ID, day(1), nil))
	untold(runs[5], 0, runs[2], runs[3], runs[4])
	untold(runs[5], 4, runs[4])
	untold(runs[3], 0, runs[2])
	untold(runs[2], 0)
	ok(t, s.Put(t.Context(), runs[3].ID, day(3), nil))
	untold(runs[5], 0, runs[4])
	untold(runs[1], 0) // it was told of itself
}

func TestDueAreTheChannelsOfWhatMayBeSentNow(t *testing.T) {
	s := openTemp(t)
	list := []Message{message(1), message(2), message(3), message(4)}
	list[1].Channel, list[2].Channel = "mail", "jira"
	ok(t, s.Put(t.Context(), "run-1", day(1), list))
	ok(t, s.Again(t.Context(), list[1].Key, day(3), "connection refused"))
	ok(t, s.Sent(t.Context(), list[2].Key, day(1)))
	for at, want := range map[int][]string{0: nil, 1: {"slack"}, 3: {"mail", "slack"}} {
		if got, err := s.Due(t.Context(), day(at)); err != nil || !slices.Equal(got, want) {
			t.Errorf("day %d: %q, %v; want %q", at, got, err, want)
		}
	}
}

func TestAChannelThatRestsHasNothingDueAndLosesNoTry(t *testing.T) {
	s := openTemp(t)
	list := []Message{message(1), message(2), message(3)}
	list[2].Channel = "mail"
	ok(t, s.Put(t.Context(), "run-1", day(0), list))
	ok(t, s.Again(t.Context(), list[1].Key, day(5), "connection refused"))
	ok(t, s.Rest(t.Context(), "slack", day(2)))
	if got, err := s.Due(t.Context(), day(1)); err != nil || !slices.Equal(got, []string{"mail"}) {
		t.Errorf("while it rests, due are %q, %v", got, err)
	}
	if m, found := take(t, s, day(2)); !found || m.Key != list[0].Key || m.Tries != 0 {
		t.Errorf("after its rest, due is %v", m)
	}
	if m, found := take(t, s, day(2)); found {
		t.Errorf("%v was to wait longer than the channel", m)
	}
	ok(t, s.Sent(t.Context(), list[2].Key, day(2)))
	if n, err := s.Waiting(t.Context()); n != 2 || err != nil {
		t.Errorf("%d wait, %v", n, err)
	}
}

func TestWhatAPlaceWasToldLastIsKnownUntilItsMessageIsGivenUp(t *testing.T) {
	s := openTemp(t)
	told := func(when string, want map[string]string) {
		t.Helper()
		got, err := s.Told(t.Context(), "hub")
		ok(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	put := func(run, key, channel string, tells map[string]string) {
		t.Helper()
		m := message(1)
		m.Run, m.Key, m.Channel, m.Tells = run, key, channel, tells
		ok(t, s.Put(t.Context(), run, day(0), []Message{m}))
	}
	told("at first", map[string]string{})
	put("run-1", "hub/run-1", "hub", map[string]string{"a": "1", "b": "1"})
	put("run-2", "jira/run-2", "jira", map[string]string{"a": "9"})
	told("after the first run", map[string]string{"a": "1", "b": "1"})
	put("run-3", "hub/run-3", "hub", map[string]string{"a": "2", "b": ""})
	told("after another one", map[string]string{"a": "2"})
	put("run-3", "hub/again", "hub", map[string]string{"a": "3"}) // it was announced
	told("after the same one", map[string]string{"a": "2"})
	ok(t, s.Drop(t.Context(), "hub/run-1", day(1), "it was refused"))
	told("when an earlier message is given up", map[string]string{"a": "2"})
	ok(t, s.Sent(t.Context(), "hub/run-3", day(1)))
	told("when the later one is sent", map[string]string{"a": "2"})
	put("run-4", "hub/run-4", "hub", map[string]string{"a": "4", "c": "1"})
	ok(t, s.Drop(t.Context(), "hub/run-4", day(1), "it was refused"))
	told("when the last one is given up", map[string]string{})
}

func TestWhatALaterMessageToldIsNotToldAgainByAnEarlierOne(t *testing.T) {
	s := openTemp(t)
	dropped := func(run, key, channel string, tells map[string]string) {
		t.Helper()
		m := message(1)
		m.Run, m.Key, m.Channel, m.Tells = run, key, channel, tells
		ok(t, s.Put(t.Context(), run, day(0), []Message{m}))
		ok(t, s.Drop(t.Context(), key, day(0), "the token was revoked"))
	}
	dropped("run-1", "jira/1", "jira", map[string]string{"a": "open"})
	dropped("run-2", "jira/2", "jira", map[string]string{"a": "closed"})
	dropped("run-3", "hub/1", "hub", map[string]string{"b": ""})
	dropped("run-4", "slack/1", "slack", nil)
	dropped("run-5", "slack/2", "slack", nil)
	if n, err := s.Retry(t.Context(), day(1)); n != 4 || err != nil {
		t.Errorf("%d messages wait again, %v", n, err)
	}
	got := map[string]MessageStatus{}
	list, err := s.Messages(t.Context(), 10)
	ok(t, err)
	for _, m := range list {
		got[m.Key] = m.Status
	}
	if diff := cmp.Diff(map[string]MessageStatus{"jira/1": Dropped, "jira/2": Waiting, "hub/1": Waiting, "slack/1": Waiting, "slack/2": Waiting}, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWhatEndedIsForgottenWithItsMessage(t *testing.T) {
	s := openTemp(t)
	m := message(1)
	m.Tells = map[string]string{"a": "1", "b": ""}
	ok(t, s.Put(t.Context(), "run-1", day(0), []Message{m}))
	ok(t, s.Sent(t.Context(), m.Key, day(0)))
	ok(t, s.Put(t.Context(), "run-2", day(91), nil))
	var left []string
	ok(t, s.read(t.Context(), "count", func(x tx) error {
		return x.rows(t.Context(), `SELECT name FROM told`, nil, func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			left = append(left, name)
			return err
		})
	}))
	if !slices.Equal(left, []string{"a"}) {
		t.Errorf("kept is %q", left)
	}
}

func TestAWaiverThatEndedIsKnownOfTheRunThatFoundItSo(t *testing.T) {
	s := openTemp(t)
	excused, free := waived(bucket("a")), bucket("a")
	var runs []RunInfo
	for n, f := range []finding.Finding{excused, excused, free, free, excused} {
		runs = append(runs, scan{run: runOf(n, f, bucket("b")), exist: []string{"a", "b"}}.save(t, s).Run)
	}
	for n, want := range [][]string{nil, nil, {free.Fingerprint}, nil, nil} {
		if got, err := s.Lapsed(t.Context(), runs[n].ID); err != nil || !slices.Equal(got, want) {
			t.Errorf("run %d: %q, %v; want %q", n, got, err, want)
		}
	}
}

// As after the first scan of a large estate, or while a tracker is down: without an index
// to find what goes before a message, each of these takes a quarter of a minute.
func TestManyMessagesWaitAndTheNextOneIsFoundAtOnce(t *testing.T) {
	s := openTemp(t)
	var list []Message
	for n := range 5000 {
		list = append(list, message(n))
	}
	ok(t, s.Put(t.Context(), "run-1", day(0), list))
	for n := range 50 {
		if m, found := take(t, s, day(0)); !found || m.Key != message(n).Key {
			t.Fatalf("due is %v, want %s", m, message(n).Key)
		}
	}
}
