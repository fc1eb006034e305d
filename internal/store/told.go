package store

import "context"

// Told returns what a channel's place was told last, or is about to be: digests, by the
// names of the things. What ended, or was in a message that was given up, is not among it.
func (s *Store) Told(ctx context.Context, channel string) (map[string]string, error) {
	var out map[string]string
	err := s.read(ctx, "look up what was told", func(t tx) error {
		out = map[string]string{}
		return t.rows(ctx, `SELECT name, digest FROM told WHERE channel = ? AND digest <> ''`, []any{channel}, func(scan func(...any) error) error {
			var name, digest string
			err := scan(&name, &digest)
			out[name] = digest
			return err
		})
	})
	return out, err
}

// tell notes what messages tell, the last one's word being the last.
func (t tx) tell(ctx context.Context, list []Message) error {
	type thing struct{ channel, name string }
	type word struct{ digest, message string }
	last := map[thing]word{}
	for _, m := range list {
		for name, digest := range m.Tells {
			last[thing{m.Channel, name}] = word{digest, m.Key}
		}
	}
	rows := make([][]any, 0, len(last))
	for of, w := range last {
		rows = append(rows, []any{of.channel, of.name, w.digest, w.message})
	}
	return t.insert(ctx, "told", "channel, name, digest, message", " ON CONFLICT (channel, name) DO UPDATE SET digest = excluded.digest, message = excluded.message", rows)
}

// untell notes that a message is given up: what it tells is not told, and still its last word.
func (t tx) untell(ctx context.Context, key string) error {
	return t.exec(ctx, `UPDATE told SET digest = '' WHERE message = ?`, key)
}

// forgetTold removes what nobody needs to know: things that ended, with the messages that told so.
func (t tx) forgetTold(ctx context.Context) error {
	return t.exec(ctx, `DELETE FROM told WHERE digest = '' AND NOT EXISTS (SELECT 1 FROM message m WHERE m.name = told.message)`)
}
