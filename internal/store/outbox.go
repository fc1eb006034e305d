package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"
)

// Message is something that is to be sent, until it is.
type Message struct {
	Key     string // identifies it for ever
	Channel string
	Run     string
	To      string
	Body    json.RawMessage
	Tries   int       // that failed
	Created time.Time // since when it waits; Put says it
	// Tells is what its receiver knows when it was sent: digests by the names of things, ""
	// of one that is not known any more. It is not kept with the message: see Told.
	Tells map[string]string
}

// MessageStatus is how far a message is.
type MessageStatus string

// The statuses of messages.
const (
	Waiting MessageStatus = "waiting"
	Sent    MessageStatus = "sent"
	Dropped MessageStatus = "dropped" // given up
)

// MessageInfo is a message and how far it is.
type MessageInfo struct {
	Message
	Status MessageStatus
	Due    time.Time // while it waits: not before
	Ended  time.Time // zero while it waits
	Why    string    // the last error
}

// Announced reports whether the messages of a run were put.
func (s *Store) Announced(ctx context.Context, run string) (yes bool, err error) {
	err = s.read(ctx, "look at the outbox", func(t tx) error {
		var n int
		err := t.row(ctx, `SELECT count(*) FROM announced WHERE run = ?`, run).Scan(&n)
		yes = n > 0
		return err
	})
	return yes, err
}

// keepMessages is how long a message can be looked at after it was sent or given up.
const keepMessages = 90 * 24 * time.Hour

// Untold returns the runs between the last one that was announced and a run of the same
// series, the oldest first: those that ended at a time or later, and that have a place in
// the history. Where none was announced before the run, there are none: what there was
// before anybody was told is nobody's news.
func (s *Store) Untold(ctx context.Context, before RunInfo, since time.Time) (out []RunInfo, err error) {
	err = s.read(ctx, "look for runs that are not announced", func(t tx) error {
		out = nil
		var last sql.NullInt64
		err := t.row(ctx, `SELECT max(r.started) FROM run r JOIN series s ON s.id = r.series JOIN announced a ON a.run = r.id WHERE s.name = ? AND r.started <= ?`,
			before.Series, toNanos(before.Started)).Scan(&last)
		if err != nil || !last.Valid {
			return err
		}
		list, err := t.list(ctx, Filter{Series: before.Series, Since: fromNanos(last.Int64 + 1)}, 0)
		for _, r := range slices.Backward(list) {
			if r.info.Started.Before(before.Started) && !r.info.Ended.Before(since) && !r.info.Late {
				out = append(out, r.info)
			}
		}
		return err
	})
	return out, err
}

// Put keeps the messages of a run, all or none, and notes that it is announced. They wait
// since then, and what they tell counts as told. A run that is announced is left alone, and
// so is a message whose key was put before.
func (s *Store) Put(ctx context.Context, run string, at time.Time, list []Message) error {
	return s.write(ctx, "put messages into the outbox", func(t tx) error {
		r, err := t.sql.ExecContext(ctx, t.d.bind(`INSERT INTO announced (run, at) VALUES (?, ?) ON CONFLICT (run) DO NOTHING`), run, toNanos(at))
		if err != nil {
			return err
		}
		if n, err := r.RowsAffected(); err != nil || n == 0 {
			return err
		}
		if err := t.exec(ctx, `DELETE FROM message WHERE status <> 'waiting' AND ended < ?`, toNanos(at.Add(-keepMessages))); err != nil {
			return err
		}
		if err := t.forgetTold(ctx); err != nil {
			return err
		}
		id, err := t.last(ctx, "message")
		if err != nil {
			return err
		}
		var rows [][]any
		for i, m := range list {
			rows = append(rows, []any{id + int64(i) + 1, m.Key, m.Channel, m.Run, m.To, []byte(m.Body), toNanos(at), string(Waiting), toNanos(at), 0, noTime, ""})
		}
		if err := t.tell(ctx, list); err != nil {
			return err
		}
		return t.insert(ctx, "message", "id, name, channel, run, receiver, body, created, status, due, tries, ended, why", " ON CONFLICT (name) DO NOTHING", rows)
	})
}

// Due returns the channels of which a message is due, sorted.
func (s *Store) Due(ctx context.Context, now time.Time) (out []string, err error) {
	err = s.read(ctx, "look at the outbox", func(t tx) error {
		out = nil
		return t.rows(ctx, `SELECT DISTINCT channel FROM message WHERE status = 'waiting' AND due <= ? ORDER BY channel`, []any{toNanos(now)}, func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			out = append(out, name)
			return err
		})
	})
	return out, err
}

// Take returns the oldest message of a channel that is due, and keeps it from being taken
// again until a time; false is that there is none. A message waits for the earlier ones to
// its receiver: what an older one says of an issue must not be the last word.
func (s *Store) Take(ctx context.Context, channel string, now, until time.Time) (m Message, ok bool, err error) {
	err = s.write(ctx, "take a message", func(t tx) error {
		var created int64
		var body []byte
		err := t.row(ctx, `SELECT name, channel, run, receiver, body, tries, created FROM message m WHERE status = 'waiting' AND due <= ? AND channel = ?
			AND NOT EXISTS (SELECT 1 FROM message e WHERE e.status = 'waiting' AND e.channel = m.channel AND e.receiver = m.receiver AND e.id < m.id)
			ORDER BY id LIMIT 1`, toNanos(now), channel).
			Scan(&m.Key, &m.Channel, &m.Run, &m.To, &body, &m.Tries, &created)
		if errors.Is(err, sql.ErrNoRows) {
			m, ok = Message{}, false
			return nil
		}
		if err != nil {
			return err
		}
		m.Body, m.Created, ok = body, fromNanos(created), true
		return t.exec(ctx, `UPDATE message SET due = ? WHERE name = ?`, toNanos(until), m.Key)
	})
	return m, ok && err == nil, err
}

