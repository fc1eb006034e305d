package serve

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jonboulle/clockwork"
)

// book is a Ledger in memory, which several servers may share.
type book struct {
	mu       sync.Mutex
	adopted  map[string]string
	claims   map[string]time.Time
	finished map[string]Outcome // by schedule, of the latest claim
	held     map[string]bool
	asked    time.Time // when something was claimed last, or tried to be
	away     error     // what every call answers with
	lost     chan struct{}
	loses    string // the name that is lost; "" is every one
}

func newBook() *book {
	return &book{adopted: map[string]string{}, claims: map[string]time.Time{}, finished: map[string]Outcome{}, held: map[string]bool{}}
}

func (b *book) Adopt(_ context.Context, schedule, timetable string, due time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.adopted[schedule] != timetable {
		b.adopted[schedule], b.claims[schedule], b.finished[schedule] = timetable, due, Complete
	}
	return b.away
}

func (b *book) Claim(_ context.Context, schedule string, due, now time.Time) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = now
	if b.away != nil || !due.After(b.claims[schedule]) {
		return false, b.away
	}
	b.claims[schedule] = due
	delete(b.finished, schedule)
	return true, nil
}

func (b *book) Unfinished(_ context.Context, schedule string) (time.Time, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.finished[schedule]; ok {
		return time.Time{}, b.away
	}
	return b.claims[schedule], b.away
}

func (b *book) Finish(_ context.Context, schedule string, _ time.Time, o Outcome) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away == nil {
		b.finished[schedule] = o
	}
	return b.away
}

type hold struct {
	b    *book
	name string
}

// Lost never happens, unless the book has it so.
func (h hold) Lost() <-chan struct{} {
	if h.b.loses != "" && h.b.loses != h.name {
		return nil
	}
	return h.b.lost
}

func (h hold) Release() {
	h.b.mu.Lock()
	defer h.b.mu.Unlock()
	delete(h.b.held, h.name)
}

func (b *book) Hold(_ context.Context, name string) (Hold, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away != nil || b.held[name] {
		return nil, false, b.away
	}
	b.held[name] = true
	return hold{b, name}, true, nil
}

func (b *book) goAway(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.away = err
}

// diary notes the scans that were made.
type diary struct {
	mu     sync.Mutex
	lines  []string
	under  map[string]bool
	shared bool // two were under way at once
	takes  time.Duration
}

// scan takes its time, or is interrupted.
func (d *diary) scan(ctx context.Context, j Job) (Outcome, error) {
	line := time.Now().UTC().Format("2006-01-02T15:04") + " " + j.Schedule
	if j.Resume {
		line += " resumed"
	}
	d.mu.Lock()
	d.shared = d.shared || len(d.under) > 0
	if d.under == nil {
		d.under = map[string]bool{}
	}
	d.under[j.Schedule] = true
	d.lines = append(d.lines, line)
	d.mu.Unlock()
	outcome := Complete
	select {
	case <-time.After(d.takes):
	case <-ctx.Done():
		outcome = Interrupted
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.under, j.Schedule)
	return outcome, nil
}

func (d *diary) read() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.lines)
}

