package notify

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// postOffice is a mail server on loopback.
type postOffice struct {
	tls     bool              // encrypted from the start
	plain   bool              // offers no encryption
	answers map[string]string // what a command is answered with instead
	hangs   string            // the command that is never answered

	port   int
	config *tls.Config // for its clients
	server *tls.Config

	mu      sync.Mutex
	letters []string
	users   []string
	stop    chan struct{}
}

// open starts it.
func (o *postOffice) open(t *testing.T) *postOffice {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	o.config = &tls.Config{RootCAs: roots, ServerName: "localhost", MinVersion: tls.VersionTLS12}
	o.server = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.port, o.stop = l.Addr().(*net.TCPAddr).Port, make(chan struct{})
	t.Cleanup(func() { close(o.stop); _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go o.serve(c)
		}
	}()
	return o
}

// serve speaks as much of RFC 5321 as a client needs.
func (o *postOffice) serve(c net.Conn) {
	defer func() { _ = c.Close() }()
	secure := o.tls
	if o.tls {
		c = tls.Server(c, o.server)
	}
	in := bufio.NewReader(c)
	say := func(s string) { _, _ = io.WriteString(c, s+"\r\n") }
	say("220 localhost ready")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimSpace(line)
		command, _, _ := strings.Cut(strings.ToUpper(line), " ")
		if command == o.hangs {
			<-o.stop
			return
		}
		if answer, ok := o.answers[command]; ok {
			say(answer)
			continue
		}
		switch command {
		case "EHLO":
			say("250-localhost")
			if !secure && !o.plain {
				say("250-STARTTLS")
			}
			say("250 AUTH PLAIN")
		case "STARTTLS":
			say("220 go ahead")
			c = tls.Server(c, o.server)
			in, secure = bufio.NewReader(c), true
		case "AUTH":
			words := strings.Fields(line)
			user, _ := base64.StdEncoding.DecodeString(words[len(words)-1])
			o.mu.Lock()
			o.users = append(o.users, fmt.Sprintf("%s, encrypted %v", strings.ReplaceAll(string(user), "\x00", "|"), secure))
			o.mu.Unlock()
			say("235 welcome")
		case "DATA":
			say("354 go ahead")
			var b strings.Builder
			for {
				line, err := in.ReadString('\n')
				if err != nil || line == ".\r\n" {
					break
				}
				b.WriteString(line)
			}
			o.mu.Lock()
			o.letters = append(o.letters, b.String())
			o.mu.Unlock()
			if answer, ok := o.answers["."]; ok {
				say(answer)
				continue
			}
			say("250 taken")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 fine")
		}
	}
}

func (o *postOffice) email() Email {
	return Email{
		Name: "mail", Host: "localhost", Port: o.port, TLS: o.tls, Username: "scan", Password: "s3cret-password", From: "Governance <metsuke@example.com>",
		Receivers: everything("platform@example.com"), TLSConfig: o.config,
	}
}

func TestALetterArrivesEncryptedAndCanBeRead(t *testing.T) {
	for name, office := range map[string]*postOffice{"STARTTLS": {}, "TLS": {tls: true}} {
		t.Run(name, func(t *testing.T) {
			o := office.open(t)
			run := night()
			run.Findings[0].Message = "<script>alert(1)</script>\nSubject: other"
			c := o.email().Channel()
			e := composedOf(t, c, run)
			if err := c.Send(t.Context(), e); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{"|scan|s3cret-password, encrypted true"}, o.users); diff != "" {
				t.Error(diff)
			}
			header, parts := opened(t, o.letters[0])
			got := []string{header.Get("To"), header.Get("From"), header.Get("Subject"), header.Get("Message-Id"), header.Get("Date"), header.Get("Auto-Submitted")}
			want := []string{
				"<platform@example.com>", `"Governance" <metsuke@example.com>`, "metsuke: Everything: 3 new, 1 reopened, 1 overdue, 1 fixed, 1 gone, 1 cell not read any more",
				"<" + strings.ReplaceAll(e.Key, "/", ".") + "@metsuke>", "Sun, 22 Nov 2026 02:00:00 +0000", "auto-generated",
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("header (-want +got):\n%s", diff)
			}
			if !strings.Contains(parts["text/plain"], "- [critical] S3 buckets are not public\n  aws_s3_bucket fresh (aws 111111111111, shop-prod, eu-west-1)\n") {
				t.Errorf("the text is\n%s", parts["text/plain"])
			}
			if page := parts["text/html"]; strings.Contains(page, "<script>") || !strings.Contains(page, "&lt;script&gt;") || !strings.Contains(page, `href="https://reports.example.com/latest?a=1&amp;b=2"`) {
				t.Errorf("the page is\n%s", page)
			}
		})
	}
}

