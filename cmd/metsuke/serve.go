package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // schedules name time zones, and not every machine has them

	"github.com/jonboulle/clockwork"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/metsuke-dev/metsuke/internal/config"
	"github.com/metsuke-dev/metsuke/internal/nearest"
	"github.com/metsuke-dev/metsuke/internal/serve"
	"github.com/metsuke-dev/metsuke/internal/store"
	"github.com/metsuke-dev/metsuke/providers"
)

const (
	defaultListen = "127.0.0.1:9740"
	defaultDrain  = 20 * time.Second
)

func newServe(p *process) *cobra.Command {
	var s setup
	var listen string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Scan on a schedule",
		Long: `Scan at the times of the schedules in the configuration, save every run, and tell whoever
notify.channels names what came and went, for as long as the process lives.

Of two schedules that read the same provider one runs at a time, and with several
processes on one PostgreSQL, one of them runs what is due. What was missed while nothing
ran is made up for once. When asked to stop (SIGTERM), a scan has serve.drain to end;
then it is interrupted, and gone on with after the next start.

/healthz says that the process lives, /readyz that scans will begin in time, /metrics
gives figures to Prometheus. Every scan reads the configuration anew, but its schedules
and channels, which are read at the start.`,
		Example: `  metsuke serve -c metsuke.yaml
  metsuke serve --listen 0.0.0.0:9740 --log-level info`,
		Args: arguments(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.serve(cmd, p, listen)
		},
	}
	exits(cmd, "0  stopped", "2  usage, configuration or internal error")
	s.addStoreFlags(cmd)
	flags(cmd, "General", func(f *pflag.FlagSet) {
		f.StringVar(&listen, "listen", "", "`ADDRESS` of the health checks and figures (default: serve.listen, or "+defaultListen+")")
	})
	return cmd
}

// serve runs the schedules until the context of the command is done.
func (s *setup) serve(cmd *cobra.Command, p *process, listen string) (err error) {
	ctx := cmd.Context()
	defer func() {
		// To be stopped is how a server ends, also while it is starting.
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			err = nil
		}
	}()
	// The first look at the configuration: what is wrong is said before anything is opened.
	if err := s.loadConfig(cmd); err != nil {
		return err
	}
	schedules, err := schedulesOf(p, s.config)
	if err != nil {
		return err
	}
	if err := s.checkScans(cmd); err != nil {
		return err
	}
	s.owners.wanted = true
	if err := s.owners.read(s.config, s.file); err != nil {
		return err
	}
	if _, err := newAnnouncer(p, s.config, s.file, s.owners.owners, nil); err != nil {
		return err
	}
	st, at, err := s.openStore(ctx, p, cmd, mayMake)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	announcer, err := newAnnouncer(p, s.config, s.file, s.owners.owners, st)
	if err != nil {
		return err
	}
	if listen == "" {
		if listen = s.config.Serve.Listen; listen == "" {
			listen = defaultListen
		}
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", listen, lastError(err))
	}
	p.traffic = map[string]*providers.Traffic{}
	for _, name := range liveNames(p) {
		p.traffic[name] = &providers.Traffic{}
	}
	clock := clockwork.NewRealClock()
	d := &daemon{p: p, s: s, at: at, store: st, herald: newHerald(announcer, clock), metrics: serve.NewMetrics(version(), p.traffic)}
	for _, sch := range schedules {
		d.metrics.Announce(sch.Name)
	}
	drain := defaultDrain
	if s.config.Serve.Drain != nil {
		drain = time.Duration(*s.config.Serve.Drain)
	}
	server := serve.New(serve.Config{
		Schedules: schedules, Ledger: ledger{st}, Scan: d.scan, Drain: drain, Clock: clock, Log: p.log, Watch: d.metrics.Watch,
	})
	web, stopWeb := context.WithCancel(context.WithoutCancel(ctx)) // it answers while scans drain
	defer stopWeb()
	wait := serve.Listen(web, l, serve.Handler(server, d.metrics))
	p.say("listening on http://%s", l.Addr())
	d.tellNext(schedules)
	if err := d.refresh(ctx); err != nil {
		return err
	}
	delivering, stopDelivering := context.WithCancel(context.WithoutCancel(ctx))
	delivered := make(chan struct{})
	go func() { defer close(delivered); d.herald.serve(delivering) }()
	go d.follow(ctx, clock)
	err = server.Run(ctx)
	stopDelivering()
	<-delivered
	stopWeb()
	return errors.Join(err, wait())
}