// serving starts a server; the function stops it and waits for its end.
func serving(t *testing.T, b *book, d *diary, schedules ...Schedule) (s *Server, stop func()) {
	t.Helper()
	s = New(Config{
		Schedules: schedules, Ledger: b, Scan: d.scan, Drain: 30 * time.Second, Clock: clockwork.NewRealClock(), Log: slog.New(slog.DiscardHandler),
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- s.Run(ctx) }()
	return s, func() {
		t.Helper()
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

// until sleeps until a time in UTC. In the bubbles of these tests it is midnight of
// 1 January 2000 in the beginning.
func until(at string) {
	to, err := time.Parse("2006-01-02T15:04", at)
	if err != nil {
		panic(err)
	}
	time.Sleep(time.Until(to))
	synctest.Wait()
}

func same(t *testing.T, want []string, d *diary) {
	t.Helper()
	if diff := cmp.Diff(want, d.read()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestEveryNightHasOneScanAlsoWhenTheClocksChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		until("2000-03-24T12:00")
		d := &diary{takes: time.Hour}
		_, stop := serving(t, newBook(), d, Schedule{Name: "nightly", When: timetable(t, "30 2 * * *", "Europe/Berlin")})
		until("2000-03-28T12:00")
		stop()
		same(t, []string{"2000-03-25T01:30 nightly", "2000-03-26T01:00 nightly", "2000-03-27T00:30 nightly", "2000-03-28T00:30 nightly"}, d)
	})
	synctest.Test(t, func(t *testing.T) {
		until("2000-10-27T12:00")
		d := &diary{takes: time.Hour}
		_, stop := serving(t, newBook(), d, Schedule{Name: "nightly", When: timetable(t, "30 2 * * *", "Europe/Berlin")})
		until("2000-10-30T12:00")
		stop()
		same(t, []string{"2000-10-28T00:30 nightly", "2000-10-29T00:30 nightly", "2000-10-30T01:30 nightly"}, d)
	})
}

func TestWhatWasMissedIsMadeUpForOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, d := newBook(), &diary{takes: time.Minute}
		nightly := Schedule{Name: "nightly", When: timetable(t, "0 2 * * *", "")}
		until("2000-01-01T03:00")
		_, stop := serving(t, b, d, nightly)
		until("2000-01-02T12:00")
		stop()
		until("2000-01-06T12:00") // four nights
		_, stop = serving(t, b, d, nightly)
		until("2000-01-07T12:00")
		stop()
		same(t, []string{"2000-01-02T02:00 nightly", "2000-01-06T12:00 nightly", "2000-01-07T02:00 nightly"}, d)
	})
}

func TestAFirstStartAndANewTimetableMakeUpForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, d := newBook(), &diary{takes: time.Minute}
		until("2000-01-01T12:00")
		_, stop := serving(t, b, d, Schedule{Name: "nightly", When: timetable(t, "0 2 * * *", "")})
		until("2000-01-01T13:00")
		stop()
		_, stop = serving(t, b, d, Schedule{Name: "nightly", When: timetable(t, "0 11 * * *", "")})
		until("2000-01-01T14:00")
		stop()
		same(t, nil, d)
	})
}

func TestAScanThatAStopInterruptedIsGoneOnWith(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, d := newBook(), &diary{takes: time.Hour}
		nightly := Schedule{Name: "nightly", When: timetable(t, "0 2 * * *", "")}
		_, stop := serving(t, b, d, nightly)
		until("2000-01-01T02:10")
		stop()
		if waited := time.Now().UTC().Format("15:04:05"); waited != "02:10:30" {
			t.Errorf("the stop was over at %s; the scan has 30 seconds to end", waited)
		}
		until("2000-01-01T09:00")
		_, stop = serving(t, b, d, nightly)
		until("2000-01-01T11:00")
		stop()
		until("2000-01-01T12:00")
		_, stop = serving(t, b, d, nightly)
		until("2000-01-01T13:00")
		stop()
		same(t, []string{"2000-01-01T02:00 nightly", "2000-01-01T09:00 nightly resumed"}, d)
	})
}

func TestAScanThatCanEndInTimeIsNotInterruptedByAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, d := newBook(), &diary{takes: time.Minute}
		_, stop := serving(t, b, d, Schedule{Name: "nightly", When: timetable(t, "0 2 * * *", "")})
		until("2000-01-01T02:00")
		time.Sleep(45 * time.Second)
		stop()
		if got := b.finished["nightly"]; got != Complete {
			t.Errorf("the scan ended %q, want %q", got, Complete)
		}
	})
}

func TestTwoSchedulesOfTheSameScopeRunOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{takes: 20 * time.Minute}
		at := timetable(t, "0 2 * * *", "")
		_, stop := serving(t, newBook(), d,
			Schedule{Name: "a", When: at, Reads: []string{"aws", "gcp"}}, Schedule{Name: "b", When: at, Reads: []string{"gcp", "github"}})
		until("2000-01-01T05:00")
		stop()
		if d.shared || len(d.read()) != 2 {
			t.Errorf("at once: %v; %q", d.shared, d.read())
		}
	})
}

