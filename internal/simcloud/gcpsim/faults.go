package gcpsim

import (
	"fmt"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// operation is a call as the provider's description names it, with what the
// real API says when it refuses the call.
type operation struct {
	name       string
	service    string // "cloudasset.googleapis.com"
	title      string // "Cloud Asset API"
	permission string
	resource   string // what the permission is missing on
}

// refuse tells the observer about the call and says how it is refused; nil when
// it is answered.
func (c *Cloud) refuse(o operation) *status.Status {
	if c.config.Observe != nil {
		c.config.Observe(o.name)
	}
	c.mu.Lock()
	n := c.throttled[o.name]
	c.throttled[o.name]++
	c.mu.Unlock()
	switch {
	case n < c.config.Throttle:
		return detailed(codes.ResourceExhausted,
			fmt.Sprintf("Quota exceeded for quota metric '%s requests' of service '%s'.", o.title, o.service),
			&errdetails.ErrorInfo{Reason: "RATE_LIMIT_EXCEEDED", Domain: "googleapis.com", Metadata: map[string]string{
				"service": o.service, "consumer": "projects/100000000001",
			}})
	case c.config.Disable != nil && c.config.Disable(o.name):
		return detailed(codes.PermissionDenied,
			fmt.Sprintf("%s has not been used in project 100000000001 before or it is disabled. Enable it, then retry.", o.title),
			&errdetails.ErrorInfo{Reason: "SERVICE_DISABLED", Domain: "googleapis.com", Metadata: map[string]string{
				"service": o.service, "consumer": "projects/100000000001",
			}})
	case c.config.Deny != nil && c.config.Deny(o.name):
		return detailed(codes.PermissionDenied,
			fmt.Sprintf("Permission '%s' denied on resource '%s' (or it may not exist).", o.permission, o.resource),
			&errdetails.ErrorInfo{Reason: "IAM_PERMISSION_DENIED", Domain: o.service, Metadata: map[string]string{
				"permission": o.permission, "resource": o.resource,
			}})
	}
	return nil
}

func detailed(code codes.Code, message string, info *errdetails.ErrorInfo) *status.Status {
	s := status.New(code, message)
	if with, err := s.WithDetails(info); err == nil {
		return with
	}
	return s
}
