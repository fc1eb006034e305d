package github

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/metsuke-dev/metsuke/providers"
)

// queryError is one error of a GraphQL answer, which has the status 200 all the same.
type queryError struct {
	Type    string `json:"type"`
	Message string `json:"message"`
	Path    []any  `json:"path"`
}

// failure returns the error as a failure of the call.
func (e queryError) failure(call providers.Call) *failure {
	f := &failure{call: call, reason: providers.Failed, message: redact(e.Message)}
	switch e.Type {
	case "FORBIDDEN", "INSUFFICIENT_SCOPES", "NOT_FOUND", "SAML_PROTECTED", "UNAUTHORIZED":
		f.reason = providers.Denied // NOT_FOUND as in REST: what may not be seen is not there
	case "RATE_LIMITED":
		f.reason = providers.Throttled
	}
	return f
}

// query reads the answer to a GraphQL query into v. Errors that concern a part of
// the answer only are returned beside it; without any answer there is a *failure.
func (c *client) query(ctx context.Context, call providers.Call, name, text string, variables map[string]any, v any) ([]queryError, error) {
	req, err := c.api.NewRequest(ctx, http.MethodPost, c.graphql, map[string]any{
		"operationName": name, "query": text, "variables": variables,
	})
	if err != nil {
		return nil, asFailure(call, err)
	}
	answer := struct {
		Data   any          `json:"data"`
		Errors []queryError `json:"errors"`
	}{Data: v}
	resp, err := c.api.Do(req, &answer)
	if err != nil {
		return nil, asFailure(call, err)
	}
	if f := leftOut(call, resp.Header); f != nil {
		return nil, f
	}
	whole := func(e queryError) bool { return len(e.Path) == 0 }
	if i := slices.IndexFunc(answer.Errors, whole); i >= 0 {
		return nil, answer.Errors[i].failure(call)
	}
	if answer.Data == nil {
		if len(answer.Errors) > 0 {
			return nil, answer.Errors[0].failure(call)
		}
		return nil, asFailure(call, fmt.Errorf("the answer holds no data"))
	}
	return answer.Errors, nil
}

// queryAll is query for answers that are of no use in part.
func (c *client) queryAll(ctx context.Context, call providers.Call, name, text string, variables map[string]any, v any) error {
	errs, err := c.query(ctx, call, name, text, variables, v)
	if err != nil {
		return err
	}
	if len(errs) > 0 {
		return errs[0].failure(call)
	}
	return nil
}