func TestAScanThatTakesLongerThanToTheNextOneIsFollowedByOneOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &diary{takes: 150 * time.Minute}
		_, stop := serving(t, newBook(), d, Schedule{Name: "hourly", When: timetable(t, "0 * * * *", "")})
		until("2000-01-01T07:00")
		stop()
		if d.shared {
			t.Error("two were under way at once")
		}
		same(t, []string{"2000-01-01T01:00 hourly", "2000-01-01T03:30 hourly", "2000-01-01T06:00 hourly"}, d)
	})
}

func TestOfTwoProcessesOneScans(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, d := newBook(), &diary{takes: 10 * time.Minute}
		nightly := Schedule{Name: "nightly", When: timetable(t, "0 2 * * *", ""), Reads: []string{"aws"}}
		_, stop := serving(t, b, d, nightly)
		_, stopOther := serving(t, b, d, nightly)
		until("2000-01-02T12:00")
		stop()
		until("2000-01-03T12:00")
		stopOther()
		same(t, []string{"2000-01-01T02:00 nightly", "2000-01-02T02:00 nightly", "2000-01-03T02:00 nightly"}, d)
	})
}

func TestALedgerThatIsAwayDelaysAScanAndSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, d := newBook(), &diary{takes: time.Minute}
		s, stop := serving(t, b, d, Schedule{Name: "nightly", When: timetable(t, "0 2 * * *", "")})
		until("2000-01-01T01:30")
		if err := s.Ready(); err != nil {
			t.Errorf("not ready: %v", err)
		}
		b.goAway(errors.New("connection refused"))
		until("2000-01-01T02:30")
		if err := s.Ready(); err == nil {
			t.Error("it is ready although nobody can tell what is due")
		}
		b.goAway(nil)
		until("2000-01-01T03:30")
		if err := s.Ready(); err != nil {
			t.Errorf("not ready: %v", err)
		}
		stop()
		if got := d.read(); len(got) != 1 || got[0] < "2000-01-01T02:30" || got[0] > "2000-01-01T02:32" {
			t.Errorf("%q, want one soon after half past two", got)
		}
	})
}

func TestAServerIsReadyWhileTheScanRunsThatALedgerDelayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, d := newBook(), &diary{takes: 3 * time.Hour}
		s, stop := serving(t, b, d, Schedule{Name: "nightly", When: timetable(t, "0 2 * * *", "")})
		until("2000-01-01T01:30")
		b.goAway(errors.New("connection refused"))
		until("2000-01-01T02:30")
		b.goAway(nil)
		until("2000-01-01T03:30")
		if err := s.Ready(); err != nil {
			t.Errorf("the ledger is there and the scan is under way, and it is not ready: %v", err)
		}
		stop()
	})
}

func TestAServerIsNotReadyAsLongAsOneScheduleCannotBeKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook()
		s, stop := serving(t, b, &diary{}, Schedule{Name: "a", When: timetable(t, "0 2 * * *", "")}, Schedule{Name: "b", When: timetable(t, "0 3 * * *", "")})
		until("2000-01-01T01:00")
		s.told(s.rows["a"], errors.New("connection refused"))
		s.told(s.rows["b"], nil)
		if s.Ready() == nil {
			t.Error("it is ready although a cannot be kept")
		}
		stop()
		s.told(s.rows["a"], nil) // by a turn that was under way
		if err := s.Ready(); err == nil || err.Error() != "it is stopping" {
			t.Errorf("after the stop it says %v", err)
		}
	})
}

