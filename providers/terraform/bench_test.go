package terraform

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"testing"
	"time"

	"github.com/metsuke-dev/metsuke/internal/plangen"
	"github.com/metsuke-dev/metsuke/providers"
)

// counter is a sink that keeps nothing.
type counter struct{ resources, unknown int }

func (c *counter) Plan(...providers.Cell) {}
func (c *counter) Done(providers.Cell)    {}
func (c *counter) Gap(providers.Gap)      {}
func (c *counter) Resource(r providers.Resource) {
	c.resources++
	c.unknown += len(r.Unknown)
}

func plan(tb testing.TB, resources int) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := plangen.Write(&b, plangen.Options{Resources: resources, Seed: 1}); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func BenchmarkOpen10k(b *testing.B) {
	text := plan(b, 10_000)
	opt := Options{Name: "plan.json", Schemas: schemas(b)}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Open(bytes.NewReader(text), int64(len(text)), opt); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCollect10k(b *testing.B) {
	text := plan(b, 10_000)
	opt := Options{Name: "plan.json", Schemas: schemas(b)}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	n := &counter{}
	for b.Loop() {
		p, err := Open(bytes.NewReader(text), int64(len(text)), opt)
		if err != nil {
			b.Fatal(err)
		}
		if err := p.Collect(b.Context(), p.scope(), p.Describe().Everything(), n); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n.resources)/float64(b.N), "resources/op")
}

// BenchmarkPeak100k reads a plan of 100,000 resources from a file and reports the
// highest heap in shares of the file's size.
func BenchmarkPeak100k(b *testing.B) {
	f, err := os.Create(b.TempDir() + "/plan.json")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if err := plangen.Write(f, plangen.Options{Resources: 100_000, Seed: 1}); err != nil {
		b.Fatal(err)
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		b.Fatal(err)
	}
	debug.FreeOSMemory()
	var peak atomic.Uint64
	stop := make(chan struct{})
	go func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak.Store(max(peak.Load(), m.Sys))
			}
		}
	}()
	b.SetBytes(size)
	for b.Loop() {
		p, err := Open(f, size, Options{Name: "plan.json", Schemas: schemas(b)})
		if err != nil {
			b.Fatal(err)
		}
		if err := p.Collect(b.Context(), p.scope(), p.Describe().Everything(), &counter{}); err != nil {
			b.Fatal(err)
		}
	}
	close(stop)
	b.ReportMetric(float64(peak.Load())/1e6, "peak-MB")
	b.ReportMetric(float64(peak.Load())/float64(size), "peak/size")
}

func BenchmarkOpenSmall(b *testing.B) {
	opt := Options{Name: "plan.json", Schemas: schemas(b)}
	for b.Loop() {
		if _, err := Open(bytes.NewReader([]byte(smallPlan)), int64(len(smallPlan)), opt); err != nil {
			b.Fatal(err)
		}
	}
}

// Every satellite of this plan refers to a local value that nothing tells, in a module
// full of resources: what it may mean must not be worked out anew for each.
func BenchmarkLocals10k(b *testing.B) {
	var resources []res
	for i := range 10_000 {
		resources = append(resources,
			res{address: fmt.Sprintf("aws_sqs_queue.q%d", i), after: obj{"name": "q"}, unknown: obj{"id": true}},
			res{address: fmt.Sprintf("aws_sqs_queue_policy.q%d", i), after: obj{"policy": "{}"}, unknown: obj{"queue_url": true}, config: obj{"queue_url": "=local.urls"}},
		)
	}
	plan := fixture(b, resources...)
	for b.Loop() {
		collect(b, open(b, plan, Options{}))
	}
}

// BenchmarkCounted10k pairs the instances of two blocks by count.index.
func BenchmarkCounted10k(b *testing.B) {
	var resources []res
	for i := range 10_000 {
		resources = append(resources,
			res{address: fmt.Sprintf("aws_sqs_queue.q[%d]", i), after: obj{"name": "q"}, unknown: obj{"id": true}},
			res{address: fmt.Sprintf("aws_sqs_queue_policy.q[%d]", i), after: obj{"policy": "{}"}, unknown: obj{"queue_url": true}, config: obj{"queue_url": "=aws_sqs_queue.q,count.index"}},
		)
	}
	plan := fixture(b, resources...)
	for b.Loop() {
		collect(b, open(b, plan, Options{}))
	}
}
