package serve

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2"
	"github.com/jonboulle/clockwork"
)

// Schedule is a scan that is due again and again.
type Schedule struct {
	Name   string
	When   Timetable
	Jitter time.Duration // it begins so much after its time at most
	// Reads name what it reads, such as providers: of two schedules that share one, only
	// one runs at a time.
	Reads []string
}

// Job is one scan of a schedule.
type Job struct {
	Schedule string
	Due      time.Time
	Resume   bool // it was begun before and interrupted
}

// Config is what a Server needs.
type Config struct {
	Schedules []Schedule
	Ledger    Ledger
	// Scan runs a job until it is done or ctx is. It says how it ended; the error is for
	// people.
	Scan  func(ctx context.Context, job Job) (Outcome, error)
	Drain time.Duration // how long scans may go on when the server is asked to stop
	Clock clockwork.Clock
	Log   *slog.Logger
	// Watch is told when a scan begins and ends; nil is nobody. It is safe for concurrent
	// use.
	Watch func(Event)
}

// Event is the beginning or the end of a scan.
type Event struct {
	Job
	Begun   time.Time
	Ended   time.Time // zero at the beginning
	Outcome Outcome   // at the end
}

// Server runs schedules.
type Server struct {
	Config
	rows  map[string]*row
	ready readiness
}

// row is a schedule and whether this process is at it.
type row struct {
	Schedule
	busy sync.Mutex
	owed *ended // what could not be written down yet; for whoever is at it
}

// ended is a job that was done, and how it ended.
type ended struct {
	job     Job
	outcome Outcome
}

// sweepEvery is how often the server looks for what no timer brought: a clock that was
// put forward, a machine that slept, a ledger that was away, another process that died.
const sweepEvery = time.Minute

// early is how much before its time a timer may ring.
const early = 20 * time.Second

// New returns a server. Names of schedules are unique.
func New(c Config) *Server {
	s := &Server{Config: c, rows: map[string]*row{}, ready: readiness{why: errNotStarted, away: map[string]bool{}}}
	for _, one := range c.Schedules {
		s.rows[one.Name] = &row{Schedule: one}
	}
	return s
}

// Ready returns why the server cannot be relied on to scan in time; nil is that it can.
func (s *Server) Ready() error { return s.ready.get() }

// Run scans on schedule until ctx is done. Then nothing more begins; what is under way
// has the time of Drain to end, and is interrupted after it.
func (s *Server) Run(ctx context.Context) error {
	for _, r := range s.rows {
		if err := s.Ledger.Adopt(ctx, r.Name, r.When.String(), r.When.Latest(s.Clock.Now())); err != nil {
			return fmt.Errorf("schedule %s: %w", r.Name, err)
		}
	}
	// Scans outlive ctx by the time they have to end.
	work, interrupt := context.WithCancel(context.WithoutCancel(ctx))
	defer interrupt()
	var under sync.WaitGroup
	begin := func(r *row) {
		if ctx.Err() != nil {
			return
		}
		under.Go(func() { s.turn(ctx, work, r) })
	}
	timers, err := s.timers(begin)
	if err != nil {
		return err
	}
	timers.Start()
	s.ready.set(nil)
	for _, name := range sorted(s.rows) { // what was missed, and what was interrupted
		begin(s.rows[name])
	}
	<-ctx.Done()
	s.ready.set(errStopping)
	s.Log.Info("stopping", "drain", s.Drain)
	err = timers.Shutdown()
	ended := make(chan struct{})
	go func() { under.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-s.Clock.After(s.Drain):
		s.Log.Warn("scans are interrupted, and gone on with after the next start")
		interrupt()
		<-ended
	}
	return err
}

// timers rings for every schedule at its times, and for all of them every so often.
func (s *Server) timers(begin func(*row)) (gocron.Scheduler, error) {
	timers, err := gocron.NewScheduler(gocron.WithClock(s.Clock), gocron.WithLocation(time.UTC), gocron.WithLogger(s.Log))
	if err != nil {
		return nil, fmt.Errorf("schedule: %w", err)
	}
	for _, name := range sorted(s.rows) {
		r := s.rows[name]
		if _, err := timers.NewJob(gocron.CronJob(r.When.expression, false), gocron.NewTask(func() { begin(r) }),
			gocron.WithName(r.Name), gocron.WithCronImplementation(gocronClock{r.When})); err != nil {
			return nil, errors.Join(fmt.Errorf("schedule %s: %w", r.Name, err), timers.Shutdown())
		}
	}
	all := func() {
		for _, name := range sorted(s.rows) {
			begin(s.rows[name])
		}
	}
	if _, err := timers.NewJob(gocron.DurationJob(sweepEvery), gocron.NewTask(all), gocron.WithName("sweep")); err != nil {
		return nil, errors.Join(fmt.Errorf("schedule: %w", err), timers.Shutdown())
	}
	return timers, nil
}

// turn does what is to be done for a schedule now, unless this process is at it or another
// one is. ctx says whether anything may begin, work whether it may go on.
func (s *Server) turn(ctx, work context.Context, r *row) {
	if !r.busy.TryLock() {
		return
	}
	defer r.busy.Unlock()
	hold, ok, err := s.Ledger.Hold(work, "schedule "+r.Name)
	if err != nil || !ok {
		s.told(r, err)
		return
	}
	defer hold.Release()
	if err := s.settle(work, r); err != nil {
		s.told(r, err)
		return
	}
	for ctx.Err() == nil {
		job, found, err := s.next(work, r)
		s.told(r, err)
		if err != nil || !found {
			return
		}
		if err := s.do(ctx, work, r, job, hold); err != nil {
			if !errors.Is(err, errLater) {
				s.told(r, err)
			}
			return
		}
	}
}

