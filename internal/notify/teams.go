package notify

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// Teams posts to channels of Microsoft Teams through webhooks, those of a workflow ("when
// a Teams webhook request is received") or the older incoming ones.
//
// Sources: learn.microsoft.com, "Create Incoming Webhooks" (a message has 28 KB; four
// requests a second), "Schema explorer" of adaptivecards.io (RichTextBlock shows its text
// as it is, without Markdown).
type Teams struct {
	Name      string
	Webhook   Address
	Receivers []Receiver
	Client    *http.Client
	Now       func() time.Time
}

// teamsBytes is how long a message is at most. What is said of 28 KB is not true of all.
const teamsBytes = 20_000

type teamsMessage struct {
	Type        string            `json:"type"` // message
	Attachments []teamsAttachment `json:"attachments"`
}

type teamsAttachment struct {
	ContentType string    `json:"contentType"`
	ContentURL  *string   `json:"contentUrl"`
	Content     teamsCard `json:"content"`
}

type teamsCard struct {
	Schema  string            `json:"$schema"`
	Type    string            `json:"type"` // AdaptiveCard
	Version string            `json:"version"`
	Body    []teamsElement    `json:"body"`
	Actions []teamsAction     `json:"actions,omitempty"`
	Teams   map[string]string `json:"msteams,omitempty"`
}

type teamsElement struct {
	Type    string     `json:"type"` // RichTextBlock
	Inlines []teamsRun `json:"inlines"`
	Spacing string     `json:"spacing,omitempty"`
}

type teamsRun struct {
	Type     string `json:"type"` // TextRun
	Text     string `json:"text"`
	Weight   string `json:"weight,omitempty"`
	Size     string `json:"size,omitempty"`
	Color    string `json:"color,omitempty"`
	IsSubtle bool   `json:"isSubtle,omitempty"`
}

type teamsAction struct {
	Type  string `json:"type"` // Action.OpenUrl
	Title string `json:"title"`
	URL   string `json:"url"`
}

// Channel makes a Channel of it.
func (t Teams) Channel() Channel {
	return digests{name: t.Name, receivers: t.Receivers, render: t.render, post: t.post}
}

func (t Teams) render(d Digest, _ string) (any, error) {
	for most := listed; ; most-- {
		m := teamsCardOf(d, most)
		text, err := json.Marshal(m)
		if err != nil || len(text) <= teamsBytes || most == 0 {
			return m, err
		}
	}
}

// teamsCardOf lists so many findings of each kind at most.
func teamsCardOf(d Digest, most int) teamsMessage {
	card := teamsCard{
		Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.4", Teams: map[string]string{"width": "Full"},
	}
	add := func(spacing string, runs ...teamsRun) {
		for i := range runs {
			runs[i].Type = "TextRun"
		}
		card.Body = append(card.Body, teamsElement{"RichTextBlock", runs, spacing})
	}
	add("", teamsRun{Text: cut(d.title(), 200), Weight: "Bolder", Size: "Large"})
	add("None", teamsRun{Text: d.when(), IsSubtle: true})
	colors := map[finding.Severity]string{finding.Critical: "Attention", finding.High: "Attention", finding.Medium: "Warning"}
	for _, s := range d.sections() {
		add("Medium", teamsRun{Text: s.heading, Weight: "Bolder"})
		shown := s.findings[:min(most, len(s.findings))]
		for _, f := range shown {
			add("Small", teamsRun{Text: string(f.Severity) + " ", Weight: "Bolder", Color: colors[f.Severity]},
				teamsRun{Text: cut(oneLine(f.Title), 120) + "\n"}, teamsRun{Text: cut(oneLine(place(f)), 200) + "\n"}, teamsRun{Text: cut(oneLine(f.Message), 200), IsSubtle: true})
		}
		if more := s.more + len(s.findings) - len(shown); more > 0 {
			add("Small", teamsRun{Text: fmt.Sprintf("and %d more", more), IsSubtle: true})
		}
	}
	for i, line := range d.standing() {
		spacing := "None"
		if i == 0 {
			spacing = "Medium"
		}
		add(spacing, teamsRun{Text: line})
	}
	if d.Link != "" {
		card.Actions = []teamsAction{{"Action.OpenUrl", "Report", d.Link}}
	}
	return teamsMessage{"message", []teamsAttachment{{ContentType: "application/vnd.microsoft.card.adaptive", Content: card}}}
}

func (t Teams) post(ctx context.Context, e Envelope) error {
	address, err := t.Webhook(e.To)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	r := request{method: http.MethodPost, url: address, body: e.Body, header: map[string]string{"Content-Type": "application/json"}}
	a, err := call(ctx, t.Client, r, t.Now())
	if err != nil {
		return err
	}
	// The older webhooks tell of a failure with status 200.
	if text := string(a.body); strings.Contains(text, "Webhook message delivery failed") {
		err := fmt.Errorf("%s answered%s", hostOf(address), said(r.without(a.body)))
		if strings.Contains(text, "429") || strings.Contains(text, "HTTP error 5") {
			return &Busy{Err: err}
		}
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	return nil
}
