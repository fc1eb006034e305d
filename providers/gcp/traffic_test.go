package gcp_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/metsuke-dev/metsuke/internal/simcloud/gcpsim"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/gcp"
)

func TestEveryTryOfACallIsCountedAndWhetherItWasRefusedForRate(t *testing.T) {
	var sent atomic.Int64
	cloud, err := gcpsim.New(gcpsim.Config{Throttle: 2, Now: now, Observe: func(string) { sent.Add(1) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cloud.Close() })
	var traffic providers.Traffic
	p := gcp.New(gcp.Config{
		Scopes: []string{"organizations/424242424242"}, AssetOptions: cloud.AssetOptions(), RESTOptions: cloud.RESTOptions(),
		Retry: gcp.Retry{Attempts: 3, Initial: time.Millisecond, Max: time.Millisecond, Traffic: &traffic},
	})
	if got := collect(t, p, []providers.Want{{Type: "google_compute_disk"}}); len(got.gaps) > 0 || len(got.resources) == 0 {
		t.Fatalf("the disks could not be read: %+v", got.gaps)
	}
	if traffic.Calls() != sent.Load() || traffic.Throttled() != 2 {
		t.Errorf("%d requests counted, %d of them refused for rate; there were %d and 2", traffic.Calls(), traffic.Throttled(), sent.Load())
	}
}