// told notes whether the ledger could be asked.
func (s *Server) told(r *row, err error) {
	s.ready.schedule(r.Name, err == nil)
	if err != nil {
		s.Log.Error("the schedule could not be kept, and is tried again within a minute", "schedule", r.Name, "error", err)
	}
}

// next returns what is to be done for the schedule: what is due now, claimed, or else what
// was interrupted. However many times were missed, only the latest is made up for.
func (s *Server) next(ctx context.Context, r *row) (Job, bool, error) {
	now := s.Clock.Now()
	due := r.When.Latest(now.Add(early))
	if !due.IsZero() {
		claimed, err := s.Ledger.Claim(ctx, r.Name, due, now)
		if err != nil {
			return Job{}, false, err
		}
		if claimed {
			return Job{Schedule: r.Name, Due: due}, true, nil
		}
	}
	begun, err := s.Ledger.Unfinished(ctx, r.Name)
	if err != nil || begun.IsZero() {
		return Job{}, false, err
	}
	return Job{Schedule: r.Name, Due: begun, Resume: true}, true, nil
}

// errLater leaves a job for another time, or for another process.
var errLater = errors.New("later")

// do waits for the job's moment and for everything that it reads, and runs it. The error
// says that the job is left for later.
func (s *Server) do(ctx, work context.Context, r *row, job Job, hold Hold) error {
	if !job.Resume {
		if err := s.wait(ctx, job.Due.Add(delay(r.Schedule, job.Due)).Sub(s.Clock.Now())); err != nil {
			return errLater // it is stopping: the claim is gone on with after the next start
		}
	}
	held, release, err := s.holdAll(ctx, r.Reads)
	if err != nil {
		if ctx.Err() != nil {
			return errLater
		}
		return err
	}
	defer release()
	scanning, cancel := context.WithCancel(work)
	defer cancel()
	for _, h := range append(held, hold) {
		go func() {
			select {
			case <-h.Lost(): // another process may be at it by now
				cancel()
			case <-scanning.Done():
			}
		}()
	}
	e := Event{Job: job, Begun: s.Clock.Now()}
	s.tell(e)
	s.Log.Info("scan begins", "schedule", job.Schedule, "due", job.Due, "resumed", job.Resume)
	outcome, err := s.Scan(scanning, job)
	e.Ended, e.Outcome = s.Clock.Now(), outcome
	s.tell(e)
	s.Log.Info("scan ends", "schedule", job.Schedule, "due", job.Due, "outcome", outcome, "took", e.Ended.Sub(e.Begun))
	if err != nil {
		s.Log.Error("the scan failed", "schedule", job.Schedule, "due", job.Due, "error", err)
	}
	if outcome == Interrupted {
		return errLater
	}
	return s.finish(work, r, ended{job, outcome})
}

// finishTries is how often the end of a scan is written down before others may have its
// schedule: they would take it for interrupted, and make the scan again.
const finishTries = 12

// finish writes down how a scan ended. Where that cannot be done it is owed.
func (s *Server) finish(work context.Context, r *row, e ended) error {
	r.owed = &e
	for try := 1; ; try++ {
		err := s.settle(context.WithoutCancel(work), r)
		if err == nil || try == finishTries {
			return err
		}
		s.Log.Warn("the end of the scan cannot be written down yet", "schedule", r.Name, "error", err)
		if s.wait(work, holdPause) != nil {
			return err
		}
	}
}

// settle writes down what is owed.
func (s *Server) settle(ctx context.Context, r *row) error {
	if r.owed == nil {
		return nil
	}
	if err := s.Ledger.Finish(ctx, r.Name, r.owed.job.Due, r.owed.outcome); err != nil {
		return err
	}
	r.owed = nil
	return nil
}

func (s *Server) tell(e Event) {
	if s.Watch != nil {
		s.Watch(e)
	}
}

// wait waits, or returns the error of ctx.
func (s *Server) wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.Clock.After(d):
		return nil
	}
}

// holdPause is how long to wait before asking again for what another process holds.
const holdPause = 5 * time.Second

// holdAll waits until everything that is read is held, in an order that is the same for
// all, so that two do not wait for each other.
func (s *Server) holdAll(ctx context.Context, names []string) (held []Hold, release func(), err error) {
	release = func() {
		for _, h := range held {
			h.Release()
		}
	}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
		for {
			h, ok, err := s.Ledger.Hold(ctx, "scan "+name)
			if err != nil {
				release()
				return nil, nil, err
			}
			if ok {
				held = append(held, h)
				break
			}
			if err := s.wait(ctx, holdPause); err != nil {
				release()
				return nil, nil, err
			}
		}
	}
	return held, release, nil
}

// delay is how long after its time a job begins: always the same for the same time, and
// different from that of other schedules.
func delay(s Schedule, due time.Time) time.Duration {
	if s.Jitter <= 0 {
		return 0
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "%s\x00%d", s.Name, due.Unix())
	return time.Duration(h.Sum64() % uint64(s.Jitter))
}

func sorted(rows map[string]*row) []string {
	var out []string
	for name := range rows {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