func TestAScanWhoseEndCouldNotBeWrittenDownIsNotMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, d := newBook(), &diary{takes: time.Hour}
		_, stop := serving(t, b, d, Schedule{Name: "nightly", When: timetable(t, "0 2 * * *", "")})
		until("2000-01-01T02:30")
		b.goAway(errors.New("connection refused"))
		until("2000-01-01T06:00")
		b.goAway(nil)
		until("2000-01-01T12:00")
		stop()
		same(t, []string{"2000-01-01T02:00 nightly"}, d)
		if got := b.finished["nightly"]; got != Complete {
			t.Errorf("the scan ended %q, want %q", got, Complete)
		}
	})
}

func TestAStopDoesNotWaitForALedgerThatIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, d := newBook(), &diary{takes: time.Hour}
		_, stop := serving(t, b, d, Schedule{Name: "nightly", When: timetable(t, "0 2 * * *", "")})
		until("2000-01-01T02:30")
		b.goAway(errors.New("connection refused"))
		until("2000-01-01T03:00")
		stop()
		if waited := time.Now().UTC().Format("15:04:05"); waited > "03:00:35" {
			t.Errorf("the stop was over at %s; scans have 30 seconds to end", waited)
		}
	})
}

func TestAScanEndsWhenItsScheduleMayBeAnotherProcesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, d := newBook(), &diary{takes: time.Hour}
		b.lost = make(chan struct{})
		_, stop := serving(t, b, d, Schedule{Name: "nightly", When: timetable(t, "0 2 * * *", "")})
		until("2000-01-01T02:30")
		if len(d.under) != 1 {
			t.Error("no scan is under way")
		}
		close(b.lost)
		synctest.Wait()
		if len(d.under) != 0 {
			t.Error("the scan goes on")
		}
		if outcome, ended := b.finished["nightly"]; ended {
			t.Errorf("what was interrupted was finished as %s", outcome)
		}
		stop()
	})
}

func TestAScanEndsWhenAnotherProcessMayReadTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, d := newBook(), &diary{takes: time.Hour}
		b.lost, b.loses = make(chan struct{}), "scan gcp"
		_, stop := serving(t, b, d, Schedule{Name: "nightly", When: timetable(t, "0 2 * * *", ""), Reads: []string{"aws", "gcp", "github"}})
		until("2000-01-01T02:30")
		if len(d.under) != 1 {
			t.Error("no scan is under way")
		}
		close(b.lost)
		synctest.Wait()
		if len(d.under) != 0 {
			t.Error("the scan goes on")
		}
		stop()
	})
}

func TestTheLedgerIsToldTheTimeAtWhichSomethingIsClaimed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBook()
		_, stop := serving(t, b, &diary{}, Schedule{Name: "nightly", When: timetable(t, "0 2 * * *", "")})
		until("2000-01-01T09:00")
		stop()
		if ago := time.Since(b.asked); ago > sweepEvery {
			t.Errorf("it was told %s ago", ago)
		}
	})
}

func TestJitterDelaysEachNightDifferentlyAndNeverBeyondItsBound(t *testing.T) {
	sch := Schedule{Name: "nightly", Jitter: 30 * time.Minute}
	seen := map[time.Duration]bool{}
	for day := range 100 {
		due := time.Date(2026, 1, 1+day, 2, 0, 0, 0, time.UTC)
		d := delay(sch, due)
		if d < 0 || d >= sch.Jitter || d != delay(sch, due) {
			t.Fatalf("%s is delayed by %s", due, d)
		}
		seen[d.Round(time.Minute)] = true
	}
	if len(seen) < 20 {
		t.Errorf("100 nights have %d different delays", len(seen))
	}
	synctest.Test(t, func(t *testing.T) {
		d := &diary{takes: time.Minute}
		_, stop := serving(t, newBook(), d, Schedule{Name: "nightly", When: timetable(t, "0 2 * * *", ""), Jitter: 30 * time.Minute})
		until("2000-01-01T12:00")
		stop()
		if got := d.read(); len(got) != 1 || got[0] <= "2000-01-01T02:00" || got[0] >= "2000-01-01T02:30" {
			t.Errorf("%q, want one between two and half past two", got)
		}
	})
}
