package benchmarks

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/metsuke-dev/metsuke/internal/demo"
	"github.com/metsuke-dev/metsuke/internal/engine"
	"github.com/metsuke-dev/metsuke/internal/govern"
	"github.com/metsuke-dev/metsuke/internal/plangen"
	"github.com/metsuke-dev/metsuke/internal/scan"
	"github.com/metsuke-dev/metsuke/policies"
	"github.com/metsuke-dev/metsuke/providers"
	"github.com/metsuke-dev/metsuke/providers/terraform"
	"github.com/metsuke-dev/metsuke/report"
)

// BenchmarkGate judges generated plans by all shipped policies, from the start: load,
// compile, read, judge and render the table, as metsuke gate does in one process.
func BenchmarkGate(b *testing.B) {
	for _, n := range []int{50, 1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("resources=%d", n), func(b *testing.B) {
			file, size := planFile(b, n)
			peak := watchHeap(b)
			begin := cpuTime(b)
			pairs := 0
			for b.Loop() {
				pairs += gate(b, file, size)
			}
			b.ReportMetric(float64(cpuTime(b)-begin)/float64(b.N)/1e6, "cpu-ms/op")
			b.ReportMetric(float64(pairs)/float64(b.N), "pairs/op")
			b.ReportMetric(float64(peak())/float64(size), "peak/size")
		})
	}
}

// planFile writes a generated plan of n resources.
func planFile(b *testing.B, n int) (string, int64) {
	b.Helper()
	name := filepath.Join(b.TempDir(), "plan.json")
	f, err := os.Create(name)
	if err != nil {
		b.Fatal(err)
	}
	if err := plangen.Write(f, plangen.Options{Resources: n, Seed: 1}); err != nil {
		b.Fatal(err)
	}
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return name, size
}

// gate judges a plan and returns how many resource-policy pairs there were.
func gate(b *testing.B, file string, size int64) int {
	b.Helper()
	e, err := engine.Load(engine.Source{FS: policies.Files, Builtin: true, Index: policies.Index, Plans: policies.Plans})
	if err != nil {
		b.Fatal(err)
	}
	s, err := e.NewSession(engine.Config{Now: demo.Now()})
	if err != nil {
		b.Fatal(err)
	}
	schemas, err := fs.Sub(policies.Files, "schemas")
	if err != nil {
		b.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	plan, err := terraform.Open(f, size, terraform.Options{Name: "plan.json", Schemas: schemas})
	if err != nil {
		b.Fatal(err)
	}
	run, err := scan.Run(b.Context(), scan.Input{Mode: "gate", Now: demo.Now(), Providers: []providers.Provider{plan}, Session: s, Owner: govern.OwnersByTags([]string{"owner"}).Of})
	if err != nil {
		b.Fatal(err)
	}
	rep, err := report.New("table", report.Options{})
	if err != nil {
		b.Fatal(err)
	}
	if err := rep.Report(io.Discard, run); err != nil {
		b.Fatal(err)
	}
	t := run.Totals()
	return t.Pass + t.Fail + t.Unknown + t.NotApplicable
}
