package notify

import (
	"context"
	"encoding/json"
	"errors"
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
	// Tells is what its receiver knows when it was sent: digests by the names of things, ""
	// of one that is not known any more. Put reads it; Take leaves it out.
	Tells map[string]string `json:"-"`
}

// Outbox keeps envelopes until they are sent. It is safe for concurrent use, by several
// processes.
type Outbox interface {
	// Announced reports whether the messages of a run were put.
	Announced(ctx context.Context, run string) (bool, error)
	// Put keeps the messages of a run, all or none, notes what they tell and that the run is
	// announced. A run that is, is left alone.
	Put(ctx context.Context, run string, es []Envelope) error
	// Due returns the channels of which something is due, sorted.
	Due(ctx context.Context, now time.Time) ([]string, error)
	// Take returns an envelope of a channel that is due, and keeps it from being taken by
	// anybody else until a time; false is that there is none. Those to one receiver come in
	// the order in which they were put: the next one when the one before was sent or given
	// up.
	Take(ctx context.Context, channel string, now, until time.Time) (Envelope, bool, error)
	// Sent notes that the envelope need not be sent any more.
	Sent(ctx context.Context, key string, now time.Time) error
	// Again puts the envelope off.
	Again(ctx context.Context, key string, at time.Time, why string) error
	// Rest puts everything off that waits in a channel: none of it is due before the time.
	Rest(ctx context.Context, channel string, until time.Time) error
	// Drop gives the envelope up; it is kept to be looked at, and what it tells is not told.
	Drop(ctx context.Context, key string, now time.Time, why string) error
}

// Channel sends messages to one place. It is safe for concurrent use.
type Channel interface {
	// Compose returns what is to be sent about a run, without the envelopes' channel and
	// run. It does no I/O.
	Compose(news News) ([]Envelope, error)
	// Send sends one. It MUST NOT send twice what a place can recognise by the envelope's
	// key. An error wraps ErrPermanent when trying again is of no use; After of a *Busy or
	// an *Unsure says when to. Errors are for people and hold no secret.
	Send(ctx context.Context, e Envelope) error
}

// ErrPermanent is the reason of an error that trying again does not change.
var ErrPermanent = errors.New("it is of no use to try again")

// Busy is an error of a place that said when to come again. Until then nothing is sent to
// it.
type Busy struct {
	After time.Duration
	Err   error
}

func (b *Busy) Error() string { return b.Err.Error() }

func (b *Busy) Unwrap() error { return b.Err }

// Unsure is an error that leaves open whether something was made. It can be seen only
// after a while: to look for it sooner, and make it where it is not found, makes it twice.
type Unsure struct {
	After time.Duration
	Err   error
}

func (u *Unsure) Error() string { return u.Err.Error() }

func (u *Unsure) Unwrap() error { return u.Err }

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
	// Told is what places know by earlier messages, sent or waiting: what Envelope.Tells
	// said last, by channel.
	Told map[string]map[string]string
}
