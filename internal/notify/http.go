package notify

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// answerLimit is how much of an answer is read.
const answerLimit = 1 << 20

// request is one call of an API.
type request struct {
	method string
	url    string // may hold a secret: no error names it, but its host
	header map[string]string
	body   []byte
	// sign is asked to sign the request just before it is sent; nil is nobody.
	sign func(*http.Request) error
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// call sends a request and returns its answer when it is a success. An error says whether
// and when to try again.
func call(ctx context.Context, client *http.Client, r request, now time.Time) (answer, error) {
	a, err := once(ctx, client, r)
	if err != nil {
		return answer{}, err
	}
	if a.status < http.StatusMultipleChoices {
		return a, nil
	}
	err = fmt.Errorf("%s answered %d %s%s", hostOf(r.url), a.status, http.StatusText(a.status), said(r.without(a.body)))
	switch {
	case a.status < http.StatusBadRequest:
		return a, fmt.Errorf("%w: %s answered %d %s: it sends elsewhere%s, and the configuration has to name that", ErrPermanent, hostOf(r.url), a.status, http.StatusText(a.status), elsewhere(a.header))
	case a.limited():
		return a, &Busy{After: cmp.Or(retryAfter(a.header, now), limitedFor), Err: err}
	case a.status >= http.StatusInternalServerError, a.status == http.StatusRequestTimeout:
		return a, &Busy{After: retryAfter(a.header, now), Err: err}
	}
	return a, fmt.Errorf("%w: %w", ErrPermanent, err)
}

// postTo sends a request to the address of the envelope's receiver.
func postTo(ctx context.Context, client *http.Client, where Address, e Envelope, r request, now time.Time) error {
	var err error
	if r.url, err = where(e.To); err != nil {
		return fmt.Errorf("%w: %w", ErrPermanent, err)
	}
	_, err = call(ctx, client, r, now)
	return err
}

func once(ctx context.Context, client *http.Client, r request) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, bytes.NewReader(r.body))
	if err != nil {
		return answer{}, fmt.Errorf("%w: the address is no URL", ErrPermanent)
	}
	req.Header.Set("User-Agent", "metsuke")
	for k, v := range r.header {
		req.Header.Set(k, v)
	}
	if r.sign != nil {
		if err := r.sign(req); err != nil {
			return answer{}, err
		}
	}
	// Not followed: a client asks with GET where most redirections lead, so that what was to
	// be told gets lost in a page that answers 200.
	direct := *client
	direct.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := direct.Do(req)
	if err != nil {
		return answer{}, fmt.Errorf("%s could not be reached: %w", hostOf(r.url), plainCause(err))
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	if err != nil {
		return answer{}, fmt.Errorf("the answer of %s broke off: %w", hostOf(r.url), plainCause(err))
	}
	return answer{resp.StatusCode, resp.Header, body}, nil
}

// plainCause is an error of the HTTP client without the address, which may hold a secret.
func plainCause(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func hostOf(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Host
	}
	return "the address"
}

// elsewhere names the host to which an answer leads: the rest of the address may be a
// secret.
func elsewhere(h http.Header) string {
	if u, err := url.Parse(h.Get("Location")); err == nil && u.Host != "" {
		return ", to " + u.Host
	}
	return ""
}

// said quotes the beginning of an answer in one line.
func said(body []byte) string {
	text := strings.Join(strings.Fields(string(body)), " ")
	if text == "" {
		return ""
	}
	return ": " + cut(text, 200)
}

// limited reports whether there were too many requests. GitHub says so with 403 as well,
// and not always with a time ("Troubleshooting the REST API").
func (a answer) limited() bool {
	switch a.status {
	case http.StatusTooManyRequests:
		return true
	case http.StatusForbidden:
		return a.header.Get("Retry-After") != "" || a.header.Get("X-Ratelimit-Remaining") == "0" || bytes.Contains(bytes.ToLower(a.body), []byte("rate limit"))
	}
	return false
}

// limitedFor is how long to wait after too many requests where the answer does not say:
// GitHub wants a minute at least.
const limitedFor = time.Minute

// retryAfter is how long the answer asks to wait; 0 where it does not say.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := h.Get("Retry-After")
	if s, err := strconv.Atoi(v); err == nil {
		return max(time.Duration(s)*time.Second, 0)
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(at.Sub(now), 0)
	}
	if h.Get("X-Ratelimit-Remaining") == "0" {
		if s, err := strconv.ParseInt(h.Get("X-Ratelimit-Reset"), 10, 64); err == nil {
			return max(time.Unix(s, 0).Sub(now), 0)
		}
	}
	return 0
}

// shortestSecret is how long a part of an address is that may be a secret: shorter ones
// are words such as api, which answers hold without having been told them.
const shortestSecret = 8

// without returns an answer without what the request had of secrets: servers repeat what
// they were asked for.
func (r request) without(body []byte) []byte {
	var secrets []string
	if u, err := url.Parse(r.url); err == nil {
		secrets = append(secrets, u.RequestURI(), u.EscapedPath(), u.Path)
		secrets = append(secrets, strings.Split(u.Path, "/")...)
		for _, values := range u.Query() {
			secrets = append(secrets, values...)
		}
	}
	if _, token, ok := strings.Cut(r.header["Authorization"], " "); ok {
		secrets = append(secrets, token)
	}
	text := string(body)
	for _, s := range secrets {
		if len(s) >= shortestSecret {
			text = strings.ReplaceAll(text, s, "***")
		}
	}
	return []byte(text)
}
