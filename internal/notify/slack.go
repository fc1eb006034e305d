package notify

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Slack is a channel of Slack: an incoming webhook, or a bot that posts to channels.
//
// Sources: docs.slack.dev, "Sending messages using incoming webhooks", chat.postMessage,
// "Block Kit" (a message has 50 blocks, the text of a section 3,000 characters, that of a
// header 150; text objects that are not verbatim are searched for links and mentions).
// No argument of chat.postMessage lets Slack recognise a message that was posted before, and
// to look for it takes the scopes that read channels: see docs/notify.md.
type Slack struct {
	Name      string
	Webhook   Address // of incoming webhooks; nil is a bot
	Token     string  // of a bot with chat:write
	API       string  // "" is https://slack.com/api
	Receivers []Receiver
	Client    *http.Client
	Now       func() time.Time
}

const (
	slackSection = 2900
	slackHeader  = 150
	slackBlocks  = 45
)

// slackMessage is what is sent. Channel is for bots only.
type slackMessage struct {
	Channel string       `json:"channel,omitempty"`
	Text    string       `json:"text"` // for notifications and screen readers
	Blocks  []slackBlock `json:"blocks"`
	// Unfurl keeps Slack from fetching what links lead to.
	UnfurlLinks bool `json:"unfurl_links"`
	UnfurlMedia bool `json:"unfurl_media"`
}

type slackBlock struct {
	Type     string      `json:"type"`
	Text     *slackText  `json:"text,omitempty"`
	Elements []slackText `json:"elements,omitempty"`
}

type slackText struct {
	Type string `json:"type"`
	Text string `json:"text"`
	// Verbatim keeps Slack from making links and mentions of what looks like one: what an
	// account says must not call a channel.
	Verbatim bool `json:"verbatim,omitempty"`
}

func slackMarkup(text string) slackText { return slackText{"mrkdwn", text, true} }

// Channel makes a Channel of it.
func (s Slack) Channel() Channel {
	return digests{name: s.Name, receivers: s.Receivers, render: s.render, post: s.post}
}

func (s Slack) render(d Digest, to string) (any, error) {
	m := slackMessage{Text: "metsuke: " + slackEscape(d.title())}
	if s.Webhook == nil {
		m.Channel = to
	}
	add := func(b slackBlock) {
		if len(m.Blocks) < slackBlocks {
			m.Blocks = append(m.Blocks, b)
		}
	}
	section := func(text string) {
		markup := slackMarkup(text)
		add(slackBlock{Type: "section", Text: &markup})
	}
	add(slackBlock{Type: "header", Text: &slackText{Type: "plain_text", Text: cut(d.title(), slackHeader)}})
	for _, sec := range d.sections() {
		text := "*" + slackEscape(sec.heading) + "*"
		for _, f := range sec.findings {
			line := fmt.Sprintf("\n• *%s* %s\n   %s: %s", f.Severity, slackEscape(cut(f.Title, 120)), slackEscape(cut(place(f), 200)), slackEscape(cut(f.Message, 200)))
			if len(text)+len(line) > slackSection {
				section(text)
				text = ""
			}
			text += line
		}
		if sec.more > 0 {
			text += fmt.Sprintf("\nand %d more", sec.more)
		}
		section(text)
	}
	section(slackEscape(cut(strings.Join(d.standing(), "\n"), slackSection/2)))
	foot := slackEscape(d.when())
	if d.Link != "" {
		foot += " · <" + slackEscape(d.Link) + "|report>"
	}
	add(slackBlock{Type: "context", Elements: []slackText{slackMarkup(foot)}})
	return m, nil
}

// slackEscape keeps what comes from accounts from being a mention, a link or markup of
// Slack's control sequences.
func slackEscape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

func (s Slack) post(ctx context.Context, e Envelope) error {
	r := request{method: http.MethodPost, body: e.Body, header: map[string]string{"Content-Type": "application/json; charset=utf-8"}}
	if s.Webhook != nil {
		return postTo(ctx, s.Client, s.Webhook, e, r, s.Now())
	}
	r.url = cmp.Or(strings.TrimSuffix(s.API, "/"), "https://slack.com/api") + "/chat.postMessage"
	r.header["Authorization"] = "Bearer " + s.Token
	a, err := call(ctx, s.Client, r, s.Now())
	if err != nil {
		return err
	}
	// The status of a refusal is 200 as well.
	var said struct {
		OK    bool   `json:"ok"`
		Error string `json:"error"`
	}
	if err := json.Unmarshal(a.body, &said); err != nil {
		return fmt.Errorf("the answer of %s is no JSON", hostOf(r.url))
	}
	switch {
	case said.OK:
		return nil
	case said.Error == "ratelimited", said.Error == "rate_limited", said.Error == "internal_error", said.Error == "fatal_error", said.Error == "service_unavailable", said.Error == "request_timeout":
		return &Busy{After: retryAfter(a.header, s.Now()), Err: fmt.Errorf("slack answered %s", said.Error)}
	}
	return fmt.Errorf("%w: slack answered %s", ErrPermanent, said.Error)
}
