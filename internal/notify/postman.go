package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// Postman sends what is in an outbox: the messages of a channel one after the other, and
// those of several channels at once, so that a place that hangs holds up no other.
type Postman struct {
	Outbox   Outbox
	Channels map[string]Channel
	Now      func() time.Time
	Log      *slog.Logger
	// GiveUp is how long a message is tried; 0 is DefaultGiveUp.
	GiveUp time.Duration

	mu    sync.Mutex
	busy  map[string]bool // the channels that are sent to, and whether somebody looked meanwhile
	under sync.WaitGroup  // the same channels
	slots chan struct{}
	sum   summary
}

// summary is what became of messages.
type summary struct {
	sent, left int
	failed     error // the first of the outbox
}

// DefaultGiveUp is how long a message is tried when nobody says: a weekend, and a day to
// mend what it met.
const DefaultGiveUp = 4 * 24 * time.Hour

const (
	// sendFor is how long a message may take to be sent.
	sendFor = time.Minute
	// holdFor is how long an envelope is kept from others meanwhile. When the process dies, it
	// may have made an issue that is not found yet.
	holdFor = settling
	// atOnce is how many channels are sent to at the same time.
	atOnce = 16
	// patience is how many messages of a channel in a row may fail in a round, before its
	// place is taken to be down: a server that hangs costs a minute for each.
	patience = 3
)

// Deliver sends everything that is due, and returns when that is over. It returns how many
// messages were sent, and how many are left for later or given up; the error is that of
// the outbox, or of a context that is done.
func (p *Postman) Deliver(ctx context.Context) (sent, left int, err error) {
	err = p.Look(ctx)
	p.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	sum := p.sum
	p.sum = summary{}
	return sum.sent, sum.left, cmp.Or(ctx.Err(), err, sum.failed)
}

// Look begins to send what is due, and does not wait for it. A channel that an earlier Look
// is still sending to goes on, and takes what is due now as well. The error is that of the
// outbox, also of what began earlier.
func (p *Postman) Look(ctx context.Context) error {
	names, err := p.Outbox.Due(ctx, p.Now())
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.busy == nil {
		p.busy, p.slots = map[string]bool{}, make(chan struct{}, atOnce)
	}
	for _, name := range names {
		if _, is := p.busy[name]; is {
			p.busy[name] = true
			continue
		}
		p.busy[name] = false
		p.under.Go(func() { p.serve(ctx, name) })
	}
	err, p.sum.failed = cmp.Or(err, p.sum.failed), nil
	return err
}

// Wait waits for everything that Look began.
func (p *Postman) Wait() { p.under.Wait() }

// serve sends what is due in a channel, and what somebody saw there meanwhile.
func (p *Postman) serve(ctx context.Context, channel string) {
	for more := true; more; {
		p.slots <- struct{}{}
		sent, left, err := p.through(ctx, channel)
		<-p.slots
		p.mu.Lock()
		p.sum.sent, p.sum.left = p.sum.sent+sent, p.sum.left+left
		if p.sum.failed == nil && ctx.Err() == nil {
			p.sum.failed = err
		}
		more = p.busy[channel] && err == nil
		p.busy[channel] = false
		if !more {
			delete(p.busy, channel)
		}
		p.mu.Unlock()
	}
}

// through sends what is due in a channel, until its place seems to be down.
func (p *Postman) through(ctx context.Context, channel string) (sent, left int, err error) {
	for row := 0; row < patience; {
		if err := ctx.Err(); err != nil {
			return sent, left, err
		}
		e, ok, err := p.Outbox.Take(ctx, channel, p.Now(), p.Now().Add(holdFor))
		if err != nil || !ok {
			return sent, left, err
		}
		why := p.send(ctx, e)
		if err := p.note(context.WithoutCancel(ctx), e, why); err != nil {
			return sent, left, err
		}
		switch {
		case why == nil:
			sent, row = sent+1, 0
		case errors.Is(why, ErrPermanent): // it answered
			left, row = left+1, 0
		default:
			left, row = left+1, row+1
		}
	}
	return sent, left, nil
}

// grace is how long a message that is being sent may go on when the process is stopped:
// one that is cut short has perhaps arrived, and is sent again all the same.
const grace = 5 * time.Second

func (p *Postman) send(ctx context.Context, e Envelope) error {
	c, ok := p.Channels[e.Channel]
	if !ok {
		return fmt.Errorf("%w: the configuration has no channel %s any more", ErrPermanent, e.Channel)
	}
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendFor)
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		select {
		case <-time.After(grace):
			cancel()
		case <-sending.Done():
		}
	})()
	err := c.Send(sending, e)
	if errors.Is(sending.Err(), context.Canceled) && err != nil {
		return fmt.Errorf("%w: %w", errStopped, err)
	}
	return err
}

// errStopped is why a message waits that nobody refused.
var errStopped = errors.New("metsuke was stopped while it was being sent")

// note writes down what became of an envelope.
func (p *Postman) note(ctx context.Context, e Envelope, why error) error {
	now := p.Now()
	giveUp := p.GiveUp
	if giveUp == 0 {
		giveUp = DefaultGiveUp
	}
	stopped := errors.Is(why, errStopped)
	switch {
	case why == nil:
		p.Log.Info("message sent", "channel", e.Channel, "key", e.Key)
		return p.Outbox.Sent(ctx, e.Key, now)
	case !stopped && (errors.Is(why, ErrPermanent) || now.Sub(e.Created) > giveUp):
		p.Log.Error("message given up", "channel", e.Channel, "key", e.Key, "tries", e.Tries+1, "error", why)
		return p.Outbox.Drop(ctx, e.Key, now, why.Error())
	}
	at := now.Add(pause(e.Tries))
	if stopped {
		at = now // by the next process
	}
	var busy *Busy
	if errors.As(why, &busy) && busy.After > 0 {
		at = now.Add(min(busy.After, longestPause))
		if err := p.Outbox.Rest(ctx, e.Channel, at); err != nil {
			return err
		}
	}
	var unsure *Unsure
	if errors.As(why, &unsure) && at.Before(now.Add(unsure.After)) {
		at = now.Add(unsure.After)
	}
	p.Log.Warn("message could not be sent and is tried again", "channel", e.Channel, "key", e.Key, "at", at, "error", why)
	return p.Outbox.Again(ctx, e.Key, at, why.Error())
}

// longestPause is the longest time between two tries.
const longestPause = time.Hour

// pause is how long to wait after so many tries and one more.
func pause(tries int) time.Duration { return min(10*time.Second<<min(tries, 16), longestPause) }
