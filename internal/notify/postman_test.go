package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// box is an Outbox in memory.
type box struct {
	mu        sync.Mutex
	announced map[string]bool
	waiting   []*kept
	ended     []string
}

type kept struct {
	Envelope
	due time.Time
}

func (b *box) Announced(_ context.Context, run string) (bool, error) { return b.announced[run], nil }

func (b *box) Put(_ context.Context, run string, es []Envelope) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.announced == nil {
		b.announced = map[string]bool{}
	}
	if b.announced[run] {
		return nil
	}
	b.announced[run] = true
	for _, e := range es {
		b.waiting = append(b.waiting, &kept{Envelope: e})
	}
	return nil
}

func (b *box) Due(_ context.Context, now time.Time) ([]string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, k := range b.waiting {
		if !k.due.After(now) && !slices.Contains(out, k.Channel) {
			out = append(out, k.Channel)
		}
	}
	return out, nil
}

func (b *box) Rest(_ context.Context, channel string, until time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, k := range b.waiting {
		if k.Channel == channel && k.due.Before(until) {
			k.due = until
		}
	}
	return nil
}

func (b *box) Take(_ context.Context, channel string, now, until time.Time) (Envelope, bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, k := range b.waiting {
		if k.Channel == channel && !k.due.After(now) {
			k.due = until
			return k.Envelope, true, nil
		}
	}
	return Envelope{}, false, nil
}

func (b *box) end(key, how string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = slices.DeleteFunc(b.waiting, func(k *kept) bool { return k.Key == key })
	b.ended = append(b.ended, key+" "+how)
}

func (b *box) Sent(_ context.Context, key string, _ time.Time) error {
	b.end(key, "sent")
	return nil
}

func (b *box) Drop(_ context.Context, key string, _ time.Time, why string) error {
	b.end(key, "dropped: "+why)
	return nil
}

func (b *box) Again(_ context.Context, key string, at time.Time, _ string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, k := range b.waiting {
		if k.Key == key {
			k.due, k.Tries = at, k.Tries+1
		}
	}
	return nil
}

// channel answers as it is told.
type channel func(e Envelope) error

func (channel) Compose(News) ([]Envelope, error)           { return nil, nil }
func (c channel) Send(_ context.Context, e Envelope) error { return c(e) }

func TestWhatFailsIsTriedAgainLaterAndLaterAndThenGivenUp(t *testing.T) {
	b := &box{}
	clock := now
	var tries []string
	p := &Postman{
		Outbox: b, Now: func() time.Time { return clock }, Log: slog.New(slog.DiscardHandler), GiveUp: 3 * time.Hour,
		Channels: map[string]Channel{"slack": channel(func(Envelope) error {
			tries = append(tries, clock.Sub(now).String())
			return errors.New("connection refused")
		})},
	}
	if err := b.Put(t.Context(), "run", []Envelope{{Key: "a", Channel: "slack", Created: now}}); err != nil {
		t.Fatal(err)
	}
	for ; clock.Before(now.Add(8 * time.Hour)); clock = clock.Add(10 * time.Second) {
		if _, _, err := p.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"0s", "10s", "30s", "1m10s", "2m30s", "5m10s", "10m30s", "21m10s", "42m30s", "1h25m10s", "2h25m10s", "3h25m10s"}, tries); diff != "" {
		t.Errorf("tries (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a dropped: connection refused"}, b.ended); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestOneMessageThatFailsHoldsUpNoOther(t *testing.T) {
	b := &box{}
	p := &Postman{
		Outbox: b, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
		Channels: map[string]Channel{
			"down": channel(func(Envelope) error { return errors.New("connection refused") }),
			"gone": channel(func(Envelope) error { return fmt.Errorf("%w: slack answered channel_not_found", ErrPermanent) }),
			"up":   channel(func(Envelope) error { return nil }),
		},
	}
	if err := b.Put(t.Context(), "run", []Envelope{{Key: "a", Channel: "down", Created: now}, {Key: "b", Channel: "gone", Created: now}, {Key: "c", Channel: "renamed", Created: now}, {Key: "d", Channel: "up", Created: now}}); err != nil {
		t.Fatal(err)
	}
	sent, left, err := p.Deliver(t.Context())
	if sent != 1 || left != 3 || err != nil {
		t.Errorf("%d sent, %d left, %v", sent, left, err)
	}
	slices.Sort(b.ended) // the channels are sent to at once
	if diff := cmp.Diff([]string{
		"b dropped: it is of no use to try again: slack answered channel_not_found",
		"c dropped: it is of no use to try again: the configuration has no channel renamed any more",
		"d sent",
	}, b.ended); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAPlaceThatSaysWhenToComeAgainIsLeftInPeaceUntilThen(t *testing.T) {
	b := &box{}
	clock := now
	var at []string
	p := &Postman{
		Outbox: b, Now: func() time.Time { return clock }, Log: slog.New(slog.DiscardHandler),
		Channels: map[string]Channel{"slack": channel(func(Envelope) error {
			at = append(at, clock.Sub(now).String())
			if len(at) == 1 {
				return &Busy{After: 5 * time.Minute, Err: errors.New("429")}
			}
			return nil
		})},
	}
	if err := b.Put(t.Context(), "run", []Envelope{{Key: "a", Channel: "slack", Created: now}}); err != nil {
		t.Fatal(err)
	}
	for ; clock.Before(now.Add(time.Hour)); clock = clock.Add(time.Minute) {
		if _, _, err := p.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"0s", "5m0s"}, at); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// stopped delivers two messages that take so long to send, and is stopped after a second.
// It returns when the delivery was over, what was sent, and when the first one is due.
func stopped(t *testing.T, takes time.Duration) (after time.Duration, ended []string, due time.Duration) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b, begun := &box{}, time.Now()
		p := &Postman{
			Outbox: b, Now: time.Now, Log: slog.New(slog.DiscardHandler),
			Channels: map[string]Channel{"slack": slow(takes)},
		}
		if err := b.Put(t.Context(), "run", []Envelope{{Key: "a", Channel: "slack", Created: begun}, {Key: "b", Channel: "slack", Created: begun}}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		go func() { time.Sleep(time.Second); cancel() }()
		if _, _, err := p.Deliver(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("it was stopped and says %v", err)
		}
		after, ended, due = time.Since(begun), b.ended, b.waiting[0].due.Sub(begun)
	})
	return after, ended, due
}

