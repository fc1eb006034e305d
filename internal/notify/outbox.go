package notify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// Envelope is a message on its way through a channel.
type Envelope struct {
	// Key identifies the message for ever: what is told again of the same run through the
	// same channel to the same receiver has the same key.
	Key     string          `json:"key"`
	Channel string          `json:"channel"` // its name in the configuration
	Run     string          `json:"run"`
	To      string          `json:"to,omitempty"` // Receiver.To
	Body    json.RawMessage `json:"body"`         // what the channel made of it: see Channel.Compose
	Tries   int             `json:"tries"`
	Created time.Time       `json:"created"` // since when it waits; the outbox says it
}

// Outbox keeps envelopes until they are sent. It is safe for concurrent use, by several
// processes.
type Outbox interface {
	// Announced reports whether the messages of a run were put.
	Announced(ctx context.Context, run string) (bool, error)
	// Put keeps the messages of a run, all or none, and notes that the run is announced. A
	// run that is, is left alone.
	Put(ctx context.Context, run string, es []Envelope) error
	// Take returns an envelope that is due, and keeps it from being taken by anybody else
	// until a time; false is that there is none. Those of a channel to one receiver come in
	// the order in which they were put: the next one when the one before was sent or given
	// up.
	Take(ctx context.Context, now, until time.Time) (Envelope, bool, error)
	// Sent notes that the envelope need not be sent any more.
	Sent(ctx context.Context, key string, now time.Time) error
	// Again puts the envelope off.
	Again(ctx context.Context, key string, at time.Time, why string) error
	// Drop gives the envelope up; it is kept to be looked at.
	Drop(ctx context.Context, key string, now time.Time, why string) error
}

// Channel sends messages to one place. It is safe for concurrent use.
type Channel interface {
	// Compose returns what is to be sent about a run, without the envelopes' channel and
	// run. It does no I/O.
	Compose(news News) ([]Envelope, error)
	// Send sends one. It MUST NOT send twice what a place can recognise by the envelope's
	// key. An error wraps ErrPermanent when trying again is of no use; After of a *Busy
	// says when to. Errors are for people and hold no secret.
	Send(ctx context.Context, e Envelope) error
}

// ErrPermanent is the reason of an error that trying again does not change.
var ErrPermanent = errors.New("it is of no use to try again")

// Busy is an error of a place that said when to come again.
type Busy struct {
	After time.Duration
	Err   error
}

func (b *Busy) Error() string { return b.Err.Error() }

func (b *Busy) Unwrap() error { return b.Err }

// News is what there is to tell about a run.
type News struct {
	Run finding.Run
	// Digests are those of everybody together, which comes first, and of every owner.
	Digests []Digest
	// Alive are the failures whose life goes on: those that fail in the run, and those
	// that could not be looked at, as they were last seen.
	Alive []finding.Finding
	// Open are the topics that are open in a tracker, by channel.
	Open map[string][]string
}

// Postman sends what is in an outbox.
type Postman struct {
	Outbox   Outbox
	Channels map[string]Channel
	Now      func() time.Time
	Log      *slog.Logger
	// GiveUp is how long a message is tried; 0 is DefaultGiveUp.
	GiveUp time.Duration
}

// DefaultGiveUp is how long a message is tried when nobody says: a weekend, and a day to
// mend what it met.
const DefaultGiveUp = 4 * 24 * time.Hour

// holdFor is how long an envelope is kept from others while it is sent.
const holdFor = 2 * time.Minute

// Deliver sends everything that is due. It returns how many messages were sent, and how
// many are left for later or given up; the error is that of the outbox.
func (p Postman) Deliver(ctx context.Context) (sent, left int, err error) {
	for ctx.Err() == nil {
		e, ok, err := p.Outbox.Take(ctx, p.Now(), p.Now().Add(holdFor))
		if err != nil || !ok {
			return sent, left, err
		}
		why := p.send(ctx, e)
		if err := p.note(context.WithoutCancel(ctx), e, why); err != nil {
			return sent, left, err
		}
		if why == nil {
			sent++
		} else {
			left++
		}
	}
	return sent, left, ctx.Err()
}

// grace is how long a message that is being sent may go on when the process is stopped:
// one that is cut short has perhaps arrived, and is sent again all the same.
const grace = 5 * time.Second

func (p Postman) send(ctx context.Context, e Envelope) error {
	c, ok := p.Channels[e.Channel]
	if !ok {
		return fmt.Errorf("%w: the configuration has no channel %s any more", ErrPermanent, e.Channel)
	}
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), holdFor/2)
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
		return errStopped
	}
	return err
}

// errStopped is why a message waits that nobody refused.
var errStopped = errors.New("metsuke was stopped while it was being sent")

// note writes down what became of an envelope.
func (p Postman) note(ctx context.Context, e Envelope, why error) error {
	now := p.Now()
	giveUp := p.GiveUp
	if giveUp == 0 {
		giveUp = DefaultGiveUp
	}
	switch {
	case why == nil:
		p.Log.Info("message sent", "channel", e.Channel, "key", e.Key)
		return p.Outbox.Sent(ctx, e.Key, now)
	case errors.Is(why, ErrPermanent), now.Sub(e.Created) > giveUp:
		p.Log.Error("message given up", "channel", e.Channel, "key", e.Key, "tries", e.Tries+1, "error", why)
		return p.Outbox.Drop(ctx, e.Key, now, why.Error())
	}
	at := now.Add(pause(e.Tries))
	if errors.Is(why, errStopped) {
		at = now // by the next process
	}
	var busy *Busy
	if errors.As(why, &busy) && busy.After > 0 {
		at = now.Add(min(busy.After, longestPause))
	}
	p.Log.Warn("message could not be sent and is tried again", "channel", e.Channel, "key", e.Key, "at", at, "error", why)
	return p.Outbox.Again(ctx, e.Key, at, why.Error())
}

// longestPause is the longest time between two tries.
const longestPause = time.Hour

// pause is how long to wait after so many tries and one more.
func pause(tries int) time.Duration { return min(10*time.Second<<min(tries, 16), longestPause) }
