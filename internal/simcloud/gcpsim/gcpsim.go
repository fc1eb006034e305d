// Package gcpsim is a simulated Google Cloud: the Cloud Asset API over gRPC and
// the parts of the Resource Manager, Recommender and Organization Policy APIs
// that an inventory asks, all in memory, in front of a small estate.
//
// It answers in the shapes of the real APIs, errors included. It has no
// network, no credentials and nothing that changes: it cannot be written to.
package gcpsim

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"cloud.google.com/go/asset/apiv1/assetpb"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
)

// Config says how the simulated cloud is and how it misbehaves.
type Config struct {
	// Estate is what the cloud holds, in the form of estate.json; nil is the
	// demonstration's.
	Estate []byte
	// Now is the time that the estate's times are relative to.
	Now time.Time
	// ProjectsOnly is a credential that sees the organisation but has no permission
	// on it, only on its projects.
	ProjectsOnly bool
	// NoPublicAccess puts the constraint storage.publicAccessPrevention in force on
	// the named projects.
	NoPublicAccess []string
	// Deny says whether an operation is refused for want of a permission. Nil denies nothing.
	Deny func(operation string) bool
	// Disable says whether the operation's API is switched off. Nil disables nothing.
	Disable func(operation string) bool
	// Throttle is how many times each operation is refused for rate before it is answered.
	Throttle int
	// PageSize is the largest number of items in one page; 0 is what is asked for.
	PageSize int
	// Observe is told every operation, refused ones included. It may be nil.
	Observe func(operation string)
}

// Cloud is a running simulation. Its methods are safe for concurrent use.
type Cloud struct {
	config Config
	estate estate

	mu        sync.Mutex
	throttled map[string]int

	grpc     *grpc.Server
	http     *http.Server
	grpcConn *grpc.ClientConn
	httpPipe *bufconn.Listener
}

// New starts a simulated cloud.
func New(c Config) (*Cloud, error) {
	e, err := load(c.Estate, c.Now)
	if err != nil {
		return nil, fmt.Errorf("simulated google cloud: %w", err)
	}
	cloud := &Cloud{config: c, estate: e, throttled: map[string]int{}}
	const buffer = 1 << 20
	pipe := bufconn.Listen(buffer)
	cloud.grpc = grpc.NewServer()
	assetpb.RegisterAssetServiceServer(cloud.grpc, assetServer{cloud: cloud})
	go func() { _ = cloud.grpc.Serve(pipe) }() // it returns when Close stops it
	cloud.grpcConn, err = grpc.NewClient("passthrough:///gcpsim",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return pipe.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		cloud.grpc.Stop()
		return nil, fmt.Errorf("simulated google cloud: %w", err)
	}
	cloud.httpPipe = bufconn.Listen(buffer)
	cloud.http = &http.Server{Handler: cloud.routes(), ReadHeaderTimeout: time.Minute}
	go func() { _ = cloud.http.Serve(cloud.httpPipe) }() // it returns when Close closes it
	return cloud, nil
}

// Close ends the simulation.
func (c *Cloud) Close() error {
	err := c.grpcConn.Close()
	c.grpc.Stop()
	if e := c.http.Close(); err == nil {
		err = e
	}
	return err
}

// AssetOptions lead the Cloud Asset client to the simulation.
func (c *Cloud) AssetOptions() []option.ClientOption {
	return []option.ClientOption{option.WithGRPCConn(c.grpcConn)}
}

// RESTOptions lead every HTTP client to the simulation.
func (c *Cloud) RESTOptions() []option.ClientOption {
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return c.httpPipe.DialContext(ctx) },
	}
	return []option.ClientOption{
		option.WithEndpoint("http://gcpsim.invalid/"),
		option.WithHTTPClient(&http.Client{Transport: transport}),
	}
}