// Sent notes that a message need not be sent any more.
func (s *Store) Sent(ctx context.Context, key string, now time.Time) error {
	return s.write(ctx, "note a sent message", func(t tx) error {
		return t.exec(ctx, `UPDATE message SET status = 'sent', ended = ?, why = '' WHERE name = ?`, toNanos(now), key)
	})
}

// Again puts a message off.
func (s *Store) Again(ctx context.Context, key string, at time.Time, why string) error {
	return s.write(ctx, "put a message off", func(t tx) error {
		return t.exec(ctx, `UPDATE message SET due = ?, tries = tries + 1, why = ? WHERE name = ? AND status = 'waiting'`, toNanos(at), why, key)
	})
}

// Waiting counts the messages that wait, due or not.
func (s *Store) Waiting(ctx context.Context) (n int, err error) {
	err = s.read(ctx, "look at the outbox", func(t tx) error {
		return t.row(ctx, `SELECT count(*) FROM message WHERE status = 'waiting'`).Scan(&n)
	})
	return n, err
}

// Rest puts off what waits in a channel, so that nothing of it is due before a time.
func (s *Store) Rest(ctx context.Context, channel string, until time.Time) error {
	return s.write(ctx, "put messages off", func(t tx) error {
		return t.exec(ctx, `UPDATE message SET due = ? WHERE channel = ? AND status = 'waiting' AND due < ?`, toNanos(until), channel, toNanos(until))
	})
}

// Drop gives a message up. It is kept to be looked at, and what it tells counts as not told.
func (s *Store) Drop(ctx context.Context, key string, now time.Time, why string) error {
	return s.write(ctx, "give a message up", func(t tx) error {
		if err := t.untell(ctx, key); err != nil {
			return err
		}
		return t.exec(ctx, `UPDATE message SET status = 'dropped', ended = ?, tries = tries + 1, why = ? WHERE name = ?`, toNanos(now), why, key)
	})
}

// Retry makes messages that were given up wait again. It returns how many they are. Where a
// later message told of the same things, the earlier one must not be the last word, and is
// left as it is.
func (s *Store) Retry(ctx context.Context, now time.Time) (n int64, err error) {
	err = s.write(ctx, "try messages again", func(t tx) error {
		var err error
		n, err = t.changed(ctx, `UPDATE message SET status = 'waiting', due = ?, created = ?, tries = 0 WHERE status = 'dropped'
			AND (EXISTS (SELECT 1 FROM told d WHERE d.message = message.name) OR NOT EXISTS (SELECT 1 FROM told d WHERE d.channel = message.channel))`, toNanos(now), toNanos(now))
		return err
	})
	return n, err
}

// Messages returns messages, the newest first, without their bodies: so many at most.
func (s *Store) Messages(ctx context.Context, most int) (out []MessageInfo, err error) {
	err = s.read(ctx, "look at the outbox", func(t tx) error {
		out = nil
		return t.rows(ctx, `SELECT name, channel, run, receiver, tries, created, status, due, ended, why FROM message ORDER BY id DESC LIMIT ?`, []any{most}, func(scan func(...any) error) error {
			var m MessageInfo
			var created, due, ended int64
			if err := scan(&m.Key, &m.Channel, &m.Run, &m.To, &m.Tries, &created, &m.Status, &due, &ended, &m.Why); err != nil {
				return err
			}
			m.Created, m.Due, m.Ended = fromNanos(created), fromNanos(due), fromNanos(ended)
			out = append(out, m)
			return nil
		})
	})
	return out, err
}

// Recall returns the reference that was remembered for a topic of a channel; "" is none.
func (s *Store) Recall(ctx context.Context, channel, topic string) (ref string, err error) {
	err = s.read(ctx, "look up a topic", func(t tx) error {
		err := t.row(ctx, `SELECT reference FROM topic WHERE channel = ? AND name = ?`, channel, topic).Scan(&ref)
		if errors.Is(err, sql.ErrNoRows) {
			ref = ""
			return nil
		}
		return err
	})
	return ref, err
}

// Remember keeps the reference of a topic, and whether it is open there.
func (s *Store) Remember(ctx context.Context, channel, topic, ref string, open bool) error {
	isOpen := 0
	if open {
		isOpen = 1
	}
	return s.write(ctx, "remember a topic", func(t tx) error {
		return t.exec(ctx, `INSERT INTO topic (channel, name, reference, is_open) VALUES (?, ?, ?, ?)
			ON CONFLICT (channel, name) DO UPDATE SET reference = excluded.reference, is_open = excluded.is_open`, channel, topic, ref, isOpen)
	})
}

// OpenTopics returns the topics of a channel that are open there, sorted.
func (s *Store) OpenTopics(ctx context.Context, channel string) (out []string, err error) {
	err = s.read(ctx, "look up topics", func(t tx) error {
		out = nil
		return t.rows(ctx, `SELECT name FROM topic WHERE channel = ? AND is_open = 1 ORDER BY name`, []any{channel}, func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			out = append(out, name)
			return err
		})
	})
	return out, err
}
