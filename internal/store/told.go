package store

import "context"

// Told returns what a channel's place was told last, or is about to be: digests, by the
// names of the things.
func (s *Store) Told(ctx context.Context, channel string) (map[string]string, error) {
	var out map[string]string
	err := s.read(ctx, "look up what was told", func(t tx) error {
		out = map[string]string{}
		return t.rows(ctx, `SELECT name, digest FROM told WHERE channel = ?`, []any{channel}, func(scan func(...any) error) error {
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
	var rows [][]any
	ended := map[string][]any{} // names, by channel
	for of, w := range last {
		if w.digest == "" {
			ended[of.channel] = append(ended[of.channel], of.name)
			continue
		}
		rows = append(rows, []any{of.channel, of.name, w.digest, w.message})
	}
	for channel, names := range ended {
		if err := t.each(ctx, `DELETE FROM told WHERE channel = ? AND name IN`, "", []any{channel}, names); err != nil {
			return err
		}
	}
	return t.insert(ctx, "told", "channel, name, digest, message", " ON CONFLICT (channel, name) DO UPDATE SET digest = excluded.digest, message = excluded.message", rows)
}