// opened returns the header of a letter and its parts by type.
func opened(t *testing.T, text string) (mail.Header, map[string]string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	r := multipart.NewReader(m.Body, params["boundary"])
	for {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return m.Header, parts
		}
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(quotedprintable.NewReader(p))
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := strings.Cut(p.Header.Get("Content-Type"), ";")
		parts[kind] = strings.ReplaceAll(string(b), "\r\n", "\n")
	}
}

func TestAMailServerThatFailsIsTriedAgainOnlyWhereThatHelps(t *testing.T) {
	for name, c := range map[string]struct {
		office    *postOffice
		permanent bool
		letters   int
	}{
		"it is busy":                           {&postOffice{answers: map[string]string{"MAIL": "451 come back later"}}, false, 0},
		"it knows nobody of the name":          {&postOffice{answers: map[string]string{"RCPT": "550 no such user"}}, true, 0},
		"it refuses the password":              {&postOffice{answers: map[string]string{"AUTH": "535 wrong"}}, false, 0},
		"it offers no encryption":              {&postOffice{plain: true}, false, 0},
		"it takes the letter and then says no": {&postOffice{answers: map[string]string{".": "452 the disk is full"}}, false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			o := c.office.open(t)
			ch := o.email().Channel()
			expectError(t, ch.Send(t.Context(), composed(t, ch)), c.permanent, 0, "localhost")
			if len(o.letters) != c.letters {
				t.Errorf("%d letters arrived", len(o.letters))
			}
			for _, u := range o.users {
				if !strings.HasSuffix(u, "encrypted true") {
					t.Error("the password went over an open line")
				}
			}
		})
	}
}

func TestALetterThatWasTakenIsNotSentAgainWhateverFollows(t *testing.T) {
	for name, office := range map[string]*postOffice{
		"the farewell is an error": {answers: map[string]string{"QUIT": "421 overloaded"}},
		"the reset is an error":    {answers: map[string]string{"RSET": "500 what"}},
		"it answers twice":         {answers: map[string]string{".": "250 taken\r\n250 taken"}},
		"it says both":             {answers: map[string]string{".": "250 taken\r\n554 refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			o := office.open(t)
			c := o.email().Channel()
			if err := c.Send(t.Context(), composed(t, c)); err != nil || len(o.letters) != 1 {
				t.Errorf("%d letters, %v", len(o.letters), err)
			}
		})
	}
}

func TestAMailServerThatHangsIsGivenUpWithTheContext(t *testing.T) {
	o := (&postOffice{hangs: "RCPT"}).open(t)
	c := o.email().Channel()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	expectError(t, c.Send(ctx, composed(t, c)), false, 0, "localhost")
}

func TestALetterOfAnyOwnerHasTheHeaderThatItIsToHave(t *testing.T) {
	const owner = "Zahlungs-Team äöü 支払い\r\nBcc: evil@example.com"
	o := (&postOffice{}).open(t)
	run := night()
	for i := range run.Findings {
		run.Findings[i].Owner = owner
	}
	m := o.email()
	m.Receivers = []Receiver{{Owner: owner, To: "pay@example.com"}}
	c := m.Channel()
	if err := c.Send(t.Context(), composedOf(t, c, run)); err != nil {
		t.Fatal(err)
	}
	header, parts := opened(t, o.letters[0])
	subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
	if want := "metsuke: Zahlungs-Team äöü 支払い Bcc: evil@example.com: 3 new, 1 reopened, 1 overdue"; err != nil || subject != want || header.Get("Bcc") != "" {
		t.Errorf("subject %q, Bcc %q, %v", subject, header.Get("Bcc"), err)
	}
	if !strings.HasPrefix(parts["text/plain"], "Zahlungs-Team äöü 支払い Bcc: evil@example.com: 3 new") {
		t.Errorf("the text is\n%s", parts["text/plain"])
	}
}

func TestAMailServerThatSomebodyElseStandsInForGetsNothing(t *testing.T) {
	for name, office := range map[string]*postOffice{"STARTTLS": {}, "TLS": {tls: true}} {
		t.Run(name, func(t *testing.T) {
			o, other := office.open(t), (&postOffice{}).open(t)
			for trust, config := range map[string]*tls.Config{
				"a certificate that nobody trusts":  {RootCAs: other.config.RootCAs, ServerName: "localhost", MinVersion: tls.VersionTLS12},
				"a certificate of another computer": {RootCAs: o.config.RootCAs, ServerName: "mail.example.com", MinVersion: tls.VersionTLS12},
			} {
				m := o.email()
				m.TLSConfig = config
				c := m.Channel()
				err := c.Send(t.Context(), composed(t, c))
				expectError(t, err, false, 0, "certificate")
				o.mu.Lock()
				if len(o.users)+len(o.letters) > 0 {
					t.Errorf("%s: it had %q and %d letters", trust, o.users, len(o.letters))
				}
				o.mu.Unlock()
			}
		})
	}
}
