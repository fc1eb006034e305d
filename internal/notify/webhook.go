package notify

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// Webhook posts digests as JSON to an address.
//
// With a secret, X-Metsuke-Signature is "sha256=" and the HMAC-SHA-256, in hexadecimal, of
// the value of X-Metsuke-Timestamp (seconds since 1970), a dot and the body: a receiver
// compares it, and refuses what is older than some minutes. Idempotency-Key is the same
// for every try of a message.
type Webhook struct {
	Name      string
	URL       string // it may hold a secret
	Secret    []byte // nil is unsigned
	Receivers []Receiver
	Client    *http.Client
	Now       func() time.Time
}

// webhookMessage is what is sent. Its lists hold at most webhookListed findings each;
// Counts say how many there are.
type webhookMessage struct {
	Kind    string         `json:"kind"` // metsuke.digest
	Version int            `json:"version"`
	Title   string         `json:"title"`
	Counts  map[string]int `json:"counts"`
	Digest
}

// webhookListed is how many findings of a kind are sent.
const webhookListed = 200

// Channel makes a Channel of it.
func (w Webhook) Channel() Channel {
	return digests{name: w.Name, receivers: w.Receivers, render: w.render, post: w.post}
}

func (w Webhook) render(d Digest, _ string) (any, error) {
	m := webhookMessage{Kind: "metsuke.digest", Version: 1, Title: d.title(), Counts: map[string]int{}}
	for name, list := range map[string]*[]finding.Finding{"new": &d.New, "reopened": &d.Reopened, "fixed": &d.Fixed, "gone": &d.Gone, "overdue": &d.Overdue, "unwaived": &d.Unwaived} {
		m.Counts[name] = len(*list)
		*list = (*list)[:min(len(*list), webhookListed)]
	}
	m.Digest = d
	return m, nil
}

func (w Webhook) post(ctx context.Context, e Envelope) error {
	header := map[string]string{"Content-Type": "application/json", "Idempotency-Key": e.Key}
	if w.Secret != nil {
		stamp := strconv.FormatInt(w.Now().Unix(), 10)
		header["X-Metsuke-Timestamp"], header["X-Metsuke-Signature"] = stamp, "sha256="+signature(w.Secret, stamp, e.Body)
	}
	_, err := call(ctx, w.Client, request{method: http.MethodPost, url: w.URL, header: header, body: e.Body}, w.Now())
	return err
}

func signature(secret []byte, stamp string, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}
