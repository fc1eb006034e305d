package awskit

import (
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// clients are the SDK clients of an account, one for each service and region. To
// make one takes as long as to sign several calls, and in some modes of the SDK
// (AWS_DEFAULTS_MODE) each opens connections of its own.
type clients struct {
	mu sync.Mutex
	m  map[clientKey]any
}

type clientKey struct {
	kind            any // a nil *Client of the service's package
	service, region string
}

// Client returns the client for the cell's own service and region: Client(c,
// s3.NewFromConfig).
func Client[C, O any](c *Cell, create func(aws.Config, ...func(*O)) *C) *C {
	return ClientFor(c, c.service, c.Region, create)
}

// ClientFor returns the client for another service or region; region "" is the
// account's home region. Service is whose limit the calls share.
func ClientFor[C, O any](c *Cell, service, region string, create func(aws.Config, ...func(*O)) *C) *C {
	if region == "" {
		region = c.Account.Home
	}
	key := clientKey{kind: (*C)(nil), service: service, region: region}
	all := c.Account.clients
	all.mu.Lock()
	defer all.mu.Unlock()
	if made, ok := all.m[key].(*C); ok {
		return made
	}
	made := create(c.Account.Config(service, region))
	all.m[key] = made
	return made
}
