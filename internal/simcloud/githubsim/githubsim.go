// Package githubsim answers the calls of a GitHub client from documents: one
// organisation with its people and repositories, some well kept and some not. The
// demonstration, the tests and the fault tests use it.
//
// The answers have the shape of GitHub's REST and GraphQL answers, refusals
// included, but hold only the more telling fields. It simulates reading; nothing can
// be changed. It knows no provider.
package githubsim

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"
)

//go:embed estate
var estate embed.FS

// Login is the organisation of the demonstration estate.
const Login = "hoshino-logistics"

// Token is a token that the estate accepts. It accepts any.
const Token = "simulated"

// Now is the demonstration estate's clock: its documents are written for this time.
func Now() time.Time { return time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC) }

// Faults is how the simulated API misbehaves. It has the fields of
// providertest.Faults, so that one converts to the other.
type Faults struct {
	Deny     func(operation string) bool
	Throttle int
	PageSize int
	Observe  func(operation string)
}

// API is a simulated GitHub. It is an http.RoundTripper and an http.Handler, and
// safe for concurrent use.
type API struct {
	docs   map[string]json.RawMessage
	faults Faults

	mu      sync.Mutex
	refused map[string]int // operation -> times refused for rate
}

// Demo returns the demonstration estate.
func Demo(f Faults) (*API, error) {
	sub, err := fs.Sub(estate, "estate")
	if err != nil {
		return nil, fmt.Errorf("open the estate: %w", err)
	}
	return New(sub, f)
}

// New returns an API that answers from the documents in files. A file holds an
// object: the path of a call, below the API's address and without a query, to its
// answer. Beside what GitHub gives, an answer may hold keys that begin with "sim_"
// and are never shown: see operations.go.
func New(files fs.FS, f Faults) (*API, error) {
	a := &API{docs: map[string]json.RawMessage{}, faults: f, refused: map[string]int{}}
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil, fmt.Errorf("list the estate: %w", err)
	}
	for _, name := range names {
		b, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read the estate: %w", err)
		}
		docs := map[string]json.RawMessage{}
		if err := json.Unmarshal(b, &docs); err != nil {
			return nil, fmt.Errorf("read the estate: %s: %w", name, err)
		}
		maps.Copy(a.docs, docs)
	}
	return a, nil
}

// RoundTrip answers a request without a network.
func (a *API) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		defer req.Body.Close()
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	ans := a.answer(req)
	if err := req.Context().Err(); err != nil {
		return nil, err // cancelled by the observer, in the middle of the call
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", ans.status, http.StatusText(ans.status)), StatusCode: ans.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: ans.header, Body: io.NopCloser(bytes.NewReader(ans.body)),
		ContentLength: int64(len(ans.body)), Request: req,
	}, nil
}

// ServeHTTP answers a request that came over the network.
func (a *API) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	ans := a.answer(req)
	maps.Copy(w.Header(), ans.header)
	w.WriteHeader(ans.status)
	// Whoever hung up does not miss the rest.
	_, _ = w.Write(ans.body)
}

// answer is what goes back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a *API) answer(req *http.Request) answer {
	c, err := parse(req)
	if err != nil {
		return failed(http.StatusBadRequest, err.Error())
	}
	if req.Header.Get("Authorization") == "" {
		return failed(http.StatusUnauthorized, "Requires authentication")
	}
	if a.faults.Observe != nil {
		a.faults.Observe(c.operation)
	}
	if a.throttles(c.operation) {
		ans := failed(http.StatusForbidden, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.")
		ans.header.Set("Retry-After", "1")
		return ans
	}
	if a.faults.Deny != nil && a.faults.Deny(c.operation) {
		return c.refusal()
	}
	if c.graphql != nil {
		return a.query(c.graphql)
	}
	return a.document(c)
}

func (a *API) throttles(operation string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.refused[operation] >= a.faults.Throttle {
		return false
	}
	a.refused[operation]++
	return true
}

// failed is an error as GitHub's REST API words it.
func failed(status int, message string) answer {
	return encoded(status, map[string]any{
		"message": message, "documentation_url": "https://docs.github.com/rest", "status": fmt.Sprint(status),
	})
}

func encoded(status int, v any) answer {
	ans := answer{status: status, header: http.Header{}}
	ans.header.Set("X-Ratelimit-Limit", "5000")
	ans.header.Set("X-Ratelimit-Remaining", "4987")
	if status == http.StatusNoContent {
		return ans
	}
	ans.header.Set("Content-Type", "application/json; charset=utf-8")
	b, err := json.Marshal(v)
	if err != nil {
		ans.status, b = http.StatusInternalServerError, []byte(`{"message":"Server Error"}`)
	}
	ans.body = b
	return ans
}

// document answers a REST call. Without a document there is nothing to see.
func (a *API) document(c call) answer {
	raw, ok := a.docs[c.path]
	if !ok {
		return failed(http.StatusNotFound, c.none())
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return failed(http.StatusInternalServerError, "Server Error")
	}
	switch v := v.(type) {
	case []any:
		return a.page(c, v)
	case map[string]any:
		status := http.StatusOK
		if s, ok := v["sim_status"].(float64); ok {
			status = int(s)
		}
		return encoded(status, shown(v))
	}
	return failed(http.StatusInternalServerError, "Server Error")
}

// shown returns the object without the simulation's own keys.
func shown(v map[string]any) map[string]any {
	out := map[string]any{}
	for k, e := range v {
		if !strings.HasPrefix(k, "sim_") {
			out[k] = e
		}
	}
	return out
}

var errNoOperation = errors.New("the simulated API knows no such call")
