package notify

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
)

// Receiver is who is told about a run, and where.
type Receiver struct {
	Everything bool   // the digest of everybody together
	Owner      string // else that of the owner; "" is what nobody owns
	// To is where: the channel of a chat, an address of mail; "" is the one place that the
	// channel has.
	To string
}

// digests is a channel that tells receivers their digests.
type digests struct {
	name      string
	receivers []Receiver
	render    func(d Digest, to string) (any, error) // what is kept in the outbox, as JSON
	post      func(ctx context.Context, e Envelope) error
}

// Compose implements Channel. Who has nothing to hear hears nothing.
func (c digests) Compose(news News) ([]Envelope, error) {
	var out []Envelope
	for _, r := range c.receivers {
		for _, d := range news.Digests {
			if d.Everything != r.Everything || !r.Everything && d.Owner != r.Owner || d.Quiet() {
				continue
			}
			payload, err := c.render(d, r.To)
			if err != nil {
				return nil, fmt.Errorf("compose a message for %s: %w", d.whose(), err)
			}
			body, err := json.Marshal(payload)
			if err != nil {
				return nil, fmt.Errorf("compose a message for %s: %w", d.whose(), err)
			}
			out = append(out, Envelope{Key: keyOf(c.name, news.Run.ID, r), Channel: c.name, Run: news.Run.ID, To: r.To, Body: body})
		}
	}
	return out, nil
}

// Send implements Channel.
func (c digests) Send(ctx context.Context, e Envelope) error { return c.post(ctx, e) }

// keyOf identifies the message of a run to a receiver, in letters that fit into a header.
func keyOf(channel, run string, r Receiver) string {
	whose := sha256.Sum256(fmt.Appendf(nil, "%t\x00%s\x00%s", r.Everything, r.Owner, r.To))
	return fmt.Sprintf("%s/%s/%x", channel, run, whose[:8])
}

// Address gives the address to which messages to a Receiver.To are posted. It may hold a
// secret, and so it is looked up when a message is sent and never kept.
type Address func(to string) (string, error)

// Fixed is the address that everything goes to.
func Fixed(url string) Address { return func(string) (string, error) { return url, nil } }
