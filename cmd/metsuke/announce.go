package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/metsuke-dev/metsuke/internal/config"
	"github.com/metsuke-dev/metsuke/internal/finding"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/internal/notify"
	"github.com/metsuke-dev/metsuke/internal/store"
)

// outbox is the store as internal/notify sees it.
type outbox struct {
	*store.Store
	now func() time.Time
}

// Put implements notify.Outbox.
func (o outbox) Put(ctx context.Context, run string, es []notify.Envelope) error {
	list := make([]store.Message, len(es))
	for i, e := range es {
		list[i] = store.Message(e)
	}
	return o.Store.Put(ctx, run, o.now(), list)
}

// Take implements notify.Outbox.
func (o outbox) Take(ctx context.Context, channel string, now, until time.Time) (notify.Envelope, bool, error) {
	m, ok, err := o.Store.Take(ctx, channel, now, until)
	return notify.Envelope(m), ok, err
}

// announcer tells whoever the configuration names what saved runs found.
type announcer struct {
	p     *process
	c     config.Config
	store *store.Store
	posts []post
}

// newAnnouncer reads the channels of the configuration. file is that of the configuration.
func newAnnouncer(p *process, c config.Config, file string, owners *govern.Owners, st *store.Store) (announcer, error) {
	if err := checkOverdue(c); err != nil {
		return announcer{}, err
	}
	posts, err := channelBuilder{p: p, c: c, file: file, owners: owners, memory: st, client: &http.Client{Timeout: messageTimeout}}.posts()
	return announcer{p, c, st, posts}, err
}

// canTell refuses, before anything is scanned, what would keep people from being told.
func (s *setup) canTell(p *process) error {
	if s.store.no {
		return errors.New("--notify and --no-save exclude each other: what is told is kept with the run until it is sent")
	}
	a, err := newAnnouncer(p, s.config, s.file, s.owners.owners, nil)
	if err == nil && len(a.posts) == 0 {
		err = fmt.Errorf("--notify: %s has no notify.channels: there is nobody to tell", s.file)
	}
	s.telling = true
	return err
}

// tellPeople tells what a saved run found. What cannot be sent waits in the outbox, and
// fails nothing.
func (s *setup) tellPeople(ctx context.Context, p *process, st *store.Store, run string) {
	if !s.telling {
		return
	}
	if st == nil || run == "" {
		p.say("nobody is told: the run is not saved")
		return
	}
	a, err := newAnnouncer(p, s.config, s.file, s.owners.owners, st)
	if err != nil {
		p.say("nobody is told: %v", err)
		return
	}
	whole := context.WithoutCancel(ctx) // a stop cuts no announcement short: it is a matter of the store alone
	info, err := st.Resolve(whole, run)
	if err == nil {
		err = a.announce(whole, info)
	}
	if err != nil {
		p.say("nobody is told yet: %v; `metsuke notify send` tries again", err)
		return
	}
	if ctx.Err() != nil { // it was interrupted, and is to end soon
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(whole, interruptedSending)
		defer cancel()
	}
	switch err := a.sendNow(ctx); {
	case ctx.Err() != nil:
		p.say("not everybody is told yet: `metsuke notify send` goes on")
	case err != nil && !errors.As(err, new(exitCode)):
		p.say("%v", err)
	}
}

// interruptedSending is how long a scan that was interrupted sends what it found.
const interruptedSending = 20 * time.Second

// checkOverdue refuses severities that there are not.
func checkOverdue(c config.Config) error {
	for _, s := range sortedKeys(c.Notify.Overdue) {
		if !slices.Contains(finding.Severities(), finding.Severity(s)) {
			return fmt.Errorf("%s: notify.overdue: %s is not one of %s", c.At("notify.overdue."+s), s, join(finding.Severities()))
		}
	}
	return nil
}

func (a announcer) deadlines() notify.Deadlines {
	out := notify.Deadlines{}
	for s, age := range a.c.Notify.Overdue {
		out[finding.Severity(s)] = time.Duration(age)
	}
	return out
}

// lateNews is how old a scan is at most of which people are told late: what was found
// before the channels were configured is nobody's news.
const lateNews = 7 * 24 * time.Hour

// announce puts what there is to tell about a saved run into the outbox, unless that was
// done before. Runs before it that nobody was told of come first: their news is not among
// its own.
func (a announcer) announce(ctx context.Context, info store.RunInfo) error {
	if len(a.posts) == 0 {
		return nil
	}
	if done, err := a.store.Announced(ctx, info.ID); done || err != nil {
		return err
	}
	list, err := a.store.Untold(ctx, info, info.Ended.Add(-lateNews))
	if err != nil {
		return err
	}
	for _, run := range append(list, info) {
		es, err := a.compose(ctx, run)
		if err != nil {
			return err
		}
		if err := (outbox{a.store, a.p.now}).Put(ctx, run.ID, es); err != nil {
			return err
		}
	}
	return nil
}

// compose returns what there is to tell about a saved run. One that was saved too late to
// have a place in the history tells nothing: later ones have told it.
func (a announcer) compose(ctx context.Context, info store.RunInfo) ([]notify.Envelope, error) {
	if info.Late {
		a.p.log.Warn("nobody is told of a run that is older than one that was saved before it", "run", info.ID)
		return nil, nil
	}
	run, err := a.store.Run(ctx, info.ID)
	if err != nil {
		return nil, err
	}
	tracked, err := a.store.Tracked(ctx, info.Series)
	if err != nil {
		return nil, err
	}
	lapsed, err := a.store.Lapsed(ctx, info.ID)
	if err != nil {
		return nil, err
	}
	news := notify.News{Run: run, Open: map[string][]string{}, Told: map[string]map[string]string{}}
	for _, t := range tracked {
		t.Finding.History = &t.History
		news.Alive = append(news.Alive, t.Finding)
	}
	var out []notify.Envelope
	for _, one := range a.posts {
		if news.Open[one.name], err = a.store.OpenTopics(ctx, one.name); err != nil {
			return nil, err
		}
		if news.Told[one.name], err = a.store.Told(ctx, one.name); err != nil {
			return nil, err
		}
		news.Digests = notify.Digests(run, news.Alive, lapsed, one.least, a.deadlines(), a.c.Notify.Link)
		es, err := one.open(ownersOf(news.Digests)).Compose(news)
		if err != nil {
			return nil, fmt.Errorf("channel %s: %w", one.name, err)
		}
		out = append(out, es...)
	}
	return out, nil
}

func ownersOf(digests []notify.Digest) []string {
	var out []string
	for _, d := range digests {
		if !d.Everything {
			out = append(out, d.Owner)
		}
	}
	return out
}

// postman returns what sends what waits in the outbox.
func (a announcer) postman() *notify.Postman {
	channels := map[string]notify.Channel{}
	for _, one := range a.posts {
		channels[one.name] = one.open(nil)
	}
	return &notify.Postman{Outbox: outbox{a.store, a.p.now}, Channels: channels, Now: a.p.now, Log: a.p.log}
}
