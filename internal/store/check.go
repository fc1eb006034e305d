package store

import (
	"context"
)

// Check reads the whole database and returns an error where it is damaged. It takes as
// long as that takes.
func (s *Store) Check(ctx context.Context) error {
	return s.read(ctx, "check the database", func(t tx) error {
		if s.dialect == sqlite {
			var said string
			if err := t.row(ctx, `PRAGMA integrity_check(1)`).Scan(&said); err != nil {
				return err
			}
			if said != "ok" {
				return s.known(said, ErrCorrupt)
			}
		}
		return t.checkTexts(ctx)
	})
}

// checkTexts holds every text against its name.
func (t tx) checkTexts(ctx context.Context) error {
	u, err := newUnpacker()
	if err != nil {
		return err
	}
	defer u.close()
	return t.rows(ctx, `SELECT id, hash, packed, body FROM content`, nil, func(scan func(...any) error) error {
		var id int64
		var name, body []byte
		var packed int
		if err := scan(&id, &name, &packed, &body); err != nil {
			return err
		}
		_, err := u.checked(id, name, packed, body)
		return err
	})
}
