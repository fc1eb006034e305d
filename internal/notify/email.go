package notify

import (
	"bytes"
	"context"
	"crypto/tls"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/metsuke-dev/metsuke/internal/finding"
)

// Email sends digests through a mail server. The connection is encrypted: with STARTTLS,
// or from the start where TLS is set. Without encryption nothing is sent.
type Email struct {
	Name      string
	Host      string
	Port      int  // 0 is 587, and 465 with TLS
	TLS       bool // encrypted from the start instead of STARTTLS
	Username  string
	Password  string // "" is no authentication
	From      string // platform@example.com, or Name <address>
	Receivers []Receiver
	// TLSConfig replaces the trust in the certificates of the system; nil does not.
	TLSConfig *tls.Config
}

// letter is what is kept in the outbox.
type letter struct {
	To      string    `json:"to"`
	Subject string    `json:"subject"`
	Text    string    `json:"text"`
	HTML    string    `json:"html"`
	Date    time.Time `json:"date"`
}

//go:embed email.html
var emailPage string

// Channel makes a Channel of it.
func (m Email) Channel() Channel {
	page := template.Must(template.New("email").Parse(emailPage))
	render := func(d Digest, to string) (any, error) {
		html, err := letterHTML(page, d)
		return letter{To: to, Subject: "metsuke: " + d.title(), Text: letterText(d), HTML: html, Date: d.Run.Time}, err
	}
	return digests{name: m.Name, receivers: m.Receivers, render: render, post: m.post}
}

func letterText(d Digest) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", d.title(), d.when())
	for _, s := range d.sections() {
		fmt.Fprintf(&b, "\n%s\n", s.heading)
		for _, f := range s.findings {
			fmt.Fprintf(&b, "- [%s] %s\n  %s\n  %s\n", f.Severity, oneLine(f.Title), oneLine(place(f)), oneLine(f.Message))
		}
		if s.more > 0 {
			fmt.Fprintf(&b, "  and %d more\n", s.more)
		}
	}
	fmt.Fprintf(&b, "\n%s\n", strings.Join(d.standing(), "\n"))
	if d.Link != "" {
		fmt.Fprintf(&b, "\n%s\n", d.Link)
	}
	return b.String()
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func letterHTML(page *template.Template, d Digest) (string, error) {
	type row struct{ Severity, Color, Title, Place, Message string }
	type part struct {
		Heading string
		Rows    []row
		More    int
	}
	colors := map[finding.Severity]string{finding.Critical: "#a40e26", finding.High: "#bc4c00", finding.Medium: "#7d4e00", finding.Low: "#57606a"}
	var parts []part
	for _, s := range d.sections() {
		p := part{Heading: s.heading, More: s.more}
		for _, f := range s.findings {
			p.Rows = append(p.Rows, row{string(f.Severity), colors[f.Severity], f.Title, place(f), f.Message})
		}
		parts = append(parts, p)
	}
	var b bytes.Buffer
	err := page.Execute(&b, map[string]any{
		"Title": d.title(), "When": d.when(), "Sections": parts, "Standing": d.standing(), "Link": d.Link,
	})
	return b.String(), err
}

func (m Email) post(ctx context.Context, e Envelope) error {
	var l letter
	if err := json.Unmarshal(e.Body, &l); err != nil {
		return fmt.Errorf("%w: the message in the outbox cannot be read: %w", ErrPermanent, err)
	}
	msg, err := m.message(e, l)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	client, err := m.client(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	err = client.DialAndSendWithContext(ctx, msg)
	if err == nil || msg.IsDelivered() { // the server took it, whatever happened to the farewell
		return nil
	}
	var refused *mail.SendError
	if errors.As(err, &refused) && refused.ErrorCode() >= 500 {
		return fmt.Errorf("%w: %s refused the message: %w", ErrPermanent, m.Host, err)
	}
	return fmt.Errorf("%s could not take the message: %w", m.Host, err)
}

func (m Email) message(e Envelope, l letter) (*mail.Msg, error) {
	msg := mail.NewMsg()
	if err := msg.From(m.From); err != nil {
		return nil, fmt.Errorf("the sender %q is no address of mail", m.From)
	}
	if err := msg.To(l.To); err != nil {
		return nil, fmt.Errorf("the receiver %q is no address of mail", l.To)
	}
	msg.Subject(oneLine(l.Subject))
	msg.SetDateWithValue(l.Date)
	// The same for every try: mail servers and readers drop a second one.
	msg.SetMessageIDWithValue(strings.ReplaceAll(e.Key, "/", ".") + "@metsuke")
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(mail.TypeTextPlain, l.Text)
	msg.AddAlternativeString(mail.TypeTextHTML, l.HTML)
	return msg, nil
}

// answerWait is how long a mail server may take for an answer.
const answerWait = 30 * time.Second

func (m Email) client(ctx context.Context) (*mail.Client, error) {
	wait := answerWait
	if end, ok := ctx.Deadline(); ok { // the library heeds ctx only until it is connected
		wait = max(min(wait, time.Until(end)), time.Millisecond)
	}
	port := m.Port
	if port == 0 {
		port = 587
		if m.TLS {
			port = 465
		}
	}
	options := []mail.Option{mail.WithPort(port), mail.WithTimeout(wait), mail.WithTLSPolicy(mail.TLSMandatory)}
	if m.TLS {
		options = append(options, mail.WithSSL())
	}
	if m.TLSConfig != nil {
		options = append(options, mail.WithTLSConfig(m.TLSConfig))
	}
	if m.Password != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.Username), mail.WithPassword(m.Password))
	}
	client, err := mail.NewClient(m.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("the mail server %s:%d: %w", m.Host, port, err)
	}
	return client, nil
}
