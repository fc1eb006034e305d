package store

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"
)

// Lease is the right of one process to do something that two must not do at once. It ends
// by itself when its holder dies.
type Lease struct {
	store       *Store
	name, owner string
	ttl         time.Duration
}

// Lease takes the lease of the name for so long, by the clock of the database. Who wants
// it for longer renews it before then. Where somebody else has it the error is ErrHeld.
func (s *Store) Lease(ctx context.Context, name string, ttl time.Duration) (*Lease, error) {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	l := &Lease{store: s, name: name, owner: s.opts.Owner + " " + hex.EncodeToString(b[:]), ttl: ttl}
	return l, s.write(ctx, "take the lease", func(t tx) error { return l.take(ctx, t) })
}

// take takes the lease, also where an earlier try did so and its answer was lost, and one
// that lasts a day longer than it is taken for: a clock was wrong when that was done, and
// it would keep everybody from what it protects until then.
func (l *Lease) take(ctx context.Context, t tx) error {
	n, err := t.changed(ctx, `INSERT INTO lease (name, owner, expires) VALUES (?, ?, `+t.d.millis()+` + ?)
			ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires = excluded.expires WHERE lease.owner = excluded.owner OR lease.expires <= `+t.d.millis()+` OR lease.expires > `+t.d.millis()+` + ?`,
		l.name, l.owner, l.ttl.Milliseconds(), (l.ttl + wrongClock).Milliseconds())
	if err != nil || n == 1 {
		return err
	}
	var owner string
	var left int64
	if err := t.row(ctx, `SELECT owner, expires - `+t.d.millis()+` FROM lease WHERE name = ?`, l.name).Scan(&owner, &left); err != nil {
		return err
	}
	who := "another process"
	if by := owner[:max(0, len(owner)-17)]; by != "" {
		who = by
	}
	return &Error{Kind: ErrHeld, Place: l.store.place, Detail: fmt.Sprintf("%s has %q for %s more", who, l.name, (time.Duration(left) * time.Millisecond).Round(time.Second)), Advice: "wait until it has finished; a lease that nobody renews ends by itself"}
}

// Renew prolongs the lease by what it was taken for. Where it ended and somebody else took
// it the error is ErrHeld: what it protects has to stop.
func (l *Lease) Renew(ctx context.Context) error {
	return l.store.write(ctx, "renew the lease", func(t tx) error {
		n, err := t.changed(ctx, `UPDATE lease SET expires = `+t.d.millis()+` + ? WHERE name = ? AND owner = ?`, l.ttl.Milliseconds(), l.name, l.owner)
		if err == nil && n == 0 {
			err = &Error{Kind: ErrHeld, Place: l.store.place, Detail: fmt.Sprintf("the lease %q ended, and somebody else took it", l.name)}
		}
		return err
	})
}

// Release gives the lease back. To release one that ended is no error.
func (l *Lease) Release(ctx context.Context) error {
	return l.store.write(ctx, "release the lease", func(t tx) error {
		return t.exec(ctx, `DELETE FROM lease WHERE name = ? AND owner = ?`, l.name, l.owner)
	})
}
