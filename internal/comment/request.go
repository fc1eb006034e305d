package comment

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// largest is how many bytes of an answer are read: a hundred comments of GitLab may have
// a million characters each, those of GitHub 65,536.
const largest = 128 << 20

// refusal is an answer that is no success.
type refusal struct {
	method  string
	status  int
	message string // what the service says
	limited bool   // asked too often
	after   time.Duration
}

func (r *refusal) Error() string {
	s := fmt.Sprintf("%s was answered with %d %s", r.method, r.status, http.StatusText(r.status))
	if r.message != "" {
		s += " (" + r.message + ")"
	}
	return s
}

// tooLong reports whether the service says that the comment is too long.
func (r *refusal) tooLong() bool {
	return r.status == http.StatusRequestEntityTooLarge ||
		(r.status == http.StatusUnprocessableEntity || r.status == http.StatusBadRequest) && strings.Contains(r.message, "too long")
}

// retryable reports whether another try may help: the service is overloaded, or nothing
// came back.
func retryable(err error) bool {
	var r *refusal
	if errors.As(err, &r) {
		return r.limited || r.status >= 500 || r.status == http.StatusTooManyRequests
	}
	var broken *unanswered
	return errors.As(err, &broken)
}

// unanswered is a request without an answer.
type unanswered struct{ err error }

func (u *unanswered) Error() string { return u.err.Error() }
func (u *unanswered) Unwrap() error { return u.err }

// call sends a request and reads the answer into out, unless that is nil.
func (s *session) call(ctx context.Context, method, address string, in, out any) error {
	_, err := s.do(ctx, method, address, in, out)
	return err
}

func (s *session) do(ctx context.Context, method, address string, in, out any) (http.Header, error) {
	ctx, cancel := context.WithTimeout(ctx, request)
	defer cancel()
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("encode comment: %w", err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	req.Header = s.header.Clone()
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := s.client.HTTP.Do(req)
	if err != nil {
		return nil, &unanswered{err}
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(io.LimitReader(resp.Body, largest+1))
	if err != nil {
		return nil, &unanswered{fmt.Errorf("%s: read the answer: %w", method, err)}
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, refused(method, resp, b)
	}
	if len(b) > largest {
		return nil, fmt.Errorf("%s: the answer has more than %d bytes", method, largest)
	}
	if out != nil {
		if err := json.Unmarshal(b, out); err != nil {
			return nil, fmt.Errorf("%s: the answer is not the JSON of this API; is the address of the API right? %w", method, err)
		}
	}
	return resp.Header, nil
}

// refused reads what the service says of its refusal. GitHub's limits are in
// https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api.
func refused(method string, resp *http.Response, body []byte) *refusal {
	r := &refusal{method: method, status: resp.StatusCode}
	var told struct {
		Message any               `json:"message"` // GitLab: also an object
		Error   string            `json:"error"`
		Errors  []json.RawMessage `json:"errors"`
	}
	if json.Unmarshal(body, &told) == nil {
		parts := []string{told.Error}
		if told.Message != nil {
			parts = append(parts, fmt.Sprint(told.Message))
		}
		for _, e := range told.Errors {
			parts = append(parts, string(e))
		}
		r.message = plain(strings.Join(parts, " "))
	}
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && seconds > 0 {
		r.after = time.Duration(min(seconds, 1<<20)) * time.Second
	}
	limit := resp.StatusCode == http.StatusForbidden || resp.StatusCode == http.StatusTooManyRequests
	r.limited = limit && (r.after > 0 || resp.Header.Get("X-RateLimit-Remaining") == "0" || strings.Contains(r.message, "secondary rate limit"))
	return r
}

// plain makes a service's words fit for one line of a log.
func plain(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	s = strings.Map(func(r rune) rune {
		if strconv.IsPrint(r) {
			return r
		}
		return -1
	}, s)
	if r := []rune(s); len(r) > 200 {
		s = string(r[:200]) + "…"
	}
	return s
}