// slow is a channel that takes its time, or is cut short.
type slow time.Duration

func (slow) Compose(News) ([]Envelope, error) { return nil, nil }

func (s slow) Send(ctx context.Context, _ Envelope) error {
	select {
	case <-time.After(time.Duration(s)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestAStopLetsTheMessageArriveThatIsOnItsWay(t *testing.T) {
	after, ended, _ := stopped(t, 3*time.Second)
	if diff := cmp.Diff([]string{"a sent"}, ended); diff != "" || after != 3*time.Second {
		t.Errorf("over after %s (-want +got):\n%s", after, diff)
	}
}

func TestAMessageThatAStopCutsShortIsTheNextProcessesAtOnce(t *testing.T) {
	after, ended, due := stopped(t, 30*time.Second)
	if after != 6*time.Second || len(ended) > 0 || due != after {
		t.Errorf("over after %s; %q; due after %s", after, ended, due)
	}
}

// put are messages of channels, in the order of their keys.
func put(t *testing.T, b *box, keys ...string) {
	t.Helper()
	var es []Envelope
	for _, key := range keys {
		channel, _, _ := strings.Cut(key, "/")
		es = append(es, Envelope{Key: key, Channel: channel, Created: now, Body: []byte(`{}`)})
	}
	if err := b.Put(t.Context(), strings.Join(keys, " "), es); err != nil {
		t.Fatal(err)
	}
}

// A receiver answers only after the other one was told: one after the other, neither is.
func TestAPlaceThatHangsHoldsUpNoOther(t *testing.T) {
	told := make(chan struct{})
	hung, _ := server(t, func(int, http.ResponseWriter) { <-told })
	good, got := server(t, func(n int, _ http.ResponseWriter) {
		if n == 2 {
			close(told)
		}
	})
	b := &box{}
	post := func(name, url string) Channel {
		return Webhook{Name: name, URL: url, Client: http.DefaultClient, Now: clock}.Channel()
	}
	p := &Postman{
		Outbox: b, Now: clock, Log: slog.New(slog.DiscardHandler),
		Channels: map[string]Channel{"hung": post("hung", hung), "good": post("good", good)},
	}
	put(t, b, "hung/1", "hung/2", "good/1", "good/2")
	if sent, left, err := p.Deliver(t.Context()); sent != 4 || left != 0 || err != nil {
		t.Errorf("%d sent, %d left, %v", sent, left, err)
	}
	if diff := cmp.Diff([]string{"good/1 sent", "hung/1 sent", "hung/2 sent"}, slices.DeleteFunc(slices.Clone(b.ended), func(s string) bool { return s == "good/2 sent" })); diff != "" || len(*got) != 2 {
		t.Errorf("the order of what ended (-want +got):\n%s", diff)
	}
}

// What is told while a place hangs reaches the others at once, and that place in its turn.
func TestWhatComesWhileAPlaceHangsIsSentToTheOthersAtOnce(t *testing.T) {
	b := &box{}
	first, second := make(chan struct{}), make(chan struct{})
	told := map[string]chan struct{}{"good/1": make(chan struct{}), "good/2": make(chan struct{})}
	p := &Postman{
		Outbox: b, Now: clock, Log: slog.New(slog.DiscardHandler),
		Channels: map[string]Channel{
			"hung": channel(func(e Envelope) error {
				if e.Key == "hung/1" {
					close(first)
					<-second
				}
				return nil
			}),
			"good": channel(func(e Envelope) error { close(told[e.Key]); return nil }),
		},
	}
	put(t, b, "hung/1", "good/1")
	if err := p.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-first
	<-told["good/1"]
	put(t, b, "hung/2", "good/2")
	if err := p.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-told["good/2"]
	close(second)
	p.Wait()
	slices.Sort(b.ended)
	if diff := cmp.Diff([]string{"good/1 sent", "good/2 sent", "hung/1 sent", "hung/2 sent"}, b.ended); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestAPlaceThatIsDownIsLeftAloneAfterSomeTriesUntilTheNextRound(t *testing.T) {
	b := &box{}
	tries := 0
	p := &Postman{
		Outbox: b, Now: clock, Log: slog.New(slog.DiscardHandler),
		Channels: map[string]Channel{"down": channel(func(Envelope) error { tries++; return errors.New("connection refused") })},
	}
	put(t, b, "down/1", "down/2", "down/3", "down/4", "down/5")
	for _, want := range []int{3, 5} { // those that were tried are not due again
		if _, left, err := p.Deliver(t.Context()); err != nil || tries != want {
			t.Errorf("%d tries, %d left, %v; want %d tries", tries, left, err, want)
		}
	}
}

func TestAPlaceThatSaysWhenToComeAgainIsSentNothingElseEither(t *testing.T) {
	b := &box{}
	var keys []string
	p := &Postman{
		Outbox: b, Now: clock, Log: slog.New(slog.DiscardHandler),
		Channels: map[string]Channel{"slack": channel(func(e Envelope) error {
			keys = append(keys, e.Key)
			return &Busy{After: time.Minute, Err: errors.New("429")}
		})},
	}
	put(t, b, "slack/1", "slack/2")
	for range 2 {
		if _, _, err := p.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"slack/1"}, keys); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
	for _, k := range b.waiting {
		if !k.due.Equal(now.Add(time.Minute)) || k.Key == "slack/2" && k.Tries != 0 {
			t.Errorf("%s is due at %s, after %d tries", k.Key, k.due, k.Tries)
		}
	}
}

// However many places hang, a stop waits for all of them together.
func TestAStopWaitsForEveryPlaceAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, begun := &box{}, time.Now()
		p := &Postman{Outbox: b, Now: time.Now, Log: slog.New(slog.DiscardHandler), Channels: map[string]Channel{}}
		for n := range 40 { // more than are sent to at once
			name := fmt.Sprintf("place-%d", n)
			p.Channels[name] = slow(time.Hour)
			put(t, b, name+"/1", name+"/2")
		}
		ctx, cancel := context.WithCancel(t.Context())
		go func() { time.Sleep(time.Second); cancel() }()
		if _, _, err := p.Deliver(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("it was stopped and says %v", err)
		}
		if after := time.Since(begun); after != 6*time.Second || len(b.ended) > 0 {
			t.Errorf("over after %s, with %q", after, b.ended)
		}
	})
}

func TestWhatMayHaveBeenMadeIsLookedForAfterAWhile(t *testing.T) {
	for name, stop := range map[string]bool{"the answer got lost": false, "a stop cut it short": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, begun := &box{}, time.Now()
				p := &Postman{
					Outbox: b, Now: time.Now, Log: slog.New(slog.DiscardHandler),
					Channels: map[string]Channel{"jira": interrupted{}},
				}
				put(t, b, "jira/1")
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if stop {
					go func() { time.Sleep(time.Second); cancel() }()
				}
				_, _, _ = p.Deliver(ctx)
				over := time.Now()
				if due := b.waiting[0].due; due.Sub(over) != 5*time.Minute || over.Equal(begun) {
					t.Errorf("over after %s, due %s later", over.Sub(begun), due.Sub(over))
				}
			})
		})
	}
}

// interrupted is a channel that makes something and never hears of it.
type interrupted struct{}

func (interrupted) Compose(News) ([]Envelope, error) { return nil, nil }

func (interrupted) Send(ctx context.Context, _ Envelope) error {
	<-ctx.Done()
	return &Unsure{After: 5 * time.Minute, Err: ctx.Err()}
}