// lastError is the cause of an error of the network, without its address said twice.
func lastError(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// schedulesOf reads the schedules of the configuration. A mistake is an error with its
// place.
func schedulesOf(p *process, c config.Config) ([]serve.Schedule, error) {
	if len(c.Serve.Schedules) == 0 {
		return nil, errors.New("the configuration has no serve.schedules: there is nothing to do; write\n  serve:\n    schedules:\n      - {name: nightly, cron: \"0 2 * * *\", time_zone: Europe/Berlin}")
	}
	var out []serve.Schedule
	var names []string
	for i, sch := range c.Serve.Schedules {
		key := fmt.Sprintf("serve.schedules[%d]", i)
		switch {
		case !identifier.MatchString(sch.Name):
			return nil, fmt.Errorf("%s: serve.schedules.name: %q is no name of small letters, digits, - and _", c.At(key+".name"), sch.Name)
		case slices.Contains(names, sch.Name):
			return nil, fmt.Errorf("%s: serve.schedules.name: there are two schedules %s", c.At(key+".name"), sch.Name)
		}
		names = append(names, sch.Name)
		if _, err := serve.NewTimetable("@daily", sch.TimeZone); err != nil {
			return nil, fmt.Errorf("%s: serve.schedules.time_zone: %w", c.At(key+".time_zone"), err)
		}
		when, err := serve.NewTimetable(sch.Cron, sch.TimeZone)
		if err != nil {
			return nil, fmt.Errorf("%s: serve.schedules.cron: %w", c.At(key+".cron"), err)
		}
		reads, err := readsOf(p, c, sch)
		if err != nil {
			return nil, fmt.Errorf("%s: serve.schedules.providers: %w", c.At(key+".providers"), err)
		}
		if pause := when.Shortest(p.now()); time.Duration(sch.Jitter) >= pause {
			return nil, fmt.Errorf("%s: serve.schedules.jitter: %s is not less than the %s from one time to the next", c.At(key+".jitter"), time.Duration(sch.Jitter), pause)
		}
		out = append(out, serve.Schedule{Name: sch.Name, When: when, Jitter: time.Duration(sch.Jitter), Reads: reads})
	}
	return out, nil
}

// checkScans loads what every scan loads, so that a mistake is said at the start and not
// every night: policies, parameters, waivers, owners, tags.
func (s *setup) checkScans(cmd *cobra.Command) error {
	scan := setup{file: s.file, excuses: excuses{wanted: true}, owners: ownerFile{wanted: true}, tags: tagFile{wanted: true}}
	e, err := scan.load(cmd)
	if err != nil {
		return err
	}
	for i, sch := range s.config.Serve.Schedules {
		sel := scan.sel
		if len(sch.Policies) > 0 {
			at := s.config.At(fmt.Sprintf("serve.schedules[%d].policies", i))
			if err := known(at+": serve.schedules.policies:", sch.Policies, policyNames(e)); err != nil {
				return err
			}
			sel.policies = sch.Policies
		}
		if _, err := sel.choose(e); err != nil {
			return fmt.Errorf("schedule %s: %w", sch.Name, err)
		}
	}
	return nil
}

// readsOf are the providers that a schedule reads.
func readsOf(p *process, c config.Config, sch config.Schedule) ([]string, error) {
	names := liveNames(p)
	for _, pattern := range sch.Providers {
		if !slices.ContainsFunc(names, func(n string) bool { return pick([]string{pattern}, n) }) {
			return nil, fmt.Errorf("%s is not one of %v%s", pattern, names, nearest.Hint(pattern, names))
		}
	}
	var out []string
	for _, l := range p.live {
		if pick(sch.Providers, l.name) && (!c.Providers.Configured() || l.configured(c)) {
			out = append(out, l.name)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("none of %s is in the configuration: there is nothing to scan", strings.Join(sch.Providers, ", "))
	}
	return out, nil
}

// ledger is the store as internal/serve sees it.
type ledger struct{ *store.Store }

// Finish implements serve.Ledger.
func (l ledger) Finish(ctx context.Context, schedule string, due time.Time, o serve.Outcome) error {
	return l.Store.Finish(ctx, schedule, due, string(o))
}

// holdFor is how long a lease outlives the process that has it; it is renewed three times
// as often.
const holdFor = 90 * time.Second

// Hold implements serve.Ledger.
func (l ledger) Hold(ctx context.Context, name string) (serve.Hold, bool, error) {
	lease, err := l.Lease(ctx, name, holdFor)
	if errors.Is(err, store.ErrHeld) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return keepLease(ctx, lease), true, nil
}

// lease is what store.Lease is to whoever keeps one.
type lease interface {
	Renew(ctx context.Context) error
	Release(ctx context.Context) error
}

// keepLease renews the lease from now on.
func keepLease(ctx context.Context, lease lease) *heldLease {
	h := &heldLease{lease: lease, lost: make(chan struct{}), done: make(chan struct{}), ended: make(chan struct{})}
	go h.keep(context.WithoutCancel(ctx))
	return h
}

// heldLease is a lease that is renewed until it is released.
type heldLease struct {
	lease             lease
	lost, done, ended chan struct{}
}

// keep renews the lease. A store that cannot be reached is asked again as long as the
// lease does not end before the time after that: what it protects has to stop before
// somebody else may have it.
func (h *heldLease) keep(ctx context.Context) {
	const pause = holdFor / 3
	defer close(h.ended)
	last := time.Now()
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-h.done:
			return
		case <-tick.C:
		}
		asked := time.Now() // the lease is prolonged from some time after this
		err := h.renew(ctx, pause/2)
		switch {
		case err == nil:
			last = asked
		case errors.Is(err, store.ErrHeld), time.Since(last)+pause >= holdFor:
			close(h.lost)
			<-h.done
			return
		}
	}
}

// renew waits no longer than the time for a store that does not answer.
func (h *heldLease) renew(ctx context.Context, most time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	return h.lease.Renew(ctx)
}

// Lost implements serve.Hold.
func (h *heldLease) Lost() <-chan struct{} { return h.lost }

// Release implements serve.Hold.
func (h *heldLease) Release() {
	close(h.done)
	<-h.ended
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_ = h.lease.Release(ctx) // it ends by itself
}
